//! Durable jobs: queued in the transaction that wants them, claimed with a lease, retried with
//! backoff, and put aside as dead when they keep failing.
//!
//! A job runs at least once; its handler must be safe to run again. A finished job's row is
//! deleted; what it did is in the module's own tables.
#![expect(clippy::disallowed_methods, reason = "a job that panics must not end its runner")]

pub mod dead;
mod store;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use kernel::ids::Uuid;
use kernel::{Error, Kind, Timestamp, Trace};
use serde_json::Value as Json;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use store::{BURY, CLAIM, DEAD, DONE, DUE, EXTEND, INSERT, LEFT, LOST, OPEN, RENEW, RETRY};

use crate::cx::{Cx, House};
use crate::db::{Db, DbError, Row, Tx};
use crate::params;
use crate::signals::Bell;
use crate::telemetry::{Part, Span};

/// A worker that died holds its jobs no longer than this; one that lives renews its lease.
const LEASE_MS: i64 = 15_000;
const RENEW_MS: u64 = 5_000;
/// How long a job waits for an engine that is away.
const AWAY_MS: i64 = 5_000;
const POLL: Duration = Duration::from_millis(500);

/// A job to be queued.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Which handler: `deals.value`.
    pub kind: &'static str,
    /// At most one open job of this kind has this key.
    pub key: String,
    /// What the handler needs.
    pub payload: Json,
    /// Not before.
    pub run_at: Timestamp,
    /// Tries before it is dead.
    pub max_attempts: i64,
}

/// Queues a job in the running transaction; an open job with the same key makes this a no-op.
///
/// # Errors
/// When the database fails.
pub fn enqueue(tx: &mut Tx<'_>, cx: &Cx, job: &NewJob) -> Result<(), DbError> {
    let now = cx.clock.now();
    tx.execute(
        INSERT,
        params![
            cx.ids.next(),
            job.kind,
            &job.key,
            &job.payload,
            job.run_at,
            job.max_attempts,
            cx.request.clone(),
            cx.trace.map(|t| t.to_string()),
            now
        ],
    )?;
    tx.ring(Bell::Jobs);
    Ok(())
}

/// Records something that could not be handled, for a person to look at; under the same name
/// (`once`) only the first time.
///
/// # Errors
/// When the database fails.
pub fn bury(
    tx: &mut Tx<'_>,
    cx: &Cx,
    kind: &str,
    payload: &Json,
    why: &str,
    once: Option<&str>,
) -> Result<(), DbError> {
    tx.execute(BURY, params![cx.ids.next(), kind, payload, cx.clock.now(), why, once])?;
    Ok(())
}

/// A claimed job, as its handler sees it.
pub struct Job {
    /// Its identifier.
    pub id: Uuid,
    /// What it was queued with.
    pub payload: Json,
    /// This try, from 1.
    pub attempt: i64,
    /// Tries in all.
    pub max_attempts: i64,
    kind: String,
    lease: Uuid,
    request: Option<String>,
    trace: Option<Trace>,
}

impl Job {
    fn read(row: &Row, lease: Uuid) -> Result<Self, DbError> {
        Ok(Self {
            id: row.parse("id")?,
            payload: row.json("payload")?,
            attempt: row.int("attempts")?.saturating_add(1),
            max_attempts: row.int("max_attempts")?,
            kind: row.text("kind")?,
            lease,
            request: row.opt_text("request")?,
            trace: row.opt_text("trace")?.and_then(|t| t.parse().ok()),
        })
    }

    /// Renews the lease and shows progress.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn progress(&self, house: &House, done: i64, total: i64) -> Result<(), DbError> {
        let (id, lease, until) = (self.id, self.lease, house.clock.now().plus_ms(LEASE_MS));
        house
            .db
            .write(move |tx| tx.execute(EXTEND, params![id, lease, until, done, total]).map(|_| ()))
            .await
    }
}

/// How a handler ends when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Finished.
    Done,
    /// Not ready yet: look again then. Does not count as a failure.
    Again(Timestamp),
}

type Running = Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>>;
type Handler = dyn Fn(Arc<House>, Cx, Arc<Job>) -> Running + Send + Sync;

