//! The creator's months: statements put together, works in scope, sums in dense tables.

use std::collections::BTreeMap;

use kernel::{Exact, Month};
use rustc_hash::FxHashMap;

use super::measure::Ltm;
use super::report::Failed;
use crate::statements::reader::{Aggregates, Cell, Country};

/// Title of rows that carry none.
pub const UNTITLED: &str = "(untitled)";
/// Months kept in detail; older ones only tell the age of a work.
const WINDOW: i32 = 121;
/// A month with less than this part of the usual holds only corrections, and so many of them
/// in a row are a time before the history.
const STRAY_PERCENT: i128 = 10;
const QUIET_MONTHS: usize = 6;

/// The statements of one offer, all in one currency. Borrowed, never copied.
#[derive(Debug, Default, Clone)]
pub struct Book<'a> {
    parts: Vec<&'a Aggregates>,
}

impl<'a> Book<'a> {
    /// An empty book.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the sums of one statement.
    pub fn add(&mut self, aggregates: &'a Aggregates) {
        self.parts.push(aggregates);
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.parts.iter().flat_map(|p| &p.cells)
    }

    /// Puts the works in scope together.
    ///
    /// # Errors
    /// `no_rows` without any row, `unknown_work` when a title of the scope is in no statement.
    pub(super) fn collect(&self, scope: Option<&[String]>) -> Result<Months, Failed> {
        let newest = self.cells().map(Cell::month).max().ok_or_else(|| Failed {
            code: "no_rows",
            message: "the statements hold no rows: there is nothing to value".into(),
        })?;
        let mut months = Months::new(newest);
        for part in &self.parts {
            let works = months.enter(part, scope);
            let mut stores: Vec<Option<u32>> = vec![None; part.stores.len()];
            for cell in &part.cells {
                if let Some(work) = works[cell.work as usize] {
                    let store = *stores[usize::from(cell.store)]
                        .get_or_insert_with(|| months.store(&part.stores[usize::from(cell.store)]));
                    months.put(work, store, cell);
                }
            }
        }
        if let Some(missing) =
            scope.unwrap_or_default().iter().find(|t| !months.by_title.contains_key(*t))
        {
            return Err(Failed {
                code: "unknown_work",
                message: format!("the work '{missing}' is in none of the statements"),
            });
        }
        Ok(months)
    }
}

/// A title as the valuation names it.
pub fn title_of(title: &str) -> &str {
    if title.is_empty() { UNTITLED } else { title }
}

/// One work's months.
#[derive(Debug)]
pub(super) struct WorkMonths {
    pub title: String,
    pub isrc: String,
    pub first: Month,
    /// Sums by month of the window.
    pub amounts: Vec<i128>,
}

/// Everything of the works in scope, by month of a window that ends with the newest month.
#[derive(Debug)]
pub(super) struct Months {
    /// Month of index 0.
    pub start: Month,
    /// The newest month of all statements, incomplete.
    pub newest: Month,
    pub works: Vec<WorkMonths>,
    pub amounts: Vec<i128>,
    pub units: Vec<i64>,
    /// Exact sums and units of the last twelve complete months.
    pub ltm_stores: BTreeMap<String, Exact>,
    pub ltm_countries: BTreeMap<Country, (Exact, i64)>,
    by_title: FxHashMap<String, u32>,
    store_names: Vec<String>,
    store_ids: FxHashMap<String, u32>,
    store_sums: Vec<i128>,
    country_sums: FxHashMap<Country, (i128, i64)>,
}

impl Months {
    fn new(newest: Month) -> Self {
        let width = usize::try_from(WINDOW).unwrap_or(0);
        Self {
            start: newest.plus(1 - WINDOW),
            newest,
            works: Vec::new(),
            amounts: vec![0; width],
            units: vec![0; width],
            ltm_stores: BTreeMap::new(),
            ltm_countries: BTreeMap::new(),
            by_title: FxHashMap::default(),
            store_names: Vec::new(),
            store_ids: FxHashMap::default(),
            store_sums: Vec::new(),
            country_sums: FxHashMap::default(),
        }
    }

