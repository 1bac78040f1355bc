//! `/healthz`, `/readyz`, `/version`, `/metrics`, and the public keys.

use std::sync::Arc;

use access::gateway::Gateway;
use access::identity::Identity;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use platform::House;
use platform::db::DbError;

/// Routes without a prefix.
pub fn routes(house: &Arc<House>, identity: &Arc<Identity>, gateway: &Arc<Gateway>) -> Router {
    let (house, identity, gateway) = (Arc::clone(house), Arc::clone(identity), Arc::clone(gateway));
    let metrics = platform::telemetry::start_metrics();
    Router::new()
        .route("/healthz", get(|| async { Json(serde_json::json!({ "status": "ok" })) }))
        .route("/readyz", get(ready))
        .route("/version", get(version))
        .route(
            "/metrics",
            get(move |State(parts): State<Parts>| async move {
                count_jobs(&parts.house).await;
                ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render())
            }),
        )
        .route(
            "/.well-known/jwks.json",
            get(move || {
                let keys = identity.jwks();
                async move { Json(keys) }
            }),
        )
        .with_state(Parts { house, gateway })
}

#[derive(Clone)]
struct Parts {
    house: Arc<House>,
    gateway: Arc<Gateway>,
}

/// Open and dead jobs, as gauges; a database that is away leaves them as they were.
#[expect(clippy::cast_precision_loss, reason = "gauges; nobody counts money with them")]
async fn count_jobs(house: &House) {
    if let Ok((open, dead)) = platform::jobs::counts(&house.db).await {
        metrics::gauge!("kontor_platform_jobs_open").set(open as f64);
        metrics::gauge!("kontor_platform_jobs_dead").set(dead as f64);
    }
}

async fn ready(State(Parts { house, gateway }): State<Parts>) -> Response {
    if gateway.drains() {
        let stops = Json(serde_json::json!({ "status": "stopping" }));
        return (StatusCode::SERVICE_UNAVAILABLE, stops).into_response();
    }
    let answer: Result<i64, DbError> = house.db.read(platform::outbox::unplaced).await;
    if !house.db.is_writable() {
        return not_ready("cannot be written");
    }
    match answer {
        Ok(waiting) => Json(serde_json::json!({
            "status": "ready", "database": house.db.dialect().name(), "outbox_waiting": waiting,
        }))
        .into_response(),
        // What is wrong is for the log and `kontor doctor`, not for strangers.
        Err(e) => {
            tracing::warn!(error = %e, "the database does not answer");
            not_ready("unavailable")
        }
    }
}

fn not_ready(database: &str) -> Response {
    let body = Json(serde_json::json!({ "status": "not_ready", "database": database }));
    (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
}

async fn version() -> Json<serde_json::Value> {
    Json(serde_json::json!({
        "name": "kontor", "version": env!("CARGO_PKG_VERSION"),
    }))
}
