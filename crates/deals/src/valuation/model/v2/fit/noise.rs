//! How noise can be made: the shapes that are tried, and how likely each is beforehand.

use super::linear::Triangle;
use super::series::Point;
use crate::valuation::model::Settings;
use crate::valuation::model::measure::bp;

/// How noise is made, in parts of its standard deviation, with the prior weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Shape {
    /// Coefficient of the part that follows the month before.
    pub follow: f64,
    /// Part of the variance that follows.
    pub part: f64,
    /// Monthly wandering of the level.
    pub wander: f64,
}

/// What is usual of the noise of months, before they were seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct UsualNoise {
    /// Standard deviation of a month in the middle case.
    pub sd: f64,
    /// How many catalogues have noise that follows.
    pub follows: f64,
    /// How many have a level that wanders.
    pub wanders: f64,
    /// By how much it wanders in a year, in the middle case.
    pub wander: f64,
}

impl UsualNoise {
    pub fn of(settings: &Settings) -> Self {
        // Nothing is impossible, and nothing is certain.
        let odds = |value: i64| bp(value).clamp(0.001, 0.999);
        Self {
            sd: bp(settings.noise_bp).max(LEAST_NOISE),
            follows: odds(settings.noise_follows_bp),
            wanders: odds(settings.wandering_bp),
            wander: bp(settings.wander_bp).max(0.001),
        }
    }
}

/// Ways to follow: coefficient, part, and how many of those that follow do so.
const FOLLOWING: [(f64, f64, f64); 8] = [
    (0.3, 1.0, 0.27),
    (0.5, 1.0, 0.18),
    (0.5, 0.5, 0.11),
    (0.7, 1.0, 0.15),
    (0.7, 0.5, 0.09),
    (0.85, 1.0, 0.12),
    (0.85, 0.5, 0.04),
    (0.93, 1.0, 0.04),
];
const WANDERING: [f64; 5] = [0.0, 0.05, 0.12, 0.28, 0.6];
/// Standard deviations of a month: 0.03 and up by a quarter each.
pub(super) const NOISES: usize = 18;
pub(super) const LEAST_NOISE: f64 = 0.03;
pub(super) const NOISE_STEP: f64 = 1.25;
/// Spread of the logarithm of a size of noise: wide, because months that follow each other
/// tell their size late, and a narrow prior would pull loud and quiet ones to the middle.
const NOISE_SPREAD: f64 = 1.2;
/// The same of wandering.
const WANDER_SPREAD: f64 = 0.6;

/// A power, `base` at least zero.
pub(super) fn power(base: f64, exponent: usize) -> f64 {
    libm::pow(base, exponent as f64)
}

/// The triangle of the noise's covariance over the series.
pub(super) fn triangle(shape: &Shape, points: &[Point]) -> Triangle {
    let size = points.len();
    let mut matrix = vec![0.0; size * size];
    let longest = points.first().map_or(0, |p| p.ago);
    let powers: Vec<f64> = (0..=longest).map(|k| power(shape.follow, k)).collect();
    for (i, a) in points.iter().enumerate() {
        for (j, b) in points.iter().enumerate().take(i + 1) {
            let apart = a.ago.abs_diff(b.ago);
            let even = if i == j { 1.0 - shape.part } else { 0.0 };
            let wander = shape.wander * shape.wander * a.ago.min(b.ago) as f64;
            matrix[i * size + j] = even + shape.part * powers[apart] + wander;
        }
    }
    Triangle::of(matrix, size)
}

pub(super) fn shapes(usual: UsualNoise, quick: bool) -> impl Iterator<Item = (Shape, f64)> {
    let following = FOLLOWING.map(|(follow, part, weight)| (follow, part, weight * usual.follows));
    std::iter::once((0.0, 0.0, 1.0 - usual.follows))
        .chain(following)
        .filter(move |(follow, part, _)| !quick || (*part != 0.5 && *follow < 0.8))
        .flat_map(move |(follow, part, weight)| {
            let wandering = if quick { &WANDERING[..1] } else { &WANDERING[..] };
            wandering
                .iter()
                .map(move |wander| (Shape { follow, part, wander: *wander }, libm::log(weight)))
        })
}

/// Logarithm of the prior weight of a size of noise, and of wandering with it.
pub(super) fn prior_of(usual: &UsualNoise, shape: &Shape, sd: f64, per_year: f64) -> f64 {
    let normal = |value: f64, middle: f64, spread: f64| {
        let z = libm::log(value / middle) / spread;
        -0.5 * z * z
    };
    let wander = shape.wander;
    let still = if wander == 0.0 {
        libm::log(1.0 - usual.wanders)
    } else {
        // The grid's steps are about equal in logarithms, 0.85 each.
        let yearly = wander * sd * libm::sqrt(per_year);
        libm::log(usual.wanders * 0.85 / (2.5066 * WANDER_SPREAD))
            + normal(yearly, usual.wander, WANDER_SPREAD)
    };
    normal(sd, usual.sd, NOISE_SPREAD) + still
}
