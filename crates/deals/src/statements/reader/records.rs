//! Cuts a stream of bytes into rows and fields, in bounded memory.
//!
//! The common row has no quote in it: its fields are found with `memchr` and handed out as
//! slices of the buffer. A row with quotes is unescaped into a scratch buffer.

use std::io::{self, Read};

/// The longest row, quoted line breaks included.
const MAX_RECORD: usize = 1 << 20;
/// How far a quote may reach before it is taken for a plain character.
const MAX_QUOTED: usize = 64 << 10;
/// Bytes asked from the source at once.
const CHUNK: usize = 256 << 10;
/// How much of the file the detection looks at.
const HEAD: usize = 64 << 10;

/// One row: fields as slices of one buffer.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// Physical line on which the row starts, from 1.
    pub line: u32,
    /// False when the file ends inside this row's line.
    pub terminated: bool,
    data: &'a [u8],
    bounds: &'a [(u32, u32)],
    count: usize,
    /// For each field, whether the file keeps it as a number; empty for text files.
    numbers: &'a [bool],
}

impl<'a> Row<'a> {
    pub fn new(line: u32, terminated: bool, data: &'a [u8], bounds: &'a [(u32, u32)]) -> Self {
        Self { line, terminated, data, bounds, count: bounds.len(), numbers: &[] }
    }

    /// The same row, with the fields that are stored as numbers.
    pub fn with_numbers(self, numbers: &'a [bool]) -> Self {
        Self { numbers, ..self }
    }

    /// True when the file stores the field as a number, so that no sign in it is in doubt.
    #[inline]
    pub fn is_number(&self, index: usize) -> bool {
        self.numbers.get(index).copied().unwrap_or(false)
    }

    /// The same row, said to have `width` fields: what is missing reads as empty.
    pub fn padded(&self, width: usize) -> Self {
        Self { count: self.count.max(width), ..*self }
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.count
    }

    /// The field at `index`; empty when there is none.
    #[inline]
    pub fn field(&self, index: usize) -> &'a [u8] {
        match self.bounds.get(index) {
            Some(&(from, to)) => &self.data[from as usize..to as usize],
            None => b"",
        }
    }

    /// True when no field holds anything.
    pub fn is_blank(&self) -> bool {
        (0..self.len()).all(|i| self.field(i).trim_ascii().is_empty())
    }
}

/// How a text file separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Separators {
    /// Between fields.
    pub field: u8,
    /// Between rows: `\n` (a `\r` before it is dropped) or a lone `\r`.
    pub row: u8,
}

/// A stream of rows.
pub(super) struct Records<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    line: u32,
    separators: Separators,
    scratch: Vec<u8>,
    bounds: Vec<(u32, u32)>,
}

impl<R: Read> Records<R> {
    /// Rows of `input`, which has no byte order mark any more.
    pub fn new(input: R) -> Self {
        Self {
            input,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            ended: false,
            line: 1,
            separators: Separators { field: b',', row: b'\n' },
            scratch: Vec::new(),
            bounds: Vec::new(),
        }
    }

    /// The first bytes of the file, up to the last whole line; nothing is consumed.
    pub fn head(&mut self) -> io::Result<&[u8]> {
        while self.end < HEAD && !self.ended {
            self.fill()?;
        }
        let mut head = &self.buffer[self.start..self.end];
        if !self.ended
            && let Some(at) = head.iter().rposition(|b| matches!(b, b'\n' | b'\r'))
        {
            head = &head[..=at];
        }
        Ok(head)
    }

    /// Says how the file separates. To be called before the first row is taken.
    pub fn separate(&mut self, separators: Separators) {
        self.separators = separators;
    }

