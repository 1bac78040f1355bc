//! The service on both databases: the same workload and oracle as the pure model, through SQL.

mod broken;
mod expiry;

use std::collections::HashMap;

use kernel::Timestamp;
use kernel::ids::Uuid;
use platform::db::{Db, DbError};
use platform::testing::{self, On};
use platform::{on_both, params};

use crate::model::{
    Account, AccountId, Action, Known, Purpose, Rule, Transfer, TransferId, TransferKind,
};
use crate::service;
use crate::store;

const ALL: &[platform::db::migrate::Migration] =
    &[platform::MIGRATIONS[0], crate::MIGRATIONS[0], platform::MIGRATIONS[2], crate::MIGRATIONS[1]];

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
        let now = now.map_err(|e: DbError| e).unwrap();
        oracle.check_all(now.iter().map(|(_, account)| account));
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
    steps(On::Sqlite, fresh, 25_000, 500).await;
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
    steps(On::Postgres, fresh, 5_000, 500).await;
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
    assert_eq!(broken.code, "chain_broken");
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

/// Five accounts without rules.
async fn open_five(db: &Db) -> Vec<AccountId> {
    let accounts: Vec<Account> = (1..=5_u128)
        .map(|n| {
            let id = AccountId(Uuid::from_u128(n << 64));
            let euro = "EUR".parse().unwrap();
            Account::new(id, &format!("five-{n}"), Purpose::Suspense, euro)
        })
        .collect();
    let ids = accounts.iter().map(|a| a.id).collect();
    let opened = db.write(move |tx| accounts.iter().try_for_each(|a| store::open_account(tx, a)));
    opened.await.map_err(|e: DbError| e).unwrap();
    ids
}

/// The nth transfer of a history in which every account meets every other one.
fn nth(accounts: &[AccountId], n: usize) -> Transfer {
    let (debit, credit) = (n % 5, (n % 5 + 1 + n / 5 % 4) % 5);
    let number = i64::try_from(n).unwrap();
    Transfer {
        id: TransferId(Uuid::from_u128(0xabc_0000 + n as u128)),
        action: Action::Single,
        debit: accounts[debit],
        credit: accounts[credit],
        amount: number * number + 1,
        kind: TransferKind::Adjustment,
        offer: n.is_multiple_of(7).then(|| Uuid::from_u128(77)),
        reference: format!("r{}", n % 3),
        actor: "somebody".into(),
        at: Timestamp(number * 10),
    }
}

/// A history of large and small calls, so that both ways to enter a transfer take turns.
async fn history(db: &Db, accounts: &[AccountId]) -> Vec<Transfer> {
    let mut all: Vec<Transfer> = Vec::new();
    for size in [3, 200, 1, 31, 32, 64, 1, 150] {
        let call: Vec<Transfer> = (all.len()..all.len() + size).map(|n| nth(accounts, n)).collect();
        all.extend(call.iter().cloned());
        let posted = db.write(move |tx| service::post_linked(tx, &call)).await.unwrap();
        assert_eq!(posted.len(), size);
    }
    all
}

async fn listed(db: &Db, filter: &store::Filter, page: u32) -> Vec<Transfer> {
    let (mut found, mut before) = (Vec::new(), store::Before::FIRST);
    loop {
        let filter = filter.clone();
        let page = db.read(move |tx| store::transfers(tx, &filter, before, page)).await;
        let page = page.map_err(|e: DbError| e).unwrap();
        let of_five = |l: &store::Listed| l.debit.0 != l.credit.0 && l.debit.0.starts_with("five-");
        assert!(page.listed.iter().all(of_five));
        found.extend(page.listed.into_iter().map(|l| l.transfer));
        let Some(next) = page.next else { return found };
        before = next;
    }
}

async fn transfers_come_back_with_their_accounts(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let db = &t.house.db;
    let accounts = open_five(db).await;
    let all = history(db, &accounts).await;
    for sent in &all {
        let id = sent.id;
        let known = db.read(move |tx| service::find_transfer(tx, id)).await.unwrap();
        assert_eq!(known, Some(Known::Applied(sent.clone())));
    }
    let filters = accounts.iter().flat_map(|a| {
        let account = Some(*a);
        let offer = Some(Uuid::from_u128(77));
        let reference = Some("r1".to_owned());
        let period = Some((Timestamp(500), Timestamp(3_000)));
        [
            store::Filter { account, ..Default::default() },
            store::Filter { account, offer, ..Default::default() },
            store::Filter { account, reference: reference.clone(), ..Default::default() },
            store::Filter { offer, ..Default::default() },
            store::Filter { reference, ..Default::default() },
            store::Filter { account, id: Some(all[5].id), ..Default::default() },
            store::Filter { period, ..Default::default() },
            store::Filter { account, period, ..Default::default() },
            store::Filter { offer, period, ..Default::default() },
            store::Filter::default(),
        ]
    });
    for filter in filters {
        let wanted = all.iter().rev().filter(|t| {
            filter.account.is_none_or(|a| t.debit == a || t.credit == a)
                && filter.offer.is_none_or(|o| t.offer == Some(o))
                && filter.reference.as_ref().is_none_or(|r| t.reference == *r)
                && filter.id.is_none_or(|i| t.id == i)
                && filter.period.is_none_or(|(from, to)| from <= t.at && t.at < to)
        });
        let wanted: Vec<Transfer> = wanted.cloned().collect();
        for page in [7, 250] {
            assert_eq!(listed(db, &filter, page).await, wanted, "{filter:?} by {page}");
        }
    }
    service::verify(db).await.unwrap();
}

