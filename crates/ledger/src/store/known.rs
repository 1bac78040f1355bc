//! What is known of transfers before a batch, and holds.

use kernel::Timestamp;
use platform::db::{DbError, Row, Tx, Value};
use platform::params;

use crate::model::{Action, Hold, HoldState, Known, Transfer, TransferId};

const KNOWN: &str = "select t.id, 1 as ok, t.action, t.pending_id, d.id as debit, \
    c.id as credit, t.amount, t.kind, t.offer_id, t.reference, t.at, h.expires_at, \
    t.actor, '' as content from ledger_transfers t \
    join ledger_accounts d on d.key = t.debit join ledger_accounts c on c.key = t.credit \
    left join ledger_holds h on h.transfer_id = t.id where t.id in ($list) \
    union all select f.id, 0, f.code, null, '', '', 0, '', null, '', f.at, null, '', f.digest \
    from ledger_failed f where f.id in ($list)";
const HOLDS: &str = "select transfer_id, state, expires_at, resolved_by from ledger_holds \
    where transfer_id in ($list)";
const INSERT_FAILED: &str = "insert into ledger_failed (id, code, digest, at) \
    values ($1, $2, $3, $4) on conflict (id) do nothing";
const ONE_EXPIRES: &str = "select at from seq where name = 'ledger_holds' for update";
const DUE_HOLDS: &str = "select h.expires_at, t.id, d.id as debit, c.id as credit, t.kind, \
    t.offer_id, t.reference from ledger_holds h join ledger_transfers t on t.id = h.transfer_id \
    join ledger_accounts d on d.key = t.debit join ledger_accounts c on c.key = t.credit \
    where h.state = 'open' and h.expires_at <= $1 \
    and (h.expires_at > $2 or (h.expires_at = $2 and h.transfer_id > $3)) \
    order by h.expires_at, h.transfer_id limit $4";

pub(crate) fn known(
    tx: &mut Tx<'_>,
    ids: &[TransferId],
) -> Result<Vec<(TransferId, Known)>, DbError> {
    let ids: Vec<Value> = ids.iter().map(|i| i.0.into()).collect();
    tx.query_in(KNOWN, &ids)?
        .iter()
        .map(|row| {
            let id: TransferId = row.parse("id")?;
            if row.flag("ok")? {
                return Ok((id, Known::Applied(known_transfer(row)?)));
            }
            let (code, content) = (row.text("action")?, row.text("content")?);
            Ok((id, Known::Failed { code, content }))
        })
        .collect()
}

pub(super) fn known_transfer(row: &Row) -> Result<Transfer, DbError> {
    Ok(Transfer {
        id: row.parse("id")?,
        action: action(row)?,
        debit: row.parse("debit")?,
        credit: row.parse("credit")?,
        amount: row.int("amount")?,
        kind: row.parse("kind")?,
        offer: row.opt_parse("offer_id")?,
        reference: row.text("reference")?,
        actor: row.text("actor")?,
        at: row.time("at")?,
    })
}

fn action(row: &Row) -> Result<Action, DbError> {
    let pending = || row.parse::<TransferId>("pending_id");
    Ok(match row.text("action")?.as_str() {
        "single" => Action::Single,
        "pending" => Action::Pending { expires_at: row.opt_time("expires_at")? },
        "post" => Action::Post { pending: pending()? },
        "void" => Action::Void { pending: pending()? },
        "expire" => Action::Expire { pending: pending()? },
        other => return Err(DbError::Type(format!("unknown ledger action '{other}'"))),
    })
}

pub(crate) fn holds(
    tx: &mut Tx<'_>,
    ids: &[TransferId],
) -> Result<Vec<(TransferId, Hold)>, DbError> {
    let ids: Vec<Value> = ids.iter().map(|i| i.0.into()).collect();
    tx.query_in(HOLDS, &ids)?
        .iter()
        .map(|row| {
            let hold = Hold {
                state: hold_state(&row.text("state")?)?,
                expires_at: row.opt_time("expires_at")?,
                resolved_by: row.opt_parse("resolved_by")?,
            };
            Ok((row.parse("transfer_id")?, hold))
        })
        .collect()
}

fn hold_state(text: &str) -> Result<HoldState, DbError> {
    [HoldState::Open, HoldState::Posted, HoldState::Voided, HoldState::Expired]
        .into_iter()
        .find(|s| s.as_str() == text)
        .ok_or_else(|| DbError::Type(format!("unknown hold state '{text}'")))
}

pub(crate) fn save_failed(
    tx: &mut Tx<'_>,
    id: TransferId,
    code: &str,
    content: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(INSERT_FAILED, params![id.0, code, content, at])?;
    Ok(())
}

/// Where a walk through holds that are over stands: the time and identifier of the last one.
pub(crate) type DueAt = (Timestamp, String);

/// Waits until no other process releases holds.
pub(crate) fn only_one_expires(tx: &mut Tx<'_>) -> Result<(), DbError> {
    tx.query(ONE_EXPIRES, &[]).map(drop)
}

/// Open holds whose time is over, behind `after`, as the transfers that would release them.
/// Each has the identifier of its hold until it is given its own.
pub(crate) fn due_holds(
    tx: &mut Tx<'_>,
    now: Timestamp,
    after: &DueAt,
    limit: u32,
) -> Result<Vec<(DueAt, Transfer)>, DbError> {
    tx.query(DUE_HOLDS, params![now, after.0, &after.1, limit])?
        .iter()
        .map(|row| {
            let pending: TransferId = row.parse("id")?;
            let t = Transfer {
                id: pending,
                action: Action::Expire { pending },
                debit: row.parse("debit")?,
                credit: row.parse("credit")?,
                amount: 0,
                kind: row.parse("kind")?,
                offer: row.opt_parse("offer_id")?,
                reference: row.text("reference")?,
                actor: kernel::Principal::system().name,
                at: now,
            };
            Ok(((row.time("expires_at")?, pending.to_string()), t))
        })
        .collect()
}
