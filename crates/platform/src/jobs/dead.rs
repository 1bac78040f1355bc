//! Dead jobs: what failed for good, for a person to look at and to queue again.

use kernel::ids::Uuid;
use kernel::{Error, Timestamp};
use serde::Serialize;
use serde_json::Value as Json;

use super::store::{LIST_DEAD, REVIVE};
use crate::db::{Db, DbError, Tx};
use crate::params;
use crate::signals::Bell;

/// Tries of a job that was queued again.
const TRIES: i64 = 5;

/// A dead job.
#[derive(Debug, Clone, Serialize)]
pub struct Dead {
    /// Its identifier.
    pub id: Uuid,
    /// Which handler it was for.
    pub kind: String,
    /// What it was queued with.
    pub payload: Json,
    /// How often it was tried.
    pub attempts: i64,
    /// Why the last try failed.
    pub reason: String,
    /// When it was queued.
    pub created_at: Timestamp,
}

impl Dead {
    /// Not an event that the bus cannot take: no job publishes it, it is kept to be looked at.
    pub fn may_be_queued_again(&self) -> bool {
        self.kind != "bus.publish"
    }
}

/// Every dead job, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &Db) -> Result<Vec<Dead>, DbError> {
    db.read(|tx| {
        let rows = tx.query(LIST_DEAD, &[])?;
        rows.into_iter()
            .map(|row| {
                Ok(Dead {
                    id: row.parse("id")?,
                    kind: row.text("kind")?,
                    payload: row.json("payload")?,
                    attempts: row.int("attempts")?,
                    reason: row.opt_text("last_error")?.unwrap_or_default(),
                    created_at: row.time("created_at")?,
                })
            })
            .collect()
    })
    .await
}

/// Queues a dead job again, when the cause is gone.
///
/// # Errors
/// `dead_job_not_found` when it is not dead (any more), or is kept to be looked at only.
pub fn revive(tx: &mut Tx<'_>, id: Uuid, now: Timestamp) -> Result<(), Error> {
    if tx.execute(REVIVE, params![id, now, TRIES])? == 0 {
        let text = format!("there is no dead job {id}");
        return Err(Error::not_found("dead_job_not_found", text));
    }
    tx.ring(Bell::Jobs);
    Ok(())
}
