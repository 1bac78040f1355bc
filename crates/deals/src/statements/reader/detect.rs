//! Finds the header row, the separators, and what the columns mean.

use sha2::{Digest, Sha256};

use super::formats::{self, Format};
use super::records::{Records, Row, Separators};
use super::types::{Layout, Mapping, Refused};
use super::wide::Wide;
use super::{amounts, dates, privacy, suggest, values};

/// Rows looked at.
pub(super) const HEAD_ROWS: usize = 40;
/// The header stands within the first rows.
const HEADER_WITHIN: usize = 30;

/// A row of the head, as text.
#[derive(Debug, Clone)]
pub(super) struct HeadRow {
    pub line: u32,
    pub cells: Vec<String>,
}

impl HeadRow {
    pub fn from_row(row: &Row<'_>) -> Self {
        let cells = (0..row.len()).map(|i| values::text(row.field(i)).0).collect();
        Self { line: row.line, cells }
    }
}

impl HeadRow {
    /// A number that is no date stands in one of several cells.
    pub fn has_number(&self) -> bool {
        let number = |c: &String| {
            amounts::written(c.as_bytes()).is_ok() && dates::dated(c.as_bytes()).is_none()
        };
        self.cells.iter().filter(|c| !c.is_empty()).count() > 1 && self.cells.iter().any(number)
    }
}

/// What the head of a file says.
#[derive(Debug)]
pub(super) struct Found {
    pub separators: Separators,
    /// Physical line of the header.
    pub line: u32,
    /// Column names as written; the second of a name is numbered.
    pub header: Vec<String>,
    /// Column names for comparison.
    pub names: Vec<String>,
    /// Columns that name buyers or say how to reach them.
    pub private: Vec<bool>,
    /// Rows below the header.
    pub sample: Vec<Vec<String>>,
    /// Rows above it.
    pub above: Vec<Vec<String>>,
    /// The known format, if it is one.
    pub format: Option<&'static Format>,
    /// Where its columns of months are, when it has one for each.
    pub wide: Option<Wide>,
}

impl Found {
    /// A table without a header.
    pub fn nothing() -> Self {
        Self::at(
            &[HeadRow { line: 0, cells: Vec::new() }],
            0,
            Separators { field: b',', row: b'\n' },
        )
    }

    fn at(rows: &[HeadRow], index: usize, separators: Separators) -> Self {
        let cells = trim_tail(&rows[index].cells);
        Self::of_parts(rows, index, separators, &cells)
    }

    /// A table with one column for each month, as it is read.
    fn of_wide(rows: &[HeadRow], index: usize, separators: Separators, wide: Wide) -> Self {
        let cells = wide.header(&rows[index].cells);
        let mut found = Self::of_parts(rows, index, separators, &cells);
        found.sample = wide.sample(&rows[index + 1..]);
        found.private = privacy::private(&found.names, &found.sample);
        found.wide = Some(wide);
        found
    }

    fn of_parts(rows: &[HeadRow], index: usize, separators: Separators, cells: &[String]) -> Self {
        let (header, names) = formats::told_apart(cells);
        // The header may stand again on every page.
        let below = rows[index + 1..].iter().filter(|r| r.cells != rows[index].cells);
        let sample: Vec<Vec<String>> = below.map(|r| r.cells.clone()).collect();
        let above = rows[..index].iter().map(|r| r.cells.clone()).collect();
        let private = privacy::private(&names, &sample);
        let line = rows[index].line;
        let (format, wide) = (None, None);
        Self { separators, line, header, names, private, sample, above, format, wide }
    }

    /// The column of a name that a person may use: none that names buyers.
    pub fn column(&self, name: &str) -> Option<usize> {
        let wanted = formats::normalise(name);
        self.names.iter().position(|n| *n == wanted).filter(|at| !self.private[*at])
    }

    /// The other column that has the same name as this one.
    pub fn twin(&self, column: usize) -> Option<usize> {
        let name = formats::shared_name(&self.names[column]);
        (0..self.names.len())
            .find(|at| *at != column && formats::shared_name(&self.names[*at]) == name)
    }

