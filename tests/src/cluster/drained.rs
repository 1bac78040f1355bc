//! Whether a cluster has done all that it had to do.

use std::time::{Duration, Instant};

use kernel::Envelope;
use platform::db::{DbError, Tx};
use platform::outbox::{self, Placed};
use platform::params;

use super::Cluster;

const PUBLISHED: &str = "select coalesce(max(pos), 0) as n from consumer_offsets \
    where consumer = 'bus.kafka'";
const PARKED: &str = "select count(*) as n from bus_parked";
const UNSEEN: &str = "select count(*) as n from outbox o where o.topic = $2 and not exists \
    (select 1 from inbox i where i.consumer = $1 and i.event_id = o.event_id)";
const SEEN: &str = "select count(*) as n from inbox where consumer = $1";
const DECISIONS: &str = "select count(*) as n from policy_decisions";

/// What is still to be done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Rest {
    unplaced: i64,
    unpublished: i64,
    parked: i64,
    unseen: i64,
    open_jobs: i64,
    dead_jobs: i64,
}

impl Cluster {
    /// Waits until nothing is left: no event without a position, not on the bus or not with its
    /// consumers, no job.
    ///
    /// # Errors
    /// What is left when the time is over.
    pub async fn drained(&self, within: Duration) -> Result<(), String> {
        let db = self.db()?;
        let until = Instant::now() + within;
        loop {
            let (open_jobs, dead_jobs) =
                platform::jobs::counts(&db).await.map_err(|e| e.to_string())?;
            let rest: Result<Rest, DbError> = db.read(rest).await;
            let rest = Rest { open_jobs, dead_jobs, ..rest.map_err(|e| e.to_string())? };
            if rest == Rest::default() {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(format!("after {} s there is left: {rest:?}", within.as_secs()));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The log, from its beginning.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log(&self) -> Result<Vec<Placed>, String> {
        let read: Result<Vec<Placed>, DbError> =
            self.db()?.read(|tx| outbox::after(tx, 0, 10_000_000)).await;
        read.map_err(|e| e.to_string())
    }

    /// Every event that consumers want is in their inbox once, and so is what they made of it.
    /// Answers how many.
    ///
    /// # Errors
    /// When there are more or fewer.
    pub async fn consumed_once(&self, within: Duration) -> Result<usize, String> {
        // Processes keep decisions for a moment before they tell them: it counts when nothing
        // came while it was counted.
        loop {
            self.drained(within).await?;
            let log = self.log().await?;
            let counted = self.counted(&log).await;
            if self.log_head().await? == log.last().map_or(0, |p| p.position) {
                return counted;
            }
        }
    }

    async fn counted(&self, log: &[Placed]) -> Result<usize, String> {
        let mut sum = 0;
        for consumer in access::policy::consumers(30) {
            let wants = |e: &Envelope| consumer.topics.contains(&e.topic.as_str());
            let events = log.iter().map(|p| &p.event).filter(|e| wants(e));
            let (mut wanted, mut decisions) = (0, 0);
            for event in events {
                wanted += 1;
                decisions += event.payload["decisions"].as_array().map_or(0, Vec::len);
            }
            let name = consumer.name;
            let count = move |tx: &mut Tx<'_>| {
                let seen = tx.query_one(SEEN, params![name])?.int("n")?;
                Ok((seen, tx.query_one(DECISIONS, &[])?.int("n")?))
            };
            let counted: Result<(i64, i64), DbError> = self.db()?.read(count).await;
            let counted = counted.map_err(|e| e.to_string())?;
            if counted != (to_i64(wanted), to_i64(decisions)) {
                return Err(format!(
                    "{name} had {counted:?} of {wanted} events with {decisions} decisions"
                ));
            }
            sum += wanted;
        }
        Ok(sum)
    }

    /// The last position of the log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_head(&self) -> Result<i64, String> {
        let head: Result<i64, DbError> = self.db()?.read(outbox::head).await;
        head.map_err(|e| e.to_string())
    }
}

fn rest(tx: &mut Tx<'_>) -> Result<Rest, DbError> {
    let mut unseen = 0;
    for consumer in access::policy::consumers(30) {
        for topic in consumer.topics {
            unseen += tx.query_one(UNSEEN, params![consumer.name, *topic])?.int("n")?;
        }
    }
    Ok(Rest {
        unplaced: outbox::unplaced(tx)?,
        unpublished: outbox::head(tx)? - tx.query_one(PUBLISHED, &[])?.int("n")?,
        parked: tx.query_one(PARKED, &[])?.int("n")?,
        unseen,
        ..Rest::default()
    })
}

fn to_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
