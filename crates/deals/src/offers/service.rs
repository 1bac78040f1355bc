//! Use cases of offers. Each decides first, then makes ONE transaction: load and lock, step,
//! post, save, emit.

use kernel::page::Page;
use kernel::{Error, Money};
use ledger::model::{Action, TransferKind};
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::{DbError, Tx};
use platform::jobs::{self, NewJob};

use super::events::{Fact, emit};
use super::model::{
    Acceptance, Document, FiredRule, Language, NewOffer, Offer, OfferId, Status, TERMS_VERSION,
    VALID_DAYS, checked_terms,
};
use super::posting::{self, Movement};
use super::store;
use crate::creators::{self, CreatorId};
use crate::documents::{self, HouseName};
use crate::statements::{self, StatementId};
use crate::valuation::model::{Failed, Terms, Valuation};
use crate::valuation::service::{self as valuation, Task};

/// Kind of the job that values an offer.
pub const VALUE_JOB: &str = "deals.value";
/// The rail whose cash account a new deal is booked against first.
const HOME_RAIL: &str = "sandbox_bank";

/// Creates an offer and has it valued.
///
/// # Errors
/// `Invalid` naming the field, `creator_not_found`, `statement_not_found`,
/// `idempotency_key_reused`.
pub async fn create(cx: &Cx, new: NewOffer, key: Option<String>) -> Result<Offer, Error> {
    cx.decide("offers.create").await?;
    let key = match key {
        Some(k) => {
            let scope = format!("offers.create/{}", cx.principal.name);
            Some(platform::idempotency::Key::try_new(scope, &k, &new)?)
        }
        None => None,
    };
    let new = new.checked()?;
    let (id, ctx, now) = (OfferId::new(&*cx.ids), cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| {
            if let Some(k) = &key
                && let Some(before) = platform::idempotency::find::<OfferId>(tx, k)?
            {
                return load(tx, before);
            }
            let creator = creators::service::load(tx, CreatorId(new.creator_id))?;
            check_statements(tx, &new)?;
            let offer = fresh(&new, id, now);
            let search = format!("{} {} {}", offer.title, creator.display_name, creator.username);
            store::insert(tx, &offer, &search.to_lowercase())?;
            let mut offer = load(tx, id)?;
            emit(tx, &ctx, &mut offer, &Fact::Created)?;
            store::update(tx, &offer)?;
            queue_valuation(tx, &ctx, &offer)?;
            record(tx, &ctx, "offers.create", &offer, serde_json::json!({}))?;
            if let Some(k) = &key {
                platform::idempotency::save(tx, k, &id, now)?;
            }
            metrics::counter!("offers_created_total").increment(1);
            Ok(offer)
        })
        .await
}

fn fresh(new: &NewOffer, id: OfferId, now: kernel::Timestamp) -> Offer {
    Offer {
        id,
        number: 0,
        creator: CreatorId(new.creator_id),
        kind: new.kind,
        title: new.title.clone(),
        description: new.description.clone().unwrap_or_default(),
        requested: new.requested.map(|m| m.minor),
        currency: new.currency,
        term_years: new.term_years,
        share_bp: new.share_bp,
        works: new.works.clone(),
        statements: new.statement_ids.iter().map(|i| StatementId(*i)).collect(),
        language: new.language.unwrap_or(Language::En),
        status: Status::PendingValuation,
        round: 1,
        prices: None,
        confidence_bp: None,
        offered: None,
        expires_at: None,
        term_sheet: None,
        receipt: None,
        payout: None,
        acceptance: None,
        guard_rails: Vec::new(),
        failure: None,
        version: 0,
        created_at: now,
        updated_at: now,
    }
}

fn check_statements(tx: &mut Tx<'_>, new: &NewOffer) -> Result<(), Error> {
    for id in &new.statement_ids {
        let s = statements::service::load(tx, StatementId(*id))?;
        let wrong = |why: String| {
            Error::invalid("statement_ids", why).with("statement_id", s.id.to_string())
        };
        if s.creator.0 != new.creator_id {
            return Err(wrong(format!("'{}' belongs to another creator", s.file_name)));
        }
        if s.status != statements::Status::Confirmed {
            return Err(wrong(format!("'{}' is not confirmed yet", s.file_name)));
        }
        if s.currency != Some(new.currency) {
            let currency = s.currency.map_or("no currency", |c| c.code());
            return Err(wrong(format!(
                "'{}' is in {currency}, the deal in {}; statements in other currencies are \
                 refused for now",
                s.file_name, new.currency
            )));
        }
    }
    Ok(())
}

