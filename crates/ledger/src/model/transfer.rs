//! Transfers: immutable movements between two accounts.

use kernel::ids::Uuid;
use kernel::{Error, Timestamp, typed_id};
use serde::{Deserialize, Serialize};

use super::account::{AccountId, words};

typed_id!(TransferId, "a transfer");

words!(
    /// What a transfer records, for bookkeeping.
    TransferKind {
        /// A catalogue was bought or an advance granted.
        Purchase = "purchase",
        /// Money to a creator.
        Payout = "payout",
        /// A cost of a rail.
        Fee = "fee",
        /// Capital or customers' money in.
        Deposit = "deposit",
        /// A trade settled.
        Trade = "trade",
        /// Royalties received.
        Royalty = "royalty",
        /// A correction or a return, always a new transfer.
        Adjustment = "adjustment",
    }
);

/// What a transfer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Moves money at once.
    Single,
    /// Holds money until it is posted, voided or expires.
    Pending {
        /// When the hold ends by itself.
        expires_at: Option<Timestamp>,
    },
    /// Posts a hold, all of it or a part; the rest is released.
    Post {
        /// The hold.
        pending: TransferId,
    },
    /// Releases a hold.
    Void {
        /// The hold.
        pending: TransferId,
    },
    /// Releases a hold whose time is over.
    Expire {
        /// The hold.
        pending: TransferId,
    },
}

impl Action {
    /// The word on the wire and in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Pending { .. } => "pending",
            Self::Post { .. } => "post",
            Self::Void { .. } => "void",
            Self::Expire { .. } => "expire",
        }
    }

    /// The hold it resolves, if it does.
    pub const fn resolves(self) -> Option<TransferId> {
        match self {
            Self::Single | Self::Pending { .. } => None,
            Self::Post { pending } | Self::Void { pending } | Self::Expire { pending } => {
                Some(pending)
            }
        }
    }
}

/// A movement of `amount` minor units from `credit` to `debit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Given by the caller: the same identifier is the same transfer, for ever.
    pub id: TransferId,
    /// What it does.
    pub action: Action,
    /// The account that is debited.
    pub debit: AccountId,
    /// The account that is credited.
    pub credit: AccountId,
    /// Minor units of the accounts' asset; above zero (zero only for void and expire).
    pub amount: i64,
    /// What it records.
    pub kind: TransferKind,
    /// The deal it belongs to.
    pub offer: Option<Uuid>,
    /// Reference of the rail or the paper it comes from.
    pub reference: String,
    /// Who had it booked: a user's name, or `system`. Of old transfers nobody knows: empty.
    pub actor: String,
    /// When it happened.
    pub at: Timestamp,
}

impl Transfer {
    /// The first field in which `other` differs. Time and actor do not count, so that a retry a
    /// moment later, or by somebody else, is the same transfer.
    pub fn differs_in(&self, other: &Self) -> Option<&'static str> {
        let same_action = self.action.as_str() == other.action.as_str()
            && self.action.resolves() == other.action.resolves();
        [
            ("action", same_action),
            ("debit_account", self.debit == other.debit),
            ("credit_account", self.credit == other.credit),
            ("amount", self.amount == other.amount),
            ("type", self.kind == other.kind),
            ("offer_id", self.offer == other.offer),
            ("reference", self.reference == other.reference),
        ]
        .into_iter()
        .find_map(|(name, same)| (!same).then_some(name))
    }

    /// The content that an identifier stands for, as text; see [`Transfer::differs_in`].
    pub fn content(&self) -> String {
        format!(
            "{}|{}|{}|{}|{}|{}|{}|{}",
            self.action.as_str(),
            self.action.resolves().map(|p| p.to_string()).unwrap_or_default(),
            self.debit,
            self.credit,
            self.amount,
            self.kind,
            self.offer.map(|o| o.to_string()).unwrap_or_default(),
            self.reference
        )
    }
}
