//! Every SQL text of the bus: the order of aggregates, parked events.

use kernel::ids::Uuid;
use kernel::{Envelope, Timestamp};

use crate::db::{DbError, Row, Tx};
use crate::params;

const START: &str = "insert into consumer_offsets (consumer, pos, failed) values ($1, 0, 0) \
    on conflict (consumer) do nothing";
const POSITION: &str = "select pos from consumer_offsets where consumer = $1";
const ADVANCE: &str = "update consumer_offsets set pos = $3 where consumer = $1 and pos = $2";
const ONLY: &str = "delete from consumer_offsets where consumer <> $1";
const LEAVE: &str = "delete from consumer_offsets where consumer = $1";
const KNOW: &str = "insert into bus_versions (consumer, aggregate, version) values ($1, $2, 0) \
    on conflict (consumer, aggregate) do nothing";
const VERSION: &str = "select version from bus_versions where consumer = $1 and aggregate = $2 \
    for update";
const SAVE_VERSION: &str =
    "update bus_versions set version = $3 where consumer = $1 and aggregate = $2";
const PARK: &str = "insert into bus_parked \
    (consumer, aggregate, aggregate_version, envelope, parked_at) values ($1, $2, $3, $4, $5) \
    on conflict (consumer, aggregate, aggregate_version) do nothing";
const PARKED: &str = "select envelope from bus_parked \
    where consumer = $1 and aggregate = $2 and aggregate_version = $3";
const UNPARK: &str = "delete from bus_parked \
    where consumer = $1 and aggregate = $2 and aggregate_version <= $3";
const WAITING: &str = "select p.aggregate, v.version, min(p.aggregate_version) as first, \
    min(p.parked_at) as since from bus_parked p \
    join bus_versions v on v.consumer = p.consumer and v.aggregate = p.aggregate \
    where p.consumer = $1 group by p.aggregate, v.version order by since limit 100";

/// Where the publisher is; it begins at 0. Readers of the embedded log are no readers any more:
/// their positions would keep the outbox from forgetting.
pub(super) fn begin(tx: &mut Tx<'_>, publisher: &str) -> Result<i64, DbError> {
    tx.execute(ONLY, params![publisher])?;
    tx.execute(START, params![publisher])?;
    tx.query_one(POSITION, params![publisher])?.int("pos")
}

/// Moves the publisher on; false when somebody else has moved it meanwhile.
pub(super) fn advance(
    tx: &mut Tx<'_>,
    publisher: &str,
    from: i64,
    to: i64,
) -> Result<bool, DbError> {
    Ok(tx.execute(ADVANCE, params![publisher, from, to])? == 1)
}

/// Forgets the publisher: the bus is the embedded log again.
pub(super) fn leave(tx: &mut Tx<'_>, publisher: &str) -> Result<(), DbError> {
    tx.execute(LEAVE, params![publisher]).map(drop)
}

/// The newest version of an aggregate that a consumer has handled, locked; 0 at first.
pub(super) fn version(tx: &mut Tx<'_>, consumer: &str, of: Uuid) -> Result<i64, DbError> {
    tx.execute(KNOW, params![consumer, of])?;
    tx.query_one(VERSION, params![consumer, of])?.int("version")
}

/// Saves it, and forgets what was parked up to it.
pub(super) fn save_version(
    tx: &mut Tx<'_>,
    consumer: &str,
    of: Uuid,
    version: i64,
) -> Result<(), DbError> {
    tx.execute(SAVE_VERSION, params![consumer, of, version])?;
    tx.execute(UNPARK, params![consumer, of, version]).map(drop)
}

/// Keeps an event that came too early.
pub(super) fn park(
    tx: &mut Tx<'_>,
    consumer: &str,
    event: &Envelope,
    now: Timestamp,
) -> Result<(), DbError> {
    let text = serde_json::to_value(event).unwrap_or_default();
    tx.execute(PARK, params![consumer, event.aggregate, event.aggregate_version, &text, now])
        .map(drop)
}

/// A parked event.
pub(super) fn parked(
    tx: &mut Tx<'_>,
    consumer: &str,
    of: Uuid,
    version: i64,
) -> Result<Option<Envelope>, DbError> {
    let row = tx.query_opt(PARKED, params![consumer, of, version])?;
    let value = row.map(|r| r.json("envelope")).transpose()?;
    Ok(value.and_then(|v| serde_json::from_value(v).ok()))
}

/// An aggregate with parked events.
pub(super) struct Waiting {
    pub(super) aggregate: Uuid,
    /// Newest version that was handled.
    pub(super) version: i64,
    /// Oldest version that is parked.
    pub(super) first: i64,
    /// Since when.
    pub(super) since: Timestamp,
}

/// Aggregates of which a consumer has parked something, oldest first.
pub(super) fn waiting(tx: &mut Tx<'_>, consumer: &str) -> Result<Vec<Waiting>, DbError> {
    let read = |row: &Row| {
        Ok(Waiting {
            aggregate: row.parse("aggregate")?,
            version: row.int("version")?,
            first: row.int("first")?,
            since: row.time("since")?,
        })
    };
    tx.query(WAITING, params![consumer])?.iter().map(read).collect()
}
