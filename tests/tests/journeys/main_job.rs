//! The main job: statement -> offer -> accepted -> paid -> receipt, watched on the stream.

use std::process::Command;

use platform::on_both;
use platform::testing::{self, On};
use reqwest::StatusCode;
use serde_json::Value;

use tests::server::{Place, Server, pay_in};
use tests::stream::Stream;

async fn a_statement_becomes_a_paid_deal(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let api = server.login("admin").await;
    let mut live = Stream::open(&api, None).await;

    let (creator, statement) = api.creator_with_statement(1).await;
    let offer = api.offer(&creator, &statement).await;
    let id = offer["id"].as_str().unwrap();
    live.until(id, "OFFER_VALUATED").await;
    let ready = api.wait_for(id, &["OFFER_READY"]).await;
    api.accept(&ready, StatusCode::OK).await;
    live.until(id, "OFFER_ACCEPTED").await;
    let payout = api.pay(id, "pay-1", StatusCode::ACCEPTED).await;
    let again = api.pay(id, "pay-1", StatusCode::ACCEPTED).await;
    assert_eq!(payout["id"], again["id"], "the same key is the same payout");
    for event in ["OFFER_PAYOUT_REQUESTED", "OFFER_PAYOUT_COMPLETED", "OFFER_RECEIPT_GENERATED"] {
        live.until(id, event).await;
    }
    let closed = api.wait_for(id, &["CLOSED"]).await;
    for (text, found) in [("k-1", 1), ("K-1", 1), ("1", 1), ("K-2", 0), ("lind", 1)] {
        let page = api.get(&format!("/offers?text={text}")).await;
        assert_eq!(page["data"].as_array().unwrap().len(), found, "searched for {text}");
    }

    let valuation = api.get(&format!("/offers/{id}/valuation")).await;
    let sheet = pdf_text(
        &api.bytes(closed["term_sheet"]["url"].as_str().unwrap().strip_prefix("/api/v1").unwrap())
            .await,
    );
    for money in [&valuation["low"], &valuation["median"], &valuation["high"], &valuation["ltm"]] {
        assert!(sheet.contains(&grouped(money)), "the term sheet lacks {money}: {sheet}");
    }
    let receipt = pdf_text(
        &api.bytes(closed["receipt"]["url"].as_str().unwrap().strip_prefix("/api/v1").unwrap())
            .await,
    );
    assert!(receipt.contains(&grouped(&closed["offered"])), "{receipt}");
    let trace = api.get(&format!("/offers/{id}/trace?figure=total")).await;
    assert_eq!(trace["total"], statement["total"]["amount"], "every figure leads to its rows");

    check_house(&server, 1).await;
    server.stop().await;
}

async fn a_failing_account_releases_the_hold(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let api = server.login("admin").await;
    let (creator, statement) = api.creator_with_statement(1).await;
    let to = serde_json::json!({ "holder_name": "M", "kind": "account_number",
        "account": "000111111113" });
    let path = format!("/offers/creators/{creator}/recipients");
    api.post(&path, &to, StatusCode::CREATED).await;
    let offer = api.offer(&creator, &statement).await;
    let id = offer["id"].as_str().unwrap();
    let ready = api.wait_for(id, &["OFFER_READY"]).await;
    api.accept(&ready, StatusCode::OK).await;
    let payout = api.pay(id, "k", StatusCode::ACCEPTED).await;
    api.wait_for(id, &["PAYOUT_FAILED"]).await;
    let seen = api.get(&format!("/payouts/{}", payout["id"].as_str().unwrap())).await;
    assert_eq!(
        (seen["status"].as_str(), seen["failure_reason"].as_str()),
        (Some("FAILED"), Some("account_closed"))
    );
    let moved = api.get(&format!("/ledger/transfers?offer_id={id}")).await;
    let void = moved["data"].as_array().unwrap().iter().find(|t| t["kind"] == "void").unwrap();
    assert_eq!(void["amount"]["amount"], "0.00");
    assert_eq!(void["released"], seen["amount"], "what the void let go is said");
    check_house(&server, 0).await;
    // Another account, another try, paid once.
    let to = serde_json::json!({ "holder_name": "M", "kind": "account_number",
        "account": "000123456789" });
    api.post(&path, &to, StatusCode::CREATED).await;
    api.pay(id, "k2", StatusCode::ACCEPTED).await;
    api.wait_for(id, &["CLOSED"]).await;
    check_house(&server, 1).await;
    server.stop().await;
}

