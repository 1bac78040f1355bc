//! The dates of a whole file: which order of day and month they are in, and which are no dates
//! of a statement at all.
//!
//! Rows are summed under the number of their date's readings; the order is decided when every
//! row was seen, so the first rows decide nothing.

use kernel::Month;
use rustc_hash::FxHashMap;

use super::dates::{Dated, Readings, Span};
use super::types::DateOrder;

/// Nobody was paid by statement file before.
const FIRST: i32 = 1990 * 12;
/// One odd date in so many does not unsettle the others.
const ODD_ONE_IN: u64 = 100;
/// Reading a year in one place spreads the file over so many times the months of the other:
/// then it is no year.
const SPREAD: i32 = 2;

const ORDERS: [DateOrder; 3] = [DateOrder::Ymd, DateOrder::Mdy, DateOrder::Dmy];

/// One distinct date of a file.
#[derive(Debug)]
pub(super) struct Day {
    pub readings: Readings,
    pub rows: u64,
    pub first_line: u32,
    /// As the file writes it, for messages.
    pub text: String,
}

/// Every distinct date of a file.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    pub days: Vec<Day>,
    known: FxHashMap<Readings, u16>,
    /// A time of day was in the style of the United States.
    pub us_clock: bool,
    /// Spreadsheet numbers were read as days: one of them.
    pub serial: Option<String>,
    /// Dates of other columns that can only be month first, only day first.
    pub elsewhere: (u64, u64),
}

/// What became of the order of day and month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Order {
    /// There is nothing to decide.
    Plain,
    /// The file, or a person, decides.
    Is(DateOrder),
    /// Both fit every row: a person has to say.
    Ask(DateOrder, DateOrder),
    /// Some rows are only one, some only the other.
    Mixed(DateOrder, DateOrder),
}

/// What is wrong with a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    Future,
    Ancient,
    /// No date in the order that the others are in.
    OtherOrder,
}

impl Calendar {
    /// The number of a date; `None` when the file has more different ones than can be kept.
    pub fn enter(
        &mut self,
        dated: &Dated,
        line: u32,
        text: impl FnOnce() -> String,
    ) -> Option<u16> {
        self.us_clock |= dated.us_clock && dated.readings.certain().is_none();
        if let Some(number) = self.known.get(&dated.readings) {
            return Some(*number);
        }
        let number = u16::try_from(self.days.len()).ok()?;
        let text = text();
        if dated.serial && self.serial.is_none() {
            self.serial = Some(text.clone());
        }
        self.days.push(Day { readings: dated.readings, rows: 0, first_line: line, text });
        self.known.insert(dated.readings, number);
        Some(number)
    }

    /// Takes note of a date in another column.
    pub fn hear(&mut self, dated: &Dated) {
        let under = |order| dated.readings.under(order).is_some();
        match (under(DateOrder::Mdy), under(DateOrder::Dmy)) {
            (true, false) => self.elsewhere.0 += 1,
            (false, true) => self.elsewhere.1 += 1,
            _ => {}
        }
    }

    /// Decides the order for the whole file.
    pub fn order(&self, said: Option<DateOrder>, latest: Month) -> Order {
        let open: Vec<&Day> = self.days.iter().filter(|d| d.readings.certain().is_none()).collect();
        if open.is_empty() {
            return Order::Plain;
        }
        let fits = |day: &Day, order| {
            day.readings.under(order).is_some_and(|s| checked(s, latest).is_ok())
        };
        // A date that is out of time in every order votes for none.
        let voters: Vec<&Day> =
            open.iter().copied().filter(|d| ORDERS.iter().any(|o| fits(d, *o))).collect();
        let votes = |order| voters.iter().filter(|d| fits(d, order)).map(|d| d.rows).sum::<u64>();
        let all: u64 = voters.iter().map(|d| d.rows).sum();
        match said {
            Some(order @ (DateOrder::Mdy | DateOrder::Dmy)) => return Order::Is(order),
            Some(DateOrder::Ymd) if votes(DateOrder::Ymd) * 2 > all => {
                return Order::Is(DateOrder::Ymd);
            }
            _ => {}
        }
        let full: Vec<DateOrder> = ORDERS.into_iter().filter(|o| votes(*o) == all).collect();
        match full[..] {
            [] => self.most(votes, all),
            [one] => Order::Is(one),
            _ => self.between(&full, &voters),
        }
    }

