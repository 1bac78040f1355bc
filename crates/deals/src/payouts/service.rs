//! Use cases of payouts: request, drive over a rail, read back, settle, reconcile.
//!
//! The hold commits with PAYOUT_REQUESTED, the posting with PAID_OUT; the rail call lies
//! between them, outside any transaction, under a key that is stored before the first call.

use std::sync::Arc;

use kernel::page::{Cursor, Page};
use kernel::{Error, Timestamp};
use ledger::model::{Action, TransferId, TransferKind};
use platform::audit::{self, Entry};
use platform::db::{DbError, Tx};
use platform::jobs::{self, NewJob, Outcome};
use platform::{Cx, idempotency};

use super::model::{Attempt, Payout, PayoutId, PayoutStatus, idempotency_key};
use super::rail::{Instruction, Rail, RailError, RailPayment, RailState};
use super::store;
use crate::creators;
use crate::documents::{self, HouseName, Payment};
use crate::offers::events::{Fact, emit};
use crate::offers::posting::{self, Movement};
use crate::offers::service::{go, load as load_offer, lock as lock_offer};
use crate::offers::{Document, Offer, OfferId, Status, store as offers};

/// Kind of the job that drives a payout.
pub const DRIVE_JOB: &str = "deals.payout";
/// Kind of the job that makes a receipt.
pub const RECEIPT_JOB: &str = "deals.receipt";
/// Between two looks at a payout that the rail has.
const LOOK_MS: i64 = 500;
/// Days in which money may still come back.
const RETURN_DAYS: i64 = 30;

/// Requests the payout of an accepted offer: holds the funds and queues the rail call.
///
/// # Errors
/// `offer_not_payable` with the status, `recipient_missing`, `insufficient_funds`,
/// `idempotency_key_reused`.
pub async fn request(cx: &Cx, rail: &'static str, id: OfferId, key: &str) -> Result<Payout, Error> {
    cx.decide("payouts.request").await?;
    let scope = format!("payouts.request/{}", cx.principal.name);
    let key = idempotency::Key::try_new(scope, key, &id)?;
    let (ctx, now) = (cx.clone(), cx.clock.now());
    let payout_id = PayoutId::new(&*cx.ids);
    cx.db
        .write(move |tx| {
            let mut offer = lock_offer(tx, id)?;
            if let Some(before) = idempotency::find::<PayoutId>(tx, &key)? {
                return load(tx, before);
            }
            check_payable(&offer)?;
            let payout = open(tx, &ctx, &mut offer, payout_id, rail, now)?;
            idempotency::save(tx, &key, &payout.id, now)?;
            Ok(payout)
        })
        .await
}

fn check_payable(offer: &Offer) -> Result<(), Error> {
    if offer.status.next().contains(&Status::PayoutRequested) {
        return Ok(());
    }
    Err(Error::conflict(
        "offer_not_payable",
        format!("the offer is {}; only an accepted offer can be paid", offer.status),
    )
    .with("status", offer.status.as_str()))
}

