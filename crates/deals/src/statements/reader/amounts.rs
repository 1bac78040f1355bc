//! Amounts of money as statements write them.
//!
//! `1,250.75` says which sign is the decimal one; `2,000` alone does not: it is two thousand or
//! two. Such an amount is held in doubt ([`Mark::UnsureComma`]) until the whole column was seen.

use std::borrow::Cow;

use kernel::exact::ExactError;
use kernel::{Asset, Exact};

use super::digits::{self, ARABIC_POINT};
use super::sides::{self, Side};

/// Why an amount cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AmountError {
    Empty,
    NotANumber,
    OutOfRange,
}

impl AmountError {
    /// Something is written that is no number.
    pub fn is_no_number(self) -> bool {
        self != Self::Empty
    }
}

/// What the writing of an amount says about the decimal sign of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing: `1250`, `1 250`.
    None,
    /// It is a point: `0.5`, `1,250.75`, `1,250,000`.
    Point,
    /// It is a comma: `0,5`, `1.250,75`.
    Comma,
    /// `2.000`: two when it is a point, two thousand when it is a comma.
    UnsurePoint,
    /// `2,000`: two thousand when it is a point, two when it is a comma.
    UnsureComma,
}

/// An amount, read as far as its own writing allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    /// The amount; of the two readings of an unsure one, the small one (a thousandth).
    pub value: Exact,
    pub mark: Mark,
    /// Digits beyond the twelfth after the decimal sign were cut.
    pub cut: bool,
    /// The currency written beside it, where the sign names just one.
    pub currency: Option<Asset>,
    /// The currencies that a sign of several may mean.
    pub family: Option<Family>,
    /// The side of the account that is written beside it; a debit is less than zero.
    pub side: Option<Side>,
}

/// Currencies that share a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// `$`
    Dollars,
    /// `kr`
    Crowns,
    /// `\u{a5}`
    Yen,
    /// `Rs`
    Rupees,
    /// `R`
    Rand,
    /// A currency that the house does not keep.
    Foreign,
}

impl Family {
    /// True when its sign may mean this currency.
    pub fn may_be(self, asset: Asset) -> bool {
        let code = asset.code();
        match self {
            Self::Dollars => {
                code.ends_with('D') || matches!(code, "MXN" | "BRL" | "CLP" | "COP" | "ARS")
            }
            Self::Crowns => matches!(code, "SEK" | "NOK" | "DKK" | "ISK" | "CZK" | "EEK"),
            Self::Yen => matches!(code, "JPY" | "CNY"),
            Self::Rupees => matches!(code, "INR" | "PKR" | "LKR" | "NPR" | "MUR" | "IDR"),
            Self::Rand => matches!(code, "ZAR" | "BRL"),
            Self::Foreign => false,
        }
    }
}

impl Written {
    /// The amount when the column's decimal sign is `point`.
    pub fn under(self, point: u8) -> Exact {
        match self.mark {
            Mark::UnsurePoint if point != b'.' => thousandfold(self.value),
            Mark::UnsureComma if point != b',' => thousandfold(self.value),
            _ => self.value,
        }
    }
}

/// The large reading of an unsure amount.
pub(super) fn thousandfold(small: Exact) -> Exact {
    Exact(small.0.saturating_mul(1000))
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

/// Reads a plain amount (digits, at most one decimal sign `point`), which nearly every row
/// has; `None` sends it to [`written`].
#[inline]
pub(super) fn plain(text: &[u8], point: u8) -> Option<Exact> {
    // Digits with at most 12 after the point and 18 in all fit an i64.
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 19 {
        return None;
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
                return None;
            }
        } else if b == point && !after_point {
            after_point = true;
        } else {
            return None;
        }
    }
    if count == 0 || fraction > 12 {
        return None;
    }
    let exact = i128::from(value) * i128::from(POW10[12 - fraction]);
    Some(Exact(if negative { -exact } else { exact }))
}

/// Reads an amount of a column whose decimal sign is known to be `point`. One that is plainly
/// written with the other sign is no number here.
pub(super) fn amount(text: &[u8], point: u8) -> Result<Exact, AmountError> {
    if let Some(exact) = plain(text, point) {
        return Ok(exact);
    }
    let written = written(text)?;
    match written.mark {
        Mark::Comma if point != b',' => Err(AmountError::NotANumber),
        Mark::Point if point != b'.' => Err(AmountError::NotANumber),
        _ => Ok(written.under(point)),
    }
}

