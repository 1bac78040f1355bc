//! Rows that do not count: unreadable ones, and those that are no income.

use kernel::Exact;

use super::money::Taken;
use super::{Intake, Skipped};
use crate::statements::reader::amounts::{self, AmountError};
use crate::statements::reader::cells::Cell;
use crate::statements::reader::formats;
use crate::statements::reader::income::{self, Kind, LEFT_OUT, Sums, TOTALS};
use crate::statements::reader::records::Row;
use crate::statements::reader::{dates, values, worth};

/// Sums that are searched for what a row adds up, at most.
const SEARCHED: usize = 50_000;

/// What rows that could not be read may have held, and rows that are no income.
#[derive(Debug, Default)]
pub struct LeftOut {
    /// Unreadable rows with money at stake.
    pub rows: u64,
    /// Their sum, as far as it can be read.
    pub sum: Exact,
    /// Their sum without signs.
    pub weight: Exact,
    /// Those of them whose amount is empty.
    pub empty: u64,
    /// Streams and sales of those of which no money can be read.
    pub units: u64,
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

/// An amount without its sign.
pub(super) fn absolute(amount: Exact) -> Exact {
    if amount.is_negative() { -amount } else { amount }
}

/// True when some field holds a number that is no date.
fn has_number(row: &Row<'_>) -> bool {
    let number = |f: &[u8]| amounts::written(f).is_ok() && dates::dated(f).is_none();
    (0..row.len()).any(|i| number(row.field(i)))
}

impl Intake {
    pub(super) fn count_kind(&mut self, place: usize, amount: Option<Exact>) {
        // A row without an amount is a row of the file all the same.
        self.rows += u64::from(amount.is_none());
        self.left.kinds[place].0 += 1;
        self.left.kinds[place].1 += amount.unwrap_or_default();
    }

    /// The name of the work or the store, or the first cell, may make the row no income.
    #[inline]
    pub(super) fn is_oddly_named(&mut self, row: &Row<'_>, work: u32, store: u16) -> bool {
        let work = !self.odd_works.is_empty() && self.odd_works.contains_key(&work);
        let store = !self.odd_stores.is_empty() && self.odd_stores.contains_key(&store);
        work || store || self.plan.first.is_some_and(|at| self.is_sum_by_first_cell(row, at))
    }

    fn is_sum_by_first_cell(&mut self, row: &Row<'_>, at: usize) -> bool {
        let said: Result<Sums, Skipped> =
            self.first_cells.get(row.field(at), |raw| Ok(income::sums(&values::text(raw).0)));
        matches!(said, Ok(Sums::Plainly | Sums::Of))
    }

    /// True, and counted, when the names of the row make it no income: a payout (when it is
    /// negative), a balance, a sum that is what it says. What they leave open is asked.
    #[cold]
    pub(super) fn is_named_no_income(
        &mut self,
        row: &Row<'_>,
        (work, store, day): (u32, u16, u16),
        taken: &Taken,
    ) -> bool {
        let negative = taken.value.is_negative();
        let first = self.plan.first.filter(|at| self.is_sum_by_first_cell(row, *at));
        let title = self.plan.titles.iter().copied().find(|at| !row.field(*at).is_empty());
        let names = [
            (first, first.map(|_| Kind::Total)),
            (title, self.odd_works.get(&work).copied()),
            (self.plan.store, self.odd_stores.get(&store).copied()),
        ];
        for (column, kind) in names {
            let (Some(column), Some(kind)) = (column, kind) else { continue };
            let (text, _) = values::text(row.field(column));
            if self.is_said_income(column, &text) {
                continue;
            }
            let kind = match kind {
                Kind::Total | Kind::Silent if self.is_sum(kind, taken.value, day, &text) => {
                    self.left.total_at = self.total;
                    self.running.begin_anew();
                    self.rows -= 1;
                    self.count_kind(TOTALS, Some(taken.value));
                    self.open_now.clear();
                    return true;
                }
                Kind::Silent if !self.is_above(taken.value) => continue,
                Kind::Total if taken.value == Exact::ZERO => continue,
                Kind::Payment if !negative => continue,
                Kind::Total | Kind::Silent => Kind::Unsure,
                Kind::Payout if !negative => Kind::Unsure,
                Kind::Payment => Kind::Payout,
                other => other,
            };
            let judged = self.judge_name(column, &text, kind, taken.value);
            if judged.is_out() {
                self.rows -= 1;
                self.count_kind(income::place(judged), Some(taken.value));
                self.open_now.clear();
                return true;
            }
        }
        false
    }

    /// All rows above add up to the amount, or those since the last sum.
    fn is_above(&self, amount: Exact) -> bool {
        amount != Exact::ZERO && (amount == self.total || amount == self.total - self.left.total_at)
    }

