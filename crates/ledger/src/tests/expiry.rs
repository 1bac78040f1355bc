//! Holds whose time is over: all of them, once, by one process, and nothing is left behind.

use platform::Cx;

use super::*;

/// So many holds that end at `at`, each of one minor unit.
async fn hold(db: &Db, accounts: &[AccountId], from: u128, count: u128, at: i64) {
    let (debit, credit) = (accounts[0], accounts[1]);
    let holds: Vec<Transfer> = (from..from + count)
        .map(|n| Transfer {
            id: TransferId(Uuid::from_u128(0xfeed_0000 + n)),
            action: Action::Pending { expires_at: Some(Timestamp(at)) },
            debit,
            credit,
            amount: 1,
            ..nth(accounts, 0)
        })
        .collect();
    db.write(move |tx| service::post_linked(tx, &holds)).await.unwrap();
}

async fn count(db: &Db, sql: &'static str) -> i64 {
    let read: Result<i64, DbError> = db.read(move |tx| tx.query_one(sql, &[])?.int("n")).await;
    read.unwrap()
}

const FAILED: &str = "select count(*) as n from ledger_failed";
const EXPIRED: &str = "select count(*) as n from ledger_holds where state = 'expired'";

async fn every_hold_that_is_over_is_released(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let (db, cx) = (&t.house.db, t.house.system_cx());
    let accounts = open_five(db).await;
    let over = testing::START.plus_ms(1_000).micros();
    hold(db, &accounts, 0, 1_234, over).await;
    hold(db, &accounts, 5_000, 7, testing::START.plus_days(1).micros()).await;
    assert_eq!(service::expire_due(&cx).await.unwrap(), 0);
    t.clock.advance_ms(2_000);
    assert_eq!(service::expire_due(&cx).await.unwrap(), 1_234);
    assert_eq!(service::expire_due(&cx).await.unwrap(), 0);
    assert_eq!((count(db, EXPIRED).await, count(db, FAILED).await), (1_234, 0));
    let verified = service::verify(db).await.unwrap();
    assert_eq!(verified.open_holds, 7);
}

/// Several processes look at the same moment.
async fn several_release_each_hold_once(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let (db, cx) = (&t.house.db, t.house.system_cx());
    let accounts = open_five(db).await;
    hold(db, &accounts, 0, 800, testing::START.micros()).await;
    t.clock.advance_ms(2_000);
    let mut looking = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let cx: Cx = cx.clone();
        looking.spawn(async move { service::expire_due(&cx).await.unwrap() });
    }
    assert_eq!(looking.join_all().await.iter().sum::<usize>(), 800);
    assert_eq!((count(db, EXPIRED).await, count(db, FAILED).await), (800, 0));
    service::verify(db).await.unwrap();
}

/// A hold that cannot be released, because its account was damaged, stops no other: not even
/// when there are more of its kind than one batch takes.
async fn one_that_cannot_be_released_stops_no_other(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let (db, cx) = (&t.house.db, t.house.system_cx());
    let accounts = open_five(db).await;
    hold(db, &accounts, 0, 600, testing::START.micros()).await;
    let (debit, credit) = (accounts[2], accounts[3]);
    let good = Transfer {
        id: TransferId(Uuid::from_u128(0xfeed_9999)),
        action: Action::Pending { expires_at: Some(testing::START.plus_ms(10)) },
        debit,
        credit,
        ..nth(&accounts, 0)
    };
    db.write(move |tx| service::post_linked(tx, std::slice::from_ref(&good))).await.unwrap();
    // The accounts of the six hundred no longer count one currency.
    let damaged = db.write(|tx| {
        tx.execute("update ledger_accounts set asset = 'USD' where code = 'five-1'", &[])
    });
    assert_eq!(damaged.await.map_err(|e: DbError| e).unwrap(), 1);
    t.clock.advance_ms(2_000);
    assert_eq!(service::expire_due(&cx).await.unwrap(), 1);
    assert_eq!((count(db, EXPIRED).await, count(db, FAILED).await), (1, 0));
}

/// The end of a hold is the ledger's word: whoever is a moment late cannot post it.
async fn an_overdue_hold_cannot_be_posted(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let db = &t.house.db;
    let accounts = open_five(db).await;
    hold(db, &accounts, 0, 1, testing::START.micros()).await;
    let late = Transfer {
        id: TransferId(Uuid::from_u128(1)),
        action: Action::Post { pending: TransferId(Uuid::from_u128(0xfeed_0000)) },
        debit: accounts[0],
        credit: accounts[1],
        amount: 1,
        at: testing::START,
        ..nth(&accounts, 0)
    };
    let e = db.write(move |tx| service::post_linked(tx, std::slice::from_ref(&late))).await;
    assert_eq!(e.unwrap_err().code, "hold_expired");
}

on_both!(
    every_hold_that_is_over_is_released,
    several_release_each_hold_once,
    one_that_cannot_be_released_stops_no_other,
    an_overdue_hold_cannot_be_posted,
);
