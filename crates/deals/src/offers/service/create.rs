//! Creating an offer.

use kernel::Error;
use platform::Cx;
use platform::db::{DbError, Tx};
use platform::idempotency::Once;
use platform::jobs::{self, NewJob};

use super::super::events::{Fact, emit};
use super::super::model::{Language, NewOffer, Offer, OfferId, Status};
use super::super::store;
use crate::creators::{self, CreatorId};
use crate::statements::{self, StatementId};

use super::{VALUE_JOB, load, record};

/// Creates an offer and has it valued.
///
/// # Errors
/// `Invalid` naming the field, `creator_not_found`, `statement_not_found`,
/// `statements_overlap`, `idempotency_key_reused`.
pub async fn create(cx: &Cx, new: NewOffer) -> Result<Offer, Error> {
    cx.decide_all("offers.create").await?;
    let once = Once::optional(cx, "offers.create", &new)?;
    let new = new.checked()?;
    let (id, ctx, now) = (OfferId::new(&*cx.ids), cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| {
            if let Some(before) = once.begin(tx, now)? {
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
            once.done(tx, &id)?;
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
        counted: None,
        version: 0,
        created_at: now,
        updated_at: now,
    }
}

fn check_statements(tx: &mut Tx<'_>, new: &NewOffer) -> Result<(), Error> {
    let mut all = Vec::with_capacity(new.statement_ids.len());
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
        all.push(s);
    }
    statements::service::refuse_overlaps(&all)
}

pub(super) fn queue_valuation(tx: &mut Tx<'_>, cx: &Cx, offer: &Offer) -> Result<(), DbError> {
    let job = NewJob {
        kind: VALUE_JOB,
        key: format!("{}/{}", offer.id, offer.round),
        payload: serde_json::json!({ "offer": offer.id, "round": offer.round }),
        run_at: cx.clock.now(),
        // Most of an hour, as for receipts: engines that are away for a while end no deal.
        max_attempts: 20,
    };
    jobs::enqueue(tx, cx, &job)
}
