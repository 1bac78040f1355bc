//! Takes the rows of a file one by one: checks, sums exactly, remembers what was odd.

use kernel::{Asset, Exact, Month};

use super::cells::{CellTable, Entry, Memo, Work};
use super::countries::Country;
use super::notes::Notes;
use super::plan::{self, Plan};
use super::records::Row;
use super::types::{Limits, Reason, Refused};
use super::values::{self, AmountError};

/// Rows with a foreign currency that a refusal names.
const NAMED_ROWS: usize = 20;

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
    pub payouts: u64,
    mixed: Vec<Reason>,
    mixed_total: u64,
    limits: Limits,
    months: Memo<Month>,
    work_ids: Memo<u32>,
    store_ids: Memo<u16>,
    country_codes: Memo<Country>,
    currencies: Memo<Asset>,
    key: Vec<u8>,
}

/// Why a row is left out.
pub(super) struct Skipped;

impl Intake {
    pub fn new(plan: Plan, header: Vec<String>, limits: &Limits) -> Self {
        let stores = if plan.store.is_some() { vec![] } else { vec![plan.store_name.to_owned()] };
        Self {
            header,
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
            payouts: 0,
            mixed: Vec::new(),
            mixed_total: 0,
            limits: *limits,
            months: Memo::new(),
            work_ids: Memo::new(),
            store_ids: Memo::new(),
            country_codes: Memo::new(),
            currencies: Memo::new(),
            key: Vec::new(),
            plan,
        }
    }

    /// Takes one data row.
    ///
    /// # Errors
    /// Only what ends the whole reading: too many different works, an unknown currency.
    pub fn take(&mut self, row: &Row<'_>) -> Result<(), Refused> {
        if row.len() != self.plan.width && !self.has_width(row) {
            return Ok(());
        }
        let Ok(month) = self.month(row) else { return Ok(()) };
        let (income, stored) = match self.plan.bandcamp {
            None => match values::amount(row.field(self.plan.amount), self.point()) {
                Ok(amount) => (amount, amount),
                Err(error) => {
                    self.bad_amount(row, error);
                    return Ok(());
                }
            },
            Some(columns) => match self.bandcamp(row, columns) {
                Ok(Some(amounts)) => amounts,
                Ok(None) => return Ok(()),
                Err(Skipped) => {
                    self.rows += 1;
                    self.unreadable += 1;
                    return Ok(());
                }
            },
        };
        self.rows += 1;
        if !self.same_currency(row)? {
            return Ok(());
        }
        let isrc_damaged = self.check_ids(row);
        let entry = Entry {
            work: self.work(row, isrc_damaged)?,
            store: self.store(row)?,
            country: self.country(row),
            month,
            amount: income,
            units: self.units(row),
            line: row.line,
        };
        self.total += income;
        self.column_total += stored;
        self.table.add(&entry);
        if self.table.cells.len() > self.limits.max_cells {
            return Err(too_many("monthly sums", self.limits.max_cells));
        }
        Ok(())
    }

    /// Ends the reading: what is wrong with the file as a whole.
    pub fn finish(&mut self) -> Result<(), Refused> {
        if self.mixed_total > 0 {
            let first = self.currency.map_or("", Asset::code);
            let mut refused = Refused::new(
                "mixed_currencies",
                format!(
                    "the file mixes currencies: it begins in {first}, and {} rows are in \
                     another one (the first on line {}); one currency for each file is allowed",
                    self.mixed_total,
                    self.mixed.first().map_or(0, |r| r.line),
                ),
            );
            refused.reasons = std::mem::take(&mut self.mixed);
            return Err(refused);
        }
        if self.payouts > 0 {
            let text = format!(
                "{} payout rows are transfers of money already earned, not income: left out of \
                 the sums",
                self.payouts
            );
            self.notes.add(0, "item type", "payout_rows", text);
        }
        if self.foreign {
            self.notes.add(
                0,
                "",
                "not_utf8",
                "the file is not UTF-8: read as Windows-1252 (ISO-8859-1); check names with \
                 special letters"
                    .to_owned(),
            );
        }
        if self.unreadable == self.rows {
            return Err(self.nothing_readable());
        }
        Ok(())
    }

