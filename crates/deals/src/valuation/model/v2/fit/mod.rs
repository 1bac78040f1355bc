//! What the creator's own months say, with everything that they leave open.

mod breaks;
mod linear;
mod noise;
mod posterior;
mod series;
mod works;

pub(super) use breaks::{Break, Kind};
pub(super) use noise::Shape;
pub(super) use posterior::{Drawn, Possible, Posterior};
pub(super) use works::Works;

use crate::valuation::model::Settings;
use crate::valuation::model::book::Months;
use crate::valuation::model::measure::{Ltm, bp};

/// Everything the futures are drawn from.
pub(super) struct Fit {
    pub posterior: Posterior,
    pub breaks: Vec<Break>,
    pub works: Works,
    pub lumps: Lumps,
    /// Season and breaks of the twelve months to come.
    pub ahead: Vec<Vec<f64>>,
    /// Periods of a year: 12, or fewer where months are often empty.
    pub per_year: usize,
    /// Years of months that were fitted.
    pub years: f64,
}

/// What months bring that the fitted noise does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lumps {
    /// What they add to the logarithm of a sum of months, beyond what noise that is normal in
    /// logarithms would (N. Duan, Journal of the American Statistical Association 78, 1983).
    pub mean: f64,
    /// What they add to the variance of one period, in parts of its square.
    pub variance: f64,
}

/// Most of [`Lumps::variance`]: a month in twelve that brings as much as a year.
const MOST_LUMPY: f64 = 12.0;

/// Fits the months of the works in scope.
pub(super) fn fit(months: &Months, ltm: &Ltm, prior_decay: f64, settings: &Settings) -> Fit {
    let works = Works::of(months, ltm, bp(settings.works_decay_sd_bp));
    let mut points = series::series(months, ltm);
    let width = points.first().map_or(1, |p| p.width);
    for point in &mut points {
        point.log -= works.bend(-point.years());
    }
    let slope = posterior::SlopePrior {
        mean: libm::log(1.0 - prior_decay.min(0.9)),
        sd: (bp(settings.prior_decay_sd_bp) / (1.0 - prior_decay.min(0.9))).max(0.005),
    };
    let usual = posterior::Usual { slope, noise: noise::UsualNoise::of(settings) };
    let breaks = breaks::find(&points, usual);
    let broken: Vec<Vec<f64>> = breaks.iter().map(|b| b.column(&points)).collect();
    let posterior = Posterior::new(&points, &broken, usual, false);
    let lumps = lumps(&posterior, &points, &broken, &breaks);
    Fit {
        posterior,
        ahead: posterior::ahead(months.month(ltm.to).index().rem_euclid(12) as usize, &breaks),
        breaks,
        works,
        lumps,
        years: (points.len() * width) as f64 / 12.0,
        per_year: 12 / width,
    }
}

/// What the fitted noise leaves out: its own shape, and odd months and hits, which will come
/// again about as often as they came.
fn lumps(
    posterior: &Posterior,
    points: &[series::Point],
    broken: &[Vec<f64>],
    breaks: &[Break],
) -> Lumps {
    let columns = posterior::columns(points, broken);
    let likeliest = posterior.likeliest();
    let rest = likeliest.residuals(points, &columns);
    let count = rest.len().max(1) as f64;
    let mean = rest.iter().sum::<f64>() / count;
    let variance = rest.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / count;
    let passing = |at: usize| {
        let sizes = likeliest.breaks().iter().zip(breaks).zip(broken);
        sizes
            .filter(|((_, b), _)| b.kind != Kind::Level)
            .map(|((size, _), column)| size * column[at])
            .sum::<f64>()
    };
    let (mut sum, mut squares) = (0.0, 0.0);
    let (mut usual, mut usual_squares) = (0.0, 0.0);
    for (at, r) in rest.iter().enumerate() {
        let quiet = libm::exp(r - mean);
        let whole = quiet * libm::exp(passing(at).clamp(-4.0, 4.0));
        sum += whole / count;
        squares += whole * whole / count;
        usual += quiet / count;
        usual_squares += quiet * quiet / count;
    }
    let lumpy = squares / (sum * sum) - usual_squares / (usual * usual);
    Lumps {
        mean: (libm::log(sum.max(1e-9)) - 0.5 * variance).clamp(-1.5, 1.5),
        variance: lumpy.clamp(0.0, MOST_LUMPY),
    }
}
