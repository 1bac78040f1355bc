//! The house's signing keys: ES256, wrapped by a master key in the database, published as JWKS.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead as _, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use kernel::Error;
use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use platform::clock::random_bytes;

/// Wraps signing keys; from a file or the environment, never from the database.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// From 64 hexadecimal digits.
    ///
    /// # Errors
    /// `Invalid` when it is anything else.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bytes = hex::decode(text.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
        bytes.map(Self).ok_or_else(|| {
            Error::invalid("identity.master_key", "a master key is 64 hexadecimal digits")
        })
    }

    /// Makes a new one, as the text that [`MasterKey::parse`] reads.
    pub fn generate() -> String {
        hex::encode(random_bytes::<32>())
    }

    /// A key of its own for one purpose, so that what is sealed for one opens for no other.
    pub(super) fn for_purpose(&self, purpose: &str) -> Self {
        let mut digest = <sha2::Sha256 as sha2::Digest>::new();
        sha2::Digest::update(&mut digest, self.0);
        sha2::Digest::update(&mut digest, purpose);
        Self(sha2::Digest::finalize(digest).into())
    }

    /// The key itself, to key a digest with.
    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn wrap(&self, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce = random_bytes::<12>();
        let sealed = Aes256Gcm::new(&self.0.into())
            .encrypt(&nonce.into(), plain)
            .map_err(|_| Error::internal("a signing key could not be wrapped"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    pub(super) fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, Error> {
        let wrong = || {
            Error::internal("the signing key cannot be unwrapped: is this the right master key?")
        };
        let (nonce, sealed) = wrapped.split_first_chunk::<12>().ok_or_else(wrong)?;
        Aes256Gcm::new(&self.0.into()).decrypt(&(*nonce).into(), sealed).map_err(|_| wrong())
    }
}

/// A key pair, ready to sign and to verify.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    pub(crate) public_jwk: String,
}

/// A new key and its wrapped form for the database.
pub(crate) fn generate(master: &MasterKey) -> Result<(SigningKey, Vec<u8>), Error> {
    let secret = loop {
        // A scalar outside the group's order is vanishingly rare; draw again.
        if let Ok(key) = p256::SecretKey::from_slice(&random_bytes::<32>()) {
            break key;
        }
    };
    let wrapped = master.wrap(&secret.to_bytes())?;
    Ok((build(&secret)?, wrapped))
}

/// A key from its wrapped form.
pub(crate) fn open(master: &MasterKey, wrapped: &[u8]) -> Result<SigningKey, Error> {
    let plain = master.unwrap(wrapped)?;
    let secret = p256::SecretKey::from_slice(&plain)
        .map_err(|_| Error::internal("the stored signing key is damaged"))?;
    build(&secret)
}

fn build(secret: &p256::SecretKey) -> Result<SigningKey, Error> {
    let damaged = |e: &dyn std::fmt::Display| Error::internal(format!("signing key: {e}"));
    let private = secret.to_pkcs8_pem(LineEnding::LF).map_err(|e| damaged(&e))?;
    let public = secret.public_key();
    let public_pem = public.to_public_key_pem(LineEnding::LF).map_err(|e| damaged(&e))?;
    let mut jwk: serde_json::Value =
        serde_json::from_str(&public.to_jwk_string()).map_err(|e| damaged(&e))?;
    let thumb = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
    // RFC 7638: the key's name is the digest of its canonical public form.
    let kid = URL_SAFE_NO_PAD.encode(<sha2::Sha256 as sha2::Digest>::digest(thumb));
    jwk["kid"] = kid.clone().into();
    jwk["use"] = "sig".into();
    jwk["alg"] = "ES256".into();
    Ok(SigningKey {
        encoding: EncodingKey::from_ec_pem(private.as_bytes()).map_err(|e| damaged(&e))?,
        decoding: DecodingKey::from_ec_pem(public_pem.as_bytes()).map_err(|e| damaged(&e))?,
        public_jwk: jwk.to_string(),
        kid,
    })
}
