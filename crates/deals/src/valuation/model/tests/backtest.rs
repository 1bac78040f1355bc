//! The model against a creator's own past.

use super::super::calibration::{PLAIN, Recipe, catalogue};
use super::*;

fn backtested(data: &Aggregates) -> Result<Backtest, Failed> {
    let settings = Settings { simulations: 200, ..Settings::default() };
    let mut book = Book::new();
    book.add(data);
    backtest(&book, &Past { currency: "EUR".parse().unwrap(), seed: 1, settings: &settings })
}

#[test]
fn a_backtest_knows_only_what_was_known() {
    let whole = falling(49, 200_000, 1_500);
    let told = backtested(&whole).unwrap();
    assert_eq!((told.complete, told.skipped.len()), (48, 0));
    // What came later does not change what is said of an earlier month.
    let mut other = whole.clone();
    for cell in other.cells.iter_mut().filter(|c| c.month() > Month::new(2024, 6)) {
        cell.amount = Exact(cell.amount.0 * 3);
    }
    let changed = backtested(&other).unwrap();
    let before = |all: &Backtest| -> Vec<[String; 3]> {
        let early = all.lines.iter().filter(|l| l.origin <= Month::new(2024, 6));
        early.map(|l| [l.low.clone(), l.median.clone(), l.high.clone()]).collect()
    };
    assert!(before(&told).len() > 20);
    assert_eq!(before(&told), before(&changed));
    // And what came is what came: the sum of the months after the origin, to the cent.
    let line = told.lines.iter().find(|l| l.months == 24).unwrap();
    let sum: i128 = whole
        .cells
        .iter()
        .filter(|c| c.month() > line.origin && c.month() <= line.origin.plus(24))
        .map(|c| c.amount.0)
        .sum();
    let money = kernel::Money::new(Exact(sum).to_minor(2).unwrap(), "EUR".parse().unwrap());
    assert_eq!(line.actual, money.amount_text());
}

#[test]
fn a_steady_past_is_foretold() {
    // Seven years of a catalogue with a tenth of noise: spans of one, two and three years.
    let recipe = Recipe { months: 84, ..PLAIN };
    let told = backtested(&catalogue(&recipe, 0.1, 5).statement).unwrap();
    assert_eq!(told.summary.iter().map(|s| s.months).collect::<Vec<_>>(), [12, 24, 36]);
    for span in &told.summary {
        assert!(span.median_error_bp.abs() < 1_000, "{span:?}");
        assert!(span.score_bp < span.flat_score_bp, "{span:?}");
        assert!(span.score_bp < span.usual_score_bp, "{span:?}");
    }
    assert!(told.lines.len() <= 36 * 3, "origins are bounded");
}

#[test]
fn too_few_months_are_said_so() {
    let failed = backtested(&falling(18, 10_000, 0)).unwrap_err();
    assert_eq!(failed.code, "history_too_short");
    assert!(failed.message.starts_with("17 complete months"), "{}", failed.message);
    assert!(failed.message.contains("18"), "{}", failed.message);
    assert_eq!(backtested(&falling(19, 10_000, 0)).unwrap().lines.len(), 1);
    assert_eq!(backtested(&Aggregates::default()).unwrap_err().code, "no_rows");
}
