//! Version 2 of the model: futures that carry everything the months leave open.
//!
//! See docs/valuation.md for the formulas, their sources and how well the band holds.

mod fit;
mod futures;
mod years;

use super::book::Months;
use super::measure::{Decay, Ltm, bp, dollar_age, freshness, percent, prior, to_bp};
use super::path::Band;
use super::report::ConfidencePart;
use super::{Outlook, Question};
use fit::Fit;

/// Years whose band makes the confidence.
const JUDGED: usize = 3;

/// What version 2 says of these months. The confidence is the width of the band for 80 %, the
/// freshness of the data for 20 %.
pub(super) fn outlook(months: &Months, ltm: &Ltm, years: usize, ask: &Question<'_>) -> Outlook {
    // Twelve months are one year, whatever the last digit of a weighted mean says.
    let age = libm::rint(dollar_age(months, ltm) * 120.0) / 120.0;
    let prior = prior(age, ask.settings);
    let fit = fit::fit(months, ltm, prior, ask.settings);
    let futures = futures::futures(&fit, ltm, years, ask.seed, ask.settings);
    let parts = [width(&futures.years), freshness(months, ltm, ask.now.month())];
    let confidence = (parts[0].bp * 8 + parts[1].bp * 2) / 10;
    Outlook { decay: decay(&fit, prior, ask), futures, parts: parts.into(), confidence }
}

fn decay(fit: &Fit, prior: f64, ask: &Question<'_>) -> Decay {
    let slope = fit.posterior.slope();
    let settings = ask.settings;
    let raw = 1.0 - libm::exp(slope.mean + fit.works.bend(1.0));
    let rate = raw.clamp(bp(settings.min_decay_bp), bp(settings.max_decay_bp));
    let source = match slope.own {
        o if o >= 0.75 => "fitted",
        o if o >= 0.25 => "blended",
        _ => "prior",
    };
    let change = if raw < 0.0 { "grow" } else { "fall" };
    let held = if raw < rate { "; growth is not paid for" } else { "" };
    let months = libm::rint(12.0 * fit.years) as i64;
    let note = format!(
        "the months of today's works {change} by {}% a year, give or take {}%{held}; fitted from \
         {months} months ({} pairs of months a year apart), which know {}% of it; the rest is \
         the usual {}%",
        percent(raw.abs()),
        percent(libm::exp(slope.mean) * slope.sd),
        (months - 12).max(0),
        percent(slope.own),
        percent(prior),
    );
    Decay { rate, sd: slope.sd, source, note }
}

/// Confidence: how narrow the band is over the first years.
fn width(years: &[Band]) -> ConfidencePart {
    let judged = &years[..years.len().min(JUDGED)];
    let half = |b: &Band| (b.high - b.low) / (2.0 * b.median).max(1e-9);
    let mean = judged.iter().map(half).sum::<f64>() / judged.len().max(1) as f64;
    ConfidencePart {
        name: "width".into(),
        bp: to_bp(1.0 / (1.0 + mean.max(0.0))),
        why: format!(
            "eight outcomes in ten lie within {}% of the median, on average of the first {} \
             years",
            percent(mean),
            judged.len(),
        ),
    }
}
