//! Discounted cash flows with given assumptions, and the three figures of a band.
//!
//! Only `libm`: the same inputs give the same figures everywhere.

use super::measure::bp;
use super::settings::Settings;

/// Yearly decay path and discounting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    /// Decay in the first year.
    pub decay: f64,
    /// Discount rate.
    pub rate: f64,
    /// Where the decay moves to.
    pub long_run: f64,
    /// How much of the distance is left after a year; 1 keeps the decay.
    pub keep: f64,
}

impl Path {
    pub fn new(decay: f64, rate: f64, settings: &Settings) -> Self {
        let half_life = settings.decay_half_life_years;
        let keep = if half_life <= 0 { 1.0 } else { libm::exp2(-1.0 / half_life as f64) };
        Self { decay, rate, long_run: bp(settings.long_run_decay_bp), keep }
    }

    /// Earnings of each year for one unit of last-twelve-month earnings, and their present
    /// value. A year is taken at its middle: half of its decay and half of its discount.
    pub fn run(&self, years: usize, mut each: impl FnMut(usize, f64)) -> f64 {
        let yearly = 1.0 / (1.0 + self.rate);
        let mut discount = libm::sqrt(yearly);
        let mut level = 1.0;
        let mut distance = self.decay - self.long_run;
        let mut value = 0.0;
        for year in 0..years {
            let decay = (self.long_run + distance).clamp(0.0, 1.0);
            let earned = level * libm::sqrt(1.0 - decay);
            each(year, earned);
            value += earned * discount;
            discount *= yearly;
            level *= 1.0 - decay;
            distance *= self.keep;
        }
        value
    }

    /// Present value for one unit of last-twelve-month earnings.
    pub fn value(&self, years: usize) -> f64 {
        self.run(years, |_, _| {})
    }
}

/// Low, median and high of something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Band {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Band {
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self { low: f(self.low), median: f(self.median), high: f(self.high) }
    }

    /// P10, P50 and P90 of `values`.
    pub fn of(values: &mut [f64]) -> Self {
        let index = |tenths: usize| (values.len() - 1) * tenths / 10;
        let (low, middle, high) = (index(1), index(5), index(9));
        // Each is looked for among those that the one before has left for it.
        let at =
            |part: &mut [f64], index: usize| *part.select_nth_unstable_by(index, f64::total_cmp).1;
        let median = at(values, middle);
        let low = at(&mut values[..=middle], low);
        Self { low, median, high: at(&mut values[middle..], high - middle) }
    }
}
