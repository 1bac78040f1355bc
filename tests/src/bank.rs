//! What the sandbox bank, which knows nothing of the house, paid to whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use deals::bank::{Bank, Payment};
use platform::clock::{SystemClock, SystemIds};
use platform::db::{Db, DbError};

use crate::deal::{Deal, must};

/// Each deal was paid once and the right amount, and nobody else whose account begins like
/// theirs; answers every payment there was. What came back does not count.
///
/// # Errors
/// A sentence that says who got what.
pub async fn paid_each_once(url: &str, ours: &str, deals: &[Deal]) -> Result<Vec<Payment>, String> {
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
    must(by_account.is_empty(), || format!("the bank paid strangers: {by_account:?}"))?;
    Ok(payments)
}

const AT_THE_BANK: &str = "select asset, purpose, debits_posted - credits_posted as net \
    from ledger_accounts where purpose in ('house_cash', 'equity')";

/// The ledger against the bank, to the cent: what the owners paid in, less what left the bank
/// and did not come back, is the house's cash there.
///
/// # Errors
/// A sentence with both figures.
pub async fn agrees_with_the_ledger(db: &Db, payments: &[Payment]) -> Result<(), String> {
    let read: Result<Vec<(String, String, i64)>, DbError> = db
        .read(|tx| {
            let rows = tx.query(AT_THE_BANK, &[])?;
            rows.iter().map(|r| Ok((r.text("asset")?, r.text("purpose")?, r.int("net")?))).collect()
        })
        .await;
    let (mut cash, mut paid_in) = (BTreeMap::new(), BTreeMap::new());
    for (asset, purpose, net) in read.map_err(|e| e.to_string())? {
        let (side, sign) = if purpose == "equity" { (&mut paid_in, -1) } else { (&mut cash, 1) };
        *side.entry(asset).or_insert(0_i128) += sign * i128::from(net);
    }
    for payment in payments.iter().filter(|p| p.state == "paid") {
        let left = i128::from(payment.amount.minor);
        *paid_in.entry(payment.amount.asset.to_string()).or_insert(0) -= left;
    }
    must(cash == paid_in, || {
        format!("the ledger says {cash:?} is at the bank, the bank says {paid_in:?}")
    })
}
