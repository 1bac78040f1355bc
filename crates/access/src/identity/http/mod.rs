//! `/api/v1/auth`: login, refresh, logout, me; logins by others (`oidc`), questions of other
//! services (`others`); users, sessions and signing keys (`people`).

mod oidc;
mod others;
mod people;

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::request::Parts as Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Error, Kind, Role};
use platform::http::{Answer, ApiError, Body, ErrorBody};
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::UserId;
use super::service::{self, Identity, Tokens};
use super::sessions::Holds;

/// Cookie with the access token; not readable by script.
pub const ACCESS_COOKIE: &str = "kontor_access";
/// Cookie with the refresh token; sent to `/api/v1/auth` only.
const REFRESH_COOKIE: &str = "kontor_refresh";
/// Cookie that script reads and sends back as `X-CSRF-Token`.
pub const CSRF_COOKIE: &str = "kontor_csrf";

#[derive(Clone, FromRef)]
struct Parts {
    house: Arc<House>,
    identity: Arc<Identity>,
}

/// The routes of identity.
pub fn routes(house: Arc<House>, identity: Arc<Identity>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(me))
        .routes(routes!(oidc::issuers))
        .routes(routes!(oidc::start))
        .routes(routes!(oidc::callback))
        .routes(routes!(people::users, people::add))
        .routes(routes!(people::disable))
        .routes(routes!(people::enable))
        .routes(routes!(people::set_roles))
        .routes(routes!(people::set_password))
        .routes(routes!(people::sessions, people::end_sessions))
        .routes(routes!(people::own_sessions))
        .routes(routes!(people::end_own_session))
        .routes(routes!(people::change_password))
        .routes(routes!(people::keys))
        .routes(routes!(people::rotate))
        .routes(routes!(people::withdraw))
        .merge(for_services())
        .with_state(Parts { house, identity })
}

/// The questions of other services alone, for the address that they know them by (`/api/auth`).
pub fn spec_routes(house: Arc<House>, identity: Arc<Identity>) -> OpenApiRouter {
    for_services().with_state(Parts { house, identity })
}

fn for_services() -> OpenApiRouter<Parts> {
    OpenApiRouter::new().routes(routes!(others::introspect)).routes(routes!(others::authorize))
}

/// The text in a path.
struct Text(String);

impl<S: Send + Sync> FromRequestParts<S> for Text {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Request, state: &S) -> Result<Self, ApiError> {
        let raw = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(raw.map(|p| p.0).unwrap_or_default()))
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    #[schema(example = "treasurer")]
    username: String,
    #[schema(format = Password)]
    password: String,
}

