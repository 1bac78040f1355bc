//! The service on both databases: the same workload and oracle as the pure model, through SQL.

use platform::db::DbError;
use platform::testing::{self, On};
use platform::{on_both, params};

use crate::model::{Action, Rule, TransferId};
use crate::service;
use crate::store;

const ALL: &[platform::db::migrate::Migration] = &[platform::MIGRATIONS[0], crate::MIGRATIONS[0]];

use crate::model::tests_support::{Oracle, Workload};

async fn steps(on: On, seed: u64, total: usize, batch: usize) {
    let t = testing::house(on, ALL).await.unwrap();
    let mut workload = Workload::new(seed);
    let mut oracle = Oracle::new(workload.accounts());
    let accounts = workload.accounts().to_vec();
    let opened = accounts.clone();
    t.house
        .db
        .write(move |tx| opened.iter().try_for_each(|a| store::open_account(tx, a)))
        .await
        .map_err(|e: DbError| e)
        .unwrap();
    for round in 0..total / batch {
        let transfers: Vec<_> = (0..batch).map(|_| workload.next_transfer()).collect();
        let wanted: Vec<_> = transfers.iter().map(|t| oracle.expect(t)).collect();
        let sent = transfers.clone();
        let got = t.house.db.write(move |tx| service::post(tx, &sent)).await.unwrap();
        for ((t, want), got) in transfers.iter().zip(&wanted).zip(&got) {
            let got_flat = got.clone().map_err(|_| ());
            assert_eq!(got_flat, *want, "seed {seed} round {round}: {t:?} -> {got:?}");
        }
        let ids: Vec<_> = accounts.iter().map(|a| a.id).collect();
        let now = t.house.db.read(move |tx| store::lock_accounts(tx, &ids)).await;
        oracle.check_all(now.map_err(|e: DbError| e).unwrap().iter());
    }
    while platform::chain::seal_once(&t.house.db, store::CHAIN, testing::START).await.unwrap() > 0 {
    }
    let verified = service::verify(&t.house.db).await.unwrap();
    assert!(verified.transfers > 0 && verified.transfers == verified.sealed_position);
}

#[tokio::test]
async fn fifty_thousand_steps_on_sqlite() {
    let fresh = u64::from_le_bytes(platform::clock::random_bytes());
    platform::testing::say(&format!("fresh seed: {fresh}"));
    steps(On::Sqlite, 11, 25_000, 50).await;
    steps(On::Sqlite, fresh, 25_000, 50).await;
}

#[tokio::test]
async fn ten_thousand_steps_on_postgres() {
    if testing::postgres_url().is_none() {
        testing::say("skipped: KONTOR_TEST_POSTGRES is not set");
        return;
    }
    let fresh = u64::from_le_bytes(platform::clock::random_bytes());
    platform::testing::say(&format!("fresh seed: {fresh}"));
    steps(On::Postgres, 11, 5_000, 50).await;
    steps(On::Postgres, fresh, 5_000, 50).await;
}

async fn a_changed_transfer_is_found(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let mut w = Workload::new(5);
    let accounts = w.accounts().to_vec();
    let transfers: Vec<_> = (0..100).map(|_| w.next_transfer()).collect();
    t.house
        .db
        .write(move |tx| {
            accounts.iter().try_for_each(|a| store::open_account(tx, a))?;
            service::post(tx, &transfers).map(|_| ())
        })
        .await
        .unwrap();
    while platform::chain::seal_once(&t.house.db, store::CHAIN, testing::START).await.unwrap() > 0 {
    }
    service::verify(&t.house.db).await.unwrap();
    t.house
        .db
        .write(|tx| {
            tx.execute("update ledger_transfers set reference = 'x' where pos = $1", params![2_i64])
        })
        .await
        .map_err(|e: DbError| e)
        .unwrap();
    let broken = service::verify(&t.house.db).await.unwrap_err();
    assert_eq!(broken.code, "ledger_broken");
}

async fn two_at_once_cannot_overspend(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let mut w = Workload::new(5);
    let mut accounts = w.accounts()[..2].to_vec();
    accounts[0].rule = Rule::None;
    accounts[1].rule = Rule::CreditsNotExceedDebits;
    let mut template = w.next_transfer();
    template.action = Action::Single;
    (template.debit, template.credit, template.amount) = (accounts[1].id, accounts[0].id, 100);
    let fund = template.clone();
    t.house
        .db
        .write(move |tx| {
            accounts.iter().try_for_each(|a| store::open_account(tx, a))?;
            service::post_linked(tx, std::slice::from_ref(&fund)).map(|_| ())
        })
        .await
        .unwrap();
    std::mem::swap(&mut template.debit, &mut template.credit);
    let mut spenders = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let mut spend = template.clone();
        spend.id = TransferId::new(&*t.house.ids);
        spend.amount = 30;
        let db = t.house.db.clone();
        spenders.spawn(async move {
            db.write(move |tx| service::post_linked(tx, std::slice::from_ref(&spend)).map(|_| ()))
                .await
        });
    }
    let answers = spenders.join_all().await;
    assert_eq!(answers.iter().filter(|a| a.is_ok()).count(), 3, "100 buys 30 three times");
    assert!(answers.iter().flat_map(|a| a.as_ref().err()).all(|e| e.code == "insufficient_funds"));
    service::verify(&t.house.db).await.unwrap();
}

on_both!(a_changed_transfer_is_found, two_at_once_cannot_overspend);
