//! An offer as people see it.

use contracts::Grant;
use kernel::ids::Uuid;
use kernel::{Asset, Money, Principal, Timestamp};
use serde::Serialize;

use super::model::{Acceptance, Document, FiredRule, Language, Offer, OfferId, OfferKind, Status};
use super::store::TimelineRow;
use crate::creators::{Creator, CreatorView};
use crate::payouts::in_words;
use crate::statements::StatementId;
use crate::valuation::model::Valuation;

/// A stored PDF.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct DocumentView {
    url: String,
    sha256: String,
    size_bytes: i64,
}

/// An offer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct OfferView {
    id: OfferId,
    /// For people: `K-1042`.
    number: String,
    creator: CreatorView,
    kind: OfferKind,
    title: String,
    description: String,
    requested: Option<Money>,
    currency: Asset,
    term_years: Option<i64>,
    share_bp: i64,
    works: Option<Vec<String>>,
    statement_ids: Vec<StatementId>,
    language: Language,
    status: Status,
    price_low: Option<Money>,
    price_median: Option<Money>,
    price_high: Option<Money>,
    valuation_confidence_bp: Option<i64>,
    offered: Option<Money>,
    expires_at: Option<Timestamp>,
    term_sheet: Option<DocumentView>,
    receipt: Option<DocumentView>,
    payout_id: Option<Uuid>,
    acceptance: Option<Acceptance>,
    guard_rails: Vec<FiredRule>,
    failure: Option<FiredRule>,
    /// Steps that the offer's status allows.
    actions: Vec<&'static str>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What can be done with an offer in this status.
fn actions(status: Status) -> Vec<&'static str> {
    let next = status.next();
    let mut actions = Vec::new();
    for (target, action) in [
        (Status::Accepted, "accept"),
        (Status::Declined, "decline"),
        (Status::Withdrawn, "withdraw"),
        (Status::PayoutRequested, "request_payout"),
    ] {
        if next.contains(&target) {
            actions.push(action);
        }
    }
    if next.contains(&Status::Valuating) && status != Status::PendingValuation {
        actions.push("value");
    }
    if status == Status::OfferReady {
        actions.push("set_offered_amount");
    }
    actions
}

impl OfferView {
    /// What `reader` may see of it: where the house's own people sit is no creator's business.
    #[must_use]
    pub(super) fn for_reader(mut self, reader: &Principal) -> Self {
        if let (Some(_), Some(acceptance)) = (reader.subject, &mut self.acceptance) {
            acceptance.address = None;
        }
        self
    }

    pub(super) fn new(o: Offer, creator: Creator) -> Self {
        let money = |minor: Option<i64>| minor.map(|m| o.money(m));
        let document = |d: Option<&Document>, name: &str| {
            d.map(|d| DocumentView {
                url: format!("/api/v1/offers/{}/documents/{name}", o.id),
                sha256: d.sha256.clone(),
                size_bytes: d.size_bytes,
            })
        };
        Self {
            number: format!("K-{}", o.number),
            creator: creator.into(),
            requested: money(o.requested),
            price_low: money(o.prices.map(|p| p.0)),
            price_median: money(o.prices.map(|p| p.1)),
            price_high: money(o.prices.map(|p| p.2)),
            valuation_confidence_bp: o.confidence_bp,
            offered: money(o.offered),
            term_sheet: document(o.term_sheet.as_ref(), "termsheet"),
            receipt: document(o.receipt.as_ref(), "receipt"),
            actions: actions(o.status),
            id: o.id,
            kind: o.kind,
            title: o.title,
            description: o.description,
            currency: o.currency,
            term_years: o.term_years,
            share_bp: o.share_bp,
            works: o.works,
            statement_ids: o.statements,
            language: o.language,
            status: o.status,
            expires_at: o.expires_at,
            payout_id: o.payout,
            acceptance: o.acceptance,
            guard_rails: o.guard_rails,
            failure: o.failure,
            version: o.version,
            created_at: o.created_at,
            updated_at: o.updated_at,
        }
    }
}

/// What other terms would give: the house sees how it comes about, a creator the prices.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(super) enum Repriced {
    House(Box<Valuation>),
    Own(OwnPrices),
}

/// What other terms would give, for the creator whose offer it is. How the house comes to it (its
/// settings, assumptions and rules) stays inside the house.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnPrices {
    computed_at: Timestamp,
    /// Earnings of the last twelve complete months of the works in scope.
    ltm: Money,
    /// Assigned share in basis points.
    share_bp: u32,
    /// Years; absent for the life of the rights.
    term_years: Option<u32>,
    low: Money,
    median: Money,
    high: Money,
}

impl Repriced {
    pub(super) fn of(value: Valuation, grant: Grant) -> Self {
        if grant == Grant::All {
            return Self::House(Box::new(value));
        }
        Self::Own(OwnPrices {
            computed_at: value.computed_at,
            ltm: value.ltm,
            share_bp: value.share_bp,
            term_years: value.term_years,
            low: value.low,
            median: value.median,
            high: value.high,
        })
    }
}

/// One line of a deal's timeline.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TimelineEntry {
    /// Place in the deal's history, from 1.
    position: i64,
    at: Timestamp,
    /// `OFFER_ACCEPTED`, ...
    r#type: String,
    from: Option<String>,
    to: Option<String>,
    actor: String,
    summary: String,
    /// The event as it was published.
    #[schema(value_type = Object)]
    details: serde_json::Value,
}

impl From<TimelineRow> for TimelineEntry {
    fn from(row: TimelineRow) -> Self {
        let text = |key: &str| row.payload[key].as_str().map(str::to_owned);
        Self {
            position: row.version,
            at: row.at,
            r#type: row.topic.replace('.', "_").to_uppercase(),
            from: text("from_status"),
            to: text("to_status"),
            summary: summary(&row),
            actor: row.actor,
            details: row.payload,
        }
    }
}

fn summary(row: &TimelineRow) -> String {
    let p = &row.payload;
    let text = |key: &str| p[key].as_str().unwrap_or_default().to_owned();
    let money = |key: &str| match (p[key].as_i64(), text("currency").parse::<Asset>()) {
        (Some(minor), Ok(asset)) => Money::new(minor, asset).to_string(),
        _ => String::new(),
    };
    match row.topic.as_str() {
        "offer.created" => "Offer created".into(),
        "offer.valuated" if p["offered"].is_i64() => {
            format!("Offered amount set to {}: {}", money("offered"), text("reason"))
        }
        "offer.valuated" => format!("Valued at {} (median)", money("price_median")),
        "offer.accepted" => format!("Accepted for {}", money("amount")),
        "offer.payout.requested" => {
            format!("{} held for payout over {}", money("amount"), in_words(&text("rail")))
        }
        "offer.payout.completed" if text("status") == "SUCCESS" => {
            format!("{} paid over {}", money("amount"), in_words(&text("rail")))
        }
        "offer.payout.completed" => {
            format!("Payout failed: {}", in_words(&text("failure_reason")))
        }
        "offer.receipt.generated" => "Receipt ready".into(),
        _ => match p["reason"].as_str() {
            Some(why) => format!("{}: {why}", in_words(&text("to_status"))),
            None => in_words(&text("to_status")),
        },
    }
}
