//! What a foreign token says, and what it makes of its bearer.

use jsonwebtoken::Validation;
use kernel::ids::Uuid;
use kernel::{Error, Principal, Role};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::issuer::Issuer;
use crate::identity::service::invalid_token;

/// What a token must be for.
#[derive(Debug, Clone, Copy)]
pub(in crate::identity) enum Expected<'a> {
    /// To be sent to the house.
    Access,
    /// The answer to a login that we began with this nonce.
    Identity {
        /// The nonce.
        nonce: &'a str,
    },
}

/// A token whose signature and addressee are right. Its times are compared at every use.
#[derive(Debug, Clone)]
pub(in crate::identity) struct Verified {
    /// Whom it speaks for.
    pub(in crate::identity) principal: Principal,
    /// The issuer's own name for them.
    pub(in crate::identity) sub: String,
    /// A name for people.
    pub(in crate::identity) display_name: String,
    /// The audience that was accepted.
    pub(in crate::identity) audience: String,
    /// When it ends, seconds.
    pub(in crate::identity) exp: i64,
    not_before: i64,
    kid: String,
}

impl Issuer {
    /// Verifies a token of this issuer, all but its times.
    ///
    /// # Errors
    /// `invalid_token` (401), or `issuer_unavailable` (503) while no key of it is known.
    pub(in crate::identity) async fn verify(
        &self,
        token: &str,
        expected: Expected<'_>,
    ) -> Result<Verified, Error> {
        // "none" and what is not known here do not even parse.
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid_token())?;
        let kid = header.kid.clone().ok_or_else(invalid_token)?;
        // Keys are the issuer's to publish: one that comes with the token proves nothing.
        let brings_keys = header.jwk.is_some()
            || header.jku.is_some()
            || header.x5u.is_some()
            || header.x5c.is_some()
            || header.crit.is_some();
        let kind = header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
        if brings_keys || !["jwt", "at+jwt", "application/at+jwt"].contains(&kind.as_str()) {
            return Err(invalid_token());
        }
        let known = self.known_with(&kid).await?;
        let key = known.as_ref().as_ref().and_then(|k| k.keys.get(&kid));
        let key = key.ok_or_else(invalid_token)?;
        let mut validation = Validation::new(key.algorithm);
        // All of this is compared below, exactly and with the house's own clock.
        validation.set_required_spec_claims::<&str>(&[]);
        validation.validate_exp = false;
        validation.validate_aud = false;
        let claims = jsonwebtoken::decode::<Value>(token, &key.decoding, &validation)
            .map_err(|_| invalid_token())?
            .claims;
        self.read(&claims, expected, kid).ok_or_else(invalid_token)
    }

    fn read(&self, claims: &Value, expected: Expected<'_>, kid: String) -> Option<Verified> {
        if claims["iss"].as_str()? != self.config.issuer {
            return None;
        }
        let client = std::slice::from_ref(&self.config.client_id);
        let accepted = match expected {
            Expected::Access => self.rules.audiences.as_slice(),
            Expected::Identity { .. } => client,
        };
        let audience = audiences(&claims["aud"]).find(|a| accepted.iter().any(|k| k == a))?;
        match expected {
            // Keycloak says what its tokens are; only "Bearer" is for carrying around.
            Expected::Access if claims["typ"].as_str().is_some_and(|t| t != "Bearer") => {
                return None;
            }
            // What only an ID token says (OpenID Connect Core 2 and 3.3.2.11; Cognito).
            Expected::Access
                if ["nonce", "at_hash", "c_hash"].iter().any(|c| !claims[c].is_null())
                    || claims["token_use"] == "id" =>
            {
                return None;
            }
            Expected::Identity { nonce } => {
                let for_us = claims["azp"].as_str().is_none_or(|p| p == self.config.client_id);
                if claims["nonce"].as_str() != Some(nonce) || !for_us {
                    return None;
                }
            }
            Expected::Access => {}
        }
        let sub = claims["sub"].as_str().filter(|s| (1..=255).contains(&s.len()))?;
        let begins = [seconds(&claims["nbf"])?, seconds(&claims["iat"])?];
        let called = shown(claims["preferred_username"].as_str().unwrap_or(sub));
        // Names of the house's own users have no @, so nobody can take one of theirs.
        let name = format!("{}@{}", called.to_lowercase(), self.config.name);
        let (roles, subject) = self.standing(claims);
        Some(Verified {
            display_name: claims["name"].as_str().map_or(called, shown),
            principal: Principal {
                id: Some(stable_id(&self.config.issuer, sub)),
                subject,
                name,
                roles,
                session: None,
            },
            sub: sub.to_owned(),
            audience: audience.to_owned(),
            exp: seconds(&claims["exp"])??,
            not_before: begins.into_iter().flatten().max().unwrap_or(i64::MIN),
            kid,
        })
    }

    /// Roles of the house, and the creator that a creator's login stands for. As for the house's
    /// own users, `creator` stands alone and names its creator; else it is not held.
    fn standing(&self, claims: &Value) -> (Vec<Role>, Option<Uuid>) {
        let mut roles: Vec<Role> = names(at(claims, &self.config.roles_claim))
            .filter_map(|n| self.rules.roles.get(n).copied())
            .collect();
        roles.sort_unstable();
        roles.dedup();
        if !roles.contains(&Role::Creator) {
            return (roles, None);
        }
        let subject =
            at(claims, &self.config.subject_claim).as_str().and_then(|s| Uuid::parse_str(s).ok());
        if roles.len() > 1 || subject.is_none() {
            roles.retain(|r| *r != Role::Creator);
            return (roles, None);
        }
        (roles, subject)
    }

    /// Whether a verified token is good at this moment: begun, not ended, its key not withdrawn.
    pub(in crate::identity) fn is_good(&self, token: &Verified) -> bool {
        let (now, leeway) = (self.clock.now().micros() / 1_000_000, self.config.leeway_seconds);
        now < token.exp.saturating_add(leeway)
            && token.not_before <= now.saturating_add(leeway)
            && self.has(&token.kid)
    }
}

