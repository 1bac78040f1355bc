//! What only a person can decide about a file, with the readings there are.

use kernel::Exact;

use super::verdict::large;
use super::{Intake, TwinSeen, Verdict};
use crate::statements::reader::amounts::thousandfold;
use crate::statements::reader::formats;
use crate::statements::reader::types::{Choice, DateOrder, Decimal, Question, Unit};

impl Intake {
    pub(super) fn decimal_question(&self, message: String) -> Question {
        let total = |decimal: Decimal| {
            let mut total = Exact::ZERO;
            for cell in &self.table.cells {
                total += cell.amount;
            }
            for (at, table) in self.unsure.iter().enumerate() {
                for cell in &table.cells {
                    total +=
                        if large(at, decimal) { thousandfold(cell.amount) } else { cell.amount };
                }
            }
            total
        };
        let choice = |value: &str, decimal, sign: &str| Choice {
            value: value.to_owned(),
            label: format!("{sign} is the decimal sign: the total is {}", total(decimal)),
        };
        let choices = vec![
            choice("point", Decimal::Point, "a point"),
            choice("comma", Decimal::Comma, "a comma"),
        ];
        Question::of("decimal", "decimal", message, choices)
    }

    pub(super) fn order_question(&self, a: DateOrder, b: DateOrder, mixed: bool) -> Question {
        let example = self.calendar.example(a, b);
        let (line, text) = example.map(|d| (d.first_line, d.text.clone())).unwrap_or_default();
        let message = if mixed {
            format!("the dates are in more than one order (see '{text}' on line {line}): say which")
        } else {
            format!(
                "'{text}' on line {line} has two readings, and no date of the file tells which: \
                 say the order of day and month"
            )
        };
        let choice = |order: DateOrder| {
            let reach = self.calendar.reach(order, self.limits.latest);
            let months = reach.map_or("no month".to_owned(), |s| match s.months() {
                1 => format!("every row is of {}", s.from),
                _ => format!("the rows are of {} to {}", s.from, s.to),
            });
            let (value, name) = match order {
                DateOrder::Ymd => ("ymd", "year first"),
                DateOrder::Mdy => ("mdy", "month first"),
                DateOrder::Dmy => ("dmy", "day first"),
            };
            Choice { value: value.to_owned(), label: format!("{name}: {months}") }
        };
        Question::of("date_order", "date_order", message, vec![choice(a), choice(b)])
    }

    /// Amounts that the file says are counted in another unit than the currency's.
    pub(super) fn ask_unit(&self, verdict: &mut Verdict) {
        let (Some((unit, place)), None) = (&self.plan.unit_shown, self.plan.unit) else { return };
        let code = self.currency.map_or("", kernel::Asset::code);
        let choice = |unit: Unit| Choice {
            value: unit.as_str().to_owned(),
            label: format!("the total is {} {code}", unit.whole(self.total)),
        };
        let message = format!(
            "{place} says that the amounts are counted in {} of the currency's unit: say whether \
             they are, or in whole units ('ones')",
            unit.as_str()
        );
        let choices = vec![choice(*unit), choice(Unit::Ones)];
        verdict.questions.push(Question::of("unit", "unit", message, choices));
    }

    /// The amounts say one currency, and a column another.
    pub(super) fn ask_currency(&self, verdict: &mut Verdict) {
        let Some(rival) = &self.plan.rival else { return };
        let amount = self.amount_name();
        let choice = |asset: kernel::Asset, place: String| Choice {
            value: asset.code().to_owned(),
            label: place,
        };
        let message = format!(
            "column '{amount}' says {}, and column '{}' says {}: say which currency the amounts \
             are in",
            rival.own, rival.column, rival.other
        );
        let choices = vec![
            choice(rival.own, format!("as column '{amount}' says")),
            choice(rival.other, format!("as column '{}' says", rival.column)),
        ];
        verdict.questions.push(Question::of("currency_column", "currency", message, choices));
    }

    /// Two columns of one name: a warning when they agree, a question when they do not.
    pub(super) fn ask_twins(&mut self, verdict: &mut Verdict) {
        for twin in std::mem::take(&mut self.twins) {
            let TwinSeen { field, name, other, differs, chosen, sum } = twin;
            let shown = formats::shared_name(&name).to_owned();
            let line = match differs {
                Some(line) if !chosen => line,
                Some(_) => {
                    let message = format!("two columns are called '{shown}': '{name}' was chosen");
                    self.notes.add(0, &name, "duplicate_column", message);
                    continue;
                }
                None => {
                    let message = format!("two columns are called '{shown}'; they say the same");
                    self.notes.add(0, &name, "duplicate_column", message);
                    continue;
                }
            };
            let label = |column: &str, total: Exact| match field {
                "amount" => format!("'{column}' adds up to {total}"),
                _ => format!("'{column}'"),
            };
            let message = format!(
                "two columns are called '{shown}' and differ (first on line {line}): say which \
                 one is meant, '{name}' or '{other}'"
            );
            let choices = vec![
                Choice { label: label(&name, self.total), value: name },
                Choice { label: label(&other, sum), value: other },
            ];
            verdict.questions.push(Question::of("duplicate_column", field, message, choices));
        }
    }
}
