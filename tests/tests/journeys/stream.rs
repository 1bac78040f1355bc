//! What the live stream must never lose.

use platform::on_both;
use platform::testing::On;

use tests::server::Place;
use tests::stream::Stream;

async fn nothing_is_lost_across_a_restart(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let api = server.login("admin").await;
    let mut live = Stream::open(&api, None).await;
    let (creator, statement) = api.creator_with_statement(1).await;
    let first = api.offer(&creator, &statement).await;
    let first = first["id"].as_str().unwrap().to_owned();
    let last = live.until(&first, "OFFER_CREATED").await;
    api.wait_for(&first, &["OFFER_READY"]).await;
    drop(live);
    server.stop().await;

    let server = place.start().await;
    let api = server.login("admin").await;
    api.offer(&creator, &statement).await;
    let mut live = Stream::open(&api, Some(last.id)).await;
    // What happened before the restart comes first, without a gap, then what is new.
    let mut at = Vec::new();
    let mut names = Vec::new();
    while names.iter().filter(|n| *n == "OFFER_VALUATED").count() < 2 {
        let seen = live.next().await.unwrap();
        at.push(seen.id);
        names.push(seen.event);
    }
    assert!(names.contains(&"OFFER_CREATED".to_owned()), "{names:?}");
    assert_eq!(at, server.deal_positions(last.id, *at.last().unwrap()).await);
    server.stop().await;
}

async fn a_stopping_server_says_goodbye(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let api = server.login("viewer").await;
    let mut live = Stream::open(&api, None).await;
    let stopping = tokio::spawn(server.stop());
    let last = live.next().await.expect("a goodbye");
    assert_eq!((last.event.as_str(), last.data["reason"].as_str()), ("closing", Some("shutdown")));
    assert!(live.next().await.is_none());
    stopping.await.unwrap();
}

async fn a_position_of_another_world_asks_for_a_snapshot(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let api = server.login("viewer").await;
    let mut live = Stream::open(&api, Some(999_999)).await;
    let first = live.next().await.unwrap();
    assert_eq!(first.event, "reset");
    drop(live);
    server.stop().await;
}

async fn a_trace_is_followed_through_the_job_to_the_stream(on: On) {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let api = server.login("admin").await;
    let mut live = Stream::open(&api, None).await;
    let (creator, statement) = api.creator_with_statement(1).await;
    let body = serde_json::json!({ "creator_id": creator, "kind": "purchase", "title": "Traced",
        "currency": statement["currency"], "share_bp": 8000, "statement_ids": [statement["id"]] });
    let asked = api
        .request(reqwest::Method::POST, "/offers")
        .header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"))
        .header("x-request-id", "followed-by-hand");
    let made = tests::api::expect(
        asked.json(&body).send().await.unwrap(),
        "/offers",
        reqwest::StatusCode::CREATED,
    );
    let id = made.await["id"].as_str().unwrap().to_owned();
    // The last one is emitted by the job that the request queued.
    for event in ["OFFER_CREATED", "OFFER_VALUATED"] {
        let seen = live.until(&id, event).await;
        assert_eq!(seen.data["trace_id"], TRACE, "{event}");
        assert_eq!(seen.data["request_id"], "followed-by-hand", "{event}");
        assert!(seen.data["actor"].is_string(), "{event}");
    }
    drop(live);
    server.stop().await;
}

on_both!(
    a_trace_is_followed_through_the_job_to_the_stream,
    nothing_is_lost_across_a_restart,
    a_stopping_server_says_goodbye,
    a_position_of_another_world_asks_for_a_snapshot,
);