/// Logs in. Answers tokens, and sets them as cookies for browsers.
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body = Login, security(()),
    responses((status = 200, body = Tokens), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn login(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    headers: HeaderMap,
    Body(body): Body<Login>,
) -> Answer<Response> {
    if body.password.len() > 1_024 {
        return Err(Error::invalid("password", "at most 128 characters are allowed").into());
    }
    let tokens = identity.login(&cx, &body.username, &body.password).await?;
    Ok(with_cookies(&tokens, is_https(&identity, &headers)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// Absent for browsers: the cookie is used.
    refresh_token: Option<String>,
}

/// Exchanges a refresh token for new tokens; the old one stops working.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", request_body = Refresh, security(()),
    responses((status = 200, body = Tokens), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn refresh(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    headers: HeaderMap,
    Body(body): Body<Refresh>,
) -> Answer<Response> {
    let token =
        body.refresh_token.or_else(|| cookie(&headers, REFRESH_COOKIE)).ok_or_else(|| {
            Error::new(Kind::Unauthenticated, "invalid_refresh_token", "there is no refresh token")
        })?;
    let tokens = identity.refresh(&cx, &token).await?;
    Ok(with_cookies(&tokens, is_https(&identity, &headers)))
}

/// A session has ended.
#[derive(Serialize, utoipa::ToSchema)]
struct LoggedOut {
    message: &'static str,
    /// Where the session at the issuer ends that the login came from, if it came from one.
    logout_url: Option<String>,
}

/// Ends the session; its tokens stop working at once. Tokens that have ended will do, and the
/// cookies are cleared in any case.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", security(()),
    responses((status = 200, body = LoggedOut), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn logout(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    headers: HeaderMap,
) -> Answer<Response> {
    let holds = Holds {
        access: bearer(&headers).or_else(|| cookie(&headers, ACCESS_COOKIE)),
        refresh: cookie(&headers, REFRESH_COOKIE),
    };
    let logout_url = identity.logout(&cx, &holds).await?;
    let mut response = Json(LoggedOut { message: "logged out", logout_url }).into_response();
    for (name, path) in [(ACCESS_COOKIE, "/"), (REFRESH_COOKIE, "/api/v1/auth"), (CSRF_COOKIE, "/")]
    {
        set_cookie(&mut response, &format!("{name}=; Path={path}; Max-Age=0; SameSite=Strict"));
    }
    Ok(response)
}

/// The user who asks.
#[derive(Serialize, utoipa::ToSchema)]
struct Me {
    id: UserId,
    username: String,
    display_name: String,
    /// See `docs/glossary.md`.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// The creator that the login stands for; absent for staff.
    creator_id: Option<kernel::ids::Uuid>,
}

impl Me {
    fn of(cx: &Cx, id: kernel::ids::Uuid) -> Self {
        let who = &cx.principal;
        Self {
            id: UserId(id),
            username: who.name.clone(),
            display_name: who.name.clone(),
            roles: who.roles.clone(),
            creator_id: who.subject,
        }
    }
}

/// Who is logged in.
#[utoipa::path(get, path = "/auth/me", tag = "auth",
    responses((status = 200, body = Me), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn me(cx: Cx) -> Answer<Json<Me>> {
    let id = cx.principal.id.ok_or_else(|| {
        Error::new(Kind::Unauthenticated, "unauthenticated", "nobody is logged in")
    })?;
    let user = match service::user(&cx, UserId(id)).await {
        Ok(user) => user,
        // Somebody whom another issuer knows, with its token: never seen at our own door.
        Err(e) if e.kind == Kind::NotFound => return Ok(Json(Me::of(&cx, id))),
        Err(e) => return Err(e.into()),
    };
    Ok(Json(Me {
        id: user.id,
        username: user.username,
        display_name: user.display_name,
        roles: user.roles,
        creator_id: user.subject,
    }))
}

fn with_cookies(tokens: &Tokens, https: bool) -> Response {
    let mut response = (StatusCode::OK, Json(tokens)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    add_cookies(&mut response, tokens, https);
    response
}

/// Gives a browser its session.
fn add_cookies(response: &mut Response, tokens: &Tokens, https: bool) {
    let secure = if https { "; Secure" } else { "" };
    let csrf = URL_SAFE_NO_PAD.encode(platform::clock::random_bytes::<24>());
    let cookies = [
        format!(
            "{ACCESS_COOKIE}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{secure}",
            tokens.access_token, tokens.expires_in
        ),
        format!(
            "{REFRESH_COOKIE}={}; Path=/api/v1/auth; HttpOnly; SameSite=Strict; \
             Max-Age=2592000{secure}",
            tokens.refresh_token
        ),
        format!("{CSRF_COOKIE}={csrf}; Path=/; SameSite=Strict; Max-Age=2592000{secure}"),
    ];
    for cookie in cookies {
        set_cookie(response, &cookie);
    }
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Whether the browser came by https: the house is known by such an address, or a proxy says so.
/// The first of several proxies is the one that the browser talks to.
fn is_https(identity: &Identity, headers: &HeaderMap) -> bool {
    let said = headers.get("x-forwarded-proto").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let first = said.split(',').next().unwrap_or_default().trim();
    identity.is_https() || first.eq_ignore_ascii_case("https")
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// A cookie of a request.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, v)| *n == name && !v.is_empty())
        .map(|(_, v)| v.to_owned())
}
