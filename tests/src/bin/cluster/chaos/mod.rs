//! Deals flow through the gateway while processes are killed, stopped and paused, and links are
//! cut, slowed and swallow what is sent. Afterwards everything is mended and everything that was
//! acknowledged must be there, once.
//!
//! Real processes on a real clock: the seed fixes what happens to whom and for how long, not the
//! exact run.

mod check;
mod trouble;

use std::time::{Duration, Instant};

use kernel::Clock as _;
use platform::clock::SystemClock;
use reqwest::Client;
use tests::api::Api;
use tests::cluster::Cluster;
use tests::deal;
use tests::live;
use tests::random::{Random, fresh_seed};
use tokio::sync::watch;

use check::Before;
use trouble::Trouble;

/// Deals on their way at once.
const AT_ONCE: usize = 6;
/// Browsers that watch.
const WATCHERS: usize = 2;
/// After the last trouble everything comes to its end within this.
const ENDS_WITHIN: Duration = Duration::from_secs(300);
/// Time between two troubles, milliseconds.
const PEACE_MS: (u64, u64) = (300, 3_000);

/// Drives, troubles, mends, checks.
pub(crate) async fn run(cluster: &Cluster, minutes: u64, seed: Option<u64>) -> Result<(), String> {
    let seed = seed.unwrap_or_else(fresh_seed);
    println!("chaos cluster: {minutes} min, seed {seed} (repeat with --seed {seed})");
    let api = cluster.admin().await?;
    let before = Before::look(cluster).await?;
    let watchers: Vec<_> = (0..WATCHERS)
        .map(|_| live::watch(Api { http: Client::new(), ..api.clone() }, before.head).0)
        .collect();
    let (stop, stopped) = watch::channel(false);
    // Names and keys are this run's own, whatever the seed: the cluster remembers them.
    let run = SystemClock.now().micros().unsigned_abs() / 1_000_000 % 10_000_000;
    let first = run * 10_000;
    let driving = tokio::spawn(deal::drive(api.clone(), seed, first, AT_ONCE, stopped));
    let troubles = trouble_for(cluster, minutes, seed, || driving.is_finished()).await?;
    let _driver_gone = stop.send(true);
    let began = Instant::now();
    let ended = tokio::time::timeout(ENDS_WITHIN, driving).await;
    let deals = ended
        .map_err(|_| "the deals did not come to an end")?
        .map_err(|e| format!("a deal went wrong: {e}"))??;
    cluster.drained(ENDS_WITHIN).await?;
    println!("mended; all at its end {:.1} s later", began.elapsed().as_secs_f64());
    println!("{} deals through {troubles} troubles", deals.len());
    let ours = format!("7{run:07}");
    check::all(cluster, &api, &before, &ours, &deals, &watchers).await
}

/// Trouble until the time is over, or nobody is troubled any more. Answers how often.
async fn trouble_for(
    cluster: &Cluster,
    minutes: u64,
    seed: u64,
    over: impl Fn() -> bool,
) -> Result<u32, String> {
    let mut random = Random::new(seed);
    let (began, time) = (Instant::now(), Duration::from_secs(minutes * 60));
    let mut count = 0;
    while began.elapsed() < time && !over() {
        let peace = PEACE_MS.0 + random.below(PEACE_MS.1 - PEACE_MS.0);
        let trouble = Trouble::choose(&mut random, cluster);
        tokio::time::sleep(Duration::from_millis(peace)).await;
        // Trouble is ours to make: one that died by itself is a defect.
        for member in &cluster.members {
            if member.pid().is_none() {
                let words = member.last_words(30);
                return Err(format!("{} ended by itself:\n{words}", member.name));
            }
        }
        let at = began.elapsed().as_secs_f64();
        println!("{at:>7.1} s  {trouble}");
        let cost = Instant::now();
        let made = trouble.make().await;
        if let Err(why) = made {
            trouble.mend().await?;
            return Err(format!("{trouble}: {why}"));
        }
        println!("           all ready {:.1} s later", cost.elapsed().as_secs_f64());
        count += 1;
    }
    Ok(count)
}
