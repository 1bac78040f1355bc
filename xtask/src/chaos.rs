//! `cargo xtask chaos`: real servers, killed at random moments; see `tests/src/bin/chaos`, and
//! for a cluster with links that break `tests/src/bin/cluster`.

use crate::postgres::Postgres;
use crate::{cluster, server, sh};

/// What is killed, how often, and on which database.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// deals: one server; cluster: a cluster of processes and its links.
    #[arg(value_parser = ["deals", "cluster"])]
    what: String,
    /// How often the one server is killed.
    #[arg(long, default_value_t = 100)]
    kills: u32,
    /// How long a cluster is in trouble.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Repeats what was sent and how long servers lived.
    #[arg(long)]
    seed: Option<u64>,
    /// The one server on a private PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
}

/// Builds, kills and checks.
pub(crate) fn run(args: &Args) -> sh::Result {
    if args.what == "cluster" {
        return cluster::chaos(args.minutes, args.seed);
    }
    sh::run(sh::cargo(&["build", "--workspace", "--all-targets"]))?;
    let mut chaos = sh::command(server::program().with_file_name("chaos"), &[&args.what]);
    chaos.args(["--kills", &args.kills.to_string()]);
    if let Some(seed) = args.seed {
        chaos.args(["--seed", &seed.to_string()]);
    }
    if !args.postgres {
        return sh::run(chaos);
    }
    let postgres = Postgres::start()?;
    chaos.args(["--postgres", &postgres.url()]);
    sh::run(chaos)
}
