//! `kontor blobs copy` and `kontor blobs verify`: stored files, moved and checked.

use std::path::Path;
use std::sync::Arc;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Error, Kind};
use platform::blobs::copy::{self, Counts, Mode};
use platform::blobs::{self, Blobs};

use super::{Context, say};

#[derive(Subcommand)]
pub(super) enum BlobsCommand {
    /// Copy every file that the other store does not have; run it again to go on.
    Copy {
        /// A folder, or s3://BUCKET/PREFIX?...; the keys are those of [blobs].
        #[arg(long, value_name = "URL|FOLDER")]
        from: String,
        /// A folder, or s3://BUCKET/PREFIX?...
        #[arg(long, value_name = "URL|FOLDER")]
        to: String,
        /// Count only.
        #[arg(long)]
        dry_run: bool,
    },
    /// Read every file of the configured store and check its digest.
    Verify {
        /// Another place than the configured one.
        #[arg(long, value_name = "URL|FOLDER")]
        at: Option<String>,
    },
}

pub(super) async fn run(c: Context, command: BlobsCommand) -> Result<(), Error> {
    let hidden = c.json;
    let configured = c.loaded.config.blobs.clone();
    let counts = match command {
        BlobsCommand::Copy { from, to, dry_run } => {
            let from = existing(&configured, &from)?;
            // A dry run makes no folder either.
            let to = if dry_run { existing(&configured, &to) } else { open(&configured, &to) }?;
            let mode = if dry_run { Mode::DryRun } else { Mode::Copy };
            let work = move |bar: &mut dyn FnMut(&Counts)| copy::copy(&*from, &*to, mode, bar);
            let counts = watched(hidden, work).await?;
            let verb = if dry_run { "to copy" } else { "copied" };
            let text = format!(
                "{} files ({} bytes): {} {verb} ({} bytes), {} there already, {} damaged",
                counts.files,
                counts.bytes,
                counts.copied,
                counts.copied_bytes,
                counts.there,
                counts.damaged.len()
            );
            say(&c, &serde_json::json!(counts), &text);
            counts
        }
        BlobsCommand::Verify { at } => {
            let place = at.unwrap_or_else(|| configured.place().to_owned());
            let store = existing(&configured, &place)?;
            let counts = watched(hidden, move |bar| copy::verify(&*store, bar)).await?;
            let text = format!(
                "{} files ({} bytes) read, {} damaged",
                counts.files,
                counts.bytes,
                counts.damaged.len()
            );
            say(&c, &serde_json::json!(counts), &text);
            counts
        }
    };
    if counts.damaged.is_empty() {
        return Ok(());
    }
    let message = format!("damaged or missing: {}", counts.damaged.join(", "));
    Err(Error::new(Kind::Internal, "blob_damaged", message))
}

fn open(configured: &blobs::Config, place: &str) -> Result<Arc<dyn Blobs>, Error> {
    blobs::open(&configured.at(place))
}

/// A store that files are read from: a folder with a wrong name must not be made.
fn existing(configured: &blobs::Config, place: &str) -> Result<Arc<dyn Blobs>, Error> {
    if !place.contains("://") && !Path::new(place).is_dir() {
        return Err(Error::invalid("folder", format!("there is no folder {place}")));
    }
    open(configured, place)
}

/// Runs work that blocks, and shows how far it is.
async fn watched(
    hidden: bool,
    work: impl FnOnce(&mut dyn FnMut(&Counts)) -> Result<Counts, Error> + Send + 'static,
) -> Result<Counts, Error> {
    let bar = if hidden { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    let style = ProgressStyle::with_template("{spinner} {pos} files, {msg} bytes, {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    let shown = bar.clone();
    let done = platform::tasks::blocking(move || {
        work(&mut |counts| {
            shown.set_position(counts.files);
            shown.set_message(counts.bytes.to_string());
        })
    });
    let counts = done.await.flatten();
    bar.finish_and_clear();
    counts
}
