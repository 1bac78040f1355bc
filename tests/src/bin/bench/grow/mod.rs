//! What looking costs when the house has grown: claims, lists, search, cards, account and
//! timeline pages, the start, and memory; on both databases.

mod fill;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use platform::House;
use platform::db::DbError;
use platform::jobs::{self, Handlers, Outcome};
use platform::params;
use reqwest::Method;
use tests::api::Api;
use tests::process::Installation;
use tokio_util::sync::CancellationToken;

use crate::measured::{self, machine, median, resident_mb};
use crate::report::{Row, Section, grouped, now};
use fill::Size;

const SIZES: [Size; 3] = [
    Size { offers: 1_000, transfers: 10_000, jobs: 1_000 },
    Size { offers: 20_000, transfers: 200_000, jobs: 10_000 },
    Size { offers: 200_000, transfers: 2_000_000, jobs: 100_000 },
];
/// Times that each page is asked for.
const TIMES: usize = 30;
const CLAIMS: usize = 20;
const WORKS: Duration = Duration::from_secs(2);

/// How cards and claims were read before.
const OLD_CARDS: &str = "select status, currency, count(*) as n, \
    cast(coalesce(sum(offered), 0) as bigint) as offered from offers \
    group by status, currency order by status, currency";
const OLD_CLAIM: &str = "select id, kind, payload, status, attempts, max_attempts from jobs \
    where ((status = 'queued' and run_at <= $1) or (status = 'running' and leased_until < $1)) \
    and kind in ('bench.job', 'bench.other') order by run_at, id limit 16";
const OLD_SEARCH: &str = "select id from offers where (search like $1 escape '!' \
    or 'k-' || cast(number as text) like $1 escape '!') order by created_at desc limit 51";

