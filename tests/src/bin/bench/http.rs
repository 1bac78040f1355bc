//! Offers created and listed at a fixed rate, while relay, valuations and live streams run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::api::{Api, statement};
use tests::process::Installation;
use tests::stream::Stream;

use crate::measured::machine;
use crate::report::{Row, Section, grouped};

const RATE: u64 = 1_000;
const WARM: Duration = Duration::from_secs(3);
const LASTS: Duration = Duration::from_secs(20);
/// One request in so many creates an offer; the others list.
const CREATES: u64 = 20;
const STREAMS: usize = 10;
const LISTS: [&str; 4] = [
    "/offers?limit=20",
    "/offers?limit=20&sort=-amount",
    "/offers?limit=20&status=OFFER_READY",
    "/offers?limit=20&text=deal",
];

pub(crate) async fn run() -> Result<Section, String> {
    let place = Installation::new(None).await?;
    let server = place.start().await?;
    let api = place.login().await?;
    let (creator, statement) = furnish(&api).await;
    let events = Arc::new(AtomicU64::new(0));
    for _ in 0..STREAMS {
        let (api, events) = (api.clone(), Arc::clone(&events));
        tokio::spawn(async move {
            let mut stream = Stream::open(&api, None).await;
            while stream.next().await.is_some() {
                events.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let body = json!({ "creator_id": creator, "kind": "purchase", "title": "First deal",
        "currency": statement["currency"], "term_years": 10, "share_bp": 8000,
        "statement_ids": [statement["id"]] });
    load(&api, &body, WARM).await?;
    let times = load(&api, &body, LASTS).await?;
    let health = Api { url: api.url.clone(), token: String::new(), http: api.http.clone() };
    let alone = one_by_one(&health).await?;
    server.stop()?;
    Ok(section(&times, alone, events.load(Ordering::Relaxed)))
}

async fn furnish(api: &Api) -> (String, Value) {
    let creator = api.creator(1, "DE89370400440532013000").await;
    let staged = api.upload(&creator, statement(1), StatusCode::CREATED).await;
    let path = format!("/statements/{}/confirm", staged["id"].as_str().unwrap_or_default());
    let confirmed = api.post(&path, &json!({}), StatusCode::OK).await;
    (creator, confirmed)
}

/// Milliseconds of every request, from the moment it was due: a slow server cannot slow the
/// clock that measures it.
async fn load(api: &Api, body: &Value, lasts: Duration) -> Result<Vec<f64>, String> {
    let every = Duration::from_micros(1_000_000 / RATE);
    let start = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    let mut n: u32 = 0;
    let mut due = start;
    while due < start + lasts {
        tokio::time::sleep_until(due.into()).await;
        let (api, body, at, this) = (api.clone(), body.clone(), due, u64::from(n));
        running.spawn(async move {
            let answer = if this.is_multiple_of(CREATES) {
                api.request(Method::POST, "/offers").json(&body).send().await
            } else {
                let list = LISTS[usize::try_from(this % 4).unwrap_or(0)];
                api.request(Method::GET, list).send().await
            };
            let answer = answer.map_err(|e| e.to_string())?;
            let status = answer.status();
            answer.bytes().await.map_err(|e| e.to_string())?;
            if !status.is_success() {
                return Err(format!("a request answered {status}"));
            }
            Ok(at.elapsed().as_secs_f64() * 1e3)
        });
        n += 1;
        due = start + every * n;
    }
    let mut times = Vec::new();
    while let Some(one) = running.join_next().await {
        times.push(one.map_err(|e| e.to_string())??);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// The least a request can take here: `/version`, one after another.
async fn one_by_one(api: &Api) -> Result<f64, String> {
    let mut times = Vec::new();
    for _ in 0..500 {
        let at = Instant::now();
        let answer = api.http.get(format!("{}/version", api.url)).send().await;
        answer.map_err(|e| e.to_string())?.bytes().await.map_err(|e| e.to_string())?;
        times.push(at.elapsed().as_secs_f64() * 1e3);
    }
    Ok(crate::measured::median(times))
}

fn section(times: &[f64], alone: f64, events: u64) -> Section {
    let at = |part: usize| times.get(times.len() * part / 1_000).copied().unwrap_or(f64::NAN);
    let row = |workload: &str, value: f64, bar: &str| Row {
        workload: workload.into(),
        measured: format!("{value:.1} ms"),
        bar: bar.into(),
        baseline: format!("`/version`, one by one: {alone:.2} ms"),
        ratio: format!("{:.0}", value / alone),
    };
    Section {
        name: "http",
        settings: vec![
            machine(),
            format!(
                "{} requests a second for {} s, sent when they are due whether or not the ones \
                 before were answered; {} requests in all, none failed",
                grouped(RATE),
                LASTS.as_secs(),
                grouped(times.len() as u64)
            ),
            format!(
                "one in {CREATES} creates an offer (and has it valued and its term sheet \
                 typeset), the others list 20 offers four ways"
            ),
            format!(
                "SQLite, `synchronous=FULL`; the client on the same cores; {STREAMS} live streams \
                 got {} events",
                grouped(events)
            ),
        ],
        rows: vec![
            row("half of the requests within", at(500), "-"),
            row("99 % of the requests within", at(990), "under 50 ms"),
            row("99.9 % of the requests within", at(999), "-"),
        ],
        remarks: Vec::new(),
    }
}
