//! What a stream of royalties is worth: low, median and high, with every reason.
//!
//! Discounted cash flows over the term at mid-year, assigned share x (1 - fee), with a decay
//! fitted from the creator's own months and drawn, like the discount rate, in a seeded
//! simulation: low is P10, median P50, high P90. Guard rails then cap what the model says;
//! each that fired is listed with what it changed. Advances pay a part of the present value
//! and are paid back from the assigned share up to a cap.
//!
//! Invariants: pure (same inputs, settings and seed: same figures on every machine); sums are
//! exact and become floats only here; a figure becomes money once, rounded half to even; the
//! newest month is incomplete and kept out of everything but the history.
#![expect(clippy::float_arithmetic, reason = "the one room of the house that models")]

mod backtest;
mod book;
pub mod calibration;
mod draws;
mod guards;
mod measure;
mod path;
mod report;
mod settings;
mod shares;
#[cfg(test)]
mod tests;
mod v1;
mod v2;
mod version;

use std::collections::BTreeMap;

use kernel::{Asset, Money, Timestamp};

pub use backtest::{Backtest, Line as BacktestLine, Past, Summary as BacktestSummary, backtest};
pub use book::{Book, UNTITLED, title_of};
pub use report::{
    ConfidencePart, CountryShare, Deal, Failed, ForecastYear, GuardRail, HistoryMonth, NamedShare,
    Recoupment, Sensitivity, Terms, Valuation, WholeTerm, WorkShare,
};
pub use settings::{KEYS, SettingUsed, Settings};
pub use version::{VERSION, Version};

use book::Months;
use measure::{Decay, Ltm, bp, to_bp};
use path::{Band, Path};

/// The longest term in years.
pub const MAX_TERM_YEARS: u32 = 40;

/// What a version of the model says, for one unit of last-twelve-month earnings.
struct Outlook {
    futures: Futures,
    decay: Decay,
    parts: Vec<ConfidencePart>,
    /// Confidence before the guard rails, in basis points.
    confidence: i64,
}

/// Present value and yearly earnings over all futures.
struct Futures {
    value: Band,
    years: Vec<Band>,
    /// The whole term, not discounted; version 1 does not know it.
    whole: Option<Band>,
}

/// What is asked, under which assumptions.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The part of the deal that moves the price.
    pub terms: &'a Terms,
    /// The statements' currency.
    pub currency: Asset,
    /// Now, as the caller's clock says: for the freshness of the data and the record.
    pub now: Timestamp,
    /// Seed of the simulation; the same for every re-pricing of one offer.
    pub seed: u32,
    /// Assumptions.
    pub settings: &'a Settings,
    /// The model that answers.
    pub version: Version,
}

/// Values the statements of `book`. Re-pricing is the same call with other terms: nothing is
/// remembered.
///
/// # Errors
/// [`Failed`] when the terms are impossible, a work is unknown, the history is too short, or
/// nothing was earned in the last twelve complete months, or in the last three when that is new.
pub fn value(book: &Book<'_>, ask: &Question<'_>) -> Result<Valuation, Failed> {
    check(ask.terms)?;
    let months = book.collect(ask.terms.works.as_deref())?.sorted();
    let ltm = measure::ltm(&months, ask.settings)?;
    let ltm_money = round(ltm.sum, ask.currency)?;
    let age = measure::dollar_age(&months, &ltm);
    let years = years_of(ask);
    let Outlook { futures, decay, mut parts, confidence } = match ask.version {
        Version::One { prior_pairs } => v1::outlook(&months, &ltm, years, ask, prior_pairs),
        Version::Two => v2::outlook(&months, &ltm, years, ask),
    };
    let mut priced = price(&months, &ltm, &futures, ask)?;
    let median = to_money(priced.band.median, ask.currency);
    let (confidence, more) =
        guards::confidence(&months, &ltm, ask.settings, &mut parts, confidence);
    let mut rails = std::mem::take(&mut priced.rails);
    rails.extend(more);
    let forecast = forecast(&futures, &ltm, ask);
    Ok(Valuation {
        version: ask.version.name().into(),
        computed_at: ask.now,
        kind: ask.terms.kind,
        ltm: ltm_money,
        ltm_from: months.month(ltm.from),
        ltm_to: months.month(ltm.to),
        ltm_units: ltm.units,
        multiple: ratio(median.minor, ltm_money.minor),
        dollar_age_years: measure::percent(age / 100.0),
        decay_bp: to_bp(decay.rate),
        decay_source: decay.source.into(),
        decay_note: decay.note.clone(),
        discount_bp: ask.settings.discount_bp,
        fee_bp: ask.settings.fee_bp,
        share_bp: ask.terms.share_bp,
        term_years: ask.terms.term_years,
        low: to_money(priced.band.low, ask.currency),
        median,
        high: to_money(priced.band.high, ask.currency),
        confidence_bp: confidence,
        confidence_parts: parts,
        history: shares::history(&months, ask.currency),
        sensitivity: sensitivity(&decay, &priced, &ltm, years, ask),
        works: shares::works(&months, &ltm, median),
        stores: shares::stores(&months, &ltm, ask.currency),
        countries: shares::countries(&months, &ltm, ask.currency),
        guard_rails: rails,
        recoupment: recoupment(median, &forecast, ask),
        forecast: forecast.into_iter().map(|(year, _)| year).collect(),
        whole_term: futures.whole.map(|band| whole_term(&band, &ltm, ask)),
        settings: used(ask),
        simulations: ask.settings.simulations.clamp(100, 100_000),
        seed: ask.seed,
    })
}

