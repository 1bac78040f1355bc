//! Requests to roles that were split off: pooled HTTP/1.1 and HTTP/2, streams both ways,
//! WebSocket, retries where nothing can be done twice.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use kernel::{Clock, Error, Kind, Trace};

use super::routes::{Route, Routes};
use super::upstream::{Protocol, Upstream};

/// Who asks, signed by the house; copies that clients send are removed.
pub(super) const IDENTITY: &str = "x-kontor-identity";
/// On the answers of a process that is about to stop.
pub(super) const DRAINING: &str = "x-kontor-draining";
/// Bodies up to this are kept until the answer is there, so that they can be sent again.
const KEPT: usize = 256 * 1_024;
const TRIES: usize = 3;
const CONNECT: Duration = Duration::from_secs(1);
const IDLE: Duration = Duration::from_secs(30);
/// A connection for many requests says that it lives, or is left within twice this.
const ALIVE: Duration = Duration::from_secs(5);
/// Between two looks at every process, and how long one may take to answer.
const LOOK_EVERY: Duration = Duration::from_millis(400);
const LOOK: Duration = Duration::from_secs(1);
/// Headers that belong to one connection (RFC 9110, 7.6.1).
const OF_CONNECTION: [&str; 9] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What the gateway adds to a request.
pub(super) struct Passport {
    pub(super) identity: Arc<str>,
    pub(super) request_id: String,
    pub(super) trace: Option<Trace>,
    pub(super) address: String,
}

/// The clients and their upstreams.
pub(super) struct Proxy {
    http1: Client<HttpConnector, Body>,
    http2: Client<HttpConnector, Body>,
    upstreams: HashMap<String, Upstream>,
    clock: Arc<dyn Clock>,
}

impl Proxy {
    /// For the upstreams of a table.
    pub(super) fn new(routes: &Routes, clock: Arc<dyn Clock>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_idle_timeout(IDLE).pool_timer(TokioTimer::new());
        let http1 = builder.build(connector.clone());
        builder.http2_only(true).timer(TokioTimer::new());
        builder.http2_keep_alive_interval(ALIVE).http2_keep_alive_timeout(ALIVE);
        let http2 = builder.build(connector);
        let known = routes.upstreams();
        let upstreams = known.filter_map(|u| Some((u.clone(), Upstream::new(u)?))).collect();
        Self { http1, http2, upstreams, clock }
    }

    /// Sends a request on and answers what came back.
    ///
    /// # Errors
    /// `upstream_unavailable` when no process of the route can be reached, or none that was
    /// reached answered.
    pub(super) async fn forward(
        &self,
        route: &Route,
        request: Request,
        passport: &Passport,
    ) -> Result<Response, Error> {
        let target = route.target(request.uri());
        if is_upgrade(request.method(), request.headers()) {
            return self.upgrade(route, request, &target, passport).await;
        }
        let (parts, body) = request.into_parts();
        let mut headers = parts.headers;
        prepare(&mut headers, passport);
        let mut sending = Sending::of(&parts.method, &headers, body).await?;
        let mut tried = Vec::new();
        loop {
            let upstream = self.choose(route, &tried).ok_or_else(unavailable)?;
            let body = sending.body();
            let request = envelope(upstream, &parts.method, &target, headers.clone(), body)?;
            match self.client(upstream).request(request).await {
                Ok(response) => return Ok(self.answered(upstream, response)),
                Err(e) => {
                    self.failed(upstream, &e);
                    tried.push(upstream.authority.clone());
                    let again = tried.len() < TRIES && sending.may_go_again(&e);
                    if !again {
                        return Err(unavailable().caused_by(e));
                    }
                }
            }
        }
    }

