//! The works of a statement.

use std::collections::HashMap;

use kernel::page::{Cursor, Page};
use kernel::{Error, Exact, Kind, Month};
use platform::Cx;

use super::super::codec;
use super::super::model::{StatementId, Status};
use super::super::reader::{self, Aggregates};
use super::super::store;
use super::load_granted;
use crate::valuation::model::title_of;

/// One work of a statement. Works are told apart by title, as an offer's scope names them.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct WorkLine {
    /// Names the work in an offer's `works`; `(untitled)` for rows without a title.
    pub title: String,
    /// ISRC; empty when the file has none.
    pub isrc: String,
    /// Sum of its rows, exact, in the statement's currency.
    pub total: Exact,
    /// Share of the statement's total in basis points (0 when that is not positive).
    pub share_bp: i64,
    /// Streams and sales.
    pub units: i64,
    /// Rows of the file.
    pub rows: u64,
    /// Different months with a row.
    pub months: u64,
    /// First month with a row.
    pub from: Month,
    /// Last month with a row.
    pub to: Month,
}

/// The works of a statement, largest first; none while a mapping is missing.
///
/// # Errors
/// `statement_not_found`, `invalid_cursor`.
pub async fn works(
    cx: &Cx,
    id: StatementId,
    cursor: Option<String>,
    limit: u32,
) -> Result<Page<WorkLine>, Error> {
    let grant = cx.decide("statements.read").await?;
    let skip = cursor.as_deref().map(place).transpose()?.unwrap_or(0);
    let packed = cx
        .db
        .read(move |tx| match load_granted(tx, id, grant)?.status {
            Status::NeedsMapping => Ok::<_, Error>(None),
            Status::Ready | Status::Confirmed => Ok(store::cells(tx, id)?),
        })
        .await?;
    let Some(packed) = packed else {
        return Ok(Page { data: Vec::new(), next: None, has_more: false });
    };
    let lines =
        platform::tasks::blocking(move || codec::unpack(&packed).map(|a| work_lines(&a))).await??;
    let rows = lines.into_iter().skip(skip).take(limit as usize + 1).collect();
    let next = skip.saturating_add(limit as usize);
    Ok(Page::cut(rows, limit, |_| Cursor { value: String::new(), id: next.to_string() }))
}

/// The works of a file never change once it is read, so a place in the list is its number.
fn place(cursor: &str) -> Result<usize, Error> {
    Cursor::decode(cursor)?.id.parse().map_err(|_| {
        Error::new(Kind::Malformed, "invalid_cursor", "cursor is not one this house gave out")
            .with("field", "cursor")
    })
}

fn work_lines(sums: &Aggregates) -> Vec<WorkLine> {
    let mut at: HashMap<&str, usize> = HashMap::new();
    let mut lines: Vec<WorkLine> = Vec::new();
    let mut months: Vec<std::collections::BTreeSet<i32>> = Vec::new();
    for cell in &sums.cells {
        let Some(work) = sums.works.get(cell.work as usize) else { continue };
        let (title, month) = (title_of(&work.title), cell.month());
        let i = *at.entry(title).or_insert_with(|| {
            lines.push(WorkLine {
                title: title.to_owned(),
                isrc: String::new(),
                total: Exact::ZERO,
                share_bp: 0,
                units: 0,
                rows: 0,
                months: 0,
                from: month,
                to: month,
            });
            months.push(std::collections::BTreeSet::new());
            lines.len() - 1
        });
        let line = &mut lines[i];
        if line.isrc.is_empty() {
            line.isrc.clone_from(&work.isrc);
        }
        line.total += cell.amount;
        line.units = line.units.saturating_add(cell.units);
        line.rows += u64::from(cell.rows);
        (line.from, line.to) = (line.from.min(month), line.to.max(month));
        months[i].insert(month.index());
    }
    let whole: Exact = lines.iter().map(|l| l.total).sum();
    for (line, months) in lines.iter_mut().zip(&months) {
        line.share_bp = reader::share_bp(line.total, whole);
        line.months = months.len() as u64;
    }
    lines.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.title.cmp(&b.title)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statements::reader::{Cell, Country, Work};

    fn cell(work: u32, month: Month, amount: i128) -> Cell {
        let mut cell = Cell::of(work, 0, Country::UNKNOWN).at(month);
        cell.amount = Exact(amount);
        (cell.units, cell.rows) = (10, 1);
        cell
    }

    #[test]
    fn works_of_one_title_are_one_line_and_the_largest_comes_first() {
        let work = |title: &str, isrc: &str| Work { title: title.into(), isrc: isrc.into() };
        let (march, may) = (Month::new(2024, 3), Month::new(2024, 5));
        let lines = work_lines(&Aggregates {
            works: vec![work("Small", ""), work("Big", ""), work("Big", "SE1"), work("", "")],
            stores: vec!["Spotify".into()],
            cells: vec![
                cell(0, march, 10),
                cell(1, march, 50),
                cell(2, may, 40),
                cell(2, may, -10),
                cell(3, may, 10),
            ],
        });
        let seen: Vec<_> = lines.iter().map(|l| (l.title.as_str(), l.share_bp)).collect();
        assert_eq!(seen, [("Big", 8_000), ("(untitled)", 1_000), ("Small", 1_000)]);
        let big = &lines[0];
        assert_eq!((big.isrc.as_str(), big.rows, big.months, big.units), ("SE1", 3, 2, 30));
        assert_eq!((big.from, big.to, big.total), (march, may, Exact(80)));
    }

    #[test]
    fn a_place_is_a_number_of_ours() {
        let there = Cursor { value: String::new(), id: "250".into() }.encode();
        assert_eq!(place(&there).unwrap(), 250);
        let elsewhere = Cursor { value: String::new(), id: "a-b".into() }.encode();
        assert!(place(&elsewhere).is_err());
    }
}