fn check(terms: &Terms) -> Result<(), Failed> {
    if !(1..=10_000).contains(&terms.share_bp) {
        let message = format!("a share of {} basis points: 1 to 10000 is allowed", terms.share_bp);
        return Err(Failed { code: "invalid_share", message });
    }
    if let Some(years) = terms.term_years
        && !(1..=MAX_TERM_YEARS).contains(&years)
    {
        let message = format!(
            "a term of {years} years: 1 to {MAX_TERM_YEARS} years are allowed, or the life of \
             the rights"
        );
        return Err(Failed { code: "invalid_term", message });
    }
    if terms.works.as_ref().is_some_and(Vec::is_empty) {
        let message = "no work is in scope: name at least one, or take all".to_owned();
        return Err(Failed { code: "no_works", message });
    }
    Ok(())
}

fn years_of(ask: &Question<'_>) -> usize {
    let life = ask.settings.life_of_rights_years.clamp(1, 100);
    let years = ask.terms.term_years.map_or(life, i64::from);
    usize::try_from(years).unwrap_or(1)
}

/// The three figures after the rails on value, and what led there.
struct Priced {
    band: Band,
    /// Factor from present value for one unit of earnings to money, rails included.
    scale: f64,
    /// Median before the cap.
    uncapped: f64,
    assigned: f64,
    rails: Vec<GuardRail>,
}

fn price(
    months: &Months,
    ltm: &Ltm,
    futures: &Futures,
    ask: &Question<'_>,
) -> Result<Priced, Failed> {
    let settings = ask.settings;
    let assigned = ltm.sum.to_f64() * bp(i64::from(ask.terms.share_bp));
    let advance = match ask.terms.kind {
        Deal::Purchase => 1.0,
        Deal::Advance => bp(settings.advance_rate_bp),
    };
    let mut scale = assigned * (1.0 - bp(settings.fee_bp)) * advance;
    let mut band = futures.value.map(|v| v * scale);
    let mut rails = Vec::new();
    if let Some((factor, message)) = guards::stream_decline(months, ltm, settings) {
        let after = band.map(|v| v * factor);
        rails.push(guards::declined(message, band, after, ask.currency));
        scale *= factor;
        band = after;
    }
    // Offers of version 1 were made without this rail.
    if ask.version == Version::Two
        && let Some((factor, message)) =
            guards::earnings_stopped(months, ltm, start_of(futures, ltm), settings)?
    {
        let after = band.map(|v| v * factor);
        rails.push(guards::stopped(message, band, after, ask.currency));
        scale *= factor;
        band = after;
    }
    let uncapped = band.median;
    let (band, rail) = guards::max_multiple(band, assigned, ask.currency, settings);
    rails.extend(rail);
    Ok(Priced { band, scale, uncapped, assigned, rails })
}

/// The year that a price starts from: the first one foretold, at most the last one earned.
fn start_of(futures: &Futures, ltm: &Ltm) -> f64 {
    let first = futures.years.first().map_or(1.0, |year| year.median.min(1.0));
    ltm.sum.to_f64() * first
}

