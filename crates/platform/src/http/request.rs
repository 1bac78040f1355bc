//! What every request carries: its identifier, its address, its principal, its context.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use kernel::{Principal, Trace};

use crate::cx::{Cx, House};

/// Identifier of the request; on every answer as `X-Request-ID`.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The span that the request is served in.
#[derive(Debug, Clone, Copy)]
pub struct InTrace(pub Trace);

/// Address of the client, after trusted proxies.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

impl<S> FromRequestParts<S> for Cx
where
    S: Send + Sync,
    Arc<House>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let house = Arc::<House>::from_ref(state);
        let known = parts.extensions.get::<Principal>().cloned();
        let mut cx = house.cx(known.unwrap_or_else(Principal::anonymous));
        cx.request = parts.extensions.get::<RequestId>().map(|r| r.0.clone());
        cx.trace = parts.extensions.get::<InTrace>().map(|t| t.0);
        cx.idempotency_key = parts
            .headers
            .get("idempotency-key")
            .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        cx.address = parts.extensions.get::<ClientAddress>().map(|a| a.0.to_string());
        Ok(cx)
    }
}
