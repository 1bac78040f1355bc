//! `kontor blobs copy`, `verify` and `lifecycle`: stored files, moved, checked and aged.

use std::path::Path;
use std::sync::Arc;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Error, Kind};
use platform::blobs::copy::{self, Counts, Mode};
use platform::blobs::s3::lifecycle;
use platform::blobs::s3::rule::Rule;
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
    /// Show the rules by which the service itself moves older files and removes the parts of
    /// broken uploads, beside those of the configuration.
    Lifecycle {
        /// Make the bucket's rules what is configured; rules of others stay.
        #[arg(long)]
        apply: bool,
    },
}

pub(super) async fn run(c: Context, command: BlobsCommand) -> Result<(), Error> {
    let hidden = c.json;
    let configured = c.loaded.config.blobs.clone();
    let counts = match command {
        BlobsCommand::Lifecycle { apply } => return lifecycle(&c, &configured, apply).await,
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

async fn lifecycle(c: &Context, config: &blobs::Config, apply: bool) -> Result<(), Error> {
    let found = lifecycle::lifecycle(config, apply).await?;
    let rule = |rule: &Rule| {
        let does = rule.class.as_ref().map_or_else(
            || "removes the parts of broken uploads".to_owned(),
            |class| format!("moves files to {class}"),
        );
        let mut off = if rule.enabled { "" } else { " (switched off)" }.to_owned();
        if !rule.added.is_empty() {
            off += &format!(" (somebody has added {})", rule.added.join(", "));
        }
        format!("{}: under '{}' {does} after {} days{off}", rule.name, rule.prefix, rule.days)
    };
    let list = |rules: &[Rule]| match rules {
        [] => "  none".to_owned(),
        rules => rules.iter().map(|r| format!("  {}", rule(r))).collect::<Vec<_>>().join("\n"),
    };
    let mut text = format!("rules of the house in the bucket:\n{}", list(&found.there));
    if found.others > 0 {
        text += &format!("\nrules of others, which stay: {}", found.others);
    }
    text += &if found.is_as_wanted() {
        "\nthat is what is configured".to_owned()
    } else {
        format!("\nconfigured:\n{}\nmake it so with --apply", list(&found.wanted))
    };
    say(c, &serde_json::json!(found), &text);
    Ok(())
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
