//! Rows that say no word of it, but are to the last digit what the rows above add up to: a
//! person is asked, for counted they would double the file.

use kernel::Exact;

use super::money::Taken;
use super::{Intake, values};
use crate::statements::reader::amounts::thousandfold;
use crate::statements::reader::cells::Entry;
use crate::statements::reader::income::{Kind, TOTALS};
use crate::statements::reader::records::Row;

/// What stands for the value where a person is asked.
pub(super) const ADDS_UP: &str = "sum of the rows above";
/// Rows with money that it takes at least: where the row is like the others, where a column
/// is empty that never was, and where it names no work at all.
const FEWEST: [u64; 3] = [3, 2, 1];
/// Columns that are watched for being empty.
const WATCHED: usize = 64;
/// Rows that show which columns may be empty.
const SHOWN: u64 = 4_096;
/// The most that rounding to one decimal moves a sum by.
const ROUNDED: i128 = 50_000_000_000;
/// What the last digit of a number in a workbook may be wrong by.
const FLOAT: i128 = 1_000;

/// An amount with a point and with a comma as decimal sign: the column decides later.
type Both = [Exact; 2];

/// Sums of the rows so far.
#[derive(Debug, Default)]
pub struct Running {
    /// Since the last row that added them up, and of all others.
    since: Sum,
    all: Sum,
    /// Columns that were empty in some row.
    gaps: u64,
    /// The first row with money: it may be the sum of those below.
    first: Option<First>,
}

#[derive(Debug, Clone, Copy)]
struct First {
    entry: Entry,
    amount: Both,
    /// The largest of the others.
    largest: i128,
}

#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    /// Rows with money.
    rows: u64,
    amount: Both,
    units: i64,
    largest: i128,
}

impl Sum {
    fn add(&mut self, amount: Both, units: i64) {
        if amount[0] == Exact::ZERO {
            return;
        }
        self.rows += 1;
        self.amount[0] += amount[0];
        self.amount[1] += amount[1];
        self.units = self.units.saturating_add(units);
        self.largest = self.largest.max(amount[0].0.abs());
    }

    fn is(&self, amount: Both, within: i128, fewest: u64) -> bool {
        let near = |n: usize| (self.amount[n] - amount[n]).0.abs() <= within;
        self.rows >= fewest && (near(0) || near(1))
    }
}

impl Running {
    /// What comes now adds up rows of its own.
    pub fn begin_anew(&mut self) {
        self.since = Sum::default();
    }
}

impl Taken {
    fn both(&self) -> Both {
        let (small, large) = (self.value, thousandfold(self.value));
        match self.unsure {
            None => [small; 2],
            Some(true) => [large, small],
            Some(false) => [small, large],
        }
    }
}

impl Intake {
    /// True, and counted, when a row is what the rows above add up to and a person said that it
    /// is no income. While nobody said it, it is counted as open.
    #[inline]
    pub(super) fn adds_up_others(&mut self, row: &Row<'_>, taken: &Taken, units: i64) -> bool {
        let amount = taken.both();
        let (rows, kept) = if self.by_cells {
            (self.adds_up, self.adds_up.is_some())
        } else {
            let rows = self.rows_above(row, amount, units);
            if rows.is_none() && self.running.all.rows < SHOWN {
                self.running.gaps |= gaps(row);
            }
            (rows, rows.is_some())
        };
        if kept && let Some(rows) = rows {
            return self.judge_sum(row, taken, rows);
        }
        self.running.since.add(amount, units);
        self.running.all.add(amount, units);
        false
    }

    /// How many rows above come to the amount.
    #[inline]
    fn rows_above(&self, row: &Row<'_>, amount: Both, units: i64) -> Option<u64> {
        if self.running.all.rows == 0 || amount[0] == Exact::ZERO {
            return None;
        }
        let running = &self.running;
        // Nearly every row is far from being a sum.
        if ![running.since, running.all].iter().any(|sum| sum.is(amount, ROUNDED, 1)) {
            return None;
        }
        let gap = gaps(row) & !running.gaps != 0;
        let fewest = match (gap, gap && units == 0 && self.names_no_work(row)) {
            (_, true) => FEWEST[2],
            (true, _) => FEWEST[1],
            _ => FEWEST[0],
        };
        let within = if row.is_number(self.plan.amount) { FLOAT } else { 0 };
        [running.since, running.all].into_iter().find_map(|sum| {
            let rounded = || gap && sum.is(amount, self.rounding(row, amount), FEWEST[0]);
            let equal = sum.is(amount, within, fewest) || rounded();
            // A sale has units of its own, and is not more than all before it.
            let own = units != 0 && units != sum.units || amount[0].0.abs() <= sum.largest;
            (equal && (gap || !own)).then_some(sum.rows)
        })
    }

