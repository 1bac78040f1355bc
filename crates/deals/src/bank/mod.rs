//! The sandbox bank: a rail with real failure modes, for laptops, demos and tests.
//!
//! A state machine with a database of its own, as a real bank has: it knows nothing of deals.
//! Payments are replay-safe by key, settle after a delay, fail for the well-known account
//! numbers, and faults can be switched on: time out before or after it accepted, 5xx, return
//! the money late.
//!
//! Tables owned (in its own database): `bank_transfers`, `bank_faults`.

mod http;
mod model;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use http::routes;
pub use model::{Faults, Payment};
pub use service::{Bank, MIGRATIONS};
