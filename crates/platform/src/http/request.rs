//! What every request carries: its identifier, its address, its principal, its context.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use kernel::Principal;

use super::error::ApiError;
use crate::cx::{Cx, House};

/// Identifier of the request; on every answer as `X-Request-ID`.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

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
        cx.address = parts.extensions.get::<ClientAddress>().map(|a| a.0.to_string());
        Ok(cx)
    }
}

/// The `Idempotency-Key` header, when there is one.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        let text = value.to_str().map_err(|_| {
            kernel::Error::invalid("Idempotency-Key", "Idempotency-Key must be visible ASCII")
        })?;
        Ok(Self(Some(text.to_owned())))
    }
}
