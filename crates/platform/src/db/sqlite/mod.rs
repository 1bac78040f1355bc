//! The embedded engine: WAL, one writer thread with group commit, a few reader threads.
//!
//! The writer takes every closure that waits, runs each in a savepoint inside one
//! `BEGIN IMMEDIATE`, commits once (`synchronous = FULL`), then answers all: an answer means
//! durable, and one disk sync serves the whole group.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use rusqlite::OpenFlags;

use super::dialect::Dialect;
use super::error::DbError;
use super::tx::Connection;
use super::value::{Row, Value};
use super::work::{Verdict, Work};
use super::{Asked, Limits};
use crate::signals::{Bell, Signals};

mod values;

use values::{bind, cell, classify, places};

/// Closures in one group at most; bounds how long the first one waits for its answer.
const GROUP: usize = 512;
const READERS: usize = 4;

/// Threads for what looks at much of a table.
const SCANNERS: usize = 2;
/// Instructions of SQLite's machine between two looks whether anybody still waits.
const LOOK_EVERY: i32 = 10_000;

/// Queues into the engine's threads.
pub(super) struct Sqlite {
    pub(super) writes: Sender<Asked>,
    pub(super) reads: Sender<Asked>,
    pub(super) scans: Sender<Asked>,
    /// Whether the last that was written was written.
    pub(super) writable: Arc<AtomicBool>,
    ending: Mutex<Option<Ending>>,
}

/// How the threads are ended: readers first, so that the writer is the last to close the file,
/// folds its log into it and leaves nothing beside it.
struct Ending {
    readers: Sender<Never>,
    writer: Sender<Never>,
    /// Nothing is ever sent: their senders are gone when the threads have ended.
    readers_ended: Receiver<Never>,
    writer_ended: Receiver<Never>,
}

enum Never {}

/// How long a thread may take to end what it is doing.
const END_WITHIN: Duration = Duration::from_secs(5);

impl Sqlite {
    /// Opens the file (made when missing) and starts the threads.
    pub(super) fn open(
        path: &Path,
        signals: &Arc<Signals>,
        limits: Limits,
    ) -> Result<Self, DbError> {
        let (writes, write_queue) = crossbeam_channel::bounded(limits.queue);
        let (reads, read_queue) = crossbeam_channel::bounded(limits.queue);
        let (scans, scan_queue) = crossbeam_channel::bounded(limits.queue);
        let (end_readers, readers_end) = crossbeam_channel::bounded(0);
        let (end_writer, writer_ends) = crossbeam_channel::bounded(0);
        let (reader_lives, readers_ended) = crossbeam_channel::bounded(0);
        let (writer_lives, writer_ended) = crossbeam_channel::bounded::<Never>(0);
        let writer = Connected::open(path, Use::Write, limits)?;
        let (bells, writable) = (Arc::clone(signals), Arc::new(AtomicBool::new(true)));
        let health = Arc::clone(&writable);
        crate::tasks::thread("db-writer", move || {
            write_loop(writer, &write_queue, &writer_ends, &bells, &health);
            drop(writer_lives);
        });
        let start = |name, queue: &Receiver<Asked>| {
            let reader = Connected::open(path, Use::Read, limits)?;
            let (queue, end) = (queue.clone(), Receiver::clone(&readers_end));
            let lives: Sender<Never> = reader_lives.clone();
            crate::tasks::thread(name, move || {
                read_loop(reader, &queue, &end);
                drop(lives);
            });
            Ok::<_, DbError>(())
        };
        for _ in 0..READERS {
            start("db-reader", &read_queue)?;
        }
        for _ in 0..SCANNERS {
            start("db-scanner", &scan_queue)?;
        }
        let ending =
            Ending { readers: end_readers, writer: end_writer, readers_ended, writer_ended };
        Ok(Self { writes, reads, scans, writable, ending: Mutex::new(Some(ending)) })
    }

