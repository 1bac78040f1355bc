//! Every SQL text of the sandbox bank.

use kernel::Timestamp;
use platform::db::{DbError, Tx};
use platform::params;

use super::model::{Faults, Payment};

/// PostgreSQL only, where the bank shares a server with the house.
pub(super) const MAKE_SCHEMA: &str = "create schema if not exists sandbox_bank";
const FIND: &str = "select reference, digest, state, failure_code, returns, settles_at \
    from bank_transfers where key = $1 for update";
const INSERT: &str = "insert into bank_transfers (key, reference, digest, amount, currency, \
    account, state, failure_code, returns, accepted_at, settles_at) \
    values ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $9, $10)";
const MOVE: &str = "update bank_transfers set state = $2 where key = $1";
const FAULTS: &str = "select name, calls from bank_faults";
const SET_FAULT: &str = "insert into bank_faults (name, calls) values ($1, $2) \
    on conflict (name) do update set calls = excluded.calls";
const USE_FAULT: &str = "update bank_faults set calls = calls - 1 where name = $1 and calls > 0";
const PAID: &str = "select count(*) as n from bank_transfers where state in ('paid', 'returned')";

const PAYMENTS: &str = "select key, account, amount, currency, state from bank_transfers \
    order by accepted_at, key";

/// A payment as the bank keeps it.
pub(super) struct Kept {
    pub(super) reference: String,
    pub(super) digest: String,
    pub(super) state: String,
    pub(super) failure_code: Option<String>,
    pub(super) returns: bool,
    pub(super) settles_at: Timestamp,
}

pub(super) struct Fresh<'a> {
    pub(super) key: &'a str,
    pub(super) reference: &'a str,
    pub(super) digest: &'a str,
    pub(super) amount: kernel::Money,
    pub(super) account: &'a str,
    pub(super) failure: Option<&'static str>,
    pub(super) returns: bool,
    pub(super) now: Timestamp,
    pub(super) settles_at: Timestamp,
}

pub(super) fn find(tx: &mut Tx<'_>, key: &str) -> Result<Option<Kept>, DbError> {
    let Some(row) = tx.query_opt(FIND, params![key])? else { return Ok(None) };
    Ok(Some(Kept {
        reference: row.text("reference")?,
        digest: row.text("digest")?,
        state: row.text("state")?,
        failure_code: row.opt_text("failure_code")?,
        returns: row.flag("returns")?,
        settles_at: row.time("settles_at")?,
    }))
}

pub(super) fn insert(tx: &mut Tx<'_>, f: &Fresh<'_>) -> Result<(), DbError> {
    tx.execute(
        INSERT,
        params![
            f.key,
            f.reference,
            f.digest,
            f.amount.minor,
            f.amount.asset,
            f.account,
            f.failure,
            f.returns,
            f.now,
            f.settles_at
        ],
    )?;
    Ok(())
}

pub(super) fn move_to(tx: &mut Tx<'_>, key: &str, state: &str) -> Result<(), DbError> {
    tx.execute(MOVE, params![key, state])?;
    Ok(())
}

pub(super) fn faults(tx: &mut Tx<'_>) -> Result<Faults, DbError> {
    let mut faults = Faults::default();
    for row in tx.query(FAULTS, &[])? {
        let calls = row.int("calls")?;
        match row.text("name")?.as_str() {
            "timeout_before" => faults.timeout_before = calls,
            "timeout_after" => faults.timeout_after = calls,
            "server_error" => faults.server_error = calls,
            "refused" => faults.refused = calls,
            _ => faults.late_return = calls,
        }
    }
    Ok(faults)
}

pub(super) fn set_faults(tx: &mut Tx<'_>, f: Faults) -> Result<(), DbError> {
    for (name, calls) in [
        ("timeout_before", f.timeout_before),
        ("timeout_after", f.timeout_after),
        ("server_error", f.server_error),
        ("refused", f.refused),
        ("late_return", f.late_return),
    ] {
        tx.execute(SET_FAULT, params![name, calls])?;
    }
    Ok(())
}

/// Uses up one call of a fault; false when it is not switched on.
pub(super) fn use_fault(tx: &mut Tx<'_>, name: &str) -> Result<bool, DbError> {
    Ok(tx.execute(USE_FAULT, params![name])? == 1)
}

pub(super) fn payments(tx: &mut Tx<'_>) -> Result<Vec<Payment>, DbError> {
    tx.query(PAYMENTS, &[])?
        .iter()
        .map(|row| {
            Ok(Payment {
                key: row.text("key")?,
                account: row.text("account")?,
                amount: kernel::Money::new(row.int("amount")?, row.parse("currency")?),
                state: row.text("state")?,
            })
        })
        .collect()
}

pub(super) fn paid_count(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.query_one(PAID, &[])?.int("n")
}
