//! How many deals stand where: counted with each step, never by reading them all.
//!
//! A deal counts in one of sixteen buckets by its number, so that deals that move at the same
//! moment seldom wait for each other's row. Amounts are kept in two parts, so that no sum of them
//! can overflow.

use std::collections::BTreeMap;

use kernel::Asset;
use platform::db::{DbError, Tx, Value};
use platform::params;

use super::super::model::{Offer, Status};

const ADD: &str = "insert into offers_counts (status, currency, bucket, offers, offered_high, \
    offered_low) values ($1, $2, $3, $4, $5, $6) on conflict (status, currency, bucket) \
    do update set offers = offers_counts.offers + excluded.offers, \
    offered_high = offers_counts.offered_high + excluded.offered_high, \
    offered_low = offers_counts.offered_low + excluded.offered_low";
const ALL: &str = "select status, currency, offers, offered_high, offered_low \
    from offers_counts order by status, currency, bucket";

const BUCKETS: i64 = 16;
const PART: i64 = 1_000_000_000;

/// Offers of one status and currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) status: Status,
    pub(crate) currency: Asset,
    pub(crate) count: i64,
    /// Minor units. What no `i64` can hold is its end.
    pub(crate) offered: i64,
}

/// Counts a new offer.
pub(super) fn add(tx: &mut Tx<'_>, o: &Offer) -> Result<(), DbError> {
    tx.execute(ADD, &row(o, o.status, 1, o.offered.unwrap_or(0))).map(drop)
}

/// Counts an offer where it stands now instead of where it stood when it was read.
pub(super) fn change(tx: &mut Tx<'_>, o: &Offer) -> Result<(), DbError> {
    let now = (o.status, o.offered.unwrap_or(0));
    let Some(before) = o.counted.filter(|before| *before != now) else { return Ok(()) };
    let mut rows = vec![row(o, before.0, -1, -before.1), row(o, now.0, 1, now.1)];
    // One order of locks for everybody.
    if before.0.as_str() > now.0.as_str() {
        rows.reverse();
    }
    tx.execute_many(ADD, &rows).map(drop)
}

fn row(o: &Offer, status: Status, count: i64, offered: i64) -> Vec<Value> {
    params![
        status.as_str(),
        o.currency,
        o.number.rem_euclid(BUCKETS),
        count,
        offered / PART,
        offered % PART
    ]
    .to_vec()
}

/// How many offers stand where, by status and currency.
pub(crate) fn stats(tx: &mut Tx<'_>) -> Result<Vec<Stat>, DbError> {
    let mut sums: BTreeMap<(String, Asset), (i64, i128)> = BTreeMap::new();
    for row in tx.query(ALL, &[])? {
        let sum = sums.entry((row.text("status")?, row.parse("currency")?)).or_default();
        sum.0 += row.int("offers")?;
        let high = i128::from(row.int("offered_high")?) * i128::from(PART);
        sum.1 += high + i128::from(row.int("offered_low")?);
    }
    sums.into_iter()
        .filter(|(_, (count, _))| *count != 0)
        .map(|((status, currency), (count, offered))| {
            let status = status.parse().map_err(|e: kernel::Error| DbError::Type(e.message))?;
            let offered = i64::try_from(offered).unwrap_or(i64::MAX);
            Ok(Stat { status, currency, count, offered })
        })
        .collect()
}
