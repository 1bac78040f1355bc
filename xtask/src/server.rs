//! A demo server for journeys and pictures, on a free port with data of its own.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::sh::{self, Result, Scratch};

const STARTS_WITHIN: Duration = Duration::from_secs(400);
const STOPS_WITHIN: Duration = Duration::from_secs(20);
const LAST_LINES: usize = 40;

/// A running demo; dropping it stops it and removes its data.
pub(crate) struct Demo {
    server: Child,
    port: u16,
    folder: Scratch,
}

impl Demo {
    /// Starts the built program and waits until it is ready.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with(&[])
    }

    /// As [`Demo::start`], with more arguments.
    pub(crate) fn start_with(more: &[&str]) -> Result<Self> {
        let folder = Scratch::new("demo")?;
        let port = sh::free_port()?;
        let log = File::create(folder.path().join("server.log")).map_err(|e| e.to_string())?;
        let errors = log.try_clone().map_err(|e| e.to_string())?;
        let data = folder.path().join("data").display().to_string();
        let server = sh::command(program(), &["demo", "--data", &data])
            .args(["--port", &port.to_string()])
            .args(more)
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|e| format!("kontor could not be started: {e}"))?;
        let mut demo = Self { server, port, folder };
        demo.wait()?;
        out!("demo: ready at {}", demo.url());
        Ok(demo)
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Its process, as text.
    pub(crate) fn pid(&self) -> String {
        self.server.id().to_string()
    }

    /// Where it keeps its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The end of its log, to see why something failed.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("server.log"));
        let log = log.unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
    }

    fn wait(&mut self) -> Result {
        let until = Instant::now() + STARTS_WITHIN;
        while Instant::now() < until {
            if let Ok(Some(status)) = self.server.try_wait() {
                return Err(format!("kontor stopped with {status}:\n{}", self.last_words()));
            }
            if is_ready(self.port) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Err(format!("kontor was not ready in time:\n{}", self.last_words()))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let pid = self.server.id().to_string();
        let asked = sh::output(sh::command("kill", &["-TERM", &pid])).is_ok();
        let until = Instant::now() + STOPS_WITHIN;
        while asked && Instant::now() < until {
            if matches!(self.server.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

/// The program as `cargo build` leaves it.
pub(crate) fn program() -> PathBuf {
    target().join("debug/kontor")
}

/// A program of the release build.
pub(crate) fn release(name: &str) -> PathBuf {
    target().join("release").join(name)
}

/// Where cargo puts what it makes.
pub(crate) fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR");
    sh::root().join(named.map_or_else(|| "target".into(), PathBuf::from))
}

fn is_ready(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