/// What was measured at one size: a name, milliseconds, and those of the old text.
type Seen = Vec<(&'static str, f64, Option<f64>)>;

pub(crate) async fn run(postgres: Option<&str>) -> Result<Section, String> {
    let mut section = Section {
        name: "grow",
        settings: vec![
            machine(),
            "medians in milliseconds at 1,000 / 20,000 / 200,000 deals, 10,000 / 200,000 / \
             2,000,000 transfers, 1,000 / 10,000 / 100,000 open jobs; pages over HTTP, one client"
                .into(),
            "baseline: the text that was used before, on the same database; the ratio is the \
             largest house to the smallest"
                .into(),
        ],
        rows: Vec::new(),
        remarks: Vec::new(),
    };
    section.rows.push(verified().await?);
    on(&mut section, "SQLite", None).await?;
    if let Some(server) = postgres {
        on(&mut section, "PostgreSQL", Some(server)).await?;
    }
    Ok(section)
}

async fn on(section: &mut Section, engine: &str, server: Option<&str>) -> Result<(), String> {
    let mut all: Vec<Seen> = Vec::new();
    for size in SIZES {
        now(&format!("{engine} with {} deals", grouped(size.offers as u64)));
        all.push(at(size, server.map(str::to_owned)).await?);
    }
    for (n, (what, ..)) in all[0].iter().enumerate() {
        let digits = |v: f64| if v < 10.0 { format!("{v:.2}") } else { format!("{v:.0}") };
        let list = |of: &dyn Fn(&Seen) -> Option<f64>| -> Option<String> {
            let values: Option<Vec<String>> = all.iter().map(|s| of(s).map(digits)).collect();
            values.map(|v| v.join(" / "))
        };
        let unit = if what.ends_with("MB") || what.contains("a second") { "" } else { " ms" };
        let bar = if unit.is_empty() || what.contains("start") { "-" } else { "under 20 ms" };
        let (first, last) = (all[0][n].1, all[all.len() - 1][n].1);
        section.rows.push(Row {
            workload: format!("{engine}: {what}"),
            measured: list(&|s| Some(s[n].1)).unwrap_or_default() + unit,
            bar: bar.into(),
            baseline: list(&|s| s[n].2).map_or_else(|| "-".into(), |v| v + " ms"),
            ratio: format!("{:.1}", last / first),
        });
    }
    Ok(())
}

async fn at(size: Size, server: Option<String>) -> Result<Seen, String> {
    let place = Installation::new(server).await?.with(&["server.roles=[\"api\"]"]);
    let app = place.open().await?;
    fill::house(&app, size).await?;
    let mut seen = Seen::new();
    seen.push((
        "an empty claim of jobs",
        claims(&app.house).await?,
        Some(old(&app.house, OLD_CLAIM).await?),
    ));
    seen.push(("jobs done a second, from the backlog", worked(&app.house).await, None));
    let cards = old(&app.house, OLD_CARDS).await?;
    let search = old(&app.house, OLD_SEARCH).await?;
    drop(app);
    let mut starts = Vec::new();
    for _ in 0..3 {
        let before = Instant::now();
        let server = place.start().await?;
        starts.push(before.elapsed().as_secs_f64() * 1e3);
        server.stop()?;
    }
    let server = place.start().await?;
    let api = place.login().await?;
    let account = first_account(&api).await?;
    let (offer, rare) = (fill::offer(size), fill::rare(size));
    for (what, path, old) in [
        ("the first page of deals", "/offers".to_owned(), None),
        (
            "deals of one status, by amount",
            "/offers?status=OFFER_READY&sort=-amount".to_owned(),
            None,
        ),
        ("search for what one deal has", format!("/offers?text={rare}"), Some(search)),
        ("search for what an eighth has", "/offers?text=harbour".to_owned(), None),
        ("search for creators", format!("/offers/creators?text=artist{rare}"), None),
        ("the cards", "/offers/stats".to_owned(), Some(cards)),
        ("a timeline", format!("/offers/{offer}/timeline"), None),
        ("accounts", "/ledger/accounts".to_owned(), None),
        ("transfers of an account", format!("/ledger/transfers?account_id={account}"), None),
        ("transfers with a reference", "/ledger/transfers?reference=ref-77".to_owned(), None),
        ("transfers of a period", "/ledger/transfers?from=2020-01-01T00:00:00Z".to_owned(), None),
    ] {
        seen.push((what, pages(&api, &path).await?, old));
    }
    seen.push(("resident memory afterwards, MB", resident_mb(server.id()), None));
    server.stop()?;
    seen.push(("from the start to ready", median(starts), None));
    Ok(seen)
}

/// `kontor ledger verify` of ever larger ledgers, as a process of its own.
async fn verified() -> Result<Row, String> {
    let (mut times, mut memory) = (Vec::new(), Vec::new());
    for transfers in [100_000, 1_000_000, 10_000_000] {
        now(&format!("the verification of {} transfers", grouped(transfers as u64)));
        let place = Installation::new(None).await?;
        let app = place.open().await?;
        fill::books(&app.house, transfers).await?;
        drop(app);
        let seen = measured::run(place.program(&["ledger", "verify"])?)?;
        times.push(seen.seconds);
        memory.push(seen.peak_mb);
    }
    let list = |values: &[f64], digits: usize| {
        let texts: Vec<String> = values.iter().map(|v| format!("{v:.digits$}")).collect();
        texts.join(" / ")
    };
    Ok(Row {
        workload: "SQLite: `ledger verify` of 100,000 / 1,000,000 / 10,000,000 transfers".into(),
        measured: format!("{} s, {} MB", list(&times, 1), list(&memory, 0)),
        bar: "linear".into(),
        baseline: "-".into(),
        ratio: format!("{:.0} for a hundred times as many", times[2] / times[0].max(1e-3)),
    })
}

async fn first_account(api: &Api) -> Result<String, String> {
    let page = tests::deal::get(api, "/ledger/accounts?limit=5").await?;
    let id = page["data"][1]["id"].as_str();
    id.map(str::to_owned).ok_or_else(|| format!("no account in {page}"))
}

async fn pages(api: &Api, path: &str) -> Result<f64, String> {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let before = Instant::now();
        let answer = api.request(Method::GET, path).send().await.map_err(|e| e.to_string())?;
        let status = answer.status();
        let text = answer.text().await.map_err(|e| e.to_string())?;
        if !status.is_success() {
            return Err(format!("{path}: {status}: {text}"));
        }
        times.push(before.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(times))
}

/// A process whose jobs are all done looks at a backlog that belongs to others.
async fn claims(house: &Arc<House>) -> Result<f64, String> {
    let kinds = ["a", "b", "c", "d"];
    let handlers = kinds.iter().fold(Handlers::default(), |h, kind| {
        h.on(format!("bench.{kind}"), |_, _, _| async { Ok(Outcome::Done) })
    });
    let mut times = Vec::new();
    for _ in 0..CLAIMS {
        let before = Instant::now();
        jobs::run_due(house, &handlers).await.map_err(|e| e.to_string())?;
        times.push(before.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(times))
}

/// How many jobs of the backlog are claimed and done in a second.
async fn worked(house: &Arc<House>) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&done);
    let handlers = Handlers::default().on("bench.job", move |_, _, _| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok(Outcome::Done) }
    });
    let stop = CancellationToken::new();
    let working = tokio::spawn(jobs::run(Arc::clone(house), handlers, 16, stop.clone()));
    let before = Instant::now();
    let all = async {
        while before.elapsed() < WORKS {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    all.await;
    stop.cancel();
    let _ended = working.await;
    let seconds = before.elapsed().as_secs_f64();
    f64::from(u32::try_from(done.load(Ordering::Relaxed)).unwrap_or(u32::MAX)) / seconds
}

async fn old(house: &Arc<House>, sql: &'static str) -> Result<f64, String> {
    let mut times = Vec::new();
    for _ in 0..CLAIMS {
        let now = house.clock.now();
        let before = Instant::now();
        let read: Result<usize, DbError> = house
            .db
            .read(move |tx| {
                let rows = if sql == OLD_CLAIM {
                    tx.query(sql, params![now])?
                } else if sql == OLD_SEARCH {
                    tx.query(sql, params!["%no such title%"])?
                } else {
                    tx.query(sql, &[])?
                };
                Ok(rows.len())
            })
            .await;
        read.map_err(|e| e.to_string())?;
        times.push(before.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(times))
}
