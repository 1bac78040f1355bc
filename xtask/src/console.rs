//! The console in `ui/`: installed and built only when something changed.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::sh::{self, Result};

/// What the built console depends on.
const SOURCES: [&str; 7] =
    ["src", "public", "dev", "index.html", "package.json", "vite.config.ts", "tsconfig.json"];

/// npm in `ui/`.
pub(crate) fn npm(args: &[&str]) -> Command {
    let mut command = sh::command("npm", args);
    command.current_dir(sh::root().join("ui"));
    command
}

/// Installs the console's packages when the lock file is newer than what is installed.
pub(crate) fn install() -> Result {
    let ui = sh::root().join("ui");
    let installed = changed(&ui.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= changed(&ui.join("package-lock.json")) {
        out!("console: packages are installed already");
        return Ok(());
    }
    sh::run(npm(&["ci", "--no-audit", "--no-fund"]))
}

/// Builds the console.
pub(crate) fn build() -> Result {
    sh::run(npm(&["run", "--silent", "build"]))
}

/// Builds the console when a source is newer than the last build.
pub(crate) fn build_when_stale() -> Result {
    if is_stale() {
        return build();
    }
    out!("console: built already");
    Ok(())
}

/// Whether the console must be built.
pub(crate) fn is_stale() -> bool {
    let ui = sh::root().join("ui");
    let Some(built) = changed(&ui.join("dist/index.html")) else { return true };
    SOURCES.iter().filter_map(|s| newest(&ui.join(s))).any(|source| source > built)
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|m| m.modified()).ok()
}

fn newest(path: &Path) -> Option<SystemTime> {
    let own = if path.is_dir() { None } else { changed(path) };
    let inner = std::fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| newest(&entry.path()));
    inner.chain(own).max()
}
