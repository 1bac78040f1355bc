//! `kontor value --backtest` for people.

use std::fmt::Write as _;

use deals::valuation::model::{Backtest, BacktestLine, BacktestSummary};

/// The table of origins and the summary.
pub(super) fn text(b: &Backtest) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _infallible =
        head(&mut out, b).and_then(|()| lines(&mut out, b)).and_then(|()| summary(&mut out, b));
    out.trim_end().to_owned()
}

fn head(out: &mut String, b: &Backtest) -> std::fmt::Result {
    writeln!(
        out,
        "model {} against its own past: {} complete months, {} to {}, amounts in {}",
        b.version,
        b.complete,
        b.from,
        b.to,
        b.currency.code()
    )?;
    writeln!(out, "each line: valued with the months up to the origin only, then what came in\n")
}

fn lines(out: &mut String, b: &Backtest) -> std::fmt::Result {
    writeln!(
        out,
        "  {:<7} {:>5} {:>6} {:>14} {:>14} {:>14} {:>14}  inside",
        "origin", "known", "months", "low", "median", "high", "actual"
    )?;
    for l in &b.lines {
        line(out, l)?;
    }
    for s in &b.skipped {
        writeln!(out, "  {:<7} not valued: {}", s.origin.to_string(), s.why)?;
    }
    Ok(())
}

fn line(out: &mut String, l: &BacktestLine) -> std::fmt::Result {
    writeln!(
        out,
        "  {:<7} {:>5} {:>6} {:>14} {:>14} {:>14} {:>14}  {}",
        l.origin.to_string(),
        l.known,
        l.months,
        l.low,
        l.median,
        l.high,
        l.actual,
        if l.inside { "yes" } else { "no" }
    )
}

fn summary(out: &mut String, b: &Backtest) -> std::fmt::Result {
    writeln!(out, "\n  months  origins   inside  median off   score  flat year  usual decay")?;
    for s in &b.summary {
        span(out, s)?;
    }
    writeln!(out, "  inside: 80% is promised; origins overlap, so they are no independent trials")?;
    writeln!(
        out,
        "  score: mean pinball loss of low, median and high in parts of a year's earnings, \
         less is better;\n  beside it the last twelve months repeated, and falling as usual"
    )
}

fn span(out: &mut String, s: &BacktestSummary) -> std::fmt::Result {
    writeln!(
        out,
        "  {:>6}  {:>7}  {:>7}  {:>10}  {:>6}  {:>9}  {:>11}",
        s.months,
        s.origins,
        percent(s.inside_bp),
        percent(s.median_error_bp),
        percent(s.score_bp),
        percent(s.flat_score_bp),
        percent(s.usual_score_bp)
    )
}

/// Basis points as percent with one digit.
fn percent(bp: i64) -> String {
    let tenths = bp / 10;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}%", tenths.abs() / 10, tenths.abs() % 10)
}
