//! A million rows of a statement: read, checked, summed exactly and valued; the same over HTTP;
//! and a term sheet.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use deals::creators::service as creators;
use deals::offers::{OfferId, service as offers};
use deals::statements::{samples, service as statements};
use deals::valuation::service as valuation;
use reqwest::{Method, StatusCode, multipart};
use serde_json::json;
use tests::api::Api;
use tests::process::Installation;

use crate::measured::{Measured, machine, median, run as measure};
use crate::report::{Row, Section, grouped};

const ROWS: u32 = 1_000_000;
const RUNS: usize = 5;
const SHEETS: usize = 20;
const BASELINE: &str = include_str!("deals_baseline.py");

pub(crate) async fn run(python: Option<&Path>) -> Result<Section, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = folder.path().join("statement.tsv");
    let rows = write_sample(&file).map_err(|e| e.to_string())?;
    let bytes = std::fs::metadata(&file).map_err(|e| e.to_string())?.len();
    let ours = repeat(|| {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(Installation::binary("kontor")?);
        command.args(["value", "--json"]).arg(&file);
        Ok(command)
    })?;
    let mut result = vec![Row {
        workload: format!("{} rows read, checked, summed exactly, valued; one core", grouped(rows)),
        measured: format!("{:.2} s, {:.0} MB", ours.seconds, ours.peak_mb),
        bar: "under 0.6 s, under 100 MB".into(),
        baseline: "-".into(),
        ratio: "1".into(),
    }];
    if let Some(python) = python {
        let script = folder.path().join("baseline.py");
        std::fs::write(&script, BASELINE).map_err(|e| e.to_string())?;
        for (library, cores) in [("pandas", "one core"), ("polars", "all cores")] {
            let theirs = baseline(python, &script, library, &file)?;
            result.push(Row {
                workload: format!("the same rows with {library}: read, three group-bys in floats"),
                measured: format!("{:.2} s, {:.0} MB", theirs.seconds, theirs.peak_mb),
                bar: "-".into(),
                baseline: format!("{cores}, without its imports"),
                ratio: format!("{:.1}", theirs.seconds / ours.seconds),
            });
        }
    }
    let place = Installation::new(None).await?;
    let (seconds, offer) = upload(&place, &file).await?;
    result.push(Row {
        workload: format!("the same file uploaded over HTTP until OFFER_READY ({RUNS} runs)"),
        measured: format!("{seconds:.2} s"),
        bar: "under 2 s".into(),
        baseline: format!("`kontor value`: {:.2} s", ours.seconds),
        ratio: format!("{:.1}", seconds / ours.seconds),
    });
    let (first, warm) = term_sheets(&place, offer).await?;
    result.push(Row {
        workload: format!("a term sheet typeset, median of {SHEETS}"),
        measured: format!("{warm:.0} ms"),
        bar: "under 50 ms".into(),
        baseline: format!("the first one, with fonts to load: {first:.0} ms"),
        ratio: format!("{:.2}", warm / first),
    });
    Ok(Section {
        name: "deals",
        settings: vec![
            machine(),
            format!("a DistroKid file of {} bytes, 36 months, 150 titles", grouped(bytes)),
            format!("whole processes, median of {RUNS}; memory is the peak that was resident"),
            "HTTP: SQLite, `synchronous=FULL`; the file is stored and its sha256 computed".into(),
        ],
        rows: result,
        remarks: Vec::new(),
    })
}

fn write_sample(file: &Path) -> std::io::Result<u64> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    let written = samples::write(&samples::benchmark(ROWS), &mut out)?;
    out.flush()?;
    Ok(written.rows)
}

fn repeat(command: impl Fn() -> Result<Command, String>) -> Result<Measured, String> {
    let mut seconds = Vec::new();
    let mut last = None;
    for _ in 0..RUNS {
        let one = measure(command()?)?;
        seconds.push(one.seconds);
        last = Some(one);
    }
    let last = last.ok_or("nothing was run")?;
    Ok(Measured { seconds: median(seconds), ..last })
}

fn baseline(python: &Path, script: &Path, library: &str, file: &Path) -> Result<Measured, String> {
    let mut seconds = Vec::new();
    let mut last = None;
    for _ in 0..RUNS {
        let mut command = Command::new(python);
        command.arg(script).arg(library).arg(file);
        let one = measure(command)?;
        let own = one.output.split_whitespace().next().and_then(|t| t.parse().ok());
        seconds.push(own.ok_or_else(|| format!("{library} printed {}", one.output))?);
        last = Some(one);
    }
    let last = last.ok_or("nothing was run")?;
    Ok(Measured { seconds: median(seconds), ..last })
}

/// Seconds from the first byte sent to OFFER_READY, median; and the last offer.
async fn upload(place: &Installation, file: &Path) -> Result<(f64, OfferId), String> {
    let server = place.start().await?;
    let api = place.login().await?;
    let bytes = std::fs::read(file).map_err(|e| e.to_string())?;
    let (mut times, mut last) = (Vec::new(), None);
    for n in 0..RUNS {
        let creator = api.creator(u32::try_from(n).unwrap_or(0), "DE89370400440532013000").await;
        let body = bytes.clone();
        let started = Instant::now();
        let part = multipart::Part::bytes(body).file_name("statement.tsv");
        let form = multipart::Form::new().part("file", part);
        let path = format!("/statements?creator_id={creator}");
        let sent = api.request(Method::POST, &path).multipart(form).send().await;
        let staged =
            tests::api::expect(sent.map_err(|e| e.to_string())?, &path, StatusCode::CREATED).await;
        let id = offer(&api, &creator, staged["id"].as_str().unwrap_or_default()).await;
        last = id.parse().ok();
        times.push(started.elapsed().as_secs_f64());
    }
    server.stop()?;
    Ok((median(times), last.ok_or("no offer was made")?))
}

/// Confirms a statement and waits for an offer on it.
async fn offer(api: &Api, creator: &str, statement: &str) -> String {
    let path = format!("/statements/{statement}/confirm");
    let confirmed = api.post(&path, &json!({}), StatusCode::OK).await;
    let offer = api.offer(creator, &confirmed).await;
    let id = offer["id"].as_str().unwrap_or_default();
    api.wait_for(id, &["OFFER_READY"]).await;
    id.to_owned()
}

/// Milliseconds of the first term sheet of a process and of the median of the following.
async fn term_sheets(place: &Installation, id: OfferId) -> Result<(f64, f64), String> {
    let app = place.open().await?;
    let found = app.house.db.read(move |tx| {
        let offer = offers::load(tx, id)?;
        let report = valuation::load(tx, id.0, offer.round)?;
        let creator = creators::load(tx, offer.creator)?;
        let read = statements::load_some(tx, &offer.statements)?;
        Ok::<_, kernel::Error>((offer, report, creator, read))
    });
    let (offer, report, creator, read) = found.await.map_err(|e| e.to_string())?;
    let (house, now) = (&app.deals.name, app.house.clock.now());
    let mut times = Vec::new();
    for _ in 0..=SHEETS {
        let started = Instant::now();
        deals::documents::term_sheet(house, &offer, &creator, &read, &report, now)
            .map_err(|e| e.to_string())?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let first = times.remove(0);
    Ok((first, median(times)))
}
