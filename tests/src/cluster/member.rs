//! One process of a cluster: started apart from whoever starts it, found again by its pid.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

const STARTS_WITHIN: Duration = Duration::from_secs(120);
/// Its farewell, its drain, and the time a busy machine takes for them.
const STOPS_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What a process is and where it answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    /// Its name, such as `api-1`.
    pub name: String,
    /// Its duties, as `--roles` takes them.
    pub roles: String,
    /// Where it listens on this machine.
    pub port: u16,
    /// Settings of its own, `section.key=value`.
    pub sets: Vec<String>,
    /// Where the cluster lives.
    pub folder: PathBuf,
}

impl Member {
    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it; it need not be ready when this returns.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub fn start(&self) -> Result<(), String> {
        let log = File::options().create(true).append(true).open(self.at("log"));
        let log = log.map_err(|e| format!("{}: {e}", self.name))?;
        let errors = log.try_clone().map_err(|e| e.to_string())?;
        // A session of its own: a Ctrl-C or the end of a terminal is nothing to it.
        let mut command = Command::new("setsid");
        command.arg(self.folder.join("kontor")).arg("--config").arg(self.folder.join("house.toml"));
        for set in &self.sets {
            command.args(["--set", set]);
        }
        let child = command
            .args(["serve", "--roles", &self.roles])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|e| format!("{} could not be started: {e}", self.name))?;
        let began = began(child.id()).unwrap_or_default();
        let text = format!("{} {began}", child.id());
        std::fs::write(self.at("pid"), text).map_err(|e| format!("{}: {e}", self.name))
    }

    /// Its pid, while it lives; another process with its number does not count.
    pub fn pid(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.at("pid")).ok()?;
        let (pid, at) = text.split_once(' ')?;
        let pid: u32 = pid.parse().ok()?;
        (began(pid)? == at).then_some(pid)
    }

    /// Sends it a signal; it must live.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub fn signal(&self, name: &str) -> Result<(), String> {
        let pid = self.pid().ok_or_else(|| format!("{} is not there", self.name))?;
        let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
        match sent {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("kill -{name} {pid} ended with {status}")),
            Err(e) => Err(format!("kill could not be started: {e}")),
        }
    }

    /// As a power cut: no signal handler runs.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub async fn kill(&self) -> Result<(), String> {
        self.signal("KILL")?;
        self.gone().await
    }

    /// As an operator stops it; one that is gone is stopped.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn stop(&self) -> Result<(), String> {
        if self.pid().is_none() {
            return Ok(());
        }
        self.signal("TERM")?;
        self.gone().await
    }

    async fn gone(&self) -> Result<(), String> {
        let until = Instant::now() + STOPS_WITHIN;
        while self.pid().is_some() {
            if Instant::now() > until {
                return Err(format!("{} does not end:\n{}", self.name, self.last_words(20)));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Waits until it says that it is ready.
    ///
    /// # Errors
    /// With the end of its log, when it ended or is not ready in time.
    pub async fn ready(&self) -> Result<(), String> {
        let http = reqwest::Client::new();
        let url = format!("{}/readyz", self.url());
        let until = Instant::now() + STARTS_WITHIN;
        loop {
            let asked = http.get(&url).timeout(Duration::from_secs(5)).send().await;
            if asked.is_ok_and(|a| a.status().is_success()) {
                return Ok(());
            }
            if self.pid().is_none() {
                return Err(format!("{} ended:\n{}", self.name, self.last_words(20)));
            }
            if Instant::now() > until {
                return Err(format!("{} is not ready:\n{}", self.name, self.last_words(20)));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The end of its log.
    pub fn last_words(&self, lines: usize) -> String {
        let bytes = std::fs::read(self.at("log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    fn at(&self, what: &str) -> PathBuf {
        self.folder.join(format!("{}.{what}", self.name))
    }
}

/// When a process began, as the kernel tells it; `None` when it has ended, also when nobody has
/// asked for its status yet.
fn began(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
    let stat = stat.ok()?;
    // Behind the name, which may hold anything, the first field is the state, the twentieth the
    // time.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    (fields.next()? != "Z").then(|| fields.nth(18).map(str::to_owned))?
}
