//! Every SQL text of payouts.

use kernel::Timestamp;
use platform::db::{DbError, Row, Tx};
use platform::params;

use super::model::{Attempt, Payout, PayoutId};
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
    where (cast($1 as text) is null or offer_id = $1) and id < $2 order by id desc limit $3";
const PAID: &str = "select id from payouts where status = 'PAID' and updated_at > $1 \
    order by updated_at limit 500";
const INSERT_ATTEMPT: &str = "insert into payouts_attempts (payout_id, number, rail, \
    idempotency_key, status, read_backs, started_at, updated_at) \
    values ($1, $2, $3, $4, $5, 0, $6, $6)";
const UPDATE_ATTEMPT: &str = "update payouts_attempts set status = $3, rail_reference = $4, \
    error_code = $5, error_message = $6, read_backs = $7, updated_at = $8 \
    where payout_id = $1 and number = $2";
const ATTEMPTS: &str = "select number, rail, idempotency_key, status, rail_reference, \
    error_code, error_message, read_backs, started_at, updated_at from payouts_attempts \
    where payout_id = $1 order by number";

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
    tx.query(LIST, params![offer.map(|o| o.0), before, limit])?.iter().map(payout).collect()
}

/// Payouts paid since a moment: a rail may still send the money back.
pub(crate) fn paid_since(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<PayoutId>, DbError> {
    tx.query(PAID, params![since])?.iter().map(|r| r.parse("id")).collect()
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
            a.updated_at
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
