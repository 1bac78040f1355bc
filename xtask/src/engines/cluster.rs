//! What a cluster needs of the engines (`crate::cluster`): those that it stands on, where they
//! are, and a folder beside them for its own.

use std::path::PathBuf;

use super::catalogue::{ALL, Engine};
use super::place::{self, Place};
use super::session::named;
use super::{more, start, write_env};
use crate::sh::Result;

/// It sends no mail.
const NOT_NEEDED: &str = "mail";

/// Starts those that do not run and that the environment does not name.
pub(crate) fn up_for_cluster() -> Result {
    for engine in needed() {
        if named(engine)?.is_none() {
            start(engine).map_err(|why| format!("{}: {why}", engine.name))?;
        }
    }
    write_env()
}

/// Their variables: those that the environment has, and those of engines that run here.
pub(crate) fn where_they_are() -> Result<Vec<(&'static str, String)>> {
    let mut all = Vec::new();
    for engine in needed() {
        let place = Place::of(engine)?;
        if named(engine)?.is_none() && place.running() {
            all.extend((engine.variables)(&place).into_iter().chain(more(engine, &place)));
        }
    }
    Ok(all)
}

/// Where the cluster keeps its own.
pub(crate) fn cluster_folder() -> Result<PathBuf> {
    Ok(place::home()?.join("cluster"))
}

fn needed() -> impl Iterator<Item = &'static Engine> {
    ALL.iter().filter(|e| e.name != NOT_NEEDED)
}
