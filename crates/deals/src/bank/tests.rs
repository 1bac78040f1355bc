//! The bank alone: replay, settlement, failing accounts, faults.

use std::sync::Arc;

use kernel::Money;
use platform::testing::{self, On};

use super::{Bank, Faults};
use crate::payouts::{Instruction, Rail as _, RailError, RailState};

async fn bank() -> (testing::TestHouse, Arc<Bank>) {
    let t = testing::house(On::Inline, &[]).await.unwrap();
    let house = Arc::clone(&t.house);
    let bank =
        Bank::open(house.db.clone(), house.clock.clone(), house.ids.clone(), 1_000).await.unwrap();
    (t, Arc::new(bank))
}

fn pay(key: &str, account: &str) -> Instruction {
    Instruction {
        key: key.into(),
        amount: Money::new(1_240_000, "EUR".parse().unwrap()),
        holder_name: "Ada".into(),
        account: account.into(),
    }
}

#[tokio::test]
async fn the_same_key_never_pays_twice() {
    let (t, bank) = bank().await;
    let first = bank.send(&pay("k", "DE89370400440532013000")).await.unwrap();
    let again = bank.send(&pay("k", "DE89370400440532013000")).await.unwrap();
    assert_eq!(first, again);
    assert!(bank.send(&pay("k", "000123456789")).await.is_err(), "other content, same key");
    t.clock.advance_ms(1_000);
    assert_eq!(bank.read("k").await.unwrap().unwrap().state, RailState::Paid);
    assert_eq!(bank.paid_count().await.unwrap(), 1);
    assert_eq!(bank.read("nobody").await.unwrap(), None);
}

#[tokio::test]
async fn the_failing_accounts_fail() {
    let (t, bank) = bank().await;
    for (account, code) in [
        ("000111111116", "no_account"),
        ("000111111113", "account_closed"),
        ("000222222227", "insufficient_funds"),
        ("000333333335", "debit_not_authorized"),
        ("000444444440", "invalid_currency"),
        ("DE62370400440532013001", "no_account"),
        ("DE35370400440532013002", "account_closed"),
    ] {
        bank.send(&pay(account, account)).await.unwrap();
        t.clock.advance_ms(1_000);
        let state = bank.read(account).await.unwrap().unwrap().state;
        assert_eq!(state, RailState::Failed { code: code.into() }, "{account}");
    }
    assert_eq!(bank.paid_count().await.unwrap(), 0);
}

#[tokio::test]
async fn faults_hit_so_many_calls_and_no_more() {
    let (t, bank) = bank().await;
    let faults =
        Faults { timeout_before: 1, timeout_after: 1, server_error: 1, refused: 0, late_return: 1 };
    bank.set_faults(faults).await.unwrap();
    let lost = |r: Result<_, RailError>| matches!(r, Err(RailError::Unknown { .. }));
    assert!(lost(bank.send(&pay("k", "000123456789")).await));
    assert!(lost(bank.send(&pay("k", "000123456789")).await));
    assert_eq!(bank.read("k").await.unwrap(), None, "neither was accepted");
    assert!(lost(bank.send(&pay("k", "000123456789")).await));
    assert!(bank.read("k").await.unwrap().is_some(), "the third was, and the answer got lost");
    t.clock.advance_ms(1_000);
    assert_eq!(bank.read("k").await.unwrap().unwrap().state, RailState::Paid);
    let back = bank.read("k").await.unwrap().unwrap().state;
    assert!(matches!(back, RailState::Returned { .. }));
    assert_eq!(bank.faults().await.unwrap(), Faults::default());
}
