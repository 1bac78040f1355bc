//! `cargo xtask pictures`: pictures of every view, from a demo with data in it.

use std::time::Duration;

use crate::server::Demo;
use crate::{console, sh, tools};

/// How long the demo may fill.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Seconds the demo fills before the first picture.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// Builds, starts a demo, waits for data, takes the pictures.
pub(crate) fn run(args: &Args) -> sh::Result {
    tools::node()?;
    let browser = tools::chromium()?;
    console::install()?;
    console::build_when_stale()?;
    sh::run(sh::cargo(&["build", "--workspace", "--bin", "kontor"]))?;
    let demo = Demo::start()?;
    out!("waiting {} s for data", args.seconds);
    std::thread::sleep(Duration::from_secs(args.seconds));
    let mut take = console::npm(&["run", "--silent", "pictures"]);
    take.env("KONTOR_URL", demo.url()).env("KONTOR_CHROMIUM", browser);
    let done = sh::run(take);
    if done.is_err() {
        out!("the end of the server's log:\n{}", demo.last_words());
    }
    done
}
