//! A real server on a free port, and a client that speaks to it as people do.

use std::time::Duration;

use access::identity::{NewUser, service as identity};
use deals::statements::samples::{self, Sample, SampleLayout};
use kernel::{Month, Role};
use kontor::{App, Config, MANUAL};
use platform::testing::{self, On, Schema};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

pub const PASSWORD: &str = "correct horse battery";

/// The engines of one house: kept while its servers come and go.
pub struct Place {
    folder: tempfile::TempDir,
    database: String,
    bank: String,
}

impl Place {
    /// A fresh place; `None` when there is no PostgreSQL for it.
    pub async fn new(on: On) -> Option<Self> {
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
        Some(Self { folder, database, bank })
    }

    fn config(&self) -> Config {
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        let sets = [
            format!("database.url={}", self.database),
            format!("deals.bank_database={}", self.bank),
            format!("blobs.folder={}", at("blobs")),
            format!("identity.master_key_file={}", at("key")),
            "deals.bank_delay_ms=50".into(),
            "server.drain_seconds=5".into(),
            "server.body_limit_bytes=65536".into(),
            "gateway.rate_per_minute=1000000".into(),
        ];
        platform::config::load::<Config>(MANUAL, None, std::iter::empty(), &sets).unwrap().config
    }

    /// Starts a server here.
    pub async fn start(&self) -> Server {
        let mut app = App::build(self.config(), false).await;
        // The server before may still be letting go of the file.
        for _ in 0..100 {
            if app.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            app = App::build(self.config(), false).await;
        }
        let app = app.unwrap();
        for (name, role) in [
            ("admin", Role::Admin),
            ("underwriter", Role::Underwriter),
            ("treasurer", Role::Treasurer),
            ("viewer", Role::Viewer),
        ] {
            let new = NewUser {
                username: name.into(),
                display_name: String::new(),
                password: PASSWORD.into(),
                roles: vec![role],
            };
            let added = identity::add_user(&app.house.system_cx(), new).await;
            assert!(added.is_ok() || added.unwrap_err().code == "username_taken");
        }
        let (house, deals) = (std::sync::Arc::clone(&app.house), app.deals.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
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
    pub url: String,
    pub house: std::sync::Arc<platform::House>,
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

    /// A client logged in as `user`.
    pub async fn login(&self, user: &str) -> Api {
        let api = Api { url: self.url.clone(), token: String::new(), http: Client::new() };
        let body = json!({ "username": user, "password": PASSWORD });
        let tokens = api.post("/auth/login", &body, StatusCode::OK).await;
        Api { token: tokens["access_token"].as_str().unwrap().to_owned(), ..api }
    }
}

/// A logged-in client.
#[derive(Clone)]
pub struct Api {
    pub url: String,
    pub token: String,
    pub http: Client,
}

impl Api {
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.request(reqwest::Method::GET, path).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "GET {path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let answer = self.request(reqwest::Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "GET {path}");
        answer.bytes().await.unwrap().to_vec()
    }

    pub async fn post(&self, path: &str, body: &Value, want: StatusCode) -> Value {
        let answer = self.request(reqwest::Method::POST, path).json(body).send().await.unwrap();
        expect(answer, path, want).await
    }

    pub async fn pay(&self, offer: &str, key: &str, want: StatusCode) -> Value {
        let path = format!("/offers/{offer}/request-payout");
        let request = self.request(reqwest::Method::POST, &path).header("idempotency-key", key);
        expect(request.send().await.unwrap(), &path, want).await
    }

    pub async fn upload(&self, creator: &str, bytes: Vec<u8>, want: StatusCode) -> Value {
        let part = reqwest::multipart::Part::bytes(bytes).file_name("statement.tsv");
        let form = reqwest::multipart::Form::new().part("file", part);
        let path = format!("/statements?creator_id={creator}");
        let request = self.request(reqwest::Method::POST, &path).multipart(form);
        expect(request.send().await.unwrap(), &path, want).await
    }

    /// A creator with a recipient.
    pub async fn creator(&self, n: u32, account: &str) -> String {
        let body = json!({ "platform": "spotify", "platform_id": format!("artist-{n}"),
            "username": "maja", "display_name": format!("Maja Lind {n}") });
        let c = self.post("/offers/creators/", &body, StatusCode::CREATED).await;
        let id = c["id"].as_str().unwrap().to_owned();
        let to = json!({ "holder_name": "Maja Lind", "kind": "iban", "account": account });
        self.post(&format!("/offers/creators/{id}/recipients"), &to, StatusCode::CREATED).await;
        id
    }

    /// A creator with a confirmed statement: (creator, statement).
    pub async fn creator_with_statement(&self, n: u32) -> (String, Value) {
        let id = self.creator(n, "DE89370400440532013000").await;
        let staged = self.upload(&id, statement(u64::from(n)), StatusCode::CREATED).await;
        assert_eq!(staged["status"], "ready", "{staged}");
        let path = format!("/statements/{}/confirm", staged["id"].as_str().unwrap());
        let confirmed = self.post(&path, &json!({}), StatusCode::OK).await;
        (id, confirmed)
    }

    /// An offer on that statement.
    pub async fn offer(&self, creator: &str, statement: &Value) -> Value {
        let body = json!({ "creator_id": creator, "kind": "purchase", "title": "First deal",
            "currency": statement["currency"], "term_years": 10, "share_bp": 8000,
            "statement_ids": [statement["id"]] });
        self.post("/offers", &body, StatusCode::CREATED).await
    }

    /// Waits until the offer stands at one of `statuses`.
    pub async fn wait_for(&self, offer: &str, statuses: &[&str]) -> Value {
        for _ in 0..600 {
            let o = self.get(&format!("/offers/{offer}")).await;
            if statuses.contains(&o["status"].as_str().unwrap()) {
                return o;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("offer {offer} never became one of {statuses:?}");
    }

    pub async fn accept(&self, o: &Value, want: StatusCode) -> Value {
        let body = json!({ "typed_name": "Maja Lind", "amount": o["offered"],
            "term_sheet_sha256": o["term_sheet"]["sha256"] });
        self.post(&format!("/offers/{}/accept", o["id"].as_str().unwrap()), &body, want).await
    }
}

pub async fn expect(answer: reqwest::Response, path: &str, want: StatusCode) -> Value {
    let status = answer.status();
    assert!(answer.headers().contains_key("x-request-id"), "{path}: no request id");
    assert!(answer.headers().contains_key("x-process-time"), "{path}: no process time");
    let text = answer.text().await.unwrap();
    assert_eq!(status, want, "{path}: {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// Two years of a DistroKid statement.
pub fn statement(seed: u64) -> Vec<u8> {
    let sample = Sample {
        layout: SampleLayout::DistrokidTsv,
        seed,
        artist: "Maja Lind".into(),
        titles: vec!["Afterglow".into(), "Low Water".into(), "Paper Moon".into()],
        first: Month::new(2024, 1),
        months: 24,
        monthly_cents: 100_000,
        decay_bp: 1_000,
        home: "SE",
        rows_per_month: 40,
    };
    samples::bytes(&sample).0
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
