//! The middleware that every request passes.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt as _;
use kernel::{Error, Kind, Principal};
use platform::House;
use platform::http::{ApiError, ClientAddress, InTrace, RequestId, render};
use platform::telemetry::{Part, Span};
use serde::Deserialize;

use super::address::{Network, client_address};
use super::failure::{plain, with_body};
use super::limits::{self, Standing};
use super::proxy::{DRAINING, IDENTITY, Passport, Proxy};
use super::routes::{Route, Routes};
use crate::identity::http::{bearer, cookie};
use crate::identity::{ACCESS_COOKIE, CSRF_COOKIE, Identity};

/// Settings of the front door.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Requests of one caller in a minute.
    pub rate_per_minute: u32,
    /// Deadline of a request, milliseconds.
    pub timeout_ms: u64,
    /// Deadline of an upload, milliseconds.
    pub upload_timeout_ms: u64,
    /// Bytes of headers at most.
    pub header_limit_bytes: usize,
    /// Addresses and networks of proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<Network>,
    /// File with the table of routes; empty: everything is served here.
    pub routes_file: String,
}

/// Which door this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Clients stand before it: nobody vouches for them.
    Outer,
    /// A gateway of the house stands before it and says who asks.
    Inner,
}

/// What the front door needs.
pub struct Gateway {
    house: Arc<House>,
    identity: Arc<Identity>,
    config: Config,
    door: Door,
    routes: Routes,
    proxy: Proxy,
    draining: AtomicBool,
}

impl Gateway {
    /// A front door.
    ///
    /// # Errors
    /// `Invalid` when the table of routes cannot be read.
    pub fn new(
        house: Arc<House>,
        identity: Arc<Identity>,
        config: Config,
        door: Door,
    ) -> Result<Self, Error> {
        let routes = match config.routes_file.as_str() {
            "" => Routes::default(),
            file => Routes::parse(&std::fs::read_to_string(file).map_err(|e| {
                Error::invalid("gateway.routes_file", format!("{file} cannot be read: {e}"))
            })?)?,
        };
        let proxy = Proxy::new(&routes, Arc::clone(&house.clock));
        let draining = AtomicBool::new(false);
        Ok(Self { house, identity, config, door, routes, proxy, draining })
    }

    /// From now on every answer says that this process is about to stop, so that gateways and
    /// balancers go elsewhere and connections end.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Looks at the processes that it proxies to. Runs for ever.
    pub async fn watch_upstreams(&self) {
        self.proxy.watch().await;
    }

