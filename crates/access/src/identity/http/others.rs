//! For other services: is this token good, and may its bearer do that?

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State};
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::{Form, Json};
use contracts::Grant;
use kernel::ids::Uuid;
use kernel::{Error, Kind, Principal, Role};
use platform::Cx;
use platform::http::{Answer, ApiError, Body, ErrorBody};
use serde::{Deserialize, Serialize};

use super::Identity;

#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct Introspect {
    token: String,
    /// Ignored: there is one kind of token.
    token_type_hint: Option<String>,
}

/// What RFC 7662 says about a token. One that is not good says only that.
#[derive(Serialize, Default, utoipa::ToSchema)]
pub(super) struct Introspection {
    active: bool,
    sub: Option<Uuid>,
    username: Option<String>,
    #[schema(value_type = Option<Vec<String>>)]
    roles: Option<Vec<Role>>,
    exp: Option<i64>,
    iss: Option<String>,
    aud: Option<String>,
}

/// JSON as everywhere here, or the form that RFC 7662 wants.
pub(super) struct Asked(Introspect);

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        if !kind.is_some_and(|k| k.starts_with("application/x-www-form-urlencoded")) {
            return Body::<Introspect>::from_request(request, state).await.map(|b| Self(b.0));
        }
        match Form::<Introspect>::from_request(request, state).await {
            Ok(form) => Ok(Self(form.0)),
            Err(e) => {
                let status = e.into_response().status();
                let large = status == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
                let kind = if large { Kind::TooLarge } else { Kind::Invalid };
                let code = if large { "body_too_large" } else { "invalid_field" };
                let e = Error::new(kind, code, "token: the form must hold it");
                Err(e.with("field", "token").into())
            }
        }
    }
}

/// Whether a token is good, and whom it speaks for (RFC 7662).
#[utoipa::path(post, path = "/auth/introspect", tag = "auth", request_body = Introspect,
    responses((status = 200, body = Introspection), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody), (status = 503, body = ErrorBody)))]
pub(super) async fn introspect(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Asked(asked): Asked,
) -> Answer<Json<Introspection>> {
    cx.decide_all("auth.introspect").await?;
    let _one_kind = asked.token_type_hint;
    Ok(Json(match identity.inspect(cx.house(), &asked.token).await {
        Ok(found) => Introspection {
            active: true,
            sub: found.principal.id,
            username: Some(found.principal.name),
            roles: Some(found.principal.roles),
            exp: Some(found.exp),
            iss: Some(found.iss),
            aud: Some(found.aud),
        },
        Err(e) if e.kind == Kind::Unauthenticated => Introspection::default(),
        Err(e) => return Err(e.into()),
    }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Authorize {
    /// Whose right is asked about; absent: the right of the service that asks.
    token: Option<String>,
    #[schema(example = "offers.accept")]
    action: String,
    resource: Option<Resource>,
}

/// What it is about.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Resource {
    /// To whom it belongs.
    owner: Option<Uuid>,
}

/// A decision of the policy.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Authorization {
    allow: bool,
    /// `all`, `own` or `none`.
    scope: &'static str,
    /// `allowed`, `not_own`, `denied`, `unauthenticated` or `invalid_token`.
    reason: &'static str,
}

/// Whether the bearer of a token may do something.
#[utoipa::path(post, path = "/auth/authorize", tag = "auth", request_body = Authorize,
    responses((status = 200, body = Authorization), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody), (status = 503, body = ErrorBody)))]
pub(super) async fn authorize(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Body(body): Body<Authorize>,
) -> Answer<Json<Authorization>> {
    cx.decide_all("auth.authorize").await?;
    let sane = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c);
    if !(1..=100).contains(&body.action.len()) || !body.action.chars().all(sane) {
        let message = "an action is written like offers.accept";
        return Err(Error::invalid("action", message).into());
    }
    let who: Result<Principal, Error> = match &body.token {
        Some(token) => identity.authenticate(cx.house(), token).await,
        None => Ok(cx.principal.clone()),
    };
    let no = |reason| Authorization { allow: false, scope: "none", reason };
    let who = match who {
        Ok(who) => who,
        Err(e) if e.kind == Kind::Unauthenticated => return Ok(Json(no("invalid_token"))),
        Err(e) => return Err(e.into()),
    };
    let said = cx.authorizer.decide_for(&who, &body.action, cx.request.as_deref()).await;
    Ok(Json(match said {
        Ok(Grant::All) => Authorization { allow: true, scope: "all", reason: "allowed" },
        Ok(own @ Grant::Own(_)) => {
            let covered = body.resource.is_none_or(|r| own.covers(r.owner));
            let reason = if covered { "allowed" } else { "not_own" };
            Authorization { allow: covered, scope: "own", reason }
        }
        Err(e) if e.kind == Kind::Denied => no("denied"),
        Err(e) if e.kind == Kind::Unauthenticated => no("unauthenticated"),
        Err(e) => return Err(e.into()),
    }))
}
