//! `bench calibration`: does the valuation's band hold what it says?
//!
//! Nothing here measures speed. Catalogues are made up with their future (the generator is
//! `deals::valuation::model::calibration`), valued by today's model and by the one before, and
//! compared with what comes in, beside naive forecasts and exponential smoothing.

mod ets;

use deals::valuation::model::Settings;
use deals::valuation::model::Version;
use deals::valuation::model::calibration::{
    CORRELATED, LEVELS, RECIPES, Recipe, Score, Trial, Truth, YEARS, trial, version_one,
};

use crate::report::{Row, Section, now};

/// Catalogues of each kind at each level of noise.
const EACH: u64 = 150;

/// One kind or one level, by today's model and by version 1.
#[derive(Default)]
struct Pair {
    name: String,
    now: Trial,
    before: Trial,
}

impl Pair {
    fn named(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    fn merge(&mut self, now: &Trial, before: &Trial) {
        self.now.merge(now);
        self.before.merge(before);
    }
}

pub(crate) fn run() -> Result<Section, String> {
    let mut levels: Vec<Pair> =
        LEVELS.iter().map(|sd| Pair::named(format!("noise {:.0} %", sd * 100.0))).collect();
    let mut kinds = Vec::new();
    let settings = Settings::default();
    let (old, its_settings) = version_one();
    for recipe in RECIPES {
        now(recipe.name);
        let mut kind = Pair::named(recipe.name.into());
        for (sd, level) in LEVELS.into_iter().zip(&mut levels) {
            let numbers = 0..EACH;
            let new = Version::default();
            let told = trial(recipe, sd, numbers.clone(), new, &settings, Some(&ets::forecast))
                .map_err(|e| format!("{}: {e}", recipe.name))?;
            let before = trial(recipe, sd, numbers, old, &its_settings, None)
                .map_err(|e| format!("{}: {e}", recipe.name))?;
            kind.merge(&told, &before);
            level.merge(&told, &before);
        }
        kinds.push(kind);
    }
    Ok(Section {
        name: "calibration",
        settings: vec![
            format!("{} kinds of catalogues, {EACH} of each at each level of noise", kinds.len()),
            "the truth is what came in, with its noise; fixed seeds, the same on every machine"
                .into(),
            "held: part of the outcomes from P10 to P90; median: how far it is off in the middle \
             case; score: mean pinball loss in thousandths of the last twelve months"
                .into(),
        ],
        rows: levels.iter().flat_map(rows).collect(),
        remarks: vec![by_kind(&kinds), correlated(&settings)?, scores(&levels)],
    })
}

/// The horizons of one level.
fn rows(level: &Pair) -> Vec<Row> {
    horizons(&level.now)
        .into_iter()
        .zip(horizons(&level.before))
        .map(|((name, now), (_, before))| Row {
            workload: format!("{}, {name}", level.name),
            measured: held(now),
            bar: "75 to 85 %, within 5 %".into(),
            baseline: if before.count() == 0 { "-".into() } else { held(before) },
            ratio: if before.count() == 0 {
                "-".into()
            } else {
                format!("score {} beside {}", thousandths(now), thousandths(before))
            },
        })
        .collect()
}

fn horizons(trial: &Trial) -> Vec<(String, &Score)> {
    let years = trial.years.iter().zip(1..).map(|(score, year)| (format!("year {year}"), score));
    let whole = [("whole term".to_owned(), &trial.whole), ("value".to_owned(), &trial.value)];
    years.chain(whole).collect()
}

fn held(score: &Score) -> String {
    format!("{:.0} % held, median {:+.1} %", score.coverage() * 100.0, score.bias() * 100.0)
}

fn thousandths(score: &Score) -> String {
    format!("{:.0}", score.pinball() * 1_000.0)
}

/// Every kind, all levels together: held now and before, and the median.
fn by_kind(kinds: &[Pair]) -> String {
    let mut text = "By kind, all levels together (held, median off; version 1 in brackets):\n\n\
        | kind | year 1 | year 2 | year 3 | whole term |\n|---|---|---|---|---|\n"
        .to_owned();
    for kind in kinds {
        let mut cells = vec![kind.name.clone()];
        for year in 0..YEARS {
            let (now, before) = (&kind.now.years[year], &kind.before.years[year]);
            cells.push(format!("{} ({})", short(now), short(before)));
        }
        cells.push(short(&kind.now.whole));
        text += &format!("| {} |\n", cells.join(" | "));
    }
    text
}

/// The generator that the promise was first tried with, by what counts as the outcome, then
/// by how "correlated" is read.
fn correlated(settings: &Settings) -> Result<String, String> {
    let mut text = "Correlated months (decays of 3 to 35 %, 3 to 20 works, a season of 12 %, 36 \
        months; six readings of correlated, all together and then one by one):\n\n\
        | outcome | months | year 1 | year 2 | year 3 | whole term |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for (truth, outcome) in [
        (Truth::Came, "what came in"),
        (Truth::Expected, "what was to be expected"),
        (Truth::Bare, "months without noise"),
    ] {
        let mut readings = vec![Trial::default(); CORRELATED.len()];
        for sd in LEVELS {
            now(&format!("correlated, {outcome}, {sd}"));
            let mut all = Trial::default();
            for (recipe, reading) in CORRELATED.iter().zip(&mut readings) {
                let recipe = Recipe { truth, ..*recipe };
                let told = trial(&recipe, sd, 0..EACH, Version::default(), settings, None)
                    .map_err(|e| format!("{}: {e}", recipe.name))?;
                all.merge(&told);
                reading.merge(&told);
            }
            text += &line(outcome, &format!("noise {:.0} %", sd * 100.0), &all);
        }
        for (recipe, reading) in CORRELATED.iter().zip(&readings) {
            text += &line(outcome, recipe.name.trim_start_matches("correlated, "), reading);
        }
    }
    Ok(text)
}

fn line(outcome: &str, months: &str, trial: &Trial) -> String {
    let cells: Vec<String> = trial.years.iter().chain([&trial.whole]).map(short).collect();
    format!("| {outcome} | {months} | {} |\n", cells.join(" | "))
}

fn short(score: &Score) -> String {
    format!("{:.0} %, {:+.0} %", score.coverage() * 100.0, score.bias() * 100.0)
}

/// The score beside every other forecast.
fn scores(levels: &[Pair]) -> String {
    let mut text = "Score beside others, less is better (exponential smoothing: `augurs` ETS of \
        the logarithms; in brackets what its own band of 80 % held):\n\n\
        | noise | year | kontor-2 | kontor-1 | last twelve months | usual decay | smoothing |\n\
        |---|---|---|---|---|---|---|\n"
        .to_owned();
    for level in levels {
        for year in 0..YEARS {
            let t = &level.now;
            let smooth = &t.rival[year];
            text += &format!(
                "| {} | {} | {} | {} | {} | {} | {} ({:.0} %) |\n",
                level.name,
                year + 1,
                thousandths(&t.years[year]),
                thousandths(&level.before.years[year]),
                thousandths(&t.flat[year]),
                thousandths(&t.usual[year]),
                thousandths(smooth),
                smooth.coverage() * 100.0,
            );
        }
    }
    text
}