    /// Whether it is about to stop.
    pub fn drains(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// Every request passes here; see the module's page for the order.
pub async fn front(State(g): State<Arc<Gateway>>, mut request: Request, next: Next) -> Response {
    let started = platform::clock::instant();
    let id = request_id(&g, request.headers());
    let address = client_address(&request, &g.config.trusted_proxies);
    let mut span = span(&g, &request, &id);
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(InTrace(span.trace()));
    request.extensions_mut().insert(ClientAddress(address));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let Admitted { answer, standing, actor, address } = admit(&g, request, next, address).await;
    let mut response = with_body(answer, &id);
    let elapsed = started.elapsed();
    decorate(response.headers_mut(), &id, elapsed, standing, &path);
    if g.drains() {
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        headers.insert(DRAINING, HeaderValue::from_static("1"));
    }
    let status = response.status();
    span.note("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.fail(status.to_string());
    }
    metrics::histogram!("kontor_gateway_request_seconds", "class" => class(&path))
        .record(elapsed.as_secs_f64());
    metrics::counter!("kontor_gateway_requests_total", "status" => status.as_str().to_owned())
        .increment(1);
    tracing::info!(target: "kontor::access", method = %method, path, status = status.as_u16(),
        ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX), actor, request = id,
        trace = span.trace().name(), address = %address, "request");
    response
}

/// The span of a request, below the one that the caller says.
fn span(g: &Gateway, request: &Request, id: &str) -> Span {
    let said = request.headers().get("traceparent").and_then(|v| v.to_str().ok());
    let name = format!("{} {}", request.method(), class(request.uri().path()));
    Span::begin(Part::Server, name, said.and_then(|t| t.parse().ok()), &*g.house.ids)
        .with("http.request.method", request.method().to_string())
        .with("url.path", request.uri().path().to_owned())
        .with("kontor.request", id.to_owned())
}

/// What became of a request.
struct Admitted {
    answer: Response,
    standing: Option<Standing>,
    actor: String,
    /// Where it came from, as the gateway that vouches for the caller says.
    address: IpAddr,
}

/// Checks and runs the request; an answer in any case.
async fn admit(g: &Gateway, mut request: Request, next: Next, address: IpAddr) -> Admitted {
    let done = |answer, standing, actor: &str, address| Admitted {
        answer,
        standing,
        actor: actor.to_owned(),
        address,
    };
    let refused = |e: Error| axum::response::IntoResponse::into_response(ApiError(e));
    let size: usize = request.headers().iter().map(|(n, v)| n.as_str().len() + v.len()).sum();
    if size > g.config.header_limit_bytes {
        let failure = plain(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        return done(render(failure, "-"), None, "", address);
    }
    if g.door == Door::Outer {
        request.headers_mut().remove(IDENTITY);
    }
    if g.identity.has_no_door() && !is_of_this_machine(&request) {
        let message = "this house asks nobody who they are (access.auth_required = false) and \
                       answers only pages and programs of this machine: call it localhost";
        return done(refused(Error::new(Kind::Denied, "wrong_host", message)), None, "", address);
    }
    // The body is not `Sync`, so the request itself cannot be borrowed across an await.
    let (headers, method) = (request.headers().clone(), request.method().clone());
    let path = request.uri().path().to_owned();
    let principal = match authenticate(g, &headers, &method, &path).await {
        Ok(p) => p,
        Err(e) => {
            // Guessing tokens is counted like everything else that somebody unknown does.
            let standing = count(g, &Principal::anonymous(), address, None).await;
            let e = if standing.allowed { e } else { too_many(standing) };
            return done(refused(e), Some(standing), "invalid", address);
        }
    };
    let address = vouched_address(&headers).unwrap_or(address);
    request.extensions_mut().insert(ClientAddress(address));
    let actor = principal.name.clone();
    let route = g.routes.find(&method, &path);
    let standing = if headers.contains_key(IDENTITY) {
        // The gateway that vouches has counted it.
        None
    } else {
        Some(count(g, &principal, address, route).await)
    };
    if let Some(standing) = standing.filter(|s| !s.allowed) {
        return done(refused(too_many(standing)), Some(standing), &actor, address);
    }
    if let Some(route) = route
        && let Err(e) = may_pass(g, &principal, route).await
    {
        return done(refused(e), standing, &actor, address);
    }
    let upload = method == Method::POST && path.ends_with("/statements");
    let limit = if upload { g.config.upload_timeout_ms } else { g.config.timeout_ms };
    let limit = route.and_then(|r| r.timeout_ms).unwrap_or(limit);
    let run = AssertUnwindSafe(serve(g, route, principal, request, next)).catch_unwind();
    let response = match tokio::time::timeout(Duration::from_millis(limit), run).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => refused(Error::internal("a handler panicked")),
        Err(_) => render(plain(StatusCode::GATEWAY_TIMEOUT), "-"),
    };
    done(response, standing, &actor, address)
}

/// Whether a request names this machine, and comes from no page of another: a house without a
/// door would otherwise do what any page in the browser asks (DNS rebinding).
fn is_of_this_machine(request: &Request) -> bool {
    let local = |authority: &str| {
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        };
        let plain = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || plain.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
    };
    let text = |name| request.headers().get(name).map(|v| v.to_str().unwrap_or("?"));
    let named = text(header::HOST).or_else(|| request.uri().authority().map(Authority::as_str));
    let from = text(header::ORIGIN);
    let page = |origin: &str| {
        origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .is_some_and(local)
    };
    named.is_none_or(local) && from.is_none_or(page)
}

/// Where the client is, as the gateway of the house says that signed for the caller: its
/// signature was verified before. Others take this header's word by `trusted_proxies` only.
fn vouched_address(headers: &HeaderMap) -> Option<IpAddr> {
    headers.get(IDENTITY)?;
    headers.get("x-forwarded-for")?.to_str().ok()?.trim().parse().ok()
}

fn too_many(standing: Standing) -> Error {
    let text = format!("more than {} requests in a minute; see Retry-After", standing.limit);
    Error::new(Kind::TooMany, "too_many_requests", text)
}

/// Counts a request of its caller, under its route's own limit when there is one.
async fn count(g: &Gateway, caller: &Principal, at: IpAddr, route: Option<&Route>) -> Standing {
    let caller = caller.id.map_or_else(|| at.to_string(), |id| id.to_string());
    let (now, exchange) = (g.house.clock.now(), &*g.house.exchange);
    match route.and_then(|r| Some((r, r.rate_per_minute?))) {
        Some((route, limit)) => {
            limits::count(exchange, &format!("{caller} {}", route.class()), limit, now).await
        }
        None => limits::count(exchange, &caller, g.config.rate_per_minute, now).await,
    }
}

/// What the table of routes asks of a caller, beyond what the module itself will ask.
async fn may_pass(g: &Gateway, caller: &Principal, route: &Route) -> Result<(), Error> {
    if !route.admits(caller) {
        return Err(if caller.id.is_none() {
            let text = "log in, or send a bearer token";
            Error::new(Kind::Unauthenticated, "unauthenticated", text)
        } else {
            Error::new(Kind::Denied, "denied", "your roles do not allow this address")
        });
    }
    match &route.action {
        // The module narrows what is granted to what is the caller's own.
        Some(action) => g.house.authorizer.decide(caller, action).await.map(|_grant| ()),
        None => Ok(()),
    }
}

