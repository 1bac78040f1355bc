//! Consumers of the embedded log: each event once per consumer, in order of position.
//!
//! The inbox row, the consumer's own work and its new offset commit together. An event that
//! keeps failing is put aside as a dead job with its reason, so that the log goes on.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use kernel::{Envelope, Error, Kind};

use crate::cx::{Cx, House};
use crate::db::{Db, DbError, Dialect, Tx};
use crate::jobs::{Handlers, Outcome};
use crate::outbox::{self, Placed};
use crate::params;
use crate::signals::Bell;
use crate::telemetry::{Part, Span};

const OFFSET: &str = "select pos, failed from consumer_offsets where consumer = $1 for update";
const START: &str = "insert into consumer_offsets (consumer, pos, failed) values ($1, 0, 0) \
    on conflict (consumer) do nothing";
const SEEN: &str = "insert into inbox (consumer, event_id, at) values ($1, $2, $3) \
    on conflict (consumer, event_id) do nothing";
const ADVANCE: &str = "update consumer_offsets set pos = $2, failed = 0, last_error = null \
    where consumer = $1";
const FAILED: &str = "update consumer_offsets set failed = failed + 1, last_error = $2 \
    where consumer = $1";
const FORGET: &str = "delete from inbox where (consumer, event_id) in \
    (select consumer, event_id from inbox where at < $1 order by at limit $2)";
const LAG: &str = "select coalesce(max(s.at - c.pos), 0) as lag from consumer_offsets c \
    cross join seq s where s.name = 'outbox'";

/// Tries before an event is put aside.
const TRIES: i64 = 8;
const BATCH: u32 = 64;

type Handle = dyn Fn(&mut Tx<'_>, &Cx, &Envelope) -> Result<(), Error> + Send + Sync;

/// A consumer: a stable name, the topics it wants, and what it does with one event.
#[derive(Clone)]
pub struct Consumer {
    /// Stable name; its offset and inbox rows carry it.
    pub name: &'static str,
    /// Topics it handles; others are passed over.
    pub topics: &'static [&'static str],
    /// In which order it wants them.
    pub order: Order,
    /// The work, inside the transaction of the inbox row.
    pub handle: Arc<Handle>,
}

/// The order in which a consumer wants events. The embedded log has one order for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they come; on Kafka in order per topic and aggregate.
    Any,
    /// Every aggregate's events in the order of their versions, over all topics of the family:
    /// on Kafka the consumer hears all of them, to know what is missing.
    PerAggregate(&'static [&'static str]),
}

impl Consumer {
    /// The module it belongs to: its name is the module's, or begins with it.
    pub fn module(&self) -> &'static str {
        let known = self.name.match_indices('.').nth(1).map(|(at, _)| &self.name[..at]);
        known.unwrap_or(self.name)
    }

    /// Whether it handles such an event; others are passed over.
    fn wants(&self, event: &Envelope) -> bool {
        self.topics.contains(&event.topic.as_str())
    }

    /// The context in which it handles an event, and its span when it wants the event at all.
    pub(crate) fn cx(&self, house: &Arc<House>, event: &Envelope) -> (Cx, Option<Span>) {
        let cx = house.system_cx();
        if !self.wants(event) {
            return (cx, None);
        }
        let name = format!("{} {}", self.name, event.topic);
        let span = Span::begin(Part::Consumer, name, event.trace, &*house.ids)
            .with("messaging.message.id", event.id.to_string());
        (cx.on_behalf(event, &span), Some(span))
    }

    /// The topics that it must hear on Kafka.
    pub(crate) const fn hears(&self) -> &'static [&'static str] {
        match self.order {
            Order::Any => self.topics,
            Order::PerAggregate(family) => family,
        }
    }
}

/// Hands an event to a consumer that wants it, unless it had it before.
///
/// # Errors
/// What the consumer's own work failed with, or the database.
pub(crate) fn once(
    tx: &mut Tx<'_>,
    cx: &Cx,
    consumer: &Consumer,
    event: &Envelope,
) -> Result<(), Error> {
    if !consumer.wants(event) {
        return Ok(());
    }
    let fresh = tx.execute(SEEN, params![consumer.name, event.id, cx.clock.now()])? == 1;
    if fresh { (consumer.handle)(tx, cx, event) } else { Ok(()) }
}

/// The loop of one consumer.
pub async fn run(house: Arc<House>, consumer: Consumer) {
    let mut bell = house.db.signals().listen(Bell::Positions);
    loop {
        match drain(&house, &consumer).await {
            Ok(()) => {
                let _either = tokio::time::timeout(Duration::from_secs(1), bell.changed()).await;
            }
            Err(e) => {
                tracing::warn!(consumer = consumer.name, error = %e, "a consumer failed");
                crate::tasks::sleep_ms(500).await;
            }
        }
    }
}

