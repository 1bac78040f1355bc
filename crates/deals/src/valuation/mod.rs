//! Valuation: what the statements of an offer are worth, as a job and as a what-if.
//!
//! Tables owned: `valuations` (a report per offer and round, with the settings it used).

pub mod model;
pub mod service;
mod store;
