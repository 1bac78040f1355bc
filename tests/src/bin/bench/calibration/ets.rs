//! Exponential smoothing by `augurs`, a forecasting crate that others keep.

use augurs_core::prelude::*;
use augurs_ets::AutoETS;
use deals::valuation::model::calibration::{Spread, YEARS};

/// Level and additive trend of the logarithms (the crate has no seasons, and its
/// multiplicative models of plain amounts run away), with its own intervals. The bands of the
/// months are added up: it gives none for sums.
pub(super) fn forecast(months: &[f64]) -> Option<[Spread; YEARS]> {
    let logs: Vec<f64> = months.iter().map(|m| m.max(0.01).ln()).collect();
    let search = AutoETS::new(1, "AAN").ok()?;
    let model = search.fit(&logs).ok()?;
    let told = model.predict(12 * YEARS, 0.8).ok()?;
    let bands = told.intervals?;
    let year =
        |all: &[f64], at: usize| all.iter().skip(12 * at).take(12).map(|l| l.exp()).sum::<f64>();
    let spreads = std::array::from_fn(|at| Spread {
        low: year(&bands.lower, at),
        median: year(&told.point, at),
        high: year(&bands.upper, at),
    });
    spreads.iter().all(|s| s.low.is_finite() && s.high.is_finite()).then_some(spreads)
}
