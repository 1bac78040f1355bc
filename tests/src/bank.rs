//! What the sandbox bank, which knows nothing of the house, paid to whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use deals::bank::Bank;
use platform::clock::{SystemClock, SystemIds};
use platform::db::Db;

use crate::deal::{Deal, must};

/// Each deal was paid once and the right amount, and nobody else whose account begins like
/// theirs.
///
/// # Errors
/// A sentence that says who got what.
pub async fn paid_each_once(url: &str, ours: &str, deals: &[Deal]) -> Result<(), String> {
    let db = Db::open(url, Arc::default()).map_err(|e| e.to_string())?;
    let bank = Bank::open(db, Arc::new(SystemClock), Arc::new(SystemIds), 0).await;
    let payments = bank.map_err(|e| e.to_string())?.payments().await.map_err(|e| e.to_string())?;
    let mut by_account: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for payment in payments.iter().filter(|p| p.state == "paid" && p.account.starts_with(ours)) {
        by_account.entry(&payment.account).or_default().push(payment.amount.minor);
    }
    for deal in deals {
        let paid = by_account.remove(deal.account.as_str()).unwrap_or_default();
        must(paid == [deal.amount], || {
            format!("the bank paid {paid:?} for {} that was {}", deal.offer, deal.amount)
        })?;
    }
    must(by_account.is_empty(), || format!("the bank paid strangers: {by_account:?}"))
}
