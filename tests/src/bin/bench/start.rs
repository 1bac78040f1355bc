//! From the command to the first answer, and what an idle house keeps in memory.

use std::process::Command;
use std::time::{Duration, Instant};

use tests::process::Installation;

use crate::measured::{machine, median, resident_mb, run as measure};
use crate::report::{Row, Section};

const STARTS: usize = 11;
const IDLE: Duration = Duration::from_secs(20);

pub(crate) async fn run() -> Result<Section, String> {
    let place = Installation::new(None).await?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let before = Instant::now();
        let server = place.start().await?;
        times.push(before.elapsed().as_secs_f64() * 1e3);
        server.stop()?;
    }
    let mut bare = Vec::new();
    for _ in 0..STARTS {
        let mut version = Command::new(Installation::binary("kontor")?);
        version.arg("--version");
        bare.push(measure(version)?.seconds * 1e3);
    }
    let server = place.start().await?;
    tokio::time::sleep(IDLE).await;
    let idle = resident_mb(server.id());
    server.stop()?;
    let (time, bare) = (median(times), median(bare));
    Ok(Section {
        name: "start",
        settings: vec![
            machine(),
            format!("median of {STARTS} starts on SQLite (`synchronous=FULL`), schema up to date"),
            format!("memory {} s after the start, nobody logged in", IDLE.as_secs()),
        ],
        rows: vec![
            Row {
                workload: "`kontor serve` until `/readyz` says yes".into(),
                measured: format!("{time:.0} ms"),
                bar: "under 300 ms".into(),
                baseline: format!("`kontor --version`: {bare:.0} ms"),
                ratio: format!("{:.1}", time / bare),
            },
            Row {
                workload: "resident memory of an idle server".into(),
                measured: format!("{idle:.0} MB"),
                bar: "under 80 MB".into(),
                baseline: "-".into(),
                ratio: "-".into(),
            },
        ],
        remarks: Vec::new(),
    })
}
