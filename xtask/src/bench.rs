//! `cargo xtask bench`: how fast the house is, and how well its valuation holds; see
//! `tests/src/bin/bench`.

use crate::engines::Session;
use crate::postgres::Postgres;
use crate::{server, sh, venv};

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// deals, ledger, http, start, engines, grow or calibration; all of them without it.
    #[arg(value_parser = ["deals", "ledger", "http", "start", "engines", "grow", "calibration"])]
    what: Option<String>,
    /// Put the table into docs/benchmarks.md (docs/valuation.md for calibration).
    #[arg(long)]
    write: bool,
}

/// Builds with the release profile and measures.
pub(crate) fn run(args: &Args) -> sh::Result {
    out!("release build (the first time some twenty minutes on two cores)");
    sh::run(sh::cargo(&["build", "--workspace", "--release", "--bins"]))?;
    let all = ["start", "deals", "ledger", "http", "grow", "engines", "calibration"];
    let wanted = args.what.as_deref().map_or(all.to_vec(), |one| vec![one]);
    wanted.into_iter().try_for_each(|what| measure(what, args.write))
}

fn measure(what: &str, write: bool) -> sh::Result {
    let mut bench = sh::command(server::release("bench"), &[what]);
    if write {
        // How well the band holds is told beside the formulas, not among the speeds.
        let page = if what == "calibration" { "docs/valuation.md" } else { "docs/benchmarks.md" };
        bench.arg("--write").arg(sh::root().join(page));
    }
    match what {
        "deals" => {
            bench.arg("--python").arg(venv::ready("bench")?.join("python"));
            sh::run(bench)
        }
        "ledger" | "grow" => {
            let postgres = Postgres::start_durable()?;
            bench.args(["--postgres", &postgres.url()]);
            sh::run(bench)
        }
        "engines" => {
            let mut session = Session::begin();
            for had in session.up()? {
                match had.found {
                    Ok(variables) => drop(bench.envs(variables)),
                    Err(why) => out!("without {}: {why}", had.name),
                }
            }
            let postgres = Postgres::start_durable()?;
            bench.env("KONTOR_TEST_POSTGRES", postgres.url());
            sh::run(bench)
        }
        _ => sh::run(bench),
    }
}
