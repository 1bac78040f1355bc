//! Use cases of identity: add a user, log in, refresh, log out, check a token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header, Validation};
use kernel::{Error, Kind, Principal, Timestamp};
use platform::audit::{self, Entry};
use platform::clock::random_bytes;
use platform::db::{Db, DbError};
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::keys::{self, MasterKey, SigningKey};
use super::model::{Claims, Failures, NewUser, SessionId, User, UserId, WINDOW_MS};
use super::store;

/// Settings of identity.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// `iss` of our tokens.
    pub issuer: String,
    /// `aud` of our tokens.
    pub audience: String,
    /// Life of an access token, seconds.
    pub access_seconds: i64,
    /// Life of a session, days.
    pub session_days: i64,
}

/// Tokens and sessions that are remembered before the memory of them starts anew.
const MANY: usize = 100_000;
/// How long a session is believed to be alive without asking the database.
const TRUST_MS: i64 = 2_000;

/// Tokens of a fresh login or refresh.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Tokens {
    /// Bearer token, ES256.
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token ends.
    pub expires_in: i64,
    /// Works once.
    pub refresh_token: String,
}

/// The identity service: keys in memory, everything else in the database.
pub struct Identity {
    config: Config,
    keys: Vec<SigningKey>,
    alive: Mutex<HashMap<SessionId, Timestamp>>,
    /// What tokens say whose signature was verified, by their digest: a signature never changes
    /// its mind, only the end of the token and of its session are asked each time.
    verified: Mutex<HashMap<[u8; 32], Claims>>,
    /// Verified for unknown users, so that they take as long as known ones.
    decoy: String,
}

impl Identity {
    /// Loads the signing keys, making the first one when there is none.
    ///
    /// # Errors
    /// When the database fails or the master key is not the one that wrapped them.
    pub async fn start(
        house: &Arc<House>,
        config: Config,
        master: &MasterKey,
    ) -> Result<Self, Error> {
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
        let keys = if stored.is_empty() {
            vec![fresh]
        } else {
            stored.iter().map(|w| keys::open(master, w)).collect::<Result<_, _>>()?
        };
        let decoy = hash("not anybody's password")?;
        Ok(Self { config, keys, alive: Mutex::default(), verified: Mutex::default(), decoy })
    }

    /// The public keys, as a JWKS document.
    pub fn jwks(&self) -> serde_json::Value {
        let keys: Vec<serde_json::Value> =
            self.keys.iter().filter_map(|k| serde_json::from_str(&k.public_jwk).ok()).collect();
        serde_json::json!({ "keys": keys })
    }

    /// Logs in.
    ///
    /// # Errors
    /// `invalid_credentials` (401), `address_blocked` (429, with `Retry-After`).
    pub async fn login(&self, cx: &Cx, username: &str, password: &str) -> Result<Tokens, Error> {
        let address = cx.address.clone().unwrap_or_else(|| "unknown".into());
        self.check_block(cx, &address).await?;
        let name = username.trim().to_lowercase();
        let found = cx.db.read(move |tx| store::user_by_name(tx, &name)).await?;
        let (user, stored) = match found {
            Some((user, hash)) if !user.disabled => (Some(user), hash),
            _ => (None, self.decoy.clone()),
        };
        let password = password.to_owned();
        let right = platform::tasks::blocking(move || verify(&password, &stored)).await?;
        match user.filter(|_| right) {
            Some(user) => self.open_session(cx, &user, &address).await,
            None => {
                let count = self.record_failure(cx, &address, username).await?;
                tracing::info!(address, count, "a login failed");
                Err(Error::new(
                    Kind::Unauthenticated,
                    "invalid_credentials",
                    "username or password is wrong",
                ))
            }
        }
    }

    async fn check_block(&self, cx: &Cx, address: &str) -> Result<(), Error> {
        let (asked, now) = (address.to_owned(), cx.clock.now());
        let failures: Failures = cx.db.read(move |tx| store::failures(tx, &asked)).await?;
        if failures.blocked_until <= now {
            return Ok(());
        }
        let seconds = (failures.blocked_until.0 - now.0) / 1_000_000 + 1;
        Err(Error::new(
            Kind::TooMany,
            "address_blocked",
            format!("too many failed logins from this address; try again in {seconds} s"),
        )
        .with("retry_after_seconds", seconds))
    }

    async fn record_failure(&self, cx: &Cx, address: &str, name: &str) -> Result<i64, Error> {
        let (cx, address) = (cx.clone(), address.to_owned());
        let name: String = name.chars().filter(|c| *c != '\0').take(64).collect();
        let now = cx.clock.now();
        cx.db
            .clone()
            .write(move |tx| {
                let next = store::failures(tx, &address)?.after_failure(now);
                store::save_failures(tx, &address, next)?;
                let entry = Entry {
                    action: "identity.login_failed",
                    subject: format!("address/{address}"),
                    details: serde_json::json!({ "username": name, "failures": next.count }),
                };
                audit::append(tx, &cx, now, &entry)?;
                Ok(next.count)
            })
            .await
    }

