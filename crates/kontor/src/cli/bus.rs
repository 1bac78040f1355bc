//! `kontor schemas` and `kontor bus`: what the registry says, and what consumers gave up.

use clap::Subcommand;
use contracts::schemas::SUBJECTS;
use kernel::Error;
use platform::bus::Bus;
use platform::bus::dead::Letter;

use super::{Context, say};
use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum SchemasCommand {
    /// Ask the registry whether it would take the newest schema of every event; changes nothing.
    Check,
}

#[derive(Subcommand)]
pub(super) enum BusCommand {
    /// Dead letters: events that a consumer could never handle.
    #[command(subcommand)]
    Dead(DeadCommand),
}

#[derive(Subcommand)]
pub(super) enum DeadCommand {
    /// List them, oldest first.
    List {
        /// Only those of one consumer.
        #[arg(long)]
        consumer: Option<String>,
        /// Those that were sent again, too.
        #[arg(long)]
        all: bool,
    },
    /// Show one with its payload.
    Show {
        /// Its number.
        number: i64,
    },
    /// Send one, or all that were not, to its consumer again, when the cause is gone.
    Replay {
        /// Its number.
        #[arg(required_unless_present = "all")]
        number: Option<i64>,
        /// Every one that was not sent again.
        #[arg(long, conflicts_with = "number")]
        all: bool,
    },
}

pub(super) async fn schemas(c: Context, command: SchemasCommand) -> Result<(), Error> {
    let SchemasCommand::Check = command;
    let kafka = open(&c.loaded.config)?;
    let checks = kafka.catalogue().check().await?;
    let refused = checks.iter().filter(|check| !check.fits).count();
    let lines: Vec<String> = checks
        .iter()
        .map(|check| {
            let word = if check.fits { "ok" } else { "INCOMPATIBLE" };
            format!("{word:<13} {} v{}", check.subject, check.version)
        })
        .collect();
    let rows: Vec<serde_json::Value> = checks
        .iter()
        .map(|k| serde_json::json!({ "subject": k.subject, "version": k.version, "ok": k.fits }))
        .collect();
    say(&c, &serde_json::json!(rows), &lines.join("\n"));
    if refused == 0 {
        return Ok(());
    }
    let text = format!(
        "the registry would refuse {refused} of {} schemas; a new version may add fields with \
         defaults and remove fields, nothing else",
        checks.len()
    );
    Err(Error::conflict("schema_incompatible", text))
}

pub(super) async fn bus(c: Context, command: BusCommand) -> Result<(), Error> {
    let BusCommand::Dead(command) = command;
    let kafka = open(&c.loaded.config)?;
    let letters = kafka.dead().await?;
    match command {
        DeadCommand::List { consumer, all } => {
            let wanted = |l: &&Letter| {
                (all || !l.replayed) && consumer.as_ref().is_none_or(|name| *name == l.consumer)
            };
            let shown: Vec<&Letter> = letters.iter().filter(wanted).collect();
            let lines: Vec<String> = shown.iter().map(|l| line(l)).collect();
            let none = "there are no dead letters".to_owned();
            let text = if lines.is_empty() { none } else { lines.join("\n") };
            say(&c, &serde_json::json!(shown), &text);
        }
        DeadCommand::Show { number } => {
            let found = letters.iter().find(|l| l.number == number).ok_or_else(|| {
                let text = format!("there is no dead letter {number}");
                Error::not_found("dead_letter_not_found", text)
            })?;
            let value = serde_json::json!(found);
            say(&c, &value, &format!("{value:#}"));
        }
        DeadCommand::Replay { number, all } => {
            let open = letters.iter().filter(|l| !l.replayed).map(|l| l.number);
            let numbers: Vec<i64> = if all { open.collect() } else { number.into_iter().collect() };
            for number in &numbers {
                kafka.replay(*number).await?;
            }
            let text = format!("sent again: {}", numbers.len());
            say(&c, &serde_json::json!({ "replayed": numbers }), &text);
        }
    }
    Ok(())
}

fn line(l: &Letter) -> String {
    let mark = if l.replayed { " (sent again)" } else { "" };
    let at = l.at.map(|at| at.to_string()).unwrap_or_default();
    format!("{:>6}  {at}  {:<26} {:<24} {}{mark}", l.number, l.consumer, l.event_type, l.reason)
}

fn open(config: &Config) -> Result<std::sync::Arc<platform::bus::Kafka>, Error> {
    match Bus::open(&config.bus, SUBJECTS)? {
        Bus::Kafka(kafka) => Ok(kafka),
        Bus::Embedded => {
            let text = "bus.url is empty: events stay in the database, and what a consumer gave \
                        up is among the dead jobs";
            Err(Error::invalid("bus.url", text))
        }
    }
}