fn queue_valuation(tx: &mut Tx<'_>, cx: &Cx, offer: &Offer) -> Result<(), DbError> {
    let job = NewJob {
        kind: VALUE_JOB,
        key: format!("{}/{}", offer.id, offer.round),
        payload: serde_json::json!({ "offer": offer.id, "round": offer.round }),
        run_at: cx.clock.now(),
        max_attempts: 5,
    };
    jobs::enqueue(tx, cx, &job)
}

fn record(
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
async fn typeset_sheet(
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
    cx.decide("offers.value").await?;
    let ctx = cx.clone();
    cx.db
        .write(move |tx| {
            let mut offer = lock(tx, id)?;
            go(tx, &ctx, &mut offer, Status::Valuating, None)?;
            offer.round += 1;
            offer.failure = None;
            store::update(tx, &offer)?;
            queue_valuation(tx, &ctx, &offer)?;
            record(tx, &ctx, "offers.value", &offer, serde_json::json!({ "round": offer.round }))?;
            Ok(offer)
        })
        .await
}

/// What-if: other terms, nothing is saved.
///
/// # Errors
/// `Invalid` naming the field, or the reason why there would be no offer.
pub async fn reprice(
    cx: &Cx,
    id: OfferId,
    term_years: Option<i64>,
    share_bp: i64,
    works: Option<Vec<String>>,
) -> Result<Valuation, Error> {
    cx.decide("offers.reprice").await?;
    checked_terms(term_years, share_bp, works.as_deref())?;
    let offer = cx.db.read(move |tx| load(tx, id)).await?;
    let task = Task {
        statements: offer.statements.clone(),
        terms: terms_of(&offer, term_years, share_bp, works),
        currency: offer.currency,
        offer: offer.id.0,
        now: cx.clock.now(),
    };
    valuation::run(cx, task)
        .await?
        .map_err(|f| Error::invalid("terms", f.message).with("reason", f.code))
}

/// What somebody accepts with.
#[derive(Debug, Clone)]
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
    let typed_name = crate::creators_text("typed_name", &cmd.typed_name, 120)?;
    let (ctx, now) = (cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| {
            let mut offer = lock(tx, cmd.id)?;
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
    step_alone(cx, id, Status::Declined, reason, "offers.decline").await
}

async fn step_alone(
    cx: &Cx,
    id: OfferId,
    to: Status,
    reason: Option<String>,
    action: &'static str,
) -> Result<Offer, Error> {
    let ctx = cx.clone();
    cx.db
        .write(move |tx| {
            let mut offer = lock(tx, id)?;
            go(tx, &ctx, &mut offer, to, reason.clone())?;
            store::update(tx, &offer)?;
            record(tx, &ctx, action, &offer, serde_json::json!({ "reason": reason }))?;
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
    let (ctx, now) = (cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| {
            let mut offer = lock(tx, id)?;
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
            if offer.version != draft.version {
                return Err(Error::conflict("offer_changed", "somebody was faster; look again"));
            }
            offer.set_offered(amount, now)?;
            offer.term_sheet = Some(sheet.clone());
            emit(tx, &ctx, &mut offer, &Fact::Valuated { sheet: sheet.clone() })?;
            store::update(tx, &offer)?;
            let details = serde_json::json!({ "amount": amount, "reason": reason });
            record(tx, &ctx, "offers.set_amount", &offer, details)?;
            Ok(offer)
        })
        .await
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
        match step_alone(cx, id, Status::Expired, None, "offers.expire").await {
            Err(e) if e.code == "wrong_status" => {}
            other => drop(other?),
        }
    }
    Ok(count)
}

/// A page of offers.
///
/// # Errors
/// When the database fails.
pub(crate) async fn list(cx: &Cx, filter: store::Filter, limit: u32) -> Result<Page<Offer>, Error> {
    cx.decide("offers.read").await?;
    let key = filter.key;
    let rows = cx
        .db
        .read(move |tx| store::list(tx, &filter, limit + 1))
        .await
        .map_err(|e: DbError| Error::from(e))?;
    Ok(Page::cut(rows, limit, |o| key.cursor(o)))
}