    async fn open_session(&self, cx: &Cx, user: &User, address: &str) -> Result<Tokens, Error> {
        let session = SessionId::new(&*cx.ids);
        let refresh = new_refresh_token();
        let (digest, now) = (digest(&refresh), cx.clock.now());
        let expires = now.plus_days(self.config.session_days);
        let (ctx, address, owner) = (cx.clone(), address.to_owned(), user.clone());
        cx.db
            .write(move |tx| {
                store::clear_failures(tx, &address)?;
                let from = Some(address.clone());
                store::insert_session(tx, session, owner.id, &digest, from, now, expires)?;
                let mut ctx = ctx.clone();
                ctx.principal = owner.principal();
                let entry = Entry {
                    action: "identity.login",
                    subject: format!("user/{}", owner.id),
                    details: serde_json::json!({ "session": session }),
                };
                audit::append(tx, &ctx, now, &entry)
            })
            .await
            .map_err(|e: DbError| Error::from(e))?;
        self.tokens(user, session, refresh, now)
    }

    fn tokens(
        &self,
        user: &User,
        session: SessionId,
        refresh_token: String,
        now: Timestamp,
    ) -> Result<Tokens, Error> {
        let iat = now.micros() / 1_000_000;
        let claims = Claims {
            iss: self.config.issuer.clone(),
            aud: self.config.audience.clone(),
            sub: user.id.0,
            sid: session.0,
            name: user.username.clone(),
            roles: user.roles.clone(),
            own: user.subject,
            iat,
            exp: iat + self.config.access_seconds,
        };
        let key = self.keys.first().ok_or_else(|| Error::internal("there is no signing key"))?;
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(key.kid.clone());
        let access_token = jsonwebtoken::encode(&header, &claims, &key.encoding)
            .map_err(|e| Error::internal("a token could not be signed").caused_by(e))?;
        Ok(Tokens {
            access_token,
            token_type: "bearer",
            expires_in: self.config.access_seconds,
            refresh_token,
        })
    }

    /// Exchanges a refresh token for new tokens. An old one revokes its session: it was stolen
    /// or replayed.
    ///
    /// # Errors
    /// `invalid_refresh_token` (401).
    pub async fn refresh(&self, cx: &Cx, token: &str) -> Result<Tokens, Error> {
        let (given, fresh) = (digest(token), new_refresh_token());
        let next = digest(&fresh);
        let (ctx, now) = (cx.clone(), cx.clock.now());
        let rotated = cx
            .db
            .write(move |tx| {
                let Some(s) = store::session_by_refresh(tx, &given)? else { return Ok(None) };
                if s.revoked || s.expires_at <= now {
                    return Ok(None);
                }
                if !s.current {
                    store::revoke(tx, s.id, now)?;
                    let entry = Entry {
                        action: "identity.refresh_reused",
                        subject: format!("session/{}", s.id),
                        details: serde_json::json!({}),
                    };
                    audit::append(tx, &ctx, now, &entry)?;
                    return Ok(None);
                }
                let Some(user) = store::find_user(tx, s.user)?.filter(|u| !u.disabled) else {
                    return Ok(None);
                };
                store::rotate(tx, s.id, &next)?;
                Ok::<_, DbError>(Some((user, s.id)))
            })
            .await?;
        let (user, session) = rotated.ok_or_else(|| {
            Error::new(
                Kind::Unauthenticated,
                "invalid_refresh_token",
                "the session has ended; log in again",
            )
        })?;
        self.tokens(&user, session, fresh, now)
    }

