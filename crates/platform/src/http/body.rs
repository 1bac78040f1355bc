//! Extractors for bodies, queries and paths whose refusals name the field.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use kernel::{Error, Kind};
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// A JSON body. 400 when it is no JSON, 422 naming the field when a value does not fit.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE).cloned();
        let bytes = axum::body::Bytes::from_request(request, state).await.map_err(|e| {
            let kind = if e.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                Error::new(Kind::TooLarge, "body_too_large", "the body is larger than the limit")
            } else {
                Error::new(Kind::Malformed, "malformed_body", "the body could not be read")
            };
            ApiError(kind)
        })?;
        // A page of another house can send any body without asking first, but not with this type.
        if !bytes.is_empty() && !kind.as_ref().is_some_and(is_json) {
            let message = "the body must be JSON: send Content-Type: application/json";
            return Err(Error::new(Kind::Malformed, "unsupported_media_type", message).into());
        }
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        parse_json(text).map(Self).map_err(ApiError)
    }
}

/// `application/json`, or a kind of it such as `application/merge-patch+json`.
fn is_json(kind: &HeaderValue) -> bool {
    let essence = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|e| {
        let field = e.path().to_string();
        let inner = e.into_inner();
        if inner.is_data() {
            let text = inner.to_string();
            let reason = text.split(" at line ").next().unwrap_or_default().to_owned();
            let field = if field == "." { named_in(&reason) } else { field };
            Error::new(Kind::Invalid, "invalid_field", format!("{field}: {reason}"))
                .with("field", field)
        } else {
            Error::new(Kind::Malformed, "malformed_json", format!("the body is no JSON: {inner}"))
        }
    })?;
    deserializer.end().map_err(|e| {
        Error::new(Kind::Malformed, "malformed_json", format!("the body is no JSON: {e}"))
    })?;
    no_nul(bytes)?;
    Ok(value)
}

/// A NUL in a text is accepted by one engine and refused by the other: refuse it at the door.
fn no_nul(bytes: &[u8]) -> Result<(), Error> {
    // Raw control characters are no JSON, so a NUL can only be written like this.
    if !bytes.windows(6).any(|w| w == b"\\u0000") {
        return Ok(());
    }
    let value = serde_json::from_slice(bytes).unwrap_or_default();
    match with_nul(&value) {
        Some(field) => Err(Error::invalid(&field, format!("{field} holds a NUL character"))),
        None => Ok(()),
    }
}

/// The path of the first text, or the first name, with a NUL in it.
fn with_nul(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    let inside = |name: String, value: &Value| {
        let deeper = with_nul(value)?;
        Some(if deeper.is_empty() { name } else { format!("{name}.{deeper}") })
    };
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(all) => all.iter().enumerate().find_map(|(n, v)| inside(n.to_string(), v)),
        Value::Object(map) => map.iter().find_map(|(name, v)| match name.contains('\0') {
            true => Some(name.replace('\0', "?")),
            false => inside(name.clone(), v),
        }),
        _ => None,
    }
}

/// "missing field `x`" and "unknown field `x`" name the field only in their sentence.
fn named_in(reason: &str) -> String {
    reason.split('`').nth(1).unwrap_or("body").to_owned()
}

/// The query string. An unknown or malformed parameter is 422 and named.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        if let Some(pair) = query.split('&').find(|pair| pair.contains("%00")) {
            let field = pair.split('=').next().unwrap_or_default();
            let message = format!("{field} holds a NUL character, which is not allowed");
            let e = Error::new(Kind::Invalid, "invalid_query", message).with("field", field);
            return Err(e.into());
        }
        axum::extract::Query::<T>::try_from_uri(&parts.uri).map(|q| Self(q.0)).map_err(|e| {
            use std::error::Error as _;
            let reason = e.source().map_or_else(|| e.to_string(), ToString::to_string);
            let (field, message) = query_fault(&reason);
            Error::new(Kind::Invalid, "invalid_query", message).with("field", field).into()
        })
    }
}

/// The parameter that is to blame, and the sentence: `NAME: what`, or only `what`.
fn query_fault(reason: &str) -> (String, String) {
    match reason.split_once(": ") {
        // `?=x`: what is said about a parameter begins with its name, which is empty here.
        Some(("", rest)) => {
            let rest = rest.replace("unknown field ``, ", "");
            (String::new(), format!("the query has a parameter without a name: {rest}"))
        }
        Some((name, _)) if !name.contains(' ') => {
            (name.to_owned(), format!("the query is not valid: {reason}"))
        }
        _ => (named_in(reason), format!("the query is not valid: {reason}")),
    }
}

/// A path parameter that parses as `T`; anything else is 404: there is no such thing.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: std::str::FromStr<Err = Error>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let raw = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        let text = raw.map(|p| p.0).unwrap_or_default();
        text.parse().map(Self).map_err(|e: Error| {
            ApiError(Error::not_found("not_found", e.message).with("field", "id"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_is_taken_for_json() {
        let is = |kind| is_json(&HeaderValue::from_static(kind));
        assert!(is("application/json") && is("Application/JSON; charset=utf-8"));
        assert!(is("application/merge-patch+json"));
        for simple in ["text/plain", "text/plain; json", "text/json", "application/x-json-form"] {
            assert!(!is(simple), "{simple}");
        }
    }

    #[test]
    fn a_query_names_the_parameter() {
        for (reason, field, says) in [
            ("limit: invalid digit found in string", "limit", "limit: invalid digit"),
            ("a: unknown field `a`, expected one of `b`", "a", "unknown field `a`"),
            ("missing field `creator_id`", "creator_id", "missing field"),
            (": unknown field ``, expected one of `b`", "", "without a name: expected one of `b`"),
        ] {
            let (named, message) = query_fault(reason);
            assert_eq!(named, field);
            assert!(message.contains(says), "{message}");
        }
    }

    #[test]
    fn a_nul_is_found_and_named_and_a_backslash_is_not_one() {
        let field = |text: &str| no_nul(text.as_bytes()).err().map(|e| e.details.unwrap());
        assert_eq!(field(r#"{"a":[1,{"b":"x\u0000"}]}"#).unwrap()["field"], "a.1.b");
        assert_eq!(field(r#"{"a":"\\u0000"}"#), None, "a backslash and five letters");
        assert_eq!(field(r#"{"a":"b"}"#), None);
    }
}