    /// Ends every thread when it has done what it is doing; the one file is whole then, and a
    /// copy of it is a copy of the house. What is asked later is refused.
    pub(super) fn close(&self) {
        let ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Ending { readers, writer, readers_ended, writer_ended }) = ending else { return };
        drop(readers);
        let _all_gone = readers_ended.recv_timeout(END_WITHIN);
        drop(writer);
        let _gone = writer_ended.recv_timeout(END_WITHIN);
    }

    /// Opens a file that somebody else may be writing to; one connection that only reads.
    pub(super) fn open_reader(path: &Path) -> Result<Self, DbError> {
        let (reads, queue) = crossbeam_channel::bounded(Limits::default().queue);
        let reader = Connected::open(path, Use::Look, Limits::default())?;
        let never = crossbeam_channel::never();
        crate::tasks::thread("db-reader", move || read_loop(reader, &queue, &never));
        let (writes, scans) = (reads.clone(), reads.clone());
        let writable = Arc::default();
        Ok(Self { writes, scans, reads, writable, ending: Mutex::new(None) })
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// The one writer of the server.
    Write,
    /// A reader of the server.
    Read,
    /// A reader beside the server: the file itself is opened for reading only.
    Look,
}

/// One open connection.
pub(super) struct Connected {
    inner: rusqlite::Connection,
    /// Where `$1`, `$2`, ... of each statement are bound: SQLite numbers parameters by first
    /// appearance, not by their digit, and finds them by comparing names.
    places: HashMap<String, Arc<[usize]>>,
    /// How long a transaction may take.
    limit: Duration,
}

impl Connected {
    fn open(path: &Path, purpose: Use, limits: Limits) -> Result<Self, DbError> {
        let inner = if purpose == Use::Look {
            open_to_look(path)
        } else {
            rusqlite::Connection::open(path)
        };
        Self::prepare(inner.map_err(classify)?, purpose, limits)
    }

    /// A database in memory, for simulations: one connection, used by one thread.
    pub(super) fn memory() -> Result<Self, DbError> {
        let inner = rusqlite::Connection::open_in_memory().map_err(classify)?;
        Self::prepare(inner, Use::Write, Limits::default())
    }

    fn prepare(inner: rusqlite::Connection, purpose: Use, limits: Limits) -> Result<Self, DbError> {
        // The writer touches the leaves of every index it extends; readers come and go. Only
        // who may write the file can say that it has a log.
        let own = match purpose {
            Use::Write => {
                "pragma journal_mode = wal; pragma cache_size = -65536; \
                 pragma wal_autocheckpoint = 24000; pragma journal_size_limit = 134217728;"
            }
            Use::Read => {
                "pragma journal_mode = wal; pragma query_only = on; pragma cache_size = -8000;"
            }
            Use::Look => "pragma query_only = on; pragma cache_size = -8000;",
        };
        inner
            .execute_batch(&format!(
                "pragma busy_timeout = 5000; {own} pragma synchronous = full; \
                 pragma foreign_keys = on; pragma case_sensitive_like = on;"
            ))
            .map_err(classify)?;
        inner.set_prepared_statement_cache_capacity(256);
        Ok(Self { inner, places: HashMap::new(), limit: limits.statement })
    }

    /// Ends running statements when `over` says so.
    fn watch<F: FnMut() -> bool + Send + 'static>(&mut self, over: Option<F>) {
        if let Err(e) = self.inner.progress_handler(LOOK_EVERY, over) {
            tracing::warn!(error = %e, "a scan cannot be watched");
        }
    }

    /// Runs a statement that begins or ends something; compiled once.
    fn control(&self, text: &str) -> Result<(), DbError> {
        let mut statement = self.inner.prepare_cached(text).map_err(classify)?;
        statement.raw_execute().map(drop).map_err(classify)
    }

    /// Runs one unit of work in a transaction of its own.
    pub(super) fn run_alone(&mut self, work: &mut dyn Work, begin: &str) -> Verdict {
        if let Err(e) = self.batch(begin) {
            return Verdict::Fail(e);
        }
        let verdict = work.run(self);
        let ended = if matches!(verdict, Verdict::Commit(_)) {
            self.batch("commit")
        } else if self.inner.is_autocommit() {
            // A full disk ends a transaction by itself.
            Ok(())
        } else {
            self.batch("rollback")
        };
        match ended {
            Ok(()) => verdict,
            Err(e) => {
                // A deferred constraint refuses at COMMIT and leaves the transaction open.
                let _already_closed = self.batch("rollback");
                Verdict::Fail(e)
            }
        }
    }
}

