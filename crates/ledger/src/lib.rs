//! The ledger: the only writer of money.
//!
//! Accounts with debits and credits, pending and posted; immutable transfers; two-phase holds
//! (pending, then post, partial post, void or expire); linked transfers all or none; rules on
//! posted plus pending; idempotent by the caller's identifier, which stays failed when it
//! failed; corrections only as new transfers; balances at any past time; a sealed chain.
//!
//! Invariants: per asset the sum over all accounts is zero. No rule is ever broken. Pending
//! totals equal open holds. Replaying the transfers gives the balances.
//!
//! An account's key in tables is given once, and never changed or used again.
//!
//! Tables owned: `ledger_accounts`, `ledger_transfers`, `ledger_postings`, `ledger_holds`,
//! `ledger_failed`, `ledger_days`.
//! Events emitted: none; modules that post money emit their own in the same transaction.

pub mod http;
pub mod model;
pub mod service;
mod store;
#[cfg(test)]
mod tests;

pub use store::CHAIN;

use platform::db::migrate::Migration;

/// The tables of this package.
pub const MIGRATIONS: &[Migration] =
    &[platform::migration!(2, "0002_ledger"), platform::migration!(8, "0008_ledger")];
