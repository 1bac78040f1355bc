//! `/api/v1/demo`: the logins, sample statements, and a look at the house as a creator.

use std::sync::Arc;

use access::identity::service::Tokens;
use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use deals::creators::CreatorId;
use deals::statements::samples::{self, SampleLayout};
use kernel::Error;
use platform::http::{Answer, Body, ErrorBody, Path};
use platform::{Cx, House};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Demo, LOGINS, PASSWORD, sample};

#[derive(Clone, FromRef)]
struct Parts {
    house: Arc<House>,
    demo: Option<Arc<Demo>>,
}

/// The routes of the demo; 404 when this is none.
pub fn routes(house: Arc<House>, demo: Option<Arc<Demo>>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(describe))
        .routes(routes!(sample_file))
        .routes(routes!(open_as))
        .routes(routes!(simulator))
        .with_state(Parts { house, demo })
}

/// A login of the demo.
#[derive(Serialize, utoipa::ToSchema)]
struct DemoLogin {
    username: &'static str,
    password: &'static str,
    role: &'static str,
    description: &'static str,
}

/// A sample statement.
#[derive(Serialize, utoipa::ToSchema)]
struct SampleFile {
    name: String,
    url: String,
    description: &'static str,
    creator_hint: &'static str,
}

/// What the demo offers.
#[derive(Serialize, utoipa::ToSchema)]
struct DemoView {
    enabled: bool,
    logins: Vec<DemoLogin>,
    samples: Vec<SampleFile>,
    simulator: Simulator,
}

/// Whether new deals arrive by themselves.
#[derive(Serialize, utoipa::ToSchema)]
struct Simulator {
    running: bool,
    /// Time between two of them.
    every_seconds: u64,
}

impl Simulator {
    fn of(demo: &Demo) -> Self {
        Self { running: !demo.is_paused(), every_seconds: demo.pace().as_secs() }
    }
}

const SAMPLES: [(&str, SampleLayout, &str); 4] = [
    ("distrokid.tsv", SampleLayout::DistrokidTsv, "DistroKid, tab-separated"),
    ("tunecore.csv", SampleLayout::TuneCore, "TuneCore"),
    ("cdbaby.txt", SampleLayout::CdBaby, "CD Baby"),
    ("symphonic.csv", SampleLayout::Symphonic, "Symphonic"),
];

/// Logins and sample files of the demo.
#[utoipa::path(get, path = "/demo", tag = "demo", security(()),
    responses((status = 200, body = DemoView),
        (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn describe(State(demo): State<Option<Arc<Demo>>>) -> Response {
    let Some(demo) = demo else { return StatusCode::NOT_FOUND.into_response() };
    let logins = LOGINS
        .iter()
        .map(|(username, role, description)| DemoLogin {
            username,
            password: PASSWORD,
            role: role.as_str(),
            description,
        })
        .collect();
    let samples = SAMPLES
        .iter()
        .map(|(name, _, description)| SampleFile {
            name: (*name).into(),
            url: format!("/api/v1/demo/samples/{name}"),
            description,
            creator_hint: "Maja Lind",
        })
        .collect();
    let simulator = Simulator::of(&demo);
    Json(DemoView { enabled: true, logins, samples, simulator }).into_response()
}

/// A sample statement of the demo.
#[utoipa::path(get, path = "/demo/samples/{name}", tag = "demo", security(()),
    params(("name" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn sample_file(
    State(demo): State<Option<Arc<Demo>>>,
    axum::extract::Path(name): axum::extract::Path<String>,
) -> Response {
    let found = SAMPLES.iter().find(|(n, ..)| *n == name);
    let (Some(demo), Some((_, layout, _))) = (demo, found) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let now = demo.deals.house.clock.now().month();
    let (bytes, _) = samples::bytes(&sample("Maja Lind", *layout, now));
    ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}

/// Logs in as a creator: answers tokens, sets no cookies, so that whoever asks stays logged in.
#[utoipa::path(post, path = "/demo/creators/{id}/login", tag = "demo",
    params(("id" = CreatorId, Path)),
    responses((status = 200, body = Tokens), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn open_as(
    State(demo): State<Option<Arc<Demo>>>,
    cx: Cx,
    Path(id): Path<CreatorId>,
) -> Answer<Json<Tokens>> {
    match demo {
        Some(demo) => Ok(Json(demo.open_as(&cx, id).await?)),
        None => {
            cx.decide_all("creators.open_as").await?;
            Err(Error::not_found("not_found", "this house is no demo").into())
        }
    }
}

#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SetSimulator {
    running: bool,
}

/// Lets new deals arrive by themselves, or not.
#[utoipa::path(put, path = "/demo/simulator", tag = "demo", request_body = SetSimulator,
    responses((status = 200, body = Simulator), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn simulator(
    State(demo): State<Option<Arc<Demo>>>,
    cx: Cx,
    Body(form): Body<SetSimulator>,
) -> Answer<Json<Simulator>> {
    let Some(demo) = demo else {
        cx.decide_all("bank.write").await?;
        return Err(Error::not_found("not_found", "this house is no demo").into());
    };
    demo.pause(&cx, !form.running).await?;
    Ok(Json(Simulator::of(&demo)))
}
