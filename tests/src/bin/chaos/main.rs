//! `chaos deals`: drives deals, kills the server with -9 at random moments, starts it again, and
//! checks afterwards that nothing that was acknowledged is missing and nothing was done twice.
//!
//! Real processes on a real clock: the seed fixes what is sent and how long a server lives, not
//! the exact run.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

mod check;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use reqwest::Method;
use serde_json::json;
use tests::api::Api;
use tests::deal;
use tests::live;
use tests::process::Installation;
use tests::random::{Random, fresh_seed};
use tokio::sync::watch;

/// Deals on their way at once.
const AT_ONCE: usize = 24;
/// A server lives so long after it is ready, milliseconds.
const LIFE_MS: (u64, u64) = (50, 2_500);
/// After the last kill everything comes to its end within this.
const ENDS_WITHIN: Duration = Duration::from_secs(300);

#[derive(Parser)]
#[command(name = "chaos", about = "Kills servers at random moments and checks what is left")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Deals, from the statement to the receipt.
    Deals {
        /// How often the server is killed.
        #[arg(long, default_value_t = 100)]
        kills: u32,
        /// Seed of lives, statements and faults.
        #[arg(long)]
        seed: Option<u64>,
        /// A PostgreSQL in whose own schemas to work; SQLite without it.
        #[arg(long, env = "KONTOR_TEST_POSTGRES")]
        postgres: Option<String>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let What::Deals { kills, seed, postgres } = Cli::parse().what;
    let seed = seed.unwrap_or_else(fresh_seed);
    println!("chaos deals: {kills} kills, seed {seed} (repeat with --seed {seed})");
    match deals(kills, seed, postgres).await {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn deals(kills: u32, seed: u64, postgres: Option<String>) -> Result<String, String> {
    let place = Installation::new(postgres).await?;
    let mut random = Random::new(seed);
    let mut server = place.start().await?;
    let api = place.login().await?;
    let (watch, _watching) = live::watch(api.clone(), 0);
    let (stop, stopped) = watch::channel(false);
    let driving = tokio::spawn(deal::drive(api.clone(), seed, 0, AT_ONCE, stopped));
    for kill in 1..=kills {
        if random.below(3) == 0 {
            set_faults(&api, &mut random).await;
        }
        let life = LIFE_MS.0 + random.below(LIFE_MS.1 - LIFE_MS.0);
        tokio::time::sleep(Duration::from_millis(life)).await;
        server.kill()?;
        server = place.start().await?;
        if kill % 10 == 0 {
            println!("  {kill} kills; the last server lived {life} ms");
        }
        if driving.is_finished() {
            break;
        }
    }
    let _driver_gone = stop.send(true);
    let ended = tokio::time::timeout(ENDS_WITHIN, driving).await;
    let deals = ended
        .map_err(|_| "the deals did not come to an end")?
        .map_err(|e| format!("a deal went wrong: {e}"))??;
    deal::still_there(&api, &deals).await?;
    let events = watch.check(&deals).await?;
    server.stop()?;
    let verified = check::house(&place, &deals).await?;
    Ok(format!(
        "{} deals survived {kills} kills: every acknowledged step is there, the bank paid each \
         once,\n{events} live events came once and in order\n{verified}",
        deals.len()
    ))
}

/// The bank loses a few of the next answers, before or after it paid, refuses one, and sends
/// one back that it paid. The server may be gone.
async fn set_faults(api: &Api, random: &mut Random) {
    let faults = json!({ "timeout_before": random.below(2), "timeout_after": random.below(3),
        "server_error": random.below(2), "refused": random.below(2),
        "late_return": random.below(2) });
    let body = json!({ "settlement_delay_ms": 300, "faults": faults });
    let _gone = api.request(Method::PUT, "/sandbox-bank").json(&body).send().await;
}
