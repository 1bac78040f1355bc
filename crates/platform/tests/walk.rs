//! The walk of data on both engines: outbox positions, consumers, jobs, chains.
#![expect(clippy::disallowed_methods, reason = "a test starts what it tests")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use kernel::ids::Uuid;
use platform::db::DbError;
use platform::inbox::{Consumer, Order};
use platform::jobs::{self, Handlers, NewJob, Outcome};
use platform::outbox::{self, NewEvent};
use platform::testing::{self, On, TestHouse};
use platform::{MIGRATIONS, audit, chain, inbox, on_both, params};
use tokio::sync::Notify;

async fn emit(t: &TestHouse, aggregate: Uuid, version: i64) {
    let cx = t.house.system_cx();
    t.house
        .db
        .write(move |tx| {
            let event = NewEvent {
                topic: "test.happened",
                version: 1,
                aggregate,
                aggregate_version: version,
                payload: serde_json::json!({ "n": version }),
            };
            outbox::emit(tx, &cx, testing::START, &event)
        })
        .await
        .map_err(|e: DbError| e)
        .unwrap();
}

async fn positions_lose_nothing_and_keep_order(on: On) {
    let t = Arc::new(testing::house(on, MIGRATIONS).await.unwrap());
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..8_u128 {
        let t = Arc::clone(&t);
        writers.spawn(async move {
            for version in 1..=25 {
                emit(&t, Uuid::from_u128(n + 1), version).await;
            }
        });
    }
    let relay = {
        let db = t.house.db.clone();
        tokio::spawn(outbox::relay(db))
    };
    writers.join_all().await;
    while outbox::relay_once(&t.house.db).await.unwrap() > 0 {}
    relay.abort();
    let all: Result<Vec<_>, DbError> = t.house.db.read(|tx| outbox::after(tx, 0, 1_000)).await;
    let all = all.unwrap();
    assert_eq!(all.len(), 200);
    let mut last: BTreeMap<Uuid, i64> = BTreeMap::new();
    for (i, placed) in all.iter().enumerate() {
        assert_eq!(placed.position, i as i64 + 1, "positions have no gap");
        let seen = last.entry(placed.event.aggregate).or_insert(0);
        assert_eq!(placed.event.aggregate_version, *seen + 1, "in order per aggregate");
        *seen += 1;
    }
}

async fn a_consumer_sees_each_event_once(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    for version in 1..=5 {
        emit(&t, Uuid::from_u128(9), version).await;
    }
    while outbox::relay_once(&t.house.db).await.unwrap() > 0 {}
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let consumer = Consumer {
        name: "test",
        topics: &["test.happened"],
        order: Order::Any,
        handle: Arc::new(move |_, _, e| {
            log.lock().unwrap().push(e.aggregate_version);
            Ok(())
        }),
    };
    let (a, b) = tokio::join!(inbox::drain(&t.house, &consumer), inbox::drain(&t.house, &consumer));
    // Two processes race; the loser of a row is run again and finds it done.
    a.unwrap();
    b.unwrap();
    inbox::drain(&t.house, &consumer).await.unwrap();
    assert_eq!(inbox::lag(&t.house.db).await.unwrap(), 0);
    let rows: Result<i64, DbError> =
        t.house.db.read(|tx| tx.query_one("select count(*) as n from inbox", &[])?.int("n")).await;
    assert_eq!(rows.unwrap(), 5);
}

async fn a_poison_event_is_put_aside_and_the_log_goes_on(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    for version in 1..=3 {
        emit(&t, Uuid::from_u128(9), version).await;
    }
    while outbox::relay_once(&t.house.db).await.unwrap() > 0 {}
    let consumer = Consumer {
        name: "picky",
        topics: &["test.happened"],
        order: Order::Any,
        handle: Arc::new(|_, _, e| {
            if e.aggregate_version == 2 {
                return Err(kernel::Error::internal("cannot digest 2"));
            }
            Ok(())
        }),
    };
    let mut failures = 0;
    while inbox::drain(&t.house, &consumer).await.is_err() {
        failures += 1;
        assert!(failures < 20, "the consumer is stuck");
    }
    assert_eq!(inbox::lag(&t.house.db).await.unwrap(), 0);
    let (open, dead) = jobs::counts(&t.house.db).await.unwrap();
    assert_eq!((open, dead), (0, 1));
}

