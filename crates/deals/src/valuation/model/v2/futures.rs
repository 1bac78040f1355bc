//! Many possible futures, drawn from what the months leave possible: level, decay and season
//! with their errors, noise that follows and noise that does not, the works that carry the
//! catalogue, and shocks.

use super::fit::{Drawn, Fit, Possible};
use super::years::{Noise, Standing};
use crate::valuation::model::draws::Draws;
use crate::valuation::model::measure::{Ltm, bp};
use crate::valuation::model::path::Band;
use crate::valuation::model::{Futures, Settings};

/// Shape of the gamma distribution that the rate of shocks has beforehand: below one, because
/// most catalogues have next to none and some have many.
const SHAPE: f64 = 0.5;

/// What all futures share.
struct Plan<'a> {
    fit: &'a Fit,
    settings: &'a Settings,
    years: usize,
    keep: f64,
    long_run: f64,
    /// Bounds of the slope.
    steepest: f64,
    growth: f64,
    /// The part of the works that move together, in the middle of each year.
    rest: Vec<f64>,
    /// Yearly shocks of the single works together.
    shocks: f64,
    unit: f64,
}

/// One future: what each year earns, and the part of it that no growth is in.
struct Future {
    earned: Vec<f64>,
    paid: Vec<f64>,
    rate: f64,
}

/// Draws the futures. They come in mirrored pairs, so that the middle is steady with few.
pub(super) fn futures(
    fit: &Fit,
    ltm: &Ltm,
    years: usize,
    seed: u32,
    settings: &Settings,
) -> Futures {
    let count = usize::try_from(settings.simulations).unwrap_or(0).clamp(100, 100_000);
    let plan = Plan::new(fit, ltm, years, settings);
    let pairs = count.div_ceil(2);
    let mut all: Vec<Future> = Vec::with_capacity(2 * pairs);
    let mut draws = Draws::new(seed, 0);
    let mut number = 0;
    for (possible, times) in fit.posterior.spread(pairs) {
        let noise = Noise::of(&possible.shape, possible.sd, fit.lumps.variance, fit.per_year);
        for _ in 0..times {
            draws.turn_to(number);
            all.push(plan.future(&possible, &noise, &mut draws));
            draws.mirror();
            all.push(plan.future(&possible, &noise, &mut draws));
            number += 1;
        }
    }
    summarise(&all, years)
}

fn summarise(all: &[Future], years: usize) -> Futures {
    let column = |f: &dyn Fn(&Future) -> f64| -> Vec<f64> { all.iter().map(f).collect() };
    let fan: Vec<Band> =
        (0..years).map(|y| Band::of(&mut column(&|f: &Future| f.earned[y]))).collect();
    // The price starts from no more than the last twelve months earned.
    let start = fan.first().map_or(1.0, |y| if y.median > 1.0 { 1.0 / y.median } else { 1.0 });
    let present = |f: &Future| {
        let yearly = 1.0 / (1.0 + f.rate);
        let mut discount = libm::sqrt(yearly);
        let mut value = 0.0;
        for paid in &f.paid {
            value += paid * start * discount;
            discount *= yearly;
        }
        value.min(years as f64)
    };
    Futures {
        value: Band::of(&mut column(&present)),
        whole: Some(Band::of(&mut column(&|f: &Future| f.earned.iter().sum()))),
        years: fan,
    }
}

impl<'a> Plan<'a> {
    fn new(fit: &'a Fit, ltm: &Ltm, years: usize, settings: &'a Settings) -> Self {
        let half_life = settings.decay_half_life_years;
        let single = fit.works.single.len() as f64;
        let rate = bp(settings.shock_rate_bp);
        // Gamma-Poisson: as many shocks a year as usual, until the months say otherwise;
        // quiet ones do so too.
        let usual = (rate * single).max(1e-6);
        let seen = fit.breaks.len() as f64;
        Self {
            fit,
            settings,
            years,
            keep: if half_life <= 0 { 1.0 } else { libm::exp2(-1.0 / half_life as f64) },
            long_run: libm::log(1.0 - bp(settings.long_run_decay_bp).min(0.99)),
            steepest: libm::log(1.0 - bp(settings.max_decay_bp).min(0.99)),
            growth: libm::log(1.0 + bp(settings.max_growth_bp)),
            rest: (0..years).map(|y| fit.works.rest(y as f64 + 0.5)).collect(),
            shocks: (SHAPE + seen) / (SHAPE / usual + fit.years),
            unit: ltm.sum.to_f64(),
        }
    }

