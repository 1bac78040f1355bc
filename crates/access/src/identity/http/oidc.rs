//! Logins by a foreign issuer: the browser goes there and comes back, and holds only our cookies.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Error, Kind};
use platform::Cx;
use platform::http::{Answer, ErrorBody, Query};
use serde::{Deserialize, Serialize};

use super::{Identity, Text, add_cookies, cookie, is_https, set_cookie};
use crate::identity::foreign::COOKIE_SECONDS;

/// Remembers a login between the way there and the way back, each under the name of its state:
/// two tabs may log in at once. `Lax`: the way back begins there.
const COOKIE: &str = "kontor_oidc_";
/// Logins of one browser that are remembered; those begun before are forgotten.
const BEGUN: usize = 4;
const PATH: &str = "/api/v1/auth/oidc";

/// An issuer that people may log in by.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Door {
    name: String,
    title: String,
    login_url: String,
}

/// Who one may log in by, beside the house itself.
#[utoipa::path(get, path = "/auth/issuers", tag = "auth", security(()),
    responses((status = 200, body = Vec<Door>), (status = 429, body = ErrorBody)))]
pub(super) async fn issuers(State(identity): State<Arc<Identity>>) -> Json<Vec<Door>> {
    let doors = identity.doors().into_iter();
    let door = |(name, title): (String, String)| {
        let login_url = format!("{PATH}/{name}/start");
        Door { name, title, login_url }
    };
    Json(doors.map(door).collect())
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    /// The path of this house to go to afterwards.
    return_to: Option<String>,
}

/// Begins a login: sends the browser to the issuer.
#[utoipa::path(get, path = "/auth/oidc/{name}/start", tag = "auth", security(()),
    params(Start, ("name" = String, Path)),
    responses((status = 302, description = "to the issuer"), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody),
        (status = 503, body = ErrorBody)))]
pub(super) async fn start(
    State(identity): State<Arc<Identity>>,
    Text(name): Text,
    headers: HeaderMap,
    Query(q): Query<Start>,
) -> Answer<Response> {
    let return_to = q.return_to.unwrap_or_else(|| "/".into());
    let (to, state, sealed) = identity.begin_login(&name, &return_to).await?;
    let mut response = redirect(&to);
    let (before, https) = (begun_before(&headers), is_https(&identity, &headers));
    // The oldest come first, as browsers send them.
    for old in before.iter().take(before.len().saturating_sub(BEGUN - 1)) {
        set_cookie(&mut response, &memory(old, "", 0, https));
    }
    set_cookie(&mut response, &memory(&place(&state), &sealed, COOKIE_SECONDS, https));
    Ok(response)
}

/// What the issuer sends the browser back with; it may add more.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Back {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Ends a login: exchanges the code, opens a session, sends the browser where it wanted to go,
/// or to `/login?error=CODE`.
#[utoipa::path(get, path = "/auth/oidc/{name}/callback", tag = "auth", security(()),
    params(Back, ("name" = String, Path)),
    responses((status = 302, description = "into the house"), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn callback(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Text(name): Text,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Response {
    let at = place(back.state.as_deref().unwrap_or_default());
    let https = is_https(&identity, &headers);
    let mut response = match end(&identity, &cx, &name, &headers, back).await {
        Ok((tokens, return_to)) => {
            let mut response = redirect(&return_to);
            add_cookies(&mut response, &tokens, https);
            response
        }
        Err(e) => {
            tracing::info!(issuer = name, error = %e, "a login by another issuer was refused");
            redirect(&format!("/login?error={}", e.code))
        }
    };
    set_cookie(&mut response, &memory(&at, "", 0, https));
    response
}

async fn end(
    identity: &Identity,
    cx: &Cx,
    name: &str,
    headers: &HeaderMap,
    back: Back,
) -> Result<(crate::identity::service::Tokens, String), Error> {
    let (Some(code), None) = (back.code, back.error) else {
        let message = "the other house did not let you in";
        return Err(Error::new(Kind::Unauthenticated, "login_refused", message));
    };
    let state = back.state.unwrap_or_default();
    let memory = cookie(headers, &place(&state)).unwrap_or_default();
    identity.end_login(cx, name, &code, &state, &memory).await
}

/// The name of the cookie that remembers the login with this state.
fn place(state: &str) -> String {
    let sane = |c: &char| c.is_ascii_alphanumeric() || "-_".contains(*c);
    let start: String = state.chars().filter(sane).take(16).collect();
    format!("{COOKIE}{start}")
}

/// Names of the logins that this browser has begun.
fn begun_before(headers: &HeaderMap) -> Vec<String> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let names = sent.flat_map(|v| v.split(';')).filter_map(|pair| pair.trim().split_once('='));
    names.filter(|(n, _)| n.starts_with(COOKIE)).map(|(n, _)| n.to_owned()).collect()
}

fn memory(name: &str, value: &str, seconds: i64, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path={PATH}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

fn redirect(to: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    // Only what was checked or made here gets so far: an address that is no header goes home.
    let to = HeaderValue::from_str(to).unwrap_or_else(|_| HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, to);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two tabs that log in at once are two cookies, and what is no state makes no other cookie.
    #[test]
    fn each_login_has_a_memory_of_its_own() {
        assert_ne!(place("aaaabbbbccccdddd"), place("aaaabbbbccccddde"));
        assert_eq!(place("a;b=c d\r\nx"), format!("{COOKIE}abcdx"));
        let mut headers = HeaderMap::new();
        let sent = format!("kontor_access=x; {COOKIE}one=1; {COOKIE}two=2");
        headers.insert(header::COOKIE, sent.parse().unwrap());
        assert_eq!(begun_before(&headers), [format!("{COOKIE}one"), format!("{COOKIE}two")]);
        assert_eq!(cookie(&headers, &place("two")).as_deref(), Some("2"));
    }
}
