//! Stored idempotency keys: the key, a digest of what was asked, and the answer, in the same
//! transaction as the work. The same key with the same content answers again; with other
//! content it is an error. Every POST that changes something goes through [`Once`].

use kernel::{Error, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::cx::Cx;
use crate::db::{DbError, Tx};
use crate::params;

const FIND: &str = "select digest, answer from idempotency where scope = $1 and key = $2";
const CLAIM: &str = "insert into idempotency (scope, key, digest, answer, created_at) \
    values ($1, $2, $3, 'null', $4) on conflict (scope, key) do nothing";
const FORGET: &str = "delete from idempotency where (scope, key) in \
    (select scope, key from idempotency where created_at < $1 order by created_at limit $2)";
const ANSWER: &str = "update idempotency set answer = $3 where scope = $1 and key = $2";

/// Makes a command happen once per key. A command without a key simply happens.
#[derive(Debug, Clone)]
pub struct Once(Option<Key>);

#[derive(Debug, Clone)]
struct Key {
    /// Who and what: action and user, so that keys of others never meet.
    scope: String,
    key: String,
    /// sha256 over the content.
    digest: String,
}

impl Once {
    /// The command `action` with `content`, under the key that came with the request, if any.
    ///
    /// # Errors
    /// `Invalid` naming the header when the key is empty, too long or not visible ASCII.
    pub fn optional(cx: &Cx, action: &str, content: &impl Serialize) -> Result<Self, Error> {
        let Some(key) = &cx.idempotency_key else { return Ok(Self(None)) };
        let sane = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if !sane {
            return Err(Error::invalid(
                "Idempotency-Key",
                "Idempotency-Key must be 1 to 255 visible ASCII characters",
            ));
        }
        let text = serde_json::to_vec(content)
            .map_err(|e| Error::internal("content cannot be written as JSON").caused_by(e))?;
        // By identifier: names of other houses' users may be the same as names of ours.
        let who = cx.principal.id.map_or_else(|| cx.principal.name.clone(), |id| id.to_string());
        let scope = format!("{action}/{who}");
        let digest = hex::encode(Sha256::digest(text));
        Ok(Self(Some(Key { scope, key: key.clone(), digest })))
    }

    /// For work that nobody sent: it has no key.
    #[must_use]
    pub const fn never() -> Self {
        Self(None)
    }

    /// As [`Once::optional`], for commands that move money: the key must be there.
    ///
    /// # Errors
    /// `Invalid` naming the header when it is missing or not allowed.
    pub fn required(cx: &Cx, action: &str, content: &impl Serialize) -> Result<Self, Error> {
        let once = Self::optional(cx, action, content)?;
        if once.0.is_none() {
            return Err(Error::invalid(
                "Idempotency-Key",
                "money moves here: send an Idempotency-Key header",
            ));
        }
        Ok(once)
    }

    /// What this command answered before, if it was done already; only looks.
    ///
    /// # Errors
    /// `Conflict` (`idempotency_key_reused`) when the key was used with other content.
    pub fn before<T: DeserializeOwned>(&self, tx: &mut Tx<'_>) -> Result<Option<T>, Error> {
        let Some(key) = &self.0 else { return Ok(None) };
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

    /// Takes the key for this transaction, before anything else is decided; answers what was
    /// answered before when somebody had it. Waits for another transaction that has it now.
    ///
    /// # Errors
    /// `Conflict` (`idempotency_key_reused`) when the key was used with other content.
    pub fn begin<T: DeserializeOwned>(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
    ) -> Result<Option<T>, Error> {
        let Some(key) = &self.0 else { return Ok(None) };
        let claimed = tx.execute(CLAIM, params![&key.scope, &key.key, &key.digest, now])?;
        if claimed == 1 { Ok(None) } else { self.before(tx) }
    }

    /// Keeps the answer of a command that was begun, to be given again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn done(&self, tx: &mut Tx<'_>, answer: &impl Serialize) -> Result<(), DbError> {
        let Some(key) = &self.0 else { return Ok(()) };
        let text = serde_json::to_string(answer).map_err(|e| DbError::Other(e.to_string()))?;
        tx.execute(ANSWER, params![&key.scope, &key.key, text])?;
        Ok(())
    }
}

/// Forgets keys from before a moment, a piece at a time: what is sent again after that is new.
///
/// # Errors
/// When the database fails.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    tx.execute(FORGET, params![before, crate::retention::PIECE])
}
