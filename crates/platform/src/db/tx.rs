//! A running transaction: synchronous statements, savepoints, and a memory of what failed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::dialect::Dialect;
use super::error::DbError;
use super::value::{Row, Value};
use crate::signals::Bell;

/// Values in one piece of a list.
const LIST: usize = 256;

/// One open connection, as an engine gives it to [`Tx`].
pub(super) trait Connection {
    fn dialect(&self) -> Dialect;
    /// A closure that holds its transaction longer than this is ended at its next statement: a
    /// slow one would stall the single writer of the embedded engine.
    fn limit(&self) -> Duration;
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, DbError>;
    fn execute_many(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64, DbError>;
    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError>;
    fn batch(&mut self, sql: &str) -> Result<(), DbError>;
    fn prepare(&mut self, sql: &str) -> Result<(), DbError>;
    /// Lets the running transaction take as long as it needs.
    fn lift_limit(&mut self) -> Result<(), DbError>;
}

/// A transaction, inside the closure of [`super::Db::write`] or [`super::Db::read`].
///
/// After a failed statement the transaction is dead on both engines: the error is remembered
/// and nothing commits, whatever the closure returns. To survive a failure, use
/// [`Tx::savepoint`].
pub struct Tx<'c> {
    connection: &'c mut dyn Connection,
    failed: Option<DbError>,
    depth: u32,
    started: Instant,
    /// How long it may take; a migration takes as long as it needs.
    limit: Option<Duration>,
    rung: BTreeSet<Bell>,
}

impl<'c> Tx<'c> {
    pub(super) fn new(connection: &'c mut dyn Connection) -> Self {
        let started = crate::clock::instant();
        let limit = Some(connection.limit());
        Self { connection, failed: None, depth: 0, started, limit, rung: BTreeSet::new() }
    }

    /// Takes the limits of time away: for changes of the schema, which nobody waits behind.
    pub(super) fn lift_limit(&mut self) -> Result<(), DbError> {
        self.limit = None;
        self.step(|c| c.lift_limit())
    }

    /// Runs a statement whose unique constraint another process may have won: the whole closure
    /// is then run again, and finds what the other one saved.
    pub fn execute_racing(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64, DbError> {
        if rows.is_empty() {
            return Ok(0);
        }
        self.step(|c| c.execute_many(sql, rows).map_err(lost_race))
    }

    /// As [`Tx::execute_racing`], for a statement that answers rows.
    pub fn query_racing(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.step(|c| c.query(sql, params).map_err(lost_race))
    }

    /// Which engine this runs on; for the few texts that [`Dialect`] keeps apart.
    pub fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    /// Runs a statement; answers the number of rows it touched.
    pub fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, DbError> {
        self.step(|c| c.execute(sql, params))
    }

    /// Runs one statement for many parameter rows: a loop on the embedded engine, pipelined
    /// in one round trip on the server.
    pub fn execute_many(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64, DbError> {
        if rows.is_empty() {
            return Ok(0);
        }
        self.step(|c| c.execute_many(sql, rows))
    }

    /// Runs a query; answers every row.
    pub fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.step(|c| c.query(sql, params))
    }

    /// Runs a query that answers at most one row.
    pub fn query_opt(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// Runs a query that must answer a row; none is [`DbError::NoRow`] (which kills nothing).
    pub fn query_one(&mut self, sql: &str, params: &[Value]) -> Result<Row, DbError> {
        self.query_opt(sql, params)?.ok_or(DbError::NoRow)
    }

    /// Runs a query with a list: `$list` stands for as many parameters as there are values.
    /// Long lists go in pieces; rows keep the order of each piece, not of the whole.
    pub fn query_in(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, DbError> {
        self.query_in_after(sql, &[], values)
    }

    /// As [`Tx::query_in`], with other parameters before those of the list.
    pub fn query_in_after(
        &mut self,
        sql: &str,
        first: &[Value],
        values: &[Value],
    ) -> Result<Vec<Row>, DbError> {
        let mut rows = Vec::new();
        for piece in values.chunks(LIST) {
            // Few distinct lengths, so that few statements are prepared: the last value repeats.
            let width = piece.len().next_power_of_two().min(LIST);
            let numbers = first.len() + 1..=first.len() + width;
            let names: Vec<String> = numbers.map(|n| format!("${n}")).collect();
            let text = sql.replace("$list", &names.join(", "));
            let mut params = [first, piece].concat();
            params.resize(first.len() + width, piece[piece.len() - 1].clone());
            rows.extend(self.query(&text, &params)?);
        }
        Ok(rows)
    }

    /// Runs DDL or several statements without parameters.
    pub fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        let text = self.dialect().ddl(sql);
        self.step(|c| c.batch(&text))
    }

    /// Has the engine understand a statement without running it.
    pub fn prepare(&mut self, sql: &str) -> Result<(), DbError> {
        let first = (1..).find(|n| !sql.contains(&format!("${n}"))).unwrap_or(1);
        let text = sql.replace("$list", &format!("${first}"));
        self.step(|c| c.prepare(&text))
    }

    /// Rings a bell after the commit, so that a waiting task looks at once.
    pub fn ring(&mut self, bell: Bell) {
        self.rung.insert(bell);
    }

    /// Runs `f` in a savepoint: when it answers an error, only its own work is undone and the
    /// transaction lives on. Retryable errors still end the whole transaction.
    pub fn savepoint<T, E: From<DbError>>(
        &mut self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.depth += 1;
        let name = format!("sp{}", self.depth);
        let opened = self.step(|c| c.batch(&format!("savepoint {name}")));
        if let Err(e) = opened {
            self.depth -= 1;
            return Err(e.into());
        }
        let answer = f(self);
        self.depth -= 1;
        let retryable = self.failed.as_ref().is_some_and(DbError::is_retryable);
        if retryable {
            return answer;
        }
        let end = if answer.is_ok() && self.failed.is_none() {
            format!("release savepoint {name}")
        } else {
            self.failed = None;
            format!("rollback to savepoint {name}; release savepoint {name}")
        };
        self.step(|c| c.batch(&end))?;
        answer
    }

    fn step<T>(
        &mut self,
        f: impl FnOnce(&mut dyn Connection) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        if let Some(e) = &self.failed {
            return Err(DbError::Aborted(format!("an earlier statement failed: {e}")));
        }
        if self.limit.is_some_and(|limit| self.started.elapsed() > limit) {
            let e = DbError::Slow("the transaction ran longer than its time limit".into());
            self.failed = Some(e.clone());
            return Err(e);
        }
        f(&mut *self.connection).inspect_err(|e| self.failed = Some(e.clone()))
    }

    /// The remembered failure and the bells to ring, when the closure is done.
    pub(super) fn close(self) -> (Option<DbError>, BTreeSet<Bell>) {
        (self.failed, self.rung)
    }
}

/// A row that is there already was saved by somebody else a moment ago.
fn lost_race(e: DbError) -> DbError {
    match e {
        DbError::Unique(what) => DbError::Conflict(what),
        other => other,
    }
}
