//! Two servers on one PostgreSQL: live at both, nothing twice.

use platform::testing::{self, On};
use reqwest::StatusCode;

use crate::main_job::check_house;
use tests::server::{Place, pay_in};
use tests::stream::Stream;

#[tokio::test]
async fn a_deal_made_at_one_is_live_at_the_other() {
    if testing::postgres_url().is_none() {
        testing::say("skipped: KONTOR_TEST_POSTGRES is not set");
        return;
    }
    let place = Place::new(On::Postgres).await.unwrap();
    let (one, two) = (place.start().await, place.start().await);
    pay_in(&one).await;
    let (api_one, api_two) = (one.login("admin").await, two.login("admin").await);
    let mut live = Stream::open(&api_two, None).await;
    let (creator, statement) = api_one.creator_with_statement(1).await;
    let mut deals = Vec::new();
    for _ in 0..6 {
        let o = api_one.offer(&creator, &statement).await;
        deals.push(o["id"].as_str().unwrap().to_owned());
    }
    for (n, id) in deals.iter().enumerate() {
        let ready = api_two.wait_for(id, &["OFFER_READY"]).await;
        api_two.accept(&ready, StatusCode::OK).await;
        // Both servers are asked at once, with the same key.
        let key = format!("pay-{n}");
        let (a, b) = tokio::join!(
            api_one.pay(id, &key, StatusCode::ACCEPTED),
            api_two.pay(id, &key, StatusCode::ACCEPTED)
        );
        assert_eq!(a["id"], b["id"]);
    }
    let mut receipts = std::collections::BTreeMap::new();
    while receipts.len() < deals.len() {
        let seen = live.next().await.unwrap();
        if seen.event == "OFFER_RECEIPT_GENERATED" {
            *receipts.entry(seen.data["offer_id"].to_string()).or_insert(0) += 1;
        }
    }
    assert!(receipts.values().all(|n| *n == 1), "one receipt each: {receipts:?}");
    for id in &deals {
        api_one.wait_for(id, &["CLOSED"]).await;
    }
    check_house(&one, i64::try_from(deals.len()).unwrap()).await;
    drop(live);
    one.stop().await;
    two.stop().await;
}
