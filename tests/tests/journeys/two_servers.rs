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

/// A reader whose server goes away goes on at another one: positions are the house's.
#[tokio::test]
async fn a_stream_goes_on_at_the_other_server() {
    if testing::postgres_url().is_none() {
        testing::say("skipped: KONTOR_TEST_POSTGRES is not set");
        return;
    }
    let place = Place::new(On::Postgres).await.unwrap();
    let (one, two) = (place.start().await, place.start().await);
    let (api_one, api_two) = (one.login("admin").await, two.login("admin").await);
    pay_in(&one).await;
    let mut whole = Stream::open(&api_two, None).await;
    let mut first = Stream::open(&api_one, None).await;
    let (creator, statement) = api_one.creator_with_statement(1).await;
    let mut seen = Vec::new();
    for n in 0..8 {
        // Deals are made at both while the reader changes over.
        let api = if n % 2 == 0 { &api_one } else { &api_two };
        api.offer(&creator, &statement).await;
        if n < 3 {
            seen.push(first.next().await.expect("the stream is open"));
        }
    }
    let last = seen.last().unwrap().id;
    drop(first);
    one.stop().await;
    let api = two.login("admin").await;
    for _ in 0..2 {
        api.offer(&creator, &statement).await;
    }
    let mut second = Stream::open(&api_two, Some(last)).await;
    let valuated =
        |all: &[tests::stream::Seen]| all.iter().filter(|s| s.event == "OFFER_VALUATED").count();
    while valuated(&seen) < 10 {
        seen.push(second.next().await.expect("the stream is open"));
    }
    // The same as somebody saw who stayed at the second server all along.
    let mut stayed = Vec::new();
    while stayed.len() < seen.len() {
        stayed.push(whole.next().await.expect("the stream is open"));
    }
    let short = |all: &[tests::stream::Seen]| -> Vec<(i64, String, String)> {
        all.iter().map(|s| (s.id, s.event.clone(), s.data["offer_id"].to_string())).collect()
    };
    assert_eq!(short(&seen), short(&stayed));
    let at: Vec<i64> = seen.iter().map(|s| s.id).collect();
    let log = two.deal_positions(at[0] - 1, at[at.len() - 1]).await;
    assert_eq!(at, log, "nothing is lost, nothing comes twice: {:?}", short(&seen));
    drop((whole, second));
    // What the first server had begun it has ended: nobody waits for its leases.
    check_house(&two, 0).await;
    two.stop().await;
}
