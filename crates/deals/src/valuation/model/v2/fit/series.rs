//! The months as one series that can be fitted: logarithms of what today's works earned.

use kernel::Exact;

use crate::valuation::model::book::{Months, WorkMonths};
use crate::valuation::model::measure::Ltm;

/// Months that are fitted at most; older ones tell little of today's decay.
pub(super) const WINDOW: usize = 60;
/// Months after its first one in which a work is still arriving.
const ARRIVING: i32 = 2;
/// Part of the last year's earnings that the works of a month must stand for.
const LEAST_PART: f64 = 0.25;
/// A month that earned less than this part of the usual is taken for this part.
const LEAST_MONTH: f64 = 0.03;

/// One month of the series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Point {
    /// Months before the last complete one.
    pub ago: usize,
    /// Month of the year, 0 to 11.
    pub season: usize,
    /// Logarithm of the earnings, as if all of today's works had been there.
    pub log: f64,
}

/// Puts the series together, oldest month first; the last point is the last complete month.
///
/// Works that came later are not growth of those that were there: a month counts the works
/// that had arrived by then, and is scaled by their part of the last twelve months.
pub(super) fn series(months: &Months, ltm: &Ltm) -> Vec<Point> {
    let first = months.first();
    let start = first.max((ltm.to + 1).saturating_sub(WINDOW));
    let whole = ltm.sum.to_f64();
    let mut earned = vec![0.0; ltm.to + 1 - start];
    let mut part = vec![0.0; ltm.to + 1 - start];
    for work in &months.works {
        let from = arrived(work, months, first).max(start);
        let of_year = Exact(work.amounts[ltm.from..=ltm.to].iter().sum()).to_f64() / whole;
        for at in from..=ltm.to {
            earned[at - start] += Exact(work.amounts[at]).to_f64();
            part[at - start] += of_year;
        }
    }
    // The last twelve months as they are: new works have earned by then.
    let usual = whole / (ltm.to + 1 - ltm.from) as f64;
    let mut points = Vec::with_capacity(earned.len());
    for (at, (earned, part)) in earned.into_iter().zip(part).enumerate() {
        if part < LEAST_PART {
            points.clear();
            continue;
        }
        let month = months.month(start + at);
        points.push(Point {
            ago: ltm.to - start - at,
            season: month.index().rem_euclid(12) as usize,
            log: libm::log((earned / part).max(usual * LEAST_MONTH)),
        });
    }
    points
}

/// Index from which a work counts: at once when it is as old as the history.
fn arrived(work: &WorkMonths, months: &Months, first: usize) -> usize {
    let since = work.first.index() - months.start.index();
    match usize::try_from(since) {
        Ok(at) if at > first => at + ARRIVING as usize,
        _ => first,
    }
}