    /// The layout as a person sees it: no columns that name buyers.
    pub fn layout(&self) -> Layout {
        let shown: Vec<usize> = (0..self.header.len()).filter(|i| !self.private[*i]).collect();
        let pick = |cells: &[String]| -> Vec<String> {
            shown.iter().map(|i| cells.get(*i).cloned().unwrap_or_default()).collect()
        };
        Layout {
            hash: self.hash(),
            line: self.line,
            header: pick(&self.header),
            sample: self.sample.iter().take(5).map(|cells| pick(cells)).collect(),
            suggested: suggest::mapping(self, None).mapping,
        }
    }

    /// Identifies the header: the first 32 hexadecimal digits of the SHA-256 of its names.
    pub fn hash(&self) -> String {
        let mut digest = hex::encode(Sha256::digest(self.names.join("\u{1f}").as_bytes()));
        digest.truncate(32);
        digest
    }
}

fn trim_tail(cells: &[String]) -> Vec<String> {
    let used = cells.iter().rposition(|c| !c.is_empty()).map_or(0, |at| at + 1);
    cells[..used].to_vec()
}

/// Finds header and separators of a text file.
pub(super) fn text(head: &[u8], mapping: Option<&Mapping>) -> Result<Found, Refused> {
    if memchr::memchr(0, head).is_some() {
        return Err(Refused::new(
            "not_a_statement",
            "this is no text file: export the statement as CSV, TSV or XLSX \
             (UTF-8, UTF-16 and ISO-8859-1 are understood)",
        ));
    }
    let row = if head.contains(&b'\n') || !head.contains(&b'\r') { b'\n' } else { b'\r' };
    let mut best: Option<(usize, Found)> = None;
    for field in [b'\t', b',', b';', b'|'] {
        let separators = Separators { field, row };
        let rows = split(head, separators);
        match choose(&rows, separators, mapping, "") {
            Some((usize::MAX, found)) => return Ok(found),
            Some((score, found)) if best.as_ref().is_none_or(|(b, _)| score > *b) => {
                best = Some((score, found));
            }
            _ => {}
        }
    }
    best.map(|(_, found)| found).ok_or_else(|| markup(head).unwrap_or_else(no_header))
}

/// A text that is made for programs, whatever its file is called.
fn markup(head: &[u8]) -> Option<Refused> {
    let start = String::from_utf8_lossy(&head[..head.len().min(600)]).trim().to_lowercase();
    let what = match start.as_str() {
        s if s.starts_with("<!doctype html") || s.contains("<html") => "a web page (HTML)",
        s if s.starts_with("<?xml") => "an XML document",
        s if s.contains("<table") => "a web page (HTML)",
        s if s.starts_with('<') => "an XML document",
        s if s.starts_with("{\\rtf") => "a text document (RTF)",
        s if s.starts_with('{') || s.starts_with("[{") => "JSON",
        _ => return None,
    };
    Some(Refused::new(
        "not_a_statement",
        format!(
            "this is {what}, not a table, whatever the file is called: open it in a spreadsheet \
             and save it as CSV or XLSX"
        ),
    ))
}

/// True when a text without a header may hold money all the same: a number stands beside
/// something else in some row.
pub(super) fn may_hold_money(head: &[u8]) -> bool {
    let row = if head.contains(&b'\n') || !head.contains(&b'\r') { b'\n' } else { b'\r' };
    let binary = memchr::memchr(0, head).is_some();
    binary
        || [b'\t', b',', b';', b'|']
            .into_iter()
            .any(|field| split(head, Separators { field, row }).iter().any(HeadRow::has_number))
}

/// Finds the header in the first rows of a sheet.
pub(super) fn sheet(
    rows: &[HeadRow],
    mapping: Option<&Mapping>,
    name: &str,
) -> Option<(usize, Found)> {
    choose(rows, Separators { field: b'\t', row: b'\n' }, mapping, name)
}

