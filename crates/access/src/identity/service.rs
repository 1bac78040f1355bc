//! The identity service: its settings, its keys and what it remembers. What it does lies beside it:
//! `logins`, `sessions`, `inspect`, `users`, `visitors`.

use std::sync::Arc;

use kernel::{Error, Kind, Principal, Role, Timestamp};
use platform::House;
use platform::db::{Db, DbError};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::assertion::{ASSERTION_AUDIENCE, Assertions};
use super::foreign::{Issuer, IssuerConfig};
use super::inspect::{Known, one_of_each};
use super::keys::{self, MasterKey};
use super::memory::Memory;
use super::model::{SessionId, UserId, WINDOW_MS};
use super::ring::Ring;
use super::store;
use super::users::hash;
pub use super::users::{add_user, is_demo, make_demo, user, user_of_name, users};

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
    /// People with tokens of other issuers who are believed not to be disabled, and until when.
    pub(super) welcome: Memory<UserId, Timestamp>,
    /// What tokens say whose signature was verified, by their digest: a signature never changes
    /// its mind, only the end of the token and of its session are asked each time.
    pub(super) verified: Memory<[u8; 32], Known>,
    pub(super) assertions: Assertions,
    /// Verified for unknown users, so that they take as long as known ones.
    pub(super) decoy: String,
    /// Logins that are looked at together: one takes a good part of a core and 19 MiB.
    pub(super) hashing: Arc<Semaphore>,
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
        if config.audience == ASSERTION_AUDIENCE {
            let message = format!(
                "identity.audience may not be '{ASSERTION_AUDIENCE}': that is how processes of \
                 the house speak to each other"
            );
            return Err(Error::new(Kind::Invalid, "invalid_configuration", message));
        }
        Ok(Self {
            config,
            ring,
            issuers,
            strangers: Principal::anonymous(),
            alive: Memory::new(SESSIONS),
            welcome: Memory::new(SESSIONS),
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

    /// Whether everybody who says nothing is taken for an admin.
    pub fn has_no_door(&self) -> bool {
        self.strangers.roles.contains(&Role::Admin)
    }

    /// Whether the house is known by an address that begins with `https:`.
    pub(super) fn is_https(&self) -> bool {
        self.config.issuer.starts_with("https://")
    }

    /// Who somebody is that sends no token.
    pub fn stranger(&self) -> Principal {
        self.strangers.clone()
    }

    /// The public keys, as a JWKS document.
    pub fn jwks(&self) -> serde_json::Value {
        self.ring.jwks()
    }
}

pub(super) fn invalid_token() -> Error {
    Error::new(Kind::Unauthenticated, "invalid_token", "the token is not valid here, or has ended")
}

/// Opens every stored signing key with `master` and says how many there are.
///
/// # Errors
/// When the database fails, or the master key is not the one that wrapped them.
pub async fn opens_keys(db: &Db, master: &MasterKey) -> Result<usize, Error> {
    let wrapped = db.read(store::keys).await.map_err(|e: DbError| Error::from(e))?;
    wrapped.iter().try_for_each(|key| keys::open(master, &key.wrapped).map(drop))?;
    Ok(wrapped.len())
}

/// Seconds an address stays blocked; shown in the documentation.
pub const BLOCK_SECONDS: i64 = WINDOW_MS / 1_000;
