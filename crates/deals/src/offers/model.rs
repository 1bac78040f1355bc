//! An offer and its transition table. Pure.

use kernel::ids::Uuid;
use kernel::{Asset, Error, Money, Timestamp, typed_id};
use serde::{Deserialize, Serialize};

use crate::creators::CreatorId;
use crate::statements::StatementId;

typed_id!(OfferId, "an offer");

/// Days an offer stands before it expires.
pub(crate) const VALID_DAYS: i64 = 14;
/// Version of the terms that a creator accepts.
pub(crate) const TERMS_VERSION: &str = "2026-01";

macro_rules! status {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// Where an offer stands.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize,
            Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[schema(as = OfferStatus)]
        pub enum Status { $($(#[$doc])* $variant),+ }

        impl Status {
            /// Every status.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire and in tables.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

status!(
    /// Created, not valued yet.
    PendingValuation = "PENDING_VALUATION",
    /// The valuation runs.
    Valuating = "VALUATING",
    /// The valuation found a reason not to make an offer.
    ValuationFailed = "VALUATION_FAILED",
    /// Low, median and high are there, and the term sheet.
    OfferReady = "OFFER_READY",
    /// The creator said no.
    Declined = "DECLINED",
    /// Nobody answered in time.
    Expired = "EXPIRED",
    /// The house took it back.
    Withdrawn = "WITHDRAWN",
    /// The creator said yes.
    Accepted = "ACCEPTED",
    /// Funds are held; the payout is on its way to a rail.
    PayoutRequested = "PAYOUT_REQUESTED",
    /// A rail has it.
    PayoutPending = "PAYOUT_PENDING",
    /// No money left; it can be tried again.
    PayoutFailed = "PAYOUT_FAILED",
    /// The money is out and posted.
    PaidOut = "PAID_OUT",
    /// The receipt is there.
    Closed = "CLOSED",
    /// The money came back.
    Returned = "RETURNED",
);

impl Status {
    /// Where an offer may go from here.
    #[expect(clippy::match_same_arms, reason = "a line of the specification's table each")]
    pub const fn next(self) -> &'static [Self] {
        use Status as S;
        match self {
            S::PendingValuation => &[S::Valuating, S::Withdrawn],
            S::Valuating => &[S::OfferReady, S::ValuationFailed],
            S::ValuationFailed => &[S::Valuating, S::Withdrawn],
            S::OfferReady => &[S::Accepted, S::Declined, S::Expired, S::Withdrawn, S::Valuating],
            S::Declined | S::Expired => &[S::Valuating],
            S::Accepted => &[S::PayoutRequested, S::Withdrawn],
            S::PayoutRequested => &[S::PayoutPending, S::PayoutFailed],
            S::PayoutPending => &[S::PaidOut, S::PayoutFailed],
            S::PayoutFailed | S::Returned => &[S::PayoutRequested, S::Withdrawn],
            S::PaidOut => &[S::Closed, S::Returned],
            S::Closed => &[S::Returned],
            S::Withdrawn => &[],
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Status {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|s| s.as_str() == text).ok_or_else(|| {
            let allowed: Vec<&str> = Self::ALL.iter().map(|s| s.as_str()).collect();
            Error::invalid("status", format!("'{text}' is not a status of an offer"))
                .with("allowed", allowed)
        })
    }
}

/// What is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    /// The royalties themselves, for the term.
    Purchase,
    /// An advance that is recouped from the royalties.
    Advance,
}

impl OfferKind {
    /// The word on the wire and in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Advance => "advance",
        }
    }
}

impl std::str::FromStr for OfferKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "purchase" => Ok(Self::Purchase),
            "advance" => Ok(Self::Advance),
            other => Err(Error::invalid("kind", format!("'{other}' is not allowed"))
                .with("allowed", vec!["purchase", "advance"])),
        }
    }
}

/// Language of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Swedish.
    Sv,
}

impl Language {
    /// The word on the wire and in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Sv => "sv",
        }
    }
}

impl std::str::FromStr for Language {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "en" => Ok(Self::En),
            "sv" => Ok(Self::Sv),
            other => Err(Error::invalid("language", format!("'{other}' is not allowed"))
                .with("allowed", vec!["en", "sv"])),
        }
    }
}

