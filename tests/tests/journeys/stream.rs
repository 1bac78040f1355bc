//! The live stream: a small reader, and what it must never lose.

use std::collections::VecDeque;
use std::time::Duration;

use futures::StreamExt as _;
use platform::on_both;
use platform::testing::On;
use serde_json::Value;

use tests::api::Api;
use tests::server::Place;

/// One event of the stream.
#[derive(Debug, Clone)]
pub struct Seen {
    pub id: i64,
    pub event: String,
    pub data: Value,
}

/// An open connection.
pub struct Stream {
    body: futures::stream::BoxStream<'static, reqwest::Result<Vec<u8>>>,
    text: String,
    waiting: VecDeque<Seen>,
}

impl Stream {
    pub async fn open(api: &Api, after: Option<i64>) -> Self {
        let mut request = api.request(reqwest::Method::GET, "/offers/events/deals");
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let body = answer.bytes_stream().map(|b| b.map(|b| b.to_vec())).boxed();
        Self { body, text: String::new(), waiting: VecDeque::new() }
    }

    /// The next event; `None` when the server closed the stream.
    pub async fn next(&mut self) -> Option<Seen> {
        loop {
            if let Some(seen) = self.waiting.pop_front() {
                return Some(seen);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.body.next()).await;
            let chunk = chunk.expect("an event within 30 s")?.ok()?;
            self.text.push_str(&String::from_utf8(chunk).unwrap());
            while let Some((frame, rest)) = self.text.split_once("\n\n") {
                let seen = parse(frame);
                let rest = rest.to_owned();
                self.waiting.extend(seen);
                self.text = rest;
            }
        }
    }

    /// Reads until `event` of `offer` came by.
    pub async fn until(&mut self, offer: &str, event: &str) -> Seen {
        loop {
            let seen = self.next().await.expect("the stream is open");
            if seen.event == event && seen.data["offer_id"] == offer {
                return seen;
            }
        }
    }
}

fn parse(frame: &str) -> Option<Seen> {
    let field = |name: &str| frame.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
    Some(Seen {
        id: field("id:").and_then(|t| t.parse().ok()).unwrap_or(0),
        event: field("event:")?.to_owned(),
        data: serde_json::from_str(field("data:")?).unwrap_or(Value::Null),
    })
}

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
    let mut at = last.id;
    let mut names = Vec::new();
    while names.iter().filter(|n| *n == "OFFER_VALUATED").count() < 2 {
        let seen = live.next().await.unwrap();
        assert_eq!(seen.id, at + 1, "positions follow each other");
        at = seen.id;
        names.push(seen.event);
    }
    assert!(names.contains(&"OFFER_CREATED".to_owned()), "{names:?}");
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

on_both!(
    nothing_is_lost_across_a_restart,
    a_stopping_server_says_goodbye,
    a_position_of_another_world_asks_for_a_snapshot,
);
