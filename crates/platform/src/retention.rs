//! What is forgotten when its time is over: in pieces, each a short transaction of its own, so
//! that nobody who writes waits for long, and what was forgotten stays forgotten.

use std::sync::Arc;

use kernel::Timestamp;

use crate::cx::House;
use crate::db::{DbError, Tx};

/// Rows of one piece at most.
pub const PIECE: u32 = 1_000;
/// Between two pieces, so that others come first.
const PAUSE_MS: u64 = 20;
const DAY_MS: u64 = 86_400_000;

/// Rows that are kept for a number of days.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What is forgotten, for the log: `events`.
    pub what: &'static str,
    /// Days that it is kept.
    pub days: i64,
    /// Deletes at most [`PIECE`] of the oldest rows before a moment; answers how many.
    pub forget: fn(&mut Tx<'_>, Timestamp) -> Result<u64, DbError>,
}

/// Forgets everything that is due by one rule; answers how many rows.
///
/// # Errors
/// When the database fails; what was forgotten before stays forgotten.
pub async fn once(house: &House, rule: Rule) -> Result<u64, DbError> {
    let before = house.clock.now().plus_days(-rule.days);
    let mut rows = 0;
    loop {
        let gone = house.db.write(move |tx| (rule.forget)(tx, before)).await?;
        rows += gone;
        if gone < u64::from(PIECE) {
            return Ok(rows);
        }
        crate::tasks::sleep_ms(PAUSE_MS).await;
    }
}

/// Forgets once a day, each rule by itself. Runs for ever.
pub async fn daily(house: Arc<House>, rules: Vec<Rule>) {
    loop {
        for rule in &rules {
            match once(&house, *rule).await {
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, what = rule.what, "forgotten"),
                Err(e) => tracing::warn!(error = %e, what = rule.what, "cannot be forgotten"),
            }
        }
        crate::tasks::sleep_ms(DAY_MS).await;
    }
}
