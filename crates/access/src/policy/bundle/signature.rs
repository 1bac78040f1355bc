//! Signed bundles as OPA signs them: `.signatures.json` holds a JWS that names every file with
//! its digest.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use kernel::{Error, Kind};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Files;

const NAME: &str = ".signatures.json";

/// The key that bundles are signed with.
pub(super) struct SigningKey {
    key: DecodingKey,
    algorithm: Algorithm,
}

#[derive(Deserialize)]
struct Signatures {
    signatures: Vec<String>,
}

#[derive(Deserialize)]
struct Signed {
    files: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    hash: String,
    #[serde(default)]
    algorithm: String,
}

impl SigningKey {
    /// From a file: a public key in PEM is ES256, anything else is a secret for HS256.
    pub(super) fn read(path: &str) -> Result<Self, Error> {
        let wrong = |why: String| {
            let message = format!("policy.bundle_key_file {path}: {why}");
            Error::new(Kind::Invalid, "invalid_configuration", message)
        };
        let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
        if text.contains("PUBLIC KEY") {
            let key = DecodingKey::from_ec_pem(text.as_bytes())
                .map_err(|e| wrong(format!("a public key of the curve P-256 is wanted: {e}")))?;
            return Ok(Self { key, algorithm: Algorithm::ES256 });
        }
        let secret = text.trim();
        if secret.len() < 32 {
            return Err(wrong("a secret of 32 characters or more, or a public key".into()));
        }
        Ok(Self { key: DecodingKey::from_secret(secret.as_bytes()), algorithm: Algorithm::HS256 })
    }

    /// Checks that the signature is right and that it names exactly these files.
    pub(super) fn check(&self, files: &Files) -> Result<(), String> {
        let text = files.get(NAME).ok_or("it is not signed, and policy.bundle_key_file is set")?;
        let listed: Signatures =
            serde_json::from_slice(text).map_err(|e| format!("{NAME}: {e}"))?;
        let [token] = listed.signatures.as_slice() else {
            return Err(format!("{NAME} must hold one signature"));
        };
        let mut validation = Validation::new(self.algorithm);
        validation.set_required_spec_claims::<&str>(&[]);
        validation.validate_exp = false;
        validation.validate_aud = false;
        let signed = jsonwebtoken::decode::<Signed>(token, &self.key, &validation)
            .map_err(|e| format!("its signature is not right: {e}"))?
            .claims;
        for (name, bytes) in files.iter().filter(|(name, _)| *name != NAME) {
            let entry = signed.files.iter().find(|e| e.name.trim_start_matches('/') == name);
            let entry = entry.ok_or(format!("{name} is not signed"))?;
            if !["", "SHA-256"].contains(&entry.algorithm.as_str()) {
                return Err(format!("{name}: digests are made by SHA-256"));
            }
            if !entry.hash.eq_ignore_ascii_case(&digest(name, bytes)) {
                return Err(format!("{name} is not as it was signed"));
            }
        }
        let missing = |e: &&Entry| !files.contains_key(e.name.trim_start_matches('/'));
        match signed.files.iter().find(missing) {
            Some(entry) => Err(format!("{} was signed and is not there", entry.name)),
            None => Ok(()),
        }
    }
}

/// The digest as OPA makes it: of JSON in its plainest form, of anything else as it is.
pub(super) fn digest(name: &str, bytes: &[u8]) -> String {
    let json = name == ".manifest" || name.ends_with(".json");
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) if json => {
            let mut text = String::new();
            plain(&value, &mut text);
            hex::encode(Sha256::digest(text))
        }
        _ => hex::encode(Sha256::digest(bytes)),
    }
}

/// JSON without spaces, keys in order.
fn plain(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push('{');
            for (n, key) in keys.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                plain(&map[key], out);
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for (n, item) in list.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                plain(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}
