//! Originate: from a creator's statement to paid money.
//!
//! Rooms: `creators`, `statements`, `offers`, `valuation`, `payouts`, `documents`, `letters`,
//! `search`, and the sandbox `bank` that payouts run on until a real rail is configured.

pub mod bank;
pub mod creators;
pub mod documents;
pub mod letters;
pub mod offers;
pub mod payouts;
mod search;
pub mod statements;
pub mod trace;
pub mod valuation;
mod wiring;

pub(crate) use creators::{checked_text as creators_text, search_pattern as creators_pattern};
pub(crate) use offers::terms_version as offers_terms_version;
pub use wiring::{BACKFILLS, Deals, MIGRATIONS, MODULES, module_of};