/// Events behind one that fails wait until it was handled, however many are looked at together.
async fn events_behind_one_that_fails_wait_for_it(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    for version in 1..=10 {
        emit(&t, Uuid::from_u128(9), version).await;
    }
    while outbox::relay_once(&t.house.db).await.unwrap() > 0 {}
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let consumer = Consumer {
        name: "slow to learn",
        topics: &["test.happened"],
        order: Order::Any,
        handle: Arc::new(move |_, _, e| {
            let mut log = log.lock().unwrap();
            log.push(e.aggregate_version);
            if e.aggregate_version == 5 && log.iter().filter(|v| **v == 5).count() < 3 {
                return Err(kernel::Error::internal("not yet"));
            }
            Ok(())
        }),
    };
    for _ in 0..2 {
        assert!(inbox::drain(&t.house, &consumer).await.is_err());
    }
    inbox::drain(&t.house, &consumer).await.unwrap();
    assert_eq!(*asked.lock().unwrap(), [1, 2, 3, 4, 5, 5, 5, 6, 7, 8, 9, 10]);
    assert_eq!(inbox::lag(&t.house.db).await.unwrap(), 0);
    assert_eq!(jobs::counts(&t.house.db).await.unwrap(), (0, 0));
}

fn job(t: &TestHouse, key: &str) -> NewJob {
    use kernel::Clock as _;
    NewJob {
        kind: "test.work",
        key: key.into(),
        payload: serde_json::json!({ "key": key }),
        run_at: t.clock.now(),
        max_attempts: 3,
    }
}

async fn queue(t: &TestHouse, job: NewJob) {
    let cx = t.house.system_cx();
    t.house.db.write(move |tx| jobs::enqueue(tx, &cx, &job)).await.map_err(|e: DbError| e).unwrap();
}

async fn jobs_are_retried_then_dead(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    queue(&t, job(&t, "a")).await;
    queue(&t, job(&t, "a")).await;
    let handlers = Handlers::default()
        .on("test.work", |_, _, _| async { Err(kernel::Error::internal("not today")) });
    let mut runs = 0;
    for _ in 0..5 {
        runs += jobs::run_due(&t.house, &handlers).await.unwrap();
        t.clock.advance_ms(600_000);
    }
    assert_eq!(runs, 3, "one job (same key), three tries");
    assert_eq!(jobs::counts(&t.house.db).await.unwrap(), (0, 1));
    queue(&t, job(&t, "a")).await;
    assert_eq!(jobs::counts(&t.house.db).await.unwrap().0, 1, "a dead job does not block its key");
}

async fn an_engine_that_is_away_kills_no_job(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    queue(&t, job(&t, "a")).await;
    let away = kernel::Error::new(kernel::Kind::Unavailable, "away", "away");
    let handlers = Handlers::default().on("test.work", move |_, _, _| {
        let away = kernel::Error::new(away.kind, away.code, away.message.clone());
        async { Err(away) }
    });
    for _ in 0..30 {
        assert_eq!(jobs::run_due(&t.house, &handlers).await.unwrap(), 1);
        t.clock.advance_ms(600_000);
    }
    assert_eq!(jobs::counts(&t.house.db).await.unwrap(), (1, 0));
    let back = Handlers::default().on("test.work", |_, _, _| async { Ok(Outcome::Done) });
    assert_eq!(jobs::run_due(&t.house, &back).await.unwrap(), 1);
    assert_eq!(jobs::counts(&t.house.db).await.unwrap(), (0, 0));
}

async fn a_dead_job_is_queued_again(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    queue(&t, job(&t, "a")).await;
    let broken = Handlers::default()
        .on("test.work", |_, _, _| async { Err(kernel::Error::internal("a defect")) });
    for _ in 0..3 {
        jobs::run_due(&t.house, &broken).await.unwrap();
        t.clock.advance_ms(600_000);
    }
    let db = &t.house.db;
    let dead = jobs::dead::list(db).await.unwrap();
    assert_eq!((dead.len(), dead[0].attempts, &*dead[0].kind), (1, 3, "test.work"));
    assert!(dead[0].reason.contains("a defect"), "{}", dead[0].reason);
    let (id, now) = (dead[0].id, testing::START.plus_ms(10_000_000));
    db.write(move |tx| jobs::dead::revive(tx, id, now)).await.unwrap();
    let twice = db.write(move |tx| jobs::dead::revive(tx, id, now)).await.unwrap_err();
    assert_eq!(twice.code, "dead_job_not_found");
    t.clock.advance_ms(10_000_000);
    let fixed = Handlers::default().on("test.work", |_, _, _| async { Ok(Outcome::Done) });
    assert_eq!(jobs::run_due(&t.house, &fixed).await.unwrap(), 1);
    assert_eq!(jobs::counts(db).await.unwrap(), (0, 0));
}

