//! A payout, its attempts, and what the answers of rails mean. Pure.

use kernel::ids::Uuid;
use kernel::{Asset, Error, Timestamp, typed_id};
use serde::{Deserialize, Serialize};

use crate::creators::{CreatorId, RecipientId};
use crate::offers::OfferId;

typed_id!(PayoutId, "a payout");

macro_rules! status {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The word on the wire and in tables.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err(Error::internal(format!("unknown status '{other}'"))),
                }
            }
        }
    };
}

status!(
    /// Where a payout (or one attempt of it) stands.
    PayoutStatus {
        /// Funds are held; nothing was sent yet.
        Requested = "REQUESTED",
        /// A call to the rail is on its way. After a crash: read back.
        Sending = "SENDING",
        /// The rail's answer is not known. Read back; never switch, never pay again.
        Unknown = "UNKNOWN",
        /// The rail has it.
        Pending = "PENDING",
        /// A person has to fund it at the rail.
        AwaitingManualFunding = "AWAITING_MANUAL_FUNDING",
        /// The money is out.
        Paid = "PAID",
        /// Proven: no money left.
        Failed = "FAILED",
        /// The money came back.
        Returned = "RETURNED",
        /// Given up before anything was sent.
        Cancelled = "CANCELLED",
    }
);

impl PayoutStatus {
    /// Nothing that a rail says of it now changes it any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Paid | Self::Failed | Self::Returned | Self::Cancelled)
    }
}

/// A payout: one intent, a series of attempts.
#[derive(Debug, Clone)]
pub struct Payout {
    /// Identifies it.
    pub id: PayoutId,
    /// The deal.
    pub offer: OfferId,
    /// Its creator.
    pub creator: CreatorId,
    /// Where the money goes.
    pub recipient: RecipientId,
    /// Minor units.
    pub amount: i64,
    /// Their currency.
    pub currency: Asset,
    /// Where it stands.
    pub status: PayoutStatus,
    /// Rail of the newest attempt.
    pub rail: String,
    /// The ledger's hold.
    pub hold: Uuid,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it changed.
    pub updated_at: Timestamp,
}

/// One attempt at one rail, under one idempotency key.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// From 1.
    pub number: i64,
    /// The rail.
    pub rail: String,
    /// Stored before the first call, reused on every retry.
    pub idempotency_key: String,
    /// Where it stands.
    pub status: PayoutStatus,
    /// The rail's own reference.
    pub rail_reference: Option<String>,
    /// Code of the last error.
    pub error_code: Option<String>,
    /// Its words.
    pub error_message: Option<String>,
    /// How often it was read back.
    pub read_backs: i64,
    /// Begun.
    pub started_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
}

/// The key of an attempt: derived, so that a crash cannot make a second one.
pub fn idempotency_key(payout: PayoutId, rail: &str, attempt: i64) -> String {
    format!("{payout}.{rail}.{attempt}")
}
