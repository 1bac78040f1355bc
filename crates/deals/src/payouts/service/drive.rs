//! Driving a payout over its rail: send, read back, settle or release.

use std::sync::Arc;

use kernel::{Error, Timestamp};
use ledger::model::{Action, TransferId, TransferKind};
use platform::Cx;
use platform::db::Tx;
use platform::jobs::{self, NewJob, Outcome};

use super::super::model::{Attempt, Payout, PayoutId, PayoutStatus, next_look};
use super::super::rail::{Instruction, Rail, RailError, RailPayment, RailState};
use super::super::store;
use crate::creators;
use crate::offers::events::{Fact, emit};
use crate::offers::posting::{self, Movement};
use crate::offers::service::{go, lock as lock_offer};
use crate::offers::{Offer, Status, store as offers};

use super::evidence::{self, Books};
use super::{LOOK_MS, RECEIPT_JOB, load};

/// The job: takes a payout one look further. Safe to run again after a crash at any point, and
/// beside itself: a worker that stood still for longer than its lease is not alone.
///
/// # Errors
/// When the database fails; the job is tried again.
pub async fn drive(cx: &Cx, rail: &Arc<dyn Rail>, id: PayoutId) -> Result<Outcome, Error> {
    let (payout, mut attempt, instruction) = load_for_drive(cx, id).await?;
    let seen = match attempt.status {
        PayoutStatus::Requested => match send(cx, rail, &payout, &mut attempt, &instruction).await?
        {
            Some(answer) => answer,
            None => return Ok(overtaken(cx)),
        },
        // The process died after SENDING was stored, or the answer was lost: read it back with
        // the same key, and send again only when the rail never got it.
        PayoutStatus::Sending | PayoutStatus::Unknown => {
            match rail.read(&attempt.idempotency_key).await {
                Ok(None) => match send(cx, rail, &payout, &mut attempt, &instruction).await? {
                    Some(answer) => answer,
                    None => return Ok(overtaken(cx)),
                },
                other => other,
            }
        }
        PayoutStatus::Pending | PayoutStatus::AwaitingManualFunding => {
            rail.read(&attempt.idempotency_key).await
        }
        PayoutStatus::Paid
        | PayoutStatus::Failed
        | PayoutStatus::Returned
        | PayoutStatus::Cancelled => return Ok(Outcome::Done),
    };
    record(cx, &payout, &attempt, seen).await
}

/// Somebody else drives it: look what became of it.
fn overtaken(cx: &Cx) -> Outcome {
    Outcome::Again(cx.clock.now().plus_ms(LOOK_MS))
}

type Said = Result<Option<RailPayment>, RailError>;

/// Raises the fence, looks once more that nobody else did, and calls the rail; `None` when
/// somebody was faster. Between that look and the call a worker can still stand still: whatever
/// the rail then does is evidence, which [`record`] and the looks at finished attempts keep.
async fn send(
    cx: &Cx,
    rail: &Arc<dyn Rail>,
    payout: &Payout,
    attempt: &mut Attempt,
    instruction: &Instruction,
) -> Result<Option<Said>, Error> {
    if !mark(cx, payout, attempt).await? {
        return Ok(None);
    }
    attempt.fence += 1;
    if !is_mine(cx, payout.id, attempt).await? {
        return Ok(None);
    }
    Ok(Some(rail.send(instruction).await.map(Some)))
}

/// Whether the attempt is still the one that this worker marked.
async fn is_mine(cx: &Cx, id: PayoutId, attempt: &Attempt) -> Result<bool, Error> {
    let (number, fence) = (attempt.number, attempt.fence);
    cx.db
        .read(move |tx| {
            let (payout, newest) = (load(tx, id)?, newest_attempt(tx, id)?);
            let same = newest.number == number && newest.fence == fence;
            Ok(same && newest.status == PayoutStatus::Sending && !payout.status.is_over())
        })
        .await
}

pub(super) async fn load_for_drive(
    cx: &Cx,
    id: PayoutId,
) -> Result<(Payout, Attempt, Instruction), Error> {
    cx.db
        .read(move |tx| {
            let payout = load(tx, id)?;
            let attempt = newest_attempt(tx, id)?;
            let recipient = creators::service::recipient(tx, payout.recipient)?
                .ok_or_else(|| Error::internal("the recipient of an open payout was erased"))?;
            let instruction = Instruction {
                key: attempt.idempotency_key.clone(),
                amount: kernel::Money::new(payout.amount, payout.currency),
                holder_name: recipient.holder_name,
                account: recipient.account,
            };
            Ok((payout, attempt, instruction))
        })
        .await
}

