//! Policy: Rego, evaluated in process or by a remote OPA. Default deny; a policy that cannot be
//! asked denies too (`policy_unavailable`).
//!
//! The policies are in `policies/`, with their tests beside them; the same text and tests run
//! on a remote OPA. Every decision is logged: in memory for a moment, then in batches as the
//! event `policy.decisions` (aggregate = the log of one process), which this module consumes
//! itself into its table. A request never waits for the log.
//!
//! Policies may come from elsewhere (`bundle`); until the first was loaded nobody is let in.
//!
//! Table owned: `policy_decisions`. Events emitted and consumed: `policy.decisions`.

mod bundle;
mod consumers;
mod embedded;
mod http;
mod log;
mod model;
mod remote;
mod service;
mod store;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_opa;

pub use consumers::consumers;
pub use embedded::{Embedded, POLICIES};
pub use http::routes;
pub use service::{Config, Enforcement, Policy, Status};
