//! A client that speaks to a server as people do, and says what it did not expect.

use deals::statements::samples::{self, Sample, SampleLayout};
use kernel::Month;
use platform::testing;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

/// A logged-in client.
#[derive(Clone)]
pub struct Api {
    /// Where the server answers.
    pub url: String,
    /// Access token; empty for a stranger.
    pub token: String,
    /// Connections.
    pub http: Client,
}

impl Api {
    /// A request to a path under `/api/v1`.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    /// The answer of a GET that must succeed.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.request(reqwest::Method::GET, path).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "GET {path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The bytes of a GET that must succeed.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let answer = self.request(reqwest::Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "GET {path}");
        answer.bytes().await.unwrap().to_vec()
    }

    /// The answer of a POST that must end with `want`.
    pub async fn post(&self, path: &str, body: &Value, want: StatusCode) -> Value {
        let answer = self.request(reqwest::Method::POST, path).json(body).send().await.unwrap();
        expect(answer, path, want).await
    }

    /// Requests a payout under an idempotency key.
    pub async fn pay(&self, offer: &str, key: &str, want: StatusCode) -> Value {
        let path = format!("/offers/{offer}/request-payout");
        let request = self.request(reqwest::Method::POST, &path).header("idempotency-key", key);
        expect(request.send().await.unwrap(), &path, want).await
    }

    /// Uploads a statement.
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
        testing::until(&format!("offer {offer} as one of {statuses:?}"), || async {
            let o = self.get(&format!("/offers/{offer}")).await;
            statuses.contains(&o["status"].as_str().unwrap()).then_some(o)
        })
        .await
    }

    /// Accepts an offer as it was seen.
    pub async fn accept(&self, o: &Value, want: StatusCode) -> Value {
        let body = json!({ "typed_name": "Maja Lind", "amount": o["offered"],
            "term_sheet_sha256": o["term_sheet"]["sha256"] });
        self.post(&format!("/offers/{}/accept", o["id"].as_str().unwrap()), &body, want).await
    }
}

/// Checks status and the headers that every answer has; gives the body.
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
        noise_bp: 600,
    };
    samples::bytes(&sample).0
}
