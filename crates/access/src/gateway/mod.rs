//! The front door: what every request passes on its way in and every answer on its way out.
//!
//! Request id, address, principal, CSRF for cookie sessions, rate limit, deadline, panic guard,
//! the error body, security headers, one access line, metrics.

mod address;
mod failure;
mod front;
mod limits;
mod trace;

pub use front::{Config, Gateway, front};
