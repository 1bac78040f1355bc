//! From the bytes of one field to a count, an identifier, a text.

use kernel::Exact;

use super::{amounts, privacy};

/// Reads a count of streams or sales: whole numbers, also written `12.0`.
#[inline]
pub(super) fn units(text: &[u8], point: u8) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return units_slow(text, point);
    }
    let value = digits.iter().fold(0_i64, |v, b| v * 10 + i64::from(b - b'0'));
    Some(if negative { -value } else { value })
}

#[cold]
fn units_slow(text: &[u8], point: u8) -> Option<i64> {
    if text.trim_ascii().is_empty() {
        return Some(0);
    }
    // A count with thousands separators is not ambiguous: there are no half streams.
    let plain: Vec<u8> = text
        .trim_ascii()
        .iter()
        .copied()
        .filter(|b| !matches!((*b, point), (b',', b'.') | (b'.', b',') | (b' ', _)))
        .collect();
    let exact = Exact::parse(&plain, point).ok();
    exact.or_else(|| Some(amounts::written(text).ok()?.under(point)))?.to_minor(0)
}

/// True for an identifier that a spreadsheet turned into a number: `1,9177E+11`.
#[inline]
pub(super) fn is_damaged_id(text: &[u8]) -> bool {
    // Looked at for every row, so the cheap question first: a plus before one to three digits.
    let n = text.len();
    n >= 4 && (2..=4).any(|back| text[n - back] == b'+') && is_scientific(text)
}

#[cold]
fn is_scientific(text: &[u8]) -> bool {
    let Some(at) = text.iter().position(|b| *b == b'+') else { return false };
    let (head, tail) = text.split_at(at);
    let Some((last, mantissa)) = head.split_last() else { return false };
    matches!(*last, b'E' | b'e')
        && !mantissa.is_empty()
        && mantissa.iter().all(|b| b.is_ascii_digit() || matches!(*b, b'.' | b','))
        && tail.len() > 1
        && tail[1..].iter().all(u8::is_ascii_digit)
}

/// Text of a field for people and tables: decoded, trimmed, without control characters and
/// contacts of people, at most 300 characters. The flag says that the bytes were not UTF-8.
pub(super) fn text(raw: &[u8]) -> (String, bool) {
    let (decoded, foreign) = match std::str::from_utf8(raw) {
        Ok(text) => (std::borrow::Cow::Borrowed(text), false),
        Err(_) => (encoding_rs::WINDOWS_1252.decode(raw).0, true),
    };
    let clean: String =
        decoded.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    (privacy::without_contacts(clean), foreign)
}
