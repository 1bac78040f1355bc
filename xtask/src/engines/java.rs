//! The Java that an engine needs.

use std::path::PathBuf;

use crate::sh::{self, Result};
use crate::tools;

/// Options that keep a Java server small on a laptop.
pub(super) const SMALL: [&str; 4] =
    ["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

/// A Java of at least this version: the one on the path, or the newest installed one.
pub(super) fn at_least(version: u32) -> Result<PathBuf> {
    let found = || {
        let installed = std::fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten();
        let installed = installed.map(|e| e.path().join("bin/java")).filter(|p| p.is_file());
        tools::find(&["java"])
            .into_iter()
            .chain(installed)
            .filter_map(|java| Some((version_of(&java)?, java)))
            .filter(|(there, _)| *there >= version)
            .max_by_key(|(there, _)| *there)
            .map(|(_, java)| java)
    };
    tools::need("default-jre-headless", found).map_err(|e| format!("Java {version}: {e}"))
}

fn version_of(java: &PathBuf) -> Option<u32> {
    // Java tells its version on standard error.
    let told = std::process::Command::new(java).arg("-version").output().ok()?;
    major(&String::from_utf8_lossy(&told.stderr))
}

/// The number behind `version "`: `17.0.15` is 17, `1.8.0` is 8.
fn major(told: &str) -> Option<u32> {
    let (_, version) = told.split_once("version \"")?;
    let version = version.strip_prefix("1.").unwrap_or(version);
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// A Java program with a class path or a jar.
pub(super) fn command(java: &PathBuf) -> std::process::Command {
    let mut command = sh::command(java, &SMALL);
    command.env_remove("JAVA_TOOL_OPTIONS");
    command
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn versions_are_read_as_java_tells_them() {
        assert_eq!(major("openjdk version \"17.0.15\" 2025-04-15"), Some(17));
        assert_eq!(major("java version \"1.8.0_402\""), Some(8));
        assert_eq!(major("openjdk version \"25\" 2025-09-16"), Some(25));
        assert_eq!(major("what?"), None);
    }
}
