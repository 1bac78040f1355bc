//! The decay of version 1, and its confidence in the data.

use kernel::{Exact, Month};

use super::super::book::Months;
use super::super::measure::{Decay, Ltm, bp, freshness, percent, prior, to_bp};
use super::super::report::ConfidencePart;
use super::super::settings::Settings;

/// Fits the yearly decay from the creator's own months, leaning on a prior when there are few.
///
/// Compared are pairs of months twelve apart, so that seasons cancel, and in each pair only
/// works that had earned before, so that new releases do not hide the decay of old ones.
pub(super) fn decay(
    months: &Months,
    ltm: &Ltm,
    age: f64,
    settings: &Settings,
    prior_pairs: i64,
) -> Decay {
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
    let weight = pairs / (pairs + prior_pairs as f64);
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

/// Length, stability and freshness of the data.
pub(super) fn confidence(months: &Months, ltm: &Ltm, now: Month) -> Vec<ConfidencePart> {
    let filled = months.amounts[..=ltm.to].iter().filter(|a| **a != 0).count();
    let length = (filled as f64 / 36.0).min(1.0);
    let window = &months.amounts[ltm.from..=ltm.to];
    let moved: f64 = window.windows(2).map(|w| Exact((w[1] - w[0]).abs()).to_f64()).sum();
    let stability = (1.0 - moved / ltm.sum.to_f64()).clamp(0.0, 1.0);
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
        freshness(months, ltm, now),
    ]
}

/// Length 40 %, stability 40 %, freshness 20 %.
pub(super) fn weigh(parts: &[ConfidencePart]) -> i64 {
    let part = |name: &str| parts.iter().find(|p| p.name == name).map_or(0, |p| p.bp);
    (part("length") * 4 + part("stability") * 4 + part("freshness") * 2) / 10
}
