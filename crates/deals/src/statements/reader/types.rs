//! What goes into the reader and what comes out of it.

use kernel::exact::div_half_even;
use kernel::{Asset, Error, Exact, Kind, Month};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::cells::Aggregates;

/// How a file of an unknown layout is to be read: which column is what.
///
/// Columns are named exactly as the file's header names them (case and outer blanks aside).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Column with the month, date or range of dates in which the money was earned. Empty when
    /// the file has no dates: then `period` says it.
    #[serde(default)]
    pub month: String,
    /// Column with the last month or date, where one column has the first and one the last.
    #[serde(default)]
    pub month_end: Option<String>,
    /// Column with the year, where `month` has the month or quarter alone.
    #[serde(default)]
    pub year: Option<String>,
    /// The months of the whole file, when no column says them. The sums are spread evenly.
    #[serde(default)]
    pub period: Option<Period>,
    /// Column with the earnings that belong to the creator.
    pub amount: String,
    /// Column with the work's title. Where it is empty, the release's name stands in if the
    /// file has such a column.
    #[serde(default)]
    pub title: Option<String>,
    /// Column with the store or service.
    #[serde(default)]
    pub store: Option<String>,
    /// Column with the country (name, two or three letters).
    #[serde(default)]
    pub country: Option<String>,
    /// Column with the number of streams or sales.
    #[serde(default)]
    pub units: Option<String>,
    /// Column with the recording's ISRC.
    #[serde(default)]
    pub isrc: Option<String>,
    /// Column with the currency code of each row.
    #[serde(default)]
    pub currency_column: Option<String>,
    /// Currency of the whole file, when no column says it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "USD")]
    pub currency: Option<Asset>,
    /// What separates whole and fraction in amounts; without it, the whole column decides.
    #[serde(default)]
    pub decimal: Option<Decimal>,
    /// How dates made of numbers only are ordered; without it, the whole file decides.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// What the amounts are counted in; without it, whole units of the currency.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Which kinds of rows are income, where that is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowAnswer>,
}

impl Mapping {
    /// What holds for the next file of the layout, too, whoever it is of: which column is what.
    /// Not the answers that were about this file only (its currency, its period, its decimal
    /// sign, its order of day and month, its units, its kinds of rows).
    #[must_use]
    pub fn without_answers(self) -> Self {
        Self {
            currency: None,
            period: None,
            decimal: None,
            date_order: None,
            unit: None,
            rows: Vec::new(),
            ..self
        }
    }
}

/// What amounts are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StatementUnit)]
pub enum Unit {
    /// Millionths of the currency's unit (micros).
    Millionths,
    /// Thousandths.
    Thousandths,
    /// Hundredths (cents, pence).
    Hundredths,
    /// The unit itself.
    Ones,
    /// Thousands of it.
    Thousands,
    /// Millions of it.
    Millions,
}

impl Unit {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Millionths => "millionths",
            Self::Thousandths => "thousandths",
            Self::Hundredths => "hundredths",
            Self::Ones => "ones",
            Self::Thousands => "thousands",
            Self::Millions => "millions",
        }
    }

    /// An amount in whole units; half of the last of the twelve decimals is rounded to even.
    pub fn whole(self, amount: Exact) -> Exact {
        match self {
            Self::Millionths => Exact(div_half_even(amount.0, 1_000_000)),
            Self::Thousandths => Exact(div_half_even(amount.0, 1_000)),
            Self::Hundredths => Exact(div_half_even(amount.0, 100)),
            Self::Ones => amount,
            Self::Thousands => Exact(amount.0.saturating_mul(1_000)),
            Self::Millions => Exact(amount.0.saturating_mul(1_000_000)),
        }
    }
}

/// Whether rows of a kind are income.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StatementRowAnswer)]
pub struct RowAnswer {
    /// The column that says the kind; empty for any.
    #[serde(default)]
    pub column: String,
    /// What stands in it; `*` for everything in it that is not known.
    pub value: String,
    /// They are income.
    pub income: bool,
}

/// Rows of a kind that may be income or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = StatementRowKind)]
pub struct RowKind {
    /// The column that says the kind.
    pub column: String,
    /// What stands in it; `*` for everything else in it that is not known.
    pub value: String,
    /// Rows.
    pub rows: u64,
    /// Their sum, exact, in the file's currency.
    #[schema(value_type = String)]
    pub amount: Exact,
}

/// The months that a statement covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Period {
    /// First month.
    #[schema(value_type = String, example = "2024-01")]
    pub from: Month,
    /// Last month.
    #[schema(value_type = String, example = "2024-03")]
    pub to: Month,
}

/// The decimal separator of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// `0.0204`
    #[default]
    Point,
    /// `0,0204`
    Comma,
}

