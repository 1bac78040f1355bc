//! `cargo xtask`: everything that is done with the house from outside, in one place.

#[macro_use]
mod last;

mod bench;
mod chaos;
mod cluster;
mod console;
mod engines;
mod fuzz;
mod pictures;
mod postgres;
mod report;
mod run;
mod server;
mod sh;
mod tally;
mod test;
mod tidy;
mod tools;
mod tutorial;
mod venv;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// Builds, tests and guards Kontor.
#[derive(Parser)]
#[command(name = "cargo xtask", about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Build console and program, start the demo on http://localhost:3000.
    Run(run::Args),
    /// Everything: format, lints, plan, tests, console, journeys, fuzzing, tutorial.
    Test(test::Args),
    /// Measure speed and memory with a release build, beside a baseline.
    Bench(bench::Args),
    /// Kill servers and break links at random moments; nothing may be lost or done twice.
    Chaos(chaos::Args),
    /// The house as a cluster of processes on real engines: start, walk through, stop, look.
    #[command(subcommand)]
    Cluster(cluster::Command),
    /// The real engines behind the house's ports: install, start, stop, look.
    #[command(subcommand)]
    Engines(engines::Command),
    /// Check the plan of the house: tiers, rooms, SQL, routes, codes, licences, links.
    Tidy,
    /// Random requests on a running demo: every answer must be a described one.
    Fuzz,
    /// Run every line of docs/tutorial.md on a fresh demo.
    Tutorial,
    /// Format Rust and console.
    Fmt,
    /// Take the pictures in docs/pictures from a running demo.
    Pictures(pictures::Args),
    /// Remove what was built and the demo's data.
    Clean,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        None => Cli::command().print_help().map_err(|e| e.to_string()),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Test(args)) => test::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Chaos(args)) => chaos::run(&args),
        Some(Command::Cluster(command)) => cluster::run(&command),
        Some(Command::Engines(command)) => engines::run(&command),
        Some(Command::Tidy) => tidy::run(),
        Some(Command::Fuzz) => fuzz::run(),
        Some(Command::Tutorial) => tutorial::run(),
        Some(Command::Fmt) => fmt(),
        Some(Command::Pictures(args)) => pictures::run(&args),
        Some(Command::Clean) => clean(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            err!("\nerror: {message}");
            ExitCode::FAILURE
        }
    }
}

fn fmt() -> sh::Result {
    sh::run(sh::cargo(&["fmt", "--all"]))?;
    console::install()?;
    sh::run(console::npm(&["run", "--silent", "format"]))
}

fn clean() -> sh::Result {
    for folder in ["data", "ui/dist", "ui/test-results", "ui/playwright-report"] {
        let path = sh::root().join(folder);
        if path.exists() {
            out!("removing {folder}");
            std::fs::remove_dir_all(&path).map_err(|e| format!("{folder}: {e}"))?;
        }
    }
    sh::run(sh::cargo(&["clean"]))
}
