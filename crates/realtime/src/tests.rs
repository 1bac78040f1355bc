//! The hub on both databases: no gap at its start, and a reader that cannot keep up.
#![expect(clippy::disallowed_methods, reason = "a test's tasks end with its runtime")]

use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use contracts::Grant;
use contracts::deals::TOPICS;
use futures::FutureExt as _;
use platform::db::DbError;
use platform::outbox::{self, NewEvent};
use platform::signals::Channel;
use platform::testing::{self, On, TestHouse};
use platform::{House, on_both};
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::hub::Hub;
use crate::sse::{Life, Session, feed, frame};

/// Longer than a test.
const LONG: Duration = Duration::from_secs(600);

/// Events of one deal, placed in the log.
async fn happen(t: &TestHouse, from: i64, count: i64) {
    let (house, cx) = (Arc::clone(&t.house), t.house.system_cx());
    let deal = t.house.ids.next();
    let written: Result<(), DbError> = house
        .db
        .write(move |tx| {
            (from..from + count).try_for_each(|n| {
                let event = NewEvent {
                    topic: TOPICS[0],
                    version: 1,
                    aggregate: deal,
                    aggregate_version: n,
                    payload: serde_json::json!({ "creator_id": "c" }),
                };
                outbox::emit(tx, &cx, testing::START, &event)
            })
        })
        .await;
    written.unwrap();
    while outbox::relay_once(&house.db).await.unwrap() > 0 {}
}

fn life(t: &TestHouse, hub: &Hub, lasts: Duration) -> Life {
    Life { session: Session::of(&t.house.system_cx()), stopping: hub.stopping(), lasts }
}

/// Nobody listens for the end of a session.
fn cut() -> oneshot::Sender<()> {
    oneshot::channel().0
}

fn run(hub: &Arc<Hub>, house: &Arc<House>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(Arc::clone(hub).run(Arc::clone(house)))
}