/// Opens a file for reading only. Its log needs a file beside it, which a medium that cannot be
/// written has no room for: there, a file whose log was folded in is read as one that nobody
/// changes.
fn open_to_look(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let opened = rusqlite::Connection::open_with_flags(path, flags)?;
    let read = opened.query_row("pragma schema_version", [], |row| row.get::<_, i64>(0));
    let Err(rusqlite::Error::SqliteFailure(e, _)) = &read else { return Ok(opened) };
    let log = path
        .with_file_name(format!("{}-wal", path.file_name().unwrap_or_default().to_string_lossy()));
    if e.code != rusqlite::ErrorCode::CannotOpen || log.exists() {
        return Ok(opened);
    }
    let mut url = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                url.push(char::from(*byte));
            }
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    url.push_str("?immutable=1");
    rusqlite::Connection::open_with_flags(url, flags | OpenFlags::SQLITE_OPEN_URI)
}

/// The next that was asked; `None` when the thread is to end.
fn next(queue: &Receiver<Asked>, end: &Receiver<Never>) -> Option<Asked> {
    crossbeam_channel::select! {
        recv(queue) -> asked => asked.ok(),
        recv(end) -> _ended => None,
    }
}

fn write_loop(
    mut db: Connected,
    queue: &Receiver<Asked>,
    end: &Receiver<Never>,
    signals: &Signals,
    health: &AtomicBool,
) {
    let mut group: Vec<Box<dyn Work>> = Vec::with_capacity(GROUP);
    while let Some(first) = next(queue, end) {
        group.push(first.work);
        while group.len() < GROUP {
            match queue.try_recv() {
                Ok(next) => group.push(next.work),
                Err(_) => break,
            }
        }
        metrics::histogram!("kontor_db_group_size").record(f64::from(group_len(&group)));
        write_group(&mut db, &mut group, signals, health);
    }
}

fn group_len(group: &[Box<dyn Work>]) -> u32 {
    u32::try_from(group.len()).unwrap_or(u32::MAX)
}

fn write_group(
    db: &mut Connected,
    group: &mut Vec<Box<dyn Work>>,
    signals: &Signals,
    health: &AtomicBool,
) {
    let done = run_group(db, group);
    let failed = |e: &DbError| matches!(e, DbError::Disk(_) | DbError::Full(_));
    let fails = match &done {
        Ok((outcomes, _)) => outcomes.iter().any(|o| o.as_ref().is_err_and(failed)),
        Err(e) => failed(e),
    };
    health.store(!fails, Ordering::Relaxed);
    match done {
        Ok((outcomes, bells)) => {
            for (work, outcome) in group.drain(..).zip(outcomes) {
                work.answer(outcome);
            }
            signals.ring_all(&bells);
        }
        // The group's commit failed (a deferred constraint of one of them): run them one by
        // one, so that the innocent succeed.
        Err(_) => {
            for mut work in group.drain(..) {
                let outcome = match db.run_alone(work.as_mut(), "begin immediate") {
                    Verdict::Commit(bells) => {
                        signals.ring_all(&bells);
                        Ok(())
                    }
                    Verdict::Undo => Ok(()),
                    Verdict::Fail(e) => Err(e),
                };
                work.answer(outcome);
            }
        }
    }
}

type GroupOutcome = (Vec<Result<(), DbError>>, BTreeSet<Bell>);

