//! Dates and periods as statements write them.
//!
//! `01/04/2023` is the first of April or the fourth of January. Both readings are kept
//! ([`Readings`]); the calendar of the whole file decides between them or asks.

use kernel::Month;

use super::amounts::is_minus;
use super::month_names::{folded, is_filler, is_until, month_named, part_of_year};
use super::types::DateOrder;

/// Years that a date may name at all.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2199;
/// The year that programs write for "never".
const NEVER: u32 = 9999;
/// Days since the end of 1899 that a spreadsheet's number stands for: 1990 to 2099.
const SERIALS: std::ops::RangeInclusive<u32> = 32_874..=73_050;
/// Months that one row may cover at most.
pub(super) const LONGEST: i32 = 120;

/// First and last month of what a row was earned in; mostly the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Span {
    pub from: Month,
    pub to: Month,
}

impl Span {
    fn one(month: Month) -> Self {
        Self { from: month, to: month }
    }

    fn between(from: Month, to: Month) -> Option<Self> {
        let length = to.index() - from.index();
        (0..LONGEST).contains(&length).then_some(Self { from, to })
    }

    /// Number of months.
    pub fn months(self) -> i32 {
        self.to.index() - self.from.index() + 1
    }
}

/// What a text means under each order of day, month and year: all the same for most texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Readings([Option<Span>; 3]);

impl Readings {
    fn same(span: Span) -> Self {
        Self([Some(span); 3])
    }

    fn of(ymd: Option<Month>, mdy: Option<Month>, dmy: Option<Month>) -> Option<Self> {
        let all = [ymd, mdy, dmy].map(|m| m.map(Span::one));
        all.iter().any(Option::is_some).then_some(Self(all))
    }

    /// The span under an order.
    pub fn under(&self, order: DateOrder) -> Option<Span> {
        self.0[place(order)]
    }

    /// The span, when only one is possible, whatever the order.
    pub fn only(&self) -> Option<Span> {
        let mut spans = self.0.into_iter().flatten();
        let first = spans.next()?;
        spans.all(|s| s == first).then_some(first)
    }

    /// The span, when every order gives the same.
    pub fn certain(&self) -> Option<Span> {
        let [a, b, c] = self.0;
        a.filter(|_| a == b && b == c)
    }
}

const fn place(order: DateOrder) -> usize {
    match order {
        DateOrder::Ymd => 0,
        DateOrder::Mdy => 1,
        DateOrder::Dmy => 2,
    }
}

/// A text that was read as a date or a period.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dated {
    pub readings: Readings,
    /// The time of day is in the style of the United States (`12:00 AM`), so day and month
    /// most probably are, too.
    pub us_clock: bool,
    /// It was a spreadsheet's number of days.
    pub serial: bool,
}

/// Reads a date, a month or a period: `2024-03`, `2024-03-15T10:00:00Z`, `202403`, `2017M10`,
/// `10/15/2023 12:00 AM`, `15.10.2023`, `03/24`, `15-Aug-22`, `JUN-25`, `mars 2024`, `Q2 2025`,
/// `2Q2025`, `2024H1`, `2024`, `45292` (a spreadsheet's day), and ranges of them: `Jan-Mar 2024`,
/// `2024-01 - 2024-03`, `01/01/2024 - 31/03/2024`, `Aug 1 – 31, 2026`.
pub(super) fn dated(text: &[u8]) -> Option<Dated> {
    if text.len() > 80 {
        return None;
    }
    let text = match std::str::from_utf8(text) {
        Ok(text) => folded(text),
        Err(_) => folded(&encoding_rs::WINDOWS_1252.decode(text).0),
    };
    let text = text.trim().replace("..", "~");
    let text = if text.is_ascii() { text } else { of_east_asia(&text) };
    let (tokens, us_clock) = tokens(&text)?;
    let read = |readings| Dated { readings, us_clock, serial: false };
    if let Some(span) = serial(&tokens) {
        return Some(Dated { serial: true, ..read(Readings::same(span)) });
    }
    if let Some(one) = single(&tokens) {
        return Some(read(one.readings));
    }
    let splits = (1..tokens.len().saturating_sub(1)).filter(|at| match tokens[*at] {
        Token::Sign(c) => matches!(c, '-' | '/' | '~'),
        Token::Word(ref word) => is_until(word),
        Token::Number(..) => false,
    });
    let ranges = splits.filter_map(|at| range(&tokens[..at], &tokens[at + 1..]));
    ranges.into_iter().next().map(read)
}

/// `2024\u{5e74}3\u{6708}15\u{65e5}` as `2024-3-15`.
fn of_east_asia(text: &str) -> String {
    let out: String = text
        .chars()
        .filter_map(|c| match c {
            '\u{5e74}' | '\u{6708}' | '\u{b144}' | '\u{c6d4}' => Some('-'),
            '\u{65e5}' | '\u{c77c}' | '\u{5ea6}' => None,
            c => Some(c),
        })
        .collect();
    out.trim_end_matches('-').replace("- ", "-")
}