/// The position of a frame, as its text shows it.
fn position(event: &Event) -> Option<i64> {
    let text = format!("{event:?}");
    let (_, rest) = text.split_once("id: ")?;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

async fn nothing_falls_between_the_log_and_a_hub_that_starts(on: On) {
    let t = testing::house(on, platform::MIGRATIONS).await.unwrap();
    happen(&t, 1, 3).await;
    let hub = Arc::new(Hub::default());
    // Nobody is served from a hub that does not know its place yet: what happens before it
    // does would be neither in the past that was read nor in what is handed on.
    assert!(hub.subscribe().now_or_never().is_none());
    let waiting = tokio::spawn({
        let hub = Arc::clone(&hub);
        async move { hub.subscribe().await }
    });
    tokio::task::yield_now().await;
    happen(&t, 4, 2).await;
    let first = run(&hub, &t.house);
    let live = waiting.await.unwrap();
    let (sender, mut frames) = mpsc::channel(100);
    let life = life(&t, &hub, LONG);
    tokio::spawn(feed(t.house.system_cx(), Grant::All, 1, live, life, sender, cut()));
    happen(&t, 6, 2).await;
    for want in 2..=7 {
        assert_eq!(position(&frames.recv().await.unwrap()), Some(want));
    }
    // A loop that died and is started again goes on where it was.
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    happen(&t, 8, 2).await;
    let second = run(&hub, &t.house);
    for want in 8..=9 {
        assert_eq!(position(&frames.recv().await.unwrap()), Some(want));
    }
    second.abort();
}

async fn a_slow_reader_is_told_why_it_is_closed(on: On) {
    let t = testing::house(on, platform::MIGRATIONS).await.unwrap();
    happen(&t, 1, 50).await;
    let happened: Result<_, DbError> = t.house.db.read(|tx| outbox::after(tx, 0, 50)).await;
    // The stream reads its past in a house where nothing happened: all it sends is live.
    let empty = testing::house(on, platform::MIGRATIONS).await.unwrap();
    let (tell, live) = broadcast::channel(50);
    let (sender, mut frames) = mpsc::channel(4);
    for placed in happened.unwrap() {
        tell.send(Arc::new(placed)).unwrap();
    }
    // Nobody reads: three frames wait, the fourth finds no room, and the reason has its own.
    let hub = Hub::default();
    let life = life(&empty, &hub, LONG);
    feed(empty.house.system_cx(), Grant::All, 0, live, life, sender, cut()).await;
    for want in 1..=3 {
        assert_eq!(position(&frames.recv().await.unwrap()), Some(want));
    }
    let last = format!("{:?}", frames.recv().await.unwrap());
    assert!(last.contains("closing") && last.contains("slow_reader"), "{last}");
    assert!(frames.recv().await.is_none(), "it ends");
}

/// Whoever may no longer listen is asked for his token again, at the latest then.
async fn a_stream_that_has_had_its_time_asks_to_be_renewed(on: On) {
    let t = testing::house(on, platform::MIGRATIONS).await.unwrap();
    let hub = Arc::new(Hub::default());
    let running = run(&hub, &t.house);
    let live = hub.subscribe().await;
    happen(&t, 1, 2).await;
    let (sender, mut frames) = mpsc::channel(100);
    let life = life(&t, &hub, Duration::from_millis(200));
    feed(t.house.system_cx(), Grant::All, 0, live, life, sender, cut()).await;
    assert_eq!(position(&frames.recv().await.unwrap()), Some(1));
    assert_eq!(position(&frames.recv().await.unwrap()), Some(2));
    let last = format!("{:?}", frames.recv().await.unwrap());
    assert!(last.contains("closing") && last.contains("renew"), "{last}");
    assert!(frames.recv().await.is_none(), "it ends");
    running.abort();
}

/// Logged out: what waits to be read is not read any more, be it the past or what happens now.
async fn a_stream_ends_with_its_session(on: On) {
    let t = testing::house(on, platform::MIGRATIONS).await.unwrap();
    let hub = Arc::new(Hub::default());
    let running = run(&hub, &t.house);
    happen(&t, 1, 20).await;
    for (room, waits) in [(100, "what happens"), (3, "room for the past")] {
        let mut cx = t.house.system_cx();
        let mine = t.house.ids.next();
        cx.principal.session = Some(mine);
        let life = Life { session: Session::of(&cx), stopping: hub.stopping(), lasts: LONG };
        let live = hub.subscribe().await;
        let (sender, mut frames) = mpsc::channel(room);
        let (cut, is_cut) = oneshot::channel();
        let feeding = tokio::spawn(feed(cx, Grant::All, 0, live, life, sender, cut));
        assert_eq!(position(&frames.recv().await.unwrap()), Some(1));
        t.house.exchange.publish(Channel::Sessions, t.house.ids.next().to_string());
        t.house.exchange.publish(Channel::Sessions, mine.to_string());
        tokio::time::timeout(LONG, is_cut).await.unwrap().expect(waits);
        feeding.await.unwrap();
    }
    running.abort();
}

/// The form for a creator names what it tells.
#[test]
fn a_creator_hears_nothing_of_the_inside() {
    let creator = kernel::ids::Uuid::from_u128(7);
    let event = kernel::Envelope {
        topic: TOPICS[0].into(),
        payload: serde_json::json!({ "creator_id": creator, "to_status": "PAYOUT_FAILED",
            "reason": "fraud suspected", "rail": "sandbox_bank", "recipient": "x",
            "price_low": 1, "confidence_bp": 2, "failure": "account_closed" }),
        actor: "ada".into(),
        request: Some("req-1".into()),
        id: creator,
        version: 1,
        aggregate: creator,
        aggregate_version: 1,
        occurred_at: testing::START,
        trace: None,
    };
    let placed = outbox::Placed { position: 5, event };
    let text = format!("{:?}", frame(&placed, Grant::Own(creator)).unwrap());
    assert!(text.contains("PAYOUT_FAILED"), "{text}");
    for inside in
        ["fraud", "sandbox_bank", "price_low", "confidence", "account_closed", "ada", "req-1"]
    {
        assert!(!text.contains(inside), "{inside}: {text}");
    }
    let text = format!("{:?}", frame(&placed, Grant::All).unwrap());
    assert!(text.contains("fraud suspected") && text.contains("sandbox_bank"), "{text}");
    let other = kernel::ids::Uuid::from_u128(8);
    assert!(frame(&placed, Grant::Own(other)).is_none());
}

on_both!(
    a_stream_ends_with_its_session,
    nothing_falls_between_the_log_and_a_hub_that_starts,
    a_slow_reader_is_told_why_it_is_closed,
    a_stream_that_has_had_its_time_asks_to_be_renewed,
);