impl Decimal {
    /// The byte in the file.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Point => b'.',
            Self::Comma => b',',
        }
    }
}

/// The order of day, month and year in dates like `10/11/2023`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 2023-11-10
    #[default]
    Ymd,
    /// 11/10/2023 (United States)
    Mdy,
    /// 10/11/2023 (Europe)
    Dmy,
}

/// How much of a file the reader is willing to take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes after unpacking. Default 2 GiB.
    pub max_bytes: u64,
    /// Unpacked bytes for each packed byte (checked above 16 MiB). Default 200.
    pub max_ratio: u64,
    /// Unpacked bytes of a spreadsheet, whose shared texts are held in memory. Default 512 MiB.
    pub max_sheet_bytes: u64,
    /// Unpacked bytes of a workbook that are not its sheets: texts that cells share. Default
    /// 64 MiB.
    pub max_texts_bytes: u64,
    /// Different (work, store, country, month) at most. Default 4 million.
    pub max_cells: usize,
    /// Warnings listed in full; all are counted. Default 100.
    pub max_warnings: usize,
    /// The current month: what is dated later is in the future and not counted. Without a
    /// clock, December 2099.
    pub latest: Month,
}

impl Limits {
    /// The usual limits at a time.
    #[must_use]
    pub fn at(now: kernel::Timestamp) -> Self {
        Self { latest: now.month(), ..Self::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 2 << 30,
            max_ratio: 200,
            max_sheet_bytes: 512 << 20,
            max_texts_bytes: 64 << 20,
            max_cells: 4_000_000,
            max_warnings: 100,
            latest: Month::new(2099, 12),
        }
    }
}

/// Something only a person can decide, because the file allows two readings. It is answered
/// with a field of the [`Mapping`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = StatementQuestion)]
pub struct Question {
    /// Stable snake_case code: `columns`, `currency`, `date_order`, `decimal`, `period`,
    /// `amount_column`, `month_column`, `duplicate_column`, `currency_column`, `unit`,
    /// `row_kinds`.
    pub code: String,
    /// Field of the mapping that answers it.
    pub field: String,
    /// What is asked, and why.
    pub message: String,
    /// The answers that fit, where they can be listed.
    pub choices: Vec<Choice>,
    /// Kinds of rows that are each answered by a [`RowAnswer`] in the mapping's `rows`.
    #[serde(default)]
    #[schema(required = true)]
    pub values: Vec<RowKind>,
}

impl Question {
    /// One whose answers are listed, or that is answered freely when none is.
    pub fn of(code: &str, field: &str, message: impl Into<String>, choices: Vec<Choice>) -> Self {
        let (code, field, message) = (code.to_owned(), field.to_owned(), message.into());
        Self { code, field, message, choices, values: Vec::new() }
    }
}

/// One answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = StatementChoice)]
pub struct Choice {
    /// Value for the field of the mapping.
    pub value: String,
    /// What the file says when it is read that way.
    pub label: String,
}

/// Something that a person has to say yes to before the figures count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = StatementConfirmation)]
pub struct Confirmation {
    /// What says yes to it: the code, for an overlap with the statement's id.
    pub key: String,
    /// Stable snake_case code: `rows_left_out`, `tables_left_out`, `tables_repeat`,
    /// `columns_left_out`, `refunds_twice`, `overlap`.
    pub code: String,
    /// What is said yes to, with the sum at stake.
    pub message: String,
    /// Rows at stake.
    pub rows: u64,
    /// Sum at stake, as far as it can be read; exact, in the file's currency.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Exact>,
}

impl Confirmation {
    /// One about the file as a whole.
    pub fn of_file(code: &str, message: String, rows: u64, amount: Option<Exact>) -> Self {
        Self { key: code.to_owned(), code: code.to_owned(), message, rows, amount }
    }
}

/// Something in the file that a person should know about. The file is read all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Warning {
    /// Physical line in the file (row of a sheet), from 1. 0 means the file as a whole.
    pub line: u32,
    /// The column's name in the header; empty when the row as a whole is meant.
    pub column: String,
    /// Stable snake_case code.
    pub code: String,
    /// What is wrong and what was done about it.
    pub message: String,
}

/// One month of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MonthLine {
    /// The month in which the money was earned.
    #[schema(value_type = String, example = "2024-03")]
    pub month: Month,
    /// Sum, exact, in the file's currency.
    #[schema(value_type = String, example = "12.34567")]
    pub amount: Exact,
    /// Streams and sales.
    pub units: i64,
    /// Rows of the file that went in.
    pub rows: u64,
    /// False for the newest month of the file, which later statements usually complete.
    pub complete: bool,
}

