//! Rows that do not count: unreadable ones, and those that are no income.

use kernel::Exact;

use super::Intake;
use super::money::Taken;
use crate::statements::reader::amounts::{self, AmountError};
use crate::statements::reader::income::{self, Kind, LEFT_OUT, TOTALS};
use crate::statements::reader::records::Row;
use crate::statements::reader::{dates, values};

/// What rows that could not be read may have held, and rows that are no income.
#[derive(Debug, Default)]
pub struct LeftOut {
    /// Unreadable rows with money at stake.
    pub rows: u64,
    /// Their sum, as far as it can be read.
    pub sum: Exact,
    /// Those of them whose amount cannot be read.
    pub unread: u64,
    /// Those of them that are negative.
    pub negative: u64,
    /// Rows that are no income, and their sums.
    pub kinds: [(u64, Exact); LEFT_OUT],
    /// Lines of words below the table.
    pub footers: u64,
    /// Refunds that take back as rows of their own.
    pub taken_back: Exact,
    /// Where sums of other rows were seen last.
    pub total_at: Exact,
}

/// True when some field holds a number that is no date.
fn has_number(row: &Row<'_>) -> bool {
    let number = |f: &[u8]| amounts::written(f).is_ok() && dates::dated(f).is_none();
    (0..row.len()).any(|i| number(row.field(i)))
}

impl Intake {
    /// Leaves out a row that is no income; false when it counts all the same.
    pub(super) fn leave_out(&mut self, row: &Row<'_>, kind: Kind) -> bool {
        let raw = row.field(self.plan.amount);
        let amount = match amounts::written(raw) {
            Ok(written) => Some(written.under(self.point())),
            Err(AmountError::Empty) => None,
            // An amount nobody can read is left out as unreadable, with its line.
            Err(_) => return false,
        };
        let negative = amount.is_some_and(Exact::is_negative);
        match kind {
            Kind::Payment if !negative => return false,
            Kind::Undone if negative => {
                self.left.taken_back += amount.unwrap_or_default();
                return false;
            }
            _ => {}
        }
        self.count_kind(income::place(kind), amount);
        true
    }

    fn count_kind(&mut self, place: usize, amount: Option<Exact>) {
        // A row without an amount is a row of the file all the same.
        self.rows += u64::from(amount.is_none());
        self.left.kinds[place].0 += 1;
        self.left.kinds[place].1 += amount.unwrap_or_default();
    }

    /// A payout of a layout with rules of its own.
    pub fn count_payout(&mut self, amount: Option<Exact>) {
        self.count_kind(income::place(Kind::Payout), amount);
    }

    /// True, and counted, when the name of the work or the store is that of a payout (and the
    /// row negative) or a balance.
    #[cold]
    pub(super) fn is_named_no_income(&mut self, work: u32, store: u16, taken: &Taken) -> bool {
        let works = self.odd_works.iter().filter(|(w, _)| *w == work).map(|(_, kind)| *kind);
        let stores = self.odd_stores.iter().filter(|(s, _)| *s == store).map(|(_, kind)| *kind);
        let negative = taken.value.is_negative();
        let kind = works.chain(stores).find(|k| *k == Kind::Balance || negative);
        let Some(kind) = kind else { return false };
        self.rows -= 1;
        self.count_kind(income::place(kind), Some(taken.value));
        true
    }

    /// True when a work called `Total` states exactly what the rows above it add up to.
    #[cold]
    pub(super) fn sums_up(&mut self, work: u32, taken: &Taken) -> bool {
        let (all, since) = (self.total, self.total - self.left.total_at);
        if !self.totals.contains(&work)
            || taken.value == Exact::ZERO
            || (taken.value != all && taken.value != since)
        {
            return false;
        }
        self.left.total_at = all;
        self.rows -= 1;
        self.count_kind(TOTALS, Some(taken.value));
        true
    }

    /// True, and counted, when a row without a date begins with `Total`.
    pub(super) fn is_total_row(&mut self, row: &Row<'_>) -> bool {
        let mut words = (0..row.len()).map(|i| row.field(i)).filter(|f| !f.trim_ascii().is_empty());
        if !words.next().is_some_and(|first| income::is_total(&values::text(first).0)) {
            return false;
        }
        let amount = self.peek(row.field(self.plan.amount));
        self.left.kinds[TOTALS].0 += 1;
        self.left.kinds[TOTALS].1 += amount.unwrap_or_default();
        true
    }

    #[cold]
    pub fn unreadable(&mut self, row: &Row<'_>, column: usize, code: &'static str, why: String) {
        // A placeholder without a date and without money is no row of the statement.
        let nothing = self.peek(row.field(self.plan.amount)) == Some(Exact::ZERO);
        if !(code == "bad_month" && nothing) {
            self.rows += 1;
            self.unreadable += 1;
        }
        self.weigh(row, code);
        self.warn(row.line, column, code, why);
    }

    /// What an unreadable row may have been worth.
    pub fn weigh(&mut self, row: &Row<'_>, code: &str) {
        let raw = row.field(self.plan.amount);
        let whole = !matches!(code, "too_few_fields" | "too_many_fields" | "file_cut_off");
        if whole {
            match amounts::written(raw) {
                Ok(written) => self.at_stake(Some(written.under(self.point())), false),
                // Nothing is written, so nothing is dropped.
                Err(AmountError::Empty) => {}
                Err(_) => self.at_stake(None, amounts::looks_negative(raw)),
            }
            return;
        }
        // The columns are not where they belong: any number in the row may be the money.
        let negative = (0..row.len()).map(|i| row.field(i)).any(|f| {
            dates::dated(f).is_none() && amounts::written(f).is_ok_and(|w| w.value.is_negative())
        });
        self.at_stake(None, negative);
    }

    /// Money at stake that is not counted; `None` when it cannot be read.
    pub(super) fn at_stake(&mut self, amount: Option<Exact>, negative: bool) {
        if amount == Some(Exact::ZERO) {
            return;
        }
        self.left.rows += 1;
        self.left.unread += u64::from(amount.is_none());
        self.left.negative += u64::from(negative || amount.is_some_and(Exact::is_negative));
        self.left.sum += amount.unwrap_or_default();
    }

    /// False when the row is blank or has not the header's number of fields (a warning then).
    #[cold]
    pub(super) fn has_width(&mut self, row: &Row<'_>) -> bool {
        if row.is_blank() {
            return false;
        }
        let (have, want) = (row.len(), self.plan.width);
        if have > want {
            if (want..have).all(|i| row.field(i).trim_ascii().is_empty()) {
                return true;
            }
            let why = format!(
                "the row has {have} fields, the header {want}: a separator inside a field \
                 without quotes? The row is left out"
            );
            self.unreadable(row, usize::MAX, "too_many_fields", why);
            return false;
        }
        if have >= self.plan.needed {
            return true;
        }
        if self.is_total_row(row) {
            return false;
        }
        if (row.terminated || self.left.footers > 0) && !has_number(row) {
            // Words below the table: a greeting, a note.
            self.left.footers += 1;
            let why = "no row of the table: it has no number, and not the fields".to_owned();
            self.warn(row.line, usize::MAX, "footer", why);
            return false;
        }
        let (code, why) = if row.terminated {
            let why = format!("the row has {have} fields, the header {want}: the row is left out");
            ("too_few_fields", why)
        } else {
            let why = format!(
                "the file ends in the middle of this row ({have} of {want} fields): the \
                 download was probably cut off; the row is left out"
            );
            ("file_cut_off", why)
        };
        self.unreadable(row, usize::MAX, code, why);
        false
    }
}
