//! The noise of whole years.
//!
//! A year is drawn as a whole: noise that follows is an AR(1) process, and its mean over
//! twelve months and its end are two normal figures with a known covariance; twelve even
//! months are one figure of the same mean and variance (L. Fenton, IRE Transactions on
//! Communications Systems 8, 1960).

use super::fit::Shape;
use crate::valuation::model::draws::Draws;

/// Noise of a year of twelve months, for noise of variance one in a month.
struct Year {
    /// Mean and end of the part that follows, for one unit of it at the year's beginning.
    carry: (f64, f64),
    /// Triangle of the covariance of mean and end.
    mean: f64,
    end: (f64, f64),
    /// Half of the variance within the year.
    within: f64,
}

impl Year {
    /// `step(k)`: what is left of an innovation k months later.
    fn of(months: usize, step: impl Fn(usize) -> f64, innovation: f64) -> Self {
        let each = 1.0 / months as f64;
        let carry_mean = (1..=months).map(&step).sum::<f64>() * each;
        let (mut mean, mut end, mut both, mut single) = (0.0, 0.0, 0.0, 0.0);
        for j in 1..=months {
            let over_year = (j..=months).map(|k| step(k - j)).sum::<f64>() * each;
            let at_end = step(months - j);
            mean += over_year * over_year;
            end += at_end * at_end;
            both += over_year * at_end;
            single += (j..=months).map(|k| step(k - j) * step(k - j)).sum::<f64>() * each;
        }
        let root = libm::sqrt(mean);
        let slope = if root > 0.0 { both / root } else { 0.0 };
        let left = libm::sqrt((end - slope * slope).max(0.0));
        let size = libm::sqrt(innovation);
        Self {
            carry: (carry_mean, step(months)),
            mean: root * size,
            end: (slope * size, left * size),
            within: 0.5 * (single - mean).max(0.0) * innovation,
        }
    }
}

/// Where the noise of one future stands at the end of a year.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standing {
    pub following: f64,
    pub wandered: f64,
}

/// Noise of one possible truth, by the year; `lumps` is added to a month's variance.
pub(super) struct Noise {
    following: Year,
    wandering: Year,
    even: (f64, f64),
}

impl Noise {
    /// Draws the logarithm of a year's noise. What does not exist is not drawn.
    pub fn year(&self, at: &mut Standing, draws: &mut Draws) -> f64 {
        let mut bump = self.even.0 + self.even.1 * draws.normal();
        let f = &self.following;
        if f.mean > 0.0 {
            let (mean, end) = (draws.normal(), draws.normal());
            bump += f.carry.0 * at.following + f.mean * mean + f.within;
            at.following = f.carry.1 * at.following + f.end.0 * mean + f.end.1 * end;
        }
        let w = &self.wandering;
        if w.mean > 0.0 {
            let (mean, end) = (draws.normal(), draws.normal());
            bump += at.wandered + w.mean * mean + w.within;
            at.wandered += w.end.0 * mean + w.end.1 * end;
        }
        bump
    }

    pub fn of(shape: &Shape, sd: f64, lumps: f64, periods: usize) -> Self {
        let variance = sd * sd;
        let phi = shape.follow;
        let innovation = shape.part * (1.0 - phi * phi) * variance;
        let own = (1.0 - shape.part) * variance;
        let spread = libm::log(1.0 + (libm::exp(own) - 1.0 + lumps) / periods as f64);
        Self {
            following: Year::of(periods, |k| libm::pow(phi, k as f64), innovation),
            wandering: Year::of(periods, |_| 1.0, shape.wander * shape.wander * variance),
            even: (0.5 * (own - spread), libm::sqrt(spread)),
        }
    }
}
