//! An issuer: its description and its keys, fetched when wanted and kept while it is away.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use kernel::{Clock, Error, Kind, Timestamp};
use platform::outbound::Outbound;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::config::{IssuerConfig, Rules};
use crate::fetch;

/// One fetch in this time, however many unknown keys are named.
const COOL_DOWN_MS: i64 = 30_000;
/// The same, while nothing is known yet.
const TRY_AGAIN_MS: i64 = 2_000;
/// Age at which keys are fetched again in the background.
const STALE_MS: i64 = 300_000;
/// Bytes of a description or a set of keys.
const LIMIT: usize = 512 * 1024;
/// Milliseconds that an issuer has to answer.
const TIMEOUT_MS: u64 = 5_000;

/// What an issuer says about itself.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Discovery {
    issuer: String,
    jwks_uri: String,
    #[serde(default)]
    pub(super) authorization_endpoint: String,
    #[serde(default)]
    pub(super) token_endpoint: String,
    pub(super) end_session_endpoint: Option<String>,
    #[serde(default)]
    pub(super) token_endpoint_auth_methods_supported: Vec<String>,
}

/// A key and the one algorithm that it is for.
pub(super) struct Key {
    pub(super) decoding: DecodingKey,
    pub(super) algorithm: Algorithm,
}

/// What was good the last time.
pub(super) struct Known {
    pub(super) discovery: Discovery,
    pub(super) keys: BTreeMap<String, Key>,
    at: Timestamp,
}

/// An issuer whose tokens are accepted.
pub(in crate::identity) struct Issuer {
    pub(in crate::identity) config: IssuerConfig,
    pub(super) rules: Rules,
    pub(super) http: Outbound,
    pub(super) clock: Arc<dyn Clock>,
    known: ArcSwap<Option<Known>>,
    /// When it was last asked. Held while it is asked: one asks, the others wait for the answer.
    tried: Mutex<Option<Timestamp>>,
}

impl Issuer {
    pub(in crate::identity) fn new(
        mut config: IssuerConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        Ok(Self {
            rules: config.checked()?,
            config,
            http: Outbound::new(TIMEOUT_MS)?,
            clock,
            known: ArcSwap::from_pointee(None),
            tried: Mutex::new(None),
        })
    }

    /// What is known, fetching it when nothing is.
    ///
    /// # Errors
    /// `issuer_unavailable` (503).
    pub(super) async fn known(&self) -> Result<Arc<Option<Known>>, Error> {
        let known = self.known.load_full();
        if known.is_some() {
            return Ok(known);
        }
        self.fetch(Option::is_some, TRY_AGAIN_MS).await;
        let known = self.known.load_full();
        if known.is_some() { Ok(known) } else { Err(self.unavailable()) }
    }

    /// What is known, after looking for a key of this name when there is none.
    ///
    /// # Errors
    /// `issuer_unavailable` (503) while nothing at all is known.
    pub(super) async fn known_with(&self, kid: &str) -> Result<Arc<Option<Known>>, Error> {
        let known = self.known().await?;
        if has(&known, kid) {
            return Ok(known);
        }
        self.fetch(|known| has(known, kid), COOL_DOWN_MS).await;
        Ok(self.known.load_full())
    }

    /// Whether a key is still one of the issuer's.
    pub(super) fn has(&self, kid: &str) -> bool {
        has(&self.known.load(), kid)
    }

    /// Fetches keys that have grown old; those that were good stay when it fails.
    pub(in crate::identity) async fn refresh(&self) {
        let now = self.clock.now();
        let fresh =
            |known: &Option<Known>| known.as_ref().is_some_and(|k| now < k.at.plus_ms(STALE_MS));
        if !fresh(&self.known.load()) {
            self.fetch(fresh, TRY_AGAIN_MS).await;
        }
    }

    /// Asks the issuer, unless somebody else was faster (`enough`) or asked too recently.
    async fn fetch(&self, enough: impl Fn(&Option<Known>) -> bool, pause_ms: i64) {
        let mut tried = self.tried.lock().await;
        let now = self.clock.now();
        let soon = tried.is_some_and(|at| now < at.plus_ms(pause_ms));
        if soon || enough(&self.known.load()) {
            return;
        }
        let fetched = self.ask(now).await;
        *tried = Some(now);
        let result = if fetched.is_ok() { "ok" } else { "failed" };
        metrics::counter!("kontor_identity_issuer_fetches_total",
            "issuer" => self.config.name.clone(), "result" => result)
        .increment(1);
        match fetched {
            Ok(known) => self.known.store(Arc::new(Some(known))),
            Err(why) => tracing::warn!(
                issuer = self.config.name,
                error = why,
                "the keys of an issuer could not be fetched; those that are known stay"
            ),
        }
    }

    async fn ask(&self, now: Timestamp) -> Result<Known, String> {
        let base = self.config.issuer.trim_end_matches('/');
        let discovery: Discovery =
            self.json(&format!("{base}/.well-known/openid-configuration")).await?;
        if discovery.issuer != self.config.issuer {
            return Err(format!("it calls itself '{}'", discovery.issuer));
        }
        if base.starts_with("https:") && !discovery.jwks_uri.starts_with("https:") {
            return Err("its keys are not behind https".into());
        }
        let set: Set = self.json(&discovery.jwks_uri).await?;
        let keys: BTreeMap<String, Key> = set
            .keys
            .into_iter()
            // A key we do not understand is no reason to lose the others.
            .filter_map(|k| serde_json::from_value::<Jwk>(k).ok())
            .filter_map(|k| self.key(&k))
            .collect();
        if keys.is_empty() {
            return Err("it has no key that can be used".into());
        }
        Ok(Known { discovery, keys, at: now })
    }

    async fn json<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, String> {
        let answer = self.http.get(url).send().await.map_err(|e| fetch::chain(&e))?;
        let body = fetch::body(answer, LIMIT).await.map_err(|e| format!("{url}: {e}"))?;
        serde_json::from_slice(&body).map_err(|e| format!("{url}: {e}"))
    }

    /// A key for signatures, with the algorithm that it and the configuration agree on.
    fn key(&self, jwk: &Jwk) -> Option<(String, Key)> {
        if jwk.common.public_key_use.as_ref().is_some_and(|u| *u != PublicKeyUse::Signature) {
            return None;
        }
        let algorithm = match &jwk.algorithm {
            // Shorter moduli than 2048 bits are not believed.
            AlgorithmParameters::RSA(p) if p.n.len() >= 340 => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(p) if p.curve == EllipticCurve::P256 => {
                Algorithm::ES256
            }
            AlgorithmParameters::OctetKeyPair(p) if p.curve == EllipticCurve::Ed25519 => {
                Algorithm::EdDSA
            }
            _ => return None,
        };
        let says = jwk.common.key_algorithm.as_ref().map(KeyAlgorithm::to_string);
        let named = match algorithm {
            Algorithm::RS256 => "RS256",
            Algorithm::ES256 => "ES256",
            _ => "EdDSA",
        };
        if says.is_some_and(|s| s != named) || !self.rules.algorithms.contains(&algorithm) {
            return None;
        }
        let decoding = DecodingKey::from_jwk(jwk).ok()?;
        Some((jwk.common.key_id.clone()?, Key { decoding, algorithm }))
    }

    pub(super) fn unavailable(&self) -> Error {
        Error::new(
            Kind::Unavailable,
            "issuer_unavailable",
            format!("{} cannot be asked for its keys", self.config.title),
        )
    }
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

fn has(known: &Option<Known>, kid: &str) -> bool {
    known.as_ref().is_some_and(|k| k.keys.contains_key(kid))
}
