//! PostgreSQL: a pool of threads, each with its own connection and its own small runtime, so
//! that a transaction is plain synchronous code and no lock is held across an `await`.
#![expect(clippy::disallowed_methods, reason = "the pool has threads of its own")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use futures::future::try_join_all;
use tokio::task::JoinHandle;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Statement};

use super::dialect::Dialect;
use super::error::DbError;
use super::tx::Connection;
use super::value::{Row, Value};
use super::work::{Verdict, Work};
use crate::signals::{Bell, Signals};

/// Connections of one process. Sixteen keep a server of a few cores busy; more only queue there.
const POOL: usize = 16;
/// How long a connection that is given up may take to say goodbye.
const PARTING: Duration = Duration::from_millis(50);
/// How often a closure is run again after a conflict or a lost connection.
const TRIES: u32 = 8;

/// The queue into the engine's threads.
pub(super) struct Postgres {
    pub(super) queue: Sender<(Box<dyn Work>, Mode)>,
}

/// What the transaction may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Write,
    Read,
}

impl Postgres {
    /// Starts the pool; connections are opened when first needed, one now to prove the address.
    pub(super) fn connect(url: &str, signals: &Arc<Signals>) -> Result<Self, DbError> {
        let config: tokio_postgres::Config = url
            .parse()
            .map_err(|e| DbError::Other(format!("the PostgreSQL URL cannot be read: {e}")))?;
        let first = Connected::prove(config.clone())?;
        let (queue, work) = crossbeam_channel::unbounded();
        let mut opened = Some(first);
        for _ in 0..POOL {
            let connection = match opened.take() {
                Some(c) => c,
                None => Connected::new(config.clone())?,
            };
            let queue = work.clone();
            let bells = Arc::clone(signals);
            crate::tasks::thread("db-pool", move || pool_loop(connection, &queue, &bells));
        }
        Ok(Self { queue })
    }
}

