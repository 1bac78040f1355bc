//! What the front door adds to a request, in one process and as a gateway before another.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use platform::testing;
use reqwest::{Client, Method, RequestBuilder};
use tests::api::Api;
use tests::process::Installation;

use super::{Times, timed};
use crate::report::{Row, now};

const REQUESTS: usize = 3_000;
const WARM: usize = 300;

pub(super) async fn rows() -> Result<Vec<Row>, String> {
    let Some(postgres) = testing::engine("POSTGRES") else { return Ok(Vec::new()) };
    now("the front door");
    let place = Installation::new(Some(postgres)).await?;
    let behind = place.start().await?;
    let api = place.login().await?;
    let table = place.folder().join("routes.toml");
    let route = format!("[[route]]\npath = \"/api\"\nupstream = [\"{}\"]\n", api.url);
    std::fs::write(&table, route).map_err(|e| e.to_string())?;
    let more = ["server.roles=gateway".into(), format!("gateway.routes_file={}", table.display())];
    let (gateway, url) = place.start_beside(&more).await?;
    let through = Api { url, ..api.clone() };
    let http = Client::new();
    let mut bare = Bare::start()?;
    let health = format!("{}/healthz", api.url);
    let (plain, health) = in_turn(|| http.get(&bare.url), || http.get(&health)).await?;
    bare.stop()?;
    let me = |api: &Api| api.request(Method::GET, "/auth/me");
    let (direct, proxied) = in_turn(|| me(&api), || me(&through)).await?;
    gateway.stop()?;
    behind.stop()?;
    Ok(vec![
        health.row(
            "`/healthz` through the front door",
            "adds under 300 us p99",
            Some(("a bare server of the same framework", &plain)),
        ),
        proxied.row(
            "`/auth/me` through a gateway",
            "adds under 1 ms p99",
            Some(("directly", &direct)),
        ),
    ])
}

/// One and the other in turn, so that what else the machine does meets both. Connections, pools
/// and caches are warm before the clock runs.
async fn in_turn(
    one: impl Fn() -> RequestBuilder,
    other: impl Fn() -> RequestBuilder,
) -> Result<(Times, Times), String> {
    let ask = |n: usize| answered(if n.is_multiple_of(2) { one() } else { other() });
    timed(2 * WARM, ask).await?;
    let both = timed(2 * REQUESTS, ask).await?;
    let every_second =
        |from: usize| Times::new(both.iter().skip(from).step_by(2).copied().collect());
    Ok((every_second(0), every_second(1)))
}

async fn answered(request: RequestBuilder) -> bool {
    match request.send().await {
        Ok(answer) => answer.status().is_success() && answer.bytes().await.is_ok(),
        Err(_) => false,
    }
}

/// A process that does nothing but answer.
struct Bare {
    process: Child,
    url: String,
}

impl Bare {
    fn start() -> Result<Self, String> {
        let this = std::env::current_exe().map_err(|e| e.to_string())?;
        let mut process = Command::new(this)
            .arg("bare")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| e.to_string())?;
        let said = process.stdout.take().ok_or("the bare server says nothing")?;
        let mut url = String::new();
        BufReader::new(said).read_line(&mut url).map_err(|e| e.to_string())?;
        Ok(Self { process, url: url.trim().to_owned() })
    }

    fn stop(&mut self) -> Result<(), String> {
        self.process.kill().and_then(|()| self.process.wait()).map(drop).map_err(|e| e.to_string())
    }
}

/// `bench bare`: serves until it is killed, after one line that says where.
pub(crate) async fn serve_bare() -> Result<(), String> {
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "ok" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
    println!("http://{}/", listener.local_addr().map_err(|e| e.to_string())?);
    axum::serve(listener, router).await.map_err(|e| e.to_string())
}
