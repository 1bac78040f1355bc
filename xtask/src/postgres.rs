//! A private PostgreSQL for one run of the tests: a new cluster on a free port, gone afterwards.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::sh::{self, Result, Scratch};
use crate::tools;

const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A running server; dropping it stops it and removes its data.
pub(crate) struct Postgres {
    server: Child,
    port: u16,
    // After `server`: files go when nobody writes them any more.
    _folder: Scratch,
}

impl Postgres {
    /// A cluster for tests. They never ask what a power cut leaves behind, so the disk need not
    /// be waited for.
    pub(crate) fn start() -> Result<Self> {
        Self::with(&["fsync=off", "synchronous_commit=off", "full_page_writes=off"])
    }

    /// A cluster that keeps its promises, as in production.
    pub(crate) fn start_durable() -> Result<Self> {
        Self::with(&[])
    }

    /// Makes and starts a cluster, installing PostgreSQL when it is missing and allowed.
    fn with(settings: &[&str]) -> Result<Self> {
        let bin = bin()?;
        let folder = Scratch::new("postgres")?;
        let root = tools::is_root();
        if root {
            // The server refuses to run as root.
            sh::run(sh::command("chown", &["postgres", &text(folder.path())]))?;
        }
        let data = text(&folder.path().join("data"));
        init(&bin, &data, root)?;
        let port = sh::free_port()?;
        let mut server = as_postgres(&bin.join("postgres"), root);
        server.args(["-D", &data, "-p", &port.to_string(), "-h", "127.0.0.1"]);
        let always = ["unix_socket_directories=", "max_connections=400", "log_min_messages=fatal"];
        for setting in always.iter().chain(settings) {
            server.args(["-c", setting]);
        }
        let server = server
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("postgres could not be started: {e}"))?;
        let mut started = Self { server, port, _folder: folder };
        started.wait()?;
        out!("postgres: {} on port {port}", bin.display());
        Ok(started)
    }

    /// Where tests find it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&mut self) -> Result {
        let until = Instant::now() + STARTS_WITHIN;
        while Instant::now() < until {
            if let Ok(Some(status)) = self.server.try_wait() {
                return Err(format!("postgres stopped at once with {status}"));
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(format!("postgres did not answer within {} s", STARTS_WITHIN.as_secs()))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // QUIT stops the server and all its children at once; the data is thrown away anyway.
        let pid = self.server.id().to_string();
        if sh::output(sh::command("kill", &["-QUIT", &pid])).is_err() {
            drop(self.server.kill());
        }
        drop(self.server.wait());
    }
}

fn init(bin: &Path, data: &str, root: bool) -> Result {
    let locale = ["--locale=C", "--encoding=UTF8", "--auth=trust", "--no-sync"];
    let mut init = as_postgres(&bin.join("initdb"), root);
    init.args(["-D", data, "-U", "postgres"]).args(locale);
    sh::output(init).map(drop)
}

/// The folder of PostgreSQL's programs, installed when it is missing and allowed.
pub(crate) fn bin() -> Result<PathBuf> {
    tools::need("postgresql", newest_bin)
}

/// A server that outlives us, on a cluster that stays; made when it is not there.
pub(crate) fn at(bin: &Path, data: &Path, port: u16) -> Result<Command> {
    let root = tools::is_root();
    if !data.join("PG_VERSION").exists() {
        std::fs::create_dir_all(data).map_err(|e| format!("{}: {e}", data.display()))?;
        if root {
            sh::run(sh::command("chown", &["postgres", &text(data)]))?;
        }
        init(bin, &text(data), root)?;
    }
    let mut server = match root {
        false => sh::command(bin.join("postgres"), &[]),
        true => {
            let mut server = sh::command("setpriv", &AS_POSTGRES);
            server.arg(bin.join("postgres")).current_dir("/");
            server
        }
    };
    server.args(["-D", &text(data), "-p", &port.to_string(), "-h", "127.0.0.1"]);
    server.args(["-c", "unix_socket_directories=", "-c", "max_connections=400"]);
    Ok(server)
}

/// The server refuses to run as root.
const AS_POSTGRES: [&str; 3] = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];

/// A program of PostgreSQL; as the user `postgres` when we are root. It ends when we end, whatever
/// ends us.
fn as_postgres(program: &Path, root: bool) -> Command {
    if !root {
        return sh::command(program, &[]);
    }
    let mut command = sh::command("setpriv", &AS_POSTGRES);
    command.arg("--pdeathsig=QUIT").arg(program).current_dir("/");
    command
}

fn newest_bin() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|v| {
            let number = v.file_name().to_string_lossy().parse::<u32>().ok()?;
            Some((number, v.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .max_by_key(|(number, _)| *number);
    let on_path = || tools::find(&["initdb"])?.parent().map(Path::to_path_buf);
    newest.map(|(_, bin)| bin).or_else(on_path)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
