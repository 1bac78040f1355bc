//! Each cell of a month becomes a row; sums that the file states prove the cells.

use kernel::Exact;

use super::super::amounts;
use super::super::intake::Intake;
use super::super::records::Row;
use super::super::types::{Confirmation, Refused};
use super::super::values;
use super::{Aside, Wide, is_nothing};

/// Columns that a sentence names.
const NAMED: usize = 6;
/// What rounding may have moved a stated amount by: half a cent.
const HALF: i128 = 5_000_000_000;

/// An amount with a point and with a comma as decimal sign: the column decides later.
type Both = [Exact; 2];

/// What the rows said of a column that is not counted.
#[derive(Debug, Default, Clone)]
struct Seen {
    /// Rows that it adds up, and rows that it does not.
    proven: u64,
    differing: u64,
    /// Line of the first of them, what the column says there and what the months come to.
    first: Option<(u32, String, String)>,
    sum: Both,
}

/// Reads the rows of a wide table one by one.
pub(in crate::statements::reader) struct Rows<'w> {
    wide: &'w Wide,
    data: Vec<u8>,
    bounds: Vec<(u32, u32)>,
    numbers: Vec<bool>,
    seen: Vec<Seen>,
    rows: u64,
    /// Sums of each column of months, and rows since the last row that added them up.
    sums: Vec<Both>,
    since: u64,
}

impl<'w> Rows<'w> {
    pub fn new(wide: &'w Wide) -> Self {
        Self {
            wide,
            data: Vec::new(),
            bounds: Vec::new(),
            numbers: Vec::new(),
            seen: vec![Seen::default(); wide.asides.len()],
            rows: 0,
            sums: vec![Both::default(); wide.width],
            since: 0,
        }
    }

    /// Takes a row of the file: a row of the table for each month.
    ///
    /// # Errors
    /// As [`Intake::take`].
    pub fn take(&mut self, row: &Row<'_>, intake: &mut Intake) -> Result<(), Refused> {
        let wide = self.wide;
        // A row that ends within the months is whole unless the file ends there.
        let needed = if row.terminated { wide.first } else { wide.width };
        if row.len() != wide.width && !intake.fits(row, wide.width, needed) {
            return Ok(());
        }
        if row.is_blank() || self.is_header(row) {
            return Ok(());
        }
        self.rows += 1;
        self.check(row);
        intake.adds_up = self.adds_up(row);
        self.begin(row);
        let (data, bounds) = (self.data.len(), self.bounds.len());
        for group in &wide.groups {
            let filled = |l: usize| group.at(l).is_some_and(|at| !is_nothing(row.field(at)));
            if !(0..wide.labels.len()).any(filled) {
                continue;
            }
            self.data.truncate(data);
            self.bounds.truncate(bounds);
            self.numbers.truncate(bounds);
            self.push(group.text.as_bytes(), false);
            for label in 0..wide.labels.len() {
                match group.at(label) {
                    Some(at) => self.push(row.field(at), row.is_number(at)),
                    None => self.push(b"", false),
                }
            }
            let cell = Row::new(row.line, true, &self.data, &self.bounds);
            intake.take(&cell.with_numbers(&self.numbers))?;
        }
        intake.adds_up = None;
        Ok(())
    }

    /// A row that repeats the heads of the months, as at the top of each page.
    fn is_header(&self, row: &Row<'_>) -> bool {
        let mut columns = self.wide.groups.iter().flat_map(|g| g.cells.iter().flatten());
        let same = |at: &usize| {
            let text = values::text(row.field(*at)).0;
            text == self.wide.heads[*at]
        };
        columns.clone().count() > 1 && columns.all(same)
    }

    fn begin(&mut self, row: &Row<'_>) {
        self.data.clear();
        self.bounds.clear();
        self.numbers.clear();
        for at in &self.wide.fixed {
            self.push(row.field(*at), row.is_number(*at));
        }
    }

    fn push(&mut self, field: &[u8], number: bool) {
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let from = place(self.data.len());
        self.data.extend_from_slice(field);
        self.bounds.push((from, place(self.data.len())));
        self.numbers.push(number);
    }

