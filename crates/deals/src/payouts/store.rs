//! Every SQL text of payouts.

use kernel::Timestamp;
use platform::db::{DbError, Row, Tx};
use platform::params;

use super::model::{Attempt, Evidence, Payout, PayoutId};
use crate::offers::OfferId;

const INSERT: &str = "insert into payouts (id, offer_id, creator_id, recipient_id, amount, \
    currency, status, rail, hold_id, created_at, updated_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";
const UPDATE: &str = "update payouts set status = $2, rail = $3, failure_reason = $4, \
    updated_at = $5 where id = $1";
const ONE: &str = "select id, offer_id, creator_id, recipient_id, amount, currency, status, \
    rail, hold_id, failure_reason, created_at, updated_at from payouts where id = $1 for update";
const LIST: &str = "select id, offer_id, creator_id, recipient_id, amount, currency, status, \
    rail, hold_id, failure_reason, created_at, updated_at from payouts \
    where id < $1 order by id desc limit $2";
const OF_OFFER: &str = "select id, offer_id, creator_id, recipient_id, amount, currency, status, \
    rail, hold_id, failure_reason, created_at, updated_at from payouts \
    where id < $1 and offer_id = $3 order by id desc limit $2";
const DUE: &str = "select payout_id, number from payouts_attempts \
    where rail = $1 and look_at <= $2 order by look_at, payout_id, number limit $3";
const SOON: &str = "update payouts_attempts set look_at = $3 where payout_id = $1 and number = $2";
const FENCE: &str = "update payouts_attempts set fence = fence + 1, status = 'SENDING', \
    updated_at = $4 where payout_id = $1 and number = $2 and fence = $3";
const OPEN: &str = "select count(*) as n, min(started_at) as oldest from payouts_attempts \
    where status in ('SENDING', 'UNKNOWN')";
const SAVE_EVIDENCE: &str = "insert into payouts_evidence (payout_id, number, state, \
    rail_reference, seen_at, transfer_id) values ($1, $2, $3, $4, $5, $6) \
    on conflict (payout_id, number, state, rail_reference) \
    do update set transfer_id = excluded.transfer_id";
const EVIDENCE: &str = "select number, state, rail_reference, seen_at, transfer_id \
    from payouts_evidence where payout_id = $1 order by number, state, rail_reference";
const UNSCHEDULED: &str = "select a.payout_id, a.number, a.updated_at from payouts_attempts a \
    where a.payout_id > $1 and a.number = 1 and a.status in ('PAID', 'FAILED') \
    and a.look_at is null and a.ended_at is null order by a.payout_id limit $2";
const SCHEDULE: &str = "update payouts_attempts set look_at = $3, ended_at = $3 \
    where payout_id = $1 and number = $2";
const INSERT_ATTEMPT: &str = "insert into payouts_attempts (payout_id, number, rail, \
    idempotency_key, status, read_backs, started_at, updated_at) \
    values ($1, $2, $3, $4, $5, 0, $6, $6)";
const UPDATE_ATTEMPT: &str = "update payouts_attempts set status = $3, rail_reference = $4, \
    error_code = $5, error_message = $6, read_backs = $7, updated_at = $8, look_at = $9, \
    ended_at = $10 where payout_id = $1 and number = $2";
const ATTEMPTS: &str = "select number, rail, idempotency_key, status, rail_reference, \
    error_code, error_message, read_backs, fence, look_at, ended_at, started_at, updated_at \
    from payouts_attempts where payout_id = $1 order by number";

pub(crate) fn insert(tx: &mut Tx<'_>, p: &Payout) -> Result<(), DbError> {
    tx.execute(
        INSERT,
        params![
            p.id.0,
            p.offer.0,
            p.creator.0,
            p.recipient.0,
            p.amount,
            p.currency,
            p.status.as_str(),
            &p.rail,
            p.hold,
            p.created_at
        ],
    )?;
    Ok(())
}

pub(crate) fn update(tx: &mut Tx<'_>, p: &Payout) -> Result<(), DbError> {
    tx.execute(
        UPDATE,
        params![p.id.0, p.status.as_str(), &p.rail, p.failure_reason.clone(), p.updated_at],
    )?;
    Ok(())
}

pub(crate) fn find(tx: &mut Tx<'_>, id: PayoutId) -> Result<Option<Payout>, DbError> {
    tx.query_opt(ONE, params![id.0])?.as_ref().map(payout).transpose()
}

pub(crate) fn list(
    tx: &mut Tx<'_>,
    offer: Option<OfferId>,
    before: &str,
    limit: u32,
) -> Result<Vec<Payout>, DbError> {
    let rows = match offer {
        Some(offer) => tx.query(OF_OFFER, params![before, limit, offer.0])?,
        None => tx.query(LIST, params![before, limit])?,
    };
    rows.iter().map(payout).collect()
}

