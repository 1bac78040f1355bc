//! `cargo xtask cluster`: the house as a cluster of processes on real engines, on this machine;
//! see `tests/src/bin/cluster`.

use std::process::Command as Program;

use crate::engines;
use crate::{server, sh};

/// What is done with the cluster.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Bring the engines up, make a cluster when there is none, start what does not run.
    Up,
    /// Walk the main job through the gateway and look at every engine afterwards.
    Journey,
    /// Stop its processes; the data stays, and the engines run on.
    Down {
        /// Remove its data, too.
        #[arg(long)]
        wipe: bool,
    },
    /// Say what runs, and where.
    Status,
}

/// Runs one of the commands.
pub(crate) fn run(command: &Command) -> sh::Result {
    match command {
        Command::Up => {
            build()?;
            up()
        }
        Command::Journey => {
            build()?;
            sh::run(program(&["journey"])?)
        }
        Command::Down { wipe } => {
            let words: &[&str] = if *wipe { &["down", "--wipe"] } else { &["down"] };
            sh::run(program(words)?)
        }
        Command::Status => sh::run(program(&["status"])?),
    }
}

/// Chaos on a cluster, which is brought up when it is not.
pub(crate) fn chaos(minutes: u64, seed: Option<u64>) -> sh::Result {
    build()?;
    up()?;
    let mut chaos = program(&["chaos", "--minutes", &minutes.to_string()])?;
    if let Some(seed) = seed {
        chaos.args(["--seed", &seed.to_string()]);
    }
    sh::run(chaos)
}

fn build() -> sh::Result {
    sh::run(sh::cargo(&["build", "--workspace", "--all-targets"]))
}

fn up() -> sh::Result {
    engines::up_for_cluster()?;
    sh::run(program(&["up"])?)
}

/// The program, told where the engines are.
fn program(words: &[&str]) -> sh::Result<Program> {
    let folder = engines::cluster_folder()?.display().to_string();
    let file = server::program().with_file_name("cluster");
    if !file.is_file() {
        build()?;
    }
    let mut program = sh::command(file, &["--folder", &folder]);
    program.args(words).envs(engines::where_they_are()?);
    Ok(program)
}