/// A stored PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its digest; also its name in the blob store.
    pub sha256: String,
    /// Its size.
    pub size_bytes: i64,
}

/// How an offer was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Acceptance {
    /// Name typed by the creator (or by staff on his behalf).
    pub typed_name: String,
    /// When.
    pub at: Timestamp,
    /// The amount accepted.
    pub amount: Money,
    /// The term sheet that was accepted.
    pub term_sheet_sha256: String,
    /// Version of the terms.
    pub terms_version: String,
    /// Address it came from.
    pub address: Option<String>,
}

/// A guard rail that changed the valuation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FiredRule {
    /// Stable code.
    pub code: String,
    /// What it did.
    pub message: String,
}

/// An offer.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Identifies it.
    pub id: OfferId,
    /// Given by the database; `K-1` for people.
    pub number: i64,
    /// Whose royalties.
    pub creator: CreatorId,
    /// What is sold.
    pub kind: OfferKind,
    /// Title.
    pub title: String,
    /// More words.
    pub description: String,
    /// What the creator hopes for, minor units.
    pub requested: Option<i64>,
    /// Currency of everything here.
    pub currency: Asset,
    /// Years; `None` for life of rights.
    pub term_years: Option<i64>,
    /// Share assigned, basis points.
    pub share_bp: i64,
    /// Titles in scope; `None` for all.
    pub works: Option<Vec<String>>,
    /// What it is based on.
    pub statements: Vec<StatementId>,
    /// Language of the documents.
    pub language: Language,
    /// Where it stands.
    pub status: Status,
    /// Valuation round, from 1.
    pub round: i64,
    /// P10, P50, P90 in minor units.
    pub prices: Option<(i64, i64, i64)>,
    /// Confidence, basis points.
    pub confidence_bp: Option<i64>,
    /// What the house offers, minor units.
    pub offered: Option<i64>,
    /// When it lapses.
    pub expires_at: Option<Timestamp>,
    /// The term sheet.
    pub term_sheet: Option<Document>,
    /// The receipt.
    pub receipt: Option<Document>,
    /// The newest payout.
    pub payout: Option<Uuid>,
    /// How it was accepted.
    pub acceptance: Option<Acceptance>,
    /// Guard rails that fired.
    pub guard_rails: Vec<FiredRule>,
    /// Why the valuation failed.
    pub failure: Option<FiredRule>,
    /// As what the database counts it: its status and offered amount when it was read.
    pub(crate) counted: Option<(Status, i64)>,
    /// Events so far.
    pub version: i64,
    /// Created.
    pub created_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
}

/// One step on the road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Status before.
    pub from: Status,
    /// Status after.
    pub to: Status,
}

impl Offer {
    /// Goes to `to`.
    ///
    /// # Errors
    /// `wrong_status` (409) with the present status and what is possible from it.
    pub fn go(&mut self, to: Status, now: Timestamp) -> Result<Step, Error> {
        if !self.status.next().contains(&to) {
            let next: Vec<&str> = self.status.next().iter().map(|s| s.as_str()).collect();
            return Err(Error::conflict(
                "wrong_status",
                format!("the offer is {}; it cannot become {to}", self.status),
            )
            .with("status", self.status.as_str())
            .with("possible", next));
        }
        let step = Step { from: self.status, to };
        self.status = to;
        self.updated_at = now;
        Ok(step)
    }

    /// `minor` units in the offer's currency.
    pub const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// The creator says yes to exactly this amount and this term sheet.
    ///
    /// # Errors
    /// `offer_expired`, `offer_changed` (what he saw is not what is offered), `wrong_status`.
    pub fn accept(&mut self, yes: Acceptance, now: Timestamp) -> Result<Step, Error> {
        if self.status == Status::OfferReady && self.expires_at.is_some_and(|e| e <= now) {
            return Err(Error::conflict(
                "offer_expired",
                "the offer has expired; ask for a new one",
            )
            .with("status", self.status.as_str()));
        }
        if self.status == Status::OfferReady {
            let sheet = self.term_sheet.as_ref().map(|d| d.sha256.as_str());
            let same = sheet == Some(yes.term_sheet_sha256.as_str())
                && self.offered == Some(yes.amount.minor)
                && self.currency == yes.amount.asset;
            if !same {
                return Err(Error::conflict(
                    "offer_changed",
                    "amount or term sheet is not the one on offer now; look at the offer again",
                ));
            }
        }
        let step = self.go(Status::Accepted, now)?;
        self.acceptance = Some(yes);
        Ok(step)
    }

