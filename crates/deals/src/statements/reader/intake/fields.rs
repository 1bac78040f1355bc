//! The other fields of a row: work, store, country, units, currency, identifiers.

use kernel::Asset;

use super::{Intake, NAMED_ROWS, Skipped, shown, too_many};
use crate::statements::reader::amounts::Family;
use crate::statements::reader::cells::Work;
use crate::statements::reader::countries::Country;
use crate::statements::reader::income::{Kind, Sums};
use crate::statements::reader::records::Row;
use crate::statements::reader::types::{Reason, Refused};
use crate::statements::reader::{formats, income, plan, privacy, values};

impl Intake {
    /// Counts a row whose currency is not the file's. `beside` is the one written beside the
    /// amount.
    pub(super) fn same_currency(
        &mut self,
        row: &Row<'_>,
        beside: Option<Asset>,
    ) -> Result<bool, Refused> {
        let stated = match self.plan.currency_column {
            Some(column) => self.stated_currency(row, column)?,
            None => None,
        };
        let column = self.plan.currency_column.unwrap_or(self.plan.amount);
        for asset in [stated, beside].into_iter().flatten() {
            let first = *self.currency.get_or_insert(asset);
            if first != asset {
                self.mixed_total += 1;
                if self.mixed_total == 1 {
                    self.mixed_in = self.tables.last().map(|t| t.name.clone());
                }
                if self.mixed.len() < NAMED_ROWS {
                    self.mixed.push(Reason {
                        line: row.line,
                        column: self.column(column).to_owned(),
                        message: self.in_table(format!("{asset}, but the file begins in {first}")),
                    });
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Remembers a sign that several currencies share.
    #[cold]
    pub(super) fn hear_sign(&mut self, row: &Row<'_>, family: Family) {
        if !self.signs.iter().any(|(f, ..)| *f == family) {
            self.signs.push((family, row.line, shown(row.field(self.plan.amount))));
        }
    }

    fn stated_currency(&mut self, row: &Row<'_>, column: usize) -> Result<Option<Asset>, Refused> {
        let raw = row.field(column);
        let name = self.header.get(column).map_or("", String::as_str);
        let read = self.currencies.get(raw, |raw| {
            let (code, _) = values::text(raw);
            code.parse::<Asset>().map_err(|_| code)
        });
        match read {
            Ok(asset) => Ok(Some(asset)),
            Err(code) if code.is_empty() => {
                let why = "the currency is empty: taken to be the file's".to_owned();
                self.warn(row.line, column, "empty_currency", why);
                Ok(None)
            }
            Err(code) => {
                let place = format!("on line {}, column '{name}',", row.line);
                let mut refused = plan::unknown_currency(&code, &place);
                refused.reasons[0].line = row.line;
                name.clone_into(&mut refused.reasons[0].column);
                Err(refused)
            }
        }
    }

    /// Warns of identifiers that a spreadsheet turned into numbers. True: the ISRC is one.
    pub(super) fn check_ids(&mut self, row: &Row<'_>) -> bool {
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

    pub(super) fn work(&mut self, row: &Row<'_>, isrc_damaged: bool) -> Result<u32, Refused> {
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
        let Self { works, foreign, limits, recordings, odd_works, .. } = self;
        self.work_ids.get(&self.key, |_| {
            let (title, odd) = values::text(title);
            *foreign |= odd;
            let isrc = tidy_isrc(isrc);
            // One recording however its code is spelled (`us-abc-24-00001`, `USABC2400001`) and
            // whatever it is called.
            let own = if is_isrc(&isrc) { String::new() } else { formats::normalise(&title) };
            let spelled = (own, isrc.clone());
            if let Some(known) = recordings.get(&spelled) {
                return Ok(*known);
            }
            if works.len() >= limits.max_cells {
                return Err(too_many("works", limits.max_cells));
            }
            let number = u32::try_from(works.len()).unwrap_or(u32::MAX);
            if !isrc.is_empty() {
                recordings.insert(spelled, number);
            }
            let kind = kind_of_name(&title);
            if kind != Kind::Income {
                odd_works.insert(number, kind);
            }
            works.push(Work { title, isrc });
            Ok(number)
        })
    }

    pub(super) fn store(&mut self, row: &Row<'_>) -> Result<u16, Refused> {
        let Some(column) = self.plan.store else { return Ok(0) };
        let Self { stores, foreign, odd_stores, .. } = self;
        self.store_ids.get(row.field(column), |raw| {
            let (name, odd) = values::text(raw);
            *foreign |= odd;
            let kind = kind_of_name(&name);
            let known = stores.iter().position(|s| *s == name);
            let at = known.unwrap_or_else(|| {
                stores.push(name);
                stores.len() - 1
            });
            let at = u16::try_from(at).map_err(|_| too_many("stores", usize::from(u16::MAX)))?;
            if kind != Kind::Income {
                odd_stores.insert(at, kind);
            }
            Ok(at)
        })
    }

    pub(super) fn country(&mut self, row: &Row<'_>) -> Country {
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

    pub(super) fn units(&mut self, row: &Row<'_>) -> i64 {
        let Some(column) = self.plan.units else { return 0 };
        let raw = row.field(column);
        let point = if row.is_number(column) { b'.' } else { self.point() };
        values::units(raw, point).unwrap_or_else(|| {
            let why = format!("'{}' is no number: counted as 0, the amount counts", shown(raw));
            self.warn(row.line, column, "bad_units", why);
            0
        })
    }
}

/// What a name says of its rows, a sum of other rows among it.
fn kind_of_name(name: &str) -> Kind {
    match income::sums(name) {
        Sums::No => income::kind_of_name(name),
        Sums::Plainly | Sums::Of => Kind::Total,
        Sums::Perhaps => Kind::Silent,
    }
}

/// A whole code of a recording: country, registrant, year and number, which is not all zeros.
fn is_isrc(code: &str) -> bool {
    let bytes = code.as_bytes();
    bytes.len() == 12
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[5..].iter().all(u8::is_ascii_digit)
        && bytes[5..].iter().any(|b| *b != bytes[5])
}

/// Upper case, letters and digits only, without the word in front.
fn tidy_isrc(raw: &[u8]) -> String {
    // What stands there may be somebody's address.
    if !raw.is_empty() && privacy::is_taken_out(&values::text(raw).0) {
        return String::new();
    }
    let tidy: String = raw
        .iter()
        .filter(|b| b.is_ascii_alphanumeric())
        .map(|b| char::from(b.to_ascii_uppercase()))
        .take(40)
        .collect();
    match tidy.strip_prefix("ISRC") {
        Some(bare) if bare.len() == 12 => bare.to_owned(),
        _ => tidy,
    }
}
