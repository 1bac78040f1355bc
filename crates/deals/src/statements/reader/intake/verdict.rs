//! What is decided when every row was seen: decimal sign, order of day and month, months; what
//! only a person can decide, and what a person has to say yes to.

use kernel::{Asset, Exact};

use super::Intake;
use super::left_out::absolute;
use crate::statements::reader::amounts::thousandfold;
use crate::statements::reader::calendar::{Odd, Order};
use crate::statements::reader::cells::CellTable;
use crate::statements::reader::dates::Span;
use crate::statements::reader::formats;
use crate::statements::reader::income::{self, Kind};
use crate::statements::reader::types::{Confirmation, DateOrder, Decimal, Question, Refused};

/// One odd amount in so many does not unsettle the sign of the others.
const ODD_ONE_IN: u64 = 100;
/// One unreadable row in so many needs no yes, unless it is negative.
const DROPPED_ONE_IN: u64 = 1000;
/// Periods that a note names.
const NAMED: usize = 6;

/// What the file as a whole came to.
#[derive(Debug, Default)]
pub(in crate::statements::reader) struct Verdict {
    /// What has to be decided first; the sums are not final while there is any.
    pub questions: Vec<Question>,
    /// The decimal sign that the whole column showed.
    pub decimal: Option<Decimal>,
    /// The order that the whole file showed.
    pub date_order: Option<DateOrder>,
}

impl Intake {
    /// Ends the reading: what is wrong with the file as a whole.
    ///
    /// # Errors
    /// Several currencies, one that contradicts what was said, no or hardly any readable rows.
    pub fn finish(&mut self) -> Result<Verdict, Refused> {
        self.one_currency()?;
        self.end_table();
        self.confirm_repeats();
        let mut verdict = Verdict::default();
        self.decide_decimal(&mut verdict);
        let order = self.decide_order(&mut verdict);
        if verdict.questions.is_empty() {
            self.judge_first();
        }
        self.ask_twins(&mut verdict);
        self.ask_unit(&mut verdict);
        self.ask_currency(&mut verdict);
        self.ask_kinds(&mut verdict);
        self.note_the_whole();
        if verdict.questions.is_empty() {
            let spans = self.settle(&order);
            self.confirm_overlaps(&spans);
        }
        if self.unreadable == self.rows {
            return Err(self.nothing_readable());
        }
        if (self.left.rows - self.left.empty) * 2 > self.rows {
            return Err(self.mostly_unreadable());
        }
        self.confirm_left_out();
        Ok(verdict)
    }

    fn one_currency(&mut self) -> Result<(), Refused> {
        let first = self.currency.map_or("", Asset::code);
        let file = self.currency.filter(|c| self.plan.currency_said.is_some_and(|s| s != *c));
        if let (Some(found), Some(said)) = (file, self.plan.currency_said) {
            let message = format!("{said} was given, but the rows are in {found}: leave it out");
            return Err(Refused::mapping("currency", message));
        }
        self.signs_fit()?;
        if self.mixed_total == 0 {
            return Ok(());
        }
        let mut refused = Refused::new(
            "mixed_currencies",
            format!(
                "the file mixes currencies: it begins in {first}, and {} rows are in another one \
                 (the first on line {}{}); one currency for each file is allowed",
                self.mixed_total,
                self.mixed.first().map_or(0, |r| r.line),
                self.mixed_in.as_ref().map(|t| format!(" of {t}")).unwrap_or_default(),
            ),
        );
        refused.reasons = std::mem::take(&mut self.mixed);
        Err(refused)
    }

    /// The signs beside the amounts may mean the currency of the file.
    fn signs_fit(&self) -> Result<(), Refused> {
        let Some(currency) = self.currency else { return Ok(()) };
        let Some((_, line, text)) = self.signs.iter().find(|(f, ..)| !f.may_be(currency)) else {
            return Ok(());
        };
        let message = format!(
            "the amounts are said to be in {currency}, but '{text}' on line {line} is in another \
             currency"
        );
        Err(match self.plan.currency_said {
            Some(_) => Refused::mapping("currency", message),
            None => Refused::new("mixed_currencies", message),
        })
    }

