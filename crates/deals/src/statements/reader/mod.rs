//! Reads royalty statements: from the bytes as uploaded to exact monthly sums.
//!
//! One pass, bounded memory. The format is found in the header row, never in the file's name.
//! Amounts are exact ([`kernel::Exact`], 10^-12), duplicates are legitimate rows, negative
//! rows count, the newest month is marked incomplete. What cannot be read becomes a warning
//! with line and column; a file without readable rows, or in several currencies, is refused.
//! Columns that name buyers are dropped here and never leave this room.
//!
//! Bandcamp: `column_total` is the plain sum of `net amount`; `total` is the income, which
//! also takes back refunds that carry no net amount.

mod bandcamp;
mod cells;
mod countries;
mod detect;
mod formats;
mod intake;
mod notes;
mod plan;
mod records;
mod sheet;
mod source;
mod suggest;
#[cfg(test)]
mod tests;
mod transcode;
mod types;
mod values;

use std::collections::BTreeMap;
use std::io::Read;

use kernel::exact::div_half_even;
use kernel::{Exact, Month};

pub use cells::{Aggregates, Cell, Work};
pub use countries::Country;
pub use formats::{FORMATS, Format};
pub use source::Source;
pub use types::{
    DateOrder, Decimal, Layout, Limits, Mapping, MonthLine, Outcome, Reading, Reason, Refused,
    StoreLine, Unmapped, Warning,
};

use detect::Found;
use intake::Intake;
use plan::Plan;
use source::{Opened, refuse_io};

/// Reads a statement. A known format needs no mapping (some need it for the currency); an
/// unknown one answers [`Outcome::NeedsMapping`] until a mapping is given.
///
/// # Errors
/// [`Refused`] when the file is no statement, damaged, too large, in several currencies,
/// without readable rows, or when the mapping does not fit it.
pub fn inspect(
    source: Source<'_>,
    mapping: Option<&Mapping>,
    limits: &Limits,
) -> Result<Outcome, Refused> {
    inspect_with(source, mapping, limits, &mut |_| {})
}

/// As [`inspect`]; `progress` hears how many bytes of the file were read so far.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_with(
    source: Source<'_>,
    mapping: Option<&Mapping>,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Result<Outcome, Refused> {
    source::open(source, limits, progress, |opened| match opened {
        Opened::Text(input, encoding) => read_text(input, encoding, mapping, limits),
        Opened::Sheet(input) => read_sheet(input, mapping, limits),
    })
}

fn read_text(
    input: impl Read,
    encoding: &'static str,
    mapping: Option<&Mapping>,
    limits: &Limits,
) -> Result<Outcome, Refused> {
    let mut records = records::Records::new(input);
    let found = detect::text(records.head().map_err(|e| refuse_io(&e))?, mapping)?;
    let Some(plan) = plan_for(&found, mapping, false)? else { return unmapped(&found) };
    records.separate(found.separators);
    let mut intake = Intake::new(plan, found.header.clone(), limits);
    while let Some(row) = records.next_row().map_err(|e| refuse_io(&e))? {
        if row.line > found.line {
            intake.take(&row)?;
        }
    }
    conclude(intake, &found, encoding)
}

fn read_sheet(
    input: impl Read + std::io::Seek,
    mapping: Option<&Mapping>,
    limits: &Limits,
) -> Result<Outcome, Refused> {
    let mut book = sheet::Workbook::open(input)?;
    let mut best: Option<(usize, String, Found)> = None;
    for name in book.sheets() {
        let head = book.head(&name)?;
        if let Some((score, found)) = detect::sheet(&head, mapping)
            && best.as_ref().is_none_or(|(b, ..)| score > *b)
        {
            best = Some((score, name, found));
        }
    }
    let (_, name, found) = best.ok_or_else(detect::no_header)?;
    let Some(plan) = plan_for(&found, mapping, true)? else { return unmapped(&found) };
    let point = plan.decimal.byte();
    let mut intake = Intake::new(plan, found.header.clone(), limits);
    let mut rows = book.rows(&name, point)?;
    while let Some(row) = rows.next_row()? {
        if row.line > found.line {
            // Empty cells at the end of a row are simply not stored in a workbook.
            let padded = row.padded(found.header.len());
            intake.take(&padded)?;
        }
    }
    conclude(intake, &found, "xlsx")
}

