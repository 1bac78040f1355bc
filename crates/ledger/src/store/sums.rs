//! Sums over transfers: balances at a moment, the trial balance, what verification compares.
//!
//! A past moment is not replayed: `ledger_days` holds what each account moved on each day, up to
//! a sealed position; the day of the moment itself and what was booked since come from the
//! transfers. Sums come in two parts, so that none of them can overflow in the database.

use std::collections::BTreeMap;

use kernel::Timestamp;
use platform::db::{DbError, Row, Tx, Value};
use platform::params;

use super::accounts::AccountKey;

const DAY_MICROS: i64 = 86_400_000_000;
/// What the parts of a sum are divided by.
const PART: i128 = 1_000_000_000;

const CLOSED: &str = "select at from seq where name = 'ledger_days'";
const LOCK_CLOSED: &str = "select at from seq where name = 'ledger_days' for update";
const SEALED: &str = "select at from seq where name = 'ledger'";
const SAVE_CLOSED: &str = "update seq set at = $1 where name = 'ledger_days'";
const PLACED: &str = "select debit, credit, amount, at from ledger_transfers \
    where pos > $1 and pos <= $2 and action in ('single', 'post')";
const ADD_DAY: &str = "insert into ledger_days (account, day, debits, credits) \
    values ($1, $2, $3, $4) on conflict (account, day) do update set \
    debits = ledger_days.debits + excluded.debits, \
    credits = ledger_days.credits + excluded.credits";
const DAYS: &str = "select account, cast(sum(debits / 1000000000) as bigint) as debits_high, \
    cast(sum(debits % 1000000000) as bigint) as debits_low, \
    cast(sum(credits / 1000000000) as bigint) as credits_high, \
    cast(sum(credits % 1000000000) as bigint) as credits_low \
    from ledger_days where day < $1 group by account";
const DAYS_OF: &str = "select account, cast(sum(debits / 1000000000) as bigint) as debits_high, \
    cast(sum(debits % 1000000000) as bigint) as debits_low, \
    cast(sum(credits / 1000000000) as bigint) as credits_high, \
    cast(sum(credits % 1000000000) as bigint) as credits_low \
    from ledger_days where account = $1 and day < $2 group by account";
const OF_DAY: &str = "select debit, credit, amount from ledger_transfers \
    where at >= $1 and at <= $2 and pos <= $3 and action in ('single', 'post')";
const SINCE_CLOSED: &str = "select debit, credit, amount from ledger_transfers \
    where pos > $1 and at <= $2 and action in ('single', 'post')";
const UNSEALED: &str = "select debit, credit, amount from ledger_transfers \
    where pos is null and at <= $1 and action in ('single', 'post')";
const POSTED: &str = "select a.id as account, \
    cast(sum(p.entries) as bigint) as entries, \
    cast(sum(p.debits / 1000000000) as bigint) as debits_high, \
    cast(sum(p.debits % 1000000000) as bigint) as debits_low, \
    cast(sum(p.credits / 1000000000) as bigint) as credits_high, \
    cast(sum(p.credits % 1000000000) as bigint) as credits_low \
    from ledger_postings p join ledger_accounts a on a.key = p.account group by a.id";
const KEYS: &str = "select key, id from ledger_accounts";
const OPEN: &str = "select transfer_id from ledger_holds where state = 'open'";
const TAIL: &str = "select t.id, t.action, t.pending_id, d.id as debit, c.id as credit, \
    t.amount, t.bulk from ledger_transfers t \
    join ledger_accounts d on d.key = t.debit join ledger_accounts c on c.key = t.credit \
    where t.pos > $1 union all \
    select t.id, t.action, t.pending_id, d.id as debit, c.id as credit, \
    t.amount, t.bulk from ledger_transfers t \
    join ledger_accounts d on d.key = t.debit join ledger_accounts c on c.key = t.credit \
    where t.pos is null";

/// Debits and credits of an account, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) debits: i128,
    pub(crate) credits: i128,
}

impl Moved {
    /// The two parts of each sum, put together.
    fn read(row: &Row) -> Result<Self, DbError> {
        let whole = |high: &str, low: &str| {
            Ok::<_, DbError>(i128::from(row.int(high)?) * PART + i128::from(row.int(low)?))
        };
        Ok(Self {
            debits: whole("debits_high", "debits_low")?,
            credits: whole("credits_high", "credits_low")?,
        })
    }

