//! Whether two statements hold the same income.
//!
//! The same file saved again has other bytes, and the months of two exports may overlap. What
//! tells is the content: sums of the same work in the same month. A statement of the same
//! income in another detail (by work only, without stores) or of a fixed part of it (a share,
//! another currency) is found by its months' sums and by its counts; one in coarser windows, by
//! store or country, or with its months moved by [`windows`].

mod windows;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Exact, Month};
use rustc_hash::FxHashMap;

use super::cells::{Aggregates, Cell, Work};
use super::formats::normalise;
use super::share_bp;

/// Sums that must be alike at least, so that one coincidence is no overlap.
const FEWEST: u64 = 2;
/// Part of a month's money that must be alike, in basis points.
const ALIKE_BP: i64 = 5_000;
/// How far two quotients may differ and still be the same: one in so many. Sums that were
/// rounded to cents differ that much.
const SAME_PART: u128 = 1_000;
/// Months whose quotient is tried.
const TRIED: usize = 3;
/// One single sum in so many that both have is no coincidence.
const SINGLE_ONE_IN: u64 = 20;
/// The number of a name that is empty.
const NAMELESS: u32 = 0;
/// Counts below this say little.
const SMALL_COUNT: i64 = 10;

/// How two statements relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same months and sums: one file saved twice.
    Same,
    /// Some months are in both.
    Overlapping,
    /// The same income in another detail, currency or share.
    Derived,
}

/// The income that two statements have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// How they relate.
    pub relation: Relation,
    /// The months concerned, oldest first.
    pub months: Vec<Month>,
    /// Rows of the smaller statement that are in the other, in basis points of its rows.
    pub rows_bp: i64,
    /// Money of the smaller statement that is in the other, in basis points of its total.
    pub sum_bp: i64,
    /// That money, exact.
    pub sum: Exact,
}

/// One statement, its cells by month: the details of one month at a time are in memory.
struct Side<'a> {
    of: &'a Aggregates,
    works: Vec<u32>,
    stores: Vec<u32>,
    months: BTreeMap<Month, Vec<u32>>,
}

/// A work, a store, a country.
type Place = (u32, u32, [u8; 2]);

/// One month of a statement, by what can be compared.
#[derive(Debug, Default)]
struct MonthSums {
    total: Exact,
    rows: u64,
    /// By work: sum, units, rows.
    works: FxHashMap<u32, (Exact, i64, u64)>,
    /// By work, store and country: sum, rows, units.
    cells: FxHashMap<Place, (Exact, u64, i64)>,
}

/// Numbers for names that are the same in both statements.
#[derive(Default)]
struct Names(FxHashMap<String, u32>);

impl Names {
    fn of(&mut self, name: String) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(name).or_insert(next)
    }
}

