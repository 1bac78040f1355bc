//! Valuing an offer, again, and as a what-if.

use contracts::Grant;
use kernel::Error;
use platform::Cx;

use super::super::events::{Fact, emit};
use super::super::model::{Document, FiredRule, Offer, OfferId, Status, VALID_DAYS, checked_terms};
use super::super::store;
use crate::creators::{self};
use crate::documents::{self, HouseName};
use crate::statements::{self};
use crate::valuation::model::{Failed, Terms, Valuation};
use crate::valuation::service::{self as valuation, Task};

use super::change::{Change, granted};
use super::create::queue_valuation;
use super::{go, load, lock, record};

/// The job: values one round of an offer and typesets its term sheet.
///
/// # Errors
/// When something broke; the job is tried again. "No offer" is not an error but a status.
pub async fn value_now(cx: &Cx, house: &HouseName, id: OfferId, round: i64) -> Result<(), Error> {
    let Some(offer) = begin_valuation(cx, id, round).await? else { return Ok(()) };
    let task = Task {
        statements: offer.statements.clone(),
        terms: terms_of(&offer, offer.term_years, offer.share_bp, offer.works.clone()),
        currency: offer.currency,
        offer: offer.id.0,
        now: cx.clock.now(),
    };
    match valuation::run(cx, task).await? {
        Ok(report) => conclude(cx, house, offer, report).await,
        Err(failed) => fail(cx, id, round, failed).await,
    }
}

/// Goes to VALUATING, or finds it there after a crash; `None` when there is nothing to do.
async fn begin_valuation(cx: &Cx, id: OfferId, round: i64) -> Result<Option<Offer>, Error> {
    let ctx = cx.clone();
    cx.db
        .write(move |tx| {
            let mut offer = lock(tx, id)?;
            if offer.round != round {
                return Ok(None);
            }
            match offer.status {
                Status::Valuating => Ok(Some(offer)),
                Status::PendingValuation => {
                    go(tx, &ctx, &mut offer, Status::Valuating, None)?;
                    store::update(tx, &offer)?;
                    Ok(Some(offer))
                }
                _ => Ok(None),
            }
        })
        .await
}

async fn conclude(
    cx: &Cx,
    house: &HouseName,
    mut offer: Offer,
    report: Valuation,
) -> Result<(), Error> {
    let now = cx.clock.now();
    offer.prices = Some((report.low.minor, report.median.minor, report.high.minor));
    offer.confidence_bp = Some(report.confidence_bp);
    offer.offered = Some(report.median.minor);
    offer.expires_at = Some(now.plus_days(VALID_DAYS));
    offer.failure = None;
    offer.guard_rails = report
        .guard_rails
        .iter()
        .map(|g| FiredRule { code: g.code.clone(), message: g.message.clone() })
        .collect();
    let sheet = typeset_sheet(cx, house, &offer, &report).await?;
    let (ctx, id, round) = (cx.clone(), offer.id, offer.round);
    cx.db
        .write(move |tx| {
            let mut live = lock(tx, id)?;
            if live.round != round || live.status != Status::Valuating {
                return Ok(());
            }
            live.prices = offer.prices;
            live.confidence_bp = offer.confidence_bp;
            live.offered = offer.offered;
            live.expires_at = offer.expires_at;
            live.guard_rails.clone_from(&offer.guard_rails);
            live.failure = None;
            live.term_sheet = Some(sheet.clone());
            valuation::save(tx, id.0, round, &report, now)?;
            emit(tx, &ctx, &mut live, &Fact::Valuated { sheet: sheet.clone() })?;
            go(tx, &ctx, &mut live, Status::OfferReady, None)?;
            let details = serde_json::json!({ "term_sheet": sheet.sha256, "round": round });
            record(tx, &ctx, "offers.valued", &live, details)?;
            Ok(store::update(tx, &live)?)
        })
        .await
}

/// Typesets and stores the term sheet, before the transaction that names it.
pub(super) async fn typeset_sheet(
    cx: &Cx,
    house: &HouseName,
    offer: &Offer,
    report: &Valuation,
) -> Result<Document, Error> {
    let (id, ids) = (offer.creator, offer.statements.clone());
    let (creator, statements) = cx
        .db
        .read(move |tx| {
            let creator = creators::service::load(tx, id)?;
            Ok::<_, Error>((creator, statements::service::load_some(tx, &ids)?))
        })
        .await?;
    let (house, offer, report) = (house.clone(), offer.clone(), report.clone());
    let (blobs, now) = (std::sync::Arc::clone(&cx.blobs), cx.clock.now());
    platform::tasks::blocking(move || {
        let pdf = documents::term_sheet(&house, &offer, &creator, &statements, &report, now)?;
        Ok(Document {
            sha256: blobs.put(&pdf)?,
            size_bytes: i64::try_from(pdf.len()).unwrap_or(i64::MAX),
        })
    })
    .await?
}

async fn fail(cx: &Cx, id: OfferId, round: i64, why: Failed) -> Result<(), Error> {
    let ctx = cx.clone();
    cx.db
        .write(move |tx| {
            let mut offer = lock(tx, id)?;
            if offer.round != round || offer.status != Status::Valuating {
                return Ok(());
            }
            offer.failure = Some(FiredRule { code: why.code.into(), message: why.message.clone() });
            go(tx, &ctx, &mut offer, Status::ValuationFailed, Some(why.message.clone()))?;
            Ok(store::update(tx, &offer)?)
        })
        .await
}

fn terms_of(
    offer: &Offer,
    term_years: Option<i64>,
    share_bp: i64,
    works: Option<Vec<String>>,
) -> Terms {
    Terms {
        kind: documents::deal(offer.kind),
        term_years: term_years.and_then(|t| u32::try_from(t).ok()),
        share_bp: u32::try_from(share_bp).unwrap_or(0),
        works,
    }
}

/// Values the offer again: a new round; the old one stays in the timeline.
///
/// # Errors
/// `wrong_status`.
pub async fn revalue(cx: &Cx, id: OfferId) -> Result<Offer, Error> {
    let change = Change::decided(cx, "offers.value", id, &id).await?;
    change
        .make(cx, |tx, cx, offer, _| {
            go(tx, cx, offer, Status::Valuating, None)?;
            offer.round += 1;
            offer.failure = None;
            queue_valuation(tx, cx, offer)?;
            let details = serde_json::json!({ "round": offer.round });
            Ok(record(tx, cx, "offers.value", offer, details)?)
        })
        .await
}

/// What-if: other terms, nothing is saved. Answered by the model and with the assumptions that
/// the offer was made with; and for whom, which says how much of it is shown.
///
/// # Errors
/// `Invalid` naming the field, or the reason why there would be no offer.
pub async fn reprice(
    cx: &Cx,
    id: OfferId,
    term_years: Option<i64>,
    share_bp: i64,
    works: Option<Vec<String>>,
) -> Result<(Valuation, Grant), Error> {
    let grant = cx.decide("offers.reprice").await?;
    checked_terms(term_years, share_bp, works.as_deref())?;
    let offer = cx.db.read(move |tx| granted(load(tx, id)?, grant)).await?;
    let task = Task {
        statements: offer.statements.clone(),
        terms: terms_of(&offer, term_years, share_bp, works),
        currency: offer.currency,
        offer: offer.id.0,
        now: cx.clock.now(),
    };
    let value = valuation::reprice(cx, task, offer.round)
        .await?
        .map_err(|f| Error::invalid("terms", f.message).with("reason", f.code))?;
    Ok((value, grant))
}
