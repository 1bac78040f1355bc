//! `cargo xtask chaos`: real servers, killed at random moments; see `tests/src/bin/chaos`.

use crate::postgres::Postgres;
use crate::{server, sh};

/// What is killed, how often, and on which database.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What is driven meanwhile.
    #[arg(value_parser = ["deals"])]
    what: String,
    /// How often the server is killed.
    #[arg(long, default_value_t = 100)]
    kills: u32,
    /// Repeats what was sent and how long servers lived.
    #[arg(long)]
    seed: Option<u64>,
    /// On a private PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
}

/// Builds, kills and checks.
pub(crate) fn run(args: &Args) -> sh::Result {
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
