//! Creators: the musicians and video makers the house buys royalties from, and where their
//! money goes.
//!
//! Invariants: a platform's identifier belongs to one creator. Account numbers live in an
//! erasable table of their own; events and chains carry the recipient's identifier only.
//!
//! Tables owned: `creators`, `creators_recipients`. Events: none yet.

mod http;
mod model;
mod national;
pub mod service;
mod store;

pub use http::{CreatorView, routes};
pub(crate) use model::text as checked_text;
pub use model::{Creator, CreatorId, NewCreator, NewRecipient, Recipient, RecipientId};
pub(crate) use store::pattern as search_pattern;
