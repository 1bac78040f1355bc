//! Logs, metrics and traces of the process.

mod spans;

use std::io::IsTerminal as _;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

pub use spans::{Config, Part, Span, Traces, start_traces};

/// Starts logging: structured JSON, or plain text for a terminal.
///
/// `filter` has the syntax of `tracing`'s `EnvFilter`: `info,kontor=debug`.
pub fn start_logs(filter: &str, json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Colours are for people who look at it now, not for files.
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second start (tests in one process) keeps the first subscriber.
    let _already = if json { builder.json().try_init() } else { builder.try_init() };
}

/// Starts metrics; the handle renders them for `/metrics`.
pub fn start_metrics() -> PrometheusHandle {
    static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets(&[0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0])
                .map_or_else(
                    |_| PrometheusBuilder::new().build_recorder(),
                    PrometheusBuilder::build_recorder,
                );
            let handle = recorder.handle();
            // Only the first recorder of a process can be the global one.
            let _already = metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}

/// Shows a secret's presence, never its value.
pub fn masked(secret: &str) -> &'static str {
    if secret.is_empty() { "(empty)" } else { "(set)" }
}
