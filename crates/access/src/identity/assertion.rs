//! Who asks, said by one process of the house to another: a short-lived signed text, sent by the
//! gateway to a role that was split off, so that the role need not ask who the caller is again.

use std::sync::Arc;

use kernel::ids::Uuid;
use kernel::{Error, Principal, Role};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::memory::Memory;
use super::ring::Accepted;
use super::service::{Identity, invalid_token};

/// `aud` of assertions: an access token is none, and an assertion is no access token.
pub const ASSERTION_AUDIENCE: &str = "kontor-internal";
/// How long one is good: one hop, retries included.
const LIFE_SECONDS: i64 = 30;
/// How long one is sent again; what is left of its life must do for a hop.
const FRESH_SECONDS: i64 = 10;
/// Callers of the last seconds that are remembered.
const CALLERS: usize = 5_000;
/// How far the clocks of two machines of the house may be apart.
const SKEW_SECONDS: i64 = 5;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The principal's id; a caller nobody knows has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub: Option<Uuid>,
    name: String,
    roles: Vec<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<Uuid>,
    iat: i64,
    exp: i64,
}

/// What was signed and what was verified lately: one caller asks many times in a few seconds.
#[derive(Debug)]
pub(super) struct Assertions {
    /// Texts and when they were signed, seconds.
    signed: Memory<Principal, (Arc<str>, i64)>,
    /// Claims by the digest of their text, whose signature was verified.
    verified: Memory<[u8; 32], Arc<Claims>>,
}

impl Default for Assertions {
    fn default() -> Self {
        Self { signed: Memory::new(CALLERS), verified: Memory::new(CALLERS) }
    }
}

impl Identity {
    /// Says who `principal` is, signed by the house, good for twenty seconds or more.
    ///
    /// # Errors
    /// `Internal` when there is no key to sign with.
    pub fn assertion(&self, principal: &Principal) -> Result<Arc<str>, Error> {
        let iat = self.ring.now().micros() / 1_000_000;
        let before = self.assertions.signed.get(principal);
        if let Some((text, _)) = before.filter(|(_, at)| (0..FRESH_SECONDS).contains(&(iat - at))) {
            return Ok(text);
        }
        let claims = Claims {
            iss: self.config.issuer.clone(),
            aud: ASSERTION_AUDIENCE.into(),
            sub: principal.id,
            name: principal.name.clone(),
            roles: principal.roles.clone(),
            own: principal.subject,
            sid: principal.session,
            iat,
            exp: iat + LIFE_SECONDS,
        };
        let text: Arc<str> = self.ring.sign(Some("kontor-identity+jwt"), &claims)?.into();
        self.assertions.signed.keep(principal.clone(), (Arc::clone(&text), iat));
        Ok(text)
    }

    /// The principal that another process of the house vouches for.
    ///
    /// # Errors
    /// `invalid_token` (401) for anything that this house did not sign as an assertion, and for
    /// one whose time is over; `Unavailable` when keys cannot be looked up.
    pub async fn accept_assertion(&self, text: &str) -> Result<Principal, Error> {
        let claims = self.claims(text).await?;
        let now = self.ring.now().micros() / 1_000_000;
        if claims.exp + SKEW_SECONDS <= now || claims.iat > now + SKEW_SECONDS {
            return Err(invalid_token());
        }
        Ok(Principal {
            id: claims.sub,
            subject: claims.own,
            name: claims.name.clone(),
            roles: claims.roles.clone(),
            session: claims.sid,
        })
    }

    /// What an assertion says; only signature, issuer and audience are verified.
    async fn claims(&self, text: &str) -> Result<Arc<Claims>, Error> {
        let digest: [u8; 32] = Sha256::digest(text).into();
        if let Some(known) = self.assertions.verified.get(&digest) {
            return Ok(known);
        }
        let accepted = Accepted { issuer: &self.config.issuer, audience: ASSERTION_AUDIENCE };
        let verified = self.ring.verify::<Claims>(text, &accepted).await?;
        let (claims, _) = verified.ok_or_else(invalid_token)?;
        let claims = Arc::new(claims);
        self.assertions.verified.keep(digest, Arc::clone(&claims));
        Ok(claims)
    }
}