    /// True when an amount is what rows above add up to: all of them, those since the last sum,
    /// those of the same date, those of the work or store that the text names. Where the text
    /// may be a name, only the last.
    fn is_sum(&self, kind: Kind, amount: Exact, day: u16, text: &str) -> bool {
        if amount == Exact::ZERO {
            return false;
        }
        let plainly = kind == Kind::Total;
        if plainly && self.is_above(amount) {
            return true;
        }
        let cells = &self.table.cells;
        if cells.len() > SEARCHED {
            return false;
        }
        let sum = |test: &dyn Fn(&Cell) -> bool| {
            let mut sum = Exact::ZERO;
            cells.iter().filter(|c| test(c)).for_each(|c| sum += c.amount);
            sum
        };
        let text = format!(" {} ", formats::normalise(text).replace(':', " "));
        let named = |name: &str| {
            !name.is_empty() && text.contains(&format!(" {} ", formats::normalise(name)))
        };
        let work = |c: &Cell| self.works.get(c.work as usize).is_some_and(|w| named(&w.title));
        let store = |c: &Cell| self.stores.get(usize::from(c.store)).is_some_and(|s| named(s));
        let dated = plainly && amount == sum(&|c| c.day() == day);
        dated || amount == sum(&work) || amount == sum(&store)
    }

    /// True, and counted, when a row without a date begins with `Total`.
    pub(super) fn is_total_row(&mut self, row: &Row<'_>) -> bool {
        let mut words = (0..row.len()).map(|i| row.field(i)).filter(|f| !f.trim_ascii().is_empty());
        if !words.next().is_some_and(|first| {
            matches!(income::sums(&values::text(first).0), Sums::Plainly | Sums::Of)
        }) {
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
                Ok(_) => self.at_stake(self.peek(raw), false),
                // Nothing is written: something is dropped when the row tells of a sale.
                Err(AmountError::Empty) => self.weigh_empty(row),
                Err(_) => {
                    let rough = amounts::rough(raw).map(|r| self.plan.whole(r));
                    let amount = rough.filter(|r| *r != Exact::ZERO);
                    self.guess_stake(row, amount, amounts::looks_negative(raw));
                }
            }
            return;
        }
        // The columns are not where they belong: any number in the row may be the money.
        let negative = (0..row.len()).map(|i| row.field(i)).any(|f| {
            dates::dated(f).is_none() && amounts::written(f).is_ok_and(|w| w.value.is_negative())
        });
        self.at_stake(None, negative);
    }

    fn weigh_empty(&mut self, row: &Row<'_>) {
        // A stroke says that there is nothing.
        if !row.field(self.plan.amount).trim_ascii().is_empty() {
            return;
        }
        let sold = self.plan.units.map(|at| !matches!(self.count_in(row, at), None | Some(0)));
        let other = self.other_money(row);
        let title = self.plan.titles.iter().any(|t| !row.field(*t).trim_ascii().is_empty());
        if other.is_some() || sold.unwrap_or(title) {
            self.left.empty += 1;
            self.guess_stake(row, None, false);
        }
    }

    /// An amount that cannot be read, as far as the row tells it elsewhere.
    fn guess_stake(&mut self, row: &Row<'_>, rough: Option<Exact>, negative: bool) {
        let other = rough.or_else(|| self.other_money(row));
        if other.is_none() {
            let units = self.plan.units.and_then(|at| self.count_in(row, at)).unwrap_or(0);
            self.left.units = self.left.units.saturating_add(units.unsigned_abs());
        }
        self.at_stake(other, negative);
        self.left.unread += u64::from(other.is_some());
    }

    fn count_in(&self, row: &Row<'_>, column: usize) -> Option<i64> {
        values::units(row.field(column), self.point())
    }

    /// The most that another column of money says of the row, or its units times a price.
    fn other_money(&self, row: &Row<'_>) -> Option<Exact> {
        let units = self.plan.units.and_then(|at| self.count_in(row, at)).unwrap_or(1);
        let mut most: Option<Exact> = None;
        for at in (0..self.header.len()).filter(|at| *at != self.plan.amount) {
            let name = &self.header[at];
            let money = worth::of_amount(name).is_some();
            if !money && !worth::is_price(name) || dates::dated(row.field(at)).is_some() {
                continue;
            }
            let Some(value) = self.peek(row.field(at)).filter(|v| *v != Exact::ZERO) else {
                continue;
            };
            let value =
                if money { value } else { Exact(value.0.saturating_mul(i128::from(units))) };
            if most.is_none_or(|m| value.0.unsigned_abs() > m.0.unsigned_abs()) {
                most = Some(value);
            }
        }
        most.filter(|m| *m != Exact::ZERO)
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
        self.left.weight += absolute(amount.unwrap_or_default());
    }

    /// False when the row is blank or has not the `want` fields of the header, of which the
    /// first `needed` must be there (a warning then).
    #[cold]
    pub fn fits(&mut self, row: &Row<'_>, want: usize, needed: usize) -> bool {
        if row.is_blank() || self.plan.month.is_none() && self.is_period_line(row) {
            return false;
        }
        let have = row.len();
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
        if have >= needed {
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
