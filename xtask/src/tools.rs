//! Tools of the machine: found, or installed from the system's packages where that is allowed.

use std::path::PathBuf;

use crate::sh::{self, Result};

/// Oldest Node that the console's tools run on.
const NODE: u32 = 20;

/// The first of these programs that is on the path.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|f| f.join(name)).find(|p| p.is_file()))
}

/// Whether we are root, who may install packages.
pub(crate) fn is_root() -> bool {
    sh::output(sh::command("id", &["-u"])).is_ok_and(|id| id.trim() == "0")
}

/// Finds a tool, installing the package when it is missing and we may. `Err` says how to get it.
pub(crate) fn need<T>(package: &str, found: impl Fn() -> Option<T>) -> Result<T> {
    if let Some(tool) = found() {
        return Ok(tool);
    }
    let how = format!("`{package}` is missing; get it with: sudo apt-get install {package}");
    let refused = std::env::var_os("KONTOR_NO_INSTALL").is_some();
    if refused || !is_root() || find(&["apt-get"]).is_none() {
        return Err(how);
    }
    out!("{package} is missing and is installed from the system's packages");
    // Several engines may be installed at once: each waits for the others.
    let wait = ["-o", "DPkg::Lock::Timeout=300"];
    let args = ["install", "-y", "--no-install-recommends", package];
    let install = || {
        let mut command = sh::command("apt-get", &wait);
        command.args(args);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        sh::run(command)
    };
    if install().is_err() {
        // A fresh machine has no package lists yet.
        sh::run(sh::command("apt-get", &["update"])).map_err(|e| format!("{how} ({e})"))?;
        install().map_err(|e| format!("{how} ({e})"))?;
    }
    found().ok_or(how)
}

/// Checks Node and npm; the sentence names what is missing and how to get it.
pub(crate) fn node() -> Result {
    let how = format!("get Node {NODE} or newer from https://nodejs.org or your system's packages");
    let Some(node) = find(&["node"]) else { return Err(format!("node is missing; {how}")) };
    let version = sh::output(sh::command(node, &["--version"]))?;
    if !new_enough(&version) {
        return Err(format!("node {} is too old; {how}", version.trim()));
    }
    if find(&["npm"]).is_none() {
        return Err(format!("npm is missing; it comes with Node: {how}"));
    }
    Ok(())
}

fn new_enough(version: &str) -> bool {
    let major = version.trim().trim_start_matches('v').split('.').next().unwrap_or_default();
    major.parse::<u32>().is_ok_and(|m| m >= NODE)
}

/// The browser for journeys and pictures.
pub(crate) fn chromium() -> Result<PathBuf> {
    let found = || match std::env::var_os("KONTOR_CHROMIUM") {
        Some(named) => Some(PathBuf::from(named)),
        None => find(&["chromium", "chromium-browser", "google-chrome"]),
    };
    need("chromium", found)
}

/// `pdftotext`, with which tests read documents.
pub(crate) fn pdftotext() -> Result<PathBuf> {
    need("poppler-utils", || find(&["pdftotext"]))
}

/// `curl`, with which the tutorial speaks to a server.
pub(crate) fn curl() -> Result<PathBuf> {
    need("curl", || find(&["curl"]))
}

/// `jq`, with which the tutorial reads answers.
pub(crate) fn jq() -> Result<PathBuf> {
    need("jq", || find(&["jq"]))
}

/// A Python 3.10 or newer that can make environments with `pip` in them.
pub(crate) fn python() -> Result<PathBuf> {
    need("python3-venv", || {
        let system = Some(PathBuf::from("/usr/bin/python3")).filter(|p| p.is_file());
        find(&["python3"]).into_iter().chain(system).find(|python| {
            let able = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";
            sh::output(sh::command(python, &["-c", able])).is_ok()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_of_node_are_seen() {
        assert!(new_enough("v20.20.2\n"));
        assert!(new_enough("v24.0.0"));
        assert!(!new_enough("v18.19.0"));
        assert!(!new_enough("what?"));
    }
}
