//! Foreign issuers (OpenID Connect): whose tokens the house believes, and logins of people that
//! another house knows.
//!
//! Invariants: an issuer is chosen by what the token claims, but believed only by its keys; the
//! algorithm is the key's and the configuration's, never the token's; keys that were good stay
//! good while the issuer is away; a made-up key name costs at most one fetch in 30 seconds.

mod config;
mod issuer;
mod login;
mod token;

pub use config::IssuerConfig;
pub(super) use issuer::Issuer;
pub(super) use login::{Begun, COOKIE_SECONDS};
pub(super) use token::{Expected, Verified};
