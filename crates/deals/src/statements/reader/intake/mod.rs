//! Takes the rows of a file one by one: checks, sums exactly, remembers what was odd.

mod fields;
mod kinds;
mod left_out;
mod money;
mod questions;
mod repeats;
mod sums;
mod verdict;

use kernel::{Asset, Exact};

use super::amounts::Family;
use super::calendar::Calendar;
use super::cells::{CellTable, Entry, Memo, Work};
use super::countries::Country;
use super::dates::{self, Dated};
use super::income::{Kind, Sums};
use super::notes::Notes;
use super::plan::Plan;
use super::records::Row;
use super::types::{Confirmation, Limits, Reason, Refused};
use super::{formats, values};

pub(super) use money::Taken;
pub(super) use verdict::Verdict;

use kinds::Answers;
use left_out::LeftOut;
use money::Sign;

/// Rows with a foreign currency that a refusal names.
const NAMED_ROWS: usize = 20;

/// Sums of a file whose tables are compared with each other, at most.
const COMPARED: usize = 200_000;

/// What is known of a file so far.
pub(super) struct Intake {
    pub plan: Plan,
    pub header: Vec<String>,
    pub notes: Notes,
    pub rows: u64,
    pub unreadable: u64,
    pub total: Exact,
    pub column_total: Exact,
    pub currency: Option<Asset>,
    pub works: Vec<Work>,
    pub stores: Vec<String>,
    pub table: CellTable,
    /// The bytes of some text were no UTF-8.
    pub foreign: bool,
    pub confirmations: Vec<Confirmation>,
    /// Sheets or members that were not read.
    pub tables_left_out: Vec<String>,
    /// The sheets or members read so far, when there are several.
    tables: Vec<TableSeen>,
    /// Sums whose decimal sign is in doubt, written with a point and with a comma.
    unsure: [CellTable; 2],
    sign: Sign,
    calendar: Calendar,
    left: LeftOut,
    /// Income that the earnings column does not state (Bandcamp's refunds).
    beyond_column: Exact,
    twins: Vec<TwinSeen>,
    mixed: Vec<Reason>,
    mixed_total: u64,
    /// The table of the first of them, when there are several.
    mixed_in: Option<String>,
    /// Signs of several currencies beside amounts: the first line of each, and what stood there.
    signs: Vec<(Family, u32, String)>,
    limits: Limits,
    days: Memo<u16>,
    elsewhere: Memo<()>,
    /// Columns that tell kinds of rows.
    kinds: Vec<kinds::Column>,
    answers: Answers,
    /// Kinds of the row at hand that nobody has judged.
    open_now: Vec<(usize, u16)>,
    /// First cells, and whether they say that the row is a sum.
    first_cells: Memo<Sums>,
    work_ids: Memo<u32>,
    /// Recordings by title and ISRC in one spelling.
    recordings: rustc_hash::FxHashMap<(String, String), u32>,
    /// Works and stores whose names are those of payouts, balances or sums.
    odd_works: rustc_hash::FxHashMap<u32, Kind>,
    odd_stores: rustc_hash::FxHashMap<u16, Kind>,
    store_ids: Memo<u16>,
    country_codes: Memo<Country>,
    currencies: Memo<Asset>,
    key: Vec<u8>,
    /// A person said that what is marked as a debit is the income.
    debits_are_income: bool,
    /// The date of a line between the rows, which holds for those below it.
    block: Option<u16>,
    /// Rows that repeat the header.
    headers: u64,
    /// Sums of the rows above.
    running: sums::Running,
    /// The rows are cells of wide ones, which are added up elsewhere.
    pub by_cells: bool,
    /// Wide rows above that the one at hand adds up in every month.
    pub adds_up: Option<u64>,
    /// Line of the first row that adds up others without a word, and how many.
    sum_seen: Option<(u32, u64)>,
}

/// One of several tables.
struct TableSeen {
    name: String,
    /// What it added; while it is read, what was there before.
    rows: u64,
    total: Exact,
    /// Rows of each date of the calendar.
    days: Vec<u64>,
    /// Its own sums, to be compared with those of the others.
    own: CellTable,
}

