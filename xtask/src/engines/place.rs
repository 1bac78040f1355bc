//! Where an engine keeps its ports, its pid, its log and its data.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::catalogue::Engine;
use crate::sh::{self, Result};
use crate::tools;

const STOPS_WITHIN: Duration = Duration::from_secs(30);
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// The cache of the user who runs this, outside every checkout.
pub(super) fn home() -> Result<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    // Root's own home is closed to PostgreSQL, which must not run as root.
    let own = || {
        if tools::is_root() {
            Some("/var/cache".into())
        } else {
            named("HOME").map(|h| h.join(".cache"))
        }
    };
    let cache = named("XDG_CACHE_HOME").or_else(own);
    let home = cache.ok_or("neither XDG_CACHE_HOME nor HOME is set")?.join("kontor/engines");
    std::fs::create_dir_all(&home).map_err(|e| format!("{}: {e}", home.display()))?;
    Ok(home)
}

/// The folder of one engine.
pub(super) struct Place {
    folder: PathBuf,
}

impl Place {
    /// The folder of an engine, made when missing.
    pub(super) fn of(engine: &Engine) -> Result<Self> {
        let folder = home()?.join("run").join(engine.name);
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        Ok(Self { folder })
    }

    /// A file or folder in it.
    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, text: &str) -> Result {
        std::fs::write(self.at(name), text).map_err(|e| format!("{name}: {e}"))
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap_or_default()
    }

    /// Writes a file that the engine reads.
    pub(super) fn put(&self, name: &str, text: &str) -> Result<PathBuf> {
        self.write(name, text)?;
        Ok(self.at(name))
    }

    /// From now on the first port is this one.
    pub(super) fn fix_port(&self, port: u16) -> Result {
        self.write("ports", &port.to_string())
    }

    /// Gives it as many ports as it needs; the ones it had stay.
    pub(super) fn choose_ports(&mut self, count: usize) -> Result {
        let mut ports = self.ports();
        while ports.len() < count {
            let port = sh::free_port()?;
            if !ports.contains(&port) {
                ports.push(port);
            }
        }
        let text: Vec<String> = ports.iter().map(u16::to_string).collect();
        self.write("ports", &text.join(" "))
    }

    fn ports(&self) -> Vec<u16> {
        self.read("ports").split_whitespace().filter_map(|p| p.parse().ok()).collect()
    }

    /// The port that clients use is 0; what others there are the engine knows.
    pub(super) fn port(&self, n: usize) -> u16 {
        self.ports().get(n).copied().unwrap_or(0)
    }

    /// Host and port for clients.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port(0))
    }

    fn pid(&self) -> Option<u32> {
        self.read("pid").trim().parse().ok()
    }

    /// True while the process that was started lives; another one with its number does not count.
    pub(super) fn running(&self) -> bool {
        self.pid().is_some_and(|pid| {
            let began = self.read("began");
            !began.is_empty() && started_at(pid).is_some_and(|at| at == began)
        })
    }

    /// Starts it in a session of its own, so that it stays when we end.
    pub(super) fn spawn(&mut self, command: &Command) -> Result {
        let log = File::create(self.at("log")).map_err(|e| e.to_string())?;
        let errors = log.try_clone().map_err(|e| e.to_string())?;
        let mut detached = Command::new("setsid");
        detached.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => detached.env(name, value),
                None => detached.env_remove(name),
            };
        }
        detached.current_dir(command.get_current_dir().unwrap_or(&self.folder));
        let child = detached
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|e| format!("it could not be started: {e}"))?;
        self.write("pid", &child.id().to_string())?;
        self.write("began", &started_at(child.id()).unwrap_or_default())
    }

    /// Asks the whole session to end, and makes it end when it does not.
    pub(super) fn stop(&mut self) -> Result {
        let Some(pid) = self.pid().filter(|_| self.running()) else { return Ok(()) };
        let session = format!("-{pid}");
        let until = Instant::now() + STOPS_WITHIN;
        drop(sh::output(sh::command("kill", &["-TERM", "--", &session])));
        while self.running() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(50));
        }
        if self.running() {
            sh::output(sh::command("kill", &["-KILL", "--", &session]))?;
        }
        std::fs::remove_file(self.at("pid")).map_err(|e| e.to_string())
    }

    /// Removes its data, ports and log.
    pub(super) fn wipe(&self) -> Result {
        std::fs::remove_dir_all(&self.folder).map_err(|e| format!("{}: {e}", self.folder.display()))
    }

    /// The end of its log.
    pub(super) fn last_words(&self, lines: usize) -> String {
        let bytes = std::fs::read(self.at("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&bytes);
        let all: Vec<&str> = log.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// True when its log says `words`.
    pub(super) fn said(&self, words: &str) -> bool {
        self.read("log").contains(words)
    }

    /// Resident memory of its processes, in megabytes.
    pub(super) fn memory_mb(&self) -> u64 {
        let Some(pid) = self.pid() else { return 0 };
        let session = pid.to_string();
        let sizes = sh::output(sh::command("ps", &["-o", "rss=", "-s", &session]));
        let sizes = sizes.unwrap_or_default();
        sizes.split_whitespace().filter_map(|s| s.parse::<u64>().ok()).sum::<u64>() / 1_024
    }

    /// True when something accepts connections at its first port.
    pub(super) fn accepts(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port(0))).is_ok()
    }

    /// True when a GET at port `n` answers 200.
    pub(super) fn answers(&self, n: usize, path: &str) -> bool {
        get(self.port(n), path).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }
}

fn get(port: u16, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    // The status is enough: a peer that keeps the connection open is no failure.
    let mut part = [0_u8; 512];
    let count = stream.read(&mut part)?;
    answer.extend_from_slice(&part[..count]);
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// When a process began, as the kernel tells it; `None` when it is gone.
fn started_at(pid: u32) -> Option<String> {
    let stat =
        std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    // Behind the name, which may hold anything, the first field is the state, the twentieth the
    // time; a zombie has ended.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    (fields.next()? != "Z").then(|| fields.nth(18).map(str::to_owned))?
}