/// Attempts at a rail that it should be asked about again: the most overdue first.
pub(crate) fn due(
    tx: &mut Tx<'_>,
    rail: &str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(PayoutId, i64)>, DbError> {
    let rows = tx.query(DUE, params![rail, now, limit])?;
    rows.iter().map(|r| Ok((r.parse("payout_id")?, r.int("number")?))).collect()
}

/// Sets the time of the next look.
pub(crate) fn look_at(
    tx: &mut Tx<'_>,
    id: PayoutId,
    number: i64,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(SOON, params![id.0, number, at]).map(drop)
}

/// Raises the fence of an attempt; false when somebody else did meanwhile.
pub(crate) fn raise_fence(
    tx: &mut Tx<'_>,
    id: PayoutId,
    a: &Attempt,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.execute(FENCE, params![id.0, a.number, a.fence, now])? == 1)
}

/// How many outcomes are not known, and since when the oldest is not.
pub(crate) fn unknown(tx: &mut Tx<'_>) -> Result<(i64, Option<Timestamp>), DbError> {
    let row = tx.query_one(OPEN, &[])?;
    Ok((row.int("n")?, row.opt_time("oldest")?))
}

/// Keeps what a rail said against the books; seen again, only what was booked for it changes.
pub(crate) fn save_evidence(tx: &mut Tx<'_>, id: PayoutId, e: &Evidence) -> Result<(), DbError> {
    let row = params![id.0, e.number, &e.state, &e.rail_reference, e.seen_at, e.transfer];
    tx.execute(SAVE_EVIDENCE, row).map(drop)
}

pub(crate) fn evidence(tx: &mut Tx<'_>, id: PayoutId) -> Result<Vec<Evidence>, DbError> {
    tx.query(EVIDENCE, params![id.0])?
        .iter()
        .map(|row| {
            Ok(Evidence {
                number: row.int("number")?,
                state: row.text("state")?,
                rail_reference: row.text("rail_reference")?,
                seen_at: row.time("seen_at")?,
                transfer: row.opt_parse("transfer_id")?,
            })
        })
        .collect()
}

/// Gives a look to attempts from before there were any; behind `after`, at most `limit`.
pub(crate) fn schedule(
    tx: &mut Tx<'_>,
    after: &str,
    limit: u32,
) -> Result<Option<(String, i64)>, DbError> {
    let rows = tx.query(UNSCHEDULED, params![after, limit])?;
    let Some(last) = rows.last() else { return Ok(None) };
    let next = (last.text("payout_id")?, i64::try_from(rows.len()).unwrap_or(0));
    for row in &rows {
        let due = params![row.text("payout_id")?, row.int("number")?, row.int("updated_at")?];
        tx.execute(SCHEDULE, due)?;
    }
    Ok(Some(next))
}

pub(crate) fn insert_attempt(
    tx: &mut Tx<'_>,
    payout: PayoutId,
    a: &Attempt,
) -> Result<(), DbError> {
    tx.execute(
        INSERT_ATTEMPT,
        params![payout.0, a.number, &a.rail, &a.idempotency_key, a.status.as_str(), a.started_at],
    )?;
    Ok(())
}

pub(crate) fn update_attempt(
    tx: &mut Tx<'_>,
    payout: PayoutId,
    a: &Attempt,
) -> Result<(), DbError> {
    tx.execute(
        UPDATE_ATTEMPT,
        params![
            payout.0,
            a.number,
            a.status.as_str(),
            a.rail_reference.clone(),
            a.error_code.clone(),
            a.error_message.clone(),
            a.read_backs,
            a.updated_at,
            a.look_at,
            a.ended_at
        ],
    )?;
    Ok(())
}

pub(crate) fn attempts(tx: &mut Tx<'_>, payout: PayoutId) -> Result<Vec<Attempt>, DbError> {
    tx.query(ATTEMPTS, params![payout.0])?.iter().map(attempt).collect()
}

fn attempt(row: &Row) -> Result<Attempt, DbError> {
    Ok(Attempt {
        number: row.int("number")?,
        rail: row.text("rail")?,
        idempotency_key: row.text("idempotency_key")?,
        status: row.parse("status")?,
        rail_reference: row.opt_text("rail_reference")?,
        error_code: row.opt_text("error_code")?,
        error_message: row.opt_text("error_message")?,
        read_backs: row.int("read_backs")?,
        fence: row.int("fence")?,
        look_at: row.opt_time("look_at")?,
        ended_at: row.opt_time("ended_at")?,
        started_at: row.time("started_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn payout(row: &Row) -> Result<Payout, DbError> {
    Ok(Payout {
        id: row.parse("id")?,
        offer: row.parse("offer_id")?,
        creator: row.parse("creator_id")?,
        recipient: row.parse("recipient_id")?,
        amount: row.int("amount")?,
        currency: row.parse("currency")?,
        status: row.parse("status")?,
        rail: row.text("rail")?,
        hold: row.parse("hold_id")?,
        failure_reason: row.opt_text("failure_reason")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