/// Two columns of one name, and whether they ever differed.
struct TwinSeen {
    field: &'static str,
    name: String,
    other: String,
    differs: Option<u32>,
    /// A person chose between them.
    chosen: bool,
    /// What the other column adds up to, when it holds money.
    sum: Exact,
}

/// Why a row is left out.
pub(super) struct Skipped;

impl Intake {
    pub fn new(plan: Plan, header: Vec<String>, limits: &Limits) -> Self {
        let stores = if plan.store.is_some() { vec![] } else { vec![plan.store_name.to_owned()] };
        let mut intake = Self {
            notes: Notes::new(limits.max_warnings),
            rows: 0,
            unreadable: 0,
            total: Exact::ZERO,
            column_total: Exact::ZERO,
            currency: plan.currency,
            works: Vec::new(),
            stores,
            table: CellTable::new(),
            foreign: false,
            confirmations: Vec::new(),
            tables_left_out: Vec::new(),
            tables: Vec::new(),
            unsure: [CellTable::new(), CellTable::new()],
            sign: Sign::new(plan.decimal),
            calendar: Calendar::default(),
            left: LeftOut::default(),
            beyond_column: Exact::ZERO,
            twins: Vec::new(),
            mixed: Vec::new(),
            mixed_total: 0,
            mixed_in: None,
            signs: Vec::new(),
            limits: *limits,
            days: Memo::forgetful(),
            elsewhere: Memo::forgetful(),
            kinds: Vec::new(),
            answers: Answers::of(&plan.rows),
            open_now: Vec::new(),
            first_cells: Memo::forgetful(),
            work_ids: Memo::new(),
            recordings: rustc_hash::FxHashMap::default(),
            odd_works: rustc_hash::FxHashMap::default(),
            odd_stores: rustc_hash::FxHashMap::default(),
            store_ids: Memo::new(),
            country_codes: Memo::new(),
            currencies: Memo::new(),
            key: Vec::new(),
            debits_are_income: false,
            block: None,
            headers: 0,
            running: sums::Running::default(),
            by_cells: false,
            adds_up: None,
            sum_seen: None,
            header: Vec::new(),
            plan,
        };
        intake.begin(header);
        intake
    }

    /// Begins, or goes on with, one of several tables of the same layout.
    pub fn next_table(&mut self, name: &str, plan: Plan, header: Vec<String>) {
        self.end_table();
        self.tables.push(TableSeen {
            name: name.to_owned(),
            rows: self.rows,
            total: self.total,
            days: self.calendar.days.iter().map(|d| d.rows).collect(),
            own: CellTable::new(),
        });
        self.plan = plan;
        self.begin(header);
    }

    /// Keeps what the table added, in place of what was there before it.
    fn end_table(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        table.rows = self.rows - table.rows;
        table.total = self.total - table.total;
        let before = std::mem::take(&mut table.days);
        let days = self.calendar.days.iter().enumerate();
        table.days = days.map(|(i, d)| d.rows - before.get(i).copied().unwrap_or(0)).collect();
    }

    /// Names of the tables, when there are several.
    pub fn table_names(&self) -> Vec<String> {
        self.tables.iter().map(|t| t.name.clone()).collect()
    }

    fn begin(&mut self, header: Vec<String>) {
        self.header = header;
        self.begin_kinds();
        self.begin_sides();
        self.running = sums::Running::default();
        self.block = None;
        for twin in &self.plan.twins {
            let seen = TwinSeen {
                field: twin.field,
                name: self.header[twin.column].clone(),
                other: self.header[twin.other].clone(),
                differs: None,
                chosen: twin.chosen,
                sum: Exact::ZERO,
            };
            if !self.twins.iter().any(|t| (t.field, &t.other) == (seen.field, &seen.other)) {
                self.twins.push(seen);
            }
        }
    }

