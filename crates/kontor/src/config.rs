//! The configuration of the program, typed.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use access::policy::Enforcement;
use deals::documents::HouseName;
use kernel::{Error, Kind};
use platform::db::Limits;
use serde::Deserialize;

use crate::duties::Duty;

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
    /// Signals between processes.
    pub signals: platform::signals::Config,
    /// The bus.
    pub bus: platform::bus::Config,
    /// Mail.
    pub mail: platform::mail::Config,
    /// Files.
    pub blobs: platform::blobs::Config,
    /// Logs.
    pub log: Log,
    /// Traces.
    pub telemetry: platform::telemetry::Config,
    /// The front door.
    pub gateway: access::gateway::Config,
    /// What is asked of callers.
    pub access: Access,
    /// Identity.
    pub identity: Identity,
    /// Policy.
    pub policy: access::policy::Config,
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
    /// Connections at a time; those beyond wait to be taken.
    pub connections: usize,
    /// Connections of one address at a time; those beyond are closed.
    pub connections_of_one_address: usize,
    /// Seconds after which a client that says nothing is left.
    pub silence_seconds: u64,
    /// Seconds that open requests get when the server stops.
    pub drain_seconds: u64,
    /// Milliseconds in which a server that stops still takes requests and says that it stops.
    pub farewell_ms: u64,
    /// What this process does; everything when empty.
    pub roles: Vec<Duty>,
    /// The modules that it does it for; all when empty.
    pub modules: Vec<String>,
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://...`.
    pub url: String,
    /// Seconds after which an answer of the server is not waited for.
    pub statement_seconds: u64,
    /// Transactions that may wait to be begun.
    pub queue: usize,
}

impl Database {
    /// What nobody waits longer for, and what nobody waits behind.
    ///
    /// # Errors
    /// `Invalid` naming the setting that is out of its range.
    pub fn limits(&self) -> Result<Limits, Error> {
        if !(1..=3_600).contains(&self.statement_seconds) {
            return Err(Error::invalid("database.statement_seconds", "1 to 3600 are allowed"));
        }
        if !(1..=1_000_000).contains(&self.queue) {
            return Err(Error::invalid("database.queue", "1 to 1000000 are allowed"));
        }
        Ok(Limits { statement: Duration::from_secs(self.statement_seconds), queue: self.queue })
    }
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
pub struct Log {
    /// What is logged.
    pub filter: String,
    /// One JSON object per line.
    pub json: bool,
}

/// What is asked of callers.
#[derive(Debug, Clone, Deserialize)]
pub struct Access {
    /// Callers must say who they are.
    pub auth_required: bool,
    /// The policy is asked.
    pub authz_required: bool,
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

impl Access {
    /// Whether the policy is asked.
    pub fn enforcement(&self) -> Enforcement {
        if self.authz_required { Enforcement::On } else { Enforcement::Off }
    }
}

impl Config {
    /// What no single value says: a door without a lock is for this machine only.
    ///
    /// # Errors
    /// `invalid_configuration` with a sentence.
    pub fn check(&self) -> Result<(), Error> {
        let open = [
            ("access.auth_required", self.access.auth_required),
            ("access.authz_required", self.access.authz_required),
        ];
        let Some((name, _)) = open.into_iter().find(|(_, required)| !required) else {
            return Ok(());
        };
        if loopback(&self.server.address) {
            return Ok(());
        }
        let message = format!(
            "{name} is false, and server.address {} is not a loopback address: anybody who \
             reaches it could do everything; listen on 127.0.0.1, or require it",
            self.server.address
        );
        Err(Error::new(Kind::Invalid, "invalid_configuration", message))
    }

    /// Letter head of documents and letters.
    pub fn house_name(&self) -> HouseName {
        HouseName { name: self.deals.house_name.clone(), lines: self.deals.house_lines.clone() }
    }

    /// The database of the sandbox bank: its own file, or a schema of its own on the server.
    pub fn bank_url(&self) -> String {
        if !self.deals.bank_database.is_empty() {
            return self.deals.bank_database.clone();
        }
        match self.database.url.strip_prefix("sqlite:") {
            Some(path) => {
                format!("sqlite:{}-sandbox-bank.db", path.strip_suffix(".db").unwrap_or(path))
            }
            None => self.database.url.clone(),
        }
    }
}

/// Whether only this machine can reach `address`; names are believed only when there is no doubt.
fn loopback(address: &str) -> bool {
    address.parse::<SocketAddr>().map(|a| a.ip()).is_ok_and(|ip: IpAddr| ip.is_loopback())
        || address.strip_prefix("localhost:").is_some()
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

    #[test]
    fn only_this_machine_is_loopback() {
        for good in ["127.0.0.1:3000", "[::1]:3000", "127.9.9.9:1", "localhost:3000"] {
            assert!(loopback(good), "{good}");
        }
        for bad in ["0.0.0.0:3000", "[::]:3000", "10.0.0.1:1", "localhost.example:1", ":3000", ""] {
            assert!(!loopback(bad), "{bad}");
        }
    }
}
