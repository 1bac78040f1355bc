//! The same income told in coarser windows (quarters, halves, years, one sum for all), by store
//! or by country only, or with its months moved.
//!
//! Sums are compared under one name in one window. They were rounded somewhere on their way, so
//! they are the same when they differ by no more than half a cent for each row of the side with
//! fewer rows, and by no more than one part in [`SAME_PART`].

use std::collections::BTreeSet;

use kernel::{Exact, Month};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{ALIKE_BP, NAMELESS, Side, share_bp};

/// How far two sums may differ in any case: one in so many.
const SAME_PART: i128 = 500;
/// Half a cent, which rounding may take from each row.
const HALF_CENT: i128 = 5_000_000_000;
/// Months of the windows; 0 is the whole of both.
const WINDOWS: [i32; 5] = [1, 3, 6, 12, 0];
/// By how many months the same income may be moved: reported later than it was earned.
const SHIFTS: [i32; 6] = [1, -1, 2, -2, 3, -3];
/// Different sums that must be alike at least.
const FEWEST: usize = 3;
/// Above so many sums works are not told apart by store and country.
const MANY: usize = 500_000;

/// What a sum is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Cell,
    Work,
    Store,
    Country,
    All,
}

const ALL: [By; 5] = [By::Cell, By::Work, By::Store, By::Country, By::All];

/// Work, store, country; what is not told apart is 0.
type Key = (u32, u32, [u8; 2]);

/// Months and money that both have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Windowed {
    pub months: Vec<Month>,
    pub sum: Exact,
}

/// Sums of one window: amount, rows.
#[derive(Default)]
struct Sums {
    of: FxHashMap<Key, (Exact, u64)>,
    total: Exact,
    rows: u64,
}

/// What both have in common in some window, the most months first.
pub(super) fn compare(a: &Side<'_>, b: &Side<'_>) -> Option<Windowed> {
    let strangers = a.is_strange_to(b);
    let many = a.of.cells.len().max(b.of.cells.len()) > MANY;
    let mut best: Option<Windowed> = None;
    for by in ALL.into_iter().filter(|by| !(many && *by == By::Cell)) {
        // Sums without works say nothing about two files of other works.
        if strangers && !matches!(by, By::Cell | By::Work) {
            continue;
        }
        let windows = WINDOWS.into_iter().map(|length| (length, 0));
        let shifts = SHIFTS.into_iter().filter(|_| by == By::Cell).map(|shift| (1, shift));
        for (length, shift) in windows.chain(shifts) {
            let found = Tally::of(a, b, by, length, shift).found(shift != 0);
            if let Some(found) = found
                && best.as_ref().is_none_or(|b| found.beats(b))
            {
                best = Some(found);
            }
        }
    }
    if best.is_none() && !strangers {
        best = part(a, b);
    }
    best.or_else(|| whole(a, b))
}

/// One statement is a fixed part of the other (a share, another currency) in coarser windows.
fn part(a: &Side<'_>, b: &Side<'_>) -> Option<Windowed> {
    let lengths = WINDOWS.into_iter().filter(|length| *length > 1);
    lengths.flat_map(|length| [(length, By::Work), (length, By::All)]).find_map(|(length, by)| {
        let common: Vec<Month> =
            a.months.keys().copied().filter(|m| b.months.contains_key(m)).collect();
        let window = |m: Month| m.index().div_euclid(length);
        let windows: BTreeSet<i32> = common.iter().map(|m| window(*m)).collect();
        let mut pairs: Vec<(Exact, Exact)> = Vec::new();
        for at in windows {
            let (x, y) = (a.window(by, |m| window(m) == at), b.window(by, |m| window(m) == at));
            for (key, (amount, _)) in &x.of {
                if let Some((other, _)) = y.of.get(key) {
                    pairs.push((*amount, *other));
                }
            }
        }
        is_fixed_part(&mut pairs).then(|| {
            let (mut x, mut y) = (Exact::ZERO, Exact::ZERO);
            for pair in &pairs {
                x += pair.0;
                y += pair.1;
            }
            Windowed { months: common, sum: x.min(y) }
        })
    })
}

/// Pairs of sums that nearly all have one quotient, and are not flat.
fn is_fixed_part(pairs: &mut Vec<(Exact, Exact)>) -> bool {
    pairs.retain(|(x, y)| *x > Exact::ZERO && *y > Exact::ZERO);
    pairs.sort_unstable_by_key(|(x, y)| std::cmp::Reverse((*x).min(*y)));
    let like = |base: &(Exact, Exact)| {
        let same = |(x, y): &&(Exact, Exact)| {
            let (left, right) = (super::wide(*x, base.1), super::wide(*y, base.0));
            left.abs_diff(right).saturating_mul(super::SAME_PART) <= left.unsigned_abs()
        };
        let alike: BTreeSet<i128> =
            pairs.iter().filter(same).map(|(x, _)| x.0 * 100 / pairs[0].0.0.max(1)).collect();
        (pairs.iter().filter(same).count(), alike.len())
    };
    pairs.iter().take(super::TRIED).map(like).any(|(count, different)| {
        count > FEWEST && different >= FEWEST && count * 5 >= pairs.len() * 4
    })
}

impl Windowed {
    fn beats(&self, other: &Self) -> bool {
        (self.months.len(), self.sum) > (other.months.len(), other.sum)
    }
}