    /// Takes one data row.
    ///
    /// # Errors
    /// Only what ends the whole reading: too many different works, an unknown currency.
    pub fn take(&mut self, row: &Row<'_>) -> Result<(), Refused> {
        if row.len() != self.plan.width && !self.fits(row, self.plan.width, self.plan.needed) {
            return Ok(());
        }
        self.open_now.clear();
        if !self.plan.tellers.is_empty() && self.is_no_income(row) {
            return Ok(());
        }
        let Ok(day) = self.day(row)? else { return Ok(()) };
        let Some(taken) = self.money(row) else { return Ok(()) };
        self.rows += 1;
        if !self.same_currency(row, taken.currency)? {
            return Ok(());
        }
        if let Some(family) = taken.family {
            self.hear_sign(row, family);
        }
        let isrc_damaged = self.check_ids(row);
        let work = self.work(row, isrc_damaged)?;
        let store = self.store(row)?;
        if self.is_oddly_named(row, work, store)
            && self.is_named_no_income(row, (work, store, day), &taken)
        {
            return Ok(());
        }
        let units = self.units(row);
        if self.adds_up_others(row, &taken, units) {
            return Ok(());
        }
        if !self.open_now.is_empty() {
            self.count_open(taken.value);
        }
        let country = self.country(row);
        let (amount, line) = (taken.value, row.line);
        let entry = Entry { work, store, country, day, amount, units, line };
        self.remember_first(&entry, &taken);
        self.calendar.days[usize::from(day)].rows += 1;
        self.total += taken.value;
        self.beyond_column += taken.beyond_column;
        match taken.unsure {
            None => {
                self.table.add(&entry);
                if let Some(table) = self.tables.last_mut()
                    && self.table.cells.len() <= COMPARED
                {
                    table.own.add(&entry);
                }
            }
            Some(comma) => self.unsure[usize::from(comma)].add(&entry),
        }
        if !self.plan.twins.is_empty() {
            self.compare_twins(row);
        }
        let [points, commas] = &self.unsure;
        let cells = self.table.cells.len() + points.cells.len() + commas.cells.len();
        if cells > self.limits.max_cells {
            return Err(too_many("monthly sums", self.limits.max_cells));
        }
        Ok(())
    }

    /// The number of the row's date; `Err` leaves the row out.
    fn day(&mut self, row: &Row<'_>) -> Result<Result<u16, Skipped>, Refused> {
        for at in 0..self.plan.other_dates.len() {
            self.hear(row, self.plan.other_dates[at]);
        }
        let Some(column) = self.plan.month else { return self.stated_day(row) };
        let start = row.field(column);
        let raw = match self.plan.month_end {
            Some(end) if !row.field(end).is_empty() => {
                self.key.clear();
                self.key.extend_from_slice(start);
                self.key.extend_from_slice(b" - ");
                self.key.extend_from_slice(row.field(end));
                &self.key
            }
            _ => match self.plan.year {
                Some(year) => {
                    self.key.clear();
                    self.key.extend_from_slice(start);
                    self.key.extend_from_slice(b" - ");
                    self.key.extend_from_slice(row.field(year));
                    &self.key
                }
                None => start,
            },
        };
        let calendar = &mut self.calendar;
        let read = self.days.get(raw, |raw| {
            let dated = dates::dated(raw).ok_or(None)?;
            calendar.enter(&dated, row.line, || shown(raw)).ok_or_else(|| Some(too_many_dates()))
        });
        match read {
            Ok(day) => Ok(Ok(day)),
            Err(Some(refused)) => Err(refused),
            Err(None) => {
                self.bad_date(row, column);
                Ok(Err(Skipped))
            }
        }
    }

    #[cold]
    fn bad_date(&mut self, row: &Row<'_>, column: usize) {
        let sum = |own: &mut Self| own.is_total_row(row) || own.is_dateless_sum(row);
        if row.is_blank() || self.is_header(row) || sum(self) {
            return;
        }
        let shown = shown(row.field(column));
        let why = format!(
            "'{shown}' is no month or date (allowed: 2024-03, 2024-03-15, 3/15/2024, March 2024, \
             Q1 2024, Jan-Mar 2024): the row is left out"
        );
        self.unreadable(row, column, "bad_month", why);
    }