async fn lost_answers_and_late_returns(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    pay_in(&server).await;
    let api = server.login("admin").await;
    let (creator, statement) = api.creator_with_statement(1).await;
    let faults = serde_json::json!({ "settlement_delay_ms": 50, "faults":
        { "timeout_before": 1, "timeout_after": 1, "server_error": 1, "late_return": 1 } });
    let answer = api.request(reqwest::Method::PUT, "/sandbox-bank").json(&faults).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    let offer = api.offer(&creator, &statement).await;
    let id = offer["id"].as_str().unwrap();
    let ready = api.wait_for(id, &["OFFER_READY"]).await;
    api.accept(&ready, StatusCode::OK).await;
    api.pay(id, "k", StatusCode::ACCEPTED).await;
    api.wait_for(id, &["RETURNED"]).await;
    check_house(&server, 1).await;
    // Withdrawn after the money came back: nothing stays in suspense.
    let why = serde_json::json!({ "reason": "account closed" });
    api.post(&format!("/offers/{id}/withdraw"), &why, StatusCode::OK).await;
    check_house(&server, 1).await;
    let accounts = api.get("/ledger/accounts?purpose=suspense").await;
    assert_eq!(accounts["data"][0]["balance"]["amount"], "0.00");
    server.stop().await;
}

on_both!(
    a_statement_becomes_a_paid_deal,
    a_failing_account_releases_the_hold,
    lost_answers_and_late_returns,
);

/// Empty outbox and jobs, balanced ledger, verified chains, the bank paid so often.
pub async fn check_house(server: &Server, paid: i64) {
    let db = &server.house.db;
    let open = testing::until("empty outbox, no open job", || async {
        let open = platform::jobs::counts(db).await.unwrap();
        let waiting: Result<i64, platform::db::DbError> = db.read(platform::outbox::unplaced).await;
        (open.0 == 0 && waiting.unwrap() == 0).then_some(open)
    })
    .await;
    assert_eq!(open, (0, 0), "no job is left, none is dead");
    let now = server.house.clock.now();
    for chain in [ledger::CHAIN, platform::audit::CHAIN] {
        while platform::chain::seal_once(db, chain, now).await.unwrap() > 0 {}
        assert!(platform::chain::verify(db, chain, |_| {}).await.unwrap().rows > 0);
    }
    check_books(server).await;
    assert_eq!(server.deals.bank.paid_count().await.unwrap(), paid);
}

/// The ledger verifies, and says of the money at the bank what the bank says, to the cent.
pub async fn check_books(server: &Server) {
    let db = &server.house.db;
    let now = server.house.clock.now();
    while platform::chain::seal_once(db, ledger::CHAIN, now).await.unwrap() > 0 {}
    ledger::service::verify(db).await.unwrap();
    let payments = server.deals.bank.payments().await.unwrap();
    tests::bank::agrees_with_the_ledger(db, &payments).await.unwrap();
}

fn pdf_text(pdf: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    let out = Command::new("pdftotext").arg("-layout").arg(file.path()).arg("-").output();
    let out = out.expect("pdftotext (package poppler-utils) reads the documents");
    String::from_utf8(out.stdout).unwrap()
}

/// `12400.00` as the documents print it: `12,400.00`.
fn grouped(money: &Value) -> String {
    let text = money["amount"].as_str().unwrap();
    let currency = money["currency"].as_str().unwrap();
    let m = kernel::Money::parse(text, currency.parse().unwrap()).unwrap();
    m.to_string().split_once(' ').unwrap().1.to_owned()
}
