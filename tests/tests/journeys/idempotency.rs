//! The same Idempotency-Key: done once, answered again, on every POST that changes something.

use platform::on_both;
use platform::testing::On;
use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};
use tests::api::{Api, expect, statement};
use tests::server::{Place, pay_in};

/// Sends the same twice at once and once more; every answer names the same thing.
async fn thrice(api: &Api, path: &str, body: &Value, want: StatusCode) -> Value {
    let send = || {
        let request = api.request(Method::POST, path).header("idempotency-key", "the-key");
        request.json(body).send()
    };
    let (a, b) = tokio::join!(send(), send());
    let c = send().await;
    let first = expect(a.unwrap(), path, want).await;
    for again in [b, c] {
        assert_eq!(expect(again.unwrap(), path, want).await["id"], first["id"], "{path}");
    }
    first
}

async fn upload(api: &Api, creator: &str) -> Value {
    let part = multipart::Part::bytes(statement(7)).file_name("statement.tsv");
    let path = format!("/statements?creator_id={creator}");
    let request = api.request(Method::POST, &path).header("idempotency-key", "the-key");
    let form = multipart::Form::new().part("file", part);
    expect(request.multipart(form).send().await.unwrap(), &path, StatusCode::CREATED).await
}

async fn a_deal_sent_twice_is_one_deal(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let api = server.login("admin").await;
    let body = json!({ "platform": "spotify", "platform_id": "p1", "username": "maja",
        "display_name": "Maja Lind" });
    let creator = thrice(&api, "/offers/creators", &body, StatusCode::CREATED).await;
    let creator = creator["id"].as_str().unwrap();
    let to = json!({ "holder_name": "Maja Lind", "kind": "iban",
        "account": "DE89370400440532013000" });
    let path = format!("/offers/creators/{creator}/recipients");
    thrice(&api, &path, &to, StatusCode::CREATED).await;
    let staged = upload(&api, creator).await;
    assert_eq!(upload(&api, creator).await["id"], staged["id"]);
    let path = format!("/statements/{}/confirm", staged["id"].as_str().unwrap());
    let confirmed = thrice(&api, &path, &json!({}), StatusCode::OK).await;

    let body = json!({ "creator_id": creator, "kind": "purchase", "title": "First deal",
        "currency": confirmed["currency"], "term_years": 10, "share_bp": 8000,
        "statement_ids": [confirmed["id"]] });
    let offer = thrice(&api, "/offers", &body, StatusCode::CREATED).await;
    let id = offer["id"].as_str().unwrap();
    let mut other = body.clone();
    other["title"] = json!("Second deal");
    let reused = api.request(Method::POST, "/offers").header("idempotency-key", "the-key");
    let reused = reused.json(&other).send().await.unwrap();
    let reused = expect(reused, "/offers", StatusCode::CONFLICT).await;
    assert_eq!(reused["error"]["code"], "idempotency_key_reused");

    api.wait_for(id, &["OFFER_READY"]).await;
    thrice(&api, &format!("/offers/{id}/value"), &json!({}), StatusCode::ACCEPTED).await;
    let ready = api.wait_for(id, &["OFFER_READY"]).await;
    let yes = json!({ "typed_name": "Maja Lind", "amount": ready["offered"],
        "term_sheet_sha256": ready["term_sheet"]["sha256"] });
    thrice(&api, &format!("/offers/{id}/accept"), &yes, StatusCode::OK).await;
    let pay = format!("/offers/{id}/request-payout");
    thrice(&api, &pay, &Value::Null, StatusCode::ACCEPTED).await;
    api.wait_for(id, &["CLOSED"]).await;
    assert_eq!(api.get("/offers").await["data"].as_array().unwrap().len(), 1);
    crate::main_job::check_house(&server, 1).await;
    server.stop().await;
}

on_both!(a_deal_sent_twice_is_one_deal);
