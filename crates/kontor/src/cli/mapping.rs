//! Which column is what, and what else only a person can say of a statement file: options of
//! the commands that read one.

use clap::Args;
use deals::statements::reader::{DateOrder, Decimal, Mapping, Period, RowAnswer, Unit, Unmapped};
use kernel::{Error, Kind, Month};

/// Which column is what, for layouts that are not known, and what only a person can decide.
#[derive(Args)]
pub(super) struct MappingArgs {
    /// Mapping as JSON: {"month":"date","amount":"Net","currency":"USD",...}. Without it, a
    /// layout that is known is read, and of another one the columns are shown.
    #[arg(long, value_name = "JSON")]
    pub(super) mapping: Option<String>,
    /// Currency of files that do not say it; the suggested columns are used, those in this
    /// currency first. Without it, the file says it. Refused when the file says another one.
    #[arg(long, value_name = "CODE")]
    pub(super) currency: Option<String>,
    /// What separates whole and fraction. Without it, the whole column decides, or it is asked.
    #[arg(long, value_name = "SIGN", value_parser = ["point", "comma"])]
    decimal: Option<String>,
    /// Order of day, month and year in dates of numbers only. Without it, the whole file
    /// decides, or it is asked.
    #[arg(long, value_name = "ORDER", value_parser = ["ymd", "mdy", "dmy"])]
    date_order: Option<String>,
    /// Months of a file without dates, from..to: 2024-01..2024-03. Without it, a column says
    /// them. The sums are spread evenly.
    #[arg(long, value_name = "FROM..TO")]
    period: Option<String>,
    /// What the amounts are counted in, where the file says cents or thousands. Without it, it
    /// is asked.
    #[arg(long, value_name = "UNIT",
        value_parser = ["millionths", "thousandths", "hundredths", "ones", "thousands",
            "millions"])]
    unit: Option<String>,
    /// A kind of rows that is income, as its column says it, also COLUMN=KIND; `*` for all that
    /// is not known. May be given several times. Without it, a kind that is not known is asked.
    #[arg(long, value_name = "KIND")]
    income: Vec<String>,
    /// A kind of rows that is no income, in the same way.
    #[arg(long, value_name = "KIND")]
    not_income: Vec<String>,
}

impl MappingArgs {
    /// The mapping in full, with what other options say.
    pub(super) fn given(&self) -> Result<Option<Mapping>, Error> {
        let Some(text) = &self.mapping else { return Ok(None) };
        let mapping: Mapping = serde_json::from_str(text)
            .map_err(|e| Error::new(Kind::Invalid, "invalid_field", format!("--mapping: {e}")))?;
        self.answered(mapping).map(Some)
    }

    pub(super) fn answered(&self, mapping: Mapping) -> Result<Mapping, Error> {
        let decimal = self.decimal.as_deref().map(|sign| match sign {
            "comma" => Decimal::Comma,
            _ => Decimal::Point,
        });
        let order = self.date_order.as_deref().map(|order| match order {
            "dmy" => DateOrder::Dmy,
            "mdy" => DateOrder::Mdy,
            _ => DateOrder::Ymd,
        });
        let unit = self.unit.as_deref().map(|unit| match unit {
            "millionths" => Unit::Millionths,
            "thousandths" => Unit::Thousandths,
            "hundredths" => Unit::Hundredths,
            "thousands" => Unit::Thousands,
            "millions" => Unit::Millions,
            _ => Unit::Ones,
        });
        let answer = |said: &String, income| {
            let (column, value) = said.split_once('=').unwrap_or(("", said));
            RowAnswer { column: column.to_owned(), value: value.to_owned(), income }
        };
        let mut rows = mapping.rows;
        rows.extend(self.income.iter().map(|value| answer(value, true)));
        rows.extend(self.not_income.iter().map(|value| answer(value, false)));
        let period = self.period.as_deref().map(period_of).transpose()?;
        let month = if period.is_some() { String::new() } else { mapping.month };
        Ok(Mapping {
            month,
            period: period.or(mapping.period),
            decimal: decimal.or(mapping.decimal),
            date_order: order.or(mapping.date_order),
            unit: unit.or(mapping.unit),
            rows,
            ..mapping
        })
    }

    /// The options say something of how a file is read, its currency aside.
    pub(super) fn says(&self) -> bool {
        self.decimal.is_some()
            || self.date_order.is_some()
            || self.unit.is_some()
            || !(self.income.is_empty() && self.not_income.is_empty())
            || self.period.is_some()
    }

    /// The options answer what is open, so that the suggested columns may be taken.
    pub(super) fn answers(&self, unmapped: &Unmapped) -> bool {
        let known = unmapped.questions.iter().all(|q| q.code != "columns");
        let chosen = known || self.currency.is_some() || self.period.is_some();
        let answer = self.currency.is_some() || self.says();
        let suggested = &unmapped.layout.suggested;
        let dated =
            self.period.is_some() || suggested.period.is_some() || !suggested.month.is_empty();
        chosen && answer && dated && !suggested.amount.is_empty()
    }
}

fn period_of(text: &str) -> Result<Period, Error> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let month = |text: &str| {
        text.trim().parse::<Month>().map_err(|_| {
            Error::invalid("period", format!("--period: '{text}' is no month like 2024-01"))
        })
    };
    Ok(Period { from: month(from)?, to: month(to)? })
}