fn pool_loop(mut db: Connected, queue: &Receiver<(Box<dyn Work>, Mode)>, signals: &Signals) {
    while let Ok((mut work, mode)) = queue.recv() {
        let mut outcome = Err(DbError::Closed);
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
}

impl Connected {
    fn new(config: tokio_postgres::Config) -> Result<Self, DbError> {
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
        })
    }

    /// Opens a connection now, on a thread of its own: the caller may be an async thread, where
    /// a second runtime must not block.
    fn prove(config: tokio_postgres::Config) -> Result<Self, DbError> {
        let opening = std::thread::spawn(move || {
            let mut first = Self::new(config)?;
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
        let (client, connection) =
            self.runtime.block_on(self.config.connect(NoTls)).map_err(|e| not_connected(&e))?;
        self.ending = Some(self.runtime.spawn(async move {
            if let Err(e) = connection.await {
                tracing::debug!(error = %e, "a PostgreSQL connection ended");
            }
        }));
        self.client = Some(client);
        Ok(())
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
                if self.batch("rollback").is_err() {
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
        let statement = self.runtime.block_on(client.prepare(sql)).map_err(|e| classify(&e))?;
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

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, DbError> {
        let statement = self.prepared(sql)?;
        let params = borrowed(params);
        self.runtime.block_on(self.client()?.execute(&statement, &params)).map_err(|e| classify(&e))
    }

    fn execute_many(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64, DbError> {
        let statement = self.prepared(sql)?;
        let client = self.client()?;
        let mut touched = 0;
        // Futures of one connection that are polled together are pipelined by the driver.
        for chunk in rows.chunks(1_000) {
            let params: Vec<_> = chunk.iter().map(|r| borrowed(r)).collect();
            let all = try_join_all(params.iter().map(|p| client.execute(&statement, p)));
            let counts = self.runtime.block_on(all).map_err(|e| classify(&e))?;
            touched += counts.iter().sum::<u64>();
        }
        Ok(touched)
    }

    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let statement = self.prepared(sql)?;
        let params = borrowed(params);
        let rows = self
            .runtime
            .block_on(self.client()?.query(&statement, &params))
            .map_err(|e| classify(&e))?;
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
        self.runtime.block_on(self.client()?.batch_execute(sql)).map_err(|e| classify(&e))
    }
}

fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|p| p as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(v), &Type::INT8) => v.to_sql(ty, out),
            (Self::Int(v), &Type::INT4) => i32::try_from(*v)?.to_sql(ty, out),
            (Self::Text(v), &Type::TEXT | &Type::VARCHAR | &Type::NAME) => v.to_sql(ty, out),
            (Self::Blob(v), &Type::BYTEA) => v.to_sql(ty, out),
            (v, ty) => Err(format!("a {v:?} cannot be bound to {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn cell(row: &tokio_postgres::Row, i: usize) -> Result<Value, DbError> {
    let column = &row.columns()[i];
    let wrong = |e: tokio_postgres::Error| DbError::Type(format!("{}: {e}", column.name()));
    Ok(match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(i).map_err(wrong)?.into(),
        Type::INT4 => row.try_get::<_, Option<i32>>(i).map_err(wrong)?.into(),
        Type::TEXT | Type::VARCHAR | Type::NAME => {
            row.try_get::<_, Option<String>>(i).map_err(wrong)?.into()
        }
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(i).map_err(wrong)?.into(),
        ref other => {
            return Err(DbError::Type(format!(
                "column '{}' has type {other}: cast it in the statement",
                column.name()
            )));
        }
    })
}

fn lost(e: &tokio_postgres::Error) -> DbError {
    DbError::Lost(chain(e))
}

fn chain(e: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    e.source().map_or_else(|| e.to_string(), |s| format!("{e}: {s}"))
}

/// No connection: the server has no room for one more, or there is none.
fn not_connected(e: &tokio_postgres::Error) -> DbError {
    match e.as_db_error().map(|_| classify(e)) {
        Some(full @ DbError::Full(_)) => full,
        _ => lost(e),
    }
}

fn classify(e: &tokio_postgres::Error) -> DbError {
    let Some(db) = e.as_db_error() else {
        if e.is_closed() || chain(e).contains("connection") || e.to_string().contains("communicat")
        {
            return lost(e);
        }
        return DbError::Type(chain(e));
    };
    let text = || match db.constraint() {
        Some(c) => format!("{} ({c})", db.message()),
        None => db.message().to_owned(),
    };
    match db.code().code() {
        "23505" => DbError::Unique(text()),
        "23503" => DbError::ForeignKey(text()),
        "23514" => DbError::Check(text()),
        "23502" => DbError::NotNull(text()),
        "40001" | "40P01" | "55P03" => DbError::Conflict(text()),
        "0A000" if db.message().contains("cached plan") => DbError::StalePlan(text()),
        code if code.starts_with("08") || code.starts_with("57P") => DbError::Lost(text()),
        // A standby, or a server that was made read-only: nothing was changed, another may help.
        "25006" => DbError::Lost(text()),
        code if code.starts_with("53") => DbError::Full(text()),
        code if code.starts_with("22") => DbError::Type(text()),
        code => DbError::Other(format!("{code}: {}", text())),
    }
}

/// Carries bells between the processes that share one database: listens, and sends what this
/// process rang, at most once in a few milliseconds (a notification in every transaction would
/// serialise their commits).
pub(super) async fn carry_bells(url: String, signals: Arc<Signals>) {
    loop {
        if let Err(e) = carry_once(&url, &signals).await {
            tracing::warn!(error = %e, "the doorbell's connection broke; trying again");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn carry_once(url: &str, signals: &Arc<Signals>) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = tokio_postgres::connect(url, NoTls).await?;
    let heard = Arc::clone(signals);
    let reader = tokio::spawn(async move {
        loop {
            let next = std::future::poll_fn(|cx| connection.poll_message(cx)).await;
            match next {
                Some(Ok(tokio_postgres::AsyncMessage::Notification(n))) => {
                    if let Some(bell) = Bell::from_name(n.payload()) {
                        heard.heard(bell);
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            }
        }
    });
    client.batch_execute("listen kontor_bell").await?;
    let mut rung = signals.outgoing();
    while !reader.is_finished() {
        let bells = rung.next().await;
        for bell in bells {
            client.execute("select pg_notify('kontor_bell', $1)", &[&bell.name()]).await?;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
