//! The ledger as pure values: accounts, immutable transfers, two-phase holds, and the rules.
//!
//! No clock, no database. The service loads what a batch touches into a [`State`], applies,
//! and saves what changed; the property tests run a million steps on a [`State`] alone.

mod account;
mod refusal;
mod state;
#[cfg(test)]
#[path = "tests.rs"]
pub(crate) mod tests_support;
mod transfer;

pub use account::{Account, AccountId, Purpose, Rule, Side};
pub use refusal::Refusal;
pub use state::{Applied, Hold, HoldState, Known, MOST_TOTAL, Outcome, State};
pub use transfer::{Action, Transfer, TransferId, TransferKind};
