//! Documents: term sheet and receipt, typeset, stored by digest, verifiable.
//!
//! Invariants: the same offer in the same state gives the same bytes. A document is stored
//! before the transaction that names it; its digest is in the deal, the event and the audit.
//!
//! Tables owned: none (the blob store keeps the files, offers keep the digests).

mod build;
pub mod typeset;

pub use build::{HouseName, Payment, receipt, term_sheet};
pub(crate) use build::{deal, language};

/// The offer's number and the kind of the document with this digest, inside a transaction.
///
/// # Errors
/// When the database fails.
pub fn find(
    tx: &mut platform::db::Tx<'_>,
    sha256: &str,
) -> Result<Option<(String, String)>, platform::db::DbError> {
    crate::offers::store::by_document(tx, sha256)
}
