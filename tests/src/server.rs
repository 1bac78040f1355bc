//! A real server on a free port.

use std::time::Duration;

use access::identity::{NewUser, service as identity};
use kernel::Role;
use kernel::ids::Uuid;
use kontor::{App, Config, MANUAL};
use platform::testing::{self, On, Schema};
use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::api::Api;

/// Password of every user of a test server.
pub const PASSWORD: &str = "correct horse battery";

/// The engines of one house: kept while its servers come and go.
pub struct Place {
    folder: tempfile::TempDir,
    database: String,
    bank: String,
    sets: Vec<String>,
}

impl Place {
    /// A fresh place; `None` when there is no PostgreSQL for it.
    pub async fn new(on: On) -> Option<Self> {
        // Clients of a test are made before anything of the house speaks to others.
        platform::outbound::install_tls();
        let folder = tempfile::tempdir().unwrap();
        let (database, bank) = match on {
            On::Postgres => {
                let url = testing::postgres_url()?;
                (Schema::create(&url).await.url, Schema::create(&url).await.url)
            }
            _ => {
                let at = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
                (at("kontor.db"), at("bank.db"))
            }
        };
        Some(Self { folder, database, bank, sets: Vec::new() })
    }

    /// With other settings, `section.key=value`, for every server that starts here.
    #[must_use]
    pub fn with(mut self, sets: &[&str]) -> Self {
        self.sets.extend(sets.iter().map(|s| (*s).to_owned()));
        self
    }

    /// Where its files lie.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// How its servers are configured.
    pub fn config(&self) -> Config {
        self.config_with(&[])
    }

    fn config_with(&self, more: &[String]) -> Config {
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        let mut sets = vec![
            format!("database.url={}", self.database),
            format!("deals.bank_database={}", self.bank),
            format!("blobs.folder={}", at("blobs")),
            format!("identity.master_key_file={}", at("key")),
            "deals.bank_delay_ms=50".into(),
            "server.drain_seconds=5".into(),
            "server.body_limit_bytes=65536".into(),
            "gateway.rate_per_minute=1000000".into(),
        ];
        sets.extend(self.sets.iter().chain(more).cloned());
        platform::config::load::<Config>(MANUAL, None, std::iter::empty(), &sets).unwrap().config
    }

    /// Starts a server here that does everything.
    pub async fn start(&self) -> Server {
        self.start_as(&[], "127.0.0.1:0").await
    }

    /// Starts a server here with settings of its own, on an address of its own.
    pub async fn start_as(&self, sets: &[String], address: &str) -> Server {
        let config = || self.config_with(sets);
        let mut app = App::build(config(), None).await;
        // The server before may still be letting go of the file.
        for _ in 0..100 {
            if app.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            app = App::build(config(), None).await;
        }
        let app = app.unwrap();
        for (name, role) in [
            ("admin", Role::Admin),
            ("underwriter", Role::Underwriter),
            ("treasurer", Role::Treasurer),
            ("viewer", Role::Viewer),
            ("operator", Role::Operator),
            ("machine", Role::Service),
        ] {
            let new = NewUser::staff(name, PASSWORD, role);
            let added = identity::add_user(&app.house.system_cx(), new).await;
            assert!(added.is_ok() || added.unwrap_err().code == "username_taken");
        }
        let (house, deals) = (std::sync::Arc::clone(&app.house), app.deals.clone());
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(app.serve_on(listener, async {
            let _dropped = stopped.await;
        }));
        Server { url, house, deals, stop: Some(stop), running: Some(running) }
    }
}

/// A running server.
pub struct Server {
    /// Where it answers.
    pub url: String,
    /// The house behind it, to look inside.
    pub house: std::sync::Arc<platform::House>,
    /// Its deals, with the sandbox bank.
    pub deals: deals::Deals,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    running: Option<tokio::task::JoinHandle<Result<(), kernel::Error>>>,
}

impl Server {
    /// Stops it as SIGTERM does.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _gone = stop.send(());
        }
        if let Some(running) = self.running.take() {
            running.await.unwrap().unwrap();
        }
    }

    /// Positions of deals' events behind `after` up to `last`, as the log has them. Between them
    /// lie those of others.
    pub async fn deal_positions(&self, after: i64, last: i64) -> Vec<i64> {
        let placed: Result<Vec<_>, platform::db::DbError> =
            self.house.db.read(move |tx| platform::outbox::after(tx, after, 10_000)).await;
        let of_deals = placed.unwrap().into_iter().filter(|p| p.event.topic.starts_with("offer."));
        of_deals.map(|p| p.position).filter(|p| *p <= last).collect()
    }

    /// A client logged in as a new user that stands for a creator.
    pub async fn login_creator(&self, user: &str, creator: Uuid) -> Api {
        let new =
            NewUser { subject: Some(creator), ..NewUser::staff(user, PASSWORD, Role::Creator) };
        identity::add_user(&self.house.system_cx(), new).await.unwrap();
        self.login(user).await
    }

    /// A client logged in as `user`.
    pub async fn login(&self, user: &str) -> Api {
        let api = Api { url: self.url.clone(), token: String::new(), http: Client::new() };
        let body = json!({ "username": user, "password": PASSWORD });
        let tokens = api.post("/auth/login", &body, StatusCode::OK).await;
        Api { token: tokens["access_token"].as_str().unwrap().to_owned(), ..api }
    }
}

/// Capital, so that payouts have something to pay from.
pub async fn pay_in(server: &Server) {
    let cx = server.house.system_cx();
    let rail = server.deals.bank_rail_name();
    let amount = kernel::Money::new(100_000_000, "USD".parse().unwrap());
    server
        .house
        .db
        .write(move |tx| deals::offers::pay_in_capital(tx, &cx, rail, amount, cx.ids.next()))
        .await
        .unwrap();
}