    /// Ends the session of an access token; the token stops working at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn logout(&self, cx: &Cx, token: &str) -> Result<(), Error> {
        let claims = self.claims(token, cx.clock.now())?;
        let session = SessionId(claims.sid);
        self.trusted().remove(&session);
        let (ctx, now) = (cx.clone(), cx.clock.now());
        cx.db
            .write(move |tx| {
                store::revoke(tx, session, now)?;
                let entry = Entry {
                    action: "identity.logout",
                    subject: format!("session/{session}"),
                    details: serde_json::json!({}),
                };
                audit::append(tx, &ctx, now, &entry)
            })
            .await
            .map_err(Error::from)
    }

    /// Who a token speaks for. Signature and claims are checked here; whether the session still
    /// lives is asked of the database, at most every two seconds.
    ///
    /// # Errors
    /// `invalid_token` (401).
    pub async fn authenticate(&self, house: &House, token: &str) -> Result<Principal, Error> {
        let now = house.clock.now();
        let claims = self.claims(token, now)?;
        let session = SessionId(claims.sid);
        let trusted = self.trusted().get(&session).is_some_and(|until| *until > now);
        if !trusted {
            let alive: bool = house
                .db
                .read(move |tx| store::session_alive(tx, session, now))
                .await
                .map_err(|e: DbError| Error::from(e))?;
            if !alive {
                return Err(invalid_token());
            }
            let mut sessions = self.trusted();
            if sessions.len() > MANY {
                sessions.clear();
            }
            sessions.insert(session, now.plus_ms(TRUST_MS));
        }
        Ok(Principal {
            id: Some(claims.sub),
            subject: claims.own,
            name: claims.name,
            roles: claims.roles,
        })
    }

    fn trusted(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, Timestamp>> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claims(&self, token: &str, now: Timestamp) -> Result<Claims, Error> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let known = self.verified().get(&digest).cloned();
        let claims = match known {
            Some(claims) => claims,
            None => {
                let claims = self.verify(token)?;
                let mut verified = self.verified();
                if verified.len() > MANY {
                    verified.clear();
                }
                verified.insert(digest, claims.clone());
                claims
            }
        };
        if claims.exp <= now.micros() / 1_000_000 {
            return Err(invalid_token());
        }
        Ok(claims)
    }

    fn verified(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Claims>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Verifies signature, issuer and audience; not the expiry, which the caller compares with
    /// the house's own clock.
    fn verify(&self, token: &str) -> Result<Claims, Error> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid_token())?;
        let key = header
            .kid
            .and_then(|kid| self.keys.iter().find(|k| k.kid == kid))
            .ok_or_else(invalid_token)?;
        // The algorithm is ours to choose, never the token's.
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[&self.config.issuer]);
        validation.set_audience(&[&self.config.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation)
            .map(|data| data.claims)
            .map_err(|_| invalid_token())
    }
}

fn invalid_token() -> Error {
    Error::new(Kind::Unauthenticated, "invalid_token", "the token is not valid here, or has ended")
}

/// Adds a user.
///
/// # Errors
/// `Invalid` naming the field, or `username_taken`.
pub async fn add_user(cx: &Cx, new: NewUser) -> Result<User, Error> {
    let new = new.checked()?;
    let secret = new.password.clone();
    let hashed = platform::tasks::blocking(move || hash(&secret)).await??;
    let user = User {
        id: UserId::new(&*cx.ids),
        username: new.username,
        display_name: new.display_name,
        roles: new.roles,
        subject: new.subject,
        disabled: false,
    };
    let (ctx, now, stored) = (cx.clone(), cx.clock.now(), user.clone());
    cx.db
        .write(move |tx| {
            if store::user_by_name(tx, &stored.username)?.is_some() {
                return Err(Error::conflict(
                    "username_taken",
                    format!("there is already a user '{}'", stored.username),
                ));
            }
            store::insert_user(tx, &stored, &hashed, now)?;
            let roles: Vec<&str> = stored.roles.iter().map(|r| r.as_str()).collect();
            let entry = Entry {
                action: "identity.user_added",
                subject: format!("user/{}", stored.id),
                details: serde_json::json!({ "username": stored.username, "roles": roles }),
            };
            audit::append(tx, &ctx, now, &entry)?;
            Ok(())
        })
        .await?;
    Ok(user)
}

/// Every user, by name.
///
/// # Errors
/// When the database fails.
pub async fn users(db: &Db) -> Result<Vec<User>, Error> {
    db.read(store::users).await.map_err(|e: DbError| e.into())
}

/// One user.
///
/// # Errors
/// `NotFound` when there is no such user.
pub async fn user(cx: &Cx, id: UserId) -> Result<User, Error> {
    let found = cx.db.read(move |tx| store::find_user(tx, id)).await;
    found
        .map_err(|e: DbError| Error::from(e))?
        .ok_or_else(|| Error::not_found("user_not_found", format!("there is no user {id}")))
}

fn hash(password: &str) -> Result<String, Error> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|h| h.to_string())
        .map_err(|e| Error::internal(format!("a password could not be hashed: {e}")))
}

fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
}

fn new_refresh_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// Opens every stored signing key with `master` and says how many there are.
///
/// # Errors
/// When the database fails, or the master key is not the one that wrapped them.
pub async fn opens_keys(db: &Db, master: &MasterKey) -> Result<usize, Error> {
    let wrapped = db.read(store::keys).await.map_err(|e: DbError| Error::from(e))?;
    wrapped.iter().try_for_each(|key| keys::open(master, key).map(drop))?;
    Ok(wrapped.len())
}

/// Seconds an address stays blocked; shown in the documentation.
pub const BLOCK_SECONDS: i64 = WINDOW_MS / 1_000;
