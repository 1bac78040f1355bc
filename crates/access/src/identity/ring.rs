//! The ring of the house's signing keys. Another process may add one after we started, so a key
//! that is not known is looked for in the database, at most once in a while.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jsonwebtoken::{Algorithm, Header, Validation};
use kernel::{Clock, Error, Timestamp};
use platform::audit::{self, Entry};
use platform::db::{Db, DbError, Tx};
use platform::idempotency::Once;
use platform::{Cx, House};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::keys::{self, MasterKey, SigningKey};
use super::store::{self, StoredKey};

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

    /// What `text` says when the house signed it for this issuer and audience, with the name of
    /// the key, else `None`.
    /// Its times are the caller's to compare with the house's own clock.
    pub(super) async fn verify<T: DeserializeOwned + Clone>(
        &self,
        text: &str,
        accepted: &Accepted<'_>,
    ) -> Result<Option<(T, String)>, Error> {
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
            .map(|data| (data.claims, kid)))
    }

    /// Makes a new key and signs with it from now on; tokens of the ones before stay good.
    pub(super) async fn rotate(&self, cx: &Cx) -> Result<String, Error> {
        let (fresh, wrapped) = keys::generate(&self.master)?;
        let (name, jwk) = (fresh.kid, fresh.public_jwk);
        let once = Once::optional(cx, "keys.rotate", &())?;
        let (ctx, now) = (cx.clone(), cx.clock.now());
        let write = move |tx: &mut Tx<'_>| {
            if let Some(before) = once.begin(tx, now)? {
                return Ok(before);
            }
            store::insert_key(tx, &name, wrapped.clone(), &jwk, now)?;
            let (action, subject) = ("identity.key_rotated", format!("key/{name}"));
            let details = serde_json::json!({});
            audit::append(tx, &ctx, now, &Entry { action, subject, details })?;
            once.done(tx, &name)?;
            Ok::<String, Error>(name.clone())
        };
        let kid = self.db.write(write).await?;
        self.reload().await?;
        Ok(kid)
    }

    /// Withdraws a key: its tokens are refused from now on. The last one is followed by a new one.
    pub(super) async fn withdraw(&self, cx: &Cx, kid: &str, reason: &str) -> Result<(), Error> {
        let (fresh, wrapped) = keys::generate(&self.master)?;
        let (ctx, now) = (cx.clone(), cx.clock.now());
        let (kid, reason) = (kid.to_owned(), reason.to_owned());
        let once = Once::optional(cx, "keys.withdraw", &(&kid, &reason))?;
        let write = move |tx: &mut Tx<'_>| {
            if once.begin::<String>(tx, now)?.is_some() {
                return Ok(());
            }
            if !store::retire_key(tx, &kid, now)? {
                let message = format!("there is no signing key {kid} that is in use");
                return Err(Error::not_found("key_not_found", message));
            }
            if store::keys(tx)?.is_empty() {
                store::insert_key(tx, &fresh.kid, wrapped.clone(), &fresh.public_jwk, now)?;
            }
            let (action, subject) = ("identity.key_withdrawn", format!("key/{kid}"));
            let details = serde_json::json!({ "reason": reason });
            audit::append(tx, &ctx, now, &Entry { action, subject, details })?;
            Ok::<_, Error>(once.done(tx, &kid)?)
        };
        self.db.write(write).await?;
        self.reload().await
    }

    /// Takes the keys as they are in the database now.
    pub(super) async fn reload(&self) -> Result<(), Error> {
        let stored: Vec<StoredKey> =
            self.db.read(store::keys).await.map_err(|e: DbError| Error::from(e))?;
        // Opening costs little, but not nothing: keys that are known stay.
        let known = self.keys.load();
        let same = known.iter().map(|k| &k.kid).eq(stored.iter().map(|k| &k.kid));
        if !same {
            self.keys.store(Arc::new(open_all(&self.master, &stored)?));
        }
        Ok(())
    }

    /// As [`Ring::reload`]; the keys of before serve on while the database is away.
    pub(super) async fn look_again(&self) {
        if let Err(e) = self.reload().await {
            tracing::warn!(error = %e, "the signing keys could not be looked at");
        }
    }

    /// Whether a key is there and was not withdrawn.
    pub(super) fn knows(&self, kid: &str) -> bool {
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
        self.reload().await?;
        *asked = now;
        Ok(self.knows(kid))
    }
}

fn open_all(master: &MasterKey, stored: &[StoredKey]) -> Result<Vec<SigningKey>, Error> {
    stored.iter().map(|key| keys::open(master, &key.wrapped)).collect()
}
