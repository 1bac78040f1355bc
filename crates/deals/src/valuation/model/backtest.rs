//! The model against a creator's own past: valued at earlier months with only what was known
//! then, and compared with what came in afterwards.

use kernel::{Asset, Exact, Month, Timestamp};
use serde::Serialize;

use super::book::{Book, Months};
use super::calibration::{Score, Spread};
use super::measure::{self, prior};
use super::report::{Deal, Failed, Terms};
use super::{Question, Settings, Version, shares, value};
use crate::statements::reader::{Aggregates, Cell, Country, Work};

/// Years that are compared at most, from each origin.
const YEARS: u32 = 3;
/// Origins at most; with more months, every second or third one is tried.
const ORIGINS: usize = 36;
/// Errors beyond this are only "very far off": what came in may be nothing.
const MOST_BP: i64 = 1_000_000;

/// What is asked of the past.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// The statements' currency.
    pub currency: Asset,
    /// Seed of the simulations.
    pub seed: u32,
    /// Assumptions.
    pub settings: &'a Settings,
}

/// How the model would have done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// Version of the model.
    pub version: &'static str,
    /// Currency of all amounts.
    pub currency: Asset,
    /// The month in which the history begins: corrections of months long before it are left
    /// out.
    pub from: Month,
    /// Last complete month.
    pub to: Month,
    /// Complete months.
    pub complete: usize,
    /// One line for each origin and span.
    pub lines: Vec<Line>,
    /// Origins without a valuation, with the reason.
    pub skipped: Vec<Skipped>,
    /// One line for each span.
    pub summary: Vec<Summary>,
}

/// One valuation of the past beside what came in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// The last month that was known.
    pub origin: Month,
    /// Complete months that were known.
    pub known: usize,
    /// Months that are compared: 12, 24 or 36 after the origin.
    pub months: u32,
    /// P10 of their sum.
    pub low: String,
    /// P50.
    pub median: String,
    /// P90.
    pub high: String,
    /// What came in.
    pub actual: String,
    /// Whether that lies within low and high.
    pub inside: bool,
}

/// An origin that could not be valued.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Skipped {
    /// The origin.
    pub origin: Month,
    /// Why.
    pub why: String,
}

/// All origins of one span together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Months that were compared.
    pub months: u32,
    /// Origins.
    pub origins: usize,
    /// Part of the outcomes within the band, in basis points; 8000 is promised.
    pub inside_bp: i64,
    /// By how much the median was too high in the middle case, in basis points.
    pub median_error_bp: i64,
    /// Mean pinball loss of P10, P50 and P90 in basis points of a year's earnings; less is
    /// better.
    pub score_bp: i64,
    /// The same for the last twelve months, repeated.
    pub flat_score_bp: i64,
    /// The same for the last twelve months with the usual decay of such a catalogue.
    pub usual_score_bp: i64,
}

/// Values the months of `book` at earlier origins. A month counts as known with all that was
/// earned in it: when each statement arrived is not in the files.
///
/// # Errors
/// `history_too_short` when there are not enough complete months to value and to compare;
/// `no_rows`, `no_income`.
pub fn backtest(book: &Book<'_>, past: &Past<'_>) -> Result<Backtest, Failed> {
    let months = book.collect(None)?.sorted();
    let least = usize::try_from(past.settings.min_history_months).unwrap_or(6).max(1);
    let last = months.last();
    enough(last + 1 - months.first().min(last + 1), least)?;
    let ltm = measure::ltm(&months, past.settings)?;
    let first = months.began(&ltm);
    let complete = last + 1 - first;
    enough(complete, least)?;
    let known = known(&months, first);
    let mut all = Backtest {
        version: Version::default().name(),
        currency: past.currency,
        from: months.month(first),
        to: months.month(last),
        complete,
        lines: Vec::new(),
        skipped: Vec::new(),
        summary: Vec::new(),
    };
    let mut scores: Vec<Scores> = (1..=YEARS).map(Scores::new).collect();
    let step = (complete - least - 11).div_ceil(ORIGINS);
    for origin in every(step, first + least - 1, last - 12) {
        let then = until(&known, months.month(origin));
        let mut failed = None;
        for score in &mut scores {
            let span = 12 * score.years as usize;
            if origin + span > last {
                break;
            }
            let actual = months.amounts[origin + 1..=origin + span].iter().sum();
            match compare(&then, score, Exact(actual), past) {
                Ok(line) => all.lines.push(Line {
                    origin: months.month(origin),
                    known: origin + 1 - first,
                    ..line
                }),
                Err(why) => failed = Some(why.message),
            }
        }
        let origin = months.month(origin);
        all.skipped.extend(failed.map(|why| Skipped { origin, why }));
    }
    all.summary = scores.iter().filter(|s| s.own.count() > 0).map(Scores::summary).collect();
    Ok(all)
}

