//! PostgreSQL: a pool of threads, each with its own connection and its own small runtime, so
//! that a transaction is plain synchronous code and no lock is held across an `await`.
#![expect(clippy::disallowed_methods, reason = "the pool has threads of its own")]

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use futures::future::try_join_all;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls, Statement};

mod bells;
mod errors;
mod values;

use super::dialect::Dialect;
use super::error::DbError;
use super::tx::Connection;
use super::value::{Row, Value};
use super::work::{Verdict, Work};
use super::{Asked, Gone, Limits};
use crate::signals::Signals;
pub(super) use bells::carry_bells;
use errors::{classify, not_connected};
use values::{borrowed, cell};

/// Connections of one process. Sixteen keep a server of a few cores busy; more only queue there.
const POOL: usize = 16;
/// More of them for what looks at much of a table; opened when first needed.
const SCANNERS: usize = 2;
/// How often a scan looks whether anybody still waits for it.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long a connection that is given up may take to say goodbye.
const PARTING: Duration = Duration::from_millis(50);
/// How often a closure is run again after a conflict or a lost connection.
const TRIES: u32 = 8;
/// A server that does not take a connection within this is away.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Bytes that nobody confirms for so long were sent to nobody (a machine that lost its power).
const CONFIRM_WITHIN: Duration = Duration::from_secs(15);
/// A connection without traffic is tried so often, and given up after three silent tries.
const PROBE_EVERY: Duration = Duration::from_secs(10);
/// A statement that we no longer wait for is ended by the server as well, a moment before.
const SERVER_ENDS_BEFORE: Duration = Duration::from_millis(500);

/// The queue into the engine's threads.
pub(super) struct Postgres {
    pub(super) queue: Sender<Asked>,
    pub(super) scans: Sender<Asked>,
}

/// What the transaction may do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    Read,
}

impl Postgres {
    /// Starts the pool; connections are opened when first needed, one now to prove the address.
    pub(super) fn connect(
        url: &str,
        signals: &Arc<Signals>,
        limits: Limits,
    ) -> Result<Self, DbError> {
        let config = settings(url)?;
        let first = Connected::prove(config.clone(), limits)?;
        let (queue, work) = crossbeam_channel::bounded(limits.queue);
        let (scans, scanned) = crossbeam_channel::bounded(limits.queue);
        for _ in 0..SCANNERS {
            let connection = Connected::new(config.clone(), limits)?;
            let (queue, bells) = (scanned.clone(), Arc::clone(signals));
            crate::tasks::thread("db-scanner", move || pool_loop(connection, &queue, &bells));
        }
        let mut opened = Some(first);
        for _ in 0..POOL {
            let connection = match opened.take() {
                Some(c) => c,
                None => Connected::new(config.clone(), limits)?,
            };
            let queue = work.clone();
            let bells = Arc::clone(signals);
            crate::tasks::thread("db-pool", move || pool_loop(connection, &queue, &bells));
        }
        Ok(Self { queue, scans })
    }
}

/// What the URL says, with a limit for everything that it leaves open: by itself a client waits
/// for ever for a server that vanished without a word.
fn settings(url: &str) -> Result<tokio_postgres::Config, DbError> {
    let mut config: tokio_postgres::Config = url
        .parse()
        .map_err(|e| DbError::Other(format!("the PostgreSQL URL cannot be read: {e}")))?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_WITHIN);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(CONFIRM_WITHIN);
    }
    config.keepalives_idle(PROBE_EVERY);
    config.keepalives_interval(PROBE_EVERY);
    config.keepalives_retries(3);
    Ok(config)
}