fn run_group(db: &mut Connected, group: &mut [Box<dyn Work>]) -> Result<GroupOutcome, DbError> {
    db.batch("begin immediate")?;
    let mut outcomes = Vec::with_capacity(group.len());
    let mut bells = BTreeSet::new();
    for work in group.iter_mut() {
        let outcome = match run_member(db, work.as_mut()) {
            Ok(outcome) => outcome,
            Err(e) => {
                let _already_closed = db.batch("rollback");
                return Err(e);
            }
        };
        outcomes.push(match outcome {
            Verdict::Commit(rung) => {
                bells.extend(rung);
                Ok(())
            }
            Verdict::Undo => Ok(()),
            Verdict::Fail(e) => Err(e),
        });
    }
    if let Err(e) = db.batch("commit") {
        let _already_closed = db.batch("rollback");
        return Err(e);
    }
    Ok((outcomes, bells))
}

fn run_member(db: &mut Connected, work: &mut dyn Work) -> Result<Verdict, DbError> {
    db.control("savepoint member")?;
    let verdict = work.run(db);
    if !matches!(verdict, Verdict::Commit(_)) {
        db.control("rollback to savepoint member")?;
    }
    db.control("release savepoint member")?;
    Ok(verdict)
}

fn read_loop(mut db: Connected, queue: &Receiver<Asked>, end: &Receiver<Never>) {
    while let Some(Asked { mut work, gone, .. }) = next(queue, end) {
        let scans = gone.is_some();
        if let Some(gone) = gone {
            if gone.load(Ordering::Relaxed) {
                continue;
            }
            let ends = crate::clock::instant() + db.limit;
            let over = move || gone.load(Ordering::Relaxed) || crate::clock::instant() > ends;
            db.watch(Some(over));
        }
        let outcome = match db.run_alone(work.as_mut(), "begin") {
            Verdict::Commit(_) | Verdict::Undo => Ok(()),
            Verdict::Fail(e) => Err(e),
        };
        if scans {
            db.watch(None::<fn() -> bool>);
        }
        work.answer(outcome);
    }
}

impl Connection for Connected {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn limit(&self) -> Duration {
        self.limit
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, DbError> {
        let text = Dialect::Sqlite.statement(sql);
        let mut statement = self.inner.prepare_cached(&text).map_err(classify)?;
        let places = places(&mut self.places, &text, &statement)?;
        bind(&mut statement, &places, params)?;
        let touched = statement.raw_execute().map_err(classify)?;
        Ok(touched as u64)
    }

    fn execute_many(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64, DbError> {
        let text = Dialect::Sqlite.statement(sql);
        let mut statement = self.inner.prepare_cached(&text).map_err(classify)?;
        let places = places(&mut self.places, &text, &statement)?;
        let mut touched = 0;
        for row in rows {
            bind(&mut statement, &places, row)?;
            touched += statement.raw_execute().map_err(classify)? as u64;
        }
        Ok(touched)
    }

    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let text = Dialect::Sqlite.statement(sql);
        let mut statement = self.inner.prepare_cached(&text).map_err(classify)?;
        let places = places(&mut self.places, &text, &statement)?;
        bind(&mut statement, &places, params)?;
        let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.raw_query();
        let mut answer = Vec::new();
        while let Some(row) = rows.next().map_err(classify)? {
            let mut cells = Vec::with_capacity(columns.len());
            for i in 0..columns.len() {
                cells.push(cell(row.get_ref(i).map_err(classify)?)?);
            }
            answer.push(Row { columns: Arc::clone(&columns), cells });
        }
        Ok(answer)
    }

    fn prepare(&mut self, sql: &str) -> Result<(), DbError> {
        let text = Dialect::Sqlite.statement(sql);
        self.inner.prepare(&text).map(drop).map_err(classify)
    }

    fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        self.inner.execute_batch(sql).map_err(classify)
    }

    fn lift_limit(&mut self) -> Result<(), DbError> {
        Ok(())
    }
}