    /// No order fits every row: the one that fits nearly all, else a question.
    fn most(&self, votes: impl Fn(DateOrder) -> u64, all: u64) -> Order {
        let mut ranked = ORDERS.map(|o| (votes(o), o));
        ranked.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
        let [(best, first), (_, second), _] = ranked;
        if (all - best).saturating_mul(ODD_ONE_IN) <= all {
            Order::Is(first)
        } else {
            Order::Mixed(first, second)
        }
    }

    /// Several orders fit every row.
    fn between(&self, full: &[DateOrder], voters: &[&Day]) -> Order {
        let months = |order: DateOrder| voters.iter().map(move |d| d.readings.under(order));
        let mut left: Vec<DateOrder> = full.to_vec();
        // A year that is really a day scatters the rows over decades.
        let width = |order: DateOrder| {
            let spans = || months(order).flatten();
            let from = spans().map(|s| s.from.index()).min().unwrap_or(0);
            spans().map(|s| s.to.index()).max().unwrap_or(0) - from + 1
        };
        if left.contains(&DateOrder::Ymd) {
            let first = width(DateOrder::Ymd);
            let last = left.iter().filter(|o| **o != DateOrder::Ymd).map(|o| width(*o)).min();
            match last {
                Some(last) if last.saturating_mul(SPREAD) <= first => {
                    left.retain(|o| *o != DateOrder::Ymd);
                }
                Some(last) if first.saturating_mul(SPREAD) <= last => {
                    return Order::Is(DateOrder::Ymd);
                }
                _ => {}
            }
        }
        let both = left.contains(&DateOrder::Mdy) && left.contains(&DateOrder::Dmy);
        if both {
            match self.elsewhere {
                (1.., 0) => left.retain(|o| *o != DateOrder::Dmy),
                (0, 1..) => left.retain(|o| *o != DateOrder::Mdy),
                _ if self.us_clock => left.retain(|o| *o != DateOrder::Dmy),
                _ => {}
            }
        }
        match left[..] {
            [one] => Order::Is(one),
            [a, .., b] if months(a).eq(months(b)) => Order::Is(a),
            [a, .., b] => Order::Ask(a, b),
            [] => Order::Plain,
        }
    }

    /// The first and last month of the file under an order, leaving odd dates aside.
    pub fn reach(&self, order: DateOrder, latest: Month) -> Option<Span> {
        let spans = || {
            let of = |d: &Day| d.readings.under(order).and_then(|s| checked(s, latest).ok());
            self.days.iter().filter_map(of)
        };
        let from = spans().map(|s| s.from).min()?;
        Some(Span { from, to: spans().map(|s| s.to).max()? })
    }

    /// A date that the two orders read differently.
    pub fn example(&self, a: DateOrder, b: DateOrder) -> Option<&Day> {
        self.days.iter().find(|d| d.readings.under(a) != d.readings.under(b))
    }
}

impl Day {
    /// The months of this date once the order is decided.
    pub fn span(&self, order: &Order, latest: Month) -> Result<Span, Odd> {
        let span = match order {
            Order::Is(order) => self.readings.under(*order),
            _ => self.readings.certain(),
        };
        checked(span.ok_or(Odd::OtherOrder)?, latest)
    }
}

/// A span within the time of statements. One that began and is not over yet ends now.
fn checked(span: Span, latest: Month) -> Result<Span, Odd> {
    if span.from > latest {
        return Err(Odd::Future);
    }
    if span.from.index() < FIRST {
        return Err(Odd::Ancient);
    }
    Ok(Span { to: span.to.min(latest), ..span })
}
