//! The trial balance, now or at a past moment.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use kernel::{Asset, Error, Money, Timestamp};
use platform::Cx;
use platform::db::{DbError, Tx};
use platform::http::{Answer, ErrorBody, Query};
use serde::{Deserialize, Serialize};

use super::Party;
use crate::model::{Account, Purpose};
use crate::store::{self, Moved};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct TrialQuery {
    /// At this moment; now when absent.
    at: Option<Timestamp>,
}

/// One line of the trial balance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TrialLine {
    account: Party,
    purpose: Purpose,
    debits: Money,
    credits: Money,
    balance: Money,
}

/// Totals of one currency; the difference is zero, always.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TrialTotal {
    asset: Asset,
    debits: Money,
    credits: Money,
    difference: Money,
}

/// The trial balance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TrialBalance {
    at: Timestamp,
    assets: Vec<TrialTotal>,
    accounts: Vec<TrialLine>,
}

/// Every account with its posted debits and credits, at a moment.
#[utoipa::path(get, path = "/ledger/trial-balance", tag = "ledger", params(TrialQuery),
    responses((status = 200, body = TrialBalance), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn trial_balance(
    cx: Cx,
    Query(q): Query<TrialQuery>,
) -> Answer<Json<TrialBalance>> {
    cx.decide_all("ledger.read").await?;
    let (at, past) = (q.at.unwrap_or_else(|| cx.clock.now()), q.at.is_some());
    let accounts = cx
        .db
        .scan(move |tx| {
            let mut accounts = store::accounts(tx, None, None, "", u32::MAX)?;
            // The totals are those of this moment, and `verify` proves them: only a past moment
            // has to be added up.
            if past {
                as_they_were(tx, &mut accounts, at)?;
            }
            Ok(accounts)
        })
        .await
        .map_err(|e: DbError| Error::from(e))?;
    Ok(Json(trial(at, accounts)))
}

/// Puts the totals of a past moment into the accounts.
fn as_they_were(tx: &mut Tx<'_>, accounts: &mut [Account], at: Timestamp) -> Result<(), DbError> {
    let ids = store::identifiers(tx)?;
    let moved = store::moved(tx, None, at)?;
    let by_id: HashMap<&str, Moved> =
        moved.iter().filter_map(|(key, sum)| Some((ids.get(key)?.as_str(), *sum))).collect();
    for a in accounts {
        let id = a.id.to_string();
        let sums = by_id.get(id.as_str()).copied().unwrap_or_default();
        (a.debits_posted, a.credits_posted) = sums.totals()?;
    }
    Ok(())
}

fn trial(at: Timestamp, accounts: Vec<Account>) -> TrialBalance {
    let mut totals: BTreeMap<Asset, (i128, i128)> = BTreeMap::new();
    for a in &accounts {
        let total = totals.entry(a.asset).or_default();
        total.0 += i128::from(a.debits_posted);
        total.1 += i128::from(a.credits_posted);
    }
    let assets = totals
        .into_iter()
        .map(|(asset, (d, c))| TrialTotal {
            asset,
            debits: total(d, asset),
            credits: total(c, asset),
            difference: total(d - c, asset),
        })
        .collect();
    let accounts = accounts
        .into_iter()
        .map(|a| TrialLine {
            debits: Money::new(a.debits_posted, a.asset),
            credits: Money::new(a.credits_posted, a.asset),
            balance: a.balance(),
            purpose: a.purpose,
            account: Party { id: a.id, code: a.code, name: a.name },
        })
        .collect();
    TrialBalance { at, assets, accounts }
}

/// What no amount can hold is its end; the accounts below say more.
fn total(sum: i128, asset: Asset) -> Money {
    let end = if sum < 0 { i64::MIN } else { i64::MAX };
    Money::new(i64::try_from(sum).unwrap_or(end), asset)
}
