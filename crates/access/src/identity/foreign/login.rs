//! Login by authorization code with PKCE. What must be remembered in between lies sealed in a
//! cookie of the browser that began; the house itself keeps nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Error, Kind, Principal};
use platform::clock::random_bytes;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::issuer::Issuer;
use super::token::{Expected, Verified};
use crate::fetch;
use crate::identity::keys::MasterKey;

/// How long a person may take to log in there.
pub(in crate::identity) const COOKIE_SECONDS: i64 = 600;
/// Bytes of the issuer's answer.
const LIMIT: usize = 128 * 1024;

/// What is remembered between the way there and the way back.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::identity) struct Begun {
    issuer: String,
    pub(in crate::identity) state: String,
    nonce: String,
    verifier: String,
    /// Where the person wanted to go.
    pub(in crate::identity) return_to: String,
    until: i64,
}

#[derive(Deserialize)]
struct Granted {
    id_token: String,
    access_token: Option<String>,
}

impl Begun {
    /// Text for the cookie.
    pub(in crate::identity) fn seal(&self, master: &MasterKey) -> Result<String, Error> {
        let plain = serde_json::to_vec(self)
            .map_err(|e| Error::internal("a login that began").caused_by(e))?;
        Ok(URL_SAFE_NO_PAD.encode(master.for_purpose("oidc-login").wrap(&plain)?))
    }

    /// Reads the cookie; `None` for anything that we did not seal, or too long ago.
    pub(in crate::identity) fn open(
        text: &str,
        master: &MasterKey,
        issuer: &str,
        state: &str,
        now: i64,
    ) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = master.for_purpose("oidc-login").unwrap(&sealed).ok()?;
        let begun: Self = serde_json::from_slice(&plain).ok()?;
        let same = begun.issuer == issuer && begun.state == state && now < begun.until;
        same.then_some(begun)
    }
}

impl Issuer {
    /// The address where a person logs in, and what is to be remembered.
    ///
    /// # Errors
    /// `issuer_unavailable` (503).
    pub(in crate::identity) async fn begin(
        &self,
        callback: &str,
        return_to: &str,
    ) -> Result<(String, Begun), Error> {
        let known = self.known().await?;
        let Some(known) = known.as_ref() else { return Err(self.unavailable()) };
        let random = || URL_SAFE_NO_PAD.encode(random_bytes::<32>());
        let begun = Begun {
            issuer: self.config.name.clone(),
            state: random(),
            nonce: random(),
            verifier: random(),
            return_to: return_to.to_owned(),
            until: self.clock.now().micros() / 1_000_000 + COOKIE_SECONDS,
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&begun.verifier));
        let query = [
            ("response_type", "code"),
            ("client_id", &self.config.client_id),
            ("redirect_uri", callback),
            ("scope", &self.config.scopes),
            ("state", &begun.state),
            ("nonce", &begun.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let to = Url::parse_with_params(&known.discovery.authorization_endpoint, query)
            .map_err(|_| self.unavailable())?;
        Ok((to.into(), begun))
    }

    /// Exchanges the code of a login that we began.
    ///
    /// # Errors
    /// `login_failed` (401) when the issuer does not know the code or its tokens are not right.
    pub(in crate::identity) async fn exchange(
        &self,
        code: &str,
        callback: &str,
        begun: &Begun,
    ) -> Result<Verified, Error> {
        let granted = self.redeem(code, callback, begun).await.map_err(|why| {
            tracing::warn!(issuer = self.config.name, error = why, "a login there failed");
            login_failed()
        })?;
        let expected = Expected::Identity { nonce: &begun.nonce };
        let mut who = self
            .verify(&granted.id_token, expected)
            .await
            .map_err(|e| if e.kind == Kind::Unavailable { e } else { login_failed() })?;
        if !self.is_good(&who) {
            return Err(login_failed());
        }
        // Some issuers say roles in the access token only.
        if let (true, Some(access)) = (who.principal.roles.is_empty(), &granted.access_token)
            && let Ok(more) = self.verify(access, Expected::Access).await
            && more.sub == who.sub
            && self.is_good(&more)
        {
            let (roles, subject) = (more.principal.roles, more.principal.subject);
            who.principal = Principal { roles, subject, ..who.principal };
        }
        Ok(who)
    }

    async fn redeem(&self, code: &str, callback: &str, begun: &Begun) -> Result<Granted, String> {
        let known = self.known().await.map_err(|e| e.message)?;
        let Some(known) = known.as_ref() else { return Err("it is not known".into()) };
        let (client, secret) = (self.config.client_id.as_str(), self.rules.secret.as_str());
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", callback),
            ("code_verifier", &begun.verifier),
            ("client_id", client),
        ];
        let mut request = self.http.post(&known.discovery.token_endpoint);
        let methods = &known.discovery.token_endpoint_auth_methods_supported;
        // What RFC 8414 supposes when nothing is said.
        let basic = methods.is_empty() || methods.iter().any(|m| m == "client_secret_basic");
        match (secret.is_empty(), basic) {
            (true, _) => {}
            (false, true) => request = request.basic_auth(client, Some(secret)),
            (false, false) => form.push(("client_secret", secret)),
        }
        let answer = request.form(&form).send().await.map_err(|e| fetch::chain(&e))?;
        let body = fetch::body(answer, LIMIT).await?;
        serde_json::from_slice(&body).map_err(|e| e.to_string())
    }

    /// Where a person ends the session at the issuer, if it has such a place.
    pub(in crate::identity) async fn logout_url(&self, back_to: &str) -> Option<String> {
        let known = self.known().await.ok()?;
        let end = known.as_ref().as_ref()?.discovery.end_session_endpoint.clone()?;
        let query =
            [("client_id", self.config.client_id.as_str()), ("post_logout_redirect_uri", back_to)];
        Url::parse_with_params(&end, query).ok().map(Into::into)
    }
}

fn login_failed() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "login_failed",
        "the login at the other house could not be completed; try again",
    )
}
