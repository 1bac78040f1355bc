//! `kontor serve` and `kontor demo`.

use std::path::PathBuf;
use std::time::Duration;

use kernel::Error;

use super::Context;
use crate::duties::Duty;
use crate::wiring::App;

/// Which part of the house.
#[derive(clap::Args)]
pub(super) struct ServeArgs {
    /// What this process does; everything without it.
    #[arg(long, value_enum, value_delimiter = ',')]
    roles: Vec<Duty>,
    /// The modules that it does it for, such as deals.payouts; all without it.
    #[arg(long, value_delimiter = ',', value_name = "MODULE")]
    modules: Vec<String>,
}

pub(super) async fn serve(c: Context, args: ServeArgs) -> Result<(), Error> {
    let mut config = c.loaded.config;
    if !args.roles.is_empty() {
        config.server.roles = args.roles;
    }
    if !args.modules.is_empty() {
        config.server.modules = args.modules;
    }
    platform::telemetry::start_logs(&config.log.filter, config.log.json);
    let telemetry = config.telemetry.clone();
    let app = App::build(config, None).await?;
    let traces = platform::telemetry::start_traces(&telemetry, &app.duties.words()).await?;
    let served = app.serve().await;
    // It waits for the collector, which must not hold the runtime up.
    platform::tasks::blocking(move || traces.end()).await?;
    served
}

pub(super) async fn demo(c: Context, data: PathBuf, port: u16, pace: u64) -> Result<(), Error> {
    let mut config = c.loaded.config;
    platform::telemetry::start_logs(&config.log.filter, config.log.json);
    let at = |name: &str| data.join(name).display().to_string();
    config.server.address = format!("127.0.0.1:{port}");
    if c.loaded.provenance.get("database.url") == Some(&"default") {
        config.database.url = format!("sqlite:{}", at("kontor.db"));
    }
    config.blobs.folder = at("blobs");
    config.blobs.cache_folder = at("blob-cache");
    config.identity.master_key_file = at("master.key");
    let app = App::build(config, Some(Duration::from_secs(pace))).await?;
    app.make_demo(&mut progress()).await?;
    println!("Kontor demo on http://localhost:{port}");
    println!("  data in {}", data.display());
    println!("  logins (password {}):", crate::demo::PASSWORD);
    for (name, _, about) in crate::demo::LOGINS {
        println!("    {name:<12} {about}");
    }
    println!("  API: http://localhost:{port}/docs   stop with Ctrl-C");
    app.serve().await
}

/// Says on a terminal how far the past is made; elsewhere once, and when it is done.
fn progress() -> impl FnMut(usize, usize) {
    let mut bar: Option<indicatif::ProgressBar> = None;
    move |done, all| {
        let bar = bar.get_or_insert_with(|| {
            let bar = indicatif::ProgressBar::new(all as u64);
            let style = "making eighteen months of deals  {bar:30} {pos}/{len}";
            if let Ok(style) = indicatif::ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            if bar.is_hidden() {
                eprintln!("making eighteen months of deals; this takes a moment, and only once");
            }
            bar
        });
        bar.set_position(done as u64);
        if done == all {
            bar.finish_and_clear();
        }
    }
}
