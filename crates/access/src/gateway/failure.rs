//! Answers that failed without saying why get the house's error body too.

use axum::http::{StatusCode, header};
use axum::response::Response;
use platform::http::{Failure, render};

/// Writes the error body of `response`, whoever refused the request.
pub(super) fn with_body(mut response: Response, request_id: &str) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        return render(failure, request_id);
    }
    let json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| v.to_str().is_ok_and(|v| v.contains("json")));
    if json {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut rendered = render(plain(status), request_id);
    if let Some(allow) = allow {
        rendered.headers_mut().insert(header::ALLOW, allow);
    }
    rendered
}

/// The words for a status that came from the framework.
pub(super) fn plain(status: StatusCode) -> Failure {
    let (code, message) = match status {
        StatusCode::NOT_FOUND => ("not_found", "there is nothing at this address"),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("method_not_allowed", "this address exists, but not with this method; see Allow")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("body_too_large", "the body is larger than the limit of this address")
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => {
            ("timeout", "the request took too long; it may or may not have been carried out")
        }
        StatusCode::URI_TOO_LONG => ("uri_too_long", "the address is too long"),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            ("headers_too_large", "the headers are larger than the limit")
        }
        s if s.is_client_error() => ("bad_request", "the request could not be understood"),
        _ => ("internal", "something went wrong on our side; the log has the particulars"),
    };
    Failure { status, code, message: message.to_owned(), details: None }
}
