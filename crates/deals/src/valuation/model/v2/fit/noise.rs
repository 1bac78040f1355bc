//! How noise can be made: the shapes that are tried, and how likely each is beforehand.

use super::linear::Triangle;
use super::series::Point;

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

const FOLLOWING: [(f64, f64, f64); 9] = [
    (0.0, 0.0, 0.56),
    (0.3, 1.0, 0.12),
    (0.5, 1.0, 0.08),
    (0.5, 0.5, 0.05),
    (0.7, 1.0, 0.06),
    (0.7, 0.5, 0.04),
    (0.85, 1.0, 0.05),
    (0.85, 0.5, 0.02),
    (0.93, 1.0, 0.02),
];
const WANDERING: [f64; 5] = [0.0, 0.05, 0.12, 0.28, 0.6];
/// Standard deviations of a month: 0.03 and up by a quarter each.
pub(super) const NOISES: usize = 18;
pub(super) const LEAST_NOISE: f64 = 0.03;
pub(super) const NOISE_STEP: f64 = 1.25;
const USUAL_NOISE: (f64, f64) = (0.22, 0.7);
/// No wandering, or so much in a year (median, spread of the logarithm).
const STILL: f64 = 0.9;
const USUAL_WANDER: (f64, f64) = (0.06, 0.6);

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

pub(super) fn shapes(quick: bool) -> impl Iterator<Item = (Shape, f64)> {
    FOLLOWING
        .iter()
        .filter(move |(follow, part, _)| !quick || (*part != 0.5 && *follow < 0.8))
        .flat_map(move |(follow, part, weight)| {
            let wandering = if quick { &WANDERING[..1] } else { &WANDERING[..] };
            wandering.iter().map(move |wander| {
                (Shape { follow: *follow, part: *part, wander: *wander }, libm::log(*weight))
            })
        })
}

/// Logarithm of the prior weight of a size of noise, and of wandering with it.
pub(super) fn prior_of(shape: &Shape, sd: f64, per_year: f64) -> f64 {
    let normal = |value: f64, (middle, spread): (f64, f64)| {
        let z = libm::log(value / middle) / spread;
        -0.5 * z * z
    };
    let wander = shape.wander;
    let still = if wander == 0.0 {
        libm::log(STILL)
    } else {
        // The grid's steps are about equal in logarithms, 0.85 each.
        let yearly = wander * sd * libm::sqrt(per_year);
        let spread = USUAL_WANDER.1;
        libm::log((1.0 - STILL) * 0.85 / (2.5066 * spread)) + normal(yearly, USUAL_WANDER)
    };
    normal(sd, USUAL_NOISE) + still
}