fn pool_loop(mut db: Connected, queue: &Receiver<Asked>, signals: &Signals) {
    while let Ok(Asked { mut work, writes, gone }) = queue.recv() {
        let mode = if writes { Mode::Write } else { Mode::Read };
        let mut outcome = Err(DbError::Closed);
        if gone.as_ref().is_some_and(|gone| gone.load(Ordering::Relaxed)) {
            continue;
        }
        db.gone = gone;
        let began = crate::clock::instant();
        for attempt in 0..TRIES {
            outcome = match db.run(work.as_mut(), mode) {
                Verdict::Commit(bells) => {
                    signals.ring_all(&bells);
                    Ok(())
                }
                Verdict::Undo => Ok(()),
                Verdict::Fail(e) => Err(e),
            };
            match &outcome {
                Err(e) if e.is_retryable() => {
                    metrics::counter!("kontor_db_retries_total").increment(1);
                    if matches!(e, DbError::Lost(_)) {
                        db.leave();
                    }
                    // Whoever waits for a server that is silent is told so in time.
                    if began.elapsed() >= db.limits.statement {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(5 << attempt.min(6)));
                }
                _ => break,
            }
        }
        work.answer(outcome);
    }
}

struct Connected {
    runtime: tokio::runtime::Runtime,
    config: tokio_postgres::Config,
    client: Option<Client>,
    /// The connection of the client, on our runtime.
    ending: Option<JoinHandle<()>>,
    statements: HashMap<String, Statement>,
    mode: Mode,
    limits: Limits,
    /// Whether anybody still waits for the running scan.
    gone: Option<Gone>,
    /// Whether the running transaction may take as long as it needs.
    unlimited: bool,
}

