//! The console, embedded: files as built, and the page itself for every other address.

use std::borrow::Cow;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../ui/dist"]
#[allow_missing = true]
struct Files;

/// Serves a file of the console, or its page (the console routes by itself). Files were compressed
/// when the console was built: a request costs no work.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let api = path.starts_with("api/") || path.starts_with(".well-known/");
    if api || !(method == Method::GET || method == Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(found) = file(path, &headers) {
        return found;
    }
    // A missing file is missing; everything else is an address inside the console.
    if path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
        return StatusCode::NOT_FOUND.into_response();
    }
    file("index.html", &headers).unwrap_or_else(|| {
        (
            StatusCode::OK,
            "The console was not built into this binary: run `make run`, or use the API (/docs).",
        )
            .into_response()
    })
}

/// How files lie beside themselves, the smaller first.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    // A compressed one is no file of its own.
    if path.ends_with(".br") || path.ends_with(".gz") {
        return None;
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    // Names under assets/ carry a digest of their content.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let packed = ENCODINGS.iter().filter(|(name, _)| accepts(headers, name));
    let packed =
        packed.filter_map(|(name, end)| Some((*name, Files::get(&format!("{path}.{end}"))?)));
    let (encoding, found) = packed
        .map(|(name, file)| (Some(name), file))
        .next()
        .or_else(|| Some((None, Files::get(path)?)))?;
    let data = match found.data {
        // Embedded: every request has the same bytes.
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    };
    let mut response = Response::new(data.into());
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, kind.as_ref());
    put(header::CACHE_CONTROL, cache);
    put(header::VARY, "accept-encoding");
    if let Some(encoding) = encoding {
        put(header::CONTENT_ENCODING, encoding);
    }
    Some(response)
}

/// Whether a client takes this encoding (RFC 9110, 12.5.3): it is named, and not with `q=0`.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let said = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    said.flat_map(|v| v.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, "q=1"));
        let none = weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && none.is_none_or(|q| q > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_taken_when_it_is_named_and_not_refused() {
        let accepts = |said: &str, encoding| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, said.parse().unwrap());
            accepts(&headers, encoding)
        };
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("BR;q=0.5", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("gzip;q=0.0", "gzip"));
        assert!(!accepts("identity", "gzip"));
        assert!(!accepts("brotli", "br"));
    }
}
