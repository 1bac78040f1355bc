//! `kontor jobs dead`: what failed for good, and again when the cause is gone.

use std::sync::Arc;

use clap::Subcommand;
use kernel::ids::Uuid;
use kernel::{Clock as _, Error};
use platform::clock::SystemClock;
use platform::db::Db;
use platform::jobs::dead::{self, Dead};

use super::{Context, say};
use crate::wiring::no_db;

#[derive(Subcommand)]
pub(super) enum JobsCommand {
    /// Dead jobs: work that failed at every try.
    #[command(subcommand)]
    Dead(DeadCommand),
}

#[derive(Subcommand)]
pub(super) enum DeadCommand {
    /// List them, oldest first.
    List,
    /// Show one with what it was queued with.
    Show {
        /// Its identifier.
        id: Uuid,
    },
    /// Queue one, or all, again, when the cause is gone.
    Retry {
        /// Its identifier.
        #[arg(required_unless_present = "all")]
        id: Option<Uuid>,
        /// Every one.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

pub(super) async fn run(c: Context, command: JobsCommand) -> Result<(), Error> {
    let JobsCommand::Dead(command) = command;
    let db = Db::open(&c.loaded.config.database.url, Arc::default()).map_err(no_db)?;
    let all_dead = dead::list(&db).await?;
    match command {
        DeadCommand::List => {
            let lines: Vec<String> = all_dead.iter().map(line).collect();
            let none = "there are no dead jobs".to_owned();
            let text = if lines.is_empty() { none } else { lines.join("\n") };
            say(&c, &serde_json::json!(all_dead), &text);
        }
        DeadCommand::Show { id } => {
            let found = all_dead.iter().find(|d| d.id == id).ok_or_else(|| {
                Error::not_found("dead_job_not_found", format!("there is no dead job {id}"))
            })?;
            let value = serde_json::json!(found);
            say(&c, &value, &format!("{value:#}"));
        }
        DeadCommand::Retry { id, all } => {
            let may = all_dead.iter().filter(|d| d.may_be_queued_again()).map(|d| d.id);
            let ids: Vec<Uuid> = if all { may.collect() } else { id.into_iter().collect() };
            let (again, now) = (ids.clone(), SystemClock.now());
            db.write(move |tx| again.iter().try_for_each(|id| dead::revive(tx, *id, now))).await?;
            let text = format!("queued again: {}", ids.len());
            say(&c, &serde_json::json!({ "queued": ids }), &text);
        }
    }
    Ok(())
}

fn line(d: &Dead) -> String {
    format!("{}  {}  {:<28} tried {:>2}  {}", d.id, d.created_at, d.kind, d.attempts, d.reason)
}