/// What stands directly behind a number that counts.
const ORDINALS: [&str; 14] =
    ["er", "ere", "e", "eme", "nd", "nde", "st", "rd", "th", "o", "a", "te", "de", "ste"];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// Value and number of digits.
    Number(u32, usize),
    Word(String),
    Sign(char),
}

/// Cuts a text into numbers, words and signs; the time of day is left out. True: that time was
/// written with am or pm.
fn tokens(text: &str) -> Option<(Vec<Token>, bool)> {
    let mut out: Vec<Token> = Vec::new();
    let mut us_clock = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, after) = rest.split_at(end);
            rest = after;
            if after.starts_with(':') {
                let (behind, half_day) = skip_time(after);
                rest = behind;
                us_clock |= half_day;
                if out.last() == Some(&Token::Word("t".into())) {
                    out.pop();
                }
                continue;
            }
            out.push(Token::Number(digits.parse().ok()?, digits.len()));
        } else if c.is_alphabetic() {
            let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            rest = after;
            // `1er trimestre`, `2nd quarter`.
            let behind = matches!(out.last(), Some(Token::Number(_, 1 | 2)));
            let ordinal = behind
                && text[..text.len() - rest.len() - word.len()]
                    .ends_with(|c: char| c.is_ascii_digit())
                && ORDINALS.contains(&word);
            if !ordinal && !is_filler(word) {
                out.push(Token::Word(word.to_owned()));
            }
        } else {
            rest = &rest[c.len_utf8()..];
            match c {
                '-' | '/' | '.' | '~' => out.push(Token::Sign(c)),
                '&' => out.push(Token::Sign('~')),
                ' ' | ',' | '\'' | '\u{2019}' | '(' | ')' | '_' | '\u{ba}' | '\u{aa}' => {}
                _ => return None,
            }
        }
    }
    while matches!(out.last(), Some(Token::Sign('.'))) {
        out.pop();
    }
    (!out.is_empty() && out.len() <= 16).then_some((out, us_clock))
}

/// Passes over `:42:15.000 PM -08:00` or `:00Z`; true when it was in halves of a day.
fn skip_time(text: &str) -> (&str, bool) {
    let mut rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ':' | '.'));
    let word =
        |t: &str| t.trim_start().chars().take_while(|c| c.is_alphabetic() || *c == '.').count();
    let mut half_day = false;
    let n = word(rest);
    let trimmed = rest.trim_start();
    let name: String = trimmed.chars().take(n).filter(|c| *c != '.').collect();
    if matches!(name.as_str(), "am" | "pm" | "z" | "utc" | "gmt" | "uhr") {
        half_day = matches!(name.as_str(), "am" | "pm");
        rest = &trimmed[trimmed.char_indices().nth(n).map_or(trimmed.len(), |(at, _)| at)..];
    }
    // The offset from Greenwich: a sign directly behind the time, then a time.
    let offset = rest.trim_start_matches(' ');
    if let Some(after) = offset.strip_prefix(['+', '-'])
        && rest.len() == offset.len()
        && let digits = after.chars().take_while(char::is_ascii_digit).count()
        && matches!((digits, after[digits..].starts_with(':')), (2, _) | (4, false))
    {
        rest = after[digits..].trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
    }
    (rest, half_day)
}

/// The month has so many days.
fn is_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=last).contains(&day)
}

/// The month of a spreadsheet's day number: `45292`, also `45292.5`.
fn serial(tokens: &[Token]) -> Option<Span> {
    let ([Token::Number(days, 5)] | [Token::Number(days, 5), Token::Sign('.'), Token::Number(..)]) =
        tokens
    else {
        return None;
    };
    if !SERIALS.contains(days) {
        return None;
    }
    // Days since 1 March 0000 of the proleptic calendar: Howard Hinnant's civil_from_days.
    let z = i64::from(*days) - 25_569 + 719_468;
    let era_day = z.rem_euclid(146_097);
    let year_of_era = (era_day - era_day / 1_460 + era_day / 36_524 - era_day / 146_096) / 365;
    let day_of_year = era_day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + z.div_euclid(146_097) * 400 + i64::from(month <= 2);
    Some(Span::one(Month::new(i32::try_from(year).ok()?, u32::try_from(month).ok()?)))
}

/// A single date, month or part of a year.
struct Single {
    readings: Readings,
    has_day: bool,
}

