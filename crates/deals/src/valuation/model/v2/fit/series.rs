//! The months as one series that can be fitted: logarithms of what today's works earned.

use kernel::Exact;

use crate::valuation::model::book::{Months, WorkMonths};
use crate::valuation::model::measure::Ltm;

/// Months that are fitted at most; older ones tell little of today's decay.
pub(super) const WINDOW: usize = 60;
/// Months after its first one in which a work is still arriving.
const ARRIVING: usize = 2;
/// A work that is silent in more than one month of so many sells rarely.
const RARE: usize = 3;
/// Months without which works that came later are not told apart.
const LEAST_MONTHS: usize = 6;
/// Part of the last year's earnings that the works of a month must stand for.
const LEAST_PART: f64 = 0.25;
/// A month that earned less than this part of the usual is taken for this part.
const LEAST_MONTH: f64 = 0.08;

/// A series whose months are often empty is put together by quarters or half-years: so many
/// periods in a hundred must have earned something.
const WIDTHS: [usize; 3] = [1, 3, 6];
const FILLED_PERCENT: usize = 90;

/// One period of the series: a month, or several together where months are often empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Point {
    /// Periods before the last one.
    pub ago: usize,
    /// Months of a period.
    pub width: usize,
    /// Month of the year of its first month, 0 to 11.
    pub season: usize,
    /// Logarithm of the mean month, as if all of today's works had been there.
    pub log: f64,
}

impl Point {
    /// Years from the middle of the period to the last complete month.
    pub fn years(&self) -> f64 {
        ((self.ago * self.width) as f64 + (self.width - 1) as f64 / 2.0) / 12.0
    }
}

/// Puts the series together, oldest period first; the last one ends with the last complete
/// month.
///
/// Works that came later are not growth of those that were there: a month counts the works
/// that had arrived by then, and is scaled by their part of the last twelve months.
pub(super) fn series(months: &Months, ltm: &Ltm) -> Vec<Point> {
    let usual = ltm.sum.to_f64() / (ltm.to + 1 - ltm.from) as f64;
    let monthly = monthly(months, ltm);
    let widest = WIDTHS[WIDTHS.len() - 1];
    let of = |width: usize| -> Vec<f64> {
        // From the end, so that the newest months are never left out.
        let chunks = monthly.rchunks_exact(width);
        chunks.map(|c| c.iter().sum::<f64>() / width as f64).collect()
    };
    let filled = |width: &usize| {
        let periods = of(*width);
        let told = periods.iter().filter(|p| **p >= usual * LEAST_MONTH).count();
        told * 100 >= periods.len() * FILLED_PERCENT
    };
    let width = WIDTHS.into_iter().find(filled).unwrap_or(widest);
    let last = months.month(ltm.to).index() + 1;
    let mut points: Vec<Point> = of(width)
        .into_iter()
        .enumerate()
        .map(|(ago, mean)| {
            let first = last - i32::try_from((ago + 1) * width).unwrap_or(0);
            Point {
                ago,
                width,
                season: first.rem_euclid(12) as usize,
                log: libm::log(mean.max(usual * LEAST_MONTH)),
            }
        })
        .collect();
    points.reverse();
    points
}

/// What the works of today earned in each month, oldest first; months that too few of them
/// stand for, and those before, are left out.
fn monthly(months: &Months, ltm: &Ltm) -> Vec<f64> {
    let first = months.began(ltm);
    let start = first.max((ltm.to + 1).saturating_sub(WINDOW));
    let mut earned = vec![0_i128; ltm.to + 1 - start];
    let mut part = vec![0.0; ltm.to + 1 - start];
    for work in &months.works {
        let from = arrived(work, months, first, ltm.to).max(start);
        let of_year: i128 = work.amounts[ltm.from..=ltm.to].iter().sum();
        let of_year = of_year as f64 / ltm.sum.0 as f64;
        for at in from..=ltm.to {
            earned[at - start] += work.amounts[at];
            part[at - start] += of_year;
        }
    }
    let told = part.iter().rposition(|p| *p < LEAST_PART).map_or(0, |at| at + 1);
    if part.len() - told < LEAST_MONTHS {
        // Nearly everything is new: then the sums are all there is to go by.
        return (start..=ltm.to).map(|at| Exact(months.amounts[at]).to_f64()).collect();
    }
    earned.iter().zip(&part).skip(told).map(|(e, p)| Exact(*e).to_f64() / p).collect()
}

/// Index from which a work counts: at once when it is as old as the history, and when it sells
/// so rarely that its first month tells nothing.
fn arrived(work: &WorkMonths, months: &Months, first: usize, last: usize) -> usize {
    let since = work.first.index() - months.start.index();
    let Some(at) = usize::try_from(since).ok().filter(|at| *at > first) else { return first };
    let lived = work.amounts.get(at..=last).unwrap_or_default();
    let silent = lived.iter().filter(|a| **a <= 0).count();
    if silent * RARE > lived.len() { first } else { at + ARRIVING }
}
