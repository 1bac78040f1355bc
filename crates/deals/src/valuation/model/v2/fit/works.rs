//! How the works of a catalogue differ from the whole: the few that carry it, and the ones
//! that fall faster. Months are compared by the works' parts of the whole, so that what all
//! works share cancels.

use crate::valuation::model::book::{Months, WorkMonths};
use crate::valuation::model::measure::Ltm;

/// Works that are simulated one by one; the others move together.
const SINGLE: usize = 10;
/// Months whose parts are compared at most.
const COMPARED: usize = 60;
/// Months without which works are not told apart.
const LEAST: usize = 12;
/// One silent month in so many is still a steady work.
const SILENT: usize = 6;
/// Slopes of parts beyond this are not believed.
const STEEPEST: f64 = 1.0;
/// How many works the prior of their spread is worth.
const PRIOR_WORKS: f64 = 5.0;

/// One work, or several that move together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Carrier {
    /// Part of the catalogue's earnings now.
    pub part: f64,
    /// Yearly slope of its part in logarithms, and how sure that is.
    pub slope: f64,
    pub sd: f64,
}

/// The works that carry a catalogue.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Works {
    pub single: Vec<Carrier>,
    pub rest: Vec<Carrier>,
    /// Effective number of works: 1 / sum of squared parts (Herfindahl).
    pub effective: f64,
}

struct Seen {
    part: f64,
    slope: f64,
    variance: f64,
}

impl Works {
    /// Compares the older half of the months with the newer one. `prior_sd` is the spread of
    /// slopes that works usually have.
    pub fn of(months: &Months, ltm: &Ltm, prior_sd: f64) -> Self {
        let first = months.began(ltm);
        let start = first.max((ltm.to + 1).saturating_sub(COMPARED));
        let seen: Vec<Seen> = months
            .works
            .iter()
            .filter_map(|work| {
                let of_year: i128 = work.amounts[ltm.from..=ltm.to].iter().sum();
                let part = of_year as f64 / ltm.sum.0 as f64;
                (part > 0.0).then(|| {
                    let known = work.first <= months.month(start);
                    let told = if known { slope_of(work, months, start, ltm.to) } else { None };
                    let (slope, variance) = told.unwrap_or((0.0, f64::INFINITY));
                    Seen { part, slope, variance }
                })
            })
            .collect();
        let spread = spread_of(&seen, prior_sd);
        let mut all: Vec<Carrier> = seen
            .iter()
            .map(|s| {
                let trust = spread / (spread + s.variance);
                Carrier {
                    part: s.part,
                    slope: trust * s.slope,
                    sd: libm::sqrt((spread * (1.0 - trust)).max(0.0)),
                }
            })
            .collect();
        settle(&mut all);
        all.sort_by(|a, b| b.part.total_cmp(&a.part));
        let squares: f64 = all.iter().map(|c| c.part * c.part).sum();
        let rest = all.split_off(all.len().min(SINGLE));
        Self { single: all, rest, effective: 1.0 / squares.max(1e-9) }
    }

    /// Logarithm of what the mix of works adds to a common slope, `years` from now.
    pub fn bend(&self, years: f64) -> f64 {
        libm::log(self.single.iter().chain(&self.rest).map(|c| c.expected(years)).sum::<f64>())
    }

    /// The part of the works that move together, `years` from now.
    pub fn rest(&self, years: f64) -> f64 {
        self.rest.iter().map(|c| c.expected(years)).sum()
    }
}

impl Carrier {
    fn expected(&self, years: f64) -> f64 {
        let swing = self.sd * years;
        self.part * libm::exp((self.slope * years + 0.5 * swing * swing).clamp(-20.0, 20.0))
    }
}

/// Moves the parts from the middle of the last year to its end, and lets the slopes add up
/// to nothing, because the whole has a slope of its own.
fn settle(all: &mut [Carrier]) {
    for carrier in all.iter_mut() {
        carrier.part *= libm::exp(0.5 * carrier.slope);
    }
    let sum: f64 = all.iter().map(|c| c.part).sum();
    for carrier in all.iter_mut() {
        carrier.part /= sum.max(1e-12);
    }
    let common: f64 = all.iter().map(|c| c.part * c.slope).sum();
    for carrier in all.iter_mut() {
        carrier.slope -= common;
    }
}

/// Yearly slope of a work's part, with its variance; `None` when it cannot be told.
fn slope_of(work: &WorkMonths, months: &Months, start: usize, last: usize) -> Option<(f64, f64)> {
    let count = last + 1 - start;
    if count < LEAST {
        return None;
    }
    let half = count / 2;
    let part = |from: usize, to: usize| {
        let own: i128 = work.amounts[from..to].iter().sum();
        let all: i128 = months.amounts[from..to].iter().sum();
        (own > 0 && all > 0).then(|| own as f64 / all as f64)
    };
    let older = part(start, start + half)?;
    let newer = part(last + 1 - half, last + 1)?;
    let years = (count - half) as f64 / 12.0;
    // Noise of one month's part around its half, months with nothing left out.
    let mut squares = 0.0;
    let mut silent = 0;
    for at in start..=last {
        let usual = if at < start + half { older } else { newer };
        match part(at, at + 1) {
            Some(now) => {
                let miss = libm::log(now / usual);
                squares += miss * miss;
            }
            None => silent += 1,
        }
    }
    // A work that is silent now and then has no slope that could be told.
    if silent * SILENT > count {
        return None;
    }
    let noise = squares / (count as f64 - 2.0).max(1.0);
    // Neighbouring months are alike: two count as one.
    let variance = 2.0 * noise * (2.0 / half as f64) / (years * years);
    let slope = (libm::log(newer / older) / years).clamp(-STEEPEST, STEEPEST);
    Some((slope, variance.max(1e-6)))
}

/// Variance between the works' slopes, by moments (R. DerSimonian and N. Laird, Controlled
/// Clinical Trials 7, 1986), leaning on the usual spread when there are few works.
fn spread_of(seen: &[Seen], prior_sd: f64) -> f64 {
    let usual = prior_sd * prior_sd;
    let told: Vec<&Seen> = seen.iter().filter(|s| s.variance.is_finite()).collect();
    if told.len() < 2 {
        return usual;
    }
    let weight: f64 = told.iter().map(|s| 1.0 / s.variance).sum();
    let square: f64 = told.iter().map(|s| 1.0 / (s.variance * s.variance)).sum();
    let mean = told.iter().map(|s| s.slope / s.variance).sum::<f64>() / weight;
    let q: f64 = told.iter().map(|s| (s.slope - mean) * (s.slope - mean) / s.variance).sum();
    let free = told.len() as f64 - 1.0;
    let found = ((q - free) / (weight - square / weight).max(1e-9)).max(0.0);
    (free * found + PRIOR_WORKS * usual) / (free + PRIOR_WORKS)
}
