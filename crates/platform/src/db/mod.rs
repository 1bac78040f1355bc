//! The database: two doors, [`Db::write`] and [`Db::read`], and nothing else.
//!
//! A transaction is a plain synchronous closure that runs on the engine's own thread, so no
//! `await` and no foreign lock can get inside it. The closure is `Fn`: it is run again after a
//! conflict or a lost connection, so it must not have effects outside its transaction.
//!
//! Invariants: an `Ok` answer of `write` is durable. After a failed statement nothing commits.
//! [`DbError::CommitUnknown`] is the one answer that leaves the outcome open; every command
//! that moves money carries an idempotency row in the same transaction, to be read back.

mod dialect;
mod error;
pub mod migrate;
mod postgres;
pub mod schema;
mod sqlite;
mod tx;
mod value;
mod work;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

pub use dialect::Dialect;
pub use error::DbError;
pub use tx::Tx;
pub use value::{Row, Value};

use crate::signals::Signals;
use work::{Typed, Verdict, Work};

/// What nobody waits longer for, and what nobody waits behind.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// An answer of the server that takes longer is not waited for.
    pub statement: Duration,
    /// Transactions that may wait to be begun; one more is refused as [`DbError::Busy`].
    pub queue: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { statement: Duration::from_secs(20), queue: 10_000 }
    }
}

/// Whether anybody still waits for a scan.
type Gone = Arc<AtomicBool>;

/// Says that nobody waits any more, when the waiting future is dropped.
struct Waiting(Gone);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Arc<Engine>,
    signals: Arc<Signals>,
    /// Opened for reading: what is asked to write runs in a reading transaction, and fails.
    read_only: bool,
}

enum Engine {
    Sqlite {
        engine: sqlite::Sqlite,
        _lock: Option<FileLock>,
    },
    Postgres {
        engine: postgres::Postgres,
        url: String,
    },
    /// One connection on the caller's own thread: nothing runs beside it, so a seeded
    /// simulation repeats exactly.
    Inline(Mutex<sqlite::Connected>),
}

/// Held while a server uses an SQLite file, so that a second one is refused.
struct FileLock {
    _file: std::fs::File,
}

impl Db {
    /// Opens what `url` names: `sqlite:PATH` or `postgres://...`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the URL, the file or the server.
    pub fn open(url: &str, signals: Arc<Signals>) -> Result<Self, DbError> {
        Self::open_within(url, signals, Limits::default())
    }

