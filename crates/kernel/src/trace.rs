//! Where some work stands in a trace: W3C Trace Context, level 1 (`traceparent`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A trace, and the span of it that caused what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Trace {
    /// The trace.
    pub id: u128,
    /// The span.
    pub span: u64,
    /// Whether it is recorded.
    pub sampled: bool,
}

impl Trace {
    /// The trace's identifier for people: 32 lower-case hexadecimal digits.
    pub fn name(self) -> String {
        format!("{:032x}", self.id)
    }
}

/// The header: `00-{trace}-{span}-{flags}`.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.id, self.span, u8::from(self.sampled))
    }
}

impl From<Trace> for String {
    fn from(trace: Trace) -> Self {
        trace.to_string()
    }
}

impl TryFrom<String> for Trace {
    type Error = NoTrace;

    fn try_from(text: String) -> Result<Self, NoTrace> {
        text.parse()
    }
}

/// It is no `traceparent`; a new trace begins.
#[derive(Debug, PartialEq, Eq)]
pub struct NoTrace;

impl fmt::Display for NoTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("00-{32 hexadecimal digits}-{16}-{2} is wanted")
    }
}

impl FromStr for Trace {
    type Err = NoTrace;

    /// Later versions may say more behind the flags; upper case and zero identifiers are refused.
    fn from_str(text: &str) -> Result<Self, NoTrace> {
        let mut parts = text.trim().split('-');
        let mut part = |digits: usize| {
            let sane = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            parts.next().filter(|p| p.len() == digits && p.bytes().all(sane)).ok_or(NoTrace)
        };
        let (version, id, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        let more = parts.next().is_some();
        if version == "ff" || (version == "00" && more) {
            return Err(NoTrace);
        }
        let id = u128::from_str_radix(id, 16).map_err(|_| NoTrace)?;
        let span = u64::from_str_radix(span, 16).map_err(|_| NoTrace)?;
        let flags = u8::from_str_radix(flags, 16).map_err(|_| NoTrace)?;
        if id == 0 || span == 0 {
            return Err(NoTrace);
        }
        Ok(Self { id, span, sampled: flags & 1 == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_header_is_read_and_written_alike() {
        let trace: Trace = GOOD.parse().unwrap();
        assert_eq!(trace.to_string(), GOOD);
        assert_eq!(trace.name(), "0af7651916cd43dd8448eb211c80319c");
        let not_recorded = GOOD.replace("-01", "-00");
        assert_eq!(not_recorded.parse::<Trace>().unwrap().to_string(), not_recorded);
        let later = GOOD.replace("00-0af", "cc-0af") + "-later";
        assert_eq!(later.parse::<Trace>().unwrap(), trace);
    }

    #[test]
    fn anything_else_is_no_trace() {
        for bad in [
            String::new(),
            GOOD.to_uppercase(),
            format!("{GOOD}-more"),
            GOOD.replace("00-0af", "ff-0af"),
            GOOD.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            GOOD.replace("b7ad6b7169203331", &"0".repeat(16)),
            GOOD.replace("b7ad", "b7a"),
        ] {
            assert_eq!(bad.parse::<Trace>(), Err(NoTrace), "{bad}");
        }
    }
}
