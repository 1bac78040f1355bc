//! Booking by hand: who did it, how much one person may, what a refused identifier means; lists
//! by period and as CSV; and that withdrawing what is booked is the treasurer's.

use platform::testing::{self, On};
use platform::{on_both, params};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::api::{Api, expect};
use tests::server::{Place, Server, pay_in};

/// Identifiers of the cash and the equity account.
async fn accounts(api: &Api) -> (String, String) {
    let of = async |purpose: &str| {
        let page = api.get(&format!("/ledger/accounts?purpose={purpose}")).await;
        page["data"][0]["id"].as_str().unwrap().to_owned()
    };
    (of("house_cash").await, of("equity").await)
}

fn booking(debit: &str, credit: &str, amount: &str) -> Value {
    json!({ "debit_account": debit, "credit_account": credit, "type": "adjustment",
        "amount": { "amount": amount, "currency": "USD" }, "reference": "correction" })
}

async fn book(api: &Api, body: &Value, want: StatusCode) -> Value {
    let path = "/ledger/transfers";
    let request = api.request(Method::POST, path).json(body);
    expect(request.send().await.unwrap(), path, want).await
}

async fn audited(server: &Server, action: &'static str) -> Vec<(String, Value)> {
    let sql = "select actor, details from audit where action = $1 order by id";
    let read: Result<Vec<(String, Value)>, platform::db::DbError> = server
        .house
        .db
        .read(move |tx| {
            let rows = tx.query(sql, params![action])?;
            rows.iter().map(|r| Ok((r.text("actor")?, r.json("details")?))).collect()
        })
        .await;
    read.unwrap()
}

async fn a_booking_names_who_made_it(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let api = server.login("treasurer").await;
    let (cash, equity) = accounts(&api).await;
    let mut body = booking(&cash, &equity, "12.34");
    body["id"] = json!("01920000-0000-7000-8000-000000000001");
    let booked = book(&api, &body, StatusCode::CREATED).await;
    assert_eq!(booked["actor"], "treasurer");
    book(&api, &body, StatusCode::CREATED).await;
    let rows = audited(&server, "ledger.book").await;
    assert_eq!(rows.len(), 1, "sent twice, booked and audited once");
    assert_eq!(rows[0].0, "treasurer");
    assert_eq!(rows[0].1["amount"], json!({ "amount": "12.34", "currency": "USD" }));
    crate::main_job::check_books(&server).await;
    server.stop().await;
}

