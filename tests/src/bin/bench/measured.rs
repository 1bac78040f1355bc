//! Time and memory of a process.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a process took.
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    /// Most resident memory, megabytes (10^6).
    pub(crate) peak_mb: f64,
    pub(crate) output: String,
}

/// Runs a command to its end, looking at its memory meanwhile.
pub(crate) fn run(mut command: Command) -> Result<Measured, String> {
    let started = Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{}: {e}", command.get_program().display()))?;
    let mut peak_kb = 0;
    // The kernel keeps the high-water mark; the last look before the end is enough.
    while child.try_wait().map_err(|e| e.to_string())?.is_none() {
        peak_kb = memory_kb(child.id(), "VmHWM:").unwrap_or(peak_kb);
        std::thread::sleep(Duration::from_millis(1));
    }
    let seconds = started.elapsed().as_secs_f64();
    let out = child.wait_with_output().map_err(|e| e.to_string())?;
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned());
    }
    let output = String::from_utf8_lossy(&out.stdout).into_owned();
    Ok(Measured { seconds, peak_mb: megabytes(peak_kb), output })
}

/// Resident memory of a process now, megabytes.
pub(crate) fn resident_mb(pid: u32) -> f64 {
    megabytes(memory_kb(pid, "VmRSS:").unwrap_or(0))
}

fn memory_kb(pid: u32, field: &str) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix(field))?;
    line.split_whitespace().next()?.parse().ok()
}

fn megabytes(kb: u32) -> f64 {
    f64::from(kb) * 1_024.0 / 1e6
}

/// The middle one.
pub(crate) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The machine in a few words.
pub(crate) fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{cores} cores of {}; release build", model.map_or("an unnamed CPU", |m| m.1))
}
