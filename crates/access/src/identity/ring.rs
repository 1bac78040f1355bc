//! The ring of the house's signing keys. Another process may add one after we started, so a key
//! that is not known is looked for in the database, at most once in a while.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jsonwebtoken::{Algorithm, Header, Validation};
use kernel::{Clock, Error, Timestamp};
use platform::House;
use platform::db::{Db, DbError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::keys::{self, MasterKey, SigningKey};
use super::store;

/// How long a look at the database is believed when a key was not found: tokens with made-up
/// key names must not become a load on it.
const COOL_DOWN_MS: i64 = 5_000;

/// Every signing key, newest first.
pub(super) struct Ring {
    pub(super) master: MasterKey,
    db: Db,
    pub(super) clock: Arc<dyn Clock>,
    keys: ArcSwap<Vec<SigningKey>>,
    /// When the database was last asked for keys; held while it is asked.
    asked: Mutex<Timestamp>,
}

/// What a text signed by the house must say to be accepted.
pub(super) struct Accepted<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
}

impl Ring {
    /// Opens every stored key, making the first one when there is none.
    pub(super) async fn open(house: &House, master: &MasterKey) -> Result<Self, Error> {
        let (fresh, wrapped) = keys::generate(master)?;
        let (kid, jwk) = (fresh.kid.clone(), fresh.public_jwk.clone());
        let now = house.clock.now();
        let stored = house
            .db
            .write(move |tx| {
                let stored = store::keys(tx)?;
                if stored.is_empty() {
                    store::insert_key(tx, &kid, wrapped.clone(), &jwk, now)?;
                }
                Ok::<_, DbError>(stored)
            })
            .await?;
        let keys = if stored.is_empty() { vec![fresh] } else { open_all(master, &stored)? };
        Ok(Self {
            master: master.clone(),
            db: house.db.clone(),
            clock: Arc::clone(&house.clock),
            keys: ArcSwap::from_pointee(keys),
            asked: Mutex::new(Timestamp(0)),
        })
    }

    /// The public keys, as a JWKS document.
    pub(super) fn jwks(&self) -> serde_json::Value {
        let keys = self.keys.load();
        let keys: Vec<serde_json::Value> =
            keys.iter().filter_map(|k| serde_json::from_str(&k.public_jwk).ok()).collect();
        serde_json::json!({ "keys": keys })
    }

    /// Now, by the house's clock.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Signs `claims` with the newest key; `kind` is the `typ` of the header.
    pub(super) fn sign(
        &self,
        kind: Option<&str>,
        claims: &impl Serialize,
    ) -> Result<String, Error> {
        let keys = self.keys.load();
        let key = keys.first().ok_or_else(|| Error::internal("there is no signing key"))?;
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(key.kid.clone());
        header.typ = kind.map(str::to_owned).or(header.typ);
        jsonwebtoken::encode(&header, claims, &key.encoding)
            .map_err(|e| Error::internal("a token could not be signed").caused_by(e))
    }

    /// What `text` says when the house signed it for this issuer and audience, else `None`.
    /// Its times are the caller's to compare with the house's own clock.
    pub(super) async fn verify<T: DeserializeOwned + Clone>(
        &self,
        text: &str,
        accepted: &Accepted<'_>,
    ) -> Result<Option<T>, Error> {
        let Some(kid) = jsonwebtoken::decode_header(text).ok().and_then(|h| h.kid) else {
            return Ok(None);
        };
        // The algorithm is ours to choose, never the token's.
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[accepted.issuer]);
        validation.set_audience(&[accepted.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.validate_exp = false;
        if !self.knows(&kid) && !self.look_for(&kid).await? {
            return Ok(None);
        }
        let keys = self.keys.load();
        let key = keys.iter().find(|k| k.kid == kid);
        Ok(key
            .and_then(|key| jsonwebtoken::decode::<T>(text, &key.decoding, &validation).ok())
            .map(|data| data.claims))
    }

    fn knows(&self, kid: &str) -> bool {
        self.keys.load().iter().any(|k| k.kid == kid)
    }

    /// Asks the database for a key that was made after we started. One at a time asks; those
    /// who waited find what the first one found.
    async fn look_for(&self, kid: &str) -> Result<bool, Error> {
        let mut asked = self.asked.lock().await;
        let now = self.clock.now();
        if self.knows(kid) {
            return Ok(true);
        }
        if now < asked.plus_ms(COOL_DOWN_MS) {
            return Ok(false);
        }
        let stored = self.db.read(store::keys).await.map_err(|e: DbError| Error::from(e))?;
        self.keys.store(Arc::new(open_all(&self.master, &stored)?));
        *asked = now;
        Ok(self.knows(kid))
    }
}

fn open_all(master: &MasterKey, stored: &[Vec<u8>]) -> Result<Vec<SigningKey>, Error> {
    stored.iter().map(|wrapped| keys::open(master, wrapped)).collect()
}