    fn nothing_readable(&self) -> Refused {
        let text = if self.rows == 0 {
            "the file has a header but no rows".to_owned()
        } else {
            format!("none of the {} rows can be read", self.rows)
        };
        let mut refused = Refused::new("no_readable_rows", text);
        refused.reasons.extend(self.notes.first(5));
        refused
    }

    fn point(&self) -> u8 {
        self.plan.decimal.byte()
    }

    fn column(&self, index: usize) -> &str {
        self.header.get(index).map_or("", String::as_str)
    }

    #[cold]
    pub fn warn(&mut self, line: u32, column: usize, code: &'static str, message: String) {
        let name = self.column(column).to_owned();
        self.notes.add(line, &name, code, message);
    }

    #[cold]
    fn unreadable(&mut self, row: &Row<'_>, column: usize, code: &'static str, why: String) {
        self.rows += 1;
        self.unreadable += 1;
        self.warn(row.line, column, code, why);
    }

    /// False when the row is blank or has not the header's number of fields (a warning then).
    #[cold]
    fn has_width(&mut self, row: &Row<'_>) -> bool {
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

    fn month(&mut self, row: &Row<'_>) -> Result<Month, Skipped> {
        let raw = row.field(self.plan.month);
        let order = self.plan.date_order;
        let read = self.months.get(raw, |raw| values::month(raw, order).ok_or(Skipped));
        read.inspect_err(|_| {
            if row.is_blank() {
                return;
            }
            let shown = shown(raw);
            let why = format!(
                "'{shown}' is no month or date (allowed: 2024-03, 2024-03-15, 3/15/2024, \
                 March 2024): the row is left out"
            );
            self.unreadable(row, self.plan.month, "bad_month", why);
        })
    }

    #[cold]
    fn bad_amount(&mut self, row: &Row<'_>, error: AmountError) {
        let raw = row.field(self.plan.amount);
        let shown = shown(raw);
        let point = char::from(self.point());
        let (code, why) = match error {
            AmountError::Empty => ("empty_amount", "the amount is empty".to_owned()),
            AmountError::Ambiguous => (
                "ambiguous_amount",
                format!("'{shown}' may be thousands or a fraction (decimal sign here: '{point}')"),
            ),
            AmountError::NotANumber => {
                ("bad_amount", format!("'{shown}' is no amount (decimal sign here: '{point}')"))
            }
            AmountError::OutOfRange => (
                "bad_amount",
                format!("'{shown}' is too large (at most 18 digits before the point)"),
            ),
        };
        self.unreadable(row, self.plan.amount, code, format!("{why}: the row is left out"));
    }

    /// Counts a row whose currency is not the file's.
    fn same_currency(&mut self, row: &Row<'_>) -> Result<bool, Refused> {
        let Some(column) = self.plan.currency_column else { return Ok(true) };
        let raw = row.field(column);
        let name = self.header.get(column).map_or("", String::as_str);
        let read = self.currencies.get(raw, |raw| {
            let (code, _) = values::text(raw);
            code.parse::<Asset>().map_err(|_| code)
        });
        let asset = match read {
            Ok(asset) => asset,
            Err(code) if code.is_empty() => {
                let why = "the currency is empty: taken to be the file's".to_owned();
                self.warn(row.line, column, "empty_currency", why);
                return Ok(true);
            }
            Err(code) => {
                let place = format!("on line {}, column '{name}',", row.line);
                let mut refused = plan::unknown_currency(&code, &place);
                refused.reasons[0].line = row.line;
                name.clone_into(&mut refused.reasons[0].column);
                return Err(refused);
            }
        };
        let first = *self.currency.get_or_insert(asset);
        if first == asset {
            return Ok(true);
        }
        self.mixed_total += 1;
        if self.mixed.len() < NAMED_ROWS {
            self.mixed.push(Reason {
                line: row.line,
                column: name.to_owned(),
                message: format!("{asset}, but the file begins in {first}"),
            });
        }
        Ok(false)
    }

    /// Warns of identifiers that a spreadsheet turned into numbers. True: the ISRC is one.
    fn check_ids(&mut self, row: &Row<'_>) -> bool {
        let mut isrc = false;
        for at in 0..self.plan.ids.len() {
            let column = self.plan.ids[at];
            let raw = row.field(column);
            if values::is_damaged_id(raw) {
                isrc |= self.plan.isrc == Some(column);
                let why = format!(
                    "'{}' was damaged by a spreadsheet (scientific notation): the digits are \
                     lost, the amount is counted",
                    shown(raw)
                );
                self.warn(row.line, column, "damaged_id", why);
            }
        }
        isrc
    }

    fn work(&mut self, row: &Row<'_>, isrc_damaged: bool) -> Result<u32, Refused> {
        let title = self
            .plan
            .titles
            .iter()
            .map(|t| row.field(*t))
            .find(|t| !t.is_empty())
            .unwrap_or_default();
        let isrc = match self.plan.isrc {
            Some(column) if !isrc_damaged => row.field(column),
            _ => b"",
        };
        self.key.clear();
        self.key.extend_from_slice(title);
        self.key.push(0x1f);
        self.key.extend_from_slice(isrc);
        let Self { works, foreign, limits, .. } = self;
        self.work_ids.get(&self.key, |_| {
            if works.len() >= limits.max_cells {
                return Err(too_many("works", limits.max_cells));
            }
            let (title, odd) = values::text(title);
            *foreign |= odd;
            works.push(Work { title, isrc: tidy_isrc(isrc) });
            Ok(u32::try_from(works.len() - 1).unwrap_or(u32::MAX))
        })
    }

    fn store(&mut self, row: &Row<'_>) -> Result<u16, Refused> {
        let Some(column) = self.plan.store else { return Ok(0) };
        let Self { stores, foreign, .. } = self;
        self.store_ids.get(row.field(column), |raw| {
            let (name, odd) = values::text(raw);
            *foreign |= odd;
            let known = stores.iter().position(|s| *s == name);
            let at = known.unwrap_or_else(|| {
                stores.push(name);
                stores.len() - 1
            });
            u16::try_from(at).map_err(|_| too_many("stores", usize::from(u16::MAX)))
        })
    }

    fn country(&mut self, row: &Row<'_>) -> Country {
        let Some(column) = self.plan.country else { return Country::UNKNOWN };
        let raw = row.field(column);
        let notes = &mut self.notes;
        let name = self.header.get(column).map_or("", String::as_str);
        let read = self.country_codes.get(raw, |raw| {
            let (text, _) = values::text(raw);
            Ok::<_, Skipped>(Country::parse(&text).unwrap_or_else(|| {
                let why = format!("'{text}' is no country we know: counted without a country");
                notes.add(row.line, name, "unknown_country", why);
                Country::UNKNOWN
            }))
        });
        read.unwrap_or(Country::UNKNOWN)
    }

    fn units(&mut self, row: &Row<'_>) -> i64 {
        let Some(column) = self.plan.units else { return 0 };
        let raw = row.field(column);
        values::units(raw, self.point()).unwrap_or_else(|| {
            let why = format!("'{}' is no number: counted as 0, the amount counts", shown(raw));
            self.warn(row.line, column, "bad_units", why);
            0
        })
    }
}

/// A field as a message shows it.
pub(super) fn shown(raw: &[u8]) -> String {
    values::text(raw).0.chars().take(40).collect()
}

/// Upper case, letters and digits only.
fn tidy_isrc(raw: &[u8]) -> String {
    raw.iter()
        .filter(|b| b.is_ascii_alphanumeric())
        .map(|b| char::from(b.to_ascii_uppercase()))
        .take(40)
        .collect()
}

fn too_many(what: &str, most: usize) -> Refused {
    Refused::new(
        "too_many_values",
        format!("the file has more than {most} different {what}: split it by period"),
    )
}