    /// As totals of an account.
    ///
    /// # Errors
    /// When they do not fit, which the limit of totals forbids.
    pub(crate) fn totals(self) -> Result<(i64, i64), DbError> {
        let fit = |sum: i128| i64::try_from(sum).map_err(|_| DbError::Type(format!("sum {sum}")));
        Ok((fit(self.debits)?, fit(self.credits)?))
    }
}

/// What every account moved, by its key.
pub(crate) type AllMoved = BTreeMap<AccountKey, Moved>;

/// Puts the next piece of sealed transfers into the sums of their days; answers how many
/// positions it went on. One process does so at a time.
pub(crate) fn close_days(tx: &mut Tx<'_>, piece: i64) -> Result<i64, DbError> {
    let closed = tx.query_one(LOCK_CLOSED, &[])?.int("at")?;
    let upto = tx.query_one(SEALED, &[])?.int("at")?.min(closed.saturating_add(piece));
    if upto <= closed {
        return Ok(0);
    }
    let mut days: BTreeMap<(i64, i64), (i64, i64)> = BTreeMap::new();
    for row in tx.query(PLACED, params![closed, upto])? {
        let (amount, day) = (row.int("amount")?, row.int("at")?.div_euclid(DAY_MICROS));
        days.entry((row.int("debit")?, day)).or_default().0 += amount;
        days.entry((row.int("credit")?, day)).or_default().1 += amount;
    }
    let rows: Vec<Vec<Value>> = days
        .into_iter()
        .map(|((account, day), (debits, credits))| params![account, day, debits, credits].to_vec())
        .collect();
    tx.execute_many(ADD_DAY, &rows)?;
    tx.execute(SAVE_CLOSED, params![upto])?;
    Ok(upto - closed)
}

/// Debits and credits posted up to a moment: of every account that moved, or of one.
pub(crate) fn moved(
    tx: &mut Tx<'_>,
    only: Option<AccountKey>,
    at: Timestamp,
) -> Result<AllMoved, DbError> {
    let closed = tx.query_one(CLOSED, &[])?.int("at")?;
    let day = at.micros().div_euclid(DAY_MICROS);
    let days = match only {
        Some(key) => tx.query(DAYS_OF, params![key.0, day])?,
        None => tx.query(DAYS, params![day])?,
    };
    let mut all = AllMoved::new();
    for row in &days {
        all.insert(AccountKey(row.int("account")?), Moved::read(row)?);
    }
    let begins = day.saturating_mul(DAY_MICROS);
    let mut rows = tx.query(OF_DAY, params![begins, at, closed])?;
    rows.extend(tx.query(SINCE_CLOSED, params![closed, at])?);
    rows.extend(tx.query(UNSEALED, params![at])?);
    for row in rows {
        let amount = i128::from(row.int("amount")?);
        let (debit, credit) = (AccountKey(row.int("debit")?), AccountKey(row.int("credit")?));
        if only.is_none_or(|key| key == debit) {
            all.entry(debit).or_default().debits += amount;
        }
        if only.is_none_or(|key| key == credit) {
            all.entry(credit).or_default().credits += amount;
        }
    }
    Ok(all)
}

/// Sums of postings by account: entries, and what they moved.
pub(crate) fn posted(tx: &mut Tx<'_>) -> Result<Vec<(String, i64, Moved)>, DbError> {
    let rows = tx.query(POSTED, &[])?;
    let read = |r: &Row| Ok((r.text("account")?, r.int("entries")?, Moved::read(r)?));
    rows.iter().map(read).collect()
}

/// Identifiers of accounts by their keys.
pub(crate) fn identifiers(tx: &mut Tx<'_>) -> Result<BTreeMap<AccountKey, String>, DbError> {
    let rows = tx.query(KEYS, &[])?;
    rows.iter().map(|r| Ok((AccountKey(r.int("key")?), r.text("id")?))).collect()
}

/// Holds that the table calls open.
pub(crate) fn open_holds(tx: &mut Tx<'_>) -> Result<Vec<String>, DbError> {
    tx.query(OPEN, &[])?.iter().map(|r| r.text("transfer_id")).collect()
}

/// Transfers behind a sealed position, sealed since or not yet, in no order.
pub(crate) fn behind(tx: &mut Tx<'_>, position: i64) -> Result<Vec<Row>, DbError> {
    tx.query(TAIL, params![position])
}
