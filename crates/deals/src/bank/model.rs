//! Faults and failing accounts.

use serde::{Deserialize, Serialize};

/// How many of the next calls are hit by each fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// No answer, and the payment was not accepted.
    #[schema(minimum = 0, maximum = 1000)]
    pub timeout_before: i64,
    /// No answer, but the payment was accepted.
    #[schema(minimum = 0, maximum = 1000)]
    pub timeout_after: i64,
    /// A 5xx, and the payment was not accepted.
    #[schema(minimum = 0, maximum = 1000)]
    pub server_error: i64,
    /// Refused before anything moved.
    #[schema(minimum = 0, maximum = 1000)]
    #[serde(default)]
    pub refused: i64,
    /// Paid, and returned a moment later.
    #[schema(minimum = 0, maximum = 1000)]
    pub late_return: i64,
}

/// What an account number does, as the public test numbers of payment providers do it.
pub(super) fn failure_of(account: &str) -> Option<&'static str> {
    match account {
        "000111111116" => Some("no_account"),
        "000111111113" => Some("account_closed"),
        "000222222227" => Some("insufficient_funds"),
        "000333333335" => Some("debit_not_authorized"),
        "000444444440" => Some("invalid_currency"),
        iban if iban.starts_with("DE") => match iban.get(12..) {
            Some("0532013001") => Some("no_account"),
            Some("0532013002") => Some("account_closed"),
            Some("0532013003") => Some("insufficient_funds"),
            Some("0532013004") => Some("debit_not_authorized"),
            Some("0532013005") => Some("invalid_currency"),
            _ => None,
        },
        _ => None,
    }
}

/// A payment that the bank accepted, as its statement of account shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Idempotency key it came with.
    pub key: String,
    /// Account it goes to.
    pub account: String,
    /// How much.
    pub amount: kernel::Money,
    /// `pending`, `paid`, `failed` or `returned`.
    pub state: String,
}