/// Yearly assigned earnings, before fee and discount, with the unrounded median.
fn forecast(futures: &Futures, ltm: &Ltm, ask: &Question<'_>) -> Vec<(ForecastYear, f64)> {
    let assigned = ltm.sum.to_f64() * bp(i64::from(ask.terms.share_bp));
    let text = |v: f64| to_money(v * assigned, ask.currency).amount_text();
    futures
        .years
        .iter()
        .zip(1..)
        .map(|(band, year)| {
            let line = ForecastYear {
                year,
                low: text(band.low),
                median: text(band.median),
                high: text(band.high),
            };
            (line, band.median * assigned)
        })
        .collect()
}

/// Assigned earnings of the whole term, before fee and discount.
fn whole_term(band: &Band, ltm: &Ltm, ask: &Question<'_>) -> WholeTerm {
    let assigned = ltm.sum.to_f64() * bp(i64::from(ask.terms.share_bp));
    let text = |v: f64| to_money(v * assigned, ask.currency).amount_text();
    WholeTerm { low: text(band.low), median: text(band.median), high: text(band.high) }
}

/// Every assumption by name, those of an older version among them.
fn used(ask: &Question<'_>) -> BTreeMap<String, SettingUsed> {
    let mut all = ask.settings.used();
    if let Version::One { prior_pairs } = ask.version {
        all.insert(v1::PRIOR_PAIRS.into(), v1::prior_pairs_used(prior_pairs));
    }
    all
}

/// An advance is paid back until the house has the present value it advanced a part of.
fn recoupment(
    median: Money,
    forecast: &[(ForecastYear, f64)],
    ask: &Question<'_>,
) -> Option<Recoupment> {
    if ask.terms.kind != Deal::Advance {
        return None;
    }
    let unit = libm::pow(10.0, f64::from(ask.currency.scale()));
    let cap = median.minor as f64 / unit / bp(ask.settings.advance_rate_bp.max(1));
    let mut collected = 0.0;
    let expected_year = forecast.iter().find_map(|(line, earned)| {
        collected += earned;
        (collected >= cap).then_some(line.year)
    });
    Some(Recoupment { cap: to_money(cap, ask.currency), expected_year })
}

fn sensitivity(
    decay: &Decay,
    priced: &Priced,
    ltm: &Ltm,
    years: usize,
    ask: &Question<'_>,
) -> Sensitivity {
    let settings = ask.settings;
    let base = to_bp(decay.rate);
    let decays = around(base, 500, settings.min_decay_bp);
    let rates = around(settings.discount_bp, 200, 0);
    let central = Path::new(decay.rate, bp(settings.discount_bp), settings).value(years);
    // The grid hangs on the simulated median, so that its centre is the figure of the offer.
    let hang = if central > 0.0 { priced.uncapped / (central * priced.scale) } else { 1.0 };
    let cap = priced.assigned * bp(settings.max_multiple_bp);
    let cell = |d: i64, r: i64| {
        let decay = if d == base { decay.rate } else { bp(d) };
        let value = Path::new(decay, bp(r), settings).value(years) * priced.scale * hang;
        to_money(value.min(cap), ask.currency).amount_text()
    };
    debug_assert!(ltm.sum.0 > 0);
    let median = decays.iter().map(|d| rates.iter().map(|r| cell(*d, *r)).collect()).collect();
    Sensitivity { decay_bp: decays, discount_bp: rates, median }
}

/// Five values around `base`, none below `least`; `base` is one of them.
fn around(base: i64, step: i64, least: i64) -> Vec<i64> {
    let below = ((base - least) / step).clamp(0, 2);
    (0..5).map(|i| base + (i - below) * step).collect()
}

/// A figure of the model as money: rounded once, half to even.
fn to_money(value: f64, asset: Asset) -> Money {
    let unit = libm::pow(10.0, f64::from(asset.scale()));
    Money::new(libm::rint(value * unit) as i64, asset)
}

fn round(sum: kernel::Exact, asset: Asset) -> Result<Money, Failed> {
    let minor = sum.to_minor(asset.scale()).filter(|m| (1..=10_i64.pow(15)).contains(m));
    minor.map(|m| Money::new(m, asset)).ok_or_else(|| Failed {
        code: "no_income",
        message: format!(
            "the last twelve complete months earned {sum} {asset}: too little (or too much) to \
             make an offer"
        ),
    })
}

/// `a / b` with two digits, half to even.
fn ratio(a: i64, b: i64) -> String {
    let hundredths = kernel::exact::div_half_even(i128::from(a) * 100, i128::from(b.max(1)));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