/// What two statements have in common; `None` when nothing speaks for it.
///
/// Months without money say nothing. One equal sum in a month is a coincidence; several, or
/// all there are, are not.
pub fn compare(a: &Aggregates, b: &Aggregates) -> Option<Overlap> {
    let (mut works, mut stores) = (Names::default(), Names::default());
    let nameless = works.of(String::new());
    stores.of(String::new());
    let a = Side::of(a, &mut works, &mut stores);
    let b = Side::of(b, &mut works, &mut stores);
    let strangers = a.is_strange_to(&b);
    let mut months = Vec::new();
    // Months of files of other works whose sums are equal.
    let mut equal: Vec<(Month, Alike)> = Vec::new();
    let mut common: Vec<(Month, Exact, Exact)> = Vec::new();
    let (mut rows, mut sum, mut exact, mut counts) = (0, Exact::ZERO, true, Counts::default());
    let (mut single, mut titles) = (Single::default(), Titles { nameless, both: 0, all: 0 });
    for month in a.months.keys().filter(|m| b.months.contains_key(m)) {
        let (x, y) = (a.sums(*month), b.sums(*month));
        if let Some(found) = alike(&x, &y) {
            exact &= x.total == y.total;
            if strangers && !same_amounts(&x, &y) {
                equal.push((*month, found));
            } else {
                months.push(*month);
                rows += found.rows;
                sum += found.sum;
            }
        }
        if x.total > Exact::ZERO && y.total > Exact::ZERO {
            common.push((*month, x.total, y.total));
            counts.add(&x, &y);
            titles.add(&x, &y);
        }
        single.add(*month, &x, &y);
    }
    if months.is_empty() && are_no_coincidence(&equal, common.len()) {
        for (month, found) in equal {
            months.push(month);
            rows += found.rows;
            sum += found.sum;
        }
    }
    let (size_a, size_b) = (a.size(|_| true), b.size(|_| true));
    let (small, (all_rows, all)) = if size_a <= size_b { (&a, size_a) } else { (&b, size_b) };
    let derived = |months: Vec<Month>, sum: Exact| {
        let rows = |side: &Side<'_>| side.size(|m| months.contains(&m)).0;
        let rows_bp = bp(rows(&a).max(rows(&b)), all_rows).min(10_000);
        let sum_bp = share_bp(sum, all).min(10_000);
        Some(Overlap { relation: Relation::Derived, months, rows_bp, sum_bp, sum })
    };
    let whole = !months.is_empty() && small.filled().iter().all(|m| months.contains(m));
    if !whole
        && let Some(found) = windows::compare(&a, &b)
        && found.months.len() > months.len()
    {
        return derived(found.months, found.sum);
    }
    if months.is_empty() {
        let Some(months) = part_of_each_other(&common, &counts, titles.alike()) else {
            return single.found(all_rows, all);
        };
        let (_, sum) = small.size(|m| months.contains(&m));
        return derived(months, sum);
    }
    let same = exact && a.filled() == months && b.filled() == months;
    Some(Overlap {
        relation: if same { Relation::Same } else { Relation::Overlapping },
        months,
        rows_bp: bp(rows, all_rows).min(10_000),
        sum_bp: share_bp(sum, all).min(10_000),
        sum,
    })
}

impl<'a> Side<'a> {
    fn of(of: &'a Aggregates, works: &mut Names, stores: &mut Names) -> Self {
        let mut months: BTreeMap<Month, Vec<u32>> = BTreeMap::new();
        for (at, cell) in of.cells.iter().enumerate() {
            months.entry(cell.month()).or_default().push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        let work = |w: &Work| {
            let title = normalise(&w.title);
            works.of(if title.is_empty() { w.isrc.clone() } else { title })
        };
        Self {
            of,
            works: of.works.iter().map(work).collect(),
            stores: of.stores.iter().map(|s| stores.of(normalise(s))).collect(),
            months,
        }
    }

    fn cells(&self, month: Month) -> impl Iterator<Item = &Cell> {
        let places = self.months.get(&month).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|at| self.of.cells.get(*at as usize))
    }

    fn sums(&self, month: Month) -> MonthSums {
        let mut sums = MonthSums::default();
        for cell in self.cells(month) {
            let rows = u64::from(cell.rows);
            sums.total += cell.amount;
            sums.rows += rows;
            let work = self.works.get(cell.work as usize).copied().unwrap_or(u32::MAX);
            let store = self.stores.get(usize::from(cell.store)).copied().unwrap_or(u32::MAX);
            let by_work = sums.works.entry(work).or_default();
            by_work.0 += cell.amount;
            by_work.1 = by_work.1.saturating_add(cell.units);
            by_work.2 += rows;
            let by_cell = sums.cells.entry((work, store, cell.country.0)).or_default();
            by_cell.0 += cell.amount;
            by_cell.1 += rows;
            by_cell.2 = by_cell.2.saturating_add(cell.units);
        }
        sums
    }

