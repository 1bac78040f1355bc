//! One house on disk whose server is a process of its own, to be killed and measured.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use access::identity::{NewUser, service as identity};
use kernel::{Money, Role};
use kontor::{App, Config, MANUAL};
use platform::testing::Schema;
use reqwest::{Client, Method};
use serde_json::json;

use crate::api::Api;

/// Password of the user `admin`.
pub const PASSWORD: &str = "correct horse battery";
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// The house's engines; servers come and go.
pub struct Installation {
    folder: tempfile::TempDir,
    port: u16,
    sets: Vec<String>,
    /// Open sockets to the schemas; they go with the place.
    _schemas: Vec<Schema>,
}

impl Installation {
    /// An empty house with one user and capital; on SQLite, or in schemas of a PostgreSQL.
    ///
    /// # Errors
    /// A sentence that says what is not there.
    pub async fn new(postgres: Option<String>) -> Result<Self, String> {
        let place = Self::bare(postgres).await?;
        place.furnish().await.map_err(|e| format!("the house could not be furnished: {e}"))?;
        Ok(place)
    }

    /// A place where nothing was made yet.
    ///
    /// # Errors
    /// A sentence that says what is not there.
    pub async fn bare(postgres: Option<String>) -> Result<Self, String> {
        // Clients of a test are made before anything of the house speaks to others.
        platform::outbound::install_tls();
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let port = free_address()?.port();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let mut schemas = Vec::new();
        let mut urls = [format!("sqlite:{}", at("kontor.db")), format!("sqlite:{}", at("bank.db"))];
        if let Some(server) = postgres {
            for url in &mut urls {
                let schema = Schema::create(&server).await;
                url.clone_from(&schema.url);
                schemas.push(schema);
            }
        }
        let sets = vec![
            format!("server.address=127.0.0.1:{port}"),
            format!("database.url={}", urls[0]),
            format!("deals.bank_database={}", urls[1]),
            format!("blobs.folder={}", at("blobs")),
            format!("identity.master_key_file={}", at("key")),
            "identity.access_seconds=86400".into(),
            "deals.bank_delay_ms=300".into(),
            "gateway.rate_per_minute=10000000".into(),
            "log.filter=warn".into(),
        ];
        Ok(Self { folder, port, sets, _schemas: schemas })
    }

    /// With other settings, `section.key=value`.
    #[must_use]
    pub fn with(mut self, sets: &[&str]) -> Self {
        self.sets.extend(sets.iter().map(|s| (*s).to_owned()));
        self
    }

    /// Where its files lie, and where its commands run.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How its servers are configured.
    ///
    /// # Errors
    /// When a setting is wrong.
    pub fn config(&self) -> Result<Config, kernel::Error> {
        Ok(platform::config::load(MANUAL, None, std::iter::empty(), &self.sets)?.config)
    }