/// The handlers of the house, by kind.
#[derive(Clone, Default)]
pub struct Handlers(BTreeMap<String, Arc<Handler>>);

impl Handlers {
    /// Adds the handler of one kind.
    #[must_use]
    pub fn on<F, Fut>(mut self, kind: impl Into<String>, f: F) -> Self
    where
        F: Fn(Arc<House>, Cx, Arc<Job>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Outcome, Error>> + Send + 'static,
    {
        self.0.insert(kind.into(), Arc::new(move |h, c, j| Box::pin(f(h, c, j))));
        self
    }

    /// Only the handlers of kinds that `wanted` says yes to; others leave their jobs alone.
    #[must_use]
    pub fn only(mut self, wanted: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|kind, _| wanted(kind));
        self
    }

    fn kinds(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// The worker's loop: claims what is due and runs it, up to `width` at once. When `stop` fires
/// it claims nothing more and ends what it has begun, so that nobody has to wait for a lease.
pub async fn run(house: Arc<House>, handlers: Handlers, width: u32, stop: CancellationToken) {
    let mut bell = house.db.signals().listen(Bell::Jobs);
    let mut running = tokio::task::JoinSet::new();
    while !stop.is_cancelled() {
        let free = width.saturating_sub(u32::try_from(running.len()).unwrap_or(width));
        let claimed = if free == 0 { Ok(Vec::new()) } else { claim(&house, &handlers, free).await };
        match claimed {
            Ok(jobs) if !jobs.is_empty() => {
                for job in jobs {
                    running.spawn(run_one(Arc::clone(&house), handlers.clone(), job));
                }
            }
            Ok(_) => {
                tokio::select! {
                    _ = tokio::time::timeout(POLL, bell.changed()) => {}
                    Some(_) = running.join_next() => {}
                    () = stop.cancelled() => {}
                }
            }
            Err(e) => {
                tracing::warn!(error = %e, "jobs could not be claimed");
                crate::tasks::sleep_ms(500).await;
            }
        }
    }
    while running.join_next().await.is_some() {}
}

/// Runs everything that is due now, one after another; answers how many. For tests and
/// simulations.
///
/// # Errors
/// When the database fails; a failing job is an outcome, not an error.
pub async fn run_due(house: &Arc<House>, handlers: &Handlers) -> Result<usize, DbError> {
    let mut count = 0;
    loop {
        let jobs = claim(house, handlers, 1).await?;
        if jobs.is_empty() {
            return Ok(count);
        }
        for job in jobs {
            run_one(Arc::clone(house), handlers.clone(), job).await;
            count += 1;
        }
    }
}

async fn claim(house: &Arc<House>, handlers: &Handlers, limit: u32) -> Result<Vec<Job>, DbError> {
    let now = house.clock.now();
    let lease = house.ids.next();
    let kinds = handlers.kinds();
    house
        .db
        .write(move |tx| {
            let mut jobs = Vec::new();
            for row in due(tx, &kinds, now, limit)? {
                let job = Job::read(&row, lease)?;
                if row.text("status")? == "running" && job.attempt > job.max_attempts {
                    tracing::error!(job = %job.id,
                        "a job ended its process at every try; it is dead");
                    tx.execute(LOST, params![job.id])?;
                    continue;
                }
                tx.execute(CLAIM, params![job.id, now.plus_ms(LEASE_MS), lease])?;
                jobs.push(job);
            }
            Ok(jobs)
        })
        .await
}

/// The oldest of what is due, over all kinds; each kind is asked by itself, because one question
/// for all of them sorts the whole backlog.
fn due(tx: &mut Tx<'_>, kinds: &[String], now: Timestamp, limit: u32) -> Result<Vec<Row>, DbError> {
    let mut rows = tx.query(LEFT, params![now, limit])?;
    let ours = |row: &Row| row.text("kind").map(|kind| kinds.contains(&kind));
    let mut found = Vec::new();
    for row in rows.drain(..) {
        if ours(&row)? {
            found.push((row.int("run_at")?, row.text("id")?, row));
        }
    }
    for kind in kinds {
        for row in tx.query(DUE, params![now, limit, kind])? {
            found.push((row.int("run_at")?, row.text("id")?, row));
        }
    }
    found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found.into_iter().map(|(_, _, row)| row).collect())
}

async fn run_one(house: Arc<House>, handlers: Handlers, job: Job) {
    let job = Arc::new(job);
    let mut cx = house.system_cx();
    cx.request.clone_from(&job.request);
    let mut span = Span::begin(Part::Internal, format!("job {}", job.kind), job.trace, &*house.ids)
        .with("kontor.job", job.id.to_string())
        .with("kontor.attempt", job.attempt);
    cx.trace = Some(span.trace());
    let outcome = match handlers.0.get(job.kind.as_str()) {
        None => Err(Error::internal(format!("no handler for jobs of kind '{}'", job.kind))),
        Some(handler) => {
            let started = crate::clock::instant();
            let running = tokio::spawn(handler(Arc::clone(&house), cx, Arc::clone(&job)));
            let answer = keep_lease(&house, &job, running).await;
            metrics::histogram!("kontor_platform_job_seconds", "kind" => job.kind.clone())
                .record(started.elapsed().as_secs_f64());
            answer.unwrap_or_else(|e| Err(Error::internal("a job panicked").caused_by(e)))
        }
    };
    if let Err(e) = &outcome {
        span.fail(e.to_string());
    }
    if let Err(e) = finish(&house, &job, outcome).await {
        // The lease runs out and the job is tried again.
        tracing::warn!(error = %e, job = %job.id, "a job's outcome could not be saved");
    }
}

/// Waits for a running job, renewing its lease.
async fn keep_lease<T>(
    house: &House,
    job: &Job,
    mut running: JoinHandle<T>,
) -> Result<T, JoinError> {
    loop {
        tokio::select! {
            answer = &mut running => return answer,
            () = crate::tasks::sleep_ms(RENEW_MS) => {}
        }
        let (id, lease, until) = (job.id, job.lease, house.clock.now().plus_ms(LEASE_MS));
        let renewed: Result<u64, DbError> =
            house.db.write(move |tx| tx.execute(RENEW, params![id, lease, until])).await;
        match renewed {
            Ok(1) => {}
            Ok(_) => tracing::warn!(job = %job.id, "a job was taken over while it still ran"),
            Err(e) => tracing::warn!(error = %e, job = %job.id, "a lease could not be renewed"),
        }
    }
}

async fn finish(
    house: &House,
    job: &Arc<Job>,
    outcome: Result<Outcome, Error>,
) -> Result<(), DbError> {
    let (id, lease, now) = (job.id, job.lease, house.clock.now());
    let (status, run_at, error, back) = match outcome {
        Ok(Outcome::Done) => {
            return house
                .db
                .write(move |tx| tx.execute(DONE, params![id, lease]).map(|_| ()))
                .await;
        }
        // Looking again is no failure either: the try is given back.
        Ok(Outcome::Again(at)) => ("queued", at, None, 1),
        Err(e) => {
            // An engine that is away says nothing about the job: such a try does not count.
            let away = e.kind == Kind::Unavailable;
            let dead = job.attempt >= job.max_attempts && !away;
            tracing::warn!(kind = job.kind, attempt = job.attempt, dead, error = %e,
                cause = ?e.source, "a job failed");
            metrics::counter!("app_errors_total", "component" => job.kind.clone(),
                "error_type" => e.code)
            .increment(1);
            let growing = 200_i64.saturating_mul(1 << job.attempt.clamp(0, 12)).min(300_000);
            let wait = if away { AWAY_MS } else { growing };
            let status = if dead { "dead" } else { "queued" };
            (status, now.plus_ms(wait), Some(e.to_string()), i64::from(away))
        }
    };
    house
        .db
        .write(move |tx| {
            tx.execute(RETRY, params![id, lease, status, run_at, error.clone(), back]).map(|_| ())
        })
        .await
}

/// How many jobs are open (queued or running) and how many are dead.
///
/// # Errors
/// When the database fails.
pub async fn counts(db: &Db) -> Result<(i64, i64), DbError> {
    db.read(|tx| Ok((tx.query_one(OPEN, &[])?.int("n")?, tx.query_one(DEAD, &[])?.int("n")?))).await
}
