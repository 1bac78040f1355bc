//! Money and quantities: a scaled `i64` and the asset it counts.
//!
//! The scale is fixed per asset (EUR 2, JPY 0). On the wire: `{"amount":"12400.00",
//! "currency":"EUR"}`. Arithmetic is checked; mixing assets is an error, never a conversion.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::exact::Exact;

/// The currencies the house keeps accounts in, with the digits after their point
/// (ISO 4217 exponents).
const ASSETS: &[(&str, u32)] = &[
    ("AUD", 2),
    ("BRL", 2),
    ("CAD", 2),
    ("CHF", 2),
    ("CZK", 2),
    ("DKK", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("HUF", 2),
    ("INR", 2),
    ("JPY", 0),
    ("KRW", 0),
    ("MXN", 2),
    ("NOK", 2),
    ("NZD", 2),
    ("PLN", 2),
    ("SEK", 2),
    ("SGD", 2),
    ("USD", 2),
    ("ZAR", 2),
];

/// What an amount counts: a currency of the house.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asset {
    index: u8,
}

impl Asset {
    /// Code, upper case: `EUR`.
    pub fn code(self) -> &'static str {
        ASSETS[usize::from(self.index)].0
    }

    /// Digits after the decimal point.
    pub fn scale(self) -> u32 {
        ASSETS[usize::from(self.index)].1
    }

    /// Every asset the house knows.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ASSETS.len()).map(|i| Self { index: u8::try_from(i).unwrap_or(0) })
    }
}

impl FromStr for Asset {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let code = text.trim().to_ascii_uppercase();
        let index = ASSETS.iter().position(|(c, _)| *c == code).ok_or_else(|| {
            let allowed: Vec<&str> = ASSETS.iter().map(|(c, _)| *c).collect();
            let shown: String = text.chars().take(12).collect();
            Error::invalid("currency", format!("'{shown}' is not a currency of this house"))
                .with("allowed", allowed)
        })?;
        Ok(Self { index: u8::try_from(index).unwrap_or(0) })
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Asset {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Asset {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units of its asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units (cents for EUR).
    pub minor: i64,
    /// What is counted.
    pub asset: Asset,
}

impl Money {
    /// The largest amount that any door of the house lets in, minor units: far above every real
    /// one, so far below an `i64` that no sum of them comes near its end.
    pub const MOST: i64 = 1_000_000_000_000_000;

    /// The amount, when a door may let it in: above zero, at most [`Money::MOST`].
    ///
    /// # Errors
    /// `Invalid` naming `field`.
    pub fn checked(self, field: &str) -> Result<Self, Error> {
        if (1..=Self::MOST).contains(&self.minor) {
            return Ok(self);
        }
        let most = Self::new(Self::MOST, self.asset);
        Err(Error::invalid(field, format!("{self} is not allowed: above zero, at most {most}")))
    }

    /// `minor` units of `asset`.
    pub const fn new(minor: i64, asset: Asset) -> Self {
        Self { minor, asset }
    }

    /// Nothing, in `asset`.
    pub const fn zero(asset: Asset) -> Self {
        Self { minor: 0, asset }
    }

    /// Reads an exact decimal amount: digits, at most one point between them, a minus before
    /// them. More digits than the asset has is an error, never rounded.
    ///
    /// # Errors
    /// `Invalid` naming the field `amount`.
    pub fn parse(amount: &str, asset: Asset) -> Result<Self, Error> {
        let wrong = |why: String| {
            let shown: String = amount.chars().take(40).collect();
            Error::invalid("amount", format!("'{shown}' {why}"))
        };
        if !is_plain(amount) {
            return Err(wrong("is not an amount: digits, with a point between them if any".into()));
        }
        let exact: Exact = amount.parse().map_err(|e| wrong(format!("{e}")))?;
        let minor = exact.to_minor(asset.scale()).ok_or_else(|| wrong("is too large".into()))?;
        if Exact::from_minor(minor, asset.scale()) != exact {
            return Err(wrong(format!(
                "has more than the {} digits after the point that {asset} has",
                asset.scale()
            )));
        }
        Ok(Self { minor, asset })
    }

    /// The amount as exact decimal text: `12400.00`.
    pub fn amount_text(self) -> String {
        let scale = self.asset.scale();
        let sign = if self.minor < 0 { "-" } else { "" };
        let magnitude = self.minor.unsigned_abs();
        if scale == 0 {
            return format!("{sign}{magnitude}");
        }
        let unit = 10_u64.pow(scale);
        let width = scale as usize;
        format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)
    }
}

impl fmt::Display for Money {
    /// For people: `EUR 12,400.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.amount_text();
        let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |d| ("-", d));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut grouped = String::new();
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(c);
        }
        write!(f, "{} {sign}{grouped}", self.asset)?;
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}

/// Written in the one way that programs write amounts: no exponent, no plus, no spaces.
fn is_plain(amount: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let amount = amount.strip_prefix('-').unwrap_or(amount);
    match amount.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(amount),
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    amount: String,
    currency: Asset,
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Wire { amount: self.amount_text(), currency: self.asset }.serialize(s)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(d)?;
        Self::parse(&wire.amount, wire.currency).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact_on_the_wire() {
        let m: Money = serde_json::from_str(r#"{"amount":"12400.5","currency":"EUR"}"#).unwrap();
        assert_eq!(m.minor, 1_240_050);
        assert_eq!(m.to_string(), "EUR 12,400.50");
        assert_eq!(serde_json::to_string(&m).unwrap(), r#"{"amount":"12400.50","currency":"EUR"}"#);
        let yen = Money::new(-1_234_567, "JPY".parse().unwrap());
        assert_eq!(yen.to_string(), "JPY -1,234,567");
    }

    #[test]
    fn refuses_what_would_have_to_be_rounded() {
        let eur: Asset = "EUR".parse().unwrap();
        assert!(Money::parse("1.005", eur).is_err());
        assert!(Money::parse("1000000000000000000000", eur).is_err());
        assert!("XXX".parse::<Asset>().is_err());
    }

    #[test]
    fn an_amount_is_written_in_one_way() {
        let eur: Asset = "EUR".parse().unwrap();
        for odd in ["1e3", "+1", ".5", "1.", " 1.00", "1.00 ", "", "-", "1,000", "0x1", "١", "--1"]
        {
            let e = Money::parse(odd, eur).unwrap_err();
            assert_eq!(e.details.unwrap()["field"], "amount", "{odd:?}");
        }
        for (plain, minor) in [("1", 100), ("-0.5", -50), ("0001.00", 100), ("0", 0)] {
            assert_eq!(Money::parse(plain, eur).unwrap().minor, minor, "{plain}");
        }
    }
}
