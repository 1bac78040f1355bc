//! What both engines must do.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kernel::Error;
use platform::db::DbError;
use platform::inbox::{Consumer, Order};
use platform::params;

use crate::stand::{FAMILY, FINISHED, HAPPENED, Stand, consumer, heard, listener, until};

fn in_order(all: &[(u128, i64)]) {
    let mut last: BTreeMap<u128, i64> = BTreeMap::new();
    for (aggregate, version) in all {
        let seen = last.entry(*aggregate).or_insert(0);
        assert_eq!(*version, *seen + 1, "aggregate {aggregate} is out of order: {all:?}");
        *seen = *version;
    }
}

pub(crate) async fn every_event_arrives_once_and_in_order(s: Stand) {
    let (c, log) = listener("once", Order::Any);
    s.consume(c);
    for version in 1..=40 {
        for aggregate in 1..=5 {
            s.emit(HAPPENED, aggregate, version).await;
        }
    }
    heard(&log, 200).await;
    until("every inbox row is there", || async { s.inbox("once").await == 200 }).await;
    let all = log.lock().unwrap().clone();
    assert_eq!(all.len(), 200, "nothing comes twice");
    in_order(&all);
}

pub(crate) async fn what_was_said_twice_is_handled_once(mut s: Stand) {
    let (c, log) = listener("twice", Order::Any);
    s.consume(c);
    s.emit(HAPPENED, 1, 1).await;
    heard(&log, 1).await;
    // As after a crash between publishing, or handling, and saving the position.
    let back = |tx: &mut platform::db::Tx<'_>| {
        tx.execute("update consumer_offsets set pos = 0", params![]).map(drop)
    };
    s.t.house.db.write(back).await.map_err(|e: DbError| e).unwrap();
    s.stop_all();
    s.publish();
    let (c, again) = listener("twice", Order::Any);
    s.consume(c);
    s.emit(HAPPENED, 1, 2).await;
    heard(&again, 1).await;
    assert_eq!(*again.lock().unwrap(), [(1, 2)], "the first was handled before");
    until("both are in the inbox", || async { s.inbox("twice").await == 2 }).await;
}

pub(crate) async fn one_aggregate_keeps_its_order_over_topics(s: Stand) {
    let (c, log) = listener("ordered", Order::PerAggregate(FAMILY));
    s.consume(c);
    for version in 1..=60 {
        for aggregate in 1..=4 {
            let topic = if version % 3 == 0 { FINISHED } else { HAPPENED };
            s.emit(topic, aggregate, version).await;
        }
    }
    heard(&log, 240).await;
    let all = log.lock().unwrap().clone();
    assert_eq!(all.len(), 240);
    in_order(&all);
}

pub(crate) async fn what_never_works_is_put_aside_and_the_rest_goes_on(s: Stand) {
    let tries = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    let (_, log) = listener("picky", Order::Any);
    let kept = Arc::clone(&log);
    s.consume(consumer("picky", Order::PerAggregate(FAMILY), move |e| {
        if e.aggregate_version == 2 {
            counted.fetch_add(1, Ordering::Relaxed);
            return Err(Error::conflict("never", "this one never works"));
        }
        kept.lock().unwrap().push((e.aggregate.as_u128(), e.aggregate_version));
        Ok(())
    }));
    for version in 1..=3 {
        s.emit(HAPPENED, 1, version).await;
    }
    until("the third was heard", || async { log.lock().unwrap().contains(&(1, 3)) }).await;
    // The first was rolled back with the second, and heard again, when they came together.
    let mut all = log.lock().unwrap().clone();
    all.dedup();
    assert_eq!(all, [(1, 1), (1, 3)]);
    assert!(tries.load(Ordering::Relaxed) > 2, "it was tried again before it was given up");
    // The last one is heard before it is committed.
    until("both are in the inbox", || async { s.inbox("picky").await == 2 }).await;
}

pub(crate) async fn work_and_inbox_row_commit_together(s: Stand) {
    let failures = Arc::new(AtomicU32::new(0));
    let failed = Arc::clone(&failures);
    s.consume(Consumer {
        name: "together",
        topics: FAMILY,
        order: Order::Any,
        handle: Arc::new(move |tx, cx, e| {
            // Its own work, then a failure: the work must be undone with the inbox row.
            let name = format!("mark-{}", e.id);
            let sql = "insert into seq (name, at) values ($1, 1)";
            tx.execute(sql, params![&name]).map_err(Error::from)?;
            let _used = cx.clock.now();
            if failed.fetch_add(1, Ordering::Relaxed) < 3 {
                return Err(Error::conflict("not_yet", "not yet"));
            }
            Ok(())
        }),
    });
    s.emit(HAPPENED, 1, 1).await;
    until("the event is handled", || async { s.inbox("together").await == 1 }).await;
    let sql = "select count(*) as n from seq where name like 'mark-%'";
    let marks = s.t.house.db.read(move |tx| tx.query_one(sql, params![])?.int("n")).await;
    assert_eq!(marks.map_err(|e: DbError| e).unwrap(), 1);
}