async fn one_person_books_only_so_much(on: On) {
    let place = Place::new(on).await.unwrap().with(&["settings.ledger.by_hand_limit_units=1000"]);
    let server = place.start().await;
    pay_in(&server).await;
    let api = server.login("treasurer").await;
    let (cash, equity) = accounts(&api).await;
    let mut body = booking(&cash, &equity, "1000.01");
    body["id"] = json!("01920000-0000-7000-8000-000000000002");
    let e = book(&api, &body, StatusCode::FORBIDDEN).await;
    assert_eq!(e["error"]["code"], "second_person_needed");
    assert_eq!(e["error"]["details"]["limit"], "1000.00");
    let none = ["92233720368547758.07", "10000000000000.01", "0", "-1", "1e3", "+1", ".5"];
    for amount in none {
        body["amount"]["amount"] = json!(amount);
        let e = book(&api, &body, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(e["error"]["details"]["field"], "amount", "{amount}");
        let capital = json!({ "amount": body["amount"], "reference": "typo" });
        let request = api.request(Method::POST, "/payouts/capital").json(&capital);
        let sent = request.header("idempotency-key", amount).send().await.unwrap();
        let e = expect(sent, "/payouts/capital", StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(e["error"]["details"]["field"], "amount", "{amount}");
    }
    body["amount"]["amount"] = json!("1000.00");
    body["reference"] = json!("  ");
    let e = book(&api, &body, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(e["error"]["details"]["field"], "reference");
    // None of them used the identifier up.
    body["reference"] = json!("correction");
    book(&api, &body, StatusCode::CREATED).await;
    server.stop().await;
}

async fn an_identifier_that_failed_stays_failed(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let api = server.login("treasurer").await;
    let (cash, equity) = accounts(&api).await;
    // More than there is.
    let mut body = booking(&equity, &cash, "1000001.00");
    body["id"] = json!("01920000-0000-7000-8000-000000000003");
    let e = book(&api, &body, StatusCode::CONFLICT).await;
    assert_eq!(e["error"]["code"], "insufficient_funds");
    pay_in(&server).await;
    let e = book(&api, &body, StatusCode::CONFLICT).await;
    assert_eq!(e["error"]["code"], "transfer_already_failed", "{e}");
    body["amount"]["amount"] = json!("1.00");
    let e = book(&api, &body, StatusCode::CONFLICT).await;
    assert_eq!(e["error"]["code"], "transfer_id_reused", "{e}");
    assert_eq!(audited(&server, "ledger.book").await.len(), 0);
    // A key is free again: what failed under it did nothing.
    let path = "/ledger/transfers";
    let mut bare = booking(&equity, &cash, "2500000.00");
    let send = async |body: &Value| {
        let request = api.request(Method::POST, path).header("idempotency-key", "k").json(body);
        request.send().await.unwrap()
    };
    expect(send(&bare).await, path, StatusCode::CONFLICT).await;
    pay_in(&server).await;
    expect(send(&bare).await, path, StatusCode::CREATED).await;
    bare["amount"]["amount"] = json!("1.00");
    let e = expect(send(&bare).await, path, StatusCode::CONFLICT).await;
    assert_eq!(e["error"]["code"], "idempotency_key_reused");
    server.stop().await;
}

async fn the_same_identifier_at_the_same_moment_is_one_booking(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let api = server.login("treasurer").await;
    let (cash, equity) = accounts(&api).await;
    for round in 10..20 {
        let mut body = booking(&cash, &equity, "1.00");
        body["id"] = json!(format!("01920000-0000-7000-8000-0000000000{round}"));
        let mut sent = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (api, body) = (api.clone(), body.clone());
            sent.spawn(async move { book(&api, &body, StatusCode::CREATED).await });
        }
        for answer in sent.join_all().await {
            assert_eq!(answer["id"], body["id"]);
        }
    }
    assert_eq!(audited(&server, "ledger.book").await.len(), 10);
    crate::main_job::check_books(&server).await;
    server.stop().await;
}

async fn transfers_by_period_and_as_csv(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let api = server.login("treasurer").await;
    let (cash, equity) = accounts(&api).await;
    let mut odd = booking(&cash, &equity, "5.00");
    odd["reference"] = json!("=1+1, \"odd\"");
    odd["id"] = json!("01920000-0000-7000-8000-000000000004");
    let booked = book(&api, &odd, StatusCode::CREATED).await;
    let at = booked["at"].as_str().unwrap();
    let list = async |query: &str| api.get(&format!("/ledger/transfers?{query}")).await;
    assert_eq!(list(&format!("from={at}")).await["data"].as_array().unwrap().len(), 1);
    assert_eq!(list(&format!("to={at}")).await["data"].as_array().unwrap().len(), 1);
    let account = format!("account_id={cash}&from={at}");
    assert_eq!(list(&account).await["data"][0]["id"], booked["id"]);
    let first = list("from=2000-01-01T00:00:00Z&limit=1").await;
    assert_eq!(
        (first["data"][0]["id"].as_str(), &first["has_more"]),
        (booked["id"].as_str(), &json!(true))
    );
    let next = first["next"].as_str().unwrap();
    let second = list(&format!("from=2000-01-01T00:00:00Z&limit=1&cursor={next}")).await;
    assert_ne!(second["data"][0]["id"], booked["id"]);
    let path = format!("/ledger/transfers?from={at}&to={at}");
    let answer = api.request(Method::GET, &path).send().await.unwrap();
    let e = expect(answer, &path, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(e["error"]["details"]["field"], "to");

    let answer = api.request(Method::GET, "/ledger/transfers.csv").send().await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
    let text = answer.text().await.unwrap();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("at,position,transfer_id,kind,type,debit_account"));
    assert!(lines[1].contains(",5.00,USD,\"'=1+1, \"\"odd\"\"\",,treasurer"), "{}", lines[1]);
    assert!(lines[2].ends_with(",1000000.00,USD,capital,,system"), "{}", lines[2]);
    let path = "/ledger/transfers.csv?limit=1";
    let answer = api.request(Method::GET, path).send().await.unwrap();
    let e = expect(answer, path, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(e["error"]["details"]["field"], "limit", "an export has no pages");
    let stranger = Api { token: String::new(), ..api.clone() };
    let refused = stranger.request(Method::GET, "/ledger/transfers.csv").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    server.stop().await;
}

/// Who changed the amount, to what, and why is a line of the deal's timeline; the public event
/// says nothing of the reason.
async fn a_changed_amount_is_on_the_timeline_with_its_reason(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let admin = server.login("admin").await;
    let (creator, statement) = admin.creator_with_statement(1).await;
    let offer = admin.offer(&creator, &statement).await;
    let id = offer["id"].as_str().unwrap();
    admin.wait_for(id, &["OFFER_READY"]).await;
    let lower = json!({ "amount": { "amount": "100.00", "currency": offer["currency"] },
        "reason": "two songs are disputed" });
    let underwriter = server.login("underwriter").await;
    let path = format!("/offers/{id}/offered-amount");
    underwriter.post(&path, &lower, StatusCode::OK).await;
    let lines = admin.get(&format!("/offers/{id}/timeline")).await;
    let last = lines["data"].as_array().unwrap().last().unwrap().clone();
    let summary = last["summary"].as_str().unwrap();
    assert!(summary.contains("100.00") && summary.ends_with("two songs are disputed"), "{last}");
    assert_eq!(last["actor"], "underwriter");
    let sql = "select payload from outbox order by id desc limit 1";
    let read: Result<String, platform::db::DbError> =
        server.house.db.read(move |tx| tx.query_one(sql, &[])?.text("payload")).await;
    assert!(!read.unwrap().contains("disputed"), "that stays in the house");
    server.stop().await;
}

/// ACCEPTED, PAYOUT_FAILED and RETURNED: a liability is booked, which an underwriter may not
/// take back, and the treasurer's withdrawal leaves nothing behind.
async fn what_is_accepted_is_withdrawn_by_the_treasurer(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let (admin, underwriter) = (server.login("admin").await, server.login("underwriter").await);
    let treasurer = server.login("treasurer").await;
    let why = json!({ "reason": "changed our minds" });
    let (creator, statement) = admin.creator_with_statement(1).await;
    for (status, account) in [
        ("ACCEPTED", None),
        ("PAYOUT_FAILED", Some("000111111113")),
        ("RETURNED", Some("000123456789")),
    ] {
        let offer = admin.offer(&creator, &statement).await;
        let id = offer["id"].as_str().unwrap();
        let ready = admin.wait_for(id, &["OFFER_READY"]).await;
        admin.accept(&ready, StatusCode::OK).await;
        if let Some(account) = account {
            let to = json!({ "holder_name": "M", "kind": "account_number", "account": account });
            let path = format!("/offers/creators/{creator}/recipients");
            admin.post(&path, &to, StatusCode::CREATED).await;
            let faults = json!({ "settlement_delay_ms": 20, "faults": { "timeout_before": 0,
                "timeout_after": 0, "server_error": 0, "late_return": 1 } });
            let set = admin.request(Method::PUT, "/sandbox-bank").json(&faults).send().await;
            assert_eq!(set.unwrap().status(), StatusCode::OK);
            admin.pay(id, &format!("pay-{status}"), StatusCode::ACCEPTED).await;
        }
        admin.wait_for(id, &[status]).await;
        let path = format!("/offers/{id}/withdraw");
        let e = underwriter.post(&path, &why, StatusCode::FORBIDDEN).await;
        assert_eq!(e["error"]["code"], "denied", "{status}");
        admin.wait_for(id, &[status]).await;
        treasurer.post(&path, &why, StatusCode::OK).await;
        crate::main_job::check_books(&server).await;
        for purpose in ["creator_payable", "suspense", "catalogue_asset"] {
            let page = admin.get(&format!("/ledger/accounts?purpose={purpose}")).await;
            for account in page["data"].as_array().unwrap() {
                assert_eq!(account["balance"]["amount"], "0.00", "{status}: {account}");
            }
        }
    }
    server.stop().await;
}

/// Balances after each step of an advance that is refused, paid, returned and paid again.
async fn the_books_are_right_after_every_step(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let admin = server.login("admin").await;
    let (creator, statement) = admin.creator_with_statement(1).await;
    let body = json!({ "creator_id": creator, "kind": "advance", "title": "Advance",
        "currency": "USD", "term_years": 5, "share_bp": 8000, "statement_ids": [statement["id"]] });
    let offer = admin.post("/offers", &body, StatusCode::CREATED).await;
    let id = offer["id"].as_str().unwrap();
    let ready = admin.wait_for(id, &["OFFER_READY"]).await;
    let amount = tests::deal::minor(&ready["offered"]).unwrap();
    let books = async |cash: i64, payable: i64, suspense: i64, asset: i64| {
        let mut seen = Vec::new();
        for purpose in ["house_cash", "creator_payable", "suspense", "advance_receivable"] {
            let page = admin.get(&format!("/ledger/accounts?purpose={purpose}")).await;
            let rows = page["data"].as_array().unwrap();
            let minor = |a: &Value| tests::deal::minor(&a["balance"]).unwrap();
            seen.push(rows.iter().map(minor).sum::<i64>());
        }
        assert_eq!(seen, [100_000_000 + cash, payable, suspense, asset]);
        crate::main_job::check_books(&server).await;
    };
    admin.accept(&ready, StatusCode::OK).await;
    books(0, amount, 0, amount).await;
    let faults = |refused: i64, late_return: i64| {
        json!({ "settlement_delay_ms": 20, "faults": { "timeout_before": 0, "timeout_after": 0,
            "server_error": 0, "refused": refused, "late_return": late_return } })
    };
    let set = async |body: Value| {
        let set = admin.request(Method::PUT, "/sandbox-bank").json(&body).send().await;
        assert_eq!(set.unwrap().status(), StatusCode::OK);
    };
    set(faults(1, 0)).await;
    admin.pay(id, "k1", StatusCode::ACCEPTED).await;
    admin.wait_for(id, &["PAYOUT_FAILED"]).await;
    books(0, amount, 0, amount).await;
    set(faults(0, 1)).await;
    admin.pay(id, "k2", StatusCode::ACCEPTED).await;
    admin.wait_for(id, &["RETURNED"]).await;
    books(0, 0, amount, amount).await;
    set(faults(0, 0)).await;
    admin.pay(id, "k3", StatusCode::ACCEPTED).await;
    admin.wait_for(id, &["CLOSED"]).await;
    books(-amount, 0, 0, amount).await;
    testing::say("paid once in the end, after a refusal and a return");
    crate::main_job::check_house(&server, 2).await;
    server.stop().await;
}

on_both!(
    a_booking_names_who_made_it,
    one_person_books_only_so_much,
    an_identifier_that_failed_stays_failed,
    the_same_identifier_at_the_same_moment_is_one_booking,
    transfers_by_period_and_as_csv,
    what_is_accepted_is_withdrawn_by_the_treasurer,
    a_changed_amount_is_on_the_timeline_with_its_reason,
    the_books_are_right_after_every_step,
);