    /// A connection that becomes something else: WebSocket. The bytes pass in both directions
    /// until one side ends.
    #[expect(clippy::disallowed_methods, reason = "it ends with either of its two connections")]
    async fn upgrade(
        &self,
        route: &Route,
        mut request: Request,
        target: &str,
        passport: &Passport,
    ) -> Result<Response, Error> {
        let upstream = self.choose(route, &[]).ok_or_else(unavailable)?;
        let ours = hyper::upgrade::on(&mut request);
        let protocol = request.headers().get(header::UPGRADE).cloned();
        let mut headers = request.headers().clone();
        prepare(&mut headers, passport);
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        if let Some(protocol) = protocol {
            headers.insert(header::UPGRADE, protocol);
        }
        let sent = envelope(upstream, request.method(), target, headers, Body::empty())?;
        let mut response = self.http1.request(sent).await.map_err(|e| {
            self.failed(upstream, &e);
            unavailable().caused_by(e)
        })?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(self.answered(upstream, response));
        }
        let theirs = hyper::upgrade::on(&mut response);
        tokio::spawn(async move {
            let (Ok(ours), Ok(theirs)) = tokio::join!(ours, theirs) else { return };
            let (mut ours, mut theirs) = (TokioIo::new(ours), TokioIo::new(theirs));
            // Either side may simply go away.
            let _ended = tokio::io::copy_bidirectional(&mut ours, &mut theirs).await;
        });
        Ok(response.map(Body::new))
    }

    /// Looks at every process again and again: one that stops is left before it is gone, one that
    /// hangs opens its circuit, and one that is back is found. Runs for ever.
    pub(super) async fn watch(&self) {
        loop {
            let looks = self.upstreams.values().map(|upstream| self.look(upstream));
            futures::future::join_all(looks).await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn look(&self, upstream: &Upstream) {
        let (headers, body) = (HeaderMap::new(), Body::empty());
        let asked = envelope(upstream, &Method::GET, "/readyz", headers, body);
        let Ok(request) = asked else { return };
        let sent = self.client(upstream).request(request);
        match tokio::time::timeout(LOOK, sent).await {
            Ok(Ok(answer)) if answer.headers().contains_key(DRAINING) => {
                upstream.says_it_drains(self.clock.now());
            }
            // A process that answers is there, even when what it needs is not.
            Ok(Ok(_)) => {
                upstream.stays();
                upstream.answered();
            }
            Ok(Err(e)) => self.failed(upstream, &e),
            Err(_) => self.count(upstream),
        }
    }

    const fn client(&self, upstream: &Upstream) -> &Client<HttpConnector, Body> {
        match upstream.protocol {
            Protocol::Http1 => &self.http1,
            Protocol::Http2 => &self.http2,
        }
    }

    /// The next one in turn that was not tried; one that drains only when there is no other.
    fn choose(&self, route: &Route, tried: &[String]) -> Option<&Upstream> {
        let now = self.clock.now();
        let mut left: Vec<&Upstream> = route
            .in_turn()
            .filter_map(|u| self.upstreams.get(u))
            .filter(|u| !tried.contains(&u.authority))
            .collect();
        left.sort_by_key(|u| u.rank(now));
        left.into_iter().find(|u| u.may_try(now))
    }

    fn answered(
        &self,
        upstream: &Upstream,
        response: hyper::Response<hyper::body::Incoming>,
    ) -> Response {
        let status = response.status();
        let broken = [StatusCode::BAD_GATEWAY, StatusCode::GATEWAY_TIMEOUT].contains(&status);
        if broken {
            self.count(upstream);
        } else {
            upstream.answered();
        }
        let mut response = response.map(Body::new);
        if response.headers_mut().remove(DRAINING).is_some() {
            upstream.says_it_drains(self.clock.now());
        }
        for name in OF_CONNECTION {
            response.headers_mut().remove(name);
        }
        response
    }

    fn failed(&self, upstream: &Upstream, e: &ClientError) {
        tracing::debug!(upstream = upstream.authority, error = %e, "an upstream failed");
        self.count(upstream);
    }

    fn count(&self, upstream: &Upstream) {
        metrics::counter!("kontor_gateway_upstream_failures_total",
            "upstream" => upstream.authority.clone())
        .increment(1);
        if upstream.failed(self.clock.now()) {
            tracing::warn!(upstream = upstream.authority, "the circuit is open");
        }
    }
}

/// A body on its way, and whether it may go a second time.
struct Sending {
    kept: Option<Bytes>,
    stream: Option<Body>,
    /// Doing it twice is doing it once: by its method, or by its key.
    repeatable: bool,
}

impl Sending {
    async fn of(method: &Method, headers: &HeaderMap, body: Body) -> Result<Self, Error> {
        let repeatable = method.is_idempotent() || headers.contains_key("idempotency-key");
        let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
        let length: Option<usize> = match length {
            Some(text) => text.parse().ok(),
            // Without a length a request has no body, unless it comes in pieces.
            None => (!headers.contains_key(header::TRANSFER_ENCODING) && body.is_end_stream())
                .then_some(0),
        };
        if length.is_none_or(|n| n > KEPT) {
            return Ok(Self { kept: None, stream: Some(body), repeatable });
        }
        let kept = http_body_util::Limited::new(body, KEPT).collect().await.map_err(|e| {
            Error::new(Kind::Malformed, "malformed_body", "the body was not received whole")
                .caused_by(std::io::Error::other(e.to_string()))
        })?;
        Ok(Self { kept: Some(kept.to_bytes()), stream: None, repeatable })
    }

    fn body(&mut self) -> Body {
        match (&self.kept, self.stream.take()) {
            (Some(bytes), _) => Body::from(bytes.clone()),
            (None, Some(stream)) => stream,
            (None, None) => Body::empty(),
        }
    }

    /// A request that was never received may always go again; one that may have been received,
    /// only when repeating it does nothing new.
    fn may_go_again(&self, e: &ClientError) -> bool {
        self.kept.is_some() && (e.is_connect() || self.repeatable)
    }
}

/// Only a WebSocket is one; others (`h2c`) are offers that a server may pass over.
fn is_upgrade(method: &Method, headers: &HeaderMap) -> bool {
    let connection = headers.get_all(header::CONNECTION).iter();
    let mut words = connection.filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    let wanted = headers.get(header::UPGRADE).map(HeaderValue::as_bytes).unwrap_or_default();
    *method == Method::GET
        && wanted.eq_ignore_ascii_case(b"websocket")
        && words.any(|word| word.trim().eq_ignore_ascii_case("upgrade"))
}

/// Takes away what belongs to the client's connection and adds what the gateway vouches for.
fn prepare(headers: &mut HeaderMap, passport: &Passport) {
    for name in OF_CONNECTION {
        headers.remove(name);
    }
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(IDENTITY, &passport.identity);
    put("x-request-id", &passport.request_id);
    if let Some(trace) = passport.trace {
        put("traceparent", &trace.to_string());
    }
    put("x-forwarded-for", &passport.address);
}

fn envelope(
    upstream: &Upstream,
    method: &Method,
    target: &str,
    headers: HeaderMap,
    body: Body,
) -> Result<Request, Error> {
    let uri: Uri = format!("http://{}{target}", upstream.authority)
        .parse()
        .map_err(|_| Error::new(Kind::Malformed, "bad_request", "the address cannot be used"))?;
    let mut request = Request::new(body);
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    if upstream.protocol == Protocol::Http2 {
        *request.version_mut() = Version::HTTP_2;
        request.headers_mut().remove(header::HOST);
    }
    Ok(request)
}

fn unavailable() -> Error {
    let text = "the part of the house that serves this address cannot be reached; try again";
    Error::new(Kind::Unavailable, "upstream_unavailable", text).with("retry_after_seconds", 1)
}