/// What every account moved up to `at`, by its identifier.
async fn moved_at(db: &Db, at: Timestamp) -> HashMap<String, (i64, i64)> {
    let read = db.read(move |tx| {
        let ids = store::identifiers(tx)?;
        let all = store::moved(tx, None, at)?;
        all.iter().map(|(key, sum)| Ok((ids[key].clone(), sum.totals()?))).collect()
    });
    read.await.map_err(|e: DbError| e).unwrap()
}

/// Before and after the sums of days are closed, over several days, and with transfers that are
/// booked late for a day that was closed before.
async fn a_balance_at_a_moment_is_the_sum_up_to_it(on: On) {
    const DAY: i64 = 86_400_000_000;
    let t = testing::house(on, ALL).await.unwrap();
    let db = &t.house.db;
    let accounts = open_five(db).await;
    let mut all = history(db, &accounts).await;
    for late in [false, true] {
        if late {
            let more: Vec<Transfer> = (1_000..1_060)
                .map(|n| Transfer {
                    at: Timestamp(i64::try_from(n).unwrap() % 7 * DAY / 2 - DAY),
                    ..nth(&accounts, n)
                })
                .collect();
            all.extend(more.iter().cloned());
            db.write(move |tx| service::post_linked(tx, &more)).await.unwrap();
        }
        for closed in [false, true] {
            if closed {
                seal_all(db).await;
                assert!(service::close_days(db).await.unwrap() > 0);
                assert_eq!(service::close_days(db).await.unwrap(), 0);
            }
            let moments = [-DAY - 1, -1, 0, 25, 30, 1_000, 2_030, 2_040, 9_999, DAY, 2 * DAY + 5];
            for at in moments.map(Timestamp) {
                let moved = moved_at(db, at).await;
                for account in &accounts {
                    let sum = |side: fn(&Transfer) -> AccountId| -> i64 {
                        all.iter()
                            .filter(|t| t.at <= at && side(t) == *account)
                            .map(|t| t.amount)
                            .sum()
                    };
                    let wanted = (sum(|t| t.debit), sum(|t| t.credit));
                    let found = moved.get(&account.to_string()).copied().unwrap_or_default();
                    assert_eq!(found, wanted, "{account} at {at:?}, closed: {closed}");
                    let id = *account;
                    let balance = db.read(move |tx| service::balance_at(tx, id, at)).await;
                    assert_eq!(balance.unwrap().minor, wanted.1 - wanted.0);
                }
            }
        }
    }
    service::verify(db).await.unwrap();
}

async fn seal_all(db: &Db) {
    while platform::chain::seal_once(db, store::CHAIN, testing::START).await.unwrap() > 0 {}
}

async fn a_posting_that_disagrees_is_found(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let db = &t.house.db;
    let accounts = open_five(db).await;
    history(db, &accounts).await;
    service::verify(db).await.unwrap();
    let changed = db.write(|tx| {
        tx.execute(
            "update ledger_postings set debits = debits + 1 where account = $1",
            params![3_i64],
        )
    });
    assert!(changed.await.map_err(|e: DbError| e).unwrap() > 0);
    let broken = service::verify(db).await.unwrap_err();
    assert_eq!(broken.code, "ledger_postings_differ", "{}", broken.message);
}

async fn keys_are_given_once(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let db = &t.house.db;
    let accounts = open_five(db).await;
    let keys = || {
        let ids = accounts.clone();
        db.read(move |tx| store::lock_accounts(tx, &ids))
    };
    let before = keys().await.map_err(|e: DbError| e).unwrap();
    let other = Account::new(
        AccountId(Uuid::from_u128(9)),
        "five-1",
        Purpose::Suspense,
        "EUR".parse().unwrap(),
    );
    let mut undone = other.clone();
    undone.code = "undone".into();
    let refused = db.write(move |tx| {
        store::open_account(tx, &undone)?;
        Err::<(), _>(DbError::Aborted("on purpose".into()))
    });
    refused.await.unwrap_err();
    let mut sixth = other.clone();
    (sixth.id, sixth.code) = (AccountId(Uuid::from_u128(6)), "sixth".into());
    let new = sixth.id;
    db.write(move |tx| {
        store::open_account(tx, &other)?;
        store::open_account(tx, &sixth)
    })
    .await
    .map_err(|e: DbError| e)
    .unwrap();
    history(db, &accounts).await;
    let after = keys().await.map_err(|e: DbError| e).unwrap();
    let pairs = |rows: &[(store::AccountKey, Account)]| -> Vec<_> {
        rows.iter().map(|(key, a)| (*key, a.id, a.code.clone())).collect()
    };
    assert_eq!(pairs(&before), pairs(&after), "opening again and posting change no key");
    let sixth = db.read(move |tx| store::lock_accounts(tx, &[new])).await;
    let sixth = sixth.map_err(|e: DbError| e).unwrap();
    assert!(before.iter().all(|(key, _)| *key < sixth[0].0), "a new account has a new key");
}

on_both!(
    a_changed_transfer_is_found,
    two_at_once_cannot_overspend,
    transfers_come_back_with_their_accounts,
    a_balance_at_a_moment_is_the_sum_up_to_it,
    a_posting_that_disagrees_is_found,
    keys_are_given_once,
);
