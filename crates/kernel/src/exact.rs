//! Exact decimals for statement rows: an `i128` at 10^-12.
//!
//! Statements carry fractions of a cent. They are read exactly, summed exactly, and rounded
//! once (banker's rounding) where a figure becomes money.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Serialize};

/// Digits after the decimal point.
pub const EXACT_SCALE: u32 = 12;
const ONE: i128 = 1_000_000_000_000;

/// An exact decimal number, unit 10^-12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Exact(pub i128);

/// Why a text is no exact decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExactError {
    /// Nothing there.
    Empty,
    /// A character that does not belong into a number.
    NotANumber,
    /// Non-zero digits beyond 10^-18 (digits 13 to 18 are rounded, banker's) or too large.
    OutOfRange,
}

impl fmt::Display for ExactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::NotANumber => "is not a decimal number",
            Self::OutOfRange => "is out of range (at most 18 digits before the point)",
        })
    }
}

impl std::error::Error for ExactError {}

impl Exact {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// From minor units of a scale of at most 12 (`1240000` at scale 2 is `12400`).
    pub fn from_minor(minor: i64, scale: u32) -> Self {
        Self(i128::from(minor) * 10_i128.pow(EXACT_SCALE.saturating_sub(scale)))
    }

    /// Reads `[+-]digits[.digits][e[+-]n]`. `point` is the decimal separator of the file.
    ///
    /// Digits past the twelfth are rounded once, half to even.
    ///
    /// # Errors
    /// [`ExactError`] says what is wrong with the text.
    pub fn parse(text: &[u8], point: u8) -> Result<Self, ExactError> {
        let mut rest = text.trim_ascii();
        if rest.is_empty() {
            return Err(ExactError::Empty);
        }
        let negative = match rest[0] {
            b'-' => {
                rest = &rest[1..];
                true
            }
            b'+' => {
                rest = &rest[1..];
                false
            }
            _ => false,
        };
        let (mantissa, exponent) = split_exponent(rest)?;
        let magnitude = parse_magnitude(mantissa, point, exponent)?;
        Ok(Self(if negative { -magnitude } else { magnitude }))
    }

    /// Rounds to minor units of `scale` (at most 12), half to even (banker's rounding).
    /// `None` when the figure does not fit an `i64`.
    pub fn to_minor(self, scale: u32) -> Option<i64> {
        let unit = 10_i128.pow(EXACT_SCALE.checked_sub(scale)?);
        i64::try_from(div_half_even(self.0, unit)).ok()
    }

    /// As a float, for the valuation model only.
    pub fn to_f64(self) -> f64 {
        let whole = self.0 / ONE;
        let part = self.0 % ONE;
        float::join(whole, part)
    }

    /// True for negative figures (corrections, voids, refunds).
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

#[expect(clippy::float_arithmetic, reason = "the one bridge into the valuation model")]
mod float {
    pub(super) fn join(whole: i128, part: i128) -> f64 {
        (whole as f64) + (part as f64) / 1e12
    }
}

fn split_exponent(text: &[u8]) -> Result<(&[u8], i32), ExactError> {
    let Some(at) = text.iter().position(|b| matches!(b, b'e' | b'E')) else {
        return Ok((text, 0));
    };
    let exponent = std::str::from_utf8(&text[at + 1..])
        .ok()
        .and_then(|t| t.parse::<i32>().ok())
        .ok_or(ExactError::NotANumber)?;
    Ok((&text[..at], exponent))
}

fn parse_magnitude(mantissa: &[u8], point: u8, exponent: i32) -> Result<i128, ExactError> {
    let mut digits: i128 = 0;
    let mut seen = 0_u32;
    let mut after_point: Option<i32> = None;
    for &b in mantissa {
        if b.is_ascii_digit() {
            digits = digits
                .checked_mul(10)
                .and_then(|d| d.checked_add(i128::from(b - b'0')))
                .ok_or(ExactError::OutOfRange)?;
            seen += 1;
            if let Some(n) = after_point.as_mut() {
                *n += 1;
            }
        } else if b == point && after_point.is_none() {
            after_point = Some(0);
        } else {
            return Err(ExactError::NotANumber);
        }
    }
    if seen == 0 {
        return Err(ExactError::NotANumber);
    }
    if digits == 0 {
        return Ok(0);
    }
    let shift = i32::try_from(EXACT_SCALE).unwrap_or(12) - after_point.unwrap_or(0) + exponent;
    let scaled = match shift {
        0..=30 => digits.checked_mul(10_i128.pow(shift.unsigned_abs())),
        -37..0 => Some(div_half_even(digits, 10_i128.pow(shift.unsigned_abs()))),
        i32::MIN..-37 => Some(0),
        _ => None,
    };
    scaled.filter(|v| *v < 10_i128.pow(30)).ok_or(ExactError::OutOfRange)
}

/// Divides, rounding half to even. `unit` is positive.
pub fn div_half_even(value: i128, unit: i128) -> i128 {
    let quotient = value.div_euclid(unit);
    let twice = value.rem_euclid(unit) * 2;
    match twice.cmp(&unit) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + (quotient & 1),
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let one = ONE.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let fraction = format!("{:012}", magnitude % one);
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() {
            write!(f, "{sign}{}", magnitude / one)
        } else {
            write!(f, "{sign}{}.{fraction}", magnitude / one)
        }
    }
}

impl std::str::FromStr for Exact {
    type Err = ExactError;

    fn from_str(text: &str) -> Result<Self, ExactError> {
        Self::parse(text.as_bytes(), b'.')
    }
}

impl Serialize for Exact {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Add for Exact {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Exact {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Exact {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Exact {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_statements_write() {
        for (text, want) in [
            ("0E-18", "0"),
            ("0.004524440000000000", "0.00452444"),
            (".021330", "0.02133"),
            ("-0.062356", "-0.062356"),
            ("12", "12"),
            ("1.5E2", "150"),
            ("1.9177E+11", "191770000000"),
        ] {
            assert_eq!(text.parse::<Exact>().unwrap().to_string(), want, "{text}");
        }
        assert_eq!(Exact::parse(b"0,020354", b',').unwrap().to_string(), "0.020354");
        for bad in ["", "-", ".", "1.2.3", "abc", "1 2", "NaN", "1e", "0x10"] {
            assert!(bad.parse::<Exact>().is_err(), "{bad}");
        }
    }

    #[test]
    fn rounds_half_to_even_once() {
        for (text, minor) in [
            ("0.005", 0),
            ("0.015", 2),
            ("0.025", 2),
            ("-0.005", 0),
            ("-0.015", -2),
            ("1.0051", 101),
        ] {
            assert_eq!(text.parse::<Exact>().unwrap().to_minor(2), Some(minor), "{text}");
        }
        assert_eq!("999999999999999999".parse::<Exact>().unwrap().to_minor(2), None);
    }
}
