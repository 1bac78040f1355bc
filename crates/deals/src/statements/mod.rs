//! Statements: what creators were paid, read from the files their distributors send.
//!
//! Invariants: a file is stored as uploaded, once per creator (by sha256). Rows are never
//! deduplicated. Amounts are exact. A refused file is stored nowhere; the audit keeps its
//! digest. Buyers' names never leave the reader. What allows two readings is asked; what was
//! dropped, or is in another statement already, needs a yes before it counts, and the audit
//! keeps it.
//!
//! Tables owned: `statements`, `statements_cells`, `statements_layouts`. Events: none; an offer
//! names the statements it is based on.

pub mod codec;
mod http;
mod model;
pub mod reader;
pub mod samples;
pub mod service;
mod store;
#[cfg(test)]
mod tests;

pub use http::routes;
pub use model::{Statement, StatementId, Status, Summary};
