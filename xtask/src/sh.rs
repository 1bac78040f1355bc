//! Running other programs, always from the root of the repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::last;

/// What went wrong, as a sentence.
pub(crate) type Result<T = ()> = std::result::Result<T, String>;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// A program with arguments, in the root.
pub(crate) fn command(program: impl AsRef<Path>, args: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(args).current_dir(root());
    command
}

/// The cargo that runs us. What it told us about our own package it must not hear again: build
/// scripts look at these variables, and would run again each time.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = command(Path::new(&cargo), args);
    let of_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MAN");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(of_package) {
            command.env_remove(name);
        }
    }
    command
}

/// Shows a command, runs it, and fails with its name and status.
pub(crate) fn run(command: Command) -> Result {
    run_as(&show(&command), command)
}

/// Runs a command whose arguments are long, or secret, under a name.
pub(crate) fn run_as(name: &str, command: Command) -> Result {
    out!("$ {name}");
    match last::status(command) {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{name}` ended with {status}")),
        Err(e) => Err(format!("`{name}` could not be started: {e}")),
    }
}

/// Shows a command, runs it and shows each of its lines to `look`, too.
pub(crate) fn watch(command: Command, look: &mut dyn FnMut(&str)) -> Result {
    let name = show(&command);
    out!("$ {name}");
    match last::watch(command, look) {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{name}` ended with {status}")),
        Err(e) => Err(format!("`{name}` could not be started: {e}")),
    }
}

/// Runs a command quietly and gives back what it printed.
pub(crate) fn output(mut command: Command) -> Result<String> {
    let shown = show(&command);
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("`{shown}` could not be started: {e}"))?;
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&done.stderr);
        Err(format!("`{shown}` ended with {}: {}", done.status, said.trim()))
    }
}

fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let args = command.get_args().map(|a| a.to_string_lossy().into_owned());
    std::iter::once(name).chain(args).collect::<Vec<_>>().join(" ")
}

/// A port on this machine that nobody uses now.
pub(crate) fn free_port() -> Result<u16> {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .map(|a| a.port())
        .map_err(|e| format!("no free port: {e}"))
}

/// A folder for one run, removed at the end, also after a failure.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// A new folder whose name says what it is for.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let folder = format!("kontor-{name}-{}-{}", std::process::id(), free_port()?);
        let path = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.0) {
            err!("note: {} stays: {e}", self.0.display());
        }
    }
}
