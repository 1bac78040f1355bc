//! Use cases of identity: add a user, log in, refresh, log out, check a token.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Error, Kind, Principal, Role, Timestamp};
use platform::audit::{self, Entry};
use platform::clock::random_bytes;
use platform::db::{Db, DbError};
use platform::signals::Channel;
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::sync::broadcast::error::RecvError;

use super::assertion::Assertions;
use super::foreign::{Issuer, IssuerConfig};
use super::inspect::{Known, one_of_each};
use super::keys::{self, MasterKey};
use super::memory::Memory;
use super::model::{Claims, Failures, SessionId, User, WINDOW_MS};
use super::ring::Ring;
use super::store;
pub use super::users::{add_user, user, users};
use super::users::{hash, verify};

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
    /// Issuers whose tokens are accepted beside our own.
    #[serde(default)]
    pub issuers: Vec<IssuerConfig>,
}

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
    pub(super) config: Config,
    pub(super) ring: Ring,
    pub(super) issuers: Vec<Arc<Issuer>>,
    pub(super) strangers: Principal,
    /// Sessions that are believed to live, and until when.
    pub(super) alive: Memory<SessionId, Timestamp>,
    /// What tokens say whose signature was verified, by their digest: a signature never changes
    /// its mind, only the end of the token and of its session are asked each time.
    pub(super) verified: Memory<[u8; 32], Known>,
    pub(super) assertions: Assertions,
    /// Verified for unknown users, so that they take as long as known ones.
    decoy: String,
    /// Logins that are looked at together: one takes a good part of a core and 19 MiB.
    hashing: Arc<Semaphore>,
}

/// Sessions, and tokens of theirs, that are remembered.
const SESSIONS: usize = 50_000;
pub(super) const LOGINS_AT_ONCE: usize = 4;

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
        let ring = Ring::open(house, master).await?;
        let decoy = hash("not anybody's password")?;
        let issuers = config
            .issuers
            .iter()
            .map(|c| Issuer::new(c.clone(), Arc::clone(&house.clock)).map(Arc::new))
            .collect::<Result<Vec<_>, Error>>()?;
        one_of_each(&config, &issuers)?;
        Ok(Self {
            config,
            ring,
            issuers,
            strangers: Principal::anonymous(),
            alive: Memory::new(SESSIONS),
            verified: Memory::new(SESSIONS),
            assertions: Assertions::default(),
            decoy,
            hashing: Arc::new(Semaphore::new(LOGINS_AT_ONCE)),
        })
    }

    /// The same, with everybody who says nothing taken for an admin: a house without a door, for
    /// this machine only.
    #[must_use]
    pub fn for_everybody(mut self) -> Self {
        self.strangers = Principal::of_house("local", Role::Admin);
        self
    }

    /// Who somebody is that sends no token.
    pub fn stranger(&self) -> Principal {
        self.strangers.clone()
    }

    /// The public keys, as a JWKS document.
    pub fn jwks(&self) -> serde_json::Value {
        self.ring.jwks()
    }

    /// Logs in.
    ///
    /// # Errors
    /// `invalid_credentials` (401), `address_blocked` (429, with `Retry-After`).
    pub async fn login(&self, cx: &Cx, username: &str, password: &str) -> Result<Tokens, Error> {
        let address = cx.address.clone().unwrap_or_else(|| "unknown".into());
        self.check_block(cx, &address).await?;
        let turn = Arc::clone(&self.hashing).acquire_owned().await;
        let turn = turn.map_err(|e| Error::internal("logins are closed").caused_by(e))?;
        // Those before may have been one failure too many.
        self.check_block(cx, &address).await?;
        let name = username.trim().to_lowercase();
        let found = cx.db.read(move |tx| store::user_by_name(tx, &name)).await?;
        let (user, stored) = match found {
            Some((user, hash)) if !user.disabled && user.issuer.is_none() => (Some(user), hash),
            _ => (None, self.decoy.clone()),
        };
        let password = password.to_owned();
        // The turn goes with the work: who hangs up frees it no earlier. It ends with this login,
        // when its failure is counted.
        let work = move || (verify(&password, &stored), turn);
        let (right, _turn) = platform::tasks::blocking(work).await?;
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
                let next = store::one_more_failure(tx, &address, now)?;
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

    pub(super) async fn open_session(
        &self,
        cx: &Cx,
        user: &User,
        address: &str,
    ) -> Result<Tokens, Error> {
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
        self.tokens(cx, user, session, refresh)
    }

    fn tokens(
        &self,
        cx: &Cx,
        user: &User,
        session: SessionId,
        refresh_token: String,
    ) -> Result<Tokens, Error> {
        let iat = cx.clock.now().micros() / 1_000_000;
        let claims = Claims {
            iss: self.config.issuer.clone(),
            aud: self.config.audience.clone(),
            sub: user.id.0,
            sid: session.0,
            jti: Some(cx.ids.next()),
            name: user.username.clone(),
            roles: user.roles.clone(),
            own: user.subject,
            iat,
            exp: iat + self.config.access_seconds,
        };
        let access_token = self.ring.sign(None, &claims)?;
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
        self.tokens(cx, &user, session, fresh)
    }

    /// Ends the session of an access token; the token stops working at once. Answers where the
    /// person ends the session at the issuer that knows them, if there is one.
    ///
    /// # Errors
    /// `foreign_session` (409) for a token of another issuer, or when the database fails.
    pub async fn logout(&self, cx: &Cx, token: &str) -> Result<Option<String>, Error> {
        let now = cx.clock.now();
        let claims = match self.known(token).await? {
            Known::House(claims) => claims,
            Known::Foreign(by, _) => return Err(self.issuers[by].keeps_session()),
        };
        if claims.exp <= now.micros() / 1_000_000 {
            return Err(invalid_token());
        }
        let session = SessionId(claims.sid);
        let ctx = cx.clone();
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
            .map_err(|e: DbError| Error::from(e))?;
        self.alive.forget(&session);
        cx.exchange.publish(Channel::Sessions, session.to_string());
        self.logout_url(cx, claims.sub).await
    }

    /// Forgets at once the sessions that end at other processes. A message that is lost costs
    /// the two seconds that a session is believed without asking.
    pub async fn watch_sessions(&self, house: &House) {
        let mut ended = house.exchange.subscribe(Channel::Sessions);
        loop {
            match ended.recv().await {
                Ok(text) => {
                    if let Ok(session) = text.parse::<SessionId>() {
                        self.alive.forget(&session);
                    }
                }
                // Some were missed: none is believed.
                Err(RecvError::Lagged(_)) => self.alive.forget_all(),
                Err(RecvError::Closed) => return,
            }
        }
    }
}

pub(super) fn invalid_token() -> Error {
    Error::new(Kind::Unauthenticated, "invalid_token", "the token is not valid here, or has ended")
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