fn plan_for(
    found: &Found,
    mapping: Option<&Mapping>,
    sheet: bool,
) -> Result<Option<Plan>, Refused> {
    match (found.format, mapping) {
        (Some(format), _) => plan::of_format(found, format, mapping).map(Some),
        (None, Some(mapping)) => plan::of_mapping(found, mapping, sheet).map(Some),
        (None, None) => Ok(None),
    }
}

fn unmapped(found: &Found) -> Result<Outcome, Refused> {
    let layout = found.layout();
    if !suggest::is_plausible(&layout.suggested) {
        let missing = match (layout.suggested.month.is_empty(), layout.sample.is_empty()) {
            (_, true) => "it has no rows below the header".to_owned(),
            (true, _) => "no column holds months or dates".to_owned(),
            (false, _) => "no column holds amounts of money".to_owned(),
        };
        return Err(Refused::new(
            "not_a_statement",
            format!(
                "this does not look like a royalty statement: {missing} (header on line {}: {})",
                layout.line,
                layout.header.join(", ").chars().take(200).collect::<String>()
            ),
        ));
    }
    let why = "this layout is not known yet: confirm which column is what".to_owned();
    Ok(Outcome::NeedsMapping(Box::new(Unmapped { why, layout, reading: None })))
}

fn conclude(mut intake: Intake, found: &Found, encoding: &'static str) -> Result<Outcome, Refused> {
    intake.finish()?;
    let encoding = if intake.foreign { "windows-1252" } else { encoding };
    let reading = reading_of(intake, found, encoding);
    if reading.currency.is_some() {
        return Ok(Outcome::Ready(Box::new(reading)));
    }
    Ok(Outcome::NeedsMapping(Box::new(Unmapped {
        why: "the file does not say its currency: choose it".to_owned(),
        layout: reading.layout.clone(),
        reading: Some(reading),
    })))
}

fn reading_of(intake: Intake, found: &Found, encoding: &'static str) -> Reading {
    let amount_column = intake.header.get(intake.plan.amount).cloned().unwrap_or_default();
    let aggregates =
        Aggregates { works: intake.works, stores: intake.stores, cells: intake.table.cells };
    let mut countries: Vec<Country> = Vec::new();
    for cell in &aggregates.cells {
        if cell.country != Country::UNKNOWN
            && let Err(at) = countries.binary_search(&cell.country)
        {
            countries.insert(at, cell.country);
        }
    }
    Reading {
        format: intake.plan.format,
        format_name: intake.plan.format_name,
        encoding,
        currency: intake.currency,
        rows: intake.rows,
        unreadable: intake.unreadable,
        total: intake.total,
        column_total: intake.column_total,
        amount_column,
        months: months_of(&aggregates),
        stores: stores_of(&aggregates, intake.total),
        works_count: aggregates.works.len() as u64,
        countries_count: countries.len() as u64,
        warnings: intake.notes.list,
        warnings_total: intake.notes.total,
        layout: found.layout(),
        aggregates,
    }
}

fn months_of(aggregates: &Aggregates) -> Vec<MonthLine> {
    let mut months: BTreeMap<Month, (Exact, i64, u64)> = BTreeMap::new();
    for cell in &aggregates.cells {
        let sum = months.entry(cell.month()).or_default();
        sum.0 += cell.amount;
        sum.1 = sum.1.saturating_add(cell.units);
        sum.2 += u64::from(cell.rows);
    }
    let newest = months.keys().next_back().copied();
    months
        .into_iter()
        .map(|(month, (amount, units, rows))| MonthLine {
            month,
            amount,
            units,
            rows,
            complete: Some(month) != newest,
        })
        .collect()
}

fn stores_of(aggregates: &Aggregates, total: Exact) -> Vec<StoreLine> {
    let mut sums = vec![Exact::ZERO; aggregates.stores.len()];
    for cell in &aggregates.cells {
        sums[usize::from(cell.store)] += cell.amount;
    }
    let mut stores: Vec<StoreLine> = aggregates
        .stores
        .iter()
        .zip(sums)
        .map(|(name, amount)| StoreLine {
            name: name.clone(),
            amount,
            share_bp: share_bp(amount, total),
        })
        .collect();
    stores.sort_by(|a, b| b.amount.cmp(&a.amount).then_with(|| a.name.cmp(&b.name)));
    stores
}

/// `part` of `whole` in basis points; 0 when the whole is not positive.
pub(crate) fn share_bp(part: Exact, whole: Exact) -> i64 {
    if whole.0 <= 0 {
        return 0;
    }
    i64::try_from(div_half_even(part.0.saturating_mul(10_000), whole.0)).unwrap_or(0)
}