    /// The house in this process, when no server runs. Whoever had it before may still be letting
    /// go of the file.
    ///
    /// # Errors
    /// When it is not free in time.
    pub async fn open(&self) -> Result<App, String> {
        let until = Instant::now() + STARTS_WITHIN;
        loop {
            let config = self.config().map_err(|e| e.to_string())?;
            match App::build(config, None).await {
                Ok(app) => return Ok(app),
                Err(e) if Instant::now() > until => return Err(e.to_string()),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    async fn furnish(&self) -> Result<(), kernel::Error> {
        let app = App::build(self.config()?, None).await?;
        let cx = app.house.system_cx();
        let admin = NewUser::staff("admin", PASSWORD, Role::Admin);
        identity::add_user(&cx, admin).await?;
        let rail = app.deals.bank_rail_name();
        let capital = Money::new(100_000_000_000, "USD".parse()?);
        let db = cx.db.clone();
        db.write(move |tx| deals::offers::pay_in_capital(tx, &cx, rail, capital, cx.ids.next()))
            .await
    }

    /// A program that was built beside this one, or beside the folder that tests are built in.
    ///
    /// # Errors
    /// When it was not.
    pub fn binary(name: &str) -> Result<PathBuf, String> {
        let mut path = std::env::current_exe().map_err(|e| e.to_string())?;
        path.pop();
        if path.ends_with("deps") {
            path.pop();
        }
        path.push(name);
        if path.is_file() {
            Ok(path)
        } else {
            Err(format!("{} is not built: run `cargo build --workspace`", path.display()))
        }
    }

    /// A command of the program, configured for this place.
    ///
    /// # Errors
    /// When the program is not built.
    pub fn program(&self, args: &[&str]) -> Result<Command, String> {
        let mut command = Command::new(Self::binary("kontor")?);
        command.args(args).current_dir(self.folder.path());
        for set in &self.sets {
            command.args(["--set", set]);
        }
        Ok(command)
    }

    /// Runs a command of the program to its end.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub fn run(&self, args: &[&str]) -> Result<String, String> {
        let out = self.program(args)?.output().map_err(|e| e.to_string())?;
        if out.status.success() {
            return Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned());
        }
        Err(format!("kontor {}: {}", args.join(" "), String::from_utf8_lossy(&out.stderr)))
    }

    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub async fn start(&self) -> Result<Server, String> {
        self.start_at(&format!("127.0.0.1:{}", self.port), &[]).await
    }

    /// Starts one more server of this house on a port of its own, with more settings, and waits
    /// until it answers; answers it and where it is.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub async fn start_beside(&self, sets: &[String]) -> Result<(Server, String), String> {
        let address = free_address()?.to_string();
        let server = self.start_at(&address, sets).await?;
        Ok((server, format!("http://{address}")))
    }

    async fn start_at(&self, address: &str, sets: &[String]) -> Result<Server, String> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))
            .map_err(|e| e.to_string())?;
        let errors = log.try_clone().map_err(|e| e.to_string())?;
        let mut command = self.program(&["serve"])?;
        command.args(["--set", &format!("server.address={address}")]);
        for set in sets {
            command.args(["--set", set]);
        }
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let mut server = Server(command.spawn().map_err(|e| e.to_string())?);
        let until = Instant::now() + STARTS_WITHIN;
        let ready = format!("http://{address}/readyz");
        let http = Client::new();
        while Instant::now() < until {
            if http.get(&ready).send().await.is_ok_and(|a| a.status().is_success()) {
                return Ok(server);
            }
            if let Ok(Some(status)) = server.0.try_wait() {
                return Err(format!("the server ended with {status}: {}", self.log()));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(format!("the server was not ready in time: {}", self.log()))
    }

    fn log(&self) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        text.lines().rev().take(30).collect::<Vec<_>>().join("\n")
    }

    /// A client that is logged in.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub async fn login(&self) -> Result<Api, String> {
        let url = format!("http://127.0.0.1:{}", self.port);
        let api = Api { url, token: String::new(), http: Client::new() };
        let body = json!({ "username": "admin", "password": PASSWORD });
        let answer = api.request(Method::POST, "/auth/login").json(&body).send().await;
        let tokens: serde_json::Value =
            answer.map_err(|e| e.to_string())?.json().await.map_err(|e| e.to_string())?;
        let token = tokens["access_token"].as_str().ok_or("no access token")?.to_owned();
        Ok(Api { token, ..api })
    }
}

/// An address of this machine that nobody uses now.
fn free_address() -> Result<std::net::SocketAddr, String> {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .map_err(|e| e.to_string())
}

/// A running server.
pub struct Server(Child);

impl Server {
    /// Its process.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// As a power cut: no signal handler runs.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub fn kill(&mut self) -> Result<(), String> {
        self.0.kill().and_then(|()| self.0.wait()).map(drop).map_err(|e| e.to_string())
    }

    /// As an operator stops it.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub fn stop(mut self) -> Result<(), String> {
        let asked = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        asked.map_err(|e| e.to_string())?;
        let status = self.0.wait().map_err(|e| e.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("the server ended with {status}")) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.kill();
    }
}
