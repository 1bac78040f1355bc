//! The HTTP kit: extractors with good errors, the one mapping from error kinds to status codes,
//! and the context of a request. The only room outside `*/http.rs` that knows axum.

mod body;
mod error;
mod form;
mod request;

pub use body::{Body, Path, Query};
pub use error::{ApiError, ErrorBody, ErrorDetail, Failure, render, status_of};
pub use form::Form;
pub use request::{ClientAddress, InTrace, RequestId};

/// Result of a handler.
pub type Answer<T> = Result<T, ApiError>;