    /// Title and code are empty, where the file has them.
    #[cold]
    fn names_no_work(&self, row: &Row<'_>) -> bool {
        let mut names = self.plan.titles.iter().copied().chain(self.plan.isrc).peekable();
        names.peek().is_some() && names.all(|at| row.field(at).trim_ascii().is_empty())
    }

    /// Half of the last digit that is written, where there are digits enough to prove a sum.
    #[cold]
    fn rounding(&self, row: &Row<'_>, amount: Both) -> i128 {
        let (text, _) = values::text(row.field(self.plan.amount));
        let digits = text.trim_matches(|c: char| !c.is_ascii_digit());
        let places = digits.rfind(['.', ',']).map_or(0, |at| digits.len() - at - 1);
        let telling = digits.chars().filter(char::is_ascii_digit).count();
        let known = u32::try_from(places).ok().filter(|n| (1..=11).contains(n));
        match known {
            Some(places) if telling >= 4 && amount[0] == amount[1] => 10_i128.pow(12 - places) / 2,
            _ => 0,
        }
    }

    /// Remembers the first row with money.
    #[inline]
    pub(super) fn remember_first(&mut self, entry: &Entry, taken: &Taken) {
        if self.running.first.is_none() && self.running.all.rows == 1 && !self.by_cells {
            let (entry, amount, largest) = (*entry, taken.both(), 0);
            self.running.first = Some(First { entry, amount, largest });
        } else if let Some(first) = &mut self.running.first {
            first.largest = first.largest.max(entry.amount.0.abs());
        }
    }

    /// Asks about a first row that is what all others come to, or takes it out of the sums.
    pub(super) fn judge_first(&mut self) {
        let Some(First { entry, amount, largest }) = self.running.first else { return };
        let all = self.running.all;
        let twice = |n: usize| all.amount[n] == amount[n] + amount[n];
        let units = entry.units == 0 || all.units == entry.units.saturating_add(entry.units);
        let alone = self.tables.len() < 2 && !self.is_in_doubt();
        let large = amount[0].0.abs() > largest;
        if !(alone && all.rows > FEWEST[0] && large && units && (twice(0) || twice(1))) {
            return;
        }
        let judged = self.judge_name(self.plan.amount, ADDS_UP, Kind::Unsure, entry.amount);
        if self.sum_seen.is_none() {
            self.sum_seen = Some((entry.line, all.rows - 1));
        }
        match judged {
            Kind::Income => {}
            Kind::Said => {
                self.table.take_back(&entry);
                self.calendar.days[usize::from(entry.day)].rows -= 1;
                self.total += -entry.amount;
                self.rows -= 1;
                self.count_kind(TOTALS, Some(entry.amount));
            }
            _ => self.count_open(entry.amount),
        }
        self.open_now.clear();
    }

    /// True, and counted, when a row without a date is what the rows above come to.
    #[cold]
    pub(super) fn is_dateless_sum(&mut self, row: &Row<'_>) -> bool {
        let Ok(taken) = self.amount(row, self.plan.amount) else { return false };
        let amount = taken.both();
        let is = |sum: Sum| sum.is(amount, FLOAT.min(amount[0].0.abs()), FEWEST[1]);
        if amount[0] == Exact::ZERO || !(is(self.running.since) || is(self.running.all)) {
            return false;
        }
        self.running.begin_anew();
        self.left.kinds[TOTALS].0 += 1;
        self.left.kinds[TOTALS].1 += self.amount_now(row).unwrap_or_default();
        true
    }

    #[cold]
    fn judge_sum(&mut self, row: &Row<'_>, taken: &Taken, rows: u64) -> bool {
        let judged = self.judge_name(self.plan.amount, ADDS_UP, Kind::Unsure, taken.value);
        if judged == Kind::Income {
            return false;
        }
        self.running.begin_anew();
        if self.sum_seen.is_none() {
            self.sum_seen = Some((row.line, rows));
        }
        if judged != Kind::Said {
            return false;
        }
        self.rows -= 1;
        self.count_kind(TOTALS, Some(taken.value));
        self.open_now.clear();
        true
    }
}

/// The columns that are empty, of the first ones.
#[inline]
fn gaps(row: &Row<'_>) -> u64 {
    let mut gaps = 0;
    for at in 0..row.len().min(WATCHED) {
        gaps |= u64::from(row.field(at).is_empty()) << at;
    }
    gaps
}
