//! Rows of an xlsx workbook, cell by cell: only shared texts and one row are in memory.

use std::io::{Read, Seek};

use calamine::{DataRef, Reader, Xlsx, XlsxCellReader, XlsxError};

use super::detect::HeadRow;
use super::records::Row;
use super::types::Refused;

/// Columns at most; what stands further right is ignored.
const MAX_COLUMNS: u32 = 512;
/// Rows looked at to find the header.
const HEAD_ROWS: usize = 40;

/// An opened workbook.
pub(super) struct Workbook<R: Read + Seek> {
    inner: Xlsx<R>,
}

impl<R: Read + Seek> Workbook<R> {
    /// Opens a workbook.
    pub fn open(input: R) -> Result<Self, Refused> {
        Xlsx::new(input).map(|inner| Self { inner }).map_err(|e| refuse(&e))
    }

    /// Names of the sheets, first to last.
    pub fn sheets(&self) -> Vec<String> {
        self.inner.sheet_names()
    }

    /// The first rows of a sheet.
    pub fn head(&mut self, sheet: &str) -> Result<Vec<HeadRow>, Refused> {
        let mut rows = self.rows(sheet)?;
        let mut head = Vec::new();
        while head.len() < HEAD_ROWS {
            let Some(row) = rows.next_row()? else { break };
            head.push(HeadRow::from_row(&row));
        }
        Ok(head)
    }

    /// Every row of a sheet that holds something. Numbers are written with a point.
    pub fn rows(&mut self, sheet: &str) -> Result<SheetRows<'_, R>, Refused> {
        let cells = self.inner.worksheet_cells_reader(sheet).map_err(|e| refuse(&e))?;
        Ok(SheetRows {
            cells,
            pending: None,
            ended: false,
            scratch: Vec::new(),
            bounds: Vec::new(),
            numbers: Vec::new(),
            text: String::new(),
        })
    }
}

/// A stream of rows of one sheet.
pub(super) struct SheetRows<'a, R: Read + Seek> {
    cells: XlsxCellReader<'a, R>,
    pending: Option<(u32, u32, DataRef<'a>)>,
    /// The reader must not be asked again after its last cell.
    ended: bool,
    scratch: Vec<u8>,
    bounds: Vec<(u32, u32)>,
    numbers: Vec<bool>,
    text: String,
}

impl<R: Read + Seek> SheetRows<'_, R> {
    /// The next row with at least one filled cell.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Refused> {
        self.scratch.clear();
        self.bounds.clear();
        self.numbers.clear();
        let mut current: Option<u32> = None;
        loop {
            let cell = match self.pending.take() {
                Some(cell) => Some(cell),
                None if self.ended => None,
                None => self.cells.next_cell().map_err(|e| refuse(&e))?.map(|cell| {
                    let (row, column) = cell.get_position();
                    (row, column, cell.get_value().clone())
                }),
            };
            self.ended = cell.is_none();
            let Some((row, column, value)) = cell else { break };
            if column >= MAX_COLUMNS || value == DataRef::Empty {
                continue;
            }
            if current.is_some_and(|c| c != row) {
                self.pending = Some((row, column, value));
                break;
            }
            current = Some(row);
            self.put(column as usize, &value);
        }
        Ok(current.map(|row| {
            let line = row.saturating_add(1);
            Row::new(line, true, &self.scratch, &self.bounds).with_numbers(&self.numbers)
        }))
    }

    fn put(&mut self, column: usize, value: &DataRef<'_>) {
        let here = end_of(&self.scratch);
        while self.bounds.len() < column {
            self.bounds.push((here, here));
            self.numbers.push(false);
        }
        self.text.clear();
        render(value, &mut self.text);
        self.scratch.extend_from_slice(self.text.as_bytes());
        self.bounds.push((here, end_of(&self.scratch)));
        self.numbers.push(matches!(value, DataRef::Float(_) | DataRef::Int(_)));
    }
}

fn end_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// Writes a cell as text. A number gets the shortest decimal that names the stored double.
fn render(value: &DataRef<'_>, out: &mut String) {
    use std::fmt::Write;
    // Writing into a String cannot fail.
    let _ = match value {
        DataRef::Float(number) => write!(out, "{number}"),
        DataRef::Int(number) => write!(out, "{number}"),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            out.write_str(text)
        }
        DataRef::SharedString(text) => out.write_str(text),
        DataRef::Bool(flag) => write!(out, "{flag}"),
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            write!(out, "{year:04}-{month:02}-{day:02}")
        }
        DataRef::Error(error) => write!(out, "#{error:?}"),
        DataRef::Empty => Ok(()),
    };
}

fn refuse(error: &XlsxError) -> Refused {
    if let XlsxError::Password = error {
        return Refused::new(
            "protected_file",
            "the workbook is protected by a password: save it without one",
        );
    }
    Refused::new("damaged_file", format!("the workbook cannot be read: {error}"))
}
