//! From the bytes of one field to a month, an exact amount, a count.

use kernel::exact::ExactError;
use kernel::{Exact, Month};

use super::types::DateOrder;

/// Why an amount cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AmountError {
    Empty,
    /// `1,234`: a thousand or a fraction? Guessing would be wrong by a factor of 1000.
    Ambiguous,
    NotANumber,
    OutOfRange,
}

const POW10: [i64; 13] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
    10_000_000_000,
    100_000_000_000,
    1_000_000_000_000,
];

/// Reads an amount exactly. `point` is the file's decimal separator.
#[inline]
pub(super) fn amount(text: &[u8], point: u8) -> Result<Exact, AmountError> {
    // Plain digits with at most 12 after the point and 18 in all fit an i64: nearly every row.
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 19 {
        return amount_slow(text, point);
    }
    let mut value: i64 = 0;
    let mut count = 0_usize;
    let mut fraction = 0_usize;
    let mut after_point = false;
    for &b in digits {
        let digit = b.wrapping_sub(b'0');
        if digit < 10 {
            value = value * 10 + i64::from(digit);
            count += 1;
            fraction += usize::from(after_point);
            if count > 18 {
                return amount_slow(text, point);
            }
        } else if b == point && !after_point {
            after_point = true;
        } else {
            return amount_slow(text, point);
        }
    }
    if count == 0 || fraction > 12 {
        return amount_slow(text, point);
    }
    let exact = i128::from(value) * i128::from(POW10[12 - fraction]);
    Ok(Exact(if negative { -exact } else { exact }))
}

#[cold]
fn amount_slow(text: &[u8], point: u8) -> Result<Exact, AmountError> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Err(AmountError::Empty);
    }
    match Exact::parse(text, point) {
        Ok(value) => Ok(value),
        Err(ExactError::OutOfRange) => Err(AmountError::OutOfRange),
        Err(_) => amount_dressed(text, point),
    }
}

/// `$1,234.56`, `1.234,56 €`, `(12.30)`.
fn amount_dressed(text: &[u8], point: u8) -> Result<Exact, AmountError> {
    let text = std::str::from_utf8(text).map_err(|_| AmountError::NotANumber)?;
    let bare = text.trim_matches(|c: char| c.is_whitespace() || "$€£¥".contains(c));
    let (negative, bare) = match bare.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (true, inner),
        None => match bare.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, bare),
        },
    };
    let bare = bare.trim_matches(|c: char| c.is_whitespace() || "$€£¥".contains(c));
    let group = if point == b'.' { ',' } else { '.' };
    let (whole, fraction) = match bare.split_once(char::from(point)) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (bare, None),
    };
    let plain = ungrouped(whole, group).ok_or(AmountError::NotANumber)?;
    if plain.is_empty() && fraction.is_none() {
        return Err(AmountError::NotANumber);
    }
    if plain.len() != whole.len() && fraction.is_none() {
        return Err(AmountError::Ambiguous);
    }
    let fraction = fraction.unwrap_or("0");
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AmountError::NotANumber);
    }
    let sign = if negative { "-" } else { "" };
    let joined = format!("{sign}{plain}.{fraction}");
    Exact::parse(joined.as_bytes(), b'.').map_err(|e| match e {
        ExactError::OutOfRange => AmountError::OutOfRange,
        _ => AmountError::NotANumber,
    })
}

/// Removes thousands separators when they stand where they belong.
fn ungrouped(whole: &str, group: char) -> Option<String> {
    let mut parts = whole.split([group, '\u{a0}', '\u{202f}', ' ']);
    let first = parts.next()?;
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if !digits(first) {
        return None;
    }
    let mut out = first.to_owned();
    for part in parts {
        if part.len() != 3 || !digits(part) || first.is_empty() || first.len() > 3 {
            return None;
        }
        out.push_str(part);
    }
    Some(out)
}

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
    Exact::parse(&plain, point).ok()?.to_minor(0)
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads the month out of what statements write for a date or a period.
///
/// `2024-03`, `2024-03-15T10:00:00Z`, `2024/3/1`, `202403`, `2017M10`, `10/15/2023 12:00 AM`,
/// `15.10.2023`, `10/2023`, `March 2024`, `JUN-25`, `Jul - 2017`. `order` decides between
/// month and day when both are numbers.
pub(super) fn month(text: &[u8], order: DateOrder) -> Option<Month> {
    let text = std::str::from_utf8(text).ok()?.trim();
    if text.len() > 40 {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let mut numbers: Vec<(u32, usize)> = Vec::new();
    let mut named: Option<u32> = None;
    // The time of day behind a date does not matter.
    let head = lower.split_once(':').map_or(lower.as_str(), |(before, _)| {
        before.rsplit_once([' ', 't']).map_or(before, |(date, _)| date)
    });
    for word in head.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
        if word.bytes().all(|b| b.is_ascii_digit()) {
            numbers.push((word.parse().ok()?, word.len()));
        } else if let Some((year, month)) =
            word.split_once('m').filter(|(y, m)| is_year(y) && !m.is_empty())
        {
            numbers.push((year.parse().ok()?, 4));
            numbers.push((month.parse().ok()?, month.len()));
        } else if word.bytes().all(|b| b.is_ascii_alphabetic()) && word.len() >= 3 {
            named = Some(month_named(word)?);
        } else {
            return None;
        }
    }
    let (year, month) = match (named, numbers.as_slice()) {
        (Some(m), [(y, width)]) if *width != 3 => (year_of(*y, *width)?, m),
        // `15 March 2024`, `March 15, 2024`
        (Some(m), [.., (y, 4)]) if numbers.len() == 2 => (*y, m),
        (None, [(joined, 6)]) => (joined / 100, joined % 100),
        (None, [(joined, 8)]) => (joined / 10_000, joined / 100 % 100),
        (None, [(y, 4), (m, _)] | [(m, _), (y, 4)]) => (*y, *m),
        (None, [(y, 4), (m, _), (d, _)]) if *d <= 31 => (*y, *m),
        (None, [(a, _), (b, _), (y, width)]) => {
            let (m, d) = if order == DateOrder::Dmy { (*b, *a) } else { (*a, *b) };
            if !(1..=31).contains(&d) {
                return None;
            }
            (year_of(*y, *width)?, m)
        }
        _ => return None,
    };
    if !(1..=12).contains(&month) || !(1950..=2199).contains(&year) {
        return None;
    }
    Some(Month::new(i32::try_from(year).ok()?, month))
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())
}

fn year_of(number: u32, width: usize) -> Option<u32> {
    match width {
        2 => Some(if number < 70 { 2000 + number } else { 1900 + number }),
        4 => Some(number),
        _ => None,
    }
}

fn month_named(word: &str) -> Option<u32> {
    const FULL: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = MONTHS.iter().position(|m| word.starts_with(m))?;
    if FULL[at].starts_with(word) || word == "sept" { u32::try_from(at + 1).ok() } else { None }
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

/// Text of a field for people and tables: decoded, trimmed, without control characters, at
/// most 300 characters. The flag says that the bytes were not UTF-8.
pub(super) fn text(raw: &[u8]) -> (String, bool) {
    let (decoded, foreign) = match std::str::from_utf8(raw) {
        Ok(text) => (std::borrow::Cow::Borrowed(text), false),
        Err(_) => (encoding_rs::WINDOWS_1252.decode(raw).0, true),
    };
    let clean: String =
        decoded.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    (clean, foreign)
}
