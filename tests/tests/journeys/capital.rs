//! A house of one's own starts without money: the owners pay in, then a deal can be paid.

use platform::on_both;
use platform::testing::On;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::api::{Api, expect};
use tests::server::Place;

const PATH: &str = "/payouts/capital";

fn capital(amount: &str) -> Value {
    json!({ "amount": { "amount": amount, "currency": "USD" }, "reference": "Bank slip 1" })
}

async fn pay_in(api: &Api, key: Option<&str>, body: &Value, want: StatusCode) -> Value {
    let mut request = api.request(Method::POST, PATH).json(body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    expect(request.send().await.unwrap(), PATH, want).await
}

async fn capital_is_paid_in_once_and_pays_a_deal(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let treasurer = server.login("treasurer").await;
    let first =
        pay_in(&treasurer, Some("slip-1"), &capital("100000.00"), StatusCode::CREATED).await;
    let again =
        pay_in(&treasurer, Some("slip-1"), &capital("100000.00"), StatusCode::CREATED).await;
    assert_eq!(first, again, "one key is one payment, and one answer");
    assert_eq!(first["balance"], json!({ "amount": "100000.00", "currency": "USD" }));
    let id = first["transfer_id"].as_str().unwrap();
    let transfer = treasurer.get(&format!("/ledger/transfers/{id}")).await;
    assert_eq!(transfer["reference"], "Bank slip 1");
    assert_eq!(transfer["amount"], first["amount"]);
    let admin = server.login("admin").await;
    let more = pay_in(&admin, Some("slip-2"), &capital("900000"), StatusCode::CREATED).await;
    assert_eq!(more["balance"]["amount"], "1000000.00");

    let (creator, statement) = admin.creator_with_statement(1).await;
    let offer = admin.offer(&creator, &statement).await;
    let id = offer["id"].as_str().unwrap();
    let ready = admin.wait_for(id, &["OFFER_READY"]).await;
    admin.accept(&ready, StatusCode::OK).await;
    treasurer.pay(id, "pay-1", StatusCode::ACCEPTED).await;
    admin.wait_for(id, &["CLOSED"]).await;
    let owed = treasurer.get("/ledger/accounts?purpose=creator_payable").await;
    assert_eq!(owed["data"][0]["name"], "Owed to Maja Lind 1, USD");
    crate::main_job::check_house(&server, 1).await;
    server.stop().await;
}

async fn wrong_capital_is_refused_and_nothing_is_booked(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    for role in ["viewer", "underwriter"] {
        let api = server.login(role).await;
        pay_in(&api, Some("k"), &capital("1.00"), StatusCode::FORBIDDEN).await;
    }
    let api = server.login("treasurer").await;
    let wrong = async |key, body: Value, field: &str| {
        let e = pay_in(&api, key, &body, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(e["error"]["details"]["field"], field, "{e}");
    };
    wrong(None, capital("1.00"), "Idempotency-Key").await;
    wrong(Some("zero"), capital("0.00"), "amount").await;
    wrong(Some("below"), capital("-1.00"), "amount").await;
    let mut body = capital("1.00");
    body["reference"] = json!("");
    wrong(Some("empty"), body.clone(), "reference").await;
    body["reference"] = json!("x".repeat(141));
    wrong(Some("long"), body, "reference").await;
    pay_in(&api, Some("k"), &capital("1.00"), StatusCode::CREATED).await;
    let reused = pay_in(&api, Some("k"), &capital("2.00"), StatusCode::CONFLICT).await;
    assert_eq!(reused["error"]["code"], "idempotency_key_reused");
    let transfers = api.get("/ledger/transfers").await;
    assert_eq!(transfers["data"].as_array().unwrap().len(), 1);
    server.stop().await;
}

on_both!(capital_is_paid_in_once_and_pays_a_deal, wrong_capital_is_refused_and_nothing_is_booked,);
