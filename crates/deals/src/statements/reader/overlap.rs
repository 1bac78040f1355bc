//! Whether two statements hold the same income.
//!
//! The same file saved again has other bytes, and the months of two exports may overlap. What
//! tells is the content: sums of the same work in the same month. A statement of the same
//! income in another detail (by work only, without stores) or of a fixed part of it (a share,
//! another currency) is found by its months' sums and by its counts.

use std::collections::BTreeMap;

use kernel::{Exact, Month};
use rustc_hash::FxHashMap;

use super::cells::Aggregates;
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

/// One month of a statement, by what can be compared.
#[derive(Debug, Default)]
struct MonthSums {
    total: Exact,
    rows: u64,
    /// By work: sum, units, rows.
    works: FxHashMap<u32, (Exact, i64, u64)>,
    /// By work, store and country.
    cells: FxHashMap<(u32, u32, [u8; 2]), (Exact, u64)>,
}

/// Numbers for names that are the same in both statements.
#[derive(Default)]
struct Names {
    works: FxHashMap<String, u32>,
    stores: FxHashMap<String, u32>,
}

impl Names {
    fn of(known: &mut FxHashMap<String, u32>, name: String) -> u32 {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry(name).or_insert(next)
    }
}

/// What two statements have in common; `None` when nothing speaks for it.
///
/// Months without money say nothing. One equal sum in a month is a coincidence; several, or
/// all there are, are not.
pub fn compare(a: &Aggregates, b: &Aggregates) -> Option<Overlap> {
    let mut names = Names::default();
    let (a, b) = (months_of(a, &mut names), months_of(b, &mut names));
    let common = || a.iter().filter_map(|(m, x)| b.get(m).map(|y| (*m, x, y)));
    let mut months = Vec::new();
    let (mut rows, mut sum, mut exact) = (0, Exact::ZERO, true);
    for (month, x, y) in common() {
        if let Some(found) = alike(x, y) {
            months.push(month);
            rows += found.rows;
            sum += found.sum;
            exact &= x.total == y.total;
        }
    }
    let size = |of: &BTreeMap<Month, MonthSums>| (rows_in(of), total_in(of));
    let small = if size(&a) <= size(&b) { &a } else { &b };
    if months.is_empty() {
        let months = part_of_each_other(&common().collect::<Vec<_>>())?;
        let sum = sum_in(small, &months);
        let (rows, all) = (rows_of(small, &months), rows_in(small));
        return Some(Overlap {
            relation: Relation::Derived,
            months,
            rows_bp: bp(rows, all),
            sum_bp: share_bp(sum, total_in(small)),
            sum,
        });
    }
    let filled = |of: &BTreeMap<Month, MonthSums>| {
        of.iter().filter(|(_, m)| m.total != Exact::ZERO).map(|(m, _)| *m).collect::<Vec<_>>()
    };
    let same = exact && filled(&a) == filled(&b) && filled(&a) == months;
    Some(Overlap {
        relation: if same { Relation::Same } else { Relation::Overlapping },
        months,
        rows_bp: bp(rows, rows_in(small)).min(10_000),
        sum_bp: share_bp(sum, total_in(small)).min(10_000),
        sum,
    })
}

fn months_of(of: &Aggregates, names: &mut Names) -> BTreeMap<Month, MonthSums> {
    let works: Vec<u32> = of
        .works
        .iter()
        .map(|w| {
            let title = normalise(&w.title);
            Names::of(&mut names.works, if title.is_empty() { w.isrc.clone() } else { title })
        })
        .collect();
    let stores: Vec<u32> =
        of.stores.iter().map(|s| Names::of(&mut names.stores, normalise(s))).collect();
    let mut months: BTreeMap<Month, MonthSums> = BTreeMap::new();
    for cell in &of.cells {
        let month = months.entry(cell.month()).or_default();
        let rows = u64::from(cell.rows);
        month.total += cell.amount;
        month.rows += rows;
        let work = works.get(cell.work as usize).copied().unwrap_or(u32::MAX);
        let store = stores.get(usize::from(cell.store)).copied().unwrap_or(u32::MAX);
        let sums = month.works.entry(work).or_default();
        sums.0 += cell.amount;
        sums.1 = sums.1.saturating_add(cell.units);
        sums.2 += rows;
        let sums = month.cells.entry((work, store, cell.country.0)).or_default();
        sums.0 += cell.amount;
        sums.1 += rows;
    }
    months
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
        y.cells.get(k).map(|(sum, rows)| (*sum, *rows))
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
fn part_of_each_other(common: &[(Month, &MonthSums, &MonthSums)]) -> Option<Vec<Month>> {
    let filled: Vec<_> =
        common.iter().filter(|(_, x, y)| x.total > Exact::ZERO && y.total > Exact::ZERO).collect();
    if counts_alike(&filled) {
        return Some(filled.iter().map(|(m, ..)| *m).collect());
    }
    // The quotient of each of the first months is tried on all: one of them may be odd.
    let like = |base: &(Month, &MonthSums, &MonthSums)| -> Vec<_> {
        let same = |(_, x, y): &&&(Month, &MonthSums, &MonthSums)| {
            // x / y against the base month's, without dividing.
            let left = wide(x.total, base.2.total);
            let right = wide(y.total, base.1.total);
            left.abs_diff(right).saturating_mul(SAME_PART) <= left.unsigned_abs()
        };
        filled.iter().filter(same).copied().collect()
    };
    let best = filled.iter().take(TRIED).map(|base| like(base)).max_by_key(Vec::len)?;
    // Flat sums have a constant quotient by themselves: they say nothing.
    let first = best.first()?.1.total;
    let varied = best.iter().any(|(_, x, _)| (x.total - first).0.abs() > first.0 / 100);
    let enough = best.len() >= 3 && best.len() * 5 >= filled.len() * 4;
    (varied && enough).then(|| best.iter().map(|(m, ..)| *m).collect())
}

/// The product of two sums in millionths, which fits.
fn wide(a: Exact, b: Exact) -> i128 {
    (a.0 / 1_000_000).saturating_mul(b.0 / 1_000_000)
}

/// Most works of the common months were streamed exactly as often in both.
fn counts_alike(common: &[&(Month, &MonthSums, &MonthSums)]) -> bool {
    let (mut same, mut all) = (0_u64, 0_u64);
    for (_, x, y) in common {
        for (work, (_, units, _)) in &x.works {
            if *units >= SMALL_COUNT
                && let Some((_, others, _)) = y.works.get(work)
            {
                all += 1;
                same += u64::from(units == others);
            }
        }
    }
    same >= 3 && same * 10 >= all * 9
}

fn bp(part: u64, whole: u64) -> i64 {
    i64::try_from(part.saturating_mul(10_000) / whole.max(1)).unwrap_or(0)
}

fn rows_in(of: &BTreeMap<Month, MonthSums>) -> u64 {
    of.values().map(|m| m.rows).sum()
}

fn rows_of(of: &BTreeMap<Month, MonthSums>, months: &[Month]) -> u64 {
    months.iter().filter_map(|m| of.get(m)).map(|m| m.rows).sum()
}

fn total_in(of: &BTreeMap<Month, MonthSums>) -> Exact {
    let mut total = Exact::ZERO;
    of.values().for_each(|m| total += m.total);
    total
}

fn sum_in(of: &BTreeMap<Month, MonthSums>, months: &[Month]) -> Exact {
    let mut total = Exact::ZERO;
    months.iter().filter_map(|m| of.get(m)).for_each(|m| total += m.total);
    total
}
