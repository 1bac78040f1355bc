//! One kind of catalogue at one level of noise: many of them valued, and compared with what
//! came in.

use std::ops::Range;

use kernel::{Error, Timestamp};

use super::super::measure::prior;
use super::super::{Book, Deal, Failed, Question, Settings, Terms, Valuation, Version, value};
use super::{Catalogue, Recipe, Score, Spread, catalogue};

/// Years of the term.
const TERM: u32 = 10;
/// Years that are compared one by one.
pub const YEARS: usize = 3;

/// A forecaster to compare with: from the complete months, one spread for each year.
pub type Rival<'a> = dyn Fn(&[f64]) -> Option<[Spread; YEARS]> + 'a;

/// How the forecasts of a kind did.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    /// Each of the first years.
    pub years: [Score; YEARS],
    /// The sum of the whole term, not discounted; version 1 does not forecast it.
    pub whole: Score,
    /// The value: the whole term discounted, after the fee, no more than the guard rail allows.
    pub value: Score,
    /// The last twelve months, year after year.
    pub flat: [Score; YEARS],
    /// The last twelve months, falling as is usual for the catalogue's age.
    pub usual: [Score; YEARS],
    /// The rival, where it answered.
    pub rival: [Score; YEARS],
}

impl Trial {
    /// Adds what another trial counted.
    pub fn merge(&mut self, other: &Self) {
        for year in 0..YEARS {
            self.years[year].merge(&other.years[year]);
            self.flat[year].merge(&other.flat[year]);
            self.usual[year].merge(&other.usual[year]);
            self.rival[year].merge(&other.rival[year]);
        }
        self.whole.merge(&other.whole);
        self.value.merge(&other.value);
    }
}

/// Values the catalogues `numbers` of a kind and scores the forecasts.
///
/// # Errors
/// [`Failed`] when a catalogue cannot be valued, which none of the recipes leads to.
pub fn trial(
    recipe: &Recipe,
    sd: f64,
    numbers: Range<u64>,
    version: Version,
    settings: &Settings,
    rival: Option<&Rival<'_>>,
) -> Result<Trial, Failed> {
    let mut all = Trial::default();
    for number in numbers {
        let made = catalogue(recipe, sd, number);
        let seed = u32::try_from(number % 1_000_000).unwrap_or(0);
        let report = forecast(&made, seed, version, settings)?;
        compare(&mut all, &made, &report, settings);
        if let Some(rival) = rival
            && let Some(spreads) = rival(&complete(&report))
        {
            let ltm = amount(&report.ltm.amount_text());
            for (year, spread) in spreads.iter().enumerate() {
                all.rival[year].add(spread, earned(&made, year), ltm);
            }
        }
    }
    Ok(all)
}

fn forecast(
    made: &Catalogue,
    seed: u32,
    version: Version,
    settings: &Settings,
) -> Result<Valuation, Failed> {
    let mut book = Book::new();
    book.add(&made.statement);
    let terms =
        Terms { kind: Deal::Purchase, term_years: Some(TERM), share_bp: 10_000, works: None };
    let currency = "EUR"
        .parse()
        .map_err(|e: Error| Failed { code: "unknown_currency", message: e.message })?;
    let now = Timestamp(0);
    value(&book, &Question { terms: &terms, currency, now, seed, settings, version })
}

fn compare(all: &mut Trial, made: &Catalogue, report: &Valuation, settings: &Settings) {
    let ltm = amount(&report.ltm.amount_text());
    let age = amount(&report.dollar_age_years);
    let decay = prior(age, settings);
    for (year, line) in report.forecast.iter().take(YEARS).enumerate() {
        let actual = earned(made, year);
        let usual = ltm * libm::pow(1.0 - decay, year as f64 + 0.5);
        all.years[year].add(&spread(&line.low, &line.median, &line.high), actual, ltm);
        all.flat[year].add(&Spread::certain(ltm), actual, ltm);
        all.usual[year].add(&Spread::certain(usual), actual, ltm);
    }
    let years = || (0..TERM as usize).map(|year| earned(made, year));
    if let Some(whole) = &report.whole_term {
        let whole = spread(&whole.low, &whole.median, &whole.high);
        all.whole.add(&whole, years().sum(), ltm);
    }
    let rate = 1.0 + settings.discount_bp as f64 / 10_000.0;
    let fee = settings.fee_bp as f64 / 10_000.0;
    let cap = ltm * settings.max_multiple_bp as f64 / 10_000.0;
    let worth: f64 = years()
        .zip(0_u8..)
        .map(|(e, y)| e * (1.0 - fee) / libm::pow(rate, f64::from(y) + 0.5))
        .sum();
    let [low, median, high] =
        [report.low, report.median, report.high].map(|m| amount(&m.amount_text()));
    all.value.add(&Spread { low, median, high }, worth.min(cap), ltm);
}

/// What the complete months earned, as the report has them.
fn complete(report: &Valuation) -> Vec<f64> {
    report.history.iter().filter(|m| m.complete).map(|m| amount(&m.amount)).collect()
}

fn earned(made: &Catalogue, year: usize) -> f64 {
    made.future.iter().skip(12 * year).take(12).sum()
}

fn spread(low: &str, median: &str, high: &str) -> Spread {
    Spread { low: amount(low), median: amount(median), high: amount(high) }
}

/// A decimal text of a report; the model writes nothing else.
fn amount(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}