    /// Adds up the amounts in doubt once the sign is known, or asks.
    fn decide_decimal(&mut self, verdict: &mut Verdict) {
        let sure = |point: u8| if point == b',' { Decimal::Comma } else { Decimal::Point };
        verdict.decimal = self.sign.point.map(sure);
        // Amounts plainly written with the other sign than the one in force.
        let other = usize::from(self.sign.point == Some(b'.'));
        let others = self.sign.point.map_or(0, |_| self.sign.clear[other]);
        let first_was_odd = others * 2 > self.rows;
        let odd = if first_was_odd { self.rows.saturating_sub(others) } else { others };
        let mixed = odd.saturating_mul(ODD_ONE_IN) > self.rows;
        if !self.sign.said && (mixed || first_was_odd && self.sign.unsure > 0) {
            let example = |at: usize| self.sign.first[at].clone().unwrap_or_default();
            let ((a, point), (b, comma)) = (example(0), example(1));
            let message = format!(
                "the amounts are written both ways: '{point}' on line {a}, '{comma}' on line {b}; \
                 say what separates whole and fraction"
            );
            verdict.decimal = None;
            verdict.questions.push(self.decimal_question(message));
            return;
        }
        if others > 0 {
            let odd_one = if first_was_odd { 1 - other } else { other };
            let (line, text) = self.sign.first[odd_one].clone().unwrap_or_default();
            let message = format!(
                "{odd} amounts are written with the other decimal sign ('{text}' on line {line}): \
                 read as they are written"
            );
            self.notes.add(0, &self.amount_name(), "other_decimal", message);
        }
        if first_was_odd && !self.sign.said {
            verdict.decimal = Some(sure(if other == 0 { b'.' } else { b',' }));
        }
        let unsure = self.unsure.iter().any(|t| !t.cells.is_empty());
        if !unsure {
            return;
        }
        // A layout that never groups with points, or the other columns, decide for it.
        let hint = self.plan.hint_of_decimal(self.unsure[1].cells.is_empty());
        match verdict.decimal.or(hint) {
            Some(decimal) => {
                verdict.decimal = Some(decimal);
                self.merge_unsure(decimal);
            }
            None => {
                let (line, text) = self.sign.first_unsure.clone().unwrap_or_default();
                let message = format!(
                    "'{text}' on line {line} may be thousands or a fraction, and no amount of \
                     the column tells: say what separates whole and fraction"
                );
                verdict.questions.push(self.decimal_question(message));
            }
        }
    }