    fn future(&self, possible: &Possible, noise: &Noise, draws: &mut Draws) -> Future {
        let drawn = possible.draw(|| draws.normal());
        let rate = self.rate(draws);
        let mut works = Drift::new(self, draws);
        let mut standing = Standing { following: drawn.following, wandered: 0.0 };
        let mut slope = self.believed(drawn.slope);
        let mut level = drawn.level + self.fit.lumps.mean + self.first_year(&drawn, slope);
        let first = slope;
        let mut paid_before = f64::INFINITY;
        let keep_rate = 1.0 - bp(self.settings.min_decay_bp);
        let room = || Vec::with_capacity(self.years);
        let mut out = Future { earned: room(), paid: room(), rate };
        for year in 0..self.years {
            let bump = noise.year(&mut standing, draws);
            let mix = works.year(self, year, draws);
            // Within the year, a changed slope counts for half of it.
            let trend = libm::exp(level + 0.5 * (slope - first)) * mix.0;
            let rest = libm::exp(bump) * mix.1 / mix.0.max(1e-12);
            let paid = trend.min(paid_before * keep_rate);
            paid_before = paid;
            out.earned.push(trend * rest / self.unit);
            out.paid.push(paid * rest / self.unit);
            level += slope;
            let drift = bp(self.settings.decay_drift_bp) * draws.normal();
            slope = self.believed(self.long_run + self.keep * (slope - self.long_run) + drift);
        }
        out
    }

    /// A slope within what is believed at all.
    fn believed(&self, slope: f64) -> f64 {
        slope.clamp(self.steepest, self.growth)
    }

    fn rate(&self, draws: &mut Draws) -> f64 {
        let base = bp(self.settings.discount_bp);
        let drawn = base + bp(self.settings.discount_sd_bp) * draws.normal();
        drawn.clamp(base / 2.0, base * 2.0)
    }

    /// Logarithm of the first year's sum beside twelve times the level of today: the slope,
    /// the season, and what is left of a hit.
    fn first_year(&self, drawn: &Drawn, slope: f64) -> f64 {
        let months = self.fit.ahead.iter().zip(1_u8..);
        let sum: f64 = months
            .map(|(month, at)| libm::exp(slope * f64::from(at) / 12.0 + drawn.adds(month)))
            .sum();
        libm::log(sum)
    }
}

/// The single works of one future.
struct Drift {
    parts: Vec<(f64, f64)>,
    /// Factor of the works that move together, and what it becomes with every year.
    rest: (f64, f64),
    next: f64,
}

impl Drift {
    fn new(plan: &Plan<'_>, draws: &mut Draws) -> Self {
        let single = &plan.fit.works.single;
        let drawn: Vec<f64> = single.iter().map(|c| c.sd * draws.normal()).collect();
        // The whole has a slope of its own: what one work gains on it, the others lose.
        let common: f64 = single.iter().zip(&drawn).map(|(c, d)| c.part * d).sum();
        let parts = single
            .iter()
            .zip(&drawn)
            .map(|(c, d)| {
                let slope = (c.slope + d - common).clamp(-3.0, 3.0);
                // Half a year on: the middle of the first year.
                (c.part * libm::exp(0.5 * slope), libm::exp(slope))
            })
            .collect();
        let next = -libm::log(draws.unit()) / plan.shocks;
        Self { parts, rest: (libm::exp(-0.5 * common), libm::exp(-common)), next }
    }

    /// The catalogue beside a common slope in this year, without and with shocks.
    fn year(&mut self, plan: &Plan<'_>, year: usize, draws: &mut Draws) -> (f64, f64) {
        let rest = plan.rest.get(year).copied().unwrap_or(0.0) * self.rest.0;
        let before: f64 = rest + self.parts.iter().map(|p| p.0).sum::<f64>();
        let mut shocked = before;
        let end = (year + 1) as f64;
        while self.next < end {
            let left = end - self.next;
            self.next += -libm::log(draws.unit()) / plan.shocks;
            let (which, size, hit) = (draws.unit(), draws.unit(), draws.unit());
            let at = ((which * self.parts.len() as f64) as usize).min(self.parts.len() - 1);
            let Some(part) = self.parts.get_mut(at) else { break };
            if hit < bp(plan.settings.shock_hits_bp) {
                // A hit adds some months of the work's earnings, once.
                shocked += part.0 * (2.0 + 8.0 * size) / 12.0;
            } else {
                let lost = 0.2 + 0.6 * size;
                shocked -= part.0 * lost * left;
                part.0 *= 1.0 - lost;
            }
        }
        for part in &mut self.parts {
            part.0 *= part.1;
        }
        self.rest.0 *= self.rest.1;
        (before, shocked.max(0.0))
    }
}
