//! `cargo xtask engines`: the real engines behind the house's ports, on this machine, without
//! Docker: installed once into the user's cache, started on loopback, stopped by their pid.

mod catalogue;
mod cluster;
mod identity;
mod install;
mod java;
mod kafka;
mod place;
mod session;
mod small;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};

use crate::sh::Result;
use catalogue::{ALL, Engine};
pub(crate) use cluster::{cluster_folder, up_for_cluster, where_they_are};
use place::Place;
pub(crate) use session::{Had, Session};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Install what is missing, start what does not run, wait until it is ready.
    Up(Up),
    /// Install what is missing, start nothing.
    Install {
        /// Which; all without one.
        names: Vec<String>,
    },
    /// Stop; the data stays.
    Down {
        /// Which; all without one.
        names: Vec<String>,
        /// Remove the data, too.
        #[arg(long)]
        wipe: bool,
    },
    /// Say what runs, where, since which version and in how much memory.
    Status,
    /// Print the end of an engine's log.
    Logs {
        /// Which.
        name: String,
        /// How many lines.
        #[arg(long, default_value_t = 60)]
        lines: usize,
    },
}

#[derive(Args)]
pub(crate) struct Up {
    /// Which; all without one.
    names: Vec<String>,
    /// A fixed port instead of a free one: `--port redis=6379`.
    #[arg(long = "port", value_name = "NAME=PORT")]
    ports: Vec<String>,
}

/// Runs one of the commands.
pub(crate) fn run(command: &Command) -> Result {
    match command {
        Command::Up(up) => bring_up(up),
        Command::Install { names } => {
            chosen(names)?.into_iter().try_for_each(|engine| (engine.install)().map(drop))
        }
        Command::Down { names, wipe } => take_down(names, *wipe),
        Command::Status => status(),
        Command::Logs { name, lines } => {
            out!("{}", Place::of(one(name)?)?.last_words(*lines));
            Ok(())
        }
    }
}

fn bring_up(up: &Up) -> Result {
    let wanted = chosen(&up.names)?;
    for asked in &up.ports {
        let (name, port) = asked.split_once('=').ok_or("--port takes NAME=PORT")?;
        let port = port.parse().map_err(|_| format!("'{port}' is not a port"))?;
        Place::of(one(name)?)?.fix_port(port)?;
    }
    let mut failed = Vec::new();
    for engine in wanted {
        // One that cannot be had on this machine must not keep the others from running.
        if let Err(why) = start(engine) {
            out!("{:<10} not started: {why}", engine.name);
            failed.push(engine.name);
        }
    }
    write_env()?;
    if failed.is_empty() { Ok(()) } else { Err(format!("not started: {}", failed.join(", "))) }
}

fn start(engine: &Engine) -> Result {
    let mut place = Place::of(engine)?;
    if place.running() && (engine.ready)(&place) {
        out!("{:<10} runs at {}", engine.name, place.address());
        return Ok(());
    }
    place.stop()?;
    let began = Instant::now();
    let program = (engine.install)()?;
    let installed = began.elapsed();
    place.choose_ports(engine.ports)?;
    let began = Instant::now();
    place.spawn(&(engine.command)(&place, &program)?)?;
    let until = Instant::now() + Duration::from_secs(engine.starts_within_s);
    while !(engine.ready)(&place) {
        if !place.running() {
            return Err(format!("it stopped at once:\n{}", place.last_words(20)));
        }
        if Instant::now() > until {
            place.stop()?;
            return Err(format!("it was not ready in time:\n{}", place.last_words(20)));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    out!(
        "{:<10} {} ready at {} after {:.1} s (installing took {:.1} s)",
        engine.name,
        engine.version,
        place.address(),
        began.elapsed().as_secs_f64(),
        installed.as_secs_f64()
    );
    Ok(())
}

fn take_down(names: &[String], wipe: bool) -> Result {
    for engine in chosen(names)?.into_iter().rev() {
        let mut place = Place::of(engine)?;
        if place.running() {
            place.stop()?;
            out!("{:<10} stopped", engine.name);
        }
        if wipe {
            place.wipe()?;
        }
    }
    write_env()
}

fn status() -> Result {
    for engine in ALL {
        let place = Place::of(engine)?;
        let state = match (place.running(), place.running() && (engine.ready)(&place)) {
            (true, true) => format!("ready at {}, {} MB", place.address(), place.memory_mb()),
            (true, false) => {
                format!("started, not ready: cargo xtask engines logs {}", engine.name)
            }
            _ => "stopped".into(),
        };
        out!("{:<10} {:<8} {state}  ({})", engine.name, engine.version, engine.about);
    }
    out!("\nwhere they are: {}", env_file()?.display());
    Ok(())
}

/// What runs, as variables that the tests and `kontor serve` read.
fn write_env() -> Result {
    let mut text = String::from("# Written by `cargo xtask engines`.\n");
    for engine in ALL {
        let place = Place::of(engine)?;
        if place.running() {
            for (name, value) in (engine.variables)(&place).into_iter().chain(more(engine, &place))
            {
                text.push_str(&format!("{name}={value}\n"));
            }
        }
    }
    let file = env_file()?;
    std::fs::write(&file, text).map_err(|e| format!("{}: {e}", file.display()))
}

/// What is said of an engine beside its variables: whoever names an engine of his own need not
/// say it.
fn more(engine: &Engine, place: &Place) -> Option<(&'static str, String)> {
    if engine.name == "kafka" { kafka::link(place) } else { None }
}

fn env_file() -> Result<PathBuf> {
    Ok(place::home()?.join("engines.env"))
}

fn chosen(names: &[String]) -> Result<Vec<&'static Engine>> {
    if names.is_empty() {
        return Ok(ALL.iter().collect());
    }
    names.iter().map(|name| one(name)).collect()
}

fn one(name: &str) -> Result<&'static Engine> {
    let known = || ALL.iter().map(|e| e.name).collect::<Vec<_>>().join(", ");
    ALL.iter()
        .find(|e| e.name == name)
        .ok_or_else(|| format!("there is no engine '{name}'; there are: {}", known()))
}
