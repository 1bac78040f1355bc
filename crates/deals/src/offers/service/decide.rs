//! What people decide about an offer: accept, decline, withdraw, another amount.

use kernel::{Error, Money};
use ledger::model::{Action, TransferKind};
use platform::Cx;
use platform::idempotency::Once;
use serde::Serialize;

use super::super::events::{Fact, emit};
use super::super::model::{Acceptance, Offer, OfferId, Status, TERMS_VERSION};
use super::super::posting::{self, Movement};
use super::super::store;
use crate::documents::HouseName;
use crate::valuation::service::{self as valuation};

use super::value::typeset_sheet;
use super::{HOME_RAIL, go, load, lock, record};

/// What somebody accepts with.
#[derive(Debug, Clone, Serialize)]
pub struct AcceptOffer {
    /// The offer.
    pub id: OfferId,
    /// Name typed by the person who accepts.
    pub typed_name: String,
    /// Digest of the term sheet he saw.
    pub term_sheet_sha256: String,
    /// Amount he saw.
    pub amount: Money,
}

/// Accepts: catalogue asset against what we now owe the creator.
///
/// # Errors
/// `offer_expired`, `offer_changed`, `wrong_status`, `Invalid` naming the field.
pub async fn accept(cx: &Cx, cmd: AcceptOffer) -> Result<Offer, Error> {
    cx.decide("offers.accept").await?;
    let once = Once::optional(cx, "offers.accept", &cmd)?;
    let typed_name = crate::creators_text("typed_name", &cmd.typed_name, 120)?;
    let (ctx, now) = (cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| {
            let mut offer = lock(tx, cmd.id)?;
            if once.begin::<OfferId>(tx, now)?.is_some() {
                return Ok(offer);
            }
            let yes = Acceptance {
                typed_name: typed_name.clone(),
                at: now,
                amount: cmd.amount,
                term_sheet_sha256: cmd.term_sheet_sha256.clone(),
                terms_version: TERMS_VERSION.into(),
                address: ctx.address.clone(),
            };
            let step = offer.accept(yes, now)?;
            let a = posting::accounts(tx, &ctx, &offer, HOME_RAIL)?;
            let booked = Movement {
                debit: a.asset,
                credit: a.payable,
                amount: cmd.amount.minor,
                action: Action::Single,
                kind: TransferKind::Purchase,
                reference: "accepted",
            };
            posting::post(tx, &ctx, &offer, now, &booked)?;
            emit(tx, &ctx, &mut offer, &Fact::Accepted)?;
            emit(tx, &ctx, &mut offer, &Fact::Moved { step, reason: None })?;
            store::update(tx, &offer)?;
            let details = serde_json::json!({ "amount": cmd.amount, "typed_name": typed_name,
                "term_sheet": cmd.term_sheet_sha256 });
            record(tx, &ctx, "offers.accept", &offer, details)?;
            once.done(tx, &offer.id)?;
            Ok(offer)
        })
        .await
}

/// The creator says no.
///
/// # Errors
/// `wrong_status`.
pub async fn decline(cx: &Cx, id: OfferId, reason: Option<String>) -> Result<Offer, Error> {
    cx.decide("offers.decline").await?;
    let reason = reason.map(|r| crate::creators_text("reason", &r, 500)).transpose()?;
    let once = Once::optional(cx, "offers.decline", &(id, &reason))?;
    step_alone(cx, id, Status::Declined, reason, "offers.decline", once).await
}

pub(super) async fn step_alone(
    cx: &Cx,
    id: OfferId,
    to: Status,
    reason: Option<String>,
    action: &'static str,
    once: Once,
) -> Result<Offer, Error> {
    let (ctx, now) = (cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| {
            let mut offer = lock(tx, id)?;
            if once.begin::<OfferId>(tx, now)?.is_some() {
                return Ok(offer);
            }
            go(tx, &ctx, &mut offer, to, reason.clone())?;
            store::update(tx, &offer)?;
            record(tx, &ctx, action, &offer, serde_json::json!({ "reason": reason }))?;
            once.done(tx, &offer.id)?;
            Ok(offer)
        })
        .await
}

/// The house takes the offer back; what was booked for it is reversed.
///
/// # Errors
/// `wrong_status`, `Invalid` when there is no reason.
pub async fn withdraw(cx: &Cx, id: OfferId, reason: String) -> Result<Offer, Error> {
    cx.decide("offers.withdraw").await?;
    let reason = crate::creators_text("reason", &reason, 500)?;
    let once = Once::optional(cx, "offers.withdraw", &(id, &reason))?;
    let (ctx, now) = (cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| {
            let mut offer = lock(tx, id)?;
            if once.begin::<OfferId>(tx, now)?.is_some() {
                return Ok(offer);
            }
            let from = offer.status;
            go(tx, &ctx, &mut offer, Status::Withdrawn, Some(reason.clone()))?;
            if let Some(yes) = offer.acceptance.clone() {
                let a = posting::accounts(tx, &ctx, &offer, HOME_RAIL)?;
                let debit = if from == Status::Returned { a.suspense } else { a.payable };
                let reversed = Movement {
                    debit,
                    credit: a.asset,
                    amount: yes.amount.minor,
                    action: Action::Single,
                    kind: TransferKind::Adjustment,
                    reference: "withdrawn",
                };
                posting::post(tx, &ctx, &offer, now, &reversed)?;
            }
            store::update(tx, &offer)?;
            record(tx, &ctx, "offers.withdraw", &offer, serde_json::json!({ "reason": reason }))?;
            once.done(tx, &offer.id)?;
            Ok(offer)
        })
        .await
}

/// Changes the offered amount. The term sheet that stands names the old one, so a new one is
/// typeset.
///
/// # Errors
/// `second_person_needed`, `wrong_status`, `Invalid` naming the field.
pub async fn set_offered_amount(
    cx: &Cx,
    house: &HouseName,
    id: OfferId,
    amount: Money,
    reason: String,
) -> Result<Offer, Error> {
    cx.decide("offers.set_amount").await?;
    let reason = crate::creators_text("reason", &reason, 500)?;
    let once = Once::optional(cx, "offers.set_amount", &(id, amount, &reason))?;
    let asked = once.clone();
    if let Some(before) = cx
        .db
        .read(move |tx| match asked.before::<OfferId>(tx)? {
            Some(id) => load(tx, id).map(Some),
            None => Ok::<_, Error>(None),
        })
        .await?
    {
        return Ok(before);
    }
    let now = cx.clock.now();
    let (mut draft, report) = cx
        .db
        .read(move |tx| {
            let offer = load(tx, id)?;
            let report = valuation::load(tx, id.0, offer.round);
            Ok::<_, Error>((offer, report))
        })
        .await?;
    draft.set_offered(amount, now)?;
    let sheet = typeset_sheet(cx, house, &draft, &report?).await?;
    let ctx = cx.clone();
    cx.db
        .write(move |tx| {
            let mut offer = lock(tx, id)?;
            if once.begin::<OfferId>(tx, now)?.is_some() {
                return Ok(offer);
            }
            if offer.version != draft.version {
                return Err(Error::conflict("offer_changed", "somebody was faster; look again"));
            }
            offer.set_offered(amount, now)?;
            offer.term_sheet = Some(sheet.clone());
            emit(tx, &ctx, &mut offer, &Fact::Valuated { sheet: sheet.clone() })?;
            store::update(tx, &offer)?;
            let details = serde_json::json!({ "amount": amount, "reason": reason });
            record(tx, &ctx, "offers.set_amount", &offer, details)?;
            once.done(tx, &offer.id)?;
            Ok(offer)
        })
        .await
}