pub(super) fn newest_attempt(tx: &mut Tx<'_>, id: PayoutId) -> Result<Attempt, Error> {
    store::attempts(tx, id)?.pop().ok_or_else(|| Error::internal("a payout without an attempt"))
}

/// Stores that the call is about to be made, before it is made. False when somebody else did.
async fn mark(cx: &Cx, payout: &Payout, attempt: &Attempt) -> Result<bool, Error> {
    let (id, offer, now, mine) = (payout.id, payout.offer, cx.clock.now(), attempt.clone());
    cx.db
        .write(move |tx| {
            // The offer first, as every step of a payout does.
            lock_offer(tx, offer)?;
            let mut payout = load(tx, id)?;
            let newest = newest_attempt(tx, id)?;
            let goes_on = newest.number == mine.number && newest.status == mine.status;
            if payout.status.is_over() || !goes_on || !store::raise_fence(tx, id, &mine, now)? {
                return Ok(false);
            }
            payout.status = PayoutStatus::Sending;
            payout.updated_at = now;
            store::update(tx, &payout)?;
            Ok(true)
        })
        .await
}

/// Stores what the rail said, with everything that follows from it. An answer that comes when
/// the payout is over is held against the books.
pub(super) async fn record(
    cx: &Cx,
    payout: &Payout,
    attempt: &Attempt,
    seen: Said,
) -> Result<Outcome, Error> {
    let (ctx, id, offer_id, now) = (cx.clone(), payout.id, payout.offer, cx.clock.now());
    let asked = attempt.number;
    cx.db
        .write(move |tx| {
            let mut offer = lock_offer(tx, offer_id)?;
            let mut payout = load(tx, id)?;
            let mut attempt = attempt_of(tx, id, asked)?;
            if payout.status.is_over() || newest_attempt(tx, id)?.number != asked {
                if let Ok(Some(payment)) = &seen {
                    let books = Books { offer: &offer, payout: &payout, attempt: &attempt };
                    evidence::overheard(tx, &ctx, &books, payment)?;
                }
                return Ok(Outcome::Done);
            }
            attempt.updated_at = now;
            payout.updated_at = now;
            let outcome = apply(tx, &ctx, &mut offer, &mut payout, &mut attempt, &seen)?;
            close_attempt(&mut attempt, payout.status, now);
            store::update_attempt(tx, id, &attempt)?;
            store::update(tx, &payout)?;
            offers::update(tx, &offer)?;
            Ok(outcome)
        })
        .await
}

/// The attempt stands where its payout does; one that is over is looked at again.
pub(super) fn close_attempt(attempt: &mut Attempt, status: PayoutStatus, now: Timestamp) {
    attempt.status = status;
    if status.is_over() && attempt.ended_at.is_none() {
        attempt.ended_at = Some(now);
        attempt.look_at = next_look(now, now);
    }
}

pub(super) fn attempt_of(tx: &mut Tx<'_>, id: PayoutId, number: i64) -> Result<Attempt, Error> {
    let found = store::attempts(tx, id)?.into_iter().find(|a| a.number == number);
    found.ok_or_else(|| Error::internal("an attempt that is not there"))
}

fn apply(
    tx: &mut Tx<'_>,
    cx: &Cx,
    offer: &mut Offer,
    payout: &mut Payout,
    attempt: &mut Attempt,
    seen: &Result<Option<RailPayment>, RailError>,
) -> Result<Outcome, Error> {
    let now = cx.clock.now();
    let payment = match seen {
        Ok(Some(payment)) => payment,
        // Only a reading of a PENDING payment can say "never got it": keep asking.
        Ok(None) => return Ok(unknown(payout, attempt, now, "the rail does not know the payment")),
        Err(RailError::Unknown { message }) => return Ok(unknown(payout, attempt, now, message)),
        Err(RailError::Refused { code, message }) => {
            attempt.error_message = Some(message.clone());
            fail(tx, cx, offer, payout, attempt, code)?;
            return Ok(Outcome::Done);
        }
    };
    attempt.rail_reference = Some(payment.reference.clone());
    if offer.status == Status::PayoutRequested && !matches!(payment.state, RailState::Failed { .. })
    {
        go(tx, cx, offer, Status::PayoutPending, None)?;
    }
    match &payment.state {
        RailState::Pending => {
            payout.status = PayoutStatus::Pending;
            Ok(Outcome::Again(now.plus_ms(LOOK_MS)))
        }
        RailState::Failed { code } => {
            fail(tx, cx, offer, payout, attempt, code)?;
            Ok(Outcome::Done)
        }
        // A return that overtakes our reading of "paid": book the payment first; the
        // reconciliation then sees the return.
        RailState::Paid | RailState::Returned { .. } => {
            settle(tx, cx, offer, payout, &payment.reference)?;
            Ok(Outcome::Done)
        }
    }
}

