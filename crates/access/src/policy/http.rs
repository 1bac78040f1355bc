//! `/api/v1/policy`: what is in force, and what it decided.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use contracts::policy::PolicyDecision;
use kernel::page::{Cursor, Page, checked_limit};
use kernel::{Error, Timestamp};
use platform::http::{Answer, ErrorBody, Query};
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{self, Policy, Status};
use super::store::Filter;

#[derive(Clone, FromRef)]
struct Parts {
    house: Arc<House>,
    policy: Arc<Policy>,
}

/// The routes of policy.
pub fn routes(house: Arc<House>, policy: Arc<Policy>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(in_force))
        .routes(routes!(decisions))
        .with_state(Parts { house, policy })
}

/// Which policy is in force, and where it came from.
#[utoipa::path(get, path = "/policy", tag = "policy",
    responses((status = 200, body = Status), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 429, body = ErrorBody),
        (status = 503, body = ErrorBody)))]
async fn in_force(cx: Cx, State(policy): State<Arc<Policy>>) -> Answer<Json<Status>> {
    cx.decide_all("policy.read").await?;
    Ok(Json(policy.status()))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DecisionsQuery {
    /// Only those that this one asked for, by name.
    actor: Option<String>,
    /// Only those about this action.
    action: Option<String>,
    /// Only `allow`, `deny` or `error`.
    result: Option<String>,
    /// Rows, 1 to 250.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// A decision of the policy.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct DecisionView {
    id: String,
    at: Timestamp,
    /// Who asked.
    actor: String,
    roles: Vec<String>,
    action: String,
    /// `allow`, `deny`, or `error` when the policy could not be asked.
    result: String,
    /// `all`, `own` or `none`.
    scope: String,
    input_sha256: String,
    revision: String,
    /// `embedded`, `opa` or `off`.
    engine: String,
    /// Microseconds that the answer took.
    micros: i64,
    request_id: Option<String>,
}

impl From<PolicyDecision> for DecisionView {
    fn from(d: PolicyDecision) -> Self {
        Self {
            id: d.id,
            at: Timestamp(d.at),
            actor: d.actor,
            roles: d.roles,
            action: d.action,
            result: d.result,
            scope: d.scope,
            input_sha256: d.input_sha256,
            revision: d.revision,
            engine: d.engine,
            micros: d.micros,
            request_id: d.request_id,
        }
    }
}

/// What the policy decided, newest first. A decision is here a moment after it was made.
#[utoipa::path(get, path = "/policy/decisions", tag = "policy", params(DecisionsQuery),
    responses((status = 200, body = Page<DecisionView>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody),
        (status = 503, body = ErrorBody)))]
async fn decisions(cx: Cx, Query(q): Query<DecisionsQuery>) -> Answer<Json<Page<DecisionView>>> {
    cx.decide_all("decisions.read").await?;
    let limit = checked_limit(q.limit)?;
    let result = q.result.unwrap_or_default();
    if !["", "allow", "deny", "error"].contains(&result.as_str()) {
        let message = format!("'{result}' is not allowed: allow, deny or error");
        return Err(Error::invalid("result", message).into());
    }
    let after = q.cursor.as_deref().map(Cursor::decode).transpose()?;
    let (actor, action) = (q.actor.unwrap_or_default(), q.action.unwrap_or_default());
    let filter = Filter { actor, action, result };
    let page = service::decisions(&cx, after, filter, limit).await?;
    Ok(Json(page.map(DecisionView::from)))
}
