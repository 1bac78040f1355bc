//! Who asks, said by one process of the house to another: a short-lived signed text, sent by the
//! gateway to a role that was split off, so that the role need not ask who the caller is again.

use kernel::ids::Uuid;
use kernel::{Error, Principal, Role};
use serde::{Deserialize, Serialize};

use super::ring::Accepted;
use super::service::{Identity, invalid_token};

/// `aud` of assertions: an access token is none, and an assertion is no access token.
pub const ASSERTION_AUDIENCE: &str = "kontor-internal";
/// How long one is good: one hop, retries included.
const LIFE_SECONDS: i64 = 30;
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
    iat: i64,
    exp: i64,
}

impl Identity {
    /// Says who `principal` is, signed by the house, good for 30 seconds.
    ///
    /// # Errors
    /// `Internal` when there is no key to sign with.
    pub fn assertion(&self, principal: &Principal) -> Result<String, Error> {
        let iat = self.ring.now().micros() / 1_000_000;
        let claims = Claims {
            iss: self.config.issuer.clone(),
            aud: ASSERTION_AUDIENCE.into(),
            sub: principal.id,
            name: principal.name.clone(),
            roles: principal.roles.clone(),
            own: principal.subject,
            iat,
            exp: iat + LIFE_SECONDS,
        };
        self.ring.sign(Some("kontor-identity+jwt"), &claims)
    }

    /// The principal that another process of the house vouches for.
    ///
    /// # Errors
    /// `invalid_token` (401) for anything that this house did not sign as an assertion, and for
    /// one whose time is over; `Unavailable` when keys cannot be looked up.
    pub async fn accept_assertion(&self, text: &str) -> Result<Principal, Error> {
        let accepted = Accepted { issuer: &self.config.issuer, audience: ASSERTION_AUDIENCE };
        let claims: Claims = self.ring.verify(text, &accepted).await?.ok_or_else(invalid_token)?;
        let now = self.ring.now().micros() / 1_000_000;
        if claims.exp + SKEW_SECONDS <= now || claims.iat > now + SKEW_SECONDS {
            return Err(invalid_token());
        }
        Ok(Principal {
            id: claims.sub,
            subject: claims.own,
            name: claims.name,
            roles: claims.roles,
        })
    }
}
