//! Postings: what one large call did to one account, in one row.
//!
//! Whoever moves money of an account holds its lock until the commit, and takes the places
//! (`seq`) of its transfers meanwhile: so an account's postings never overlap.

use std::collections::HashMap;

use platform::db::{DbError, Row, Tx, Value};
use platform::params;

use super::accounts::AccountKey;
use super::transfers::NewRow;
use crate::model::Action;

const INSERT_POSTING: &str = "insert into ledger_postings (account, since, places, entries, \
    debits, credits) values ($1, $2, $3, $4, $5, $6)";
const BEFORE: &str = "select since, places from ledger_postings \
    where account = $1 and since < $2 order by since desc limit $3";
/// The postings of a call while its transfers are saved.
#[derive(Debug, Default)]
pub(super) struct Entered(HashMap<AccountKey, Posting>);

#[derive(Debug, Default)]
struct Posting {
    places: Vec<i64>,
    debits: i64,
    credits: i64,
}

impl Entered {
    /// Adds what a transfer moves.
    pub(super) fn add(&mut self, row: &NewRow<'_>) {
        let t = row.transfer;
        let moves = matches!(t.action, Action::Single | Action::Post { .. });
        let amount = if moves { t.amount } else { 0 };
        for (key, debits, credits) in [(row.debit, amount, 0), (row.credit, 0, amount)] {
            let posting = self.0.entry(key).or_default();
            posting.debits += debits;
            posting.credits += credits;
        }
    }

    /// Adds the place that a transfer was given to both of its accounts.
    pub(super) fn place(&mut self, accounts: [AccountKey; 2], seq: i64) {
        for key in accounts {
            if let Some(posting) = self.0.get_mut(&key) {
                posting.places.push(seq);
            }
        }
    }

    pub(super) fn save(self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let mut postings: Vec<_> = self.0.into_iter().collect();
        postings.sort_unstable_by_key(|(key, _)| *key);
        let rows: Vec<Vec<Value>> = postings.iter().map(|(key, p)| p.values(*key)).collect();
        tx.execute_many(INSERT_POSTING, &rows).map(drop)
    }
}

impl Posting {
    fn values(&self, key: AccountKey) -> Vec<Value> {
        let since = self.places.iter().copied().min().unwrap_or_default();
        let places: Vec<String> = self.places.iter().map(|p| (p - since).to_string()).collect();
        vec![
            key.0.into(),
            since.into(),
            places.join(",").into(),
            i64::try_from(self.places.len()).unwrap_or(i64::MAX).into(),
            self.debits.into(),
            self.credits.into(),
        ]
    }
}

/// Places are kept as differences to `since`.
fn places(row: &Row) -> Result<Vec<i64>, DbError> {
    let since = row.int("since")?;
    let text = row.text("places")?;
    let places = text.split(',').map(|p| p.parse::<i64>().map(|p| since + p));
    places.collect::<Result<_, _>>().map_err(|e| DbError::Type(format!("places '{text}': {e}")))
}

/// Places of the `limit` newest postings that begin before `before`; the newest of them may go
/// beyond it.
pub(super) fn before(
    tx: &mut Tx<'_>,
    account: AccountKey,
    before: i64,
    limit: u32,
) -> Result<Vec<i64>, DbError> {
    let rows = tx.query(BEFORE, params![account.0, before, limit])?;
    let all = rows.iter().map(places).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().flatten().collect())
}