    /// Our numbers for the works of a statement; `None` for works out of scope.
    fn enter(&mut self, part: &Aggregates, scope: Option<&[String]>) -> Vec<Option<u32>> {
        part.works
            .iter()
            .map(|work| {
                let title = title_of(&work.title);
                if scope.is_some_and(|s| !s.iter().any(|t| t == title)) {
                    return None;
                }
                let id = match self.by_title.get(title) {
                    Some(id) => *id,
                    None => {
                        let id = u32::try_from(self.works.len()).unwrap_or(u32::MAX);
                        self.by_title.insert(title.to_owned(), id);
                        self.works.push(WorkMonths {
                            title: title.to_owned(),
                            isrc: String::new(),
                            first: self.newest,
                            amounts: vec![0; self.amounts.len()],
                        });
                        id
                    }
                };
                let known = &mut self.works[id as usize];
                if known.isrc.is_empty() {
                    known.isrc.clone_from(&work.isrc);
                }
                Some(id)
            })
            .collect()
    }

    fn store(&mut self, name: &str) -> u32 {
        if let Some(id) = self.store_ids.get(name) {
            return *id;
        }
        let id = u32::try_from(self.store_names.len()).unwrap_or(u32::MAX);
        self.store_names.push(name.to_owned());
        self.store_sums.push(0);
        self.store_ids.insert(name.to_owned(), id);
        id
    }

    fn put(&mut self, work: u32, store: u32, cell: &Cell) {
        let month = cell.month();
        let known = &mut self.works[work as usize];
        known.first = known.first.min(month);
        let Ok(at) = usize::try_from(month.index() - self.start.index()) else { return };
        known.amounts[at] += cell.amount.0;
        self.amounts[at] += cell.amount.0;
        self.units[at] = self.units[at].saturating_add(cell.units);
        let ago = self.newest.index() - month.index();
        if (1..=12).contains(&ago) {
            self.store_sums[store as usize] += cell.amount.0;
            let sum = self.country_sums.entry(cell.country).or_default();
            sum.0 += cell.amount.0;
            sum.1 = sum.1.saturating_add(cell.units);
        }
    }

    /// Moves the sums of the last twelve months to where they are read in a fixed order.
    pub fn sorted(mut self) -> Self {
        for (name, sum) in self.store_names.drain(..).zip(self.store_sums.drain(..)) {
            *self.ltm_stores.entry(name).or_default() += Exact(sum);
        }
        for (country, (sum, units)) in self.country_sums.drain() {
            self.ltm_countries.insert(country, (Exact(sum), units));
        }
        self
    }

    /// Index of the newest complete month.
    pub fn last(&self) -> usize {
        self.amounts.len() - 2
    }

    /// Index of the first month with a row in the window.
    pub fn first(&self) -> usize {
        let oldest = self.works.iter().map(|w| w.first).min().unwrap_or(self.newest);
        usize::try_from(oldest.index() - self.start.index()).unwrap_or(0)
    }

    /// Index of the month in which the history really begins: statements hold corrections of
    /// months long before them. Half a year of next to nothing ends what lies before it.
    pub fn began(&self, ltm: &Ltm) -> usize {
        let least = ltm.sum.0 / (ltm.to + 1 - ltm.from) as i128 * STRAY_PERCENT / 100;
        let mut quiet = 0;
        for at in (self.first()..=ltm.to).rev() {
            quiet = if self.amounts[at] < least { quiet + 1 } else { 0 };
            if quiet == QUIET_MONTHS {
                return (at + QUIET_MONTHS).min(ltm.from);
            }
        }
        // Quiet months at the very beginning are no part of it either.
        (self.first() + quiet).min(ltm.from)
    }

    /// The month at an index.
    pub fn month(&self, at: usize) -> Month {
        self.start.plus(i32::try_from(at).unwrap_or(0))
    }
}
