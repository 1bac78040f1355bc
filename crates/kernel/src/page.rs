//! Pages of lists: an opaque cursor, a limit of 50 (at most 250).

use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind};

/// Rows when nothing is asked.
pub const DEFAULT_LIMIT: u32 = 50;
/// Rows at most.
pub const MAX_LIMIT: u32 = 250;

/// One page of a list, as it goes over the wire.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Hand this back to go on; absent on the last page.
    pub next: Option<String>,
    /// True when there is another page.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// Cuts `rows`, which were read with `limit + 1`, to a page; `key` names a row's place.
    pub fn cut(mut rows: Vec<T>, limit: u32, key: impl Fn(&T) -> Cursor) -> Self {
        let limit = limit as usize;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = if has_more { rows.last().map(|r| key(r).encode()) } else { None };
        Self { data: rows, next, has_more }
    }

    /// The same page with other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            data: self.data.into_iter().map(f).collect(),
            next: self.next,
            has_more: self.has_more,
        }
    }
}

/// A place in a sorted list: the sort value and the id that breaks ties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The sort column's value, as text.
    pub value: String,
    /// The id of the last row seen.
    pub id: String,
}

impl Cursor {
    /// Opaque text for the wire (hexadecimal, so that it needs no escaping).
    pub fn encode(&self) -> String {
        format!("{}\u{1f}{}", self.id, self.value).bytes().map(|b| format!("{b:02x}")).collect()
    }

    /// Reads what [`Cursor::encode`] wrote.
    ///
    /// # Errors
    /// `Malformed` (`invalid_cursor`) for anything else.
    pub fn decode(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::new(Kind::Malformed, "invalid_cursor", "cursor is not one this house gave out")
                .with("field", "cursor")
        };
        let digits = text.as_bytes();
        if !digits.len().is_multiple_of(2) || digits.len() > 2_048 {
            return Err(wrong());
        }
        let mut bytes = Vec::with_capacity(digits.len() / 2);
        for pair in digits.chunks_exact(2) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            bytes.push(u8::from_str_radix(pair, 16).map_err(|_| wrong())?);
        }
        let plain = String::from_utf8(bytes).map_err(|_| wrong())?;
        if plain.contains('\0') {
            return Err(wrong());
        }
        let (id, value) = plain.split_once('\u{1f}').ok_or_else(wrong)?;
        Ok(Self { value: value.into(), id: id.into() })
    }
}

/// Checks a `limit` from the wire.
///
/// # Errors
/// `Invalid` naming the field when it is not 1 to 250.
pub fn checked_limit(limit: Option<u32>) -> Result<u32, Error> {
    match limit {
        None => Ok(DEFAULT_LIMIT),
        Some(n) if (1..=MAX_LIMIT).contains(&n) => Ok(n),
        Some(n) => Err(Error::invalid("limit", format!("{n} is not allowed: 1 to {MAX_LIMIT}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_survives_the_wire_and_refuses_noise() {
        let c = Cursor { value: "2026-01-01 é".into(), id: "x".into() };
        assert_eq!(Cursor::decode(&c.encode()).unwrap(), c);
        for bad in ["zz", "abc", "00", ""] {
            assert!(Cursor::decode(bad).is_err(), "{bad}");
        }
    }
}
