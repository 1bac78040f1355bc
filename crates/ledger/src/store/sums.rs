//! Sums over transfers: balances at a moment, the trial balance, what verification compares.

use kernel::Timestamp;
use platform::db::{DbError, Tx, Value};
use platform::params;

use super::{accounts, postings};
use crate::model::AccountId;

const MOVED: &str = "select cast(coalesce((select sum(amount) from ledger_transfers \
      where debit = $1 and bulk = 0 and at <= $2 and action in ('single', 'post')), 0) \
      as bigint) as debits, \
    cast(coalesce((select sum(amount) from ledger_transfers \
      where credit = $1 and bulk = 0 and at <= $2 and action in ('single', 'post')), 0) \
      as bigint) as credits";
const MOVED_AT: &str = "select debit, amount, at from ledger_transfers where seq in ($list) \
    and action in ('single', 'post')";
// These two replay every transfer there is, on purpose: one walk through the table for each
// side is the cheapest way to do that.
const ALL_MOVED: &str = "select a.id, cast(coalesce(d.moved, 0) as bigint) as debits, \
    cast(coalesce(c.moved, 0) as bigint) as credits from ledger_accounts a \
    left join (select debit, sum(amount) as moved from ledger_transfers \
      where at <= $1 and action in ('single', 'post') group by debit) as d on d.debit = a.key \
    left join (select credit, sum(amount) as moved from ledger_transfers \
      where at <= $1 and action in ('single', 'post') group by credit) as c \
      on c.credit = a.key order by a.code";
const DISAGREEING: &str = "select a.code from ledger_accounts a \
    left join (select account, sum(entries) as entries, sum(debits) as debits, \
      sum(credits) as credits from ledger_postings group by account) as p \
      on p.account = a.key \
    left join (select debit, count(*) as entries, \
      sum(case when action in ('single', 'post') then amount else 0 end) as moved \
      from ledger_transfers where bulk = 1 group by debit) as d on d.debit = a.key \
    left join (select credit, count(*) as entries, \
      sum(case when action in ('single', 'post') then amount else 0 end) as moved \
      from ledger_transfers where bulk = 1 group by credit) as c on c.credit = a.key \
    where coalesce(p.entries, 0) <> coalesce(d.entries, 0) + coalesce(c.entries, 0) \
    or coalesce(p.debits, 0) <> coalesce(d.moved, 0) \
    or coalesce(p.credits, 0) <> coalesce(c.moved, 0)";
const OPEN_HELD: &str = "select cast(sum(t.amount) as bigint) as held, a.id as account, \
    1 as side from ledger_holds h join ledger_transfers t on t.id = h.transfer_id \
    join ledger_accounts a on a.key = t.debit where h.state = 'open' group by a.id \
    union all select cast(sum(t.amount) as bigint), a.id, 2 from ledger_holds h \
    join ledger_transfers t on t.id = h.transfer_id \
    join ledger_accounts a on a.key = t.credit where h.state = 'open' group by a.id";

/// Debits and credits posted to an account up to a moment.
pub(crate) fn moved(
    tx: &mut Tx<'_>,
    account: AccountId,
    at: Timestamp,
) -> Result<(i64, i64), DbError> {
    let Some(key) = accounts::key(tx, account)? else { return Ok((0, 0)) };
    let row = tx.query_one(MOVED, params![key.0, at])?;
    let over = postings::over(tx, key, at)?;
    let (mut debits, mut credits) = (row.int("debits")? + over.0, row.int("credits")? + over.1);
    let places = postings::under_way(tx, key, at)?.into_iter().map(Value::from);
    for row in tx.query_in(MOVED_AT, &places.collect::<Vec<_>>())? {
        if row.time("at")? <= at {
            let side = if row.int("debit")? == key.0 { &mut debits } else { &mut credits };
            *side += row.int("amount")?;
        }
    }
    Ok((debits, credits))
}

/// Debits and credits posted to every account up to a moment, replayed from the transfers.
pub(crate) fn all_moved(
    tx: &mut Tx<'_>,
    at: Timestamp,
) -> Result<Vec<(AccountId, i64, i64)>, DbError> {
    tx.query(ALL_MOVED, params![at])?
        .iter()
        .map(|r| Ok((r.parse("id")?, r.int("debits")?, r.int("credits")?)))
        .collect()
}

/// An account whose postings are not the sum of the transfers of large calls, if there is one.
pub(crate) fn disagreeing(tx: &mut Tx<'_>) -> Result<Option<String>, DbError> {
    tx.query_opt(DISAGREEING, &[])?.map(|row| row.text("code")).transpose()
}

/// What open holds keep on each account: (account, is debit side, minor units).
pub(crate) fn open_held(tx: &mut Tx<'_>) -> Result<Vec<(AccountId, bool, i64)>, DbError> {
    tx.query(OPEN_HELD, &[])?
        .iter()
        .map(|r| Ok((r.parse("account")?, r.int("side")? == 1, r.int("held")?)))
        .collect()
}
