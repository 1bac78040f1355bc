//! Use cases of offers. Each decides first, then makes ONE transaction: load and lock, step,
//! post, save, emit.

mod change;
mod create;
mod decide;
mod look;
mod value;

use kernel::Error;
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::{DbError, Tx};

use super::events::{Fact, emit};
use super::model::{Offer, OfferId, Status};
use super::store;

pub(super) use change::granted;
pub use create::create;
pub use decide::{AcceptOffer, accept, decline, set_offered_amount, withdraw};
pub(crate) use look::{get, list, newest_valuation, stats, timeline};
pub use value::{reprice, revalue, value_now};

use change::Change;
use decide::move_on;

/// Kind of the job that values an offer.
pub const VALUE_JOB: &str = "deals.value";
/// The rail whose cash account a new deal is booked against first.
const HOME_RAIL: &str = "sandbox_bank";
pub(super) fn record(
    tx: &mut Tx<'_>,
    cx: &Cx,
    action: &'static str,
    offer: &Offer,
    details: serde_json::Value,
) -> Result<(), DbError> {
    let entry = Entry { action, subject: format!("offer/{}", offer.id), details };
    audit::append(tx, cx, cx.clock.now(), &entry)
}

/// One offer, inside a transaction.
///
/// # Errors
/// `offer_not_found`.
pub fn load(tx: &mut Tx<'_>, id: OfferId) -> Result<Offer, Error> {
    store::find(tx, id)?.ok_or_else(|| not_found(id))
}

/// One offer, locked, inside a transaction: the first thing every step does.
///
/// # Errors
/// `offer_not_found`.
pub fn lock(tx: &mut Tx<'_>, id: OfferId) -> Result<Offer, Error> {
    store::lock(tx, id)?.ok_or_else(|| not_found(id))
}

fn not_found(id: OfferId) -> Error {
    Error::not_found("offer_not_found", format!("there is no offer {id}"))
}

/// Makes a step and emits it; the caller saves.
///
/// # Errors
/// `wrong_status`.
pub(crate) fn go(
    tx: &mut Tx<'_>,
    cx: &Cx,
    offer: &mut Offer,
    to: Status,
    reason: Option<String>,
) -> Result<(), Error> {
    let step = offer.go(to, cx.clock.now())?;
    metrics::counter!("offer_status_updates_total", "status" => to.as_str()).increment(1);
    emit(tx, cx, offer, &Fact::Moved { step, reason })
}

/// Ends offers whose time is over; answers how many.
///
/// # Errors
/// When the database fails.
pub async fn expire_due(cx: &Cx) -> Result<usize, Error> {
    let now = cx.clock.now();
    let due: Vec<OfferId> =
        cx.db.read(move |tx| store::due(tx, now)).await.map_err(|e: DbError| Error::from(e))?;
    let count = due.len();
    for id in due {
        let change = Change::of_house(id);
        match move_on(cx, change, Status::Expired, None, "offers.expire").await {
            Err(e) if e.code == "wrong_status" => {}
            other => drop(other?),
        }
    }
    Ok(count)
}
