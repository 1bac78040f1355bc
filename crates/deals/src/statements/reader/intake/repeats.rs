//! Tables of one file that hold the same income: repeated, added up, or told in another detail.

use kernel::Exact;

use super::{COMPARED, Intake};
use crate::statements::reader::cells::{Aggregates, CellTable};
use crate::statements::reader::dates::Span;
use crate::statements::reader::overlap;
use crate::statements::reader::types::Confirmation;

/// Tables that are compared with each other, at most.
const MOST: usize = 24;

impl Intake {
    /// Asks about a table that repeats another one, or adds up all the others.
    pub(super) fn confirm_repeats(&mut self) {
        let all = self.total;
        let dates =
            |days: &[u64]| -> Vec<usize> { (0..days.len()).filter(|i| days[*i] > 0).collect() };
        let mut found: Vec<String> = Vec::new();
        for (at, table) in self.tables.iter().enumerate() {
            let own = dates(&table.days);
            let rest = self
                .calendar
                .days
                .iter()
                .enumerate()
                .filter(|(i, d)| d.rows > table.days.get(*i).copied().unwrap_or(0));
            let sums = table.total != Exact::ZERO
                && self.tables.len() > 2
                && table.total + table.total == all
                && rest.map(|(i, _)| i).eq(own.iter().copied());
            let twin = self.tables[..at]
                .iter()
                .find(|t| t.total == table.total && t.rows == table.rows && dates(&t.days) == own);
            match twin {
                Some(t) => found.push(format!("{} repeats {}", table.name, t.name)),
                None if sums => found.push(format!("{} adds up the others", table.name)),
                None => {}
            }
        }
        if !found.is_empty() {
            self.confirmations.push(Confirmation::of_file(
                "tables_repeat",
                format!(
                    "the same months and sums are in the file more than once ({}): all of them \
                     are counted",
                    found.join("; ")
                ),
                0,
                Some(all),
            ));
        }
    }

    /// Asks about tables that hold the same income in another detail: by quarter beside by
    /// month, one sum beside many.
    pub(super) fn confirm_overlaps(&mut self, spans: &[Option<Span>]) {
        let repeats = self.confirmations.iter().any(|c| c.code == "tables_repeat");
        let few = (2..=MOST).contains(&self.tables.len()) && self.table.cells.len() <= COMPARED;
        let unsure = self.unsure.iter().any(|t| !t.cells.is_empty());
        if repeats || !few || unsure {
            return;
        }
        let mut named: Vec<(String, Aggregates)> = Vec::new();
        for at in 0..self.tables.len() {
            let own = std::mem::replace(&mut self.tables[at].own, CellTable::new());
            let cells = own.by_month(spans).cells;
            let (works, stores) = (self.works.clone(), self.stores.clone());
            named.push((self.tables[at].name.clone(), Aggregates { works, stores, cells }));
        }
        let mut found: Vec<String> = Vec::new();
        let mut sum = Exact::ZERO;
        for at in 0..named.len() {
            let (name, own) = &named[at];
            let pair = named[..at]
                .iter()
                .find_map(|(other, of)| overlap::compare(of, own).map(|o| (other.as_str(), o)));
            let others = || {
                let mut all = CellTable::new();
                let rest = named.iter().enumerate().filter(|(i, _)| *i != at);
                rest.flat_map(|(_, (_, of))| &of.cells).for_each(|cell| all.merge(cell));
                let all = Aggregates { cells: all.cells, ..own.clone() };
                overlap::compare(&all, own).map(|o| ("the others", o))
            };
            let again = pair.or_else(|| if named.len() > 2 { others() } else { None });
            if let Some((other, overlap)) = again {
                let months = overlap.months.first().zip(overlap.months.last());
                let months = months.map(|(a, b)| format!("{a} to {b}")).unwrap_or_default();
                found.push(format!("{name} and {other}: {months}, {}", overlap.sum));
                sum += overlap.sum;
            }
        }
        if !found.is_empty() {
            let message = format!(
                "tables of the file hold the same income ({}): all of it is counted",
                found.join("; ")
            );
            self.confirmations.push(Confirmation::of_file("tables_repeat", message, 0, Some(sum)));
        }
    }
}
