//! Monthly sums for each work, store and country.
//!
//! A statement of a million rows may have nearly as many different sums, so a cell is kept
//! small (48 bytes) and found through a table of indices of our own: 4 bytes for each slot.

use kernel::{Exact, Month};
use rustc_hash::FxHashMap;

use super::countries::Country;
use super::dates::Span;

/// A recording or release as the file names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Work {
    /// Title; empty when the file has none.
    pub title: String,
    /// ISRC, upper case without dashes; empty when the file has none or a damaged one.
    pub isrc: String,
}

/// The sum of one month of one work at one store in one country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Exact sum in the file's currency.
    pub amount: Exact,
    /// Streams and sales.
    pub units: i64,
    /// Index into [`Aggregates::works`].
    pub work: u32,
    /// Physical line of the first row that went in.
    pub first_line: u32,
    /// Rows that went in.
    pub rows: u32,
    /// Index into [`Aggregates::stores`].
    pub store: u16,
    /// Months since January 1900; while a file is read, the number of its date.
    month: u16,
    /// Where it was earned.
    pub country: Country,
}

/// Month number 0 of a cell.
const EPOCH: i32 = 1900 * 12;

impl Cell {
    /// The same cell in another month, for cells that come back from the database. Months
    /// outside 1900 to 7361 are kept at the border; the reader never makes such.
    #[must_use]
    pub fn at(self, month: Month) -> Self {
        let index = (month.index() - EPOCH).clamp(0, i32::from(u16::MAX));
        Self { month: u16::try_from(index).unwrap_or(0), ..self }
    }

    /// A cell of one work, store and country in January 1900; see [`Cell::at`].
    pub fn of(work: u32, store: u16, country: Country) -> Self {
        let (amount, units, first_line, rows) = (Exact::ZERO, 0, 0, 0);
        Self { amount, units, work, first_line, rows, store, month: 0, country }
    }

    /// The month in which it was earned.
    pub fn month(&self) -> Month {
        Month::from_index(EPOCH + i32::from(self.month))
    }

    /// While a file is read: the number of its date.
    pub(super) fn day(&self) -> u16 {
        self.month
    }

    fn key(&self) -> Key {
        Key { work: self.work, store: self.store, country: self.country, month: self.month }
    }
}

/// Every sum of a file, with the names it refers to.
#[derive(Debug, Clone, Default)]
pub struct Aggregates {
    /// Works in order of appearance.
    pub works: Vec<Work>,
    /// Stores in order of appearance.
    pub stores: Vec<String>,
    /// Sums in order of appearance.
    pub cells: Vec<Cell>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    work: u32,
    store: u16,
    month: u16,
    country: Country,
}

impl Key {
    fn hash(self) -> u64 {
        let [a, b] = self.country.0;
        let low = u64::from(self.work) | (u64::from(self.store) << 32);
        let high = u64::from(self.month) | (u64::from(a) << 16) | (u64::from(b) << 24);
        // Every bit of the key has to reach the low bits that choose the slot: neighbouring
        // months and works would cluster otherwise.
        let mut mixed = low.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ high;
        mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        mixed ^ (mixed >> 32)
    }
}

/// What one row adds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub work: u32,
    pub store: u16,
    pub country: Country,
    /// Number of its date in the calendar of the file.
    pub day: u16,
    pub amount: Exact,
    pub units: i64,
    pub line: u32,
}

impl Entry {
    fn cell(&self) -> Cell {
        Cell {
            amount: self.amount,
            units: self.units,
            work: self.work,
            first_line: self.line,
            rows: 1,
            store: self.store,
            month: self.day,
            country: self.country,
        }
    }
}

/// Sums by month since 1900 that a calendar month stands for.
fn since_epoch(month: Month) -> u16 {
    u16::try_from(month.index() - EPOCH).unwrap_or(0)
}

const FREE: u32 = u32::MAX;

/// The `n`th of `parts` equal portions of `whole`; the first ones carry what is left over.
fn portion(whole: i128, parts: i128, n: i128) -> i128 {
    whole / parts + if n < (whole % parts).abs() { whole.signum() } else { 0 }
}

/// Finds the cell of a row and adds to it.
pub(super) struct CellTable {
    pub cells: Vec<Cell>,
    slots: Vec<u32>,
    mask: usize,
}

impl CellTable {
    pub fn new() -> Self {
        Self { cells: Vec::new(), slots: vec![FREE; 1 << 12], mask: (1 << 12) - 1 }
    }

    /// Adds one row.
    pub fn add(&mut self, entry: &Entry) {
        self.merge(&entry.cell());
    }

