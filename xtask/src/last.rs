//! What the programs of a step printed last: with it, a long log ends by saying what failed.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, PipeReader};
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// Prints a line; a reader that has seen enough (`| head`) is no defect.
macro_rules! out {
    ($($text:tt)*) => { $crate::last::write(&mut std::io::stdout(), format_args!($($text)*)) };
}

/// Prints a line to standard error.
macro_rules! err {
    ($($text:tt)*) => { $crate::last::write(&mut std::io::stderr(), format_args!($($text)*)) };
}

/// Enough for the names of failed tests, and for what npm says after them.
const KEPT: usize = 25;
/// A program that was left in the background keeps the output open for ever.
const REST: Duration = Duration::from_secs(5);

/// The lines of the running step; none where nobody keeps them.
static LINES: Mutex<Option<Lines>> = Mutex::new(None);

#[derive(Default)]
struct Lines(VecDeque<String>);

impl Lines {
    fn push(&mut self, line: &str) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(line.to_owned());
    }
}

/// Keeps lines from now on. Not for somebody at a terminal, who would lose the colours for it.
pub(crate) fn keep() {
    let seen = io::stdout().is_terminal() || io::stderr().is_terminal();
    if std::env::var_os("CI").is_some() || !seen {
        *lines() = Some(Lines::default());
    }
}

/// Gives the lines that were kept, and keeps no more.
pub(crate) fn take() -> Vec<String> {
    lines().take().unwrap_or_default().0.into()
}

/// Prints a line of our own, and keeps it.
pub(crate) fn say(line: &str) {
    out!("{line}");
    if let Some(kept) = lines().as_mut() {
        kept.push(line);
    }
}

/// What [`out`] and [`err`] do.
pub(crate) fn write(to: &mut impl io::Write, line: std::fmt::Arguments<'_>) {
    // In one piece, so that lines of several threads do not mix.
    let _enough = to.write_all(format!("{line}\n").as_bytes());
}

/// Runs a command whose lines go through us, and shows each one to `look`, too.
pub(crate) fn watch(mut command: Command, look: &mut dyn FnMut(&str)) -> io::Result<ExitStatus> {
    if io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let (output, input) = io::pipe()?;
    let mut child = command.stdout(input.try_clone()?).stderr(input).spawn()?;
    drop(command);
    for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        say(line.trim_end_matches('\r'));
        look(&line);
    }
    child.wait()
}

/// Runs a command; while lines are kept, what it prints goes through us.
pub(crate) fn status(mut command: Command) -> io::Result<ExitStatus> {
    if lines().is_none() {
        return command.status();
    }
    // One pipe for both, so that errors stay where they belong.
    let (output, input) = io::pipe()?;
    let mut child = command.stdout(input.try_clone()?).stderr(input).spawn()?;
    // The command has ends of the pipe, too: the output would never end.
    drop(command);
    let (done, ended) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        echo(output);
        drop(done);
    });
    let status = child.wait();
    let _ = ended.recv_timeout(REST);
    status
}

fn echo(output: PipeReader) {
    for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        say(String::from_utf8_lossy(&line).trim_end_matches('\r'));
    }
}

fn lines() -> MutexGuard<'static, Option<Lines>> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept() {
        let mut lines = Lines::default();
        for n in 0..KEPT + 2 {
            lines.push(&n.to_string());
        }
        assert_eq!(lines.0.len(), KEPT);
        assert_eq!(lines.0.front().map(String::as_str), Some("2"));
    }
}
