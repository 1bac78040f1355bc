//! Use cases of payouts: request, drive over a rail, read back, settle, reconcile.
//!
//! The hold commits with PAYOUT_REQUESTED, the posting with PAID_OUT; the rail call lies
//! between them, outside any transaction, under a key that is stored before the first call.

mod by_hand;
mod capital;
mod drive;
mod evidence;
mod look;
mod receipt;
mod request;

use kernel::Error;
use kernel::page::{Cursor, Page};
use platform::Cx;
use platform::db::Tx;

use super::model::{Attempt, Evidence, Payout, PayoutId};
use super::store;
use crate::creators;
use crate::offers::OfferId;

pub(crate) use by_hand::{ByHand, confirm};
pub(crate) use capital::{NewCapital, PaidIn, pay_in};
pub use drive::drive;
pub(crate) use look::LOOKS;
pub use look::{KEYS, reconcile};
pub use receipt::make_receipt;
pub use request::request;

/// Kind of the job that drives a payout.
pub const DRIVE_JOB: &str = "deals.payout";
/// Kind of the job that makes a receipt.
pub const RECEIPT_JOB: &str = "deals.receipt";
/// Between two looks at a payout that the rail has.
const LOOK_MS: i64 = 500;

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
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) recipient: Option<creators::Recipient>,
}

pub(crate) fn see(tx: &mut Tx<'_>, payout: Payout) -> Result<Seen, Error> {
    let attempts = store::attempts(tx, payout.id)?;
    let evidence = store::evidence(tx, payout.id)?;
    let recipient = creators::service::recipient(tx, payout.recipient)?;
    Ok(Seen { payout, attempts, evidence, recipient })
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
    cx.decide_all("payouts.read").await?;
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
