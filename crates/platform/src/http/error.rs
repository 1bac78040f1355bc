//! Kinds to status codes, and the body that every error has.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Error, Kind};
use serde::{Deserialize, Serialize};

/// An error on its way to a client.
#[derive(Debug)]
pub struct ApiError(pub Error);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(e: E) -> Self {
        Self(e.into())
    }
}

/// What the gateway turns into the error body; it knows the request's identifier.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Status of the answer.
    pub status: StatusCode,
    /// Stable code.
    pub code: &'static str,
    /// Sentence for a person.
    pub message: String,
    /// Particulars.
    pub details: Option<serde_json::Value>,
}

/// The body of every error.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ErrorDetail {
    /// Stable code, listed in `docs/errors.md`.
    pub code: String,
    /// What was wrong and what is allowed.
    pub message: String,
    /// Particulars: `field`, `allowed`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<serde_json::Value>,
    /// Quote it when you ask for help.
    pub request_id: String,
}

/// The one place where kinds become status codes.
pub const fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Denied => StatusCode::FORBIDDEN,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = status_of(self.0.kind);
        let internal = self.0.kind == Kind::Internal;
        if internal || self.0.kind == Kind::Unavailable {
            // Logged once, here, where it is handled; the client gets a fixed sentence.
            tracing::error!(code = self.0.code, error = %self.0.message,
                cause = ?self.0.source, "a request failed");
            metrics::counter!("app_errors_total", "component" => "http",
                "error_type" => self.0.code)
            .increment(1);
        }
        let message = if internal {
            "something went wrong on our side; the log has the particulars".to_owned()
        } else {
            self.0.message
        };
        let failure = Failure { status, code: self.0.code, message, details: self.0.details };
        let mut response = status.into_response();
        response.extensions_mut().insert(failure);
        response
    }
}

/// Writes the error body. A detail `retry_after_seconds` is the header `Retry-After` too.
pub fn render(failure: Failure, request_id: &str) -> Response {
    let wait = failure.details.as_ref().and_then(|d| d["retry_after_seconds"].as_u64());
    let body = ErrorBody {
        error: ErrorDetail {
            code: failure.code.to_owned(),
            message: failure.message,
            details: failure.details,
            request_id: request_id.to_owned(),
        },
    };
    let mut response = (failure.status, Json(body)).into_response();
    if failure.status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
