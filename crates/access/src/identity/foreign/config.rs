//! What the house is told about an issuer.

use std::collections::BTreeMap;
use std::fmt;

use jsonwebtoken::Algorithm;
use kernel::{Error, Kind, Role};
use serde::Deserialize;

/// An issuer whose tokens are accepted here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// Short and stable: part of addresses and of usernames.
    pub name: String,
    /// For people; the name when absent.
    #[serde(default)]
    pub title: String,
    /// `iss` of its tokens; its description is found below it.
    pub issuer: String,
    /// What the house is called there.
    pub client_id: String,
    /// Its secret; public clients have none.
    #[serde(default)]
    pub client_secret: Secret,
    /// File with the secret.
    #[serde(default)]
    pub client_secret_file: String,
    /// `aud` that is accepted; the client's id when empty.
    #[serde(default)]
    pub audiences: Vec<String>,
    /// `RS256`, `ES256`, `EdDSA`.
    #[serde(default = "rs256")]
    pub algorithms: Vec<String>,
    /// Where the roles are: the name of a claim, or a path with dots.
    #[serde(default = "realm_roles")]
    pub roles_claim: String,
    /// House roles that count under their own name.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Other names: theirs to ours.
    #[serde(default)]
    pub role_map: BTreeMap<String, String>,
    /// Claim with the id of the creator that the login stands for.
    #[serde(default)]
    pub subject_claim: String,
    /// Seconds that its clock may differ from ours.
    #[serde(default = "leeway")]
    pub leeway_seconds: i64,
    /// What is asked for at a login.
    #[serde(default = "scopes")]
    pub scopes: String,
}

/// A text that is never shown.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn rs256() -> Vec<String> {
    vec!["RS256".into()]
}

fn realm_roles() -> String {
    "realm_access.roles".into()
}

const fn leeway() -> i64 {
    30
}

fn scopes() -> String {
    "openid profile".into()
}

/// The same, checked.
pub(super) struct Rules {
    pub(super) audiences: Vec<String>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) roles: BTreeMap<String, Role>,
    pub(super) secret: String,
}

impl IssuerConfig {
    pub(super) fn checked(&mut self) -> Result<Rules, Error> {
        let wrong = |message: String| {
            Error::new(
                Kind::Invalid,
                "invalid_configuration",
                format!("identity.issuers, '{}': {message}", self.name),
            )
        };
        let sane = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || self.name.len() > 32 || !self.name.chars().all(sane) {
            return Err(wrong("a name has 1 to 32 of the characters a-z 0-9 -".into()));
        }
        if !(self.issuer.starts_with("https://") || self.issuer.starts_with("http://")) {
            return Err(wrong("issuer must be an address".into()));
        }
        if self.client_id.is_empty() {
            return Err(wrong("client_id is missing".into()));
        }
        if !(0..=300).contains(&self.leeway_seconds) {
            return Err(wrong("leeway_seconds may be 0 to 300".into()));
        }
        let known =
            [("RS256", Algorithm::RS256), ("ES256", Algorithm::ES256), ("EdDSA", Algorithm::EdDSA)];
        let algorithm = |name: &String| {
            let found = known.iter().find(|(n, _)| n == name).map(|(_, a)| *a);
            found.ok_or_else(|| wrong(format!("'{name}' is none of RS256, ES256, EdDSA")))
        };
        let algorithms = self.algorithms.iter().map(algorithm).collect::<Result<Vec<_>, _>>()?;
        let role = |name: &String| name.parse::<Role>().map_err(|e| wrong(e.message));
        let mut roles = BTreeMap::new();
        for name in &self.roles {
            roles.insert(name.clone(), role(name)?);
        }
        for (theirs, ours) in &self.role_map {
            roles.insert(theirs.clone(), role(ours)?);
        }
        let secret = match self.client_secret_file.as_str() {
            "" => self.client_secret.0.clone(),
            path => std::fs::read_to_string(path)
                .map_err(|e| wrong(format!("client_secret_file {path}: {e}")))?
                .trim()
                .to_owned(),
        };
        let audiences = match self.audiences.is_empty() {
            true => vec![self.client_id.clone()],
            false => self.audiences.clone(),
        };
        if self.title.is_empty() {
            self.title.clone_from(&self.name);
        }
        Ok(Rules { audiences, algorithms, roles, secret })
    }
}