/// Whether there are months to value and months to compare.
fn enough(complete: usize, least: usize) -> Result<(), Failed> {
    if complete >= least + 12 {
        return Ok(());
    }
    Err(Failed {
        code: "history_too_short",
        message: format!(
            "{complete} complete months: a backtest needs at least {} of them, {least} to value \
             and 12 to compare (the newest month is incomplete and does not count)",
            least + 12
        ),
    })
}

/// Every so many, the last one among them.
fn every(step: usize, from: usize, to: usize) -> Vec<usize> {
    let mut all: Vec<usize> = (from..=to).rev().step_by(step).collect();
    all.reverse();
    all
}

/// Scores of one span.
struct Scores {
    years: u32,
    own: Score,
    flat: Score,
    usual: Score,
}

impl Scores {
    fn new(years: u32) -> Self {
        Self { years, own: Score::default(), flat: Score::default(), usual: Score::default() }
    }

    fn summary(&self) -> Summary {
        Summary {
            months: 12 * self.years,
            origins: self.own.count(),
            inside_bp: measure::to_bp(self.own.coverage()),
            median_error_bp: measure::to_bp(self.own.bias()).clamp(-MOST_BP, MOST_BP),
            score_bp: measure::to_bp(self.own.pinball()),
            flat_score_bp: measure::to_bp(self.flat.pinball()),
            usual_score_bp: measure::to_bp(self.usual.pinball()),
        }
    }
}

/// The works' months in a statement of their own, oldest first.
fn known(months: &Months, first: usize) -> Aggregates {
    let mut all = Aggregates { stores: vec![String::new()], ..Aggregates::default() };
    for (work, at) in months.works.iter().zip(0_u32..) {
        all.works.push(Work { title: work.title.clone(), isrc: work.isrc.clone() });
        for month in first..=months.last() {
            if work.amounts[month] != 0 {
                let mut cell = Cell::of(at, 0, Country::UNKNOWN).at(months.month(month));
                cell.amount = Exact(work.amounts[month]);
                all.cells.push(cell);
            }
        }
    }
    all
}

/// What was known at the end of a month; the one after it has begun.
fn until(known: &Aggregates, origin: Month) -> Aggregates {
    let mut then = Aggregates {
        works: known.works.clone(),
        stores: known.stores.clone(),
        cells: known.cells.iter().filter(|c| c.month() <= origin).copied().collect(),
    };
    if let Some(some) = then.cells.first().copied() {
        let begun = Cell::of(some.work, some.store, some.country).at(origin.plus(1));
        then.cells.push(begun);
    }
    then
}

fn compare(
    then: &Aggregates,
    score: &mut Scores,
    actual: Exact,
    past: &Past<'_>,
) -> Result<Line, Failed> {
    let mut book = Book::new();
    book.add(then);
    let terms = Terms {
        kind: Deal::Purchase,
        term_years: Some(score.years),
        share_bp: 10_000,
        works: None,
    };
    let question = Question {
        terms: &terms,
        currency: past.currency,
        now: Timestamp(0),
        seed: past.seed,
        settings: past.settings,
        version: Version::Two,
    };
    let report = value(&book, &question)?;
    let whole = report.whole_term.ok_or_else(|| Failed {
        code: "no_forecast",
        message: "this version of the model forecasts no whole term".into(),
    })?;
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    let spread = Spread {
        low: number(&whole.low),
        median: number(&whole.median),
        high: number(&whole.high),
    };
    let came = actual.to_f64();
    // A short history is made a year for the naive ones, so that they are no straw men.
    let months = f64::from(report.ltm_to.index() - report.ltm_from.index() + 1);
    let year = number(&report.ltm.amount_text()) * 12.0 / months;
    let kept = 1.0 - prior(number(&report.dollar_age_years), past.settings);
    let usual: f64 = (0..score.years).map(|y| year * libm::pow(kept, f64::from(y) + 0.5)).sum();
    score.own.add(&spread, came, year);
    score.flat.add(&Spread::certain(year * f64::from(score.years)), came, year);
    score.usual.add(&Spread::certain(usual), came, year);
    Ok(Line {
        origin: report.ltm_to,
        known: 0,
        months: 12 * score.years,
        low: whole.low,
        median: whole.median,
        high: whole.high,
        actual: shares::text(actual, past.currency),
        inside: spread.low <= came && came <= spread.high,
    })
}