    /// As [`Db::open`], with limits of one's own.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn open_within(url: &str, signals: Arc<Signals>, limits: Limits) -> Result<Self, DbError> {
        let engine = if let Some(path) = url.strip_prefix("sqlite:") {
            let path = PathBuf::from(path.trim_start_matches("//"));
            let lock = lock_file(&path)?;
            let engine = sqlite::Sqlite::open(&path, &signals, limits)?;
            Engine::Sqlite { engine, _lock: Some(lock) }
        } else {
            connect(url, &signals, limits)?
        };
        Ok(Self { engine: Arc::new(engine), signals, read_only: false })
    }

    /// Opens an existing database to look at it, beside a server that uses it: takes no lock
    /// and cannot write; [`Db::write`] answers with the engine's refusal.
    ///
    /// # Errors
    /// As [`Db::open`]; a file that is not there is not made.
    pub fn open_reader(url: &str, signals: Arc<Signals>) -> Result<Self, DbError> {
        let engine = if let Some(path) = url.strip_prefix("sqlite:") {
            let path = PathBuf::from(path.trim_start_matches("//"));
            if !path.is_file() {
                return Err(DbError::Missing(format!("there is no file {}", path.display())));
            }
            Engine::Sqlite { engine: sqlite::Sqlite::open_reader(&path)?, _lock: None }
        } else {
            connect(url, &signals, Limits::default())?
        };
        Ok(Self { engine: Arc::new(engine), signals, read_only: true })
    }

    /// A database in memory whose closures run on the calling thread, for simulations.
    ///
    /// # Errors
    /// When the engine cannot be opened.
    pub fn inline(signals: Arc<Signals>) -> Result<Self, DbError> {
        let engine = Engine::Inline(Mutex::new(sqlite::Connected::memory()?));
        Ok(Self { engine: Arc::new(engine), signals, read_only: false })
    }

    /// Which engine this is.
    pub fn dialect(&self) -> Dialect {
        match &*self.engine {
            Engine::Postgres { .. } => Dialect::Postgres,
            Engine::Sqlite { .. } | Engine::Inline(_) => Dialect::Sqlite,
        }
    }

    /// The bells of this process.
    pub fn signals(&self) -> &Arc<Signals> {
        &self.signals
    }

    /// Ends the engine when it has done what it is doing, at the end of a server: an SQLite file
    /// is whole then, with nothing beside it. Everything asked later is answered with
    /// [`DbError::Closed`].
    pub async fn close(&self) {
        let engine = Arc::clone(&self.engine);
        let closed = crate::tasks::blocking(move || {
            if let Engine::Sqlite { engine, .. } = &*engine {
                engine.close();
            }
        });
        if let Err(e) = closed.await {
            tracing::warn!(error = %e, "the database could not be closed");
        }
    }

    /// False while the file of the database cannot be written: its disk failed or is full.
    pub fn is_writable(&self) -> bool {
        match &*self.engine {
            Engine::Sqlite { engine, .. } => engine.writable.load(Ordering::Relaxed),
            Engine::Postgres { .. } | Engine::Inline(_) => true,
        }
    }

    /// Passes bells to and from other processes for as long as the future is polled; returns
    /// at once where no other process can share the database.
    pub async fn carry_bells(&self) {
        if let Engine::Postgres { url, .. } = &*self.engine {
            postgres::carry_bells(url.clone(), Arc::clone(&self.signals)).await;
        }
    }

    /// Runs `f` in a writing transaction and commits when it answers `Ok`.
    ///
    /// # Errors
    /// The closure's own error after an undo, or a [`DbError`] turned into `E`.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        if self.read_only {
            return self.read(f).await;
        }
        let (reply, answer) = oneshot::channel();
        let work: Box<dyn Work> = Box::new(Typed::new(f, reply));
        match &*self.engine {
            Engine::Sqlite { engine, .. } => {
                queue(&engine.writes, Asked { work, writes: true, gone: None });
            }
            Engine::Postgres { engine, .. } => {
                queue(&engine.queue, Asked { work, writes: true, gone: None });
            }
            Engine::Inline(connected) => self.run_inline(connected, work, "begin immediate"),
        }
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    /// Runs `f` in a reading transaction: one snapshot, nothing is changed.
    ///
    /// # Errors
    /// The closure's own error, or a [`DbError`] turned into `E`.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work: Box<dyn Work> = Box::new(Typed::new(f, reply));
        match &*self.engine {
            Engine::Sqlite { engine, .. } => {
                queue(&engine.reads, Asked { work, writes: false, gone: None });
            }
            Engine::Postgres { engine, .. } => {
                queue(&engine.queue, Asked { work, writes: false, gone: None });
            }
            Engine::Inline(connected) => self.run_inline(connected, work, "begin"),
        }
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    /// As [`Db::read`], for what looks at much of a table: on connections of its own, so that it
    /// keeps no other reader waiting, and ended when nobody waits for it any more.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn scan<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work: Box<dyn Work> = Box::new(Typed::new(f, reply));
        let gone = Gone::default();
        let _waiting = Waiting(Arc::clone(&gone));
        match &*self.engine {
            Engine::Sqlite { engine, .. } => {
                queue(&engine.scans, Asked { work, writes: false, gone: Some(gone) });
            }
            Engine::Postgres { engine, .. } => {
                queue(&engine.scans, Asked { work, writes: false, gone: Some(gone) });
            }
            Engine::Inline(connected) => self.run_inline(connected, work, "begin"),
        }
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    fn run_inline(
        &self,
        connected: &Mutex<sqlite::Connected>,
        mut work: Box<dyn Work>,
        begin: &str,
    ) {
        let outcome = {
            let mut db = connected.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            db.run_alone(work.as_mut(), begin)
        };
        let outcome = match outcome {
            Verdict::Commit(bells) => {
                self.signals.ring_all(&bells);
                Ok(())
            }
            Verdict::Undo => Ok(()),
            Verdict::Fail(e) => Err(e),
        };
        work.answer(outcome);
    }
}

/// A transaction on its way to an engine's thread.
struct Asked {
    work: Box<dyn Work>,
    writes: bool,
    /// Set when it is ended as soon as nobody waits for it.
    gone: Option<Gone>,
}

fn connect(url: &str, signals: &Arc<Signals>, limits: Limits) -> Result<Engine, DbError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        let engine = postgres::Postgres::connect(url, signals, limits)?;
        return Ok(Engine::Postgres { engine, url: url.to_owned() });
    }
    Err(DbError::Other(format!(
        "'{}' is not a database URL: sqlite:PATH and postgres://... are allowed",
        crate::config::without_password(url)
    )))
}

/// A closed queue drops the work, and with it the reply: the caller sees `Closed`. A full one
/// refuses it: whoever asks for more than is done would only wait longer and longer.
fn queue(sender: &crossbeam_channel::Sender<Asked>, asked: Asked) {
    if let Err(crossbeam_channel::TrySendError::Full(asked)) = sender.try_send(asked) {
        metrics::counter!("kontor_db_refused_total").increment(1);
        asked.work.answer(Err(DbError::Busy));
    }
}

/// Makes the file, if it is missing, so that only its owner can read it; SQLite gives what it
/// puts beside it the same mode.
fn make_private(path: &Path) -> Result<(), DbError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(DbError::Other(format!("{}: {e}", path.display())))
        }
        _ => Ok(()),
    }
}

fn lock_file(path: &Path) -> Result<FileLock, DbError> {
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|e| DbError::Other(format!("{}: {e}", folder.display())))?;
    }
    let name = path.with_extension("lock");
    make_private(path)?;
    let file = std::fs::File::create(&name)
        .map_err(|e| DbError::Other(format!("{}: {e}", name.display())))?;
    file.try_lock().map_err(|_| {
        DbError::Other(format!(
            "{} is in use by another kontor server; one SQLite file serves one server: stop the \
             other one, or set database.url to a PostgreSQL that several servers may share",
            path.display()
        ))
    })?;
    Ok(FileLock { _file: file })
}
