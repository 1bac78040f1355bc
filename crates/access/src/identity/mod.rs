//! Identity: users with argon2id passwords, sessions with rotating refresh tokens, access
//! tokens from the house's own ES256 issuer.
//!
//! Invariants: a refresh token works once, but for ten seconds in which two tabs may both have
//! used it; any earlier one revokes its session. Logout revokes at once, with tokens that have
//! ended, too. Five failed logins from one address (IPv6: one /64) within 300 s block it for
//! 300 s, twenty to one account block that; a success clears only its own account's.
//! Signing keys are stored wrapped by the master key and never leave the process unwrapped.
//!
//! Tables owned: `identity_users`, `identity_sessions`, `identity_keys`,
//! `identity_login_failures`, `identity_marks`. Events: none; logins are in the audit.
//!
//! Foreign issuers are in `foreign`; a person who logs in by one is a row of `identity_users` with
//! its name as `issuer`, and cannot log in by password.

mod assertion;
mod foreign;
pub(crate) mod http;
mod inspect;
mod keys;
mod logins;
mod memory;
mod model;
mod people;
mod refresh;
mod ring;
pub mod service;
mod sessions;
mod store;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_assertion;
#[cfg(test)]
mod tests_foreign;
#[cfg(test)]
mod tests_people;
mod users;
mod visitors;

pub use assertion::ASSERTION_AUDIENCE;
pub use foreign::IssuerConfig;
pub use http::{ACCESS_COOKIE, CSRF_COOKIE, routes, spec_routes};
pub use keys::MasterKey;
pub use model::{Key, NewUser, Session, SessionId, User, UserId};
pub use service::{Config, Identity};
pub use sessions::Holds;
pub use store::{forget_failures, forget_sessions};