    /// Some amounts still have two readings.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.unsure.iter().any(|t| !t.cells.is_empty())
    }

    fn merge_unsure(&mut self, decimal: Decimal) {
        for at in 0..self.unsure.len() {
            let table = std::mem::replace(&mut self.unsure[at], CellTable::new());
            for mut cell in table.cells {
                if large(at, decimal) {
                    cell.amount = thousandfold(cell.amount);
                }
                self.table.merge(&cell);
            }
        }
    }

    fn decide_order(&mut self, verdict: &mut Verdict) -> Order {
        let order = self.calendar.order(self.plan.date_order, self.limits.latest);
        match order {
            Order::Plain => {}
            Order::Is(order) => {
                verdict.date_order = Some(order);
                if self.plan.us_dates && order == DateOrder::Dmy {
                    let message = "the dates are day first, which this layout's own are not: it \
                                   was probably saved again elsewhere"
                        .to_owned();
                    self.notes.add(0, &self.month_name(), "day_first", message);
                }
            }
            Order::Ask(a, b) => verdict.questions.push(self.order_question(a, b, false)),
            Order::Mixed(a, b) => verdict.questions.push(self.order_question(a, b, true)),
        }
        order
    }

    /// Warnings about the file as a whole.
    fn note_the_whole(&mut self) {
        for at in 1..self.header.len() {
            let name = formats::shared_name(&self.header[at]).to_owned();
            let again = name != self.header[at];
            if again
                && !self.notes.list.iter().any(|n| {
                    n.code == "duplicate_column" && formats::shared_name(&n.column) == name
                })
            {
                let message = format!("two columns are called '{name}'");
                self.notes.add(0, &name, "duplicate_column", message);
            }
        }
        for (at, (rows, sum)) in self.left.kinds.into_iter().enumerate() {
            if rows > 0 {
                let (code, what) = income::NAMES[at];
                let values = self.left_values(at);
                let message = format!(
                    "{rows} rows are {what}, not income: left out of the sums (they add up to \
                     {sum}){values}"
                );
                self.notes.add(0, "", code, message);
            }
        }
        if self.headers > 0 {
            let message = format!("{} rows repeat the header: passed over", self.headers);
            self.notes.add(0, "", "repeated_header", message);
        }
        if let Some((line, text)) = self.sign.first_cut.take() {
            let message = format!(
                "{} amounts have more than 12 decimals ('{text}' on line {line}): cut to 12, \
                 rounded",
                self.sign.cut
            );
            self.notes.add(0, &self.amount_name(), "decimals_cut", message);
        }
        if let Some(text) = self.calendar.serial.clone() {
            let message = format!(
                "dates are stored as a spreadsheet's numbers ('{text}'): read as days since 1900"
            );
            self.notes.add(0, &self.month_name(), "serial_dates", message);
        }
        if self.foreign {
            let message = "the file is not UTF-8: read as Windows-1252 (ISO-8859-1); check names \
                           with special letters"
                .to_owned();
            self.notes.add(0, "", "not_utf8", message);
        }
    }

    /// Gives every sum its month; dates that no statement can have are taken out.
    fn settle(&mut self, order: &Order) -> Vec<Option<Span>> {
        let latest = self.limits.latest;
        let spans: Vec<Result<Span, Odd>> =
            self.calendar.days.iter().map(|d| d.span(order, latest)).collect();
        for (at, span) in spans.iter().enumerate() {
            if let Err(odd) = span {
                self.drop_day(at, *odd);
            }
        }
        self.note_spread(&spans);
        let spans: Vec<Option<Span>> = spans.into_iter().map(Result::ok).collect();
        let table = std::mem::replace(&mut self.table, CellTable::new());
        self.table = table.by_month(&spans);
        self.total = Exact::ZERO;
        for cell in &self.table.cells {
            self.total += cell.amount;
        }
        self.column_total = self.total - self.beyond_column;
        spans
    }

    /// Takes the rows of a date out of the sums, with a word about what they held.
    fn drop_day(&mut self, at: usize, odd: Odd) {
        let number = u16::try_from(at).unwrap_or(u16::MAX);
        let mut sum = Exact::ZERO;
        let (mut rows, mut idle) = (0_u64, 0_u64);
        for cell in self.table.cells.iter().filter(|c| c.day() == number) {
            rows += u64::from(cell.rows);
            sum += cell.amount;
            if cell.amount == Exact::ZERO {
                idle += u64::from(cell.rows);
                continue;
            }
            self.left.rows += u64::from(cell.rows);
            self.left.sum += cell.amount;
            self.left.weight += absolute(cell.amount);
            self.left.negative += u64::from(cell.amount.is_negative());
        }
        // Rows of nothing (placeholders) are no rows of the statement.
        self.rows -= idle;
        self.unreadable += rows - idle;
        let day = &self.calendar.days[at];
        let (code, why) = match odd {
            Odd::Future => ("future_date", "is in the future"),
            Odd::Ancient => ("ancient_date", "is before 1990"),
            Odd::OtherOrder => ("bad_month", "is no date in the order of the others"),
        };
        let message =
            format!("'{}' {why}: {rows} rows are left out, they add up to {sum}", day.text);
        let line = day.first_line;
        self.warn(line, self.plan.month.unwrap_or(usize::MAX), code, message);
    }

    /// Says which ranges were spread over their months.
    fn note_spread(&mut self, spans: &[Result<Span, Odd>]) {
        let mut named: Vec<String> = Vec::new();
        let (mut rows, mut ranges) = (0, 0_usize);
        for (day, span) in self.calendar.days.iter().zip(spans) {
            let Ok(span) = span else { continue };
            if span.from != span.to && day.rows > 0 {
                ranges += 1;
                rows += day.rows;
                if named.len() < NAMED {
                    named.push(format!("'{}' over {} to {}", day.text, span.from, span.to));
                }
            }
        }
        if ranges == 0 {
            return;
        }
        let more = if ranges > named.len() { ", ..." } else { "" };
        let message = format!(
            "{rows} rows cover several months: their sums are spread evenly ({}{more}); what \
             cannot be divided goes to the first months",
            named.join(", ")
        );
        self.notes.add(0, &self.month_name(), "spread_over_months", message);
    }

    /// What is left out is more than one part in so many of the money, or of the streams where
    /// no money can be read.
    fn weighs_much(&self) -> bool {
        let most = i128::from(DROPPED_ONE_IN);
        let units: i64 = self.table.cells.iter().fold(0, |sum, c| sum.saturating_add(c.units));
        self.left.weight.0.saturating_mul(most) > absolute(self.total).0
            || self.left.units.saturating_mul(DROPPED_ONE_IN) > units.unsigned_abs()
    }

    /// Asks for a yes to amounts that are left out.
    fn confirm_left_out(&mut self) {
        let currency = self.currency.map_or("", Asset::code);
        let left = &self.left;
        if left.negative > 0 || left.rows * DROPPED_ONE_IN > self.rows || self.weighs_much() {
            let mut message = format!(
                "{} of {} rows are left out; as far as they can be read they add up to {} \
                 {currency}",
                left.rows, self.rows, left.sum
            );
            if left.unread > 0 {
                message.push_str(&format!(", the amounts of {} cannot be read", left.unread));
            }
            if left.empty > 0 {
                message.push_str(&format!(" ({} of them are empty)", left.empty));
            }
            if left.negative > 0 {
                message.push_str(&format!(", {} are negative", left.negative));
            }
            self.confirmations.push(Confirmation::of_file(
                "rows_left_out",
                message,
                left.rows,
                Some(left.sum),
            ));
        }
        let undone = left.kinds[income::place(Kind::Undone)];
        if undone.0 > 0 && left.taken_back != Exact::ZERO {
            self.confirmations.push(Confirmation::of_file(
                "refunds_twice",
                format!(
                    "{} refunded orders ({} {currency}) are left out, and other rows take back \
                     {} {currency}: the same refunds may count twice",
                    undone.0, undone.1, left.taken_back
                ),
                undone.0,
                Some(left.taken_back),
            ));
        }
    }

    fn nothing_readable(&self) -> Refused {
        let text = if self.rows == 0 {
            "the file has a header but no rows of income".to_owned()
        } else {
            format!("none of the {} rows can be read", self.rows)
        };
        let mut refused = Refused::new("no_readable_rows", text);
        refused.reasons.extend(self.notes.first(5));
        refused
    }

    fn mostly_unreadable(&self) -> Refused {
        let mut refused = Refused::new(
            "mostly_unreadable",
            format!(
                "{} of {} rows cannot be read: at least half must be readable",
                self.left.rows, self.rows
            ),
        );
        refused.reasons.extend(self.notes.first(5));
        refused
    }

    pub(super) fn amount_name(&self) -> String {
        self.column(self.plan.amount).to_owned()
    }

    fn month_name(&self) -> String {
        self.plan.month.map_or_else(String::new, |m| self.column(m).to_owned())
    }
}

/// True when amounts written with the sign at `at` (0 a point, 1 a comma) group thousands.
pub(super) fn large(at: usize, decimal: Decimal) -> bool {
    (at == 0) == (decimal == Decimal::Comma)
}
