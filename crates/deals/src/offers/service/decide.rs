//! What people decide about an offer: accept, decline, withdraw, another amount.

use kernel::{Error, Money};
use ledger::model::{Action, TransferKind};
use platform::Cx;
use serde::Serialize;

use super::super::events::{Fact, emit};
use super::super::model::{Acceptance, Offer, OfferId, Status, TERMS_VERSION};
use super::super::posting::{self, Movement};
use crate::documents::HouseName;
use crate::valuation::service::{self as valuation};

use super::change::Change;
use super::value::typeset_sheet;
use super::{HOME_RAIL, go, load, record};

/// Taking back what was booked is another matter than taking back an offer.
const WITHDRAW_ACCEPTED: &str = "offers.withdraw_accepted";

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
    let change = Change::decided(cx, "offers.accept", cmd.id, &cmd).await?;
    let typed_name = crate::creators_text("typed_name", &cmd.typed_name, 120)?;
    change
        .make(cx, move |tx, cx, offer, now| {
            let yes = Acceptance {
                typed_name: typed_name.clone(),
                at: now,
                amount: cmd.amount,
                term_sheet_sha256: cmd.term_sheet_sha256.clone(),
                terms_version: TERMS_VERSION.into(),
                address: cx.address.clone(),
            };
            let step = offer.accept(yes, now)?;
            let a = posting::accounts(tx, cx, offer, HOME_RAIL)?;
            let booked = Movement {
                debit: a.asset,
                credit: a.payable,
                amount: cmd.amount.minor,
                action: Action::Single,
                kind: TransferKind::Purchase,
                reference: "accepted",
            };
            posting::post(tx, cx, offer, now, &booked)?;
            emit(tx, cx, offer, &Fact::Accepted)?;
            emit(tx, cx, offer, &Fact::Moved { step, reason: None })?;
            let details = serde_json::json!({ "amount": cmd.amount, "typed_name": typed_name,
                "term_sheet": cmd.term_sheet_sha256 });
            Ok(record(tx, cx, "offers.accept", offer, details)?)
        })
        .await
}

/// The creator says no.
///
/// # Errors
/// `wrong_status`.
pub async fn decline(cx: &Cx, id: OfferId, reason: Option<String>) -> Result<Offer, Error> {
    let reason = reason.map(|r| crate::creators_text("reason", &r, 500)).transpose()?;
    let change = Change::decided(cx, "offers.decline", id, &(id, &reason)).await?;
    move_on(cx, change, Status::Declined, reason, "offers.decline").await
}

/// A step that nothing else goes with.
pub(super) async fn move_on(
    cx: &Cx,
    change: Change,
    to: Status,
    reason: Option<String>,
    action: &'static str,
) -> Result<Offer, Error> {
    change
        .make(cx, move |tx, cx, offer, _| {
            go(tx, cx, offer, to, reason.clone())?;
            Ok(record(tx, cx, action, offer, serde_json::json!({ "reason": reason }))?)
        })
        .await
}

/// The house takes the offer back; what was booked for it is reversed. Once it is accepted there
/// is a booked liability, which is the treasurer's to take back.
///
/// # Errors
/// `wrong_status`, `Denied`, `Invalid` when there is no reason.
pub async fn withdraw(cx: &Cx, id: OfferId, reason: String) -> Result<Offer, Error> {
    let reason = crate::creators_text("reason", &reason, 500)?;
    let change = Change::decided(cx, "offers.withdraw", id, &(id, &reason)).await?;
    let booked = cx.db.read(move |tx| load(tx, id)).await?.acceptance.is_some();
    if booked {
        cx.decide_all(WITHDRAW_ACCEPTED).await?;
    }
    change
        .make(cx, move |tx, cx, offer, now| {
            if offer.acceptance.is_some() && !booked {
                // Accepted since it was looked at: who asks again is asked for more.
                return Err(Error::conflict("offer_changed", "somebody was faster; look again"));
            }
            let from = offer.status;
            go(tx, cx, offer, Status::Withdrawn, Some(reason.clone()))?;
            if let Some(yes) = offer.acceptance.clone() {
                let a = posting::accounts(tx, cx, offer, HOME_RAIL)?;
                let debit = if from == Status::Returned { a.suspense } else { a.payable };
                let reversed = Movement {
                    debit,
                    credit: a.asset,
                    amount: yes.amount.minor,
                    action: Action::Single,
                    kind: TransferKind::Adjustment,
                    reference: "withdrawn",
                };
                posting::post(tx, cx, offer, now, &reversed)?;
            }
            let details = serde_json::json!({ "reason": reason });
            Ok(record(tx, cx, "offers.withdraw", offer, details)?)
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
    let reason = crate::creators_text("reason", &reason, 500)?;
    let content = (id, amount, &reason);
    let change = Change::decided(cx, "offers.set_amount", id, &content).await?;
    if let Some(before) = change.before(cx).await? {
        return Ok(before);
    }
    let (mut draft, report) = cx
        .db
        .read(move |tx| {
            let offer = load(tx, id)?;
            let report = valuation::load(tx, id.0, offer.round);
            Ok::<_, Error>((offer, report))
        })
        .await?;
    draft.set_offered(amount, cx.clock.now())?;
    let sheet = typeset_sheet(cx, house, &draft, &report?).await?;
    change
        .make(cx, move |tx, cx, offer, now| {
            if offer.version != draft.version {
                return Err(Error::conflict("offer_changed", "somebody was faster; look again"));
            }
            offer.set_offered(amount, now)?;
            offer.term_sheet = Some(sheet.clone());
            let (sheet, reason) = (sheet.clone(), reason.clone());
            let details = serde_json::json!({ "amount": amount, "reason": &reason });
            emit(tx, cx, offer, &Fact::AmountSet { sheet, amount: amount.minor, reason })?;
            Ok(record(tx, cx, "offers.set_amount", offer, details)?)
        })
        .await
}
