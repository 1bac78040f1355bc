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

/// Fits the yearly decay from the creator's own months, leaning on a prior when there are few.
///
/// Compared are pairs of months twelve apart, so that seasons cancel, and in each pair only
/// works that had earned before, so that new releases do not hide the decay of old ones.
pub(super) fn decay(months: &Months, ltm: &Ltm, age: f64, settings: &Settings) -> Decay {
    let prior = prior(age, settings);
    let first = months.first();
    let mut ratios: Vec<f64> = Vec::new();
    let (mut before_sum, mut after_sum) = (0.0, 0.0);
    let start = first.max(ltm.to.saturating_sub(12 + 35));
    for at in start..(ltm.to + 1).saturating_sub(12) {
        let here = months.month(at);
        let (mut before, mut after) = (0.0, 0.0);
        for work in &months.works {
            if work.first < here || at == first {
                before += Exact(work.amounts[at]).to_f64();
                after += Exact(work.amounts[at + 12]).to_f64();
            }
        }
        if before > 0.0 {
            ratios.push(after / before);
            before_sum += before;
            after_sum += after;
        }
    }
    let (low, high) = (bp(settings.min_decay_bp), bp(settings.max_decay_bp));
    let prior_sd = bp(settings.prior_decay_sd_bp);
    if ratios.is_empty() || before_sum <= 0.0 {
        let note = format!(
            "no month can be compared with the same month a year before: {}% a year is \
             usual for a catalogue of this age",
            percent(prior)
        );
        return Decay { rate: prior.clamp(low, high), sd: prior_sd, source: "prior", note };
    }
    let pairs = ratios.len() as f64;
    let raw = 1.0 - after_sum / before_sum;
    let fitted = raw.clamp(low, high);
    let spread = fit_spread(&ratios);
    let weight = pairs / (pairs + settings.prior_weight_pairs as f64);
    let rate = (weight * fitted + (1.0 - weight) * prior).clamp(low, high);
    let own = weight * spread;
    let lent = (1.0 - weight) * prior_sd;
    let sd = libm::sqrt(own * own + lent * lent).max(0.02);
    let change = if raw < 0.0 { "more" } else { "less" };
    let held = if raw < low { "; growth is not paid for" } else { "" };
    let note = format!(
        "the same works earned {}% {change} than in the same months a year before ({} pairs \
         of months{held}); weighed {}% against the usual {}%",
        percent(raw.abs()),
        ratios.len(),
        percent(weight),
        percent(prior),
    );
    let source = if weight >= 0.75 { "fitted" } else { "blended" };
    Decay { rate, sd, source, note }
}

/// Standard error of the fit: months are not independent, so three count as one.
fn fit_spread(ratios: &[f64]) -> f64 {
    let n = ratios.len() as f64;
    let mean = ratios.iter().sum::<f64>() / n;
    let variance = ratios.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / n;
    libm::sqrt(variance / (n / 3.0).max(1.0)).clamp(0.02, 0.25)
}

fn prior(age: f64, settings: &Settings) -> f64 {
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

/// Length, stability and freshness of the data.
pub(super) fn confidence(months: &Months, ltm: &Ltm, now: Month) -> Vec<ConfidencePart> {
    let filled = months.amounts[..=ltm.to].iter().filter(|a| **a != 0).count();
    let length = (filled as f64 / 36.0).min(1.0);
    let window = &months.amounts[ltm.from..=ltm.to];
    let moved: f64 = window.windows(2).map(|w| Exact((w[1] - w[0]).abs()).to_f64()).sum();
    let stability = (1.0 - moved / ltm.sum.to_f64()).clamp(0.0, 1.0);
    let lag = (now.index() - months.month(ltm.to).index()).max(0);
    let freshness = (1.0 - 0.1 * f64::from((lag - 3).max(0))).clamp(0.0, 1.0);
    vec![
        ConfidencePart {
            name: "length".into(),
            bp: to_bp(length),
            why: format!("{filled} complete months with earnings; 36 or more count in full"),
        },
        ConfidencePart {
            name: "stability".into(),
            bp: to_bp(stability),
            why: format!(
                "from month to month the earnings of the last year moved by {}% on average",
                percent(moved / ltm.sum.to_f64())
            ),
        },
        ConfidencePart {
            name: "freshness".into(),
            bp: to_bp(freshness),
            why: format!(
                "the newest complete month is {}, {lag} months ago; up to 3 count in full",
                months.month(ltm.to)
            ),
        },
    ]
}

/// Length 40 %, stability 40 %, freshness 20 %.
pub(super) fn weigh(parts: &[ConfidencePart]) -> i64 {
    let part = |name: &str| parts.iter().find(|p| p.name == name).map_or(0, |p| p.bp);
    (part("length") * 4 + part("stability") * 4 + part("freshness") * 2) / 10
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
