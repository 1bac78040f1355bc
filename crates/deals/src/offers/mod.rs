//! Offers: the road of a deal, from a valuation to paid money.
//!
//! Invariants: every step is one transaction that checks the status, saves, posts money where
//! money moves, and emits. A step that is not in the table is 409 and changes nothing. The
//! aggregate version counts the events of an offer without gaps.
//!
//! Tables owned: `offers`, `offers_counts`, `offers_timeline`. Events emitted: `offer.created`,
//! `offer.valuated`, `offer.accepted`, `offer.status.changed`, `offer.payout.requested`,
//! `offer.payout.completed`, `offer.receipt.generated`.

pub(crate) mod events;
mod http;
mod model;
pub(crate) mod posting;
pub mod service;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

pub use http::routes;
pub use model::{
    Acceptance, Document, FiredRule, Language, NewOffer, Offer, OfferId, OfferKind, Status, Step,
};
pub use posting::pay_in_capital;

/// Version of the terms that a creator accepts.
pub(crate) const fn terms_version() -> &'static str {
    model::TERMS_VERSION
}
