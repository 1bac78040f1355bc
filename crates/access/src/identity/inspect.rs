//! Whether a token is good, and whom it speaks for.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::ids::Uuid;
use kernel::{Error, Kind, Principal, Timestamp};
use platform::House;
use platform::db::DbError;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::foreign::{Expected, Issuer, Verified};
use super::model::{Claims, SessionId, UserId};
use super::ring::Accepted;
use super::service::{Config, Identity, invalid_token};
use super::store;

/// How long a session is believed to be alive without asking the database.
const TRUST_MS: i64 = 2_000;

/// What a token says whose signature was verified: its end, its session and whether its key was
/// withdrawn are asked at every use.
#[derive(Clone)]
pub(super) enum Known {
    /// A token of the house, and the name of its key.
    House(Claims, String),
    /// A token of the foreign issuer at this place.
    Foreign(usize, Verified),
}

/// A token that is good.
pub struct Inspected {
    /// Whom it speaks for.
    pub principal: Principal,
    /// When it ends, seconds since the epoch.
    pub exp: i64,
    /// Who issued it.
    pub iss: String,
    /// For whom.
    pub aud: String,
}

impl Identity {
    /// Who a token speaks for. Signature and claims are checked here; whether the session still
    /// lives is asked of the database, at most every two seconds.
    ///
    /// # Errors
    /// `invalid_token` (401), `issuer_unavailable` (503) while the keys of a foreign issuer have
    /// never been seen.
    pub async fn authenticate(&self, house: &House, token: &str) -> Result<Principal, Error> {
        Ok(match self.good(house, token).await? {
            Known::House(claims, _) => of_house(claims),
            Known::Foreign(_, token) => token.principal,
        })
    }

    /// What a good token says.
    ///
    /// # Errors
    /// As [`Identity::authenticate`].
    pub async fn inspect(&self, house: &House, token: &str) -> Result<Inspected, Error> {
        Ok(match self.good(house, token).await? {
            Known::House(claims, _) => Inspected {
                exp: claims.exp,
                iss: claims.iss.clone(),
                aud: claims.aud.clone(),
                principal: of_house(claims),
            },
            Known::Foreign(by, token) => Inspected {
                principal: token.principal,
                exp: token.exp,
                iss: self.issuers[by].config.issuer.clone(),
                aud: token.audience,
            },
        })
    }

    async fn good(&self, house: &House, token: &str) -> Result<Known, Error> {
        let now = house.clock.now();
        let known = self.known(token).await?;
        let good = match &known {
            Known::House(claims, kid) => {
                claims.exp > now.micros() / 1_000_000
                    && self.ring.knows(kid)
                    && self.lives(house, SessionId(claims.sid), now).await?
            }
            Known::Foreign(by, token) => {
                self.issuers[*by].is_good(token)
                    && self.is_welcome(house, token.principal.id, now).await?
            }
        };
        if good { Ok(known) } else { Err(invalid_token()) }
    }

    async fn lives(
        &self,
        house: &House,
        session: SessionId,
        now: Timestamp,
    ) -> Result<bool, Error> {
        if self.alive.get(&session).is_some_and(|until| until > now) {
            return Ok(true);
        }
        let alive: bool = house
            .db
            .read(move |tx| store::session_alive(tx, session, now))
            .await
            .map_err(|e: DbError| Error::from(e))?;
        if alive {
            self.alive.keep(session, now.plus_ms(TRUST_MS));
        }
        Ok(alive)
    }

    /// Whether somebody with a token of another issuer was not disabled here; asked of the
    /// database at most every two seconds.
    async fn is_welcome(
        &self,
        house: &House,
        id: Option<Uuid>,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let Some(id) = id.map(UserId) else { return Ok(true) };
        if self.welcome.get(&id).is_some_and(|until| until > now) {
            return Ok(true);
        }
        let found = house.db.read(move |tx| store::find_user(tx, id)).await;
        let welcome = !found.map_err(|e: DbError| Error::from(e))?.is_some_and(|u| u.disabled);
        if welcome {
            self.welcome.keep(id, now.plus_ms(TRUST_MS));
        }
        Ok(welcome)
    }

    /// What a token says; only signature, issuer and audience are verified.
    pub(super) async fn known(&self, token: &str) -> Result<Known, Error> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(known) = self.verified.get(&digest) {
            return Ok(known);
        }
        let known = match self.issuer_of(token) {
            Some((by, issuer)) => Known::Foreign(by, issuer.verify(token, Expected::Access).await?),
            None => {
                let (claims, kid) = self.verify(token).await?;
                Known::House(claims, kid)
            }
        };
        self.verified.keep(digest, known.clone());
        Ok(known)
    }

    /// The foreign issuer that a token claims to be from. It is believed only by its keys.
    fn issuer_of(&self, token: &str) -> Option<(usize, &Arc<Issuer>)> {
        #[derive(Deserialize)]
        struct Claimed {
            iss: String,
        }
        if self.issuers.is_empty() {
            return None;
        }
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let claimed: Claimed = serde_json::from_slice(&claims).ok()?;
        self.issuers.iter().enumerate().find(|(_, i)| i.config.issuer == claimed.iss)
    }

    async fn verify(&self, token: &str) -> Result<(Claims, String), Error> {
        let accepted = Accepted { issuer: &self.config.issuer, audience: &self.config.audience };
        self.ring.verify(token, &accepted).await?.ok_or_else(invalid_token)
    }
}

fn of_house(claims: Claims) -> Principal {
    Principal {
        id: Some(claims.sub),
        subject: claims.own,
        name: claims.name,
        roles: claims.roles,
        session: Some(claims.sid),
    }
}

/// Two issuers of one name, or of one `iss`, cannot be told apart.
pub(super) fn one_of_each(config: &Config, issuers: &[Arc<Issuer>]) -> Result<(), Error> {
    for (n, one) in issuers.iter().enumerate() {
        let c = &one.config;
        let twice =
            issuers[..n].iter().any(|o| o.config.name == c.name || o.config.issuer == c.issuer);
        if twice || c.issuer == config.issuer {
            let message = format!("identity.issuers: '{}' is there twice", c.name);
            return Err(Error::new(Kind::Invalid, "invalid_configuration", message));
        }
    }
    Ok(())
}