async fn an_event_that_was_given_up_is_handled_when_it_is_queued_again(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    emit(&t, Uuid::from_u128(9), 1).await;
    while outbox::relay_once(&t.house.db).await.unwrap() > 0 {}
    let fixed = Arc::new(AtomicBool::new(false));
    let is_fixed = Arc::clone(&fixed);
    let consumer = Consumer {
        name: "picky",
        topics: &["test.happened"],
        order: Order::Any,
        handle: Arc::new(move |_, _, _| {
            if is_fixed.load(Ordering::Relaxed) {
                Ok(())
            } else {
                Err(kernel::Error::internal("no"))
            }
        }),
    };
    while inbox::drain(&t.house, &consumer).await.is_err() {}
    let dead = jobs::dead::list(&t.house.db).await.unwrap();
    let (id, now) = (dead[0].id, testing::START);
    t.house.db.write(move |tx| jobs::dead::revive(tx, id, now)).await.unwrap();
    fixed.store(true, Ordering::Relaxed);
    let handlers = inbox::handlers(vec![consumer], Handlers::default());
    assert_eq!(jobs::run_due(&t.house, &handlers).await.unwrap(), 1);
    assert_eq!(jobs::counts(&t.house.db).await.unwrap(), (0, 0));
}

async fn a_lost_lease_is_claimed_again(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    queue(&t, job(&t, "a")).await;
    // A worker that died while it ran: the row says running, the lease runs out.
    t.house
        .db
        .write(|tx| {
            tx.execute(
                "update jobs set status = 'running', leased_until = $1, lease = 'gone'",
                params![testing::START.plus_ms(1_000)],
            )
        })
        .await
        .map_err(|e: DbError| e)
        .unwrap();
    let handlers = Handlers::default().on("test.work", |_, _, _| async { Ok(Outcome::Done) });
    assert_eq!(jobs::run_due(&t.house, &handlers).await.unwrap(), 0, "still leased");
    t.clock.advance_ms(2_000);
    assert_eq!(jobs::run_due(&t.house, &handlers).await.unwrap(), 1);
    assert_eq!(jobs::counts(&t.house.db).await.unwrap(), (0, 0));
}

async fn a_job_that_ends_its_process_every_time_is_dead(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    queue(&t, job(&t, "a")).await;
    let begun = Arc::new(Notify::new());
    let fatal = {
        let begun = Arc::clone(&begun);
        Handlers::default().on("test.work", move |_, _, _| {
            begun.notify_one();
            std::future::pending()
        })
    };
    for _ in 0..3 {
        let (house, handlers) = (Arc::clone(&t.house), fatal.clone());
        let process = tokio::spawn(async move { jobs::run_due(&house, &handlers).await });
        begun.notified().await;
        // It says nothing more: its lease runs out.
        process.abort();
        assert!(process.await.unwrap_err().is_cancelled());
        t.clock.advance_ms(60_000);
    }
    assert_eq!(jobs::run_due(&t.house, &fatal).await.unwrap(), 0, "a fourth process is spared");
    assert_eq!(jobs::counts(&t.house.db).await.unwrap(), (0, 1));
    queue(&t, job(&t, "b")).await;
    let healthy = Handlers::default().on("test.work", |_, _, _| async { Ok(Outcome::Done) });
    assert_eq!(jobs::run_due(&t.house, &healthy).await.unwrap(), 1, "others go on");
}

async fn a_changed_audit_row_is_found(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let cx = t.house.system_cx();
    t.house
        .db
        .write(move |tx| {
            for n in 0..10 {
                let entry = audit::Entry {
                    action: "test.deed",
                    subject: format!("thing/{n}"),
                    details: serde_json::json!({}),
                };
                audit::append(tx, &cx, testing::START, &entry)?;
            }
            Ok(())
        })
        .await
        .map_err(|e: DbError| e)
        .unwrap();
    assert_eq!(chain::seal_once(&t.house.db, audit::CHAIN, testing::START).await.unwrap(), 10);
    assert_eq!(chain::verify(&t.house.db, audit::CHAIN, |_| {}).await.unwrap().upto, 10);
    t.house
        .db
        .write(|tx| tx.execute("update audit set actor = 'mallory' where pos = 4", &[]))
        .await
        .map_err(|e: DbError| e)
        .unwrap();
    let broken = chain::verify(&t.house.db, audit::CHAIN, |_| {}).await.unwrap_err();
    assert!(broken.to_string().contains("broken between positions 1 and 10"), "{broken}");
}

on_both!(
    positions_lose_nothing_and_keep_order,
    a_consumer_sees_each_event_once,
    a_poison_event_is_put_aside_and_the_log_goes_on,
    events_behind_one_that_fails_wait_for_it,
    jobs_are_retried_then_dead,
    an_engine_that_is_away_kills_no_job,
    a_dead_job_is_queued_again,
    an_event_that_was_given_up_is_handled_when_it_is_queued_again,
    a_lost_lease_is_claimed_again,
    a_job_that_ends_its_process_every_time_is_dead,
    a_changed_audit_row_is_found,
);
