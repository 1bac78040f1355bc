//! Why a transfer is refused: stable codes, each with its sentence.

use kernel::{Error, Kind};

use super::account::AccountId;
use super::transfer::TransferId;

/// A refused transfer. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// An account does not exist.
    NoAccount(AccountId),
    /// Debit and credit are the same account.
    SameAccount,
    /// The two accounts count different assets.
    OtherAsset,
    /// The amount is not above zero, or does not fit the account.
    Amount(&'static str),
    /// An account's rule would be broken.
    Rule {
        /// Whose rule.
        code: String,
        /// What is still available, minor units.
        available: i64,
    },
    /// The hold does not exist.
    NoHold(TransferId),
    /// The hold is already posted, voided or expired.
    HoldResolved(&'static str),
    /// Other accounts than the hold's.
    HoldAccounts,
    /// More than the hold.
    MoreThanHeld {
        /// Held minor units.
        held: i64,
    },
    /// The hold's time is not over.
    NotExpired,
    /// The hold's time is over: it can only be released.
    HoldExpired,
    /// The identifier was used for other content.
    IdReused(&'static str),
    /// The identifier failed before, and stays failed.
    AlreadyFailed(String),
}

impl Refusal {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoAccount(_) => "account_not_found",
            Self::SameAccount => "accounts_must_differ",
            Self::OtherAsset => "assets_must_match",
            Self::Amount(_) => "amount_not_allowed",
            Self::Rule { .. } => "insufficient_funds",
            Self::NoHold(_) => "hold_not_found",
            Self::HoldResolved(_) => "hold_already_resolved",
            Self::HoldAccounts => "hold_accounts_differ",
            Self::MoreThanHeld { .. } => "exceeds_hold",
            Self::NotExpired => "hold_not_expired",
            Self::HoldExpired => "hold_expired",
            Self::IdReused(_) => "transfer_id_reused",
            Self::AlreadyFailed(_) => "transfer_already_failed",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoAccount(id) => write!(f, "account {id} does not exist"),
            Self::SameAccount => f.write_str("debit and credit must be different accounts"),
            Self::OtherAsset => f.write_str("both accounts must count the same currency"),
            Self::Amount(why) => write!(f, "amount {why}"),
            Self::Rule { code, available } => {
                write!(f, "account {code} has only {available} minor units available")
            }
            Self::NoHold(id) => write!(f, "there is no hold {id}"),
            Self::HoldResolved(state) => write!(f, "the hold is already {state}"),
            Self::HoldAccounts => f.write_str("accounts must be those of the hold"),
            Self::MoreThanHeld { held } => write!(f, "only {held} minor units are held"),
            Self::NotExpired => f.write_str("the hold's time is not over"),
            Self::HoldExpired => f.write_str("the hold's time is over: it can only be released"),
            Self::IdReused(field) => {
                write!(f, "this transfer id was used before with another {field}")
            }
            Self::AlreadyFailed(code) => {
                write!(f, "this transfer id failed before ({code}) and stays failed: use a new id")
            }
        }
    }
}

impl From<Refusal> for Error {
    fn from(r: Refusal) -> Self {
        let error = Self::new(Kind::Conflict, r.code(), r.to_string());
        match r {
            Refusal::IdReused(field) => error.with("field", field),
            Refusal::Amount(_) => Self { kind: Kind::Invalid, ..error }.with("field", "amount"),
            Refusal::Rule { code, available } => {
                error.with("account", code).with("available_minor", available)
            }
            _ => error,
        }
    }
}
