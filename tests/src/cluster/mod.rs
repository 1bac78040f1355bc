//! The house as a cluster on this machine: every role a process of its own behind a gateway, on
//! real engines, each of which is reached over a link that can be broken.
//!
//! What there is is written to `cluster.json` in a folder that outlives whoever started it.

mod drained;
pub mod engines;
pub mod events;
pub mod links;
mod make;
pub mod member;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use platform::db::Db;
use reqwest::{Client, Method};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::api::Api;
use links::Link;
use member::Member;

/// Password of the admin that every cluster has, besides those of the directory.
pub const PASSWORD: &str = "correct horse battery";
/// His name.
pub const ADMIN: &str = "local-admin";

/// A cluster, as it was made.
#[derive(Debug, Serialize, Deserialize)]
pub struct Cluster {
    /// Part of the names of everything that it has at its engines.
    pub name: String,
    /// Where it lives.
    pub folder: PathBuf,
    /// Its processes; the gateway comes last.
    pub members: Vec<Member>,
    /// Its links to engines.
    pub links: Vec<Link>,
    /// Its database, not over a link.
    pub database: String,
    /// Its brokers, not over a link.
    pub brokers: String,
    /// What its topics, groups and subjects begin with.
    pub topic_prefix: String,
    /// The realm whose tokens it accepts.
    pub realm: String,
}

impl Cluster {
    /// The cluster of a folder, if there is one.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn load(folder: &Path) -> Result<Option<Self>, String> {
        let Ok(text) = std::fs::read_to_string(folder.join("cluster.json")) else {
            return Ok(None);
        };
        serde_json::from_str(&text).map(Some).map_err(|e| format!("cluster.json: {e}"))
    }

    /// Makes links whole, starts what does not run, and waits until all of it is ready.
    ///
    /// # Errors
    /// A sentence that says what is not there, with the end of a log.
    pub async fn start(&self) -> Result<(), String> {
        for link in &self.links {
            link.make().await?;
        }
        for member in self.members.iter().filter(|m| m.pid().is_none()) {
            member.start()?;
        }
        for member in &self.members {
            member.ready().await?;
        }
        Ok(())
    }

    /// Stops every process, the gateway first.
    ///
    /// # Errors
    /// When one does not end.
    pub async fn stop(&self) -> Result<(), String> {
        for member in self.members.iter().rev() {
            member.stop().await?;
        }
        for link in &self.links {
            link.remove().await?;
        }
        Ok(())
    }

    /// Where clients find it.
    pub fn gateway(&self) -> String {
        self.members.last().map(Member::url).unwrap_or_default()
    }

    /// Runs a command of the program to its end.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub fn run(&self, args: &[&str]) -> Result<String, String> {
        let mut command = Command::new(self.folder.join("kontor"));
        command.arg("--config").arg(self.folder.join("house.toml")).args(args);
        let out = command.current_dir(&self.folder).output().map_err(|e| e.to_string())?;
        if out.status.success() {
            return Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned());
        }
        Err(format!("kontor {}: {}", args.join(" "), String::from_utf8_lossy(&out.stderr)))
    }

    /// Its database, as nobody of the house sees it: not over the link.
    ///
    /// # Errors
    /// When it is away.
    pub fn db(&self) -> Result<Db, String> {
        Db::open(&self.database, Arc::default()).map_err(|e| e.to_string())
    }

    /// The database of its sandbox bank.
    pub fn bank_url(&self) -> String {
        format!("{}?options=-csearch_path%3Dsandbox_bank", self.database)
    }

    /// A client at the gateway, logged in as its own admin.
    ///
    /// # Errors
    /// A sentence that says what was answered.
    pub async fn admin(&self) -> Result<Api, String> {
        let api = Api { url: self.gateway(), token: String::new(), http: Client::new() };
        let body = json!({ "username": ADMIN, "password": PASSWORD });
        let answer = api.request(Method::POST, "/auth/login").json(&body).send().await;
        let tokens: serde_json::Value =
            answer.map_err(|e| e.to_string())?.json().await.map_err(|e| e.to_string())?;
        let token = tokens["access_token"].as_str().ok_or_else(|| tokens.to_string())?.to_owned();
        Ok(Api { token, ..api })
    }

    /// A client at the gateway with a token of the directory.
    ///
    /// # Errors
    /// A sentence that says what was answered.
    pub async fn staff(&self, user: &str) -> Result<Api, String> {
        let form = [
            ("grant_type", "password"),
            ("client_id", "kontor-console"),
            ("username", user),
            ("password", engines::DIRECTORY_PASSWORD),
        ];
        let url = format!("{}/protocol/openid-connect/token", self.realm);
        let answer = Client::new().post(url).form(&form).send().await.map_err(|e| e.to_string())?;
        let tokens: serde_json::Value = answer.json().await.map_err(|e| e.to_string())?;
        let token = tokens["access_token"].as_str().ok_or_else(|| tokens.to_string())?.to_owned();
        Ok(Api { url: self.gateway(), token, http: Client::new() })
    }
}
