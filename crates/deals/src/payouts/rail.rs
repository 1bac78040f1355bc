//! The port to the rails that move money.

use async_trait::async_trait;
use kernel::Money;

/// What a rail is asked to pay.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// The same key is the same payment, for ever.
    pub key: String,
    /// How much.
    pub amount: Money,
    /// Holder of the account.
    pub holder_name: String,
    /// The account.
    pub account: String,
}

/// What a rail says about a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RailState {
    /// Accepted, not settled.
    Pending,
    /// The money is out.
    Paid,
    /// It will not be paid; no money left.
    Failed {
        /// The rail's code.
        code: String,
    },
    /// It was paid and came back.
    Returned {
        /// The rail's code.
        code: String,
    },
}

/// A payment as the rail has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RailPayment {
    /// The rail's own reference.
    pub reference: String,
    /// Where it stands.
    pub state: RailState,
}

/// Why a call to a rail gave no payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RailError {
    /// The rail refused before anything moved: proven that no money left.
    Refused {
        /// The rail's code.
        code: String,
        /// Its words.
        message: String,
    },
    /// Timeout, dropped connection, 5xx, conflict: the outcome is not known. Read it back.
    Unknown {
        /// What was seen.
        message: String,
    },
}

/// A code as people read it: `sandbox_bank` is "Sandbox bank".
pub(crate) fn in_words(code: &str) -> String {
    let text = code.to_lowercase().replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A rail.
#[async_trait]
pub trait Rail: Send + Sync {
    /// Stable name: `sandbox_bank`.
    fn name(&self) -> &'static str;

    /// Asks for the payment. Replay-safe: the same key never pays twice.
    async fn send(&self, instruction: &Instruction) -> Result<RailPayment, RailError>;

    /// Reads the payment of a key back; `None` when the rail never got it.
    async fn read(&self, key: &str) -> Result<Option<RailPayment>, RailError>;
}