fn single(tokens: &[Token]) -> Option<Single> {
    let mut words = tokens.iter().filter_map(|t| match t {
        Token::Word(word) => Some(word.as_str()),
        _ => None,
    });
    let numbers: Vec<(u32, usize)> = tokens
        .iter()
        .filter_map(|t| match t {
            Token::Number(value, width) => Some((*value, *width)),
            _ => None,
        })
        .collect();
    let whole = |span| Some(Single { readings: Readings::same(span), has_day: false });
    match (words.next(), words.next()) {
        (None, _) => of_numbers(tokens, &numbers),
        (Some("m"), None) => match numbers[..] {
            [(y, 4), (m, _)] => whole(Span::one(month_of(y, m)?)),
            _ => None,
        },
        (Some(word), None) => match (month_named(word), part_of_year(word)) {
            (Some(m), _) => named(tokens, &numbers, m),
            (None, Some(length)) => whole(part(&numbers, length)?),
            (None, None) => None,
        },
        _ => None,
    }
}

/// `Q2 2025`, `2Q2025`, `2024H1`, `Q1'24`.
fn part(numbers: &[(u32, usize)], length: u32) -> Option<Span> {
    let (which, year) = match numbers {
        [(n, 1), (y, 4)] | [(y, 4), (n, 1)] => (*n, *y),
        [(n, 1), (y, 2)] | [(y, 2), (n, 1)] => (*n, year_of(*y, 2)?),
        _ => return None,
    };
    if which == 0 || which > 12 / length {
        return None;
    }
    let from = month_of(year, (which - 1) * length + 1)?;
    Span::between(from, from.plus(i32::try_from(length).ok()? - 1))
}

/// `March 2024`, `15 March 2024`, `Mar 15, 24`, `15-Aug-22`.
fn named(tokens: &[Token], numbers: &[(u32, usize)], month: u32) -> Option<Single> {
    let (year, day) = match *numbers {
        [(y, width)] if width == 2 || width == 4 => (year_of(y, width)?, None),
        [(y, 4), (d, 1 | 2)] | [(d, 1 | 2), (y, 4)] => (y, Some(d)),
        // `15-Aug-22`, `Aug 15, 22`: the year is last.
        [(d, 1 | 2), (y, 2)] if !matches!(tokens.last(), Some(Token::Word(_))) => {
            (year_of(y, 2)?, Some(d))
        }
        _ => return None,
    };
    if day.is_some_and(|d| !(1..=31).contains(&d)) {
        return None;
    }
    let span = Span::one(month_of(year, month)?);
    Some(Single { readings: Readings::same(span), has_day: day.is_some() })
}

fn of_numbers(tokens: &[Token], numbers: &[(u32, usize)]) -> Option<Single> {
    let signs: Vec<char> = tokens
        .iter()
        .filter_map(|t| match t {
            Token::Sign(c) => Some(*c),
            _ => None,
        })
        .collect();
    if signs.len() + 1 != numbers.len() || signs.iter().any(|s| *s != signs[0]) {
        return None;
    }
    let day = |d: u32| (1..=31).contains(&d);
    let (readings, has_day) = match *numbers {
        [(y, 4)] => {
            let from = month_of(y, 1)?;
            (Readings::same(Span::between(from, from.plus(11))?), false)
        }
        // A year and its quarter: no day of a spreadsheet that is late enough to be one.
        [(joined, 5)] if (1..=4).contains(&(joined % 10)) => {
            (Readings::same(part(&[(joined % 10, 1), (joined / 10, 4)], 3)?), false)
        }
        [(joined, 6)] => {
            let month = month_of(joined / 100, joined % 100);
            let month = month.or_else(|| month_of(joined % 10_000, joined / 10_000))?;
            (Readings::same(Span::one(month)), false)
        }
        [(joined, 8)] => (joined_date(joined)?, true),
        [(y, 4), (m, 1 | 2)] | [(m, 1 | 2), (y, 4)] => {
            (Readings::same(Span::one(month_of(y, m)?)), false)
        }
        [(a, 2), (b, 2)] if signs[0] != '.' => {
            let last = year_of(b, 2).and_then(|y| month_of(y, a));
            let first = year_of(a, 2).and_then(|y| month_of(y, b));
            (Readings::of(first, last, last)?, false)
        }
        [(y, 4), (m, 1 | 2), (d, 1 | 2)] if is_day(y, m, d) => {
            (Readings::same(Span::one(month_of(y, m)?)), true)
        }
        [(a, wa @ (1 | 2)), (b, wb @ (1 | 2)), (c, wc @ (2 | 4))] => {
            let last = year_of(c, wc)?;
            let month = |m: u32, d: u32| if is_day(last, m, d) { month_of(last, m) } else { None };
            let short = (wa, wb, wc) == (2, 2, 2) && day(c) && signs[0] == '-';
            let first = year_of(a, 2).filter(|_| short).and_then(|y| month_of(y, b));
            (Readings::of(first, month(a, b), month(b, a))?, true)
        }
        _ => return None,
    };
    Some(Single { readings, has_day })
}