fn open(
    tx: &mut Tx<'_>,
    cx: &Cx,
    offer: &mut Offer,
    id: PayoutId,
    rail: &str,
    now: Timestamp,
) -> Result<Payout, Error> {
    let creator = creators::service::load(tx, offer.creator)?;
    let recipient = creator.recipient.ok_or_else(|| {
        Error::conflict("recipient_missing", "say first where the creator's money goes")
    })?;
    let amount = offer
        .acceptance
        .as_ref()
        .map(|a| a.amount.minor)
        .ok_or_else(|| Error::internal("an accepted offer without an acceptance"))?;
    let a = posting::accounts(tx, cx, offer, rail)?;
    if offer.status == Status::Returned {
        // The returned money lies in suspense; it is owed to the creator again.
        let owed = Movement {
            debit: a.suspense,
            credit: a.payable,
            amount,
            action: Action::Single,
            kind: TransferKind::Adjustment,
            reference: "paid again",
        };
        posting::post(tx, cx, offer, now, &owed)?;
    }
    let held = Movement {
        debit: a.payable,
        credit: a.cash,
        amount,
        action: Action::Pending { expires_at: None },
        kind: TransferKind::Payout,
        reference: "payout",
    };
    let hold = posting::post(tx, cx, offer, now, &held)?;
    let payout = Payout {
        id,
        offer: offer.id,
        creator: offer.creator,
        recipient: recipient.id,
        amount,
        currency: offer.currency,
        status: PayoutStatus::Requested,
        rail: rail.to_owned(),
        hold: hold.0,
        failure_reason: None,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, &payout)?;
    store::insert_attempt(tx, id, &first_attempt(id, rail, now))?;
    offer.payout = Some(id.0);
    let fact = Fact::PayoutRequested {
        payout: id.to_string(),
        amount,
        rail: rail.to_owned(),
        recipient: recipient.id.to_string(),
    };
    emit(tx, cx, offer, &fact)?;
    go(tx, cx, offer, Status::PayoutRequested, None)?;
    offers::update(tx, offer)?;
    jobs::enqueue(tx, cx, &drive_job(id, now))?;
    let entry = Entry {
        action: "payouts.request",
        subject: format!("payout/{id}"),
        details: serde_json::json!({ "offer": offer.id, "amount": offer.money(amount),
            "recipient": recipient.id }),
    };
    audit::append(tx, cx, now, &entry)?;
    Ok(payout)
}

fn first_attempt(id: PayoutId, rail: &str, now: Timestamp) -> Attempt {
    Attempt {
        number: 1,
        rail: rail.to_owned(),
        idempotency_key: idempotency_key(id, rail, 1),
        status: PayoutStatus::Requested,
        rail_reference: None,
        error_code: None,
        error_message: None,
        read_backs: 0,
        started_at: now,
        updated_at: now,
    }
}

fn drive_job(id: PayoutId, now: Timestamp) -> NewJob {
    NewJob {
        kind: DRIVE_JOB,
        key: id.to_string(),
        payload: serde_json::json!({ "payout": id }),
        run_at: now,
        // A payout is never given up by counting: its outcome must become known.
        max_attempts: i64::MAX,
    }
}