    /// Compares the sums that the row states with the months.
    fn check(&mut self, row: &Row<'_>) {
        for (aside, seen) in self.wide.asides.iter().zip(&mut self.seen) {
            let Some(stated) = both(row, aside.at) else { continue };
            add(&mut seen.sum, stated);
            let mut months = Both::default();
            let mut cells = 1;
            for at in &aside.members {
                if let Some(cell) = both(row, *at) {
                    add(&mut months, cell);
                    cells += 1;
                }
            }
            let near = |n: usize| (stated[n] - months[n]).0.abs() <= HALF * cells;
            if near(0) || near(1) {
                seen.proven += 1;
            } else {
                seen.differing += 1;
                seen.first.get_or_insert_with(|| {
                    let text = String::from_utf8_lossy(row.field(aside.at)).trim().to_owned();
                    (row.line, text.chars().take(40).collect(), months[0].to_string())
                });
            }
        }
    }

    /// The rows that this row adds up in every month, if it does.
    fn adds_up(&mut self, row: &Row<'_>) -> Option<u64> {
        let columns = || self.wide.groups.iter().flat_map(|g| g.cells.iter().flatten());
        let (mut equal, mut telling) = ([true; 2], 0);
        for at in columns() {
            let cell = both(row, *at).unwrap_or_default();
            for n in 0..2 {
                equal[n] &= cell[n] == self.sums[*at][n];
            }
            telling += usize::from(cell[0] != Exact::ZERO);
        }
        let rows = self.since;
        if (equal[0] || equal[1]) && telling > 0 && (rows > 2 || rows == 2 && telling > 1) {
            self.since = 0;
            self.sums.iter_mut().for_each(|sum| *sum = Both::default());
            return Some(rows);
        }
        self.since += 1;
        let cells: Vec<(usize, Both)> =
            columns().filter_map(|at| both(row, *at).map(|c| (*at, c))).collect();
        cells.into_iter().for_each(|(at, cell)| add(&mut self.sums[at], cell));
        None
    }

    /// Says what was read how, and asks for a yes to what is not counted.
    pub fn end(self, intake: &mut Intake) {
        let wide = self.wide;
        let of = |at: usize| wide.groups.get(at).map_or("", |g| g.text.as_str());
        let mut message = format!(
            "the table has columns of months ({}, '{}' to '{}'): each cell is read as a row",
            wide.groups.len(),
            of(0),
            of(wide.groups.len().saturating_sub(1)),
        );
        let pairs = || wide.asides.iter().zip(&self.seen);
        let proven: Vec<String> = pairs()
            .filter(|(_, s)| s.proven > 0 && s.differing == 0)
            .map(|(a, s)| format!("'{}' ({} rows)", a.name, s.proven))
            .collect();
        if !proven.is_empty() {
            message.push_str(&format!(
                "; what adds up the months agrees with them and is not counted: {}",
                shown(&proven)
            ));
        }
        intake.notes.add(0, "", "columns_of_months", message);
        let left: Vec<(&Aside, &Seen)> =
            pairs().filter(|(a, s)| a.matters && s.differing > 0).collect();
        if left.is_empty() {
            return;
        }
        let names: Vec<String> = left.iter().map(|(a, s)| differs(a, s)).collect();
        let point = usize::from(intake.decimal_comma());
        let mut sum = Exact::ZERO;
        left.iter().for_each(|(_, s)| sum += s.sum[point]);
        let rows = left.iter().map(|(_, s)| s.differing).sum();
        intake.confirmations.push(Confirmation::of_file(
            "columns_left_out",
            format!(
                "columns beside the months hold other amounts than the months add up to, and \
                 are not counted: {}",
                shown(&names)
            ),
            rows,
            Some(sum),
        ));
    }
}

fn differs(aside: &Aside, seen: &Seen) -> String {
    let (line, stated, months) = seen.first.clone().unwrap_or_default();
    format!(
        "'{}' ({} rows, the first on line {line}: {stated}, the months come to {months})",
        aside.name, seen.differing
    )
}

fn shown(names: &[String]) -> String {
    let more = if names.len() > NAMED { ", ..." } else { "" };
    format!("{}{more}", names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "))
}

fn add(sum: &mut Both, more: Both) {
    sum[0] += more[0];
    sum[1] += more[1];
}

/// A cell under both signs.
fn both(row: &Row<'_>, at: usize) -> Option<Both> {
    let raw = row.field(at);
    if row.is_number(at) {
        let value = amounts::amount(raw, b'.').ok()?;
        return Some([value; 2]);
    }
    let written = amounts::written(raw).ok()?;
    Some([written.under(b'.'), written.under(b',')])
}
