//! What the months say: last twelve months, decay, age, confidence.

use kernel::{Exact, Month};

use super::book::Months;
use super::report::{ConfidencePart, Failed};
use super::settings::Settings;

/// The last twelve complete months.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ltm {
    pub sum: Exact,
    pub units: i64,
    pub from: usize,
    pub to: usize,
    /// Complete months of history in all.
    pub complete: usize,
}

/// Decay of the first year, with its spread and where it comes from.
#[derive(Debug, Clone)]
pub(super) struct Decay {
    pub rate: f64,
    pub sd: f64,
    pub source: &'static str,
    pub note: String,
}

/// Sums the last twelve complete months. Fewer months are never extrapolated.
pub(super) fn ltm(months: &Months, settings: &Settings) -> Result<Ltm, Failed> {
    let (first, to) = (months.first(), months.last());
    let complete = if first > to { 0 } else { to + 1 - first };
    if (complete as i64) < settings.min_history_months {
        return Err(Failed {
            code: "history_too_short",
            message: format!(
                "{complete} complete months of earnings, at least {} are needed (the newest \
                 month is incomplete and does not count)",
                settings.min_history_months
            ),
        });
    }
    let from = first.max(to.saturating_sub(11));
    let sum: i128 = months.amounts[from..=to].iter().sum();
    if sum <= 0 {
        return Err(Failed {
            code: "no_income",
            message: format!(
                "the last twelve complete months ({} to {}) earned nothing",
                months.month(from),
                months.month(to)
            ),
        });
    }
    let units = months.units[from..=to].iter().sum();
    Ok(Ltm { sum: Exact(sum), units, from, to, complete })
}

/// Age of the catalogue in years, weighted by what each work earned in the last year. Works
/// are at least as old as the first month that names them.
pub(super) fn dollar_age(months: &Months, ltm: &Ltm) -> f64 {
    let end = months.month(ltm.to);
    let mut weighted = 0.0;
    let mut weights = 0.0;
    for work in &months.works {
        let earned = Exact(work.amounts[ltm.from..=ltm.to].iter().sum()).to_f64();
        if earned > 0.0 {
            weighted += earned * f64::from(age_months(work.first, end)) / 12.0;
            weights += earned;
        }
    }
    if weights > 0.0 { weighted / weights } else { 0.0 }
}

fn age_months(first: Month, end: Month) -> i32 {
    (end.index() - first.index() + 1).max(0)
}

/// Yearly decay that is usual for a catalogue of this age.
pub(super) fn prior(age: f64, settings: &Settings) -> f64 {
    bp(if age < 1.0 {
        settings.prior_decay_new_bp
    } else if age < 3.0 {
        settings.prior_decay_1y_bp
    } else if age < 7.0 {
        settings.prior_decay_3y_bp
    } else {
        settings.prior_decay_7y_bp
    })
}

/// How fresh the data is: three months late is usual, every further month costs a tenth.
pub(super) fn freshness(months: &Months, ltm: &Ltm, now: Month) -> ConfidencePart {
    let lag = (now.index() - months.month(ltm.to).index()).max(0);
    let freshness = (1.0 - 0.1 * f64::from((lag - 3).max(0))).clamp(0.0, 1.0);
    ConfidencePart {
        name: "freshness".into(),
        bp: to_bp(freshness),
        why: format!(
            "the newest complete month is {}, {lag} months ago; up to 3 count in full",
            months.month(ltm.to)
        ),
    }
}

/// Basis points as a fraction.
pub(super) fn bp(value: i64) -> f64 {
    value as f64 / 10_000.0
}

/// A fraction as basis points.
pub(super) fn to_bp(value: f64) -> i64 {
    libm::rint(value * 10_000.0) as i64
}

/// A fraction as percent with one digit, without a needless `.0`.
pub(super) fn percent(value: f64) -> String {
    let tenths = libm::rint(value * 1_000.0) as i64;
    let (whole, digit) = (tenths / 10, (tenths % 10).abs());
    if digit == 0 { format!("{whole}") } else { format!("{whole}.{digit}") }
}
