//! The hub: live events to whoever may see them.
//!
//! The sequence of a topic IS the outbox position, the same at every server that shares the
//! database: `Last-Event-ID` resumes on any of them with nothing lost. A reader that cannot
//! keep up is closed with a reason; it comes back where it stopped.

mod fanout;
mod hub;
mod sse;
#[cfg(test)]
mod tests;

pub use fanout::fan_out;
pub use hub::Hub;
pub use sse::routes;