    /// Rows and money of some months.
    fn size(&self, which: impl Fn(Month) -> bool) -> (u64, Exact) {
        let (mut rows, mut total) = (0, Exact::ZERO);
        for cell in self.of.cells.iter().filter(|c| which(c.month())) {
            rows += u64::from(cell.rows);
            total += cell.amount;
        }
        (rows, total)
    }

    /// The months with money.
    fn filled(&self) -> Vec<Month> {
        let has_money = |month: &Month| {
            let mut total = Exact::ZERO;
            self.cells(*month).for_each(|c| total += c.amount);
            total != Exact::ZERO
        };
        self.months.keys().copied().filter(has_money).collect()
    }
}

/// What one month has in common in two statements.
struct Alike {
    rows: u64,
    sum: Exact,
}

fn alike(x: &MonthSums, y: &MonthSums) -> Option<Alike> {
    if x.total == Exact::ZERO || y.total == Exact::ZERO {
        return None;
    }
    if x.total == y.total {
        return Some(Alike { rows: x.rows.min(y.rows), sum: x.total });
    }
    let cells = shared(x.cells.iter().map(|(k, v)| (k, v.0, v.1)), |k| {
        y.cells.get(k).map(|(sum, rows, _)| (*sum, *rows))
    });
    let works = shared(x.works.iter().map(|(k, v)| (k, v.0, v.2)), |k| {
        y.works.get(k).map(|(sum, _, rows)| (*sum, *rows))
    });
    let smaller = if x.total <= y.total { x } else { y };
    [(cells, smaller.cells.len()), (works, smaller.works.len())]
        .into_iter()
        .filter(|((count, found), all)| {
            let most = share_bp(found.sum, smaller.total) >= ALIKE_BP;
            most && (*count >= FEWEST || *count == *all as u64 && smaller.rows > 1)
        })
        .map(|((_, found), _)| found)
        .max_by_key(|found| found.sum)
}

/// Three sums or more of single works, stores and countries, and the same on both sides,
/// whatever they are called.
fn same_amounts(x: &MonthSums, y: &MonthSums) -> bool {
    let amounts = |of: &MonthSums| -> Vec<Exact> {
        let mut all: Vec<Exact> = of.cells.values().map(|(sum, ..)| *sum).collect();
        all.sort_unstable();
        all
    };
    let (a, b) = (amounts(x), amounts(y));
    let different: BTreeSet<&Exact> = a.iter().collect();
    different.len() >= 3 && a == b
}

/// Equal sums of months of files of other works: nearly all months, and not flat ones.
fn are_no_coincidence(equal: &[(Month, Alike)], common: usize) -> bool {
    let different: BTreeSet<Exact> = equal.iter().map(|(_, found)| found.sum).collect();
    different.len() >= 3 && equal.len() * 5 >= common * 4
}

