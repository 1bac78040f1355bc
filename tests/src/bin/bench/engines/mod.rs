//! `bench engines`: what the real engines cost, beside the embedded ones and beside the bare
//! client. Reads where they are as tests do; `cargo xtask bench engines` starts them.

mod access;
mod bus;
mod door;
mod hub;

use std::time::Instant;

pub(crate) use door::serve_bare;

use crate::measured::machine;
use crate::report::{Row, Section};

pub(crate) async fn run() -> Result<Section, String> {
    let mut rows = bus::rows().await?;
    rows.extend(access::rows().await?);
    rows.extend(door::rows().await?);
    rows.extend(hub::rows().await?);
    Ok(Section {
        name: "engines",
        settings: vec![
            machine(),
            "engines on the same cores: Kafka 4.1 (one broker, 3 partitions, acks=all, idempotent \
             producer, lz4), Redis 7, OPA 1.22; the outbox on SQLite, `synchronous=FULL`"
                .into(),
            "a percentile is of all single measurements of the row; what is compared by HTTP was \
             asked in turn with its baseline"
                .into(),
        ],
        rows,
        remarks: vec![
            "On the embedded log events that wait share a sync of the disk with whatever else is \
             written; on Kafka a consumer commits up to 64 at once."
                .into(),
            "By HTTP client, server, two JVMs and a database share two cores: a p99 is mostly \
             that of the scheduler, for the bare server as well. What the front door and the \
             gateway add is the difference of the two columns, which were asked in turn."
                .into(),
        ],
    })
}

/// Microseconds of one workload, shortest first.
struct Times(Vec<f64>);

impl Times {
    fn new(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    fn within(&self, percent: usize) -> f64 {
        self.0.get(self.0.len() * percent / 100).copied().unwrap_or(f64::NAN)
    }

    fn shown(&self) -> String {
        format!("p50 {}, p99 {}", shown(self.within(50)), shown(self.within(99)))
    }

    /// A row beside another workload, whose half is what the ratio is taken of.
    fn row(&self, workload: &str, bar: &str, baseline: Option<(&str, &Self)>) -> Row {
        Row {
            workload: format!("{workload} ({} times)", crate::report::grouped(self.0.len() as u64)),
            measured: self.shown(),
            bar: bar.into(),
            baseline: baseline
                .map_or_else(|| "-".into(), |(what, by)| format!("{what}: {}", by.shown())),
            ratio: baseline.map_or_else(
                || "-".into(),
                |(_, by)| format!("{:.2}", self.within(50) / by.within(50)),
            ),
        }
    }
}

/// Microseconds of each call of `work`, one after another.
async fn timed<F: Future<Output = bool>>(
    count: usize,
    mut work: impl FnMut(usize) -> F,
) -> Result<Vec<f64>, String> {
    let mut times = Vec::with_capacity(count);
    for n in 0..count {
        let at = Instant::now();
        let good = work(n).await;
        times.push(at.elapsed().as_secs_f64() * 1e6);
        if !good {
            return Err("a measured call was refused".into());
        }
    }
    Ok(times)
}

fn shown(us: f64) -> String {
    if us < 1_000.0 { format!("{us:.1} us") } else { format!("{:.2} ms", us / 1_000.0) }
}
