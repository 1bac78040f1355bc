//! What the creator's own months say, with everything that they leave open.

mod breaks;
mod linear;
mod posterior;
mod series;
mod works;

pub(super) use breaks::{Break, Kind};
pub(super) use posterior::{Drawn, Possible, Posterior, Shape, SlopePrior};
pub(super) use works::Works;

use crate::valuation::model::Settings;
use crate::valuation::model::book::Months;
use crate::valuation::model::measure::{Ltm, bp};

/// Everything the futures are drawn from.
pub(super) struct Fit {
    pub posterior: Posterior,
    pub breaks: Vec<Break>,
    pub works: Works,
    /// What the noise's own shape adds to the logarithm of a sum of months, beyond what noise
    /// that is normal in logarithms would (N. Duan, Journal of the American Statistical
    /// Association 78, 1983).
    pub smear: f64,
    /// Season and breaks of the twelve months to come.
    pub ahead: Vec<Vec<f64>>,
    /// Years of months that were fitted.
    pub years: f64,
    pub prior: SlopePrior,
}

/// Fits the months of the works in scope.
pub(super) fn fit(months: &Months, ltm: &Ltm, prior_decay: f64, settings: &Settings) -> Fit {
    let works = Works::of(months, ltm, bp(settings.works_decay_sd_bp));
    let mut points = series::series(months, ltm);
    for point in &mut points {
        point.log -= works.bend(-(point.ago as f64) / 12.0);
    }
    let prior = SlopePrior {
        mean: libm::log(1.0 - prior_decay.min(0.9)),
        sd: (bp(settings.prior_decay_sd_bp) / (1.0 - prior_decay.min(0.9))).max(0.005),
    };
    let breaks = breaks::find(&points, prior);
    let broken: Vec<Vec<f64>> = breaks.iter().map(|b| b.column(&points)).collect();
    let posterior = Posterior::new(&points, &broken, prior, false);
    let smear = smear(&posterior, &points, &broken, &breaks);
    Fit {
        posterior,
        ahead: posterior::ahead(months.month(ltm.to).index().rem_euclid(12) as usize, &breaks),
        breaks,
        works,
        smear,
        years: points.len() as f64 / 12.0,
        prior,
    }
}

fn smear(
    posterior: &Posterior,
    points: &[series::Point],
    broken: &[Vec<f64>],
    breaks: &[Break],
) -> f64 {
    let columns = posterior::columns(points, broken);
    let rest = posterior.likeliest().residuals(points, &columns);
    let odd = |ago: usize| breaks.iter().any(|b| b.kind == Kind::Odd && b.ago == ago as i64);
    let rest: Vec<f64> =
        rest.iter().zip(points).filter(|(_, p)| !odd(p.ago)).map(|(r, _)| *r).collect();
    let count = rest.len().max(1) as f64;
    let mean = rest.iter().sum::<f64>() / count;
    let variance = rest.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / count;
    let sum = rest.iter().map(|r| libm::exp(r - mean)).sum::<f64>() / count;
    (libm::log(sum.max(1e-9)) - 0.5 * variance).clamp(-1.0, 1.0)
}