/// The job: takes a payout one look further. Safe to run again after a crash at any point.
///
/// # Errors
/// When the database fails; the job is tried again.
pub async fn drive(cx: &Cx, rail: &Arc<dyn Rail>, id: PayoutId) -> Result<Outcome, Error> {
    let (payout, attempt, instruction) = load_for_drive(cx, id).await?;
    let seen = match attempt.status {
        PayoutStatus::Requested => {
            mark(cx, id, PayoutStatus::Sending).await?;
            rail.send(&instruction).await.map(Some)
        }
        // The process died after SENDING was stored, or the answer was lost: read it back with
        // the same key, and send again only when the rail never got it.
        PayoutStatus::Sending | PayoutStatus::Unknown => {
            match rail.read(&attempt.idempotency_key).await {
                Ok(None) => rail.send(&instruction).await.map(Some),
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
    record(cx, &payout, attempt, seen).await
}

async fn load_for_drive(cx: &Cx, id: PayoutId) -> Result<(Payout, Attempt, Instruction), Error> {
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

fn newest_attempt(tx: &mut Tx<'_>, id: PayoutId) -> Result<Attempt, Error> {
    store::attempts(tx, id)?.pop().ok_or_else(|| Error::internal("a payout without an attempt"))
}

/// Stores that the call is about to be made, before it is made.
async fn mark(cx: &Cx, id: PayoutId, status: PayoutStatus) -> Result<(), Error> {
    let now = cx.clock.now();
    cx.db
        .write(move |tx| {
            let mut payout = load(tx, id)?;
            let mut attempt = newest_attempt(tx, id)?;
            payout.status = status;
            payout.updated_at = now;
            attempt.status = status;
            attempt.updated_at = now;
            store::update(tx, &payout)?;
            Ok(store::update_attempt(tx, id, &attempt)?)
        })
        .await
}

/// Stores what the rail said, with everything that follows from it.
async fn record(
    cx: &Cx,
    payout: &Payout,
    attempt: Attempt,
    seen: Result<Option<RailPayment>, RailError>,
) -> Result<Outcome, Error> {
    let (ctx, id, offer_id, now) = (cx.clone(), payout.id, payout.offer, cx.clock.now());
    cx.db
        .write(move |tx| {
            let mut offer = lock_offer(tx, offer_id)?;
            let mut payout = load(tx, id)?;
            let mut attempt = attempt.clone();
            attempt.updated_at = now;
            payout.updated_at = now;
            let outcome = apply(tx, &ctx, &mut offer, &mut payout, &mut attempt, &seen)?;
            attempt.status = payout.status;
            store::update_attempt(tx, id, &attempt)?;
            store::update(tx, &payout)?;
            offers::update(tx, &offer)?;
            Ok(outcome)
        })
        .await
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
fn fail(
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
fn settle(
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
    let fact = Fact::PayoutCompleted {
        payout: payout.id.to_string(),
        amount: payout.amount,
        rail: payout.rail.clone(),
        failure,
    };
    emit(tx, cx, offer, &fact)
}

/// The job: typesets the receipt and closes the deal.
///
/// # Errors
/// When something broke; the job is tried again.
pub async fn make_receipt(
    cx: &Cx,
    house: &HouseName,
    id: PayoutId,
    transfer: TransferId,
    paid_at: Timestamp,
) -> Result<(), Error> {
    let (payout, attempt, offer, creator, recipient) = cx
        .db
        .read(move |tx| {
            let payout = load(tx, id)?;
            let recipient = creators::service::recipient(tx, payout.recipient)?;
            let creator = creators::service::load(tx, payout.creator)?;
            let offer = load_offer(tx, payout.offer)?;
            Ok::<_, Error>((payout, newest_attempt(tx, id)?, offer, creator, recipient))
        })
        .await?;
    let payment = Payment {
        rail: if payout.rail == "sandbox_bank" { "Sandbox bank" } else { &payout.rail }.into(),
        reference: attempt.rail_reference.unwrap_or_default(),
        holder_name: recipient.as_ref().map(|r| r.holder_name.clone()).unwrap_or_default(),
        account_masked: recipient.as_ref().map(creators::Recipient::masked).unwrap_or_default(),
        at: paid_at,
        transfer: transfer.to_string(),
    };
    let (house, blobs, drawn) = (house.clone(), Arc::clone(&cx.blobs), offer.clone());
    let document = platform::tasks::blocking(move || {
        let pdf = documents::receipt(&house, &drawn, &creator, &payment)?;
        let size_bytes = i64::try_from(pdf.len()).unwrap_or(i64::MAX);
        Ok::<_, Error>(Document { sha256: blobs.put(&pdf)?, size_bytes })
    })
    .await??;
    close(cx, offer.id, document).await
}

async fn close(cx: &Cx, id: OfferId, document: Document) -> Result<(), Error> {
    let ctx = cx.clone();
    cx.db
        .write(move |tx| {
            let mut offer = lock_offer(tx, id)?;
            if offer.status != Status::PaidOut {
                return Ok(());
            }
            offer.receipt = Some(document.clone());
            emit(tx, &ctx, &mut offer, &Fact::Receipt { document: document.clone() })?;
            go(tx, &ctx, &mut offer, Status::Closed, None)?;
            Ok(offers::update(tx, &offer)?)
        })
        .await
}

/// Reads paid payouts back from the rail and books what came back; answers how many returned.
///
/// # Errors
/// When the database fails; a rail that does not answer is asked again next time.
pub async fn reconcile(cx: &Cx, rail: &Arc<dyn Rail>) -> Result<usize, Error> {
    let since = cx.clock.now().plus_days(-RETURN_DAYS);
    let paid: Vec<PayoutId> = cx
        .db
        .read(move |tx| store::paid_since(tx, since))
        .await
        .map_err(|e: DbError| Error::from(e))?;
    let mut returned = 0;
    for id in paid {
        let (_, attempt, _) = load_for_drive(cx, id).await?;
        let seen = rail.read(&attempt.idempotency_key).await;
        if let Ok(Some(RailPayment { state: RailState::Returned { code }, .. })) = seen {
            take_back(cx, id, code).await?;
            returned += 1;
        }
    }
    Ok(returned)
}

/// The money came back after it was paid: a new transfer in reverse, into suspense.
async fn take_back(cx: &Cx, id: PayoutId, code: String) -> Result<(), Error> {
    let (ctx, now) = (cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| {
            let mut payout = load(tx, id)?;
            let mut offer = lock_offer(tx, payout.offer)?;
            if payout.status != PayoutStatus::Paid {
                return Ok(());
            }
            let a = posting::accounts(tx, &ctx, &offer, &payout.rail)?;
            let back = Movement {
                debit: a.cash,
                credit: a.suspense,
                amount: payout.amount,
                action: Action::Single,
                kind: TransferKind::Adjustment,
                reference: &code,
            };
            posting::post(tx, &ctx, &offer, now, &back)?;
            let mut attempt = newest_attempt(tx, id)?;
            payout.status = PayoutStatus::Returned;
            payout.failure_reason = Some(code.clone());
            payout.updated_at = now;
            (attempt.status, attempt.updated_at) = (PayoutStatus::Returned, now);
            store::update(tx, &payout)?;
            store::update_attempt(tx, id, &attempt)?;
            go(tx, &ctx, &mut offer, Status::Returned, Some(code.clone()))?;
            offers::update(tx, &offer)?;
            let entry = Entry {
                action: "payouts.returned",
                subject: format!("payout/{id}"),
                details: serde_json::json!({ "code": code }),
            };
            Ok(audit::append(tx, &ctx, now, &entry)?)
        })
        .await
}

/// One payout, inside a transaction.
///
/// # Errors
/// `payout_not_found`.
pub fn load(tx: &mut Tx<'_>, id: PayoutId) -> Result<Payout, Error> {
    store::find(tx, id)?
        .ok_or_else(|| Error::not_found("payout_not_found", format!("there is no payout {id}")))
}

/// A payout with everything a person wants to see of it.
pub(crate) struct Seen {
    pub(crate) payout: Payout,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) recipient: Option<creators::Recipient>,
}

pub(crate) fn see(tx: &mut Tx<'_>, payout: Payout) -> Result<Seen, Error> {
    let attempts = store::attempts(tx, payout.id)?;
    let recipient = creators::service::recipient(tx, payout.recipient)?;
    Ok(Seen { payout, attempts, recipient })
}

/// Payouts, newest first.
///
/// # Errors
/// When the cursor is not one of ours.
pub(crate) async fn list(
    cx: &Cx,
    offer: Option<OfferId>,
    cursor: Option<String>,
    limit: u32,
) -> Result<Page<Seen>, Error> {
    cx.decide("payouts.read").await?;
    let before = cursor.as_deref().map(Cursor::decode).transpose()?.map(|c| c.id);
    let before = before.unwrap_or_else(|| "~".into());
    let rows = cx
        .db
        .read(move |tx| {
            let rows = store::list(tx, offer, &before, limit + 1)?;
            rows.into_iter().map(|p| see(tx, p)).collect::<Result<Vec<_>, Error>>()
        })
        .await?;
    Ok(Page::cut(rows, limit, |s| Cursor { value: String::new(), id: s.payout.id.to_string() }))
}