    /// Changes the offered amount, with a reason; upwards needs a second person.
    ///
    /// # Errors
    /// `wrong_status`, `second_person_needed`, `Invalid` naming the amount.
    pub fn set_offered(&mut self, amount: Money, now: Timestamp) -> Result<(), Error> {
        if self.status != Status::OfferReady {
            return Err(Error::conflict(
                "wrong_status",
                format!("the offer is {}; its amount stays as it is", self.status),
            )
            .with("status", self.status.as_str()));
        }
        amount.checked("amount")?;
        if amount.asset != self.currency {
            return Err(Error::invalid(
                "amount.currency",
                format!("this deal is in {}", self.currency),
            ));
        }
        if self.offered.is_some_and(|o| amount.minor > o) {
            return Err(Error::new(
                kernel::Kind::Denied,
                "second_person_needed",
                "raising an offer needs a second person, which is not available yet; \
                 lower amounts can be set alone",
            ));
        }
        self.offered = Some(amount.minor);
        self.updated_at = now;
        Ok(())
    }
}

/// An offer to be made.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOffer {
    /// Whose royalties.
    pub creator_id: Uuid,
    /// What is sold.
    pub kind: OfferKind,
    /// 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120)]
    pub title: String,
    /// At most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// What the creator hopes for.
    #[serde(default)]
    pub requested: Option<Money>,
    /// Currency of the deal; the statements' currency.
    pub currency: Asset,
    /// 1 to 30 years; absent for life of rights.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 30)]
    pub term_years: Option<i64>,
    /// Share assigned, 1 to 10000 basis points.
    #[schema(minimum = 1, maximum = 10000)]
    pub share_bp: i64,
    /// Titles in scope; absent for all.
    #[serde(default)]
    pub works: Option<Vec<String>>,
    /// Confirmed statements of this creator, 1 to 200.
    #[schema(min_items = 1, max_items = 200)]
    pub statement_ids: Vec<Uuid>,
    /// Language of the documents.
    #[serde(default)]
    pub language: Option<Language>,
}

impl NewOffer {
    /// Checks every field.
    ///
    /// # Errors
    /// `Invalid` naming the first field that is not allowed.
    pub fn checked(mut self) -> Result<Self, Error> {
        self.title = crate::creators_text("title", &self.title, 120)?;
        if self.description.as_ref().is_some_and(|d| d.chars().count() > 2_000) {
            return Err(Error::invalid("description", "at most 2,000 characters are allowed"));
        }
        checked_terms(self.term_years, self.share_bp, self.works.as_deref())?;
        if !(1..=200).contains(&self.statement_ids.len()) {
            return Err(Error::invalid("statement_ids", "1 to 200 statements are allowed"));
        }
        self.statement_ids.sort_unstable();
        self.statement_ids.dedup();
        if let Some(requested) = self.requested {
            requested.checked("requested")?;
            if requested.asset != self.currency {
                return Err(Error::invalid(
                    "requested.currency",
                    format!("the deal is in {}", self.currency),
                ));
            }
        }
        Ok(self)
    }
}

/// Checks term, share and works.
///
/// # Errors
/// `Invalid` naming the field.
pub(crate) fn checked_terms(
    term_years: Option<i64>,
    share_bp: i64,
    works: Option<&[String]>,
) -> Result<(), Error> {
    if term_years.is_some_and(|t| !(1..=30).contains(&t)) {
        return Err(Error::invalid("term_years", "1 to 30 years, or absent for life of rights"));
    }
    if !(1..=10_000).contains(&share_bp) {
        return Err(Error::invalid("share_bp", "1 to 10000 basis points are allowed"));
    }
    let sane = |w: &String| (1..=300).contains(&w.chars().count());
    if works.is_some_and(|w| w.is_empty() || w.len() > 5_000 || !w.iter().all(sane)) {
        return Err(Error::invalid("works", "1 to 5,000 titles of 1 to 300 characters, or absent"));
    }
    Ok(())
}
