//! Steps with headings, and a summary with times at the end.

use std::time::{Duration, Instant};

use crate::last;

/// How a step ended.
pub(crate) enum Outcome {
    /// Everything it checks is right.
    Passed,
    /// It could not run here; why, and how to get what is missing.
    Skipped(String),
}

/// A step that is over.
struct Row {
    name: &'static str,
    outcome: Result<Outcome, String>,
    took: Duration,
    /// The last lines of what it printed.
    last: Vec<String>,
}

/// The steps so far.
#[derive(Default)]
pub(crate) struct Report {
    /// Where every tool can be had, a step that could not run has failed.
    strict: bool,
    rows: Vec<Row>,
    /// What the summary says beside the steps.
    notes: Vec<String>,
}

impl Report {
    /// A report in which a skipped step counts as failed.
    pub(crate) fn strict(strict: bool) -> Self {
        Self { strict, ..Self::default() }
    }

    /// Runs a step under a heading. A failure is kept for the summary; later steps still run, so
    /// that one look shows everything that is wrong.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        what: &str,
        work: impl FnOnce() -> Result<Outcome, String>,
    ) {
        out!("\n━━ {name}: {what}");
        let started = Instant::now();
        last::keep();
        let outcome = match work() {
            Ok(Outcome::Skipped(why)) if self.strict => Err(format!("could not run: {why}")),
            other => other,
        };
        let took = started.elapsed();
        out!("── {name}: {} in {}", verdict(&outcome), seconds(took));
        self.rows.push(Row { name, outcome, took, last: last::take() });
    }

    /// A line that stands under the summary.
    pub(crate) fn note(&mut self, line: String) {
        self.notes.push(line);
    }

    /// Prints the summary, then how failed steps ended; an error when there are some.
    pub(crate) fn finish(self) -> Result<(), String> {
        out!("\n━━ summary");
        for row in &self.rows {
            out!("{:<10} {:>8}   {}", row.name, seconds(row.took), verdict(&row.outcome));
        }
        out!("{:<10} {:>8}", "total", seconds(self.rows.iter().map(|row| row.took).sum()));
        for line in &self.notes {
            out!("{line}");
        }
        let failed: Vec<&Row> = self.rows.iter().filter(|row| row.outcome.is_err()).collect();
        for row in &failed {
            show_end(row);
        }
        let names: Vec<&str> = failed.iter().map(|row| row.name).collect();
        if names.is_empty() { Ok(()) } else { Err(format!("failed: {}", names.join(", "))) }
    }
}

/// Nobody has to look through the whole log for what failed.
fn show_end(row: &Row) {
    if row.last.is_empty() {
        return;
    }
    out!("\n━━ {} FAILED; what it printed last:", row.name);
    for line in &row.last {
        out!("{line}");
    }
}

fn verdict(outcome: &Result<Outcome, String>) -> String {
    match outcome {
        Ok(Outcome::Passed) => "passed".into(),
        Ok(Outcome::Skipped(why)) => format!("skipped: {why}"),
        Err(why) => format!("FAILED: {why}"),
    }
}

fn seconds(d: Duration) -> String {
    let s = d.as_secs();
    if s < 60 {
        format!("{s}.{} s", d.subsec_millis() / 100)
    } else {
        format!("{}m {:02}s", s / 60, s % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_fails_the_whole_and_is_named() {
        let mut report = Report::default();
        report.step("good", "passes", || Ok(Outcome::Passed));
        report.step("bad", "fails", || Err("broken".into()));
        report.step("away", "cannot run", || Ok(Outcome::Skipped("no tool".into())));
        assert_eq!(report.finish(), Err("failed: bad".into()));
    }

    #[test]
    fn where_every_tool_can_be_had_a_skipped_step_fails() {
        let mut report = Report::strict(true);
        report.step("away", "cannot run", || Ok(Outcome::Skipped("no tool".into())));
        assert_eq!(report.finish(), Err("failed: away".into()));
    }

    #[test]
    fn skipped_steps_do_not_fail() {
        let mut report = Report::default();
        report.step("away", "cannot run", || Ok(Outcome::Skipped("no tool".into())));
        assert_eq!(report.finish(), Ok(()));
    }
}