/// `20240315`, else `15032024` or `03152024`.
fn joined_date(joined: u32) -> Option<Readings> {
    let day = |d: u32| (1..=31).contains(&d);
    if let Some(month) = month_of(joined / 10_000, joined / 100 % 100)
        && day(joined % 100)
    {
        return Some(Readings::same(Span::one(month)));
    }
    let (a, b, y) = (joined / 1_000_000, joined / 10_000 % 100, joined % 10_000);
    let month = |m: u32, d: u32| if day(d) { month_of(y, m) } else { None };
    Readings::of(None, month(a, b), month(b, a))
}

/// A range: the right end is whole; the left one may borrow its year, or both share a month.
fn range(left: &[Token], right: &[Token]) -> Option<Readings> {
    let right = trimmed(right);
    let left = trimmed(left);
    let Some(end) = single(right) else { return within_month(left, right) };
    if let Some(start) = single(left) {
        return combine(&start.readings, &end.readings);
    }
    let start = |month: u32| {
        let to = end.readings.certain()?.to;
        let year = if month <= to.month() { to.year() } else { to.year() - 1 };
        let span = Span::between(Month::new(year, month), to)?;
        Some(Readings::same(span))
    };
    match left {
        // `Jan - Mar 2024`, `January 1 - March 31, 2024`
        [Token::Word(word)]
        | [Token::Word(word), Token::Number(..)]
        | [Token::Number(..), Token::Word(word)]
        | [Token::Number(..), Token::Sign('.'), Token::Word(word)]
            if month_named(word).is_some() =>
        {
            start(month_named(word)?)
        }
        // `Q1 - Q2 2024`
        [Token::Word(word), Token::Number(n, 1)] => {
            start((n.checked_sub(1)?) * part_of_year(word)? + 1)
        }
        // `01-03/2024`: months; `1.-31. August 2026`: days.
        [Token::Number(n, _)] if end.has_day => (1..=31).contains(n).then_some(end.readings),
        [Token::Number(n, _)] if (1..=12).contains(n) => start(*n),
        // `01.01. - 31.03.2024`: day and month.
        [Token::Number(a, 1 | 2), Token::Sign(_), Token::Number(b, 1 | 2)] if end.has_day => {
            let year_of_end = |order| end.readings.under(order);
            let with = |order, m: u32, d: u32| {
                let to = year_of_end(order)?;
                let ok = (1..=12).contains(&m) && (1..=31).contains(&d);
                let year = if m <= to.to.month() { to.to.year() } else { to.to.year() - 1 };
                ok.then(|| Span::between(Month::new(year, m), to.to))?
            };
            let all = [None, with(DateOrder::Mdy, *a, *b), with(DateOrder::Dmy, *b, *a)];
            all.iter().any(Option::is_some).then_some(Readings(all))
        }
        _ => None,
    }
}

/// `Aug 1 – 31, 2026`: two days of one month.
fn within_month(left: &[Token], right: &[Token]) -> Option<Readings> {
    let month = left.iter().find_map(|t| match t {
        Token::Word(word) => month_named(word),
        _ => None,
    })?;
    let [Token::Number(day, 1 | 2), Token::Number(year, 4)] = right else { return None };
    let span = (1..=31).contains(day).then(|| month_of(*year, month))??;
    Some(Readings::same(Span::one(span)))
}

fn combine(start: &Readings, end: &Readings) -> Option<Readings> {
    let mut all = [None; 3];
    for (at, slot) in all.iter_mut().enumerate() {
        if let (Some(a), Some(b)) = (start.0[at], end.0[at]) {
            *slot = Span::between(a.from, b.to);
        }
    }
    all.iter().any(Option::is_some).then_some(Readings(all))
}

/// Without signs at the ends.
fn trimmed(mut tokens: &[Token]) -> &[Token] {
    while let [Token::Sign(_), rest @ ..] | [rest @ .., Token::Sign(_)] = tokens {
        tokens = rest;
    }
    tokens
}

fn month_of(year: u32, month: u32) -> Option<Month> {
    let known = YEARS.contains(&year) || year == NEVER;
    if !(1..=12).contains(&month) || !known {
        return None;
    }
    Some(Month::new(i32::try_from(year).ok()?, month))
}

fn year_of(number: u32, width: usize) -> Option<u32> {
    match width {
        2 => Some(if number < 70 { 2000 + number } else { 1900 + number }),
        4 => Some(number),
        _ => None,
    }
}

/// True when a text could be a date written with numbers only, day and month unsure.
pub(super) fn is_numeric_date(text: &str) -> bool {
    text.len() <= 40
        && text.chars().filter(|c| matches!(c, '/' | '.') || is_minus(*c)).count() >= 2
        && dated(text.as_bytes()).is_some_and(|d| d.readings.certain().is_none())
}
