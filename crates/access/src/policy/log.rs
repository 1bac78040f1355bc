//! The decision log: kept in memory for a moment, written in batches as public events.
//!
//! A request never waits for it. When the database is away for long the memory is full and
//! decisions are dropped, which a metric counts; a no has a reserve that a yes cannot use up.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::policy::{PolicyDecision, PolicyDecisions};
use kernel::ids::Uuid;
use kernel::{Error, Ids};
use platform::House;
use platform::db::DbError;
use platform::outbox::{self, NewEvent};
use tokio::sync::{Mutex as Turn, Notify};
use tokio_util::sync::CancellationToken;

/// Decisions of one event.
const BATCH: usize = 200;
/// Decisions that wait at most.
const ROOM: usize = 10_000;
/// More room, for those that did not let somebody in.
const RESERVE: usize = 2_000;
/// How long a decision waits for others.
const GATHER: Duration = Duration::from_millis(250);

/// The log of one process.
pub(super) struct Log {
    id: Uuid,
    waiting: Mutex<VecDeque<PolicyDecision>>,
    some: Notify,
    many: Notify,
    writing: Turn<Writing>,
}

/// The batch that is being written. It stays here until it is known to be stored, so that
/// neither a failure nor a writer that is cut off loses or doubles it.
struct Writing {
    version: i64,
    batch: Option<Arc<Vec<PolicyDecision>>>,
}

impl Log {
    pub(super) fn new(ids: &dyn Ids) -> Self {
        Self {
            id: ids.next(),
            waiting: Mutex::default(),
            some: Notify::new(),
            many: Notify::new(),
            writing: Turn::new(Writing { version: 1, batch: None }),
        }
    }

    /// Adds a decision; never waits.
    pub(super) fn add(&self, decision: PolicyDecision) {
        let room = if decision.result == "allow" { ROOM } else { ROOM + RESERVE };
        let mut waiting = self.waiting();
        if waiting.len() >= room {
            drop(waiting);
            metrics::counter!("kontor_policy_decisions_dropped_total").increment(1);
            return;
        }
        waiting.push_back(decision);
        let count = waiting.len();
        drop(waiting);
        if count == 1 {
            self.some.notify_one();
        } else if count >= BATCH {
            self.many.notify_one();
        }
    }

    /// Writes what gathers, until `stop`.
    pub(super) async fn run(&self, house: &Arc<House>, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = self.some.notified() => {}
                () = stop.cancelled() => return,
            }
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                () = self.many.notified() => {}
                () = stop.cancelled() => {}
            }
            if let Err(e) = self.flush(house).await {
                tracing::warn!(error = %e, "decisions of the policy could not be written yet");
                // Whatever waits is tried again, also when nothing new is decided.
                self.some.notify_one();
                tokio::select! {
                    () = tokio::time::sleep(4 * GATHER) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }

    /// Writes everything that waits.
    ///
    /// # Errors
    /// When the database fails; nothing is lost then.
    pub(super) async fn flush(&self, house: &Arc<House>) -> Result<(), Error> {
        let mut writing = self.writing.lock().await;
        loop {
            if writing.batch.is_none() {
                writing.batch = self.next_batch();
            }
            let Some(batch) = writing.batch.clone() else { return Ok(()) };
            match self.write(house, writing.version, batch).await {
                // Stored by a try before, whose answer was lost.
                Ok(()) | Err(DbError::Unique(_)) => {
                    writing.batch = None;
                    writing.version += 1;
                }
                Err(e) => return Err(e.into()),
            }
        }
    }

    fn next_batch(&self) -> Option<Arc<Vec<PolicyDecision>>> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(BATCH);
        (count > 0).then(|| Arc::new(waiting.drain(..count).collect()))
    }

    async fn write(
        &self,
        house: &Arc<House>,
        version: i64,
        decisions: Arc<Vec<PolicyDecision>>,
    ) -> Result<(), DbError> {
        let (cx, log, now) = (house.system_cx(), self.id, house.clock.now());
        let batch = PolicyDecisions {
            event_id: house.ids.next().to_string(),
            log_id: log.to_string(),
            occurred_at: now.micros(),
            decisions: decisions.to_vec(),
        };
        let payload = serde_json::to_value(batch).map_err(|e| DbError::Type(e.to_string()))?;
        let event = NewEvent {
            topic: PolicyDecisions::TOPIC,
            version: PolicyDecisions::VERSION,
            aggregate: log,
            aggregate_version: version,
            payload,
        };
        house.db.write(move |tx| outbox::emit(tx, &cx, now, &event)).await
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, VecDeque<PolicyDecision>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
