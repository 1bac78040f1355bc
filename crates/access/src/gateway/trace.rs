//! Which trace a request belongs to: W3C Trace Context, level 1 (`traceparent`).

use axum::http::HeaderMap;

/// The trace that the caller says, or a new one: 32 lower-case hexadecimal digits.
pub(super) fn trace_id(headers: &HeaderMap) -> String {
    headers
        .get("traceparent")
        .and_then(|v| v.to_str().ok())
        .and_then(parse)
        .map_or_else(|| hex::encode(platform::clock::random_bytes::<16>()), str::to_owned)
}

/// The header that hands a trace on: the gateway is a new span of it.
pub(super) fn traceparent(trace: &str) -> String {
    format!("00-{trace}-{}-01", hex::encode(platform::clock::random_bytes::<8>()))
}

/// The trace id of `version-trace-parent-flags`. Later versions may say more behind the flags.
fn parse(text: &str) -> Option<&str> {
    let mut parts = text.trim().split('-');
    let mut part = |digits: usize| {
        let sane = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        parts.next().filter(|p| p.len() == digits && p.bytes().all(sane))
    };
    let (version, trace, parent, _flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
    let nothing = |id: &str| id.bytes().all(|b| b == b'0');
    let more = parts.next().is_some();
    let refused = version == "ff" || (version == "00" && more) || nothing(trace) || nothing(parent);
    (!refused).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    #[test]
    fn a_callers_trace_is_taken_and_anything_else_is_not() {
        let good = format!("00-{TRACE}-b7ad6b7169203331-01");
        assert_eq!(parse(&good), Some(TRACE));
        assert_eq!(parse(&format!("cc-{TRACE}-b7ad6b7169203331-01-later")), Some(TRACE));
        for bad in [
            String::new(),
            good.to_uppercase(),
            format!("{good}-more"),
            good.replace("00-0af", "ff-0af"),
            good.replace(TRACE, &"0".repeat(32)),
            good.replace("b7ad6b7169203331", &"0".repeat(16)),
            good.replace("b7ad", "b7a"),
        ] {
            assert_eq!(parse(&bad), None, "{bad}");
        }
    }

    #[test]
    fn without_one_a_new_trace_begins() {
        let (a, b) = (trace_id(&HeaderMap::new()), trace_id(&HeaderMap::new()));
        assert_eq!((a.len(), b.len()), (32, 32));
        assert_ne!(a, b);
    }
}
