//! `kontor serve` and `kontor demo`.

use std::path::PathBuf;

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
    let app = App::build(config, false).await?;
    let traces = platform::telemetry::start_traces(&telemetry, &app.duties.words()).await?;
    let served = app.serve().await;
    // It waits for the collector, which must not hold the runtime up.
    platform::tasks::blocking(move || traces.end()).await?;
    served
}

pub(super) async fn demo(c: Context, data: PathBuf, port: u16) -> Result<(), Error> {
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
    let app = App::build(config, true).await?;
    app.make_demo_logins().await?;
    println!("Kontor demo on http://localhost:{port}");
    println!("  data in {}", data.display());
    println!("  logins (password {}):", crate::demo::PASSWORD);
    for (name, _, about) in crate::demo::LOGINS {
        println!("    {name:<12} {about}");
    }
    println!("  API: http://localhost:{port}/docs   stop with Ctrl-C");
    app.serve().await
}
