//! Stored idempotency keys: the key, a digest of what was asked, and the answer, in the same
//! transaction as the work. The same key with the same content answers again; with other
//! content it is an error.

use kernel::{Error, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::db::{DbError, Tx};
use crate::params;

const FIND: &str = "select digest, answer from idempotency where scope = $1 and key = $2";
const SAVE: &str = "insert into idempotency (scope, key, digest, answer, created_at) \
    values ($1, $2, $3, $4, $5)";

/// A key as it came with a request.
#[derive(Debug, Clone)]
pub struct Key {
    /// Who and what: user and route, so that keys of others never meet.
    pub scope: String,
    /// The client's key, 1 to 255 visible ASCII characters.
    pub key: String,
    /// sha256 over the content.
    pub digest: String,
}

impl Key {
    /// A key over `content`.
    ///
    /// # Errors
    /// `Invalid` naming the header when the key is empty, too long or not visible ASCII.
    pub fn try_new(scope: String, key: &str, content: &impl Serialize) -> Result<Self, Error> {
        let sane = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if !sane {
            return Err(Error::invalid(
                "Idempotency-Key",
                "Idempotency-Key must be 1 to 255 visible ASCII characters",
            ));
        }
        let text = serde_json::to_vec(content)
            .map_err(|e| Error::internal("content cannot be written as JSON").caused_by(e))?;
        Ok(Self { scope, key: key.to_owned(), digest: hex::encode(Sha256::digest(text)) })
    }
}

/// The stored answer of this key, if it was used before.
///
/// # Errors
/// `Conflict` (`idempotency_key_reused`) when it was used with other content.
pub fn find<T: DeserializeOwned>(tx: &mut Tx<'_>, key: &Key) -> Result<Option<T>, Error> {
    let Some(row) = tx.query_opt(FIND, params![&key.scope, &key.key])? else {
        return Ok(None);
    };
    if row.text("digest")? != key.digest {
        return Err(Error::conflict(
            "idempotency_key_reused",
            "this Idempotency-Key was already used with other content; use a new key",
        ));
    }
    Ok(Some(row.json("answer")?))
}

/// Stores the answer of this key.
///
/// # Errors
/// `Unique` when another request with the same key was faster: it is run again and finds it.
pub fn save(
    tx: &mut Tx<'_>,
    key: &Key,
    answer: &impl Serialize,
    now: Timestamp,
) -> Result<(), DbError> {
    let text = serde_json::to_string(answer).map_err(|e| DbError::Other(e.to_string()))?;
    tx.execute(SAVE, params![&key.scope, &key.key, &key.digest, text, now])?;
    Ok(())
}
