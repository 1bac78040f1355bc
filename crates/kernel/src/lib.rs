//! The vocabulary of the house: identifiers, money, time, errors, principals, pages and the
//! event envelope.
//!
//! Invariants: no input or output, no async runtime, no HTTP, no SQL. Everything here is a
//! plain value or a trait that the outer rooms implement. Amounts are integers everywhere;
//! [`exact::Exact`] carries the fractions of a cent that royalty statements contain.

pub mod error;
pub mod event;
pub mod exact;
pub mod ids;
pub mod money;
pub mod page;
pub mod principal;
pub mod schema;
pub mod time;
pub mod trace;

pub use error::{Error, Kind, Result};
pub use event::Envelope;
pub use exact::Exact;
pub use ids::Ids;
pub use money::{Asset, Money};
pub use page::{Cursor, Page};
pub use principal::{Principal, Role};
pub use time::{Clock, Month, Timestamp};
pub use trace::Trace;
