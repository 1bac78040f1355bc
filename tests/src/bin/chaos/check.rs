//! What must be true after everything died often enough.

use std::collections::BTreeMap;
use std::sync::Arc;

use deals::bank::Bank;
use platform::clock::{SystemClock, SystemIds};
use platform::db::Db;
use reqwest::Method;
use sha2::{Digest as _, Sha256};
use tests::api::Api;
use tests::process::Installation;

use crate::deal::{Deal, get};

/// Every acknowledged step is there, as the API tells it.
pub(crate) async fn deals(api: &Api, deals: &[Deal]) -> Result<(), String> {
    for deal in deals {
        let offer = get(api, &format!("/offers/{}", deal.offer)).await?;
        must(offer["status"] == "CLOSED", || format!("{} is {}", deal.offer, offer["status"]))?;
        let found = offer["creator"]["id"] == *deal.creator
            && offer["statement_ids"][0] == *deal.statement
            && offer["payout_id"] == *deal.payout;
        must(found, || format!("another deal than was acknowledged: {offer}, {deal:?}"))?;
        for (name, digest) in ["term_sheet", "receipt"].iter().zip(&deal.documents) {
            let path = offer[*name]["url"].as_str().unwrap_or_default();
            let path = path.strip_prefix("/api/v1").unwrap_or(path);
            let answer = api.request(Method::GET, path).send().await.map_err(|e| e.to_string())?;
            let bytes = answer.bytes().await.map_err(|e| e.to_string())?;
            let stored = hex::encode(Sha256::digest(&bytes));
            must(stored == *digest, || format!("{name} of {} is not what it was", deal.offer))?;
        }
    }
    Ok(())
}

/// The engines themselves, when no server runs any more.
pub(crate) async fn house(place: &Installation, deals: &[Deal]) -> Result<String, String> {
    let ledger = place.run(&["ledger", "verify"])?;
    let audit = place.run(&["audit", "verify"])?;
    let config = place.config().map_err(|e| e.to_string())?;
    let db = Db::open(&config.database.url, Arc::default()).map_err(|e| e.to_string())?;
    let (open, dead) = platform::jobs::counts(&db).await.map_err(|e| e.to_string())?;
    must((open, dead) == (0, 0), || format!("{open} jobs are open, {dead} dead"))?;
    let unplaced: Result<i64, platform::db::DbError> = db.read(platform::outbox::unplaced).await;
    let unplaced = unplaced.map_err(|e| e.to_string())?;
    must(unplaced == 0, || format!("{unplaced} events were never placed"))?;
    bank(&config.bank_url(), deals).await?;
    Ok(format!("{ledger}\n{audit}"))
}

/// The bank, which knows nothing of the house, paid each account once and the right amount.
async fn bank(url: &str, deals: &[Deal]) -> Result<(), String> {
    let db = Db::open(url, Arc::default()).map_err(|e| e.to_string())?;
    let bank = Bank::open(db, Arc::new(SystemClock), Arc::new(SystemIds), 0).await;
    let payments = bank.map_err(|e| e.to_string())?.payments().await.map_err(|e| e.to_string())?;
    let mut by_account: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for payment in payments.iter().filter(|p| p.state == "paid") {
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

pub(crate) fn must(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