/// Reads an amount in any dress: currency before or after, a sign of any shape before or
/// behind, brackets, thousands separated by points, commas, apostrophes or blanks.
#[cold]
pub(super) fn written(text: &[u8]) -> Result<Written, AmountError> {
    let decoded = decode(text);
    let bare = decoded.trim_matches(is_blank);
    // A lone stroke, also beside a currency, is how accounts write nothing.
    let nothing = |c: char| is_blank(c) || is_minus(c) || "$€£¥".contains(c);
    if bare.chars().all(nothing) {
        return Err(AmountError::Empty);
    }
    let dress = Dress::of(bare).ok_or(AmountError::NotANumber)?;
    let (digits, mark) = plain_digits(dress.core).ok_or(AmountError::NotANumber)?;
    let mark = if dress.core.contains(ARABIC_POINT) { Mark::None } else { mark };
    let value = Exact::parse(digits.as_bytes(), b'.').map_err(|e| match e {
        ExactError::OutOfRange => AmountError::OutOfRange,
        ExactError::Empty | ExactError::NotANumber => AmountError::NotANumber,
    })?;
    Ok(Written {
        value: if dress.negative { -value } else { value },
        mark,
        cut: is_cut(&digits),
        currency: dress.currency,
        family: dress.family,
        side: dress.side,
    })
}

/// The number in a text that is no amount (`4700.OO`, `94 000 (est.)`), as far as there is one:
/// only to say what is at stake.
pub(super) fn rough(text: &[u8]) -> Option<Exact> {
    let decoded = decode(text);
    let part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let runs = decoded.split(|c| !part(c)).map(|r| r.trim_matches(['.', ',']));
    let longest = runs.max_by_key(|r| r.len()).filter(|r| !r.is_empty())?;
    written(longest.as_bytes()).ok().map(|w| w.under(b'.'))
}

/// True when `text` says of itself that it is negative, whether it can be read or not.
pub(super) fn looks_negative(text: &[u8]) -> bool {
    let decoded = decode(text);
    if !decoded.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let bare = decoded.trim_matches(|c| is_blank(c) || c.is_alphabetic() || "$€£¥".contains(c));
    bare.starts_with('(') || bare.starts_with(is_minus) || bare.ends_with(is_minus)
}

fn decode(text: &[u8]) -> Cow<'_, str> {
    digits::plain(match std::str::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode(text).0,
    })
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Every stroke that people and programs use for a minus.
pub(super) fn is_minus(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2212}'
            | '\u{2010}'
            | '\u{2011}'
            | '\u{2012}'
            | '\u{2013}'
            | '\u{2014}'
            | '\u{fe63}'
            | '\u{ff0d}'
    )
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '`' | '\u{b4}')
}

/// What stands around the digits.
struct Dress<'a> {
    core: &'a str,
    negative: bool,
    currency: Option<Asset>,
    family: Option<Family>,
    side: Option<Side>,
}

impl<'a> Dress<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let starts = |(at, c): (usize, char)| {
            c.is_ascii_digit()
                || (matches!(c, '.' | ',' | ARABIC_POINT)
                    && text[at + 1..].starts_with(|n: char| n.is_ascii_digit()))
        };
        let from = text.char_indices().find(|pair| starts(*pair))?.0;
        let to = text.rfind(|c: char| c.is_ascii_digit())? + 1;
        let (core, tail) = text.split_at(to);
        let core = &core[from..];
        let mut seen = Around::default();
        seen.read(&text[..from], true)?;
        // `12.-` and `12,-` are whole amounts, not negative ones.
        let tail = tail.trim_start_matches(is_blank);
        let whole = |t: &'a str| t.strip_prefix(['.', ','])?.strip_prefix(is_minus);
        seen.read(whole(tail).or_else(|| tail.strip_prefix(['.', ','])).unwrap_or(tail), false)?;
        if seen.open != seen.closed || (seen.open && seen.minus) {
            return None;
        }
        let (currency, family) = (seen.currency, seen.family.filter(|_| seen.currency.is_none()));
        let negative = seen.minus || seen.open;
        // A credit below zero says two things.
        if negative && seen.side == Some(Side::Credit) {
            return None;
        }
        let negative = negative || seen.side == Some(Side::Debit);
        Some(Self { core, negative, currency, family, side: seen.side })
    }
}