/// No row of the file looks like a header.
pub(super) fn no_header() -> Refused {
    Refused::new(
        "not_a_statement",
        format!(
            "no table was found in the first {HEADER_WITHIN} rows: a statement needs a header \
             row with at least two column names, and rows below it"
        ),
    )
}

fn split(head: &[u8], separators: Separators) -> Vec<HeadRow> {
    let mut records = Records::new(head);
    records.separate(separators);
    let mut rows = Vec::new();
    while rows.len() < HEAD_ROWS {
        // A row too long for a statement ends the search, it is no error here.
        let Ok(Some(row)) = records.next_row() else { break };
        rows.push(HeadRow::from_row(&row));
    }
    rows
}

/// The best header among `rows` and how good it is; `usize::MAX` is certain.
fn choose(
    rows: &[HeadRow],
    separators: Separators,
    mapping: Option<&Mapping>,
    name: &str,
) -> Option<(usize, Found)> {
    let mut best: Option<(usize, usize, Option<Wide>)> = None;
    for (index, row) in rows.iter().take(HEADER_WITHIN).enumerate() {
        if row.cells.len() < 2 {
            continue;
        }
        let (_, names) = formats::told_apart(&row.cells);
        if let Some(format) = formats::detect(&names) {
            let mut found = Found::at(rows, index, separators);
            found.format = Some(format);
            return Some((usize::MAX, found));
        }
        if let Some(mapping) = mapping
            && mapped_columns(mapping).next().is_some()
            && mapped_columns(mapping).all(|c| names.contains(&formats::normalise(c)))
        {
            return Some((usize::MAX, Found::at(rows, index, separators)));
        }
        let wide = Wide::of(rows, index, mapping, name);
        let score = match &wide {
            Some(wide) => wide.worth * wide_support(rows, index),
            None => header_score(rows, index),
        };
        if score > 0 && best.as_ref().is_none_or(|(b, ..)| score > *b) {
            best = Some((score, index, wide));
        }
    }
    best.map(|(score, index, wide)| {
        let found = match wide {
            Some(wide) => Found::of_wide(rows, index, separators, wide),
            None => Found::at(rows, index, separators),
        };
        (score, found)
    })
}

fn mapped_columns(mapping: &Mapping) -> impl Iterator<Item = &str> {
    [Some(&mapping.month), Some(&mapping.amount)]
        .into_iter()
        .chain([
            mapping.month_end.as_ref(),
            mapping.year.as_ref(),
            mapping.title.as_ref(),
            mapping.store.as_ref(),
            mapping.country.as_ref(),
            mapping.units.as_ref(),
            mapping.isrc.as_ref(),
            mapping.currency_column.as_ref(),
        ])
        .flatten()
        .map(String::as_str)
        .filter(|name| !name.is_empty())
}

/// Wide rows of words with rows of the same width below them look like headers.
fn header_score(rows: &[HeadRow], index: usize) -> usize {
    let cells = &rows[index].cells;
    let words = cells
        .iter()
        .filter(|c| !c.is_empty() && c.len() < 80 && c.chars().any(char::is_alphabetic))
        .filter(|c| dates::dated(c.as_bytes()).is_none())
        .count();
    if words < 2 || words * 10 < cells.len() * 6 {
        return 0;
    }
    words * support(rows, index)
}

/// Rows below a row of months, up to five: they may end with the last month that has money.
fn wide_support(rows: &[HeadRow], index: usize) -> usize {
    let width = rows[index].cells.len();
    let alike = |r: &&HeadRow| r.cells.len() <= width && !r.cells.is_empty();
    rows[index + 1..].iter().take(5).take_while(alike).count()
}

/// Rows of about the same width below a row, up to five.
fn support(rows: &[HeadRow], index: usize) -> usize {
    let width = rows[index].cells.len();
    let alike = |r: &&HeadRow| r.cells.len() <= width && r.cells.len() * 2 >= width;
    rows[index + 1..].iter().take(5).take_while(alike).count()
}
