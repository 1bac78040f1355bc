//! Letters: what a creator gets by mail, in English and Swedish, as plain text and as HTML.
//!
//! Invariants: a letter tells of something that has happened and is not of its own time only:
//! it is queued with the event's inbox row and sent by a job, with a Message-ID made of the
//! event, so that a mailbox can tell a second copy. Old news is not sent: a house that reads its
//! events from the beginning writes to nobody.
//!
//! Tables owned: none.

pub(crate) mod service;
mod words;

pub use service::{CONSUMER, LETTER_JOB, Post, Sample, consumers, send_sample};
pub use words::LetterKind;
