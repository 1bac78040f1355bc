//! `/api/v1/sandbox-bank`: delay and faults, for demos and tests.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use kernel::Error;
use platform::http::{Answer, Body, ErrorBody};
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::Faults;
use super::service::Bank;

#[derive(Clone, FromRef)]
struct Parts {
    house: Arc<House>,
    bank: Arc<Bank>,
}

/// The routes of the sandbox bank.
pub fn routes(house: Arc<House>, bank: Arc<Bank>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(show, change)).with_state(Parts { house, bank })
}

/// How the sandbox bank behaves.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Behaviour {
    /// Between accepting and settling, 0 to 600000 milliseconds.
    #[schema(minimum = 0, maximum = 600000)]
    settlement_delay_ms: i64,
    /// Calls hit by each fault.
    faults: Faults,
}

/// How the sandbox bank behaves now.
#[utoipa::path(get, path = "/sandbox-bank", tag = "sandbox bank",
    responses((status = 200, body = Behaviour), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn show(State(bank): State<Arc<Bank>>, cx: Cx) -> Answer<Json<Behaviour>> {
    cx.decide_all("bank.read").await?;
    let faults = bank.faults().await.map_err(Error::from)?;
    Ok(Json(Behaviour { settlement_delay_ms: bank.delay_ms(), faults }))
}

/// Changes how the sandbox bank behaves.
#[utoipa::path(put, path = "/sandbox-bank", tag = "sandbox bank", request_body = Behaviour,
    responses((status = 200, body = Behaviour), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn change(
    State(bank): State<Arc<Bank>>,
    cx: Cx,
    Body(new): Body<Behaviour>,
) -> Answer<Json<Behaviour>> {
    cx.decide_all("bank.write").await?;
    if !(0..=600_000).contains(&new.settlement_delay_ms) {
        return Err(Error::invalid("settlement_delay_ms", "0 to 600000 are allowed").into());
    }
    let f = new.faults;
    let calls = [f.timeout_before, f.timeout_after, f.server_error, f.refused, f.late_return];
    if calls.iter().any(|c| !(0..=1_000).contains(c)) {
        return Err(Error::invalid("faults", "0 to 1000 calls are allowed").into());
    }
    bank.set_delay_ms(new.settlement_delay_ms);
    bank.set_faults(f).await.map_err(Error::from)?;
    Ok(Json(new))
}
