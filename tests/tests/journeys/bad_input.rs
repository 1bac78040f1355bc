//! Bad input: each case by name; each answer says what was wrong; nothing is half done.

use platform::on_both;
use platform::testing::On;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use tests::api::statement;
use tests::server::{Place, pay_in};

fn code(v: &Value) -> &str {
    v["error"]["code"].as_str().unwrap_or_default()
}

async fn statements_that_are_none(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let api = server.login("admin").await;
    let creator = api.creator(1, "DE89370400440532013000").await;
    let header = "Reporting Date\tSale Month\tStore\tArtist\tTitle\tISRC\tUPC\tQuantity\t\
        Team Percentage\tSong/Album\tCountry of Sale\tSongwriter Royalties Withheld\t\
        Earnings (USD)\r\n";
    let refused: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("a picture", b"\x89PNG\r\n\x1a\n0000000".to_vec()),
        ("prose", b"Dear house, please pay me a lot of money.\n".to_vec()),
        ("a header without rows", header.as_bytes().to_vec()),
    ];
    for (name, bytes) in refused {
        let e = api.upload(&creator, bytes, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(code(&e), "statement_refused", "{name}: {e}");
        assert!(e["error"]["message"].as_str().unwrap().len() > 10, "{name}: {e}");
    }
    let stored = api.get(&format!("/statements?creator_id={creator}")).await;
    assert_eq!(stored["data"], json!([]), "a refused file is stored nowhere");

    let row = |month: &str, amount: &str| {
        format!("2024-05-01\t{month}\tSpotify\tA\tT\tX\tY\t10\t100\tSong\tSE\t\t{amount}\r\n")
    };
    let bad = format!("{}{}2024-05-01\t2024-0", row("2024-02", "abc"), row("never", "2"));
    let most = format!("{header}{}{bad}", row("2024-01", "1.5"));
    let e = api.upload(&creator, most.into_bytes(), StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(e["error"]["details"]["reason"], "mostly_unreadable", "{e}");
    let half = format!("{header}{}{bad}", row("2024-01", "0.5").repeat(3));
    let s = api.upload(&creator, half.into_bytes(), StatusCode::CREATED).await;
    assert_eq!(s["total"]["amount"], "1.5", "only readable rows count: {s}");
    assert!(s["warnings_total"].as_u64().unwrap() >= 3, "{s}");
    let lines: Vec<u64> =
        s["warnings"].as_array().unwrap().iter().map(|w| w["line"].as_u64().unwrap()).collect();
    assert!(lines.contains(&5) && lines.contains(&6) && lines.contains(&7), "{s}");
    // What was left out needs a yes.
    let path = format!("/statements/{}/confirm", s["id"].as_str().unwrap());
    let e = api.post(&path, &json!({}), StatusCode::CONFLICT).await;
    assert_eq!(code(&e), "confirmation_needed", "{e}");
    let yes = json!({ "acknowledged": [e["error"]["details"]["confirmations"][0]["key"]] });
    let confirmed = api.post(&path, &yes, StatusCode::OK).await;
    assert_eq!(confirmed["acknowledged"], json!(["rows_left_out"]), "{confirmed}");

    let again = statement(7);
    api.upload(&creator, again.clone(), StatusCode::CREATED).await;
    let e = api.upload(&creator, again, StatusCode::CONFLICT).await;
    assert_eq!(code(&e), "statement_duplicate");
    assert!(e["error"]["details"]["statement_id"].is_string());
    server.stop().await;
}

async fn mixed_currencies_name_the_rows(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let api = server.login("admin").await;
    let creator = api.creator(1, "DE89370400440532013000").await;
    let mixed = "Sales Period,Posted Date,Store Name,Country Of Sale,Artist,Release Type,\
        Release Title,Song Title,Label,UPC,Optional UPC,TC Song ID,Optional ISRC,Sales Type,\
        # Units Sold,Per Unit Price,Net Sales,Net Sales Currency,\
        Exchange Rate,Total Earned,Currency\n\
        2024-01-01,2024-03-01,Spotify,US,A,Single,R,S,L,1,,2,X,Stream,1,0.1,0.1,USD,1,0.10,USD\n\
        2024-01-01,2024-03-01,Spotify,US,A,Single,R,S,L,1,,2,X,Stream,1,0.1,0.1,USD,1,0.10,EUR\n";
    let e = api.upload(&creator, mixed.into(), StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(code(&e), "statement_refused");
    assert!(e.to_string().contains("EUR") && e.to_string().contains('3'), "{e}");
    server.stop().await;
}

async fn two_people_accept_at_once(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let api = server.login("admin").await;
    let (creator, statement) = api.creator_with_statement(1).await;
    let offer = api.offer(&creator, &statement).await;
    let id = offer["id"].as_str().unwrap();
    let ready = api.wait_for(id, &["OFFER_READY"]).await;
    let accept = || {
        let body = json!({ "typed_name": "M", "amount": ready["offered"],
            "term_sheet_sha256": ready["term_sheet"]["sha256"] });
        api.request(Method::POST, &format!("/offers/{id}/accept")).json(&body).send()
    };
    let (a, b) = tokio::join!(accept(), accept());
    let mut statuses = [a.unwrap().status().as_u16(), b.unwrap().status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);

    // Paid twice at once, with different keys: one payout.
    let pay = |key: &'static str| {
        api.request(Method::POST, &format!("/offers/{id}/request-payout"))
            .header("idempotency-key", key)
            .send()
    };
    let (a, b) = tokio::join!(pay("one"), pay("two"));
    let mut statuses = [a.unwrap().status().as_u16(), b.unwrap().status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    api.wait_for(id, &["CLOSED"]).await;
    crate::main_job::check_house(&server, 1).await;
    server.stop().await;
}

async fn wrong_amounts_filters_and_shapes(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let api = server.login("admin").await;
    let (creator, statement) = api.creator_with_statement(1).await;
    for amount in ["0", "-1", "1000000000000000000", "1.005", "abc"] {
        let body = json!({ "creator_id": creator, "kind": "purchase", "title": "T",
            "currency": "USD", "share_bp": 1, "statement_ids": [statement["id"]],
            "requested": { "amount": amount, "currency": "USD" } });
        let e = api.post("/offers", &body, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert!(e["error"]["details"]["field"].as_str().unwrap().contains("requested"), "{e}");
    }
    for (query, field) in [
        ("colour=red", "colour"),
        ("status=LOST", "status"),
        ("sort=age", "sort"),
        ("limit=0", "limit"),
    ] {
        let answer = api.request(Method::GET, &format!("/offers?{query}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        let e: Value = answer.json().await.unwrap();
        assert_eq!(e["error"]["details"]["field"], field, "{e}");
    }
    let get = |path: &str| api.request(Method::GET, path).send();
    assert_eq!(get("/offers?cursor=zz").await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(get("/offers/not-an-id").await.unwrap().status(), StatusCode::NOT_FOUND);
    let delete = api.request(Method::DELETE, "/offers").send().await.unwrap();
    assert_eq!(delete.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(delete.headers().contains_key("allow"));
    assert_eq!(code(&delete.json().await.unwrap()), "method_not_allowed");
    let huge = api.request(Method::POST, "/offers").body("x".repeat(100_000));
    let huge = huge.header("content-type", "application/json").send().await.unwrap();
    assert_eq!(huge.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let broken = api.request(Method::POST, "/offers").body("{");
    let broken = broken.header("content-type", "application/json").send().await.unwrap();
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
    let long = "x".repeat(20_000);
    let long = api.request(Method::GET, "/offers").header("x-long", long).send().await.unwrap();
    assert_eq!(long.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    server.stop().await;
}

async fn an_expired_offer_cannot_be_accepted(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let api = server.login("admin").await;
    let (creator, statement) = api.creator_with_statement(1).await;
    let offer = api.offer(&creator, &statement).await;
    let id = offer["id"].as_str().unwrap().to_owned();
    let ready = api.wait_for(&id, &["OFFER_READY"]).await;
    let mut other = ready.clone();
    other["offered"]["amount"] = json!("1.00");
    assert_eq!(code(&api.accept(&other, StatusCode::CONFLICT).await), "offer_changed");
    let text = id.clone();
    let moved: Result<u64, platform::db::DbError> = server
        .house
        .db
        .write(move |tx| {
            tx.execute("update offers set expires_at = 1 where id = $1", platform::params![&text])
        })
        .await;
    assert_eq!(moved.unwrap(), 1);
    let e = api.accept(&ready, StatusCode::CONFLICT).await;
    assert!(["offer_expired", "wrong_status"].contains(&code(&e)), "{e}");
    api.wait_for(&id, &["EXPIRED"]).await;
    server.stop().await;
}

on_both!(
    statements_that_are_none,
    mixed_currencies_name_the_rows,
    two_people_accept_at_once,
    wrong_amounts_filters_and_shapes,
    an_expired_offer_cannot_be_accepted,
);