#[derive(Default)]
struct Around {
    minus: bool,
    plus: bool,
    open: bool,
    closed: bool,
    currency: Option<Asset>,
    family: Option<Family>,
    side: Option<Side>,
}

impl Around {
    /// Takes in what stands before or behind the digits; `None` when it does not belong there.
    fn read(&mut self, text: &str, before: bool) -> Option<()> {
        let mut word = String::new();
        for c in text.chars().chain([' ']) {
            if is_minus(c) || c == '+' || c == '(' || c == ')' || is_blank(c) {
                self.word(&std::mem::take(&mut word), before)?;
            }
            match c {
                '+' if !self.plus && !self.minus => self.plus = true,
                '(' if before && !self.open => self.open = true,
                ')' if !before && !self.closed => self.closed = true,
                c if is_minus(c) && !self.minus && !self.plus => self.minus = true,
                c if is_blank(c) => {}
                '+' | '(' | ')' => return None,
                c if is_minus(c) => return None,
                c => word.push(c),
            }
        }
        Some(())
    }

    fn word(&mut self, word: &str, before: bool) -> Option<()> {
        if word.is_empty() {
            return Some(());
        }
        if let Some(side) = sides::of_word(word, before) {
            return self.side.replace(side).is_none().then_some(());
        }
        let known = currency_sign(word)?;
        if let (Some(before), Some(now)) = (self.currency, known.0)
            && before != now
        {
            return None;
        }
        self.currency = self.currency.or(known.0);
        self.family = self.family.or(known.1);
        Some(())
    }
}

/// Currency signs and the code they stand for.
#[rustfmt::skip]
const SIGNS: &[(&str, &str)] = &[
    ("us$", "USD"), ("usd$", "USD"), ("$us", "USD"), ("u$s", "USD"), ("ca$", "CAD"), ("c$", "CAD"),
    ("cad$", "CAD"), ("can$", "CAD"), ("a$", "AUD"), ("au$", "AUD"), ("aud$", "AUD"),
    ("nz$", "NZD"), ("s$", "SGD"), ("sg$", "SGD"), ("mx$", "MXN"), ("mex$", "MXN"), ("r$", "BRL"),
    ("\u{20ac}", "EUR"), ("euro", "EUR"), ("euros", "EUR"), ("\u{a3}", "GBP"), ("gb\u{a3}", "GBP"),
    ("jp\u{a5}", "JPY"), ("\u{20a9}", "KRW"), ("\u{20b9}", "INR"), ("z\u{142}", "PLN"),
    ("k\u{10d}", "CZK"), ("ft", "HUF"), ("fr", "CHF"), ("fr.", "CHF"), ("sfr", "CHF"),
    ("sfr.", "CHF"), ("hk$", "HKD"), ("nt$", "TWD"), ("\u{20ba}", "TRY"), ("\u{20bd}", "RUB"),
    ("\u{5186}", "JPY"), ("\u{c6d0}", "KRW"), ("\u{5143}", "CNY"),
];

/// Signs that several currencies share.
#[rustfmt::skip]
const SHARED: &[(&str, Family)] = &[
    ("$", Family::Dollars), ("kr", Family::Crowns), ("kr.", Family::Crowns), (":-", Family::Crowns),
    ("\u{a5}", Family::Yen), ("rs", Family::Rupees), ("rs.", Family::Rupees), ("r", Family::Rand),
];

