//! Links between a cluster and its engines, through toxiproxy: cut, slowed, swallowed, mended.

use reqwest::{Client, Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The name of the one fault that a link has at a time.
const TOXIC: &str = "fault";
/// Longer than any fault lasts: what swallows everything ends when the link is mended.
const HOLE_MS: u64 = 600_000;

/// One link.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Link {
    /// What it leads to, such as `database`.
    pub name: String,
    /// Its name at toxiproxy, which may serve several clusters.
    pub proxy: String,
    /// Where the cluster finds it, `host:port`.
    pub listen: String,
    /// Where it leads.
    pub upstream: String,
    /// Where toxiproxy is.
    pub toxiproxy: String,
}

/// What can happen to a link.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Connections are closed and new ones refused.
    Cut,
    /// Every packet is late, by so many milliseconds.
    Slow(u64),
    /// What is sent vanishes, and nobody says so until the link is mended.
    Hole,
}

impl Link {
    /// Makes it, whole; one that is there is mended.
    ///
    /// # Errors
    /// A sentence that says what toxiproxy answered.
    pub async fn make(&self) -> Result<(), String> {
        let body = json!({ "name": self.proxy, "listen": self.listen, "upstream": self.upstream,
            "enabled": true });
        let answer = self.send(Method::POST, "", Some(body)).await?;
        match answer {
            StatusCode::CREATED => Ok(()),
            StatusCode::CONFLICT => self.mend().await,
            other => Err(format!("the link {} cannot be made: {other}", self.name)),
        }
    }

    /// Breaks it.
    ///
    /// # Errors
    /// A sentence that says what toxiproxy answered.
    pub async fn fault(&self, fault: Fault) -> Result<(), String> {
        match fault {
            Fault::Cut => self.enable(false).await,
            Fault::Slow(ms) => {
                let attributes = json!({ "latency": ms, "jitter": ms / 2 });
                self.poison(&json!({ "name": TOXIC, "type": "latency", "stream": "downstream",
                    "toxicity": 1.0, "attributes": attributes }))
                    .await
            }
            Fault::Hole => {
                self.poison(&json!({ "name": TOXIC, "type": "timeout", "stream": "downstream",
                    "toxicity": 1.0, "attributes": { "timeout": HOLE_MS } }))
                    .await
            }
        }
    }

    /// Makes it whole. Where something vanished, connections end first: bytes missing in the
    /// middle of a connection are nothing that a network does.
    ///
    /// # Errors
    /// A sentence that says what toxiproxy answered.
    pub async fn mend(&self) -> Result<(), String> {
        let poisoned = self.toxics().await?;
        if poisoned.iter().any(|t| t["type"] == "timeout") {
            self.enable(false).await?;
        }
        if !poisoned.is_empty() {
            let path = format!("/{}/toxics/{TOXIC}", self.proxy);
            self.must(Method::DELETE, &path, None).await?;
        }
        self.enable(true).await
    }

    /// Takes it away; one that is not there is gone.
    ///
    /// # Errors
    /// When toxiproxy does not answer.
    pub async fn remove(&self) -> Result<(), String> {
        self.send(Method::DELETE, &format!("/{}", self.proxy), None).await.map(drop)
    }

    async fn toxics(&self) -> Result<Vec<Value>, String> {
        let url = format!("{}/proxies/{}/toxics", self.toxiproxy, self.proxy);
        let answer = Client::new().get(url).send().await.map_err(|e| self.away(&e))?;
        answer.json().await.map_err(|e| self.away(&e))
    }

    async fn enable(&self, on: bool) -> Result<(), String> {
        let body = json!({ "enabled": on });
        self.must(Method::POST, &format!("/{}", self.proxy), Some(body)).await
    }

    async fn poison(&self, toxic: &Value) -> Result<(), String> {
        let path = format!("/{}/toxics", self.proxy);
        self.must(Method::POST, &path, Some(toxic.clone())).await
    }

    async fn must(&self, method: Method, path: &str, body: Option<Value>) -> Result<(), String> {
        let status = self.send(method, path, body).await?;
        if status.is_success() {
            return Ok(());
        }
        Err(format!("toxiproxy answers {status} about the link {}", self.name))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<StatusCode, String> {
        let request = Client::new().request(method, format!("{}/proxies{path}", self.toxiproxy));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        Ok(request.send().await.map_err(|e| self.away(&e))?.status())
    }

    fn away(&self, e: &reqwest::Error) -> String {
        format!("toxiproxy, for the link {}: {e}", self.name)
    }
}
