//! Who asks and what they may do: tokens and decisions.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use kernel::{Principal, Role};
use platform::testing;
use reqwest::Client;
use tests::process::Installation;

use super::{Times, timed};
use crate::report::{Row, now};

const TOKENS: usize = 300;
const CACHED: usize = 100_000;
/// Decisions that the log keeps until it is written.
const LOGGED: usize = 5_000;
const REQUESTS: usize = 3_000;

pub(super) async fn rows() -> Result<Vec<Row>, String> {
    now("tokens");
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
    let bare = signatures(&identity.jwks(), &tokens[0].access_token).await?;
    let token = tokens[0].access_token.clone();
    let cached = timed(CACHED, |_| {
        let (identity, house, token) = (&identity, &house, &token);
        async move { identity.authenticate(house, token).await.is_ok() }
    })
    .await?;
    let (cold, cached) = (Times::new(cold), Times::new(cached));
    let mut rows = vec![
        cold.row(
            "a token checked for the first time (ES256)",
            "under 100 us",
            Some(("its signature alone", &bare)),
        ),
        cached.row("a token checked again", "under 2 us", Some(("first time", &cold))),
    ];
    rows.extend(decisions(&app).await?);
    Ok(rows)
}

/// What the library takes for the signature and nothing else.
async fn signatures(jwks: &serde_json::Value, token: &str) -> Result<Times, String> {
    let jwk = serde_json::from_value(jwks["keys"][0].clone()).map_err(|e| e.to_string())?;
    let key = DecodingKey::from_jwk(&jwk).map_err(|e| e.to_string())?;
    let (message, signature) = token.rsplit_once('.').ok_or("a token has three parts")?;
    let times = timed(TOKENS, |_| {
        let good = crypto::verify(signature, message.as_bytes(), &key, Algorithm::ES256);
        async { good.is_ok_and(|good| good) }
    });
    times.await.map(Times::new)
}

async fn decisions(app: &kontor::App) -> Result<Vec<Row>, String> {
    now("decisions");
    let principal = Principal { roles: vec![Role::Underwriter], ..Principal::system() };
    let house = Arc::clone(&app.house);
    let mut embedded = Vec::with_capacity(CACHED);
    while embedded.len() < CACHED {
        let some = timed(LOGGED, |_| {
            let (house, principal) = (&house, &principal);
            async move { house.authorizer.decide(principal, "offers.read").await.is_ok() }
        });
        embedded.extend(some.await?);
        // The log has its room: what is dropped costs less than what is kept.
        app.policy.flush(&app.house).await.map_err(|e| e.to_string())?;
    }
    let embedded = Times::new(embedded);
    let mut rows = vec![embedded.row("a decision, embedded, logged", "-", None)];
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
    let remote = Times::new(remote);
    rows.push(remote.row("a decision by OPA, not cached", "-", Some(("embedded", &embedded))));
    Ok(rows)
}