/// Serves here, or where the table says.
async fn serve(
    g: &Gateway,
    route: Option<&Route>,
    principal: Principal,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(route) = route else {
        request.extensions_mut().insert(principal);
        return next.run(request).await;
    };
    if route.upstream.is_empty() {
        if let Ok(uri) = route.target(request.uri()).parse() {
            *request.uri_mut() = uri;
        }
        request.extensions_mut().insert(principal);
        return next.run(request).await;
    }
    let known = request.extensions();
    let text = |found: Option<String>| found.unwrap_or_default();
    let passport = Passport {
        identity: match g.identity.assertion(&principal) {
            Ok(identity) => identity,
            Err(e) => return axum::response::IntoResponse::into_response(ApiError(e)),
        },
        request_id: text(known.get::<RequestId>().map(|r| r.0.clone())),
        trace: known.get::<InTrace>().map(|t| t.0),
        address: text(known.get::<ClientAddress>().map(|a| a.0.to_string())),
    };
    match g.proxy.forward(route, request, &passport).await {
        Ok(response) => response,
        Err(e) => axum::response::IntoResponse::into_response(ApiError(e)),
    }
}

async fn authenticate(
    g: &Gateway,
    headers: &HeaderMap,
    method: &Method,
    path: &str,
) -> Result<Principal, Error> {
    if let Some(vouched) = headers.get(IDENTITY) {
        return g.identity.accept_assertion(vouched.to_str().unwrap_or_default()).await;
    }
    let leaves = path.ends_with("/auth/logout");
    if let Some(token) = bearer(headers) {
        return match g.identity.authenticate(&g.house, &token).await {
            // Whoever logs out may do so with a token that has ended.
            Err(e) if leaves && e.kind == Kind::Unauthenticated => Ok(g.identity.stranger()),
            known => known,
        };
    }
    let has_session =
        leaves || cookie(headers, ACCESS_COOKIE).is_some() || path.ends_with("/auth/refresh");
    if !method.is_safe() && has_session && !path.ends_with("/auth/login") {
        check_csrf(headers)?;
    }
    let Some(token) = cookie(headers, ACCESS_COOKIE) else { return Ok(g.identity.stranger()) };
    match g.identity.authenticate(&g.house, &token).await {
        Ok(principal) => Ok(principal),
        // A browser's cookie that has ended is nobody; the route says 401 if it needs somebody.
        Err(e) if e.kind == Kind::Unauthenticated => Ok(g.identity.stranger()),
        Err(e) => Err(e),
    }
}

/// A cookie session must prove that the page, not only the browser, sent the request.
fn check_csrf(headers: &HeaderMap) -> Result<(), Error> {
    let Some(expected) = cookie(headers, CSRF_COOKIE) else {
        // Refreshing by a token in the body needs no cookie at all.
        return if cookie(headers, ACCESS_COOKIE).is_none() { Ok(()) } else { Err(csrf_failed()) };
    };
    let given = headers.get("x-csrf-token").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if given == expected { Ok(()) } else { Err(csrf_failed()) }
}

fn csrf_failed() -> Error {
    Error::new(
        Kind::Denied,
        "csrf_failed",
        "send the value of the cookie kontor_csrf as the header X-CSRF-Token",
    )
}

/// The client's identifier when it is sane, else a new one.
fn request_id(g: &Gateway, headers: &HeaderMap) -> String {
    let sane = |id: &&str| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    headers
        .get("x-request-id")
        .and_then(|v| v.to_str().ok())
        .filter(sane)
        .map_or_else(|| g.house.ids.next().to_string(), str::to_owned)
}

fn class(path: &str) -> &'static str {
    match path.split('/').nth(3) {
        Some("offers") if path.ends_with("/events/deals") => "events",
        Some("offers") => "offers",
        Some("statements") => "statements",
        Some("payouts") => "payouts",
        Some("ledger") => "ledger",
        Some("auth") => "auth",
        _ => "other",
    }
}

const SECURITY: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    (
        "content-security-policy",
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         font-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self'",
    ),
];

fn decorate(
    headers: &mut HeaderMap,
    id: &str,
    elapsed: Duration,
    standing: Option<Standing>,
    path: &str,
) {
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    for (name, value) in SECURITY {
        put(name, value);
    }
    put("x-request-id", id);
    put("x-process-time", &format!("{:.6}", elapsed.as_secs_f64()));
    if let Some(s) = standing {
        put("x-ratelimit-limit", &s.limit.to_string());
        put("x-ratelimit-remaining", &s.remaining.to_string());
        put("x-ratelimit-reset", &s.reset.to_string());
        if !s.allowed {
            put("retry-after", &s.reset.to_string());
        }
    }
    if path.starts_with("/api/") && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
