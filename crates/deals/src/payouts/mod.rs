//! Payouts: one intent, a series of attempts on rails, read back until the outcome is known.
//!
//! Invariants: funds are held before anything is sent. The idempotency key is stored before the
//! first call and reused on every retry. A timeout is UNKNOWN: it is read back, never paid
//! again. A hold is posted on proven success and voided on proven failure. A late return is a
//! new transfer in reverse.
//!
//! Tables owned: `payouts`, `payouts_attempts`, `payouts_evidence`. Events: emitted on the offer.

mod http;
mod model;
mod rail;
pub mod service;
mod store;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::ALL as ALL_FOR_TESTS;

pub use http::{PayoutView, routes};
pub use model::{Attempt, Payout, PayoutId, PayoutStatus};
pub(crate) use rail::in_words;
pub use rail::{Instruction, Rail, RailError, RailPayment, RailState};