    /// The period that a person stated for all rows.
    fn stated_day(&mut self, row: &Row<'_>) -> Result<Result<u16, Skipped>, Refused> {
        let Some(period) = self.plan.period else { return Ok(Err(Skipped)) };
        if row.is_blank() || self.is_period_line(row) || self.is_total_row(row) {
            return Ok(Err(Skipped));
        }
        if let Some(day) = self.block {
            return Ok(Ok(day));
        }
        let text = format!("{} - {}", period.from, period.to);
        let dated: Option<Dated> = dates::dated(text.as_bytes());
        let dated = dated.ok_or_else(|| {
            let months = period.to.index() - period.from.index() + 1;
            let message = if months > dates::LONGEST {
                format!(
                    "'{text}' are {months} months: a period may have {} at most",
                    dates::LONGEST
                )
            } else {
                format!("'{text}' is no period: from one month to the same or a later")
            };
            Refused::mapping("period", message)
        })?;
        let day = self.calendar.enter(&dated, row.line, || text);
        day.map(Ok).ok_or_else(too_many_dates)
    }

    /// True for a line between the rows that says the period of those below it. Another one
    /// than that of the file is said.
    #[cold]
    pub(super) fn is_period_line(&mut self, row: &Row<'_>) -> bool {
        let mut filled = (0..row.len()).filter(|i| !row.field(*i).trim_ascii().is_empty());
        let (Some(at), None) = (filled.next(), filled.next()) else { return false };
        if self.plan.amount == at {
            return false;
        }
        let raw = row.field(at);
        let (text, _) = values::text(raw);
        let after = text.split_once(':').map_or(text.as_str(), |(_, after)| after);
        let dated = dates::dated(text.as_bytes()).or_else(|| dates::dated(after.as_bytes()));
        let Some(dated) = dated else { return false };
        self.block = self.calendar.enter(&dated, row.line, || text.clone());
        let message = format!("'{text}' is taken to be the period of the rows below it");
        self.warn(row.line, usize::MAX, "period_line", message);
        true
    }

    /// True for a row that repeats the header, as at the top of each page.
    #[cold]
    fn is_header(&mut self, row: &Row<'_>) -> bool {
        let cell = |at: usize| formats::normalise(&values::text(row.field(at)).0);
        let same = (0..self.header.len())
            .filter(|at| cell(*at) == formats::normalise(formats::shared_name(&self.header[*at])));
        let filled = (0..row.len()).filter(|at| !row.field(*at).trim_ascii().is_empty()).count();
        let header = filled > 1 && same.count() >= filled;
        self.headers += u64::from(header);
        header
    }

    fn hear(&mut self, row: &Row<'_>, column: usize) {
        let calendar = &mut self.calendar;
        let heard: Result<(), Skipped> = self.elsewhere.get(row.field(column), |raw| {
            if let Some(dated) = dates::dated(raw) {
                calendar.hear(&dated);
            }
            Ok(())
        });
        // Nothing can go wrong in listening.
        let _always = heard.is_ok();
    }

    fn compare_twins(&mut self, row: &Row<'_>) {
        for at in 0..self.plan.twins.len() {
            let twin = self.plan.twins[at];
            let other = row.field(twin.other);
            let name = &self.header[twin.other];
            let place = self.twins.iter().position(|t| t.field == twin.field && t.other == *name);
            let Some(place) = place else { continue };
            if row.field(twin.column) != other && self.twins[place].differs.is_none() {
                self.twins[place].differs = Some(row.line);
            }
            if twin.field == "amount" {
                let more = self.peek(other).unwrap_or(Exact::ZERO);
                self.twins[place].sum += more;
            }
        }
    }

    fn column(&self, index: usize) -> &str {
        self.header.get(index).map_or("", String::as_str)
    }

    /// A message with the name of the table, when there are several.
    fn in_table(&self, message: String) -> String {
        match self.tables.last() {
            Some(table) => format!("{}: {message}", table.name),
            None => message,
        }
    }

    #[cold]
    pub fn warn(&mut self, line: u32, column: usize, code: &'static str, message: String) {
        let name = self.column(column).to_owned();
        let message = if line > 0 { self.in_table(message) } else { message };
        self.notes.add(line, &name, code, message);
    }
}

/// A field as a message shows it.
pub(super) fn shown(raw: &[u8]) -> String {
    values::text(raw).0.chars().take(40).collect()
}

fn too_many(what: &str, most: usize) -> Refused {
    Refused::new(
        "too_many_values",
        format!("the file has more than {most} different {what}: split it by period"),
    )
}

fn too_many_dates() -> Refused {
    too_many("dates", usize::from(u16::MAX))
}
