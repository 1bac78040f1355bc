//! A reader of the live stream.

use std::collections::VecDeque;
use std::time::Duration;

use futures::StreamExt as _;
use serde_json::Value;

use crate::api::Api;

/// A heartbeat comes every 15 s, unless the server stands still for a while.
const SPEAKS_WITHIN: Duration = Duration::from_secs(60);

/// One event of the stream.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Position; 0 when it has none.
    pub id: i64,
    /// Its name.
    pub event: String,
    /// What it says.
    pub data: Value,
}

/// An open connection.
pub struct Stream {
    body: futures::stream::BoxStream<'static, reqwest::Result<Vec<u8>>>,
    text: String,
    waiting: VecDeque<Seen>,
}

impl Stream {
    /// Opens it after a position; from now on without one. The server must be there.
    pub async fn open(api: &Api, after: Option<i64>) -> Self {
        Self::try_open(api, after).await.expect("the server answers")
    }

    /// As [`Stream::open`]; `None` when nobody answers, or only that nobody can now.
    pub async fn try_open(api: &Api, after: Option<i64>) -> Option<Self> {
        let mut request = api.request(reqwest::Method::GET, "/offers/events/deals");
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let answer = request.send().await.ok()?;
        if [503, 504].contains(&answer.status().as_u16()) {
            return None;
        }
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["x-accel-buffering"], "no", "proxies pass it on as it comes");
        let body = answer.bytes_stream().map(|b| b.map(|b| b.to_vec())).boxed();
        Some(Self { body, text: String::new(), waiting: VecDeque::new() })
    }

    /// The next event; `None` when the server closed the stream.
    pub async fn next(&mut self) -> Option<Seen> {
        loop {
            if let Some(seen) = self.waiting.pop_front() {
                return Some(seen);
            }
            let chunk = tokio::time::timeout(SPEAKS_WITHIN, self.body.next()).await;
            let chunk = chunk.expect("an event or a heartbeat in time")?.ok()?;
            self.text.push_str(&String::from_utf8(chunk).unwrap());
            while let Some((frame, rest)) = self.text.split_once("\n\n") {
                let seen = parse(frame);
                let rest = rest.to_owned();
                self.waiting.extend(seen);
                self.text = rest;
            }
        }
    }

    /// Reads until `event` of `offer` came by.
    pub async fn until(&mut self, offer: &str, event: &str) -> Seen {
        loop {
            let seen = self.next().await.expect("the stream is open");
            if seen.event == event && seen.data["offer_id"] == offer {
                return seen;
            }
        }
    }
}

fn parse(frame: &str) -> Option<Seen> {
    let field = |name: &str| frame.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
    Some(Seen {
        id: field("id:").and_then(|t| t.parse().ok()).unwrap_or(0),
        event: field("event:")?.to_owned(),
        data: serde_json::from_str(field("data:")?).unwrap_or(Value::Null),
    })
}
