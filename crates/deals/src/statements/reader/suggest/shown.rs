//! What the head of a file shows, whatever its columns are taken for.

use kernel::Asset;

use super::super::amounts::{self, Mark};
use super::super::dates;
use super::super::detect::Found;
use super::super::income::{self, Measured, Teller};
use super::super::types::{Decimal, Refused};
use super::super::worth;
use super::{currency_column, share};

/// Another currency than `own` that a column called `Currency` says of every row of the head.
pub(in crate::statements::reader) fn rival_of(found: &Found, own: Asset) -> Option<(Asset, usize)> {
    let column = currency_column(found, None)?;
    let mut said = found.sample.iter().filter_map(|r| r.get(column)).filter(|c| !c.is_empty());
    let first: Asset = said.next()?.parse().ok()?;
    let alone = said.all(|c| c.parse::<Asset>().is_ok_and(|asset| asset == first));
    (alone && first != own).then_some((first, column))
}

/// Different values that the head of a file shows of a column of kinds, at most.
const FEW: usize = 12;

/// What a column tells of the kinds of rows: by its name, or because the head of the file
/// shows hardly anything else in it.
pub(in crate::statements::reader) fn teller(found: &Found, column: usize) -> Option<Teller> {
    let named = income::teller(&found.names[column]);
    let kinds = matches!(named, Some(Teller::Word | Teller::Content));
    if (named.is_none() || kinds) && measures(found, column, kinds) {
        return Some(Teller::PerhapsMeasure);
    }
    let words = share(found, column, |c| c.chars().any(char::is_alphabetic)) >= 90;
    if named.is_some() || !words || income::is_about_else(&found.names[column]) {
        return named;
    }
    let mut values: Vec<&str> = Vec::new();
    for cell in found.sample.iter().filter_map(|r| r.get(column)).filter(|c| !c.is_empty()) {
        if !values.contains(&cell.as_str()) {
            values.push(cell);
        }
    }
    let plain = values.iter().filter(|v| income::is_plainly_a_kind(v)).count();
    (plain > 0 && values.len() <= FEW && plain * 2 >= values.len()).then_some(Teller::Word)
}

/// Counts and money stand in one column, each row saying which it is.
fn measures(found: &Found, column: usize, kinds: bool) -> bool {
    // Counts are whole numbers, and money is not.
    let broken = |row: &[String]| {
        row.iter().any(|c| {
            let mark = amounts::written(c.as_bytes()).map(|w| w.mark);
            matches!(mark, Ok(Mark::Point | Mark::Comma)) && dates::dated(c.as_bytes()).is_none()
        })
    };
    let (mut counts, mut money, mut others) = (0, 0, 0);
    for row in &found.sample {
        let Some(cell) = row.get(column).filter(|c| !c.is_empty()) else { continue };
        match income::measured(cell) {
            Measured::Count if kinds && !income::is_plainly_a_count(cell) => others += 1,
            Measured::Count if broken(row) => return false,
            Measured::Count => counts += 1,
            Measured::Money => money += usize::from(broken(row)),
            Measured::Else => others += 1,
        }
    }
    counts > 0 && money > 0 && others * 4 <= counts + money
}

/// The decimal sign that the head of a file shows in any of its columns; `None` when it shows
/// none, or both.
pub(in crate::statements::reader) fn decimal_of(found: &Found) -> Option<Decimal> {
    let (mut points, mut commas) = (0, 0);
    for (at, cell) in found.sample.iter().flat_map(|r| r.iter().enumerate()) {
        if found.private.get(at).is_some_and(|p| !p)
            && let Ok(written) = amounts::written(cell.as_bytes())
            && dates::dated(cell.as_bytes()).is_none()
        {
            match written.mark {
                Mark::Point => points += 1,
                Mark::Comma => commas += 1,
                Mark::None | Mark::UnsurePoint | Mark::UnsureComma => {}
            }
        }
    }
    match (points, commas) {
        (1.., 0) => Some(Decimal::Point),
        (0, 1..) => Some(Decimal::Comma),
        _ => None,
    }
}

/// Columns with dates written in numbers only, other than the month: they may tell the order.
pub(in crate::statements::reader) fn other_dates(
    found: &Found,
    month: Option<usize>,
) -> Vec<usize> {
    let numeric = |i: &usize| share(found, *i, dates::is_numeric_date) >= 60;
    let private = |i: &usize| found.private[*i];
    (0..found.names.len())
        .filter(|i| Some(*i) != month && !private(i))
        .filter(numeric)
        .take(3)
        .collect()
}

/// True when some column other than the dates holds numbers.
pub(in crate::statements::reader) fn has_numbers(found: &Found) -> bool {
    (0..found.names.len()).any(|i| {
        share(found, i, |c| amounts::written(c.as_bytes()).is_ok()) >= 60
            && share(found, i, |c| dates::dated(c.as_bytes()).is_some()) < 60
    })
}

/// True when some column of numbers may be money for all that its name says.
pub(in crate::statements::reader) fn may_hold_money(found: &Found) -> bool {
    (0..found.names.len()).any(|i| {
        !worth::is_no_money(&found.names[i])
            && share(found, i, |c| amounts::written(c.as_bytes()).is_ok()) >= 60
            && share(found, i, |c| dates::dated(c.as_bytes()).is_some()) < 60
    })
}

/// A column whose name says money, but of whose cells most cannot be read as amounts.
pub(in crate::statements::reader) fn unread_money(found: &Found) -> Option<Refused> {
    let unread =
        |cell: &&String| !cell.trim().is_empty() && amounts::written(cell.as_bytes()).is_err();
    (0..found.names.len()).filter(|i| !found.private[*i]).find_map(|i| {
        let money = worth::of_amount(&found.names[i])?;
        let cells: Vec<&String> = found.sample.iter().filter_map(|r| r.get(i)).collect();
        let odd = cells.iter().copied().find(unread).filter(|_| money.worth > 0)?;
        let count = cells.iter().filter(|c| unread(c)).count();
        let shown: String = odd.chars().take(40).collect();
        Some(Refused::new(
            "mostly_unreadable",
            format!(
                "column '{}' seems to hold the money, but {count} of its first {} cells cannot be \
                 read as amounts ('{shown}'): write them as plain numbers, like 12.50",
                found.header[i],
                cells.len()
            ),
        ))
    })
}
