//! `bench engines`: what the real engines cost, beside the embedded ones and beside the bare
//! client. Reads where they are as tests do; `cargo xtask bench engines` starts them.

mod access;
mod bus;
mod hub;

use crate::measured::machine;
use crate::report::{Row, Section};

pub(crate) async fn run() -> Result<Section, String> {
    let mut rows = bus::rows().await?;
    rows.extend(access::rows().await?);
    rows.extend(hub::rows().await?);
    Ok(Section {
        name: "engines",
        settings: vec![
            machine(),
            "engines on the same cores: Kafka 4.1 (one broker, 3 partitions, acks=all, idempotent \
             producer, lz4), Redis 7, OPA 1.22; the outbox on SQLite, `synchronous=FULL`"
                .into(),
            "a percentile is of all single measurements of the row".into(),
        ],
        rows,
        remarks: Vec::new(),
    })
}

/// A row of microseconds: half within, 99 % within.
fn micros(workload: &str, mut times: Vec<f64>, bar: &str, baseline: (&str, f64)) -> Row {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or(f64::NAN);
    Row {
        workload: format!("{workload} ({} times)", crate::report::grouped(times.len() as u64)),
        measured: format!("p50 {}, p99 {}", shown(at(50)), shown(at(99))),
        bar: bar.into(),
        baseline: if baseline.0.is_empty() {
            "-".into()
        } else {
            format!("{}: {}", baseline.0, shown(baseline.1))
        },
        ratio: if baseline.1 > 0.0 { format!("{:.1}", at(50) / baseline.1) } else { "-".into() },
    }
}

fn shown(us: f64) -> String {
    if us < 1_000.0 { format!("{us:.1} us") } else { format!("{:.2} ms", us / 1_000.0) }
}