/// Sums that both have under the same key.
fn shared<'k, K: 'k>(
    of: impl Iterator<Item = (&'k K, Exact, u64)>,
    other: impl Fn(&K) -> Option<(Exact, u64)>,
) -> (u64, Alike) {
    let mut found = Alike { rows: 0, sum: Exact::ZERO };
    let mut count = 0;
    for (key, sum, rows) in of {
        if sum == Exact::ZERO {
            continue;
        }
        if let Some((same, others)) = other(key)
            && same == sum
        {
            count += 1;
            found.sum += sum;
            found.rows += rows.min(others);
        }
    }
    (count, found)
}

/// The common months, when one statement is a fixed part of the other in nearly all of them (a
/// share, another currency), the same but for rounding, or counts the same streams.
fn part_of_each_other(
    common: &[(Month, Exact, Exact)],
    counts: &Counts,
    same_works: bool,
) -> Option<Vec<Month>> {
    if counts.alike() {
        return Some(common.iter().map(|(m, ..)| *m).collect());
    }
    // The quotient of each of the first months is tried on all: one of them may be odd.
    let like = |base: &(Month, Exact, Exact)| -> Vec<(Month, Exact)> {
        let same = |(_, x, y): &&(Month, Exact, Exact)| {
            // x / y against the base month's, without dividing.
            let (left, right) = (wide(*x, base.2), wide(*y, base.1));
            left.abs_diff(right).saturating_mul(SAME_PART) <= left.unsigned_abs()
        };
        common.iter().filter(same).map(|(m, x, _)| (*m, *x)).collect()
    };
    let best = common.iter().take(TRIED).map(like).max_by_key(Vec::len)?;
    // Flat sums have a constant quotient by themselves: they say nothing, unless they are of the
    // same works.
    let first = best.first()?.1;
    let varied = best.iter().any(|(_, x)| (x.0 - first.0).abs() > first.0 / 100);
    let enough = best.len() >= 3 && best.len() * 5 >= common.len() * 4;
    ((varied || same_works) && enough).then(|| best.into_iter().map(|(m, _)| m).collect())
}

/// Single sums that both statements have of the same work, store, country and month, with the
/// same counts: a few rows that were copied.
#[derive(Debug, Default)]
struct Single {
    months: Vec<Month>,
    count: u64,
    rows: u64,
    sum: Exact,
    /// Sums of the smaller statement of each month.
    all: u64,
}

impl Single {
    fn add(&mut self, month: Month, x: &MonthSums, y: &MonthSums) {
        self.all += x.cells.len().min(y.cells.len()) as u64;
        let before = self.count;
        for (key, (sum, rows, units)) in &x.cells {
            if *sum != Exact::ZERO
                && let Some((other, others, same)) = y.cells.get(key)
                && (other, same) == (sum, units)
            {
                self.count += 1;
                self.rows += rows.min(others);
                self.sum += *sum;
            }
        }
        if self.count > before {
            self.months.push(month);
        }
    }

    fn found(self, all_rows: u64, all: Exact) -> Option<Overlap> {
        (self.count >= FEWEST && self.count * SINGLE_ONE_IN >= self.all).then(|| Overlap {
            relation: Relation::Overlapping,
            months: self.months,
            rows_bp: bp(self.rows, all_rows).min(10_000),
            sum_bp: share_bp(self.sum, all).min(10_000),
            sum: self.sum,
        })
    }
}

/// Whether the two statements are of the same works, month by month.
#[derive(Debug)]
struct Titles {
    nameless: u32,
    both: u64,
    all: u64,
}

impl Titles {
    fn add(&mut self, x: &MonthSums, y: &MonthSums) {
        let named = |w: &&u32| **w != self.nameless;
        let both = x.works.keys().filter(named).filter(|w| y.works.contains_key(w)).count();
        self.both += both as u64;
        self.all += x.works.len().max(y.works.len()) as u64;
    }

    fn alike(&self) -> bool {
        self.both > 0 && self.both * 5 >= self.all * 4
    }
}

/// The product of two sums in millionths, which fits.
fn wide(a: Exact, b: Exact) -> i128 {
    (a.0 / 1_000_000).saturating_mul(b.0 / 1_000_000)
}

/// Works that were streamed exactly as often in both, among those that are in both.
#[derive(Debug, Default)]
struct Counts {
    same: u64,
    all: u64,
}

impl Counts {
    fn add(&mut self, x: &MonthSums, y: &MonthSums) {
        for (work, (_, units, _)) in &x.works {
            if *units >= SMALL_COUNT
                && let Some((_, others, _)) = y.works.get(work)
            {
                self.all += 1;
                self.same += u64::from(units == others);
            }
        }
    }

    fn alike(&self) -> bool {
        self.same >= 3 && self.same * 10 >= self.all * 9
    }
}

fn bp(part: u64, whole: u64) -> i64 {
    i64::try_from(part.saturating_mul(10_000) / whole.max(1)).unwrap_or(0)
}
