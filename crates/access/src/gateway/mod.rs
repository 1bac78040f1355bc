//! The front door: what every request passes on its way in and every answer on its way out.
//!
//! Request id, address, principal, CSRF for cookie sessions, rate limit, deadline, panic guard,
//! the error body, security headers, one access line, metrics.
//!
//! As a process of its own it proxies to the roles that were split off (`gateway.routes_file`):
//! it vouches for the caller with a signed header, and removes copies that clients send.

mod address;
mod failure;
mod front;
mod limits;
mod proxy;
mod routes;
mod upstream;

pub use address::Network;
pub use front::{Config, Door, Gateway, front};