    /// The next row that is not an empty line, or `None` at the end.
    pub fn next_row(&mut self) -> io::Result<Option<Row<'_>>> {
        loop {
            let Some((length, terminated)) = self.find_line()? else { return Ok(None) };
            let from = self.start;
            let line = &self.buffer[from..from + length];
            let number = self.line;
            if memchr::memchr(b'"', line).is_some()
                && let Some(outcome) = self.quoted_row()?
            {
                let (consumed, lines, terminated) = outcome;
                self.start += consumed;
                self.line = self.line.saturating_add(lines);
                return Ok(Some(Row::new(number, terminated, &self.scratch, &self.bounds)));
            }
            // `quoted_row` may have moved the buffer; the line still begins at `start`.
            let from = self.start;
            self.start += length + usize::from(terminated);
            self.line = self.line.saturating_add(1);
            let mut line = &self.buffer[from..from + length];
            if let [head @ .., b'\r'] = line {
                line = head;
            }
            if line.is_empty() {
                continue;
            }
            self.bounds.clear();
            let mut field = 0_u32;
            for at in memchr::memchr_iter(self.separators.field, line) {
                let at = offset(at);
                self.bounds.push((field, at));
                field = at + 1;
            }
            self.bounds.push((field, offset(line.len())));
            let to = from + line.len();
            let data = &self.buffer[from..to];
            return Ok(Some(Row::new(number, terminated, data, &self.bounds)));
        }
    }

    /// Length of the next physical line and whether it has an end; `None` at the end.
    fn find_line(&mut self) -> io::Result<Option<(usize, bool)>> {
        let mut searched = 0;
        loop {
            let pending = &self.buffer[self.start..self.end];
            if let Some(at) = memchr::memchr(self.separators.row, &pending[searched..]) {
                return Ok(Some((searched + at, true)));
            }
            searched = pending.len();
            if self.ended {
                return Ok((searched > 0).then_some((searched, false)));
            }
            self.fill()?;
        }
    }

    /// Splits a row that holds quotes. Answers bytes consumed, lines passed, and whether the
    /// row has an end; `None` when the quotes make no sense and the line is to be taken as is.
    fn quoted_row(&mut self) -> io::Result<Option<(usize, u32, bool)>> {
        loop {
            let pending = &self.buffer[self.start..self.end];
            let reach = &pending[..pending.len().min(MAX_QUOTED)];
            let whole = self.ended && reach.len() == pending.len();
            self.scratch.clear();
            self.bounds.clear();
            let mut split = Split {
                bytes: reach,
                at: 0,
                lines: 0,
                separators: self.separators,
                scratch: &mut self.scratch,
                bounds: &mut self.bounds,
            };
            match split.run(whole) {
                Some(terminated) => return Ok(Some((split.at, split.lines, terminated))),
                None if self.ended || reach.len() == MAX_QUOTED => return Ok(None),
                None => self.fill()?,
            }
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end > MAX_RECORD {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("line {} is longer than {MAX_RECORD} bytes", self.line),
            ));
        }
        if self.buffer.len() < self.end + CHUNK / 2 {
            self.buffer.resize(self.end + CHUNK, 0);
        }
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(n) => self.end += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            }
            return Ok(());
        }
    }
}

fn offset(at: usize) -> u32 {
    // Rows are shorter than MAX_RECORD, so this always fits.
    u32::try_from(at).unwrap_or(u32::MAX)
}

struct Split<'a> {
    bytes: &'a [u8],
    at: usize,
    lines: u32,
    separators: Separators,
    scratch: &'a mut Vec<u8>,
    bounds: &'a mut Vec<(u32, u32)>,
}

impl Split<'_> {
    /// Takes one row. `whole` says that `bytes` reach to the end of the file. `None` when the
    /// row does not end within `bytes`.
    fn run(&mut self, whole: bool) -> Option<bool> {
        loop {
            let from = offset(self.scratch.len());
            if self.bytes.get(self.at) == Some(&b'"') && self.take_quoted()? {
                self.bounds.push((from, offset(self.scratch.len())));
            } else {
                let rest = &self.bytes[self.at..];
                let Separators { field, row } = self.separators;
                let length = match memchr::memchr2(field, row, rest) {
                    Some(at) => at,
                    None if whole => rest.len(),
                    None => return None,
                };
                let mut text = &rest[..length];
                if rest.get(length) != Some(&field)
                    && let [head @ .., b'\r'] = text
                {
                    text = head;
                }
                self.scratch.extend_from_slice(text);
                self.bounds.push((from, offset(self.scratch.len())));
                self.at += length;
            }
            match self.bytes.get(self.at) {
                Some(b) if *b == self.separators.field => self.at += 1,
                Some(_) => {
                    self.at += 1;
                    self.lines += 1;
                    return Some(true);
                }
                None if whole => {
                    self.lines += 1;
                    return Some(false);
                }
                None => return None,
            }
        }
    }

    /// Takes a quoted field into the scratch buffer and stops at the separator behind it.
    /// `Some(false)`: the quote is a plain character. `None`: more bytes are needed.
    fn take_quoted(&mut self) -> Option<bool> {
        let Separators { field, row } = self.separators;
        let kept = self.scratch.len();
        let mut at = self.at + 1;
        let mut lines = 0;
        loop {
            let rest = self.bytes.get(at..)?;
            let quote = memchr::memchr(b'"', rest)?;
            let breaks = memchr::memchr_iter(row, &rest[..quote]).count();
            // No distributor breaks lines inside a tab-separated field: a quote there that
            // is not closed on its line belongs to the title.
            if breaks > 0 && field == b'\t' {
                self.scratch.truncate(kept);
                return Some(false);
            }
            lines += u32::try_from(breaks).unwrap_or(0);
            self.scratch.extend_from_slice(&rest[..quote]);
            at += quote + 1;
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.scratch.push(b'"');
                    at += 1;
                }
                Some(b) if *b == field || *b == row => break,
                Some(b'\r') if self.bytes.get(at + 1) == Some(&row) => {
                    at += 1;
                    break;
                }
                None => break,
                Some(_) => {
                    self.scratch.truncate(kept);
                    return Some(false);
                }
            }
        }
        self.lines += lines;
        self.at = at;
        Some(true)
    }
}
