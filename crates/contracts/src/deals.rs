//! Public events of the `deals` package. Topic = event name; key = offer id; amounts are minor
//! units with their currency; times are microseconds. Schemas: `schemas/`.

use serde::{Deserialize, Serialize};

/// Topics of the package, in the order of a deal's road.
pub const TOPICS: [&str; 7] = [
    OfferCreated::TOPIC,
    OfferValuated::TOPIC,
    OfferAccepted::TOPIC,
    OfferStatusChanged::TOPIC,
    OfferPayoutRequested::TOPIC,
    OfferPayoutCompleted::TOPIC,
    OfferReceiptGenerated::TOPIC,
];

macro_rules! event {
    ($(#[$doc:meta])* $name:ident, $topic:literal, $version:literal, {
        $($(#[$fdoc:meta])* $field:ident: $ty:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// Identifies the event.
            pub event_id: String,
            /// The offer.
            pub offer_id: String,
            /// Its creator.
            pub creator_id: String,
            /// When, in microseconds since the epoch.
            pub occurred_at: i64,
            $($(#[$fdoc])* pub $field: $ty,)*
        }

        impl $name {
            /// Event name and topic.
            pub const TOPIC: &'static str = $topic;
            /// Version of the schema this type writes.
            pub const VERSION: i64 = $version;
        }
    };
}

event!(
    /// An offer was created.
    OfferCreated, "offer.created", 1, {
        /// `purchase` or `advance`.
        kind: String,
        /// Title of the deal.
        title: String,
        /// Currency of the deal.
        currency: String,
        /// Term in years; none for life of rights.
        term_years: Option<i64>,
        /// Share assigned, in basis points.
        share_bp: i64,
    }
);

event!(
    /// An offer was valued.
    OfferValuated, "offer.valuated", 1, {
        /// P10, minor units.
        price_low: i64,
        /// P50, minor units.
        price_median: i64,
        /// P90, minor units.
        price_high: i64,
        /// Currency of the three.
        currency: String,
        /// Confidence in basis points.
        confidence_bp: i64,
        /// sha256 of the term sheet.
        term_sheet_sha256: String,
    }
);

event!(
    /// The creator accepted.
    OfferAccepted, "offer.accepted", 1, {
        /// Amount accepted, minor units.
        amount: i64,
        /// Its currency.
        currency: String,
        /// sha256 of the term sheet that was accepted.
        term_sheet_sha256: String,
        /// Version of the terms.
        terms_version: String,
    }
);

event!(
    /// An offer went from one status to another (every transition).
    OfferStatusChanged, "offer.status.changed", 1, {
        /// Status before.
        from_status: String,
        /// Status after.
        to_status: String,
        /// Why, when somebody said so.
        reason: Option<String>,
    }
);

event!(
    /// A payout was requested and its funds are held.
    OfferPayoutRequested, "offer.payout.requested", 1, {
        /// The payout.
        payout_id: String,
        /// Amount, minor units.
        amount: i64,
        /// Its currency.
        currency: String,
        /// Rail it goes to first.
        rail: String,
        /// Where the money goes (never the account itself).
        recipient_id: String,
    }
);

event!(
    /// A payout ended.
    OfferPayoutCompleted, "offer.payout.completed", 1, {
        /// The payout.
        payout_id: String,
        /// Amount, minor units.
        amount: i64,
        /// Its currency.
        currency: String,
        /// Rail that paid.
        rail: String,
        /// `SUCCESS` or `FAILURE`.
        status: String,
        /// Why it failed.
        failure_reason: Option<String>,
    }
);

event!(
    /// The receipt is there.
    OfferReceiptGenerated, "offer.receipt.generated", 1, {
        /// sha256 of the PDF.
        sha256: String,
        /// Its size.
        size_bytes: i64,
    }
);
