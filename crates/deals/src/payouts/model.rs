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
    /// Whoever is about to call the rail raises it; who sees another one was overtaken.
    pub fence: i64,
    /// When the rail is asked again although it is over; `None`: not any more, or not yet.
    pub look_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Begun.
    pub started_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
}

/// What a rail said of an attempt that was over, against what the house had booked.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Which attempt.
    pub number: i64,
    /// `pending`, `paid`, `returned` or `failed`.
    pub state: String,
    /// The rail's own reference.
    pub rail_reference: String,
    /// When it was seen first.
    pub seen_at: Timestamp,
    /// What was booked for it, into or out of suspense; `None` while nothing moved or the
    /// booking is still to be made.
    pub transfer: Option<Uuid>,
}

/// The first look at an attempt that is over comes so soon, milliseconds.
const FIRST_LOOK_MS: i64 = 2_000;
/// At the end the looks are so far apart.
const LAST_LOOKS_MS: i64 = 7 * 86_400_000;
/// Days in which money may still move: banks take back transfers for up to thirteen months.
const LOOK_DAYS: i64 = 400;

/// When the rail is asked again about an attempt that ended at `ended`: after a quarter of its
/// age, so that a return on the first day is seen within minutes and a payout of last year
/// costs a reading a week. `None` when it is old enough to be left.
pub fn next_look(ended: Timestamp, now: Timestamp) -> Option<Timestamp> {
    if now > ended.plus_days(LOOK_DAYS) {
        return None;
    }
    let age_ms = now.micros().saturating_sub(ended.micros()) / 1_000;
    Some(now.plus_ms((age_ms / 4).clamp(FIRST_LOOK_MS, LAST_LOOKS_MS)))
}

/// The key of an attempt: derived, so that a crash cannot make a second one.
pub fn idempotency_key(payout: PayoutId, rail: &str, attempt: i64) -> String {
    format!("{payout}.{rail}.{attempt}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_thin_out_and_end() {
        let ended = Timestamp(1_000_000_000_000);
        let (mut at, mut looks, mut widest) = (ended, 0, 0);
        while let Some(next) = next_look(ended, at) {
            assert!(next > at, "time goes on");
            widest = widest.max(next.micros() - at.micros());
            (at, looks) = (next, looks + 1);
            assert!(looks < 500, "the looks never end");
        }
        assert!(looks < 150, "{looks} readings of one payout");
        assert!(at > ended.plus_days(LOOK_DAYS), "the whole time is looked at");
        assert!(widest <= LAST_LOOKS_MS * 1_000);
        let first_hour = ended.plus_ms(3_600_000);
        let soon = next_look(ended, first_hour).unwrap();
        assert!(soon <= first_hour.plus_ms(15 * 60_000), "a fresh return is seen soon");
    }
}
