//! `cargo xtask test`: everything, in order, with a summary.

use std::path::Path;
use std::process::Command;

use clap::ValueEnum;

use crate::engines::{Had, Session};
use crate::postgres::Postgres;
use crate::report::{Outcome, Report};
use crate::server::Demo;
use crate::tally::Tally;
use crate::{console, fuzz, sh, tidy, tools, tutorial};

/// What to leave out.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave a step out (may be given several times).
    #[arg(long, value_enum, value_name = "STEP")]
    without: Vec<Step>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    Fmt,
    Clippy,
    Tidy,
    Rust,
    Ui,
    E2e,
    Fuzz,
    Tutorial,
}

/// How the workspace is compiled for its tests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compile {
    /// As everybody compiles it; lints have a step of their own.
    Plain,
    /// Lints look on. Where nothing is compiled yet, what we depend on is then compiled once, not
    /// once for lints and once more for tests: a quarter of the whole run.
    Linted,
}

impl Compile {
    const fn what(self) -> &'static str {
        match self {
            Self::Plain => "program and tests, one profile for all",
            Self::Linted => {
                "program and tests, one profile for all; every warning of a lint counts"
            }
        }
    }

    /// Cargo, with the compiler of the workspace's own packages.
    fn cargo(self, args: &[&str]) -> Command {
        let mut cargo = sh::cargo(args);
        if self == Self::Linted {
            // What `cargo clippy` itself sets, for a build instead of a check.
            let driver = Path::new(cargo.get_program()).with_file_name("clippy-driver");
            cargo.env("RUSTC_WORKSPACE_WRAPPER", driver);
            cargo.env("CLIPPY_ARGS", ["-D", "warnings", ""].join("__CLIPPY_HACKERY__"));
        }
        cargo
    }
}

/// Runs every step that is not left out.
pub(crate) fn run(args: &Args) -> sh::Result {
    let wanted = |step| !args.without.contains(&step);
    // Continuous integration has every tool: there, "could not run" must not look like success.
    let ci = std::env::var_os("CI").is_some();
    let mut report = Report::strict(ci);
    let compile = if ci && wanted(Step::Clippy) { Compile::Linted } else { Compile::Plain };
    // What is missing is installed while cargo compiles.
    let engines = wanted(Step::Rust).then(Session::begin);
    if wanted(Step::Fmt) {
        report.step("fmt", "is the Rust code formatted?", || {
            passed(sh::run(sh::cargo(&["fmt", "--all", "--check"])))
        });
    }
    if wanted(Step::Clippy) && compile == Compile::Plain {
        report.step("clippy", "lints, every warning counts", || {
            let lint = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
            passed(sh::run(sh::cargo(&lint)))
        });
    }
    if wanted(Step::Tidy) {
        report.step("tidy", "does the code keep the plan of the house?", || passed(tidy::run()));
    }
    let run = [Step::Rust, Step::E2e, Step::Fuzz, Step::Tutorial].into_iter().any(wanted);
    if run || compile == Compile::Linted {
        report.step("build", compile.what(), || {
            passed(sh::run(compile.cargo(&["build", "--workspace", "--all-targets"])))
        });
    }
    if let Some(engines) = engines {
        let mut tested = Vec::new();
        report.step("rust", "models, services on every engine, journeys", || {
            rust(engines, compile, &mut tested)
        });
        report.note("\n━━ tests that passed, by the engine they ran on".into());
        tested.into_iter().for_each(|row| report.note(row));
    }
    if wanted(Step::Ui) || wanted(Step::E2e) {
        report.step("ui", "the console: types, lints, unit tests, build", ui);
    }
    if wanted(Step::E2e) {
        report.step("e2e", "the console in a real browser on a running demo", e2e);
    }
    if wanted(Step::Fuzz) {
        report.step("fuzz", "random requests: every answer is a described one", || {
            with(tools::curl().and(tools::python()), fuzz::run)
        });
    }
    if wanted(Step::Tutorial) {
        report.step("tutorial", "does every line of the tutorial work?", || {
            with(tools::curl().and(tools::jq()), tutorial::run)
        });
    }
    report.finish()
}

fn passed(done: sh::Result) -> Result<Outcome, String> {
    done.map(|()| Outcome::Passed)
}

/// Without its tools a step is skipped, and says how to get them.
fn with<T>(tools: sh::Result<T>, step: impl Fn() -> sh::Result) -> Result<Outcome, String> {
    match tools {
        Ok(_) => passed(step()),
        Err(why) => Ok(Outcome::Skipped(why)),
    }
}

/// Without PostgreSQL the tests still run on SQLite, but the step does not count as passed. Any
/// other engine that cannot be had on this machine is a row that says why, also where every tool
/// should be: its embedded twin was tested.
fn rust(
    mut engines: Session,
    compile: Compile,
    tested: &mut Vec<String>,
) -> Result<Outcome, String> {
    if let Err(why) = tools::pdftotext() {
        out!("note: documents are not read back: {why}");
    }
    // Every failure in one run; a test's own sentence says more than the stack below it.
    let mut test = compile.cargo(&["test", "--workspace", "--no-fail-fast"]);
    test.env("RUST_BACKTRACE", "0");
    let postgres = Postgres::start();
    let mut had = engines.up()?;
    had.push(Had {
        name: "postgres",
        found: postgres.as_ref().map_err(Clone::clone).map(|p| vec![(POSTGRES, p.url())]),
    });
    for (name, value) in had.iter().filter_map(|h| h.found.as_ref().ok()).flatten() {
        test.env(name, value);
    }
    let mut tally = Tally::default();
    let done = sh::watch(test, &mut |line| tally.look(line));
    *tested = tally.rows(&had);
    tested.iter().for_each(|row| out!("{row}"));
    done?;
    Ok(match postgres {
        Ok(_) => Outcome::Passed,
        Err(why) => Outcome::Skipped(format!("SQLite passed, PostgreSQL was not there: {why}")),
    })
}

const POSTGRES: &str = "KONTOR_TEST_POSTGRES";

fn ui() -> Result<Outcome, String> {
    if let Err(why) = tools::node() {
        return Ok(Outcome::Skipped(why));
    }
    console::install()?;
    sh::run(console::npm(&["run", "check"]))?;
    sh::run(console::npm(&["test"]))?;
    passed(console::build())
}

fn e2e() -> Result<Outcome, String> {
    let browser = match tools::node().and_then(|()| tools::chromium()) {
        Ok(browser) => browser,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let demo = Demo::start()?;
    let mut journeys = console::npm(&["run", "e2e"]);
    journeys.env("KONTOR_URL", demo.url()).env("KONTOR_CHROMIUM", browser);
    let done = sh::run(journeys);
    if done.is_err() {
        out!("the end of the server's log:\n{}", demo.last_words());
        out!("screenshots and traces: ui/test-results, ui/playwright-report");
    }
    passed(done)
}
