//! The receipt of a paid deal.

use std::sync::Arc;

use kernel::{Error, Timestamp};
use ledger::model::TransferId;
use platform::Cx;

use super::super::model::{PayoutId, PayoutStatus};
use super::super::rail::in_words;
use crate::creators;
use crate::documents::{self, HouseName, Payment};
use crate::offers::events::{Fact, emit};
use crate::offers::service::{go, load as load_offer, lock as lock_offer};
use crate::offers::{Document, OfferId, Status, store as offers};

use super::drive::newest_attempt;
use super::load;

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
        rail: in_words(&payout.rail),
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
    close(cx, offer.id, id, document).await
}

/// Closes the deal with the receipt of the payout that paid it. A receipt that comes late, when
/// the money came back and another payout went out, closes nothing.
async fn close(cx: &Cx, id: OfferId, payout: PayoutId, document: Document) -> Result<(), Error> {
    let ctx = cx.clone();
    cx.db
        .write(move |tx| {
            let mut offer = lock_offer(tx, id)?;
            let is_newest = offer.payout == Some(payout.0);
            let is_paid = load(tx, payout)?.status == PayoutStatus::Paid;
            if offer.status != Status::PaidOut || !is_newest || !is_paid {
                return Ok(());
            }
            offer.receipt = Some(document.clone());
            emit(tx, &ctx, &mut offer, &Fact::Receipt { document: document.clone() })?;
            go(tx, &ctx, &mut offer, Status::Closed, None)?;
            Ok(offers::update(tx, &offer)?)
        })
        .await
}
