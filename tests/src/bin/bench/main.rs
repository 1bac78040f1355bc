//! `bench deals|ledger|http|start|engines|grow`: how fast the house is, beside a baseline in the
//! same run. `bench calibration`: how well the valuation's band holds, beside the model before.
//!
//! Speed depends on the machine, so nothing here passes or fails; the table says what was
//! measured, with which settings, and how far that is from the bar the house has set itself.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]
#![expect(clippy::float_arithmetic, reason = "seconds and ratios, never money")]

mod calibration;
mod deals;
mod engines;
mod grow;
mod http;
mod ledger;
mod ledger_by_hand;
mod measured;
mod report;
mod start;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

#[derive(Parser)]
#[command(name = "bench", about = "Measures the house beside a baseline")]
struct Cli {
    /// What is measured.
    what: What,
    /// A PostgreSQL with its default durability, for `ledger` and `grow`.
    #[arg(long)]
    postgres: Option<String>,
    /// A Python with pandas and polars, for `deals`.
    #[arg(long)]
    python: Option<PathBuf>,
    /// The page whose section is replaced.
    #[arg(long)]
    write: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Deals,
    Ledger,
    Http,
    Start,
    Engines,
    Grow,
    Calibration,
    /// Not measured: the server that others are measured against.
    #[value(hide = true)]
    Bare,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.what {
        What::Deals => deals::run(cli.python.as_deref()).await,
        What::Ledger => ledger::run(cli.postgres.as_deref()).await,
        What::Http => http::run().await,
        What::Start => start::run().await,
        What::Engines => engines::run().await,
        What::Grow => grow::run(cli.postgres.as_deref()).await,
        What::Calibration => calibration::run(),
        What::Bare => match engines::serve_bare().await {
            Ok(()) => return ExitCode::SUCCESS,
            Err(why) => Err(why),
        },
    };
    let shown = done.and_then(|section| {
        println!("{}", section.markdown());
        cli.write.map_or(Ok(()), |page| section.write(&page))
    });
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}