    /// Adds the sums of a cell to the one of the same key.
    #[inline]
    pub fn merge(&mut self, more: &Cell) {
        let key = more.key();
        let mut at = self.place(key);
        loop {
            let index = self.slots[at];
            if index == FREE {
                break;
            }
            if let Some(cell) = self.cells.get_mut(index as usize)
                && cell.key() == key
            {
                cell.amount += more.amount;
                cell.units = cell.units.saturating_add(more.units);
                cell.rows = cell.rows.saturating_add(more.rows);
                return;
            }
            at = (at + 1) & self.mask;
        }
        self.slots[at] = u32::try_from(self.cells.len()).unwrap_or(FREE);
        self.cells.push(*more);
        if self.cells.len() * 2 > self.slots.len() {
            self.grow();
        }
    }

    /// Takes a row out again. Nothing may be added afterwards: cells change their places.
    pub fn take_back(&mut self, entry: &Entry) {
        let key = entry.cell().key();
        if let Some(cell) = self.cells.iter_mut().find(|c| c.key() == key) {
            cell.amount += -entry.amount;
            cell.units = cell.units.saturating_sub(entry.units);
            cell.rows = cell.rows.saturating_sub(1);
        }
        self.cells.retain(|c| c.rows > 0);
    }

    /// Gives every cell the month of its date. Two dates of one month make one cell; a date of
    /// several months spreads evenly over them: what cannot be divided goes to the first
    /// months, one unit of 10^-12 each, so nothing is lost.
    pub fn by_month(self, spans: &[Option<Span>]) -> Self {
        let mut seen = vec![false; usize::from(u16::MAX) + 1];
        let plain = spans.iter().flatten().all(|s| {
            let first = &mut seen[usize::from(since_epoch(s.from))];
            s.from == s.to && !std::mem::replace(first, true)
        });
        let mut old = self;
        if plain && spans.iter().all(Option::is_some) {
            for cell in &mut old.cells {
                if let Some(Some(span)) = spans.get(usize::from(cell.month)) {
                    cell.month = since_epoch(span.from);
                }
            }
            return old;
        }
        let mut new = Self::new();
        for cell in &old.cells {
            if let Some(Some(span)) = spans.get(usize::from(cell.month)) {
                new.spread(cell, *span);
            }
        }
        new
    }

    fn spread(&mut self, cell: &Cell, span: Span) {
        let months = span.months().max(1);
        for n in 0..months {
            self.merge(&Cell {
                amount: Exact(portion(cell.amount.0, i128::from(months), i128::from(n))),
                units: i64::try_from(portion(
                    i128::from(cell.units),
                    i128::from(months),
                    i128::from(n),
                ))
                .unwrap_or(0),
                month: since_epoch(span.from.plus(n)),
                ..*cell
            });
        }
    }

    fn place(&self, key: Key) -> usize {
        usize::try_from(key.hash() & self.mask as u64).unwrap_or(0)
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        self.slots.clear();
        self.slots.resize(size, FREE);
        self.slots.shrink_to(size);
        self.mask = size - 1;
        for (index, cell) in self.cells.iter().enumerate() {
            let mut at = self.place(cell.key());
            while self.slots[at] != FREE {
                at = (at + 1) & self.mask;
            }
            self.slots[at] = u32::try_from(index).unwrap_or(FREE);
        }
    }
}

/// Numbers for texts that repeat: what a cell said last is remembered, because neighbours in
/// a statement usually say the same.
pub(super) struct Memo<T> {
    last: Vec<u8>,
    value: Option<T>,
    known: FxHashMap<Box<[u8]>, T>,
    most: usize,
}

/// Texts remembered where forgetting one only costs reading it again.
const REMEMBERED: usize = 1 << 16;

impl<T: Copy> Memo<T> {
    /// Remembers every text: what is made is made once.
    pub fn new() -> Self {
        Self { last: Vec::new(), value: None, known: FxHashMap::default(), most: usize::MAX }
    }

    /// Remembers so many texts and makes the others again.
    pub fn forgetful() -> Self {
        Self { most: REMEMBERED, ..Self::new() }
    }

    /// The value of `raw`, made by `make` when it is seen for the first time. What `make`
    /// cannot answer is not remembered.
    pub fn get<E>(&mut self, raw: &[u8], make: impl FnOnce(&[u8]) -> Result<T, E>) -> Result<T, E> {
        if let Some(value) = self.value
            && self.last == raw
        {
            return Ok(value);
        }
        let value = match self.known.get(raw) {
            Some(value) => *value,
            None => {
                let value = make(raw)?;
                if self.known.len() < self.most {
                    self.known.insert(raw.into(), value);
                }
                value
            }
        };
        self.last.clear();
        self.last.extend_from_slice(raw);
        self.value = Some(value);
        Ok(value)
    }
}
