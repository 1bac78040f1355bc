//! Steps with headings, and a summary with times at the end.

use std::time::{Duration, Instant};

/// How a step ended.
pub(crate) enum Outcome {
    /// Everything it checks is right.
    Passed,
    /// It could not run here; why, and how to get what is missing.
    Skipped(String),
}

/// The steps so far.
#[derive(Default)]
pub(crate) struct Report {
    /// Where every tool can be had, a step that could not run has failed.
    strict: bool,
    rows: Vec<(&'static str, Result<Outcome, String>, Duration)>,
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
        println!("\n━━ {name}: {what}");
        let started = Instant::now();
        let outcome = match work() {
            Ok(Outcome::Skipped(why)) if self.strict => Err(format!("could not run: {why}")),
            other => other,
        };
        let took = started.elapsed();
        println!("── {name}: {} in {}", verdict(&outcome), seconds(took));
        self.rows.push((name, outcome, took));
    }

    /// Prints the summary; an error when a step failed.
    pub(crate) fn finish(self) -> Result<(), String> {
        println!("\n━━ summary");
        let mut failed = Vec::new();
        let mut total = Duration::ZERO;
        for (name, outcome, took) in &self.rows {
            println!("{name:<10} {:>8}   {}", seconds(*took), verdict(outcome));
            total += *took;
            if outcome.is_err() {
                failed.push(*name);
            }
        }
        println!("{:<10} {:>8}", "total", seconds(total));
        if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
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
