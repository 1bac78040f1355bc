//! The outbox: public events are rows written in the transaction that caused them.
//!
//! Rows are inserted without a position. One relay at a time (it holds the `seq` row) gives
//! positions in id order, so readers by position never skip a row that committed late and
//! never see one aggregate out of order. Insert the row AFTER locking the aggregate.

use kernel::ids::Uuid;
use kernel::{Envelope, Timestamp};
use serde::{Deserialize, Serialize};

use crate::cx::Cx;
use crate::db::{Db, DbError, Row, Tx};
use crate::params;
use crate::signals::Bell;

const INSERT: &str = "insert into outbox (event_id, topic, version, aggregate, \
    aggregate_version, occurred_at, actor, trace, request, payload) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const LOCK_SEQ: &str = "select at from seq where name = 'outbox' for update";
const ASSIGN: &str = "update outbox set pos = cast($1 as bigint) + n.rn from \
    (select id as nid, row_number() over (order by id) as rn from outbox \
     where pos is null order by id limit 1000) as n where outbox.id = n.nid";
const SAVE_SEQ: &str = "update seq set at = $1 where name = 'outbox'";
const AFTER: &str = "select pos, event_id, topic, version, aggregate, aggregate_version, \
    occurred_at, actor, trace, request, payload from outbox \
    where pos > $1 order by pos limit $2";
const OF_AGGREGATE: &str = "select coalesce(pos, 0) as pos, event_id, topic, version, \
    aggregate, aggregate_version, occurred_at, actor, trace, request, payload from outbox \
    where aggregate = $1 order by aggregate_version";
const HEAD: &str = "select at from seq where name = 'outbox'";
const OLDEST: &str = "select min(pos) as pos from outbox";
const UNPLACED: &str = "select count(*) as n from outbox where pos is null";
const KEPT: &str = "select min(pos) as pos from consumer_offsets";
const FIRST: &str = "select pos, occurred_at from outbox where pos is not null \
    order by pos limit $1";
const FORGET: &str = "delete from outbox where pos <= $1";

/// An event as a module hands it over.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Name and topic.
    pub topic: &'static str,
    /// Schema version of the payload.
    pub version: i64,
    /// What it happened to.
    pub aggregate: Uuid,
    /// Gap-free per aggregate, from 1.
    pub aggregate_version: i64,
    /// The JSON form of its Avro schema.
    pub payload: serde_json::Value,
}

/// Adds an event to the running transaction.
///
/// # Errors
/// `Unique` when the aggregate version was already used: two writers raced.
pub fn emit(tx: &mut Tx<'_>, cx: &Cx, at: Timestamp, event: &NewEvent) -> Result<(), DbError> {
    tx.execute(
        INSERT,
        params![
            cx.ids.next(),
            event.topic,
            event.version,
            event.aggregate,
            event.aggregate_version,
            at,
            &cx.principal.name,
            cx.trace.map(|t| t.to_string()),
            cx.request.clone(),
            &event.payload
        ],
    )?;
    tx.ring(Bell::Outbox);
    Ok(())
}

/// Gives positions to at most 1,000 rows; answers how many. Runs until it answers 0.
///
/// # Errors
/// When the database fails; nothing is changed then.
pub async fn relay_once(db: &Db) -> Result<u64, DbError> {
    db.write(|tx| {
        let at = tx.query_one(LOCK_SEQ, &[])?.int("at")?;
        let placed = tx.execute(ASSIGN, params![at])?;
        if placed > 0 {
            let placed_i64 = i64::try_from(placed).unwrap_or(0);
            tx.execute(SAVE_SEQ, params![at + placed_i64])?;
            tx.ring(Bell::Positions);
        }
        Ok(placed)
    })
    .await
}

/// The relay's loop: places rows whenever the bell rings, and looks every second anyway.
pub async fn relay(db: Db) {
    let mut bell = db.signals().listen(Bell::Outbox);
    loop {
        match relay_once(&db).await {
            Ok(0) => {
                let _either =
                    tokio::time::timeout(std::time::Duration::from_secs(1), bell.changed()).await;
            }
            Ok(n) => metrics::counter!("kontor_platform_relay_events_total").increment(n),
            Err(e) => {
                tracing::warn!(error = %e, "the relay could not give positions");
                crate::tasks::sleep_ms(500).await;
            }
        }
    }
}

/// An event with its place in the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Placed {
    /// Position, from 1, without gaps.
    pub position: i64,
    /// The event.
    pub event: Envelope,
}

/// Events after `position`, at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn after(tx: &mut Tx<'_>, position: i64, limit: u32) -> Result<Vec<Placed>, DbError> {
    tx.query(AFTER, params![position, limit])?.iter().map(placed).collect()
}

/// Every event of one aggregate, oldest first; position 0 means not placed yet.
///
/// # Errors
/// When the database fails.
pub fn of_aggregate(tx: &mut Tx<'_>, aggregate: Uuid) -> Result<Vec<Placed>, DbError> {
    tx.query(OF_AGGREGATE, params![aggregate])?.iter().map(placed).collect()
}

/// The last position that was given.
///
/// # Errors
/// When the database fails.
pub fn head(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.query_one(HEAD, &[])?.int("at")
}

/// The oldest position still kept, or `None` when the log is empty.
///
/// # Errors
/// When the database fails.
pub fn oldest(tx: &mut Tx<'_>) -> Result<Option<i64>, DbError> {
    tx.query_one(OLDEST, &[])?.opt_int("pos")
}

/// How many events wait for a position.
///
/// # Errors
/// When the database fails.
pub fn unplaced(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.query_one(UNPLACED, &[])?.int("n")
}

/// Forgets a piece of the events that are older than `before` and that every consumer has seen,
/// the oldest first; answers how many. Fewer than [`crate::retention::PIECE`] says that there
/// are no more.
///
/// # Errors
/// When the database fails.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    // Without a consumer everything was seen by everybody.
    let seen = tx.query_one(KEPT, &[])?.opt_int("pos")?.unwrap_or(i64::MAX);
    let mut upto = None;
    for row in tx.query(FIRST, params![crate::retention::PIECE])? {
        let pos = row.int("pos")?;
        if pos > seen || row.time("occurred_at")? >= before {
            break;
        }
        upto = Some(pos);
    }
    upto.map_or(Ok(0), |upto| tx.execute(FORGET, params![upto]))
}

fn placed(row: &Row) -> Result<Placed, DbError> {
    Ok(Placed {
        position: row.int("pos")?,
        event: Envelope {
            id: row.parse("event_id")?,
            topic: row.text("topic")?,
            version: row.int("version")?,
            aggregate: row.parse("aggregate")?,
            aggregate_version: row.int("aggregate_version")?,
            occurred_at: row.time("occurred_at")?,
            actor: row.text("actor")?,
            trace: row.opt_text("trace")?.and_then(|t| t.parse().ok()),
            request: row.opt_text("request")?,
            payload: row.json("payload")?,
        },
    })
}