/// What a word beside an amount says: `None` when it is no currency; else the currency, or
/// those that it may be.
fn currency_sign(word: &str) -> Option<(Option<Asset>, Option<Family>)> {
    let lower = word.to_lowercase();
    if let Some((_, family)) = SHARED.iter().find(|(sign, _)| *sign == lower) {
        return Some((None, Some(*family)));
    }
    let kept = |code: &str| match code.parse() {
        Ok(asset) => (Some(asset), None),
        Err(_) => (None, Some(Family::Foreign)),
    };
    if let Some((_, code)) = SIGNS.iter().find(|(sign, _)| *sign == lower) {
        return Some(kept(code));
    }
    if let Ok(asset) = word.parse::<Asset>() {
        return Some((Some(asset), None));
    }
    let signs = |c| "$\u{20ac}\u{a3}\u{a5}".contains(c);
    let bare = word.trim_matches(signs);
    let code = bare.len() == 3 && bare.bytes().all(|b| b.is_ascii_alphabetic());
    // `10 net` is no amount in a currency called so.
    let stands = bare.len() < word.len() || bare.bytes().all(|b| b.is_ascii_uppercase());
    (code && stands).then(|| kept(&bare.to_uppercase()))
}

/// The digits with a point as decimal sign and no thousands, and what the writing says.
fn plain_digits(core: &str) -> Option<(String, Mark)> {
    let (mantissa, exponent) = match core.find(['e', 'E']) {
        Some(at) => (&core[..at], &core[at..]),
        None => (core, ""),
    };
    let mut groups: Vec<String> = vec![String::new()];
    let mut separators: Vec<char> = Vec::new();
    for c in mantissa.chars() {
        let kind = match c {
            '0'..='9' => {
                groups.last_mut()?.push(c);
                continue;
            }
            '.' | ',' => c,
            ARABIC_POINT => '.',
            c if is_apostrophe(c) || is_blank(c) => ' ',
            _ => return None,
        };
        separators.push(kind);
        groups.push(String::new());
    }
    let (digits, mark) = put_together(&groups, &separators)?;
    Some((digits + exponent, mark))
}

fn put_together(groups: &[String], separators: &[char]) -> Option<(String, Mark)> {
    let count = |kind: char| separators.iter().filter(|s| **s == kind).count();
    let (points, commas) = (count('.'), count(','));
    let Some(last) = separators.last().copied().filter(|s| *s != ' ') else {
        // Only apostrophes and blanks, which are never the decimal sign, or nothing at all.
        let whole = points + commas == 0 && (separators.is_empty() || grouped(groups));
        return whole.then(|| (groups.concat(), Mark::None));
    };
    let of = |point: Mark, comma: Mark| if last == '.' { point } else { comma };
    let (whole, fraction) = groups.split_at(groups.len() - 1);
    let decimal = |mark: Mark| (format!("{}.{}", whole.concat(), fraction[0]), mark);
    let times = if last == '.' { points } else { commas };
    match (times, separators.len()) {
        (1, 1) => {
            let (before, after) = (&whole[0], &fraction[0]);
            let unsure =
                after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
            let mark = if unsure {
                of(Mark::UnsurePoint, Mark::UnsureComma)
            } else {
                of(Mark::Point, Mark::Comma)
            };
            Some(decimal(mark))
        }
        // Another sign groups the thousands, so the last one is decimal.
        (1, _) => {
            let grouping = separators[0];
            let pure = separators[..separators.len() - 1].iter().all(|s| *s == grouping);
            (pure && grouped(whole)).then(|| decimal(of(Mark::Point, Mark::Comma)))
        }
        // The same sign several times groups thousands; the decimal one is the other.
        (n, all) if n == all && grouped(groups) => {
            Some((groups.concat(), of(Mark::Comma, Mark::Point)))
        }
        _ => None,
    }
}

/// Thousands stand where they belong, also as India groups them: `1,00,000`.
fn grouped(groups: &[String]) -> bool {
    let [first, rest @ ..] = groups else { return false };
    let thousands = (1..=3).contains(&first.len()) && rest.iter().all(|g| g.len() == 3);
    let lakhs = rest.split_last().is_some_and(|(last, between)| {
        (1..=2).contains(&first.len())
            && last.len() == 3
            && !between.is_empty()
            && between.iter().all(|g| g.len() == 2)
    });
    thousands || lakhs
}

/// More digits than the twelve that are kept.
fn is_cut(digits: &str) -> bool {
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let fraction = mantissa.split_once('.').map_or("", |(_, f)| f).trim_end_matches('0');
    let last = mantissa.trim_end_matches('0');
    let exponent: i64 = exponent.parse().unwrap_or(0);
    if last.bytes().all(|b| matches!(b, b'0' | b'.')) {
        return false;
    }
    let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    places.saturating_sub(exponent) > 12
}
