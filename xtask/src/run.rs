//! `cargo xtask run`: from a fresh clone to a running demo.

use crate::{console, server, sh, tools};

/// Where the demo lives.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Port on this machine.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Folder for the demo's data.
    #[arg(long, default_value = "data/demo")]
    data: String,
}

/// Builds what is stale and starts the demo.
pub(crate) fn run(args: &Args) -> sh::Result {
    tools::node()?;
    let first = !server::program().exists();
    out!("1/3 console: packages and build (the first time about a minute)");
    console::install()?;
    console::build_when_stale()?;
    let time = if first { "the first time some ten minutes on two cores" } else { "what changed" };
    out!("2/3 program: cargo build ({time})");
    sh::run(sh::cargo(&["build", "--workspace", "--bin", "kontor"]))?;
    out!("3/3 demo on http://localhost:{} (Ctrl-C stops it)", args.port);
    let port = args.port.to_string();
    sh::run(sh::command(server::program(), &["demo", "--data", &args.data, "--port", &port]))
}
