//! The model as a whole; see the files beside this one.

mod backtest;
mod calibration;
mod figures;
mod properties;
mod rails;

use super::*;
use crate::statements::reader::{Aggregates, Cell, Country, Work};
use kernel::{Exact, Month, Timestamp};

/// One work's month in the test catalogue.
struct Line {
    title: &'static str,
    country: &'static str,
    month: Month,
    cents: i64,
    units: i64,
}

fn line(title: &'static str, country: &'static str, month: Month, cents: i64) -> Line {
    Line { title, country, month, cents, units: cents * 3 }
}

fn catalogue(lines: &[Line]) -> Aggregates {
    let mut all = Aggregates { stores: vec!["Spotify".into()], ..Aggregates::default() };
    for line in lines {
        let known = all.works.iter().position(|w| w.title == line.title);
        let work = known.unwrap_or_else(|| {
            all.works.push(Work { title: line.title.into(), isrc: String::new() });
            all.works.len() - 1
        });
        let country = Country::parse(line.country).unwrap();
        let mut cell = Cell::of(u32::try_from(work).unwrap(), 0, country).at(line.month);
        cell.amount = Exact::from_minor(line.cents, 2);
        (cell.units, cell.rows, cell.first_line) = (line.units, 1, 2);
        all.cells.push(cell);
    }
    all
}

/// `months` months up to and including 2026-01 (which is incomplete), falling by `decay_bp` a
/// year from `cents` a month, half from Sweden, half from Germany.
pub(super) fn falling(months: i32, cents: i64, decay_bp: i64) -> Aggregates {
    let mut lines = Vec::new();
    let mut level = i128::from(cents) * 1_000_000;
    for n in 0..months {
        let month = Month::new(2026, 1).plus(n + 1 - months);
        let now = i64::try_from(level / 1_000_000).unwrap();
        for (title, country, part) in [("Rain", "SE", 6), ("Snow", "DE", 4)] {
            lines.push(line(title, country, month, now * part / 10));
        }
        level = level * (120_000 - i128::from(decay_bp)) / 120_000;
    }
    catalogue(&lines)
}

pub(super) fn terms(years: Option<u32>, share_bp: u32) -> Terms {
    Terms { kind: Deal::Purchase, term_years: years, share_bp, works: None }
}

fn now() -> Timestamp {
    "2026-02-10T12:00:00Z".parse().unwrap()
}

pub(super) fn ask_of(
    version: Version,
    aggregates: &Aggregates,
    terms: &Terms,
    settings: &Settings,
) -> Result<Valuation, Failed> {
    let mut book = Book::new();
    book.add(aggregates);
    let currency = "EUR".parse().unwrap();
    value(&book, &Question { terms, currency, now: now(), seed: 7, settings, version })
}

fn ask(aggregates: &Aggregates, terms: &Terms, settings: &Settings) -> Result<Valuation, Failed> {
    ask_of(Version::Two, aggregates, terms, settings)
}

fn valued(aggregates: &Aggregates, terms: &Terms) -> Valuation {
    ask(aggregates, terms, &Settings::default()).unwrap()
}