/// One sum for all that the other tells month by month.
fn whole(a: &Side<'_>, b: &Side<'_>) -> Option<Windowed> {
    let months: Vec<Month> =
        a.months.keys().copied().filter(|m| b.months.contains_key(m)).collect();
    let (x, y) = (a.window(By::All, |_| true), b.window(By::All, |_| true));
    // A round sum may be a coincidence.
    let round = x.total.0 % 1_000_000_000_000 == 0;
    if months.is_empty() || round || x.total != y.total {
        return None;
    }
    let single = |side: &Side<'_>| side.window(By::Cell, |_| true).of.len() <= 1;
    // What was spread over months is the same in all of them, to the last digit.
    let even = |side: &Side<'_>| {
        let of = |m: &Month| side.window(By::All, |at| at == *m).total;
        let first = side.months.keys().next().map(of).unwrap_or_default();
        side.months.keys().all(|m| (of(m).0 - first.0).abs() <= 1)
    };
    let (one, other) = (single(a), single(b));
    (one != other || one && even(a) != even(b)).then_some(Windowed { months, sum: x.total })
}

/// What was alike, window by window.
#[derive(Default)]
struct Tally {
    months: BTreeSet<Month>,
    sum: Exact,
    /// Money of the smaller statement in the windows that were compared.
    all: Exact,
    different: FxHashSet<Exact>,
    /// Different sums of each name.
    of_name: FxHashMap<Key, FxHashSet<Exact>>,
}

impl Tally {
    fn of(a: &Side<'_>, b: &Side<'_>, by: By, length: i32, shift: i32) -> Self {
        let mut tally = Self::default();
        let window = |m: Month| if length == 0 { 0 } else { m.index().div_euclid(length) };
        let common: BTreeSet<Month> =
            a.months.keys().copied().filter(|m| b.months.contains_key(&m.plus(shift))).collect();
        let windows: BTreeSet<i32> = common.iter().map(|m| window(*m)).collect();
        for at in windows {
            let x = a.window(by, |m| window(m) == at);
            let y = b.window(by, |m| window(m.plus(-shift)) == at);
            let months = common.iter().filter(|m| window(**m) == at);
            tally.add(&x, &y, months.map(|m| (*m).min(m.plus(shift))));
        }
        tally
    }

    fn add(&mut self, x: &Sums, y: &Sums, months: impl Iterator<Item = Month>) {
        let (small, large) = if x.total <= y.total { (x, y) } else { (y, x) };
        if small.total <= Exact::ZERO {
            return;
        }
        self.all += small.total;
        let mut sum = Exact::ZERO;
        let mut same: Vec<(Key, Exact)> = Vec::new();
        for (key, (amount, rows)) in &small.of {
            let Some((other, others)) = large.of.get(key) else { continue };
            if *amount != Exact::ZERO && is_same(*amount, *other, (*rows).min(*others)) {
                let least = (*amount).min(*other);
                sum += least;
                same.push((*key, least));
            }
        }
        let enough = same.len() >= 2 || small.of.len() == 1 && (small.rows > 0);
        if !enough || share_bp(sum, small.total) < ALIKE_BP {
            return;
        }
        self.sum += sum;
        self.months.extend(months);
        for (key, amount) in same {
            self.different.insert(amount);
            self.of_name.entry(key).or_default().insert(amount);
        }
    }

    fn found(self, moved: bool) -> Option<Windowed> {
        let enough = self.different.len() >= FEWEST;
        // What is the same every month is the same in any other month, too.
        let varied: usize = self.of_name.values().map(|sums| sums.len() - 1).sum();
        let told = !moved
            || self.months.len() >= FEWEST
                && varied >= FEWEST
                && share_bp(self.sum, self.all) >= ALIKE_BP;
        (enough && told)
            .then(|| Windowed { months: self.months.into_iter().collect(), sum: self.sum })
    }
}

/// Two sums that are one but for rounding.
fn is_same(a: Exact, b: Exact, rows: u64) -> bool {
    let apart = (a.0 - b.0).abs();
    let rounding = HALF_CENT.saturating_mul(i128::from(rows));
    apart == 0 || apart <= rounding && apart.saturating_mul(SAME_PART) <= a.0.abs()
}

impl Side<'_> {
    /// Sums of the months that `within` picks. Names that are missing are no names: such sums
    /// are of no work, store or country and left aside, but for the sum of all.
    fn window(&self, by: By, within: impl Fn(Month) -> bool) -> Sums {
        let mut sums = Sums::default();
        for month in self.months.keys().filter(|m| within(**m)) {
            for cell in self.cells(*month) {
                sums.total += cell.amount;
                sums.rows += u64::from(cell.rows);
                let work = self.works.get(cell.work as usize).copied().unwrap_or(NAMELESS);
                let store = self.stores.get(usize::from(cell.store)).copied().unwrap_or(NAMELESS);
                let country = cell.country.0;
                let unknown = cell.country == super::super::countries::Country::UNKNOWN;
                let (key, named) = match by {
                    By::Cell => ((work, store, country), work != NAMELESS),
                    By::Work => ((work, 0, [0; 2]), work != NAMELESS),
                    By::Store => ((0, store, [0; 2]), store != NAMELESS),
                    By::Country => ((0, 0, country), !unknown),
                    By::All => ((0, 0, [0; 2]), true),
                };
                if named {
                    let sum = sums.of.entry(key).or_default();
                    sum.0 += cell.amount;
                    sum.1 += u64::from(cell.rows);
                }
            }
        }
        sums
    }

    /// Both have works, or stores, and none of them in common.
    pub(super) fn is_strange_to(&self, other: &Self) -> bool {
        apart(&self.works, &other.works) || apart(&self.stores, &other.stores)
    }
}

/// Both have names, and none in common.
fn apart(a: &[u32], b: &[u32]) -> bool {
    let named = |of: &[u32]| of.iter().copied().filter(|n| *n != NAMELESS).collect();
    let (a, b): (FxHashSet<u32>, FxHashSet<u32>) = (named(a), named(b));
    !a.is_empty() && !b.is_empty() && a.is_disjoint(&b)
}
