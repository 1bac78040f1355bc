//! Faults between the house and an engine: a proxy of the test's own in toxiproxy.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::engine;
use crate::outbound::Outbound;

/// A proxy before an engine, which can be cut and healed.
pub struct Proxy {
    api: String,
    http: Outbound,
    /// Host and port where it listens.
    pub address: String,
}

impl Proxy {
    /// A proxy before `upstream` (host and port); `None` where there is no toxiproxy.
    ///
    /// # Panics
    /// When toxiproxy refuses: the test fails.
    pub async fn before(upstream: &str) -> Option<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let engine = engine("TOXIPROXY")?;
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test-{}-{n}", std::process::id());
        let mut proxy = Self {
            api: format!("{engine}/proxies"),
            http: Outbound::new(10_000).expect("an HTTP client"),
            address: String::new(),
        };
        let wanted = json!({ "name": name, "listen": "127.0.0.1:0", "upstream": upstream });
        let made = proxy.post("", &wanted).await;
        proxy.address = made["listen"].as_str().expect("an address").to_owned();
        proxy.api = format!("{}/{name}", proxy.api);
        Some(proxy)
    }

    /// Nobody gets through, and who was through is cut off.
    pub async fn cut(&self) {
        self.post("", &json!({ "enabled": false })).await;
    }

    /// Everybody gets through again.
    pub async fn heal(&self) {
        self.post("", &json!({ "enabled": true })).await;
    }

    /// From now on each connection is cut after so many bytes to the engine.
    pub async fn cut_after(&self, bytes: u64) {
        let toxic = json!({ "name": "limit", "type": "limit_data", "stream": "upstream",
            "attributes": { "bytes": bytes } });
        self.post("/toxics", &toxic).await;
    }

    /// Takes [`Proxy::cut_after`] back.
    pub async fn cut_no_more(&self) {
        // An amount that no test sends: toxiproxy updates what is there.
        self.post("/toxics/limit", &json!({ "attributes": { "bytes": 1_u64 << 40 } })).await;
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let sent = self.http.post(&format!("{}{path}", self.api)).json(body).send().await;
        let answer = sent.and_then(reqwest::Response::error_for_status).expect("toxiproxy");
        answer.json().await.expect("JSON of toxiproxy")
    }
}
