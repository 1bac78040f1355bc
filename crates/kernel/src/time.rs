//! Time: microseconds in UTC inside, RFC 3339 on the wire, calendar months for statements.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This moment plus `ms` milliseconds (saturating).
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1_000)))
    }

    /// This moment plus `days` days of 24 hours (saturating).
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_ms(days.saturating_mul(86_400_000))
    }

    /// The calendar month (UTC) this moment lies in.
    pub fn month(self) -> Month {
        let date = self.zoned().date();
        Month::new(i32::from(date.year()), u32::from(date.month().unsigned_abs()))
    }

    fn zoned(self) -> jiff::Zoned {
        jiff::Timestamp::from_microsecond(self.0)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(jiff::tz::TimeZone::UTC)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(t) => write!(f, "{t}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse::<jiff::Timestamp>()
            .map(|t| Self(t.as_microsecond()))
            .map_err(|e| Error::invalid("time", format!("'{text}' is not an RFC 3339 time: {e}")))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A calendar month: months since year 0, January. Written `2024-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month of `year` with `month` 1 to 12 (clamped).
    pub fn new(year: i32, month: u32) -> Self {
        let m = month.clamp(1, 12);
        Self(year * 12 + i32::try_from(m).unwrap_or(1) - 1)
    }

    /// From the number kept in tables (months since year 0).
    pub const fn from_index(index: i32) -> Self {
        Self(index)
    }

    /// The number kept in tables.
    pub const fn index(self) -> i32 {
        self.0
    }

    /// Calendar year.
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// Calendar month, 1 to 12.
    pub const fn month(self) -> u32 {
        self.0.rem_euclid(12).unsigned_abs() + 1
    }

    /// The month `n` months later (earlier when negative).
    #[must_use]
    pub const fn plus(self, n: i32) -> Self {
        Self(self.0 + n)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::invalid("month", format!("'{text}' is not a month like 2024-03"));
        let (y, m) = text.split_once('-').ok_or_else(wrong)?;
        let year: i32 = y.parse().map_err(|_| wrong())?;
        let month: u32 = m.parse().map_err(|_| wrong())?;
        if !(1..=12).contains(&month) || !(1900..=2200).contains(&year) {
            return Err(wrong());
        }
        Ok(Self::new(year, month))
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where "now" comes from. Only `platform` implements it; simulations hand in their own.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn month_walks_over_the_year_and_back() {
        let m: Month = "2023-11".parse().unwrap();
        assert_eq!(m.plus(3).to_string(), "2024-02");
        assert_eq!(m.plus(-11).to_string(), "2022-12");
        assert!("2023-13".parse::<Month>().is_err());
    }

    #[test]
    fn timestamp_round_trips_on_the_wire() {
        let t: Timestamp = "2026-11-21T03:00:00.123456Z".parse().unwrap();
        assert_eq!(t.to_string(), "2026-11-21T03:00:00.123456Z");
        assert_eq!(t.month().to_string(), "2026-11");
    }
}
