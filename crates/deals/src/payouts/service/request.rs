//! Requesting a payout: hold the funds, queue the rail call.

use kernel::{Error, Timestamp};
use ledger::model::{Action, TransferKind};
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::Tx;
use platform::idempotency::Once;
use platform::jobs::{self, NewJob};

use super::super::model::{Attempt, Payout, PayoutId, PayoutStatus, idempotency_key};
use super::super::store;
use crate::creators;
use crate::offers::events::{Fact, emit};
use crate::offers::posting::{self, Movement};
use crate::offers::service::{go, lock as lock_offer};
use crate::offers::{Offer, OfferId, Status, store as offers};

use super::{DRIVE_JOB, load};

/// Requests the payout of an accepted offer: holds the funds and queues the rail call.
///
/// # Errors
/// `offer_not_payable` with the status, `recipient_missing`, `insufficient_funds`,
/// `idempotency_key_reused`, `Invalid` when there is no Idempotency-Key.
pub async fn request(cx: &Cx, rail: &'static str, id: OfferId) -> Result<Payout, Error> {
    cx.decide_all("payouts.request").await?;
    let once = Once::required(cx, "payouts.request", &id)?;
    let (ctx, now) = (cx.clone(), cx.clock.now());
    let payout_id = PayoutId::new(&*cx.ids);
    cx.db
        .write(move |tx| {
            let mut offer = lock_offer(tx, id)?;
            if let Some(before) = once.begin(tx, now)? {
                return load(tx, before);
            }
            check_payable(&offer)?;
            let payout = open(tx, &ctx, &mut offer, payout_id, rail, now)?;
            once.done(tx, &payout.id)?;
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
        fence: 0,
        look_at: None,
        ended_at: None,
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
