//! Discounted cash flows, once with given assumptions and many times with drawn ones.
//!
//! Only `libm` and a pinned generator: the same seed gives the same figures everywhere.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::measure::{Decay, bp};
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
    fn of(values: &mut [f64]) -> Self {
        let at = |values: &mut [f64], tenths: usize| {
            let index = (values.len() - 1) * tenths / 10;
            *values.select_nth_unstable_by(index, f64::total_cmp).1
        };
        Self { low: at(values, 1), median: at(values, 5), high: at(values, 9) }
    }
}

/// Present value and yearly earnings over all simulated futures.
pub(super) struct Futures {
    pub value: Band,
    pub years: Vec<Band>,
}

/// Simulates decay and discount rate. Draws come in mirrored pairs, so that the median stays
/// close to the central case with few of them.
pub(super) fn futures(decay: &Decay, years: usize, seed: u32, settings: &Settings) -> Futures {
    let count = usize::try_from(settings.simulations).unwrap_or(0).clamp(100, 100_000);
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(seed));
    let base = bp(settings.discount_bp);
    let rate_sd = bp(settings.discount_sd_bp);
    let (least, most) = (bp(settings.min_decay_bp), bp(settings.max_decay_bp));
    let mut values = Vec::with_capacity(count + 1);
    let mut flows = vec![Vec::with_capacity(count + 1); years];
    while values.len() < count {
        let (a, b) = normal_pair(&mut rng);
        for sign in [1.0, -1.0] {
            let drawn = (decay.rate + sign * a * decay.sd).clamp(least, most);
            let rate = (base + sign * b * rate_sd).clamp(base / 2.0, base * 2.0);
            let path = Path::new(drawn, rate, settings);
            values.push(path.run(years, |year, earned| flows[year].push(earned)));
        }
    }
    Futures {
        value: Band::of(&mut values),
        years: flows.iter_mut().map(|year| Band::of(year)).collect(),
    }
}

/// Two independent standard normal figures (Box-Muller).
fn normal_pair(rng: &mut ChaCha8Rng) -> (f64, f64) {
    let radius = libm::sqrt(-2.0 * libm::log(unit(rng)));
    let angle = 2.0 * std::f64::consts::PI * unit(rng);
    (radius * libm::cos(angle), radius * libm::sin(angle))
}

/// Uniform in (0, 1]: 53 bits, never zero, so that its logarithm exists.
fn unit(rng: &mut ChaCha8Rng) -> f64 {
    ((rng.next_u64() >> 11) + 1) as f64 / 9_007_199_254_740_992.0
}