impl Connected {
    fn new(config: tokio_postgres::Config, limits: Limits) -> Result<Self, DbError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| DbError::Other(format!("runtime: {e}")))?;
        Ok(Self {
            runtime,
            config,
            client: None,
            ending: None,
            statements: HashMap::new(),
            mode: Mode::Read,
            limits,
            gone: None,
            unlimited: false,
        })
    }

    /// Opens a connection now, on a thread of its own: the caller may be an async thread, where
    /// a second runtime must not block.
    fn prove(config: tokio_postgres::Config, limits: Limits) -> Result<Self, DbError> {
        let opening = std::thread::spawn(move || {
            let mut first = Self::new(config, limits)?;
            first.ensure()?;
            Ok(first)
        });
        opening.join().unwrap_or_else(|_| Err(DbError::Other("the connection panicked".into())))
    }

    fn ensure(&mut self) -> Result<(), DbError> {
        if self.client.as_ref().is_some_and(|c| !c.is_closed()) {
            return Ok(());
        }
        self.statements.clear();
        let opening = self.config.connect(NoTls);
        let limit = self.limits.statement;
        let opened = self.runtime.block_on(async { tokio::time::timeout(limit, opening).await });
        let (client, connection) =
            opened.map_err(|_| silent(limit))?.map_err(|e| not_connected(&e))?;
        self.ending = Some(self.runtime.spawn(async move {
            if let Err(e) = connection.await {
                tracing::debug!(error = %e, "a PostgreSQL connection ended");
            }
        }));
        self.client = Some(client);
        let ends = limit.saturating_sub(SERVER_ENDS_BEFORE).as_millis();
        self.batch(&format!("set statement_timeout = {ends}")).inspect_err(|_| self.leave())
    }

    /// Waits for an answer of the server; one that does not come in time is a lost connection.
    fn wait<T>(
        &self,
        asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DbError> {
        if self.unlimited {
            return self.runtime.block_on(asked).map_err(|e| classify(&e));
        }
        let limit = self.limits.statement;
        let answer = self.runtime.block_on(async {
            let answer = tokio::time::timeout(limit, asked);
            tokio::pin!(answer);
            loop {
                tokio::select! {
                    answer = &mut answer => return answer.map_err(|_| silent(limit)),
                    () = tokio::time::sleep(LOOK_EVERY), if self.gone.is_some() => {
                        self.cancel_if_gone().await;
                    }
                }
            }
        });
        answer?.map_err(|e| classify(&e))
    }

    /// Asks the server to end a statement that nobody waits for any more.
    async fn cancel_if_gone(&self) {
        let gone = self.gone.as_ref().is_some_and(|gone| gone.load(Ordering::Relaxed));
        if let Some(client) = self.client.as_ref().filter(|_| gone) {
            // When that fails too, the statement's own limit ends it.
            let _not_ended = client.cancel_token().cancel_query(NoTls).await;
        }
    }

    /// Gives the connection up. The server is told at once: this thread may have nothing to do
    /// for long, and nobody else moves its runtime.
    fn leave(&mut self) {
        self.client = None;
        if let Some(ending) = self.ending.take() {
            // One that hangs is let go.
            let _ended =
                self.runtime.block_on(async { tokio::time::timeout(PARTING, ending).await });
        }
    }

    fn run(&mut self, work: &mut dyn Work, mode: Mode) -> Verdict {
        if let Err(e) = self.ensure() {
            return Verdict::Fail(e);
        }
        self.mode = mode;
        self.unlimited = false;
        let begin = match mode {
            Mode::Write => "begin isolation level read committed",
            Mode::Read => "begin isolation level repeatable read read only",
        };
        if let Err(e) = self.batch(begin) {
            return Verdict::Fail(e);
        }
        let verdict = work.run(self);
        match verdict {
            Verdict::Commit(bells) => match self.batch("commit") {
                Ok(()) => Verdict::Commit(bells),
                // The answer to COMMIT was lost: it may have happened.
                Err(DbError::Lost(m)) if mode == Mode::Write => {
                    self.leave();
                    Verdict::Fail(DbError::CommitUnknown(m))
                }
                Err(e) => Verdict::Fail(e),
            },
            undone => {
                if matches!(undone, Verdict::Fail(DbError::StalePlan(_))) {
                    self.statements.clear();
                }
                // What is lost cannot be asked to undo anything: the server does so by itself.
                let lost = matches!(undone, Verdict::Fail(DbError::Lost(_)));
                if lost || self.batch("rollback").is_err() {
                    self.leave();
                }
                undone
            }
        }
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, DbError> {
        // A reading transaction sees one snapshot and may not lock; the same load serves both.
        let unlocked;
        let sql = if self.mode == Mode::Read && sql.contains(" for update") {
            unlocked = sql.replace(" for update skip locked", "").replace(" for update", "");
            unlocked.as_str()
        } else {
            sql
        };
        if let Some(s) = self.statements.get(sql) {
            return Ok(s.clone());
        }
        let client = self.client.as_ref().ok_or_else(|| DbError::Lost("not connected".into()))?;
        let statement = self.wait(client.prepare(sql))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn client(&self) -> Result<&Client, DbError> {
        self.client.as_ref().ok_or_else(|| DbError::Lost("not connected".into()))
    }
}

impl Connection for Connected {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn limit(&self) -> Duration {
        self.limits.statement
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, DbError> {
        let statement = self.prepared(sql)?;
        let params = borrowed(params);
        self.wait(self.client()?.execute(&statement, &params))
    }

    fn execute_many(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64, DbError> {
        let statement = self.prepared(sql)?;
        let client = self.client()?;
        let mut touched = 0;
        // Futures of one connection that are polled together are pipelined by the driver.
        for chunk in rows.chunks(1_000) {
            let params: Vec<_> = chunk.iter().map(|r| borrowed(r)).collect();
            let all = try_join_all(params.iter().map(|p| client.execute(&statement, p)));
            let counts = self.wait(all)?;
            touched += counts.iter().sum::<u64>();
        }
        Ok(touched)
    }

    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let statement = self.prepared(sql)?;
        let params = borrowed(params);
        let rows = self.wait(self.client()?.query(&statement, &params))?;
        let columns: Arc<[String]> =
            statement.columns().iter().map(|c| c.name().to_owned()).collect();
        rows.iter()
            .map(|row| {
                let cells =
                    (0..columns.len()).map(|i| cell(row, i)).collect::<Result<Vec<_>, _>>()?;
                Ok(Row { columns: Arc::clone(&columns), cells })
            })
            .collect()
    }

    fn prepare(&mut self, sql: &str) -> Result<(), DbError> {
        self.prepared(sql).map(drop)
    }

    fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        self.wait(self.client()?.batch_execute(sql))
    }

    fn lift_limit(&mut self) -> Result<(), DbError> {
        self.batch("set local statement_timeout = 0")?;
        self.unlimited = true;
        Ok(())
    }
}

/// A server that says nothing any more.
fn silent(limit: Duration) -> DbError {
    DbError::Lost(format!("the server did not answer within {} ms", limit.as_millis()))
}
