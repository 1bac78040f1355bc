//! What is forgotten is forgotten in pieces, the oldest first, and never what somebody still
//! needs.

use kernel::Timestamp;
use platform::db::{Db, DbError};
use platform::retention::{self, PIECE, Rule};
use platform::testing::{self, On};
use platform::{MIGRATIONS, on_both, params};

const EVENT: &str = "insert into outbox (pos, event_id, topic, version, aggregate, \
    aggregate_version, occurred_at, actor, payload) \
    values ($1, $2, 't', 1, 'a', $1, $3, 'x', '{}')";
const HANDLED: &str = "insert into inbox (consumer, event_id, at) values ('c', $1, $2)";
const COUNT: &str = "select (select count(*) from outbox) as events, \
    (select count(*) from inbox) as handled, (select min(pos) from outbox) as first";
const DAY: i64 = 86_400_000_000;

async fn counts(db: &Db) -> (i64, i64, Option<i64>) {
    let read: Result<_, DbError> = db
        .read(|tx| {
            let row = tx.query_one(COUNT, &[])?;
            Ok((row.int("events")?, row.int("handled")?, row.opt_int("first")?))
        })
        .await;
    read.unwrap()
}

/// 2,500 old events and 100 of today, with as many rows that they were handled.
async fn fill(db: &Db) {
    let filled: Result<(), DbError> = db
        .write(|tx| {
            let now = testing::START.micros();
            let at = |n: i64| if n <= 2_500 { now - 40 * DAY + n } else { now - n };
            let events: Vec<_> =
                (1..=2_600).map(|n| params![n, format!("e{n}"), at(n)].to_vec()).collect();
            let handled: Vec<_> =
                (1..=2_600).map(|n| params![format!("e{n}"), at(n)].to_vec()).collect();
            tx.execute_many(EVENT, &events)?;
            tx.execute_many(HANDLED, &handled)?;
            Ok(())
        })
        .await;
    filled.unwrap();
}

const EVENTS: Rule = Rule { what: "events", days: 30, forget: platform::outbox::forget };
const HANDLED_EVENTS: Rule =
    Rule { what: "handled events", days: 31, forget: platform::inbox::forget };

async fn old_rows_go_in_pieces_and_new_ones_stay(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let db = &t.house.db;
    fill(db).await;
    let before = testing::START.plus_days(-30);
    let one: Result<u64, DbError> = db.write(move |tx| platform::outbox::forget(tx, before)).await;
    assert_eq!(one.unwrap(), u64::from(PIECE), "one transaction takes one piece");
    assert_eq!(counts(db).await, (1_600, 2_600, Some(1_001)));
    assert_eq!(retention::once(&t.house, EVENTS).await.unwrap(), 1_500);
    assert_eq!(retention::once(&t.house, EVENTS).await.unwrap(), 0);
    assert_eq!(retention::once(&t.house, HANDLED_EVENTS).await.unwrap(), 2_500);
    assert_eq!(counts(db).await, (100, 100, Some(2_501)));
}

async fn what_a_consumer_has_not_seen_stays(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let db = &t.house.db;
    fill(db).await;
    let slow: Result<u64, DbError> = db
        .write(|tx| {
            let sql = "insert into consumer_offsets (consumer, pos, failed) values ('slow', $1, 0)";
            tx.execute(sql, params![1_200_i64])
        })
        .await;
    slow.unwrap();
    assert_eq!(retention::once(&t.house, EVENTS).await.unwrap(), 1_200);
    assert_eq!(counts(db).await.2, Some(1_201));
}

async fn a_moment_before_everything_forgets_nothing(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    fill(&t.house.db).await;
    let none: Result<u64, DbError> =
        t.house.db.write(|tx| platform::outbox::forget(tx, Timestamp(0))).await;
    assert_eq!(none.unwrap(), 0);
    assert_eq!(counts(&t.house.db).await.0, 2_600);
}

on_both!(
    old_rows_go_in_pieces_and_new_ones_stay,
    what_a_consumer_has_not_seen_stays,
    a_moment_before_everything_forgets_nothing,
);