/// One store of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StoreLine {
    /// The store as the file names it.
    pub name: String,
    /// Sum, exact, in the file's currency.
    #[schema(value_type = String)]
    pub amount: Exact,
    /// Share of the total in basis points (0 when the total is not positive).
    pub share_bp: i64,
}

/// The header of a file, and what we take its columns for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Layout {
    /// Identifies the header, so that a confirmed mapping is remembered for it.
    pub hash: String,
    /// Physical line of the header row, from 1.
    pub line: u32,
    /// The columns' names, in order; a name that stands there twice is numbered (`Net #2`), one
    /// that is missing is `column 5`. Columns that name buyers are left out.
    pub header: Vec<String>,
    /// The first rows below it (at most 5), without columns that name buyers.
    pub sample: Vec<Vec<String>>,
    /// Our best guess; `month` or `amount` is empty when there is none.
    pub suggested: Mapping,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Stable id of the format: `distrokid_tsv`, ..., `mapped_csv`, `mapped_xlsx`.
    pub format: &'static str,
    /// The format's name for people.
    pub format_name: &'static str,
    /// `utf-8`, `utf-16le`, `utf-16be`, `windows-1252` or `xlsx`.
    pub encoding: &'static str,
    /// The currency of every row; `None` when neither the file nor a mapping says it.
    pub currency: Option<Asset>,
    /// Data rows: without header, preamble and blank lines; unreadable ones included.
    pub rows: u64,
    /// Data rows that could not be read; each has a warning.
    pub unreadable: u64,
    /// Income: what goes into a valuation. Exact.
    pub total: Exact,
    /// The plain sum of the earnings column as stored. Exact. Differs from `total` where the
    /// column leaves out what was taken back later (Bandcamp refunds); a warning says so.
    pub column_total: Exact,
    /// Name of the earnings column.
    pub amount_column: String,
    /// The sheets of a workbook or members of an archive that were read, when there are
    /// several; else empty.
    pub tables: Vec<String>,
    /// Sheets or members that hold something and were not read.
    pub tables_left_out: Vec<String>,
    /// What a person has to say yes to before the figures count.
    pub confirmations: Vec<Confirmation>,
    /// Every month with rows, oldest first.
    pub months: Vec<MonthLine>,
    /// Every store, largest first.
    pub stores: Vec<StoreLine>,
    /// Number of different works.
    pub works_count: u64,
    /// Number of different countries (the unknown one aside).
    pub countries_count: u64,
    /// The first warnings, in file order.
    pub warnings: Vec<Warning>,
    /// All warnings.
    pub warnings_total: u64,
    /// The header.
    pub layout: Layout,
    /// Monthly sums for each work, store and country, ready to be saved in bulk.
    pub aggregates: Aggregates,
}

/// What became of a file that is a table.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Everything is known.
    Ready(Box<Reading>),
    /// A person has to say what the columns mean, or which currency the file is in.
    NeedsMapping(Box<Unmapped>),
}

/// A file that cannot be used before somebody confirms a mapping.
#[derive(Debug, Clone)]
pub struct Unmapped {
    /// What is missing, as a sentence.
    pub why: String,
    /// Header, sample rows and suggestion.
    pub layout: Layout,
    /// What has to be decided.
    pub questions: Vec<Question>,
    /// The file as far as it is understood: present when only the currency is missing.
    pub reading: Option<Reading>,
}

/// One reason why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Physical line, 0 for the file as a whole.
    pub line: u32,
    /// The column, when one is meant.
    pub column: String,
    /// What was wrong and what is allowed.
    pub message: String,
}

/// A file that is not taken at all.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Stable snake_case code.
    pub code: &'static str,
    /// What was wrong and what is allowed.
    pub message: String,
    /// Field of the mapping that is wrong, when it is the mapping's fault.
    pub field: Option<&'static str>,
    /// The rows, when rows are to blame.
    pub reasons: Vec<Reason>,
}

impl Refused {
    /// A refusal of the whole file.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        let reason = Reason { line: 0, column: String::new(), message: message.clone() };
        Self { code, message, field: None, reasons: vec![reason] }
    }

    /// A refusal that names a field of the mapping.
    pub fn mapping(field: &'static str, message: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new("mapping_invalid", message) }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for Error {
    /// `statement_refused` with `details.reasons`; a wrong mapping is `invalid_field`; a file
    /// over the size limit is `TooLarge`.
    fn from(refused: Refused) -> Self {
        if let Some(field) = refused.field {
            return Self::invalid(field, refused.message);
        }
        let kind = if refused.code == "too_large" { Kind::TooLarge } else { Kind::Invalid };
        Self::new(kind, "statement_refused", refused.message)
            .with("field", "file")
            .with("reason", refused.code)
            .with("reasons", json!(refused.reasons))
    }
}