/// Names an issuer's user in the house for good: the first 16 bytes of
/// `sha256("kontor:oidc" 0 issuer 0 sub)` in the shape of a UUID of version 8.
fn stable_id(issuer: &str, sub: &str) -> Uuid {
    let digest = Sha256::digest(format!("kontor:oidc\0{issuer}\0{sub}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Uuid::from_bytes(bytes)
}

/// A claim by its whole name, which may hold dots and slashes, else by a path with dots, in which
/// each name may hold dots again: the longest that is there counts.
fn at<'a>(claims: &'a Value, path: &str) -> &'a Value {
    let ends = std::iter::once(path.len()).chain(path.rmatch_indices('.').map(|(at, _)| at));
    for end in ends {
        if let Some(value) = claims.get(&path[..end]) {
            return if end == path.len() { value } else { at(value, &path[end + 1..]) };
        }
    }
    &Value::Null
}

fn names(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    list.chain(value.as_str().into_iter().flat_map(str::split_whitespace))
}

fn audiences(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    list.chain(value.as_str())
}

/// A time that may be absent, but not something else.
/// A NumericDate may have a fraction (RFC 7519, 2); it counts by its whole seconds.
fn seconds(value: &Value) -> Option<Option<i64>> {
    match value {
        Value::Null => Some(None),
        Value::Number(n) if n.is_f64() => {
            let text = format!("{:.0}", n.as_f64()?.floor());
            text.parse().ok().map(Some)
        }
        other => other.as_i64().map(Some),
    }
}

/// A name as lists and logs can show it.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_stable_and_a_uuid() {
        let id = stable_id("https://issuer.test", "42");
        assert_eq!(id, stable_id("https://issuer.test", "42"));
        assert_ne!(id, stable_id("https://issuer.test/", "42"));
        assert_eq!((id.get_version_num(), id.to_string().len()), (8, 36));
    }

    #[test]
    fn roles_are_found_by_name_and_by_path() {
        let claims = serde_json::json!({ "realm_access": { "roles": ["viewer"] },
            "https://kontor.test/roles": ["admin"], "groups": "a b" });
        let found = |path| names(at(&claims, path)).collect::<Vec<_>>();
        assert_eq!(found("realm_access.roles"), ["viewer"]);
        assert_eq!(found("https://kontor.test/roles"), ["admin"]);
        assert_eq!(found("groups"), ["a", "b"]);
        assert!(found("groups.x").is_empty() && found("").is_empty());
        let nested = serde_json::json!({ "resource_access": { "app.kontor.test":
            { "roles": ["treasurer"] }, "app": { "kontor": 1 } } });
        let path = "resource_access.app.kontor.test.roles";
        assert_eq!(names(at(&nested, path)).collect::<Vec<_>>(), ["treasurer"]);
    }

    #[test]
    fn a_time_may_have_a_fraction_and_nothing_else() {
        let of = |text: &str| seconds(&serde_json::from_str(text).unwrap());
        assert_eq!(of("1767225600"), Some(Some(1_767_225_600)));
        assert_eq!(of("1767225600.75"), Some(Some(1_767_225_600)));
        assert_eq!(of("null"), Some(None));
        assert_eq!((of("\"1767225600\""), of("1e300"), of("true")), (None, None, None));
    }
}