/// Handles everything that is there now.
///
/// # Errors
/// The first event that failed; it is tried again by the next call.
pub async fn drain(house: &Arc<House>, consumer: &Consumer) -> Result<(), Error> {
    loop {
        let name = consumer.name;
        let at: i64 = house
            .db
            .write(move |tx| {
                tx.execute(START, params![name])?;
                tx.query_one(OFFSET, params![name])?.int("pos")
            })
            .await
            .map_err(|e: DbError| Error::from(e))?;
        let events = house
            .db
            .read(move |tx| outbox::after(tx, at, BATCH))
            .await
            .map_err(|e: DbError| Error::from(e))?;
        if events.is_empty() {
            return Ok(());
        }
        handle(house, consumer, at, events).await?;
    }
}

/// Handles the events after `at` in their order, each in a transaction of its own, up to the
/// first one that fails. SQLite's one writer is given them all at once: it takes them in turn,
/// and one sync of the disk serves them all.
async fn handle(
    house: &Arc<House>,
    consumer: &Consumer,
    at: i64,
    events: Vec<Placed>,
) -> Result<(), Error> {
    let together = match house.db.dialect() {
        Dialect::Sqlite => events.len().max(1),
        Dialect::Postgres => 1,
    };
    let before = std::iter::once(at).chain(events.iter().map(|e| e.position)).collect::<Vec<_>>();
    let turns = before.into_iter().zip(events);
    let handled = turns.map(|(before, e)| handle_one(house, consumer, before, e));
    let mut handled = futures::stream::iter(handled).buffered(together);
    while let Some(done) = handled.next().await {
        done?;
    }
    Ok(())
}

/// Handles `e` when the one at `before` was the last that was handled. Else it is not its turn:
/// the one before it failed, or another process was faster.
async fn handle_one(
    house: &Arc<House>,
    consumer: &Consumer,
    before: i64,
    e: Placed,
) -> Result<(), Error> {
    let (cx, mut span) = consumer.cx(house, &e.event);
    let c = consumer.clone();
    let event = e.clone();
    let outcome: Result<(), Error> = house
        .db
        .write(move |tx| {
            let here = tx.query_one(OFFSET, params![c.name])?;
            if here.int("pos")? != before {
                return Ok(());
            }
            once(tx, &cx, &c, &event.event)?;
            tx.execute(ADVANCE, params![c.name, event.position])?;
            Ok(())
        })
        .await;
    let Err(error) = outcome else { return Ok(()) };
    if let Some(span) = &mut span {
        span.fail(error.to_string());
    }
    // An engine that is away says nothing about the event: such a try does not count.
    if error.kind != Kind::Unavailable {
        put_aside(house, consumer, e, &error).await?;
    }
    Err(error)
}

/// The kind of the dead jobs that a consumer's events become.
fn dead_kind(consumer: &str) -> String {
    format!("consumer.{consumer}")
}

/// Adds what handles an event that a consumer gave up, when somebody queues it again.
#[must_use]
pub fn handlers(consumers: Vec<Consumer>, to: Handlers) -> Handlers {
    consumers.into_iter().fold(to, |handlers, consumer| {
        handlers.on(dead_kind(consumer.name), move |house, _, job| {
            let consumer = consumer.clone();
            async move {
                let event: Envelope = serde_json::from_value(job.payload.clone())
                    .map_err(|e| Error::internal("this job holds no event").caused_by(e))?;
                let again = Arc::clone(&house);
                let handle = move |tx: &mut Tx<'_>| {
                    let (cx, _span) = consumer.cx(&again, &event);
                    once(tx, &cx, &consumer, &event)
                };
                house.db.write(handle).await?;
                Ok(Outcome::Done)
            }
        })
    })
}

/// Counts a failure; the last one moves the event to the dead jobs and the consumer goes on.
async fn put_aside(
    house: &Arc<House>,
    consumer: &Consumer,
    e: Placed,
    error: &Error,
) -> Result<(), Error> {
    let name = consumer.name;
    let text = error.to_string();
    let cx = Arc::new(house.system_cx());
    house
        .db
        .write(move |tx| {
            tx.execute(FAILED, params![name, &text])?;
            if tx.query_one(OFFSET, params![name])?.int("failed")? >= TRIES {
                let payload = serde_json::to_value(&e.event).unwrap_or_default();
                crate::jobs::bury(tx, &cx, &dead_kind(name), &payload, &text, None)?;
                tx.execute(ADVANCE, params![name, e.position])?;
            }
            Ok::<(), DbError>(())
        })
        .await
        .map_err(Error::from)
}

/// Forgets a piece of what was handled before `before`, the oldest first; answers how many.
///
/// # Errors
/// When the database fails.
pub fn forget(tx: &mut Tx<'_>, before: kernel::Timestamp) -> Result<u64, DbError> {
    tx.execute(FORGET, params![before, crate::retention::PIECE])
}

/// How far the slowest consumer is behind the log, in events.
///
/// # Errors
/// When the database fails.
pub async fn lag(db: &Db) -> Result<i64, DbError> {
    db.read(|tx| tx.query_one(LAG, &[])?.int("lag")).await
}
