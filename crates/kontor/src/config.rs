//! The configuration of the program, typed.

use serde::Deserialize;

/// The manual: every key with its default.
pub const MANUAL: &str = include_str!("../../../config/default.toml");

/// The profiles of `--profile`, each laid over the manual.
pub const PROFILES: [(&str, &str); 3] = [
    ("demo", include_str!("../../../config/profiles/demo.toml")),
    ("single", include_str!("../../../config/profiles/single.toml")),
    ("cluster", include_str!("../../../config/profiles/cluster.toml")),
];

/// Everything that can be configured.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Listening and limits.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// Files.
    pub blobs: platform::blobs::Config,
    /// Logs.
    pub log: Log,
    /// The front door.
    pub gateway: access::gateway::Config,
    /// Identity.
    pub identity: Identity,
    /// Jobs.
    pub jobs: Jobs,
    /// Deals.
    pub deals: Deals,
    /// Governed settings, by module.
    pub settings: serde_json::Value,
}

/// Listening and limits.
#[derive(Debug, Clone, Deserialize)]
pub struct Server {
    /// Address and port.
    pub address: String,
    /// Bytes of an ordinary body.
    pub body_limit_bytes: usize,
    /// Bytes of an uploaded statement.
    pub upload_limit_bytes: u64,
    /// Seconds that open requests get when the server stops.
    pub drain_seconds: u64,
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://...`.
    pub url: String,
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
pub struct Log {
    /// What is logged.
    pub filter: String,
    /// One JSON object per line.
    pub json: bool,
}

/// Identity, with the place of its master key.
#[derive(Debug, Clone, Deserialize)]
pub struct Identity {
    /// Issuer, audience, lifetimes.
    #[serde(flatten)]
    pub service: access::identity::Config,
    /// File with the master key.
    pub master_key_file: String,
}

/// Jobs.
#[derive(Debug, Clone, Deserialize)]
pub struct Jobs {
    /// Jobs that run at once.
    pub width: u32,
}

/// Deals.
#[derive(Debug, Clone, Deserialize)]
pub struct Deals {
    /// Letter head: name.
    pub house_name: String,
    /// Letter head: address.
    pub house_lines: Vec<String>,
    /// Database of the sandbox bank.
    pub bank_database: String,
    /// Its settlement delay.
    pub bank_delay_ms: i64,
}

impl Config {
    /// The database of the sandbox bank: its own file, or a schema of its own on the server.
    pub fn bank_url(&self) -> String {
        if !self.deals.bank_database.is_empty() {
            return self.deals.bank_database.clone();
        }
        match self.database.url.strip_prefix("sqlite:") {
            Some(path) => format!("sqlite:{}", path.replace(".db", "") + "-sandbox-bank.db"),
            None => self.database.url.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use platform::config::{Sources, load_from};

    use super::*;

    #[test]
    fn every_profile_is_valid_and_says_something() {
        for profile in PROFILES {
            let loaded = load_from::<Config>(Sources {
                manual: MANUAL,
                profile: Some(profile),
                file: None,
                environment: Vec::new(),
                sets: &[],
            })
            .unwrap();
            let said = loaded.provenance.values().filter(|source| **source == "profile").count();
            assert!(said > 0, "{}", profile.0);
        }
    }
}
