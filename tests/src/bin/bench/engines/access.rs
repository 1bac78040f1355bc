//! The front door: tokens, decisions, and what a proxy adds.

use std::sync::Arc;
use std::time::Instant;

use kernel::{Principal, Role};
use platform::testing;
use reqwest::{Client, Method};
use tests::process::Installation;

use super::micros;
use crate::report::Row;

const TOKENS: usize = 300;
const CACHED: usize = 100_000;
const REQUESTS: usize = 3_000;

pub(super) async fn rows() -> Result<Vec<Row>, String> {
    let mut rows = tokens_and_decisions().await?;
    rows.extend(doors().await?);
    Ok(rows)
}

/// Microseconds of each call of `work`.
async fn timed<F: Future<Output = bool>>(
    count: usize,
    mut work: impl FnMut(usize) -> F,
) -> Result<Vec<f64>, String> {
    let mut times = Vec::with_capacity(count);
    for n in 0..count {
        let at = Instant::now();
        let good = work(n).await;
        times.push(at.elapsed().as_secs_f64() * 1e6);
        if !good {
            return Err("a measured call was refused".into());
        }
    }
    Ok(times)
}

async fn tokens_and_decisions() -> Result<Vec<Row>, String> {
    let place = Installation::new(None).await?;
    let app = place.open().await?;
    let (house, identity) = (Arc::clone(&app.house), Arc::clone(&app.identity));
    let cx = house.system_cx();
    let first = identity.login(&cx, "admin", tests::process::PASSWORD).await;
    let mut tokens = vec![first.map_err(|e| e.to_string())?];
    while tokens.len() < TOKENS {
        let last = &tokens[tokens.len() - 1].refresh_token;
        let next = identity.refresh(&cx, last).await.map_err(|e| e.to_string())?;
        tokens.push(next);
    }
    // The first one makes the session known; the others are new texts of the same session.
    let known = identity.authenticate(&house, &tokens[0].access_token).await;
    known.map_err(|e| e.to_string())?;
    let cold = timed(TOKENS - 1, |n| {
        let (identity, house) = (Arc::clone(&identity), Arc::clone(&house));
        let token = tokens[n + 1].access_token.clone();
        async move { identity.authenticate(&house, &token).await.is_ok() }
    })
    .await?;
    let token = tokens[0].access_token.clone();
    let cached = timed(CACHED, |_| {
        let (identity, house, token) = (&identity, &house, &token);
        async move { identity.authenticate(house, token).await.is_ok() }
    })
    .await?;
    let half = crate::measured::median(cold.clone());
    let mut rows = vec![
        micros("a token checked for the first time (ES256)", cold, "under 100 us", ("", 0.0)),
        micros("a token checked again", cached, "under 2 us", ("first time", half)),
    ];
    rows.extend(decisions(&app).await?);
    Ok(rows)
}

async fn decisions(app: &kontor::App) -> Result<Vec<Row>, String> {
    let principal = Principal { roles: vec![Role::Underwriter], ..Principal::system() };
    let house = Arc::clone(&app.house);
    let embedded = timed(CACHED, |_| {
        let (house, principal) = (&house, &principal);
        async move { house.authorizer.decide(principal, "offers.read").await.is_ok() }
    })
    .await?;
    let half = crate::measured::median(embedded.clone());
    let mut rows = vec![micros("a decision, embedded, logged", embedded, "-", ("", 0.0))];
    let Some(url) = testing::engine("OPA") else { return Ok(rows) };
    let policy = include_str!("../../../../../policies/authz/decision.rego");
    let put = Client::new().put(format!("{url}/v1/policies/kontor")).body(policy).send().await;
    put.and_then(reqwest::Response::error_for_status).map_err(|e| e.to_string())?;
    let place =
        Installation::new(None).await?.with(&[&format!("policy.url={url}"), "policy.cache_ms=0"]);
    let app = place.open().await?;
    let house = Arc::clone(&app.house);
    let remote = timed(REQUESTS, |_| {
        let (house, principal) = (&house, &principal);
        async move { house.authorizer.decide(principal, "offers.read").await.is_ok() }
    })
    .await?;
    rows.push(micros("a decision by OPA, not cached", remote, "-", ("embedded", half)));
    Ok(rows)
}

/// `/healthz` of a process, and an API address directly and through a gateway.
async fn doors() -> Result<Vec<Row>, String> {
    let Some(postgres) = testing::engine("POSTGRES") else { return Ok(Vec::new()) };
    let place = Installation::new(Some(postgres)).await?;
    let behind = place.start().await?;
    let api = place.login().await?;
    let table = place.folder().join("routes.toml");
    let route = format!("[[route]]\npath = \"/api\"\nupstream = [\"{}\"]\n", api.url);
    std::fs::write(&table, route).map_err(|e| e.to_string())?;
    let (gateway, url) = place.start_beside(&[
        "server.roles=gateway".into(),
        format!("gateway.routes_file={}", table.display()),
    ])?;
    let health = Client::new();
    let address = format!("{}/healthz", api.url);
    while health.get(format!("{url}/readyz")).send().await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let bare = bare().await?;
    let plain = timed(REQUESTS, |_| get(health.get(&bare))).await?;
    let here = timed(REQUESTS, |_| get(health.get(&address))).await?;
    let direct = timed(REQUESTS, |_| get(api.request(Method::GET, "/auth/me"))).await?;
    let through = tests::api::Api { url, ..api.clone() };
    let proxied = timed(REQUESTS, |_| get(through.request(Method::GET, "/auth/me"))).await?;
    gateway.stop()?;
    behind.stop()?;
    let (bare, half) = (crate::measured::median(plain), crate::measured::median(direct));
    Ok(vec![
        micros(
            "`/healthz` through the front door",
            here,
            "adds under 300 us p99",
            ("a bare server of the same framework", bare),
        ),
        micros("`/auth/me` through a gateway", proxied, "adds under 1 ms p99", ("directly", half)),
    ])
}

/// A server that does nothing else.
async fn bare() -> Result<String, String> {
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "ok" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
    let url = format!("http://{}/", listener.local_addr().map_err(|e| e.to_string())?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

async fn get(request: reqwest::RequestBuilder) -> bool {
    match request.send().await {
        Ok(answer) => answer.status().is_success() && answer.bytes().await.is_ok(),
        Err(_) => false,
    }
}
