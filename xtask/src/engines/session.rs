//! The engines of one test run: what is missing is installed while the run compiles, what does
//! not run is started when the tests begin, and what was started is stopped when they are over.
//!
//! PostgreSQL is not among them: a run has a private one, thrown away afterwards
//! (`crate::postgres`).

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::catalogue::{ALL, Engine};
use super::place::Place;
use super::{one, start, write_env};
use crate::sh::{self, Result};

/// Several times what a busy machine took for the slowest.
const INSTALLS_WITHIN: Duration = Duration::from_secs(900);
/// Engines that are installed one after the other, beside those of the other lane: Go builds one
/// program on every core, and Maven does not share its repository with a second Maven.
const LANES: [&[&str]; 2] =
    [&["toxiproxy", "s3", "opa"], &["redis", "mail", "kafka", "registry", "keycloak"]];

/// Why an engine is not there; by its name.
type Missing = Vec<(&'static str, String)>;

/// The engines of one run; dropping it stops what it started.
pub(crate) struct Session {
    lanes: Vec<JoinHandle<Missing>>,
    started: Vec<&'static Engine>,
}

/// What a run has of one engine.
pub(crate) struct Had {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The variables that say where it is, or why it is not there.
    pub(crate) found: Result<Vec<(&'static str, String)>>,
}

impl Session {
    /// Begins to install what is missing, beside whatever is done meanwhile.
    pub(crate) fn begin() -> Self {
        let lane = |names: &'static [&'static str]| {
            std::thread::spawn(move || {
                let failed = |name: &&'static str| Some((*name, install(name).err()?));
                names.iter().filter_map(failed).collect()
            })
        };
        Self { lanes: LANES.into_iter().map(lane).collect(), started: Vec::new() }
    }

    /// Waits for what is being installed, and starts what does not run.
    pub(crate) fn up(&mut self) -> Result<Vec<Had>> {
        let mut missing = Missing::new();
        for lane in self.lanes.drain(..) {
            missing.extend(lane.join().map_err(|_| "installing engines panicked")?);
        }
        let all = ALL.iter().filter(|e| e.name != "postgres");
        let had: Vec<Had> = all
            .map(|engine| {
                let why = missing.iter().find(|(name, _)| *name == engine.name);
                let found = match why {
                    Some((_, why)) => Err(why.clone()),
                    None => self.bring_up(engine),
                };
                Had { name: engine.name, found }
            })
            .collect();
        write_env()?;
        if !self.started.is_empty() {
            let names: Vec<&str> = self.started.iter().map(|e| e.name).collect();
            out!("started for this run, stopped at its end: {}", names.join(", "));
        }
        Ok(had)
    }

    fn bring_up(&mut self, engine: &'static Engine) -> Result<Vec<(&'static str, String)>> {
        if let Some(named) = named(engine)? {
            return Ok(named);
        }
        let place = Place::of(engine)?;
        if !(place.running() && (engine.ready)(&place)) {
            start(engine).map_err(|why| last_line(&why))?;
            self.started.push(engine);
        }
        Ok((engine.variables)(&Place::of(engine)?))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for engine in self.started.drain(..).rev() {
            if let Err(why) = Place::of(engine).and_then(|mut place| place.stop()) {
                err!("note: {} was not stopped: {why}", engine.name);
            }
        }
        if let Err(why) = write_env() {
            err!("note: {why}");
        }
    }
}

/// The engine that the environment names, which is then nobody's to start.
pub(super) fn named(engine: &Engine) -> Result<Option<Vec<(&'static str, String)>>> {
    let place = Place::of(engine)?;
    let given = (engine.variables)(&place).into_iter().map(|(name, _)| {
        let value = std::env::var(name).ok().filter(|v| !v.is_empty())?;
        Some((name, value))
    });
    Ok(given.collect())
}

/// Installs one engine by a process of its own, which can be stopped when it takes too long.
fn install(name: &'static str) -> Result {
    let engine = one(name)?;
    let place = Place::of(engine)?;
    if named(engine)?.is_some() || place.running() {
        return Ok(());
    }
    let log = place.at("install.log");
    let output = File::create(&log).map_err(|e| format!("{}: {e}", log.display()))?;
    let errors = output.try_clone().map_err(|e| e.to_string())?;
    let mut child = Command::new(this_program()?)
        .args(["engines", "install", name])
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .map_err(|e| format!("it could not be installed: {e}"))?;
    let until = Instant::now() + INSTALLS_WITHIN;
    loop {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            return if status.success() { Ok(()) } else { Err(last_line(&said)) };
        }
        if Instant::now() > until {
            let group = format!("-{}", child.id());
            drop(sh::output(sh::command("kill", &["-KILL", "--", &group])));
            drop(child.wait());
            let minutes = INSTALLS_WITHIN.as_secs() / 60;
            return Err(format!("it was not installed within {minutes} min"));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// What runs now, also when it was compiled anew meanwhile and its file is another one.
fn this_program() -> Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe().map_err(|e| e.to_string()) }
}

/// The end of what a program said, in which the reason is.
fn last_line(said: &str) -> String {
    let line = said.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("it said nothing");
    line.trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_but_the_database_is_in_one_lane() {
        let mut lanes: Vec<&str> = LANES.concat();
        lanes.push("postgres");
        lanes.sort_unstable();
        let mut all: Vec<&str> = ALL.iter().map(|e| e.name).collect();
        all.sort_unstable();
        assert_eq!(lanes, all);
    }

    #[test]
    fn the_reason_is_what_was_said_last() {
        assert_eq!(last_line("trying\nerror: no network\n\n"), "no network");
        assert_eq!(last_line(""), "it said nothing");
    }
}
