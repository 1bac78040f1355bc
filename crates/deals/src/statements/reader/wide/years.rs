//! The years of months that have none in their heads: above them, beside the first one, in the
//! lines above the table, in the name of the sheet, or in what a person says.

use kernel::Month;

use super::super::dates::{self, Span};
use super::super::detect::HeadRow;
use super::super::month_names::{folded, month_named};
use super::super::types::Period;
use super::heads::{Head, What, with_year};

/// Years that a line above a table may name.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// Gives the heads their years. True: by the period of a person.
pub(super) fn settle(
    heads: &mut [Head],
    above: &[HeadRow],
    name: &str,
    period: Option<Period>,
) -> bool {
    let is_part = |h: &Head| matches!(h.what, What::Part(_));
    if !heads.iter().any(is_part) {
        return false;
    }
    if let Some(period) = period {
        let whole = Span { from: period.from, to: period.to };
        return within(heads, whole);
    }
    if let Some(last) = above.last() {
        over_them(heads, &last.cells);
    }
    go_on(heads);
    if !heads.iter().any(is_part) {
        return false;
    }
    if let Some(whole) = told_above(above, name) {
        within(heads, whole);
    }
    false
}

fn set(head: &mut Head, year: i32) {
    if let What::Part(part) = &head.what {
        head.what = What::Month(format!("{part} {year}"));
    }
}

/// A year in the row above, each over the columns up to the next one.
fn over_them(heads: &mut [Head], above: &[String]) {
    let year = |cell: &str| -> Option<i32> {
        let year = cell.trim().parse().ok()?;
        YEARS.contains(&year).then_some(year)
    };
    // One that stands over something else than a month is no head of months.
    let over = |at: usize| heads.get(at).is_some_and(|h| h.what != What::Other);
    let sound = above.iter().enumerate().all(|(at, c)| year(c).is_none() || over(at));
    if !sound {
        return;
    }
    let mut now = None;
    for (at, head) in heads.iter_mut().enumerate() {
        now = above.get(at).and_then(|c| year(c)).or(now);
        if let Some(year) = now {
            set(head, year);
        }
    }
}

/// The year of the month before holds until the months begin anew.
fn go_on(heads: &mut [Head]) {
    let mut last: Option<Month> = None;
    for head in heads.iter_mut() {
        if let Some(span) = head.span() {
            last = Some(span.from);
        }
        let (What::Part(part), Some(before)) = (&head.what, last) else { continue };
        let year = before.year();
        let Some(same) = with_year(part, year) else { continue };
        let year = if same.from.index() < before.index() { year + 1 } else { year };
        set(head, year);
        last = head.span().map(|s| s.from);
    }
}

/// Each month within the period, when each is there exactly once. True: they were.
fn within(heads: &mut [Head], whole: Span) -> bool {
    let years = whole.from.year()..=whole.to.year();
    let only = |part: &str| {
        let mut found = years.clone().filter(|year| {
            with_year(part, *year).is_some_and(|s| {
                s.from.index() >= whole.from.index() && s.to.index() <= whole.to.index()
            })
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    };
    let told: Vec<Option<i32>> = heads
        .iter()
        .map(|h| match &h.what {
            What::Part(part) => only(part),
            _ => Some(0),
        })
        .collect();
    if whole.months() > dates::LONGEST || told.iter().any(Option::is_none) {
        return false;
    }
    for (head, year) in heads.iter_mut().zip(told) {
        if let Some(year) = year {
            set(head, year);
        }
    }
    true
}

/// The one period, or the one year, that the lines above the table name.
fn told_above(above: &[HeadRow], name: &str) -> Option<Span> {
    let mut periods: Vec<Span> = Vec::new();
    let mut years: Vec<i32> = Vec::new();
    for cell in above.iter().flat_map(|r| &r.cells).map(String::as_str).chain([name]) {
        let after = cell.split_once(':').map_or(cell, |(_, after)| after);
        let dated = dates::dated(cell.as_bytes()).or_else(|| dates::dated(after.as_bytes()));
        if let Some(dated) = dated {
            // A day, or one month, is when the statement was made.
            let span = dated.readings.only().filter(|s| s.months() > 1);
            periods.extend(span.filter(|s| !periods.contains(s)));
            continue;
        }
        years.extend(years_in(cell));
    }
    years.sort_unstable();
    years.dedup();
    match (&periods[..], &years[..]) {
        ([one], []) => Some(*one),
        ([one], [year]) if (one.from.year()..=one.to.year()).contains(year) => Some(*one),
        ([], [year]) => Some(Span { from: Month::new(*year, 1), to: Month::new(*year, 12) }),
        _ => None,
    }
}

/// Years in a text that are no parts of a date.
fn years_in(text: &str) -> Vec<i32> {
    let folded = folded(text);
    let mut out = Vec::new();
    let mut before = "";
    for word in
        folded.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | ':'))
    {
        let year = word.parse().ok().filter(|y| word.len() == 4 && YEARS.contains(y));
        let day = before.parse::<u32>().is_ok_and(|d| d <= 31);
        out.extend(year.filter(|_| month_named(before).is_none() && !day));
        if !word.is_empty() {
            before = word;
        }
    }
    out
}