fn unknown(payout: &mut Payout, attempt: &mut Attempt, now: Timestamp, why: &str) -> Outcome {
    if payout.status != PayoutStatus::Pending {
        payout.status = PayoutStatus::Unknown;
    }
    attempt.error_code = Some("unknown".into());
    attempt.error_message = Some(why.to_owned());
    attempt.read_backs += 1;
    let wait = LOOK_MS.saturating_mul(1 << attempt.read_backs.clamp(0, 7));
    Outcome::Again(now.plus_ms(wait.min(60_000)))
}

/// Proven that no money left: the hold is voided.
pub(super) fn fail(
    tx: &mut Tx<'_>,
    cx: &Cx,
    offer: &mut Offer,
    payout: &mut Payout,
    attempt: &mut Attempt,
    code: &str,
) -> Result<(), Error> {
    let a = posting::accounts(tx, cx, offer, &payout.rail)?;
    let released = Movement {
        debit: a.payable,
        credit: a.cash,
        amount: 0,
        action: Action::Void { pending: TransferId(payout.hold) },
        kind: TransferKind::Payout,
        reference: code,
    };
    posting::post(tx, cx, offer, cx.clock.now(), &released)?;
    payout.status = PayoutStatus::Failed;
    payout.failure_reason = Some(code.to_owned());
    attempt.error_code = Some(code.to_owned());
    completed(tx, cx, offer, payout, Some(code.to_owned()))?;
    go(tx, cx, offer, Status::PayoutFailed, Some(code.to_owned()))
}

/// The money is out: the hold is posted and a receipt queued.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    cx: &Cx,
    offer: &mut Offer,
    payout: &mut Payout,
    reference: &str,
) -> Result<(), Error> {
    let now = cx.clock.now();
    let a = posting::accounts(tx, cx, offer, &payout.rail)?;
    let posted = Movement {
        debit: a.payable,
        credit: a.cash,
        amount: payout.amount,
        action: Action::Post { pending: TransferId(payout.hold) },
        kind: TransferKind::Payout,
        reference,
    };
    let transfer = posting::post(tx, cx, offer, now, &posted)?;
    payout.status = PayoutStatus::Paid;
    completed(tx, cx, offer, payout, None)?;
    go(tx, cx, offer, Status::PaidOut, None)?;
    let job = NewJob {
        kind: RECEIPT_JOB,
        key: payout.id.to_string(),
        payload: serde_json::json!({ "payout": payout.id, "transfer": transfer, "paid_at": now }),
        run_at: now,
        max_attempts: 20,
    };
    jobs::enqueue(tx, cx, &job)?;
    Ok(())
}

fn completed(
    tx: &mut Tx<'_>,
    cx: &Cx,
    offer: &mut Offer,
    payout: &Payout,
    failure: Option<String>,
) -> Result<(), Error> {
    let outcome = if failure.is_none() { "paid" } else { "failed" };
    metrics::counter!("payouts_total", "rail" => payout.rail.clone(), "outcome" => outcome)
        .increment(1);
    metrics::histogram!("payout_latency_seconds", "rail" => payout.rail.clone())
        .record(seconds(cx.clock.now().micros() - payout.created_at.micros()));
    let fact = Fact::PayoutCompleted {
        payout: payout.id.to_string(),
        amount: payout.amount,
        rail: payout.rail.clone(),
        failure,
    };
    emit(tx, cx, offer, &fact)
}

/// Microseconds as a metric wants them.
#[expect(clippy::cast_precision_loss, clippy::float_arithmetic, reason = "time, not money")]
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}
