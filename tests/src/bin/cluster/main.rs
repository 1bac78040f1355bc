//! `cluster`: the house as a cluster of processes on real engines: started, looked at, walked
//! through, troubled, stopped. `cargo xtask cluster` and `cargo xtask chaos cluster` call it with
//! the engines' addresses in the environment.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

mod chaos;
mod journey;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use reqwest::Method;
use serde_json::json;
use tests::cluster::Cluster;

#[derive(Parser)]
#[command(name = "cluster", about = "The house as a cluster of processes on real engines")]
struct Cli {
    /// Where the cluster lives.
    #[arg(long)]
    folder: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make it when there is none, start what does not run.
    Up,
    /// Stop every process; the data stays.
    Down {
        /// Remove the data, too.
        #[arg(long)]
        wipe: bool,
    },
    /// Say what runs, and where.
    Status,
    /// Walk the main job through the gateway and look at every engine afterwards.
    Journey,
    /// Deals without a pause while processes and links die; then check everything.
    Chaos {
        /// How long.
        #[arg(long, default_value_t = 10)]
        minutes: u64,
        /// Repeats what happens to whom.
        #[arg(long)]
        seed: Option<u64>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    platform::outbound::install_tls();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), String> {
    let there = Cluster::load(&cli.folder)?;
    let up = "there is no cluster: run `cargo xtask cluster up`";
    match cli.what {
        What::Up => {
            let cluster = match there {
                Some(cluster) => cluster,
                None => Cluster::make(&cli.folder).await?,
            };
            cluster.start().await?;
            furnish(&cluster).await?;
            status(&cluster);
            Ok(())
        }
        What::Down { wipe } => {
            let Some(cluster) = there else { return Ok(()) };
            cluster.stop().await?;
            if wipe { cluster.wipe().await } else { Ok(()) }
        }
        What::Status => {
            status(&there.ok_or(up)?);
            Ok(())
        }
        What::Journey => journey::run(&there.ok_or(up)?).await,
        What::Chaos { minutes, seed } => chaos::run(&there.ok_or(up)?, minutes, seed).await,
    }
}

/// Capital, so that payouts have something to pay from; once, however often it is asked for.
async fn furnish(cluster: &Cluster) -> Result<(), String> {
    let api = cluster.admin().await?;
    let body = json!({ "amount": { "amount": "1000000000.00", "currency": "USD" },
        "reference": "First capital" });
    let request = api.request(Method::POST, "/payouts/capital").json(&body);
    let answer = request.header("idempotency-key", "first-capital").send().await;
    let answer = answer.map_err(|e| e.to_string())?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let said = answer.text().await.unwrap_or_default();
    Err(format!("capital was not paid in: {status} {said}"))
}

fn status(cluster: &Cluster) {
    for member in &cluster.members {
        let state = member.pid().map_or_else(|| "stopped".into(), |pid| format!("pid {pid}"));
        println!("{:<12} {:<10} {:<24} {state}", member.name, member.roles, member.url());
    }
    for link in &cluster.links {
        println!("{:<12} link       {} -> {}", link.name, link.listen, link.upstream);
    }
    println!("settings and logs: {}", cluster.folder.display());
    println!("\ngateway: {}   docs: {}/docs", cluster.gateway(), cluster.gateway());
    println!("logins: admin, underwriter, treasurer, viewer at {}", cluster.realm);
    println!("        {} of its own", tests::cluster::ADMIN);
}
