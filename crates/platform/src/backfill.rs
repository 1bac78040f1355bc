//! Long changes of rows that are there already, beside the running house: each piece is a short
//! transaction that also saves how far it came, so that a process may end at any point and
//! another one goes on from there.
//!
//! A migration makes the column and a backfill fills it; what reads the column meanwhile treats
//! an empty one as "not filled yet".

use std::sync::Arc;

use crate::cx::House;
use crate::db::{DbError, Tx};
use crate::params;

const BEGIN: &str = "insert into backfills (name, cursor, done, rows) values ($1, '', 0, 0) \
    on conflict (name) do nothing";
const CLAIM: &str = "select cursor, rows from backfills where name = $1 and done = 0 \
    for update skip locked";
const SAVE: &str = "update backfills set cursor = $2, rows = $3, done = $4 where name = $1";
const IS_DONE: &str = "select done from backfills where name = $1";
const PAUSE_MS: u64 = 10;
const AGAIN_MS: u64 = 5_000;

/// Where a piece ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// So many rows were changed; the next piece begins behind this.
    Next {
        /// Whatever the change understands as its place.
        cursor: String,
        /// Rows of this piece.
        rows: i64,
    },
    /// There is nothing behind the cursor.
    Done,
}

/// A change of many rows. Its name is for ever: it is done once per database.
#[derive(Debug, Clone, Copy)]
pub struct Backfill {
    /// `payouts.look_at`.
    pub name: &'static str,
    /// Changes the piece behind a cursor (empty: from the beginning). May run again.
    pub piece: fn(&mut Tx<'_>, &str) -> Result<Piece, DbError>,
}

/// Whether a change was done to its end.
///
/// # Errors
/// When the database fails.
pub fn is_done(tx: &mut Tx<'_>, name: &str) -> Result<bool, DbError> {
    tx.query_opt(IS_DONE, params![name])?.map_or(Ok(false), |row| row.flag("done"))
}

/// Does what is left of one change; answers the rows of this run.
///
/// # Errors
/// When the database fails; what was done stays done.
pub async fn finish(house: &House, change: Backfill) -> Result<i64, DbError> {
    let mut rows = 0;
    loop {
        let done = house
            .db
            .write(move |tx| {
                tx.execute(BEGIN, params![change.name])?;
                let Some(row) = tx.query_opt(CLAIM, params![change.name])? else {
                    return Ok(None);
                };
                let (cursor, before) = (row.text("cursor")?, row.int("rows")?);
                match (change.piece)(tx, &cursor)? {
                    Piece::Next { cursor, rows } => {
                        tx.execute(SAVE, params![change.name, cursor, before + rows, false])?;
                        Ok(Some(rows))
                    }
                    Piece::Done => {
                        tx.execute(SAVE, params![change.name, cursor, before, true])?;
                        Ok(None)
                    }
                }
            })
            .await?;
        match done {
            Some(changed) => rows += changed,
            None => return Ok(rows),
        }
        crate::tasks::sleep_ms(PAUSE_MS).await;
    }
}

/// Does every change to its end, and then nothing more. Runs for ever.
pub async fn run(house: Arc<House>, changes: &'static [Backfill]) {
    for change in changes {
        loop {
            match finish(&house, *change).await {
                Ok(0) => break,
                Ok(rows) => {
                    tracing::info!(rows, name = change.name, "rows were brought up to date");
                    break;
                }
                Err(e) => {
                    tracing::warn!(error = %e, name = change.name, "a change could not go on");
                    crate::tasks::sleep_ms(AGAIN_MS).await;
                }
            }
        }
    }
    std::future::pending::<()>().await;
}
