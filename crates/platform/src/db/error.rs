//! What can go wrong between us and a database, the same words for both engines.

use kernel::{Error, Kind};

/// A failed statement, transaction or connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DbError {
    /// A unique constraint; names the constraint (PostgreSQL) or the columns (SQLite).
    Unique(String),
    /// A foreign key.
    ForeignKey(String),
    /// A check constraint.
    Check(String),
    /// A null where none is allowed.
    NotNull(String),
    /// Serialisation failure, deadlock or busy: run it again.
    Conflict(String),
    /// The connection broke before COMMIT: run it again.
    Lost(String),
    /// A prepared plan went stale after DDL: run it again.
    StalePlan(String),
    /// The transaction is dead: a failed statement was swallowed.
    Aborted(String),
    /// It took longer than it may: nothing was changed.
    Slow(String),
    /// More work waits than the engine takes in: nothing was changed.
    Busy,
    /// A value of the wrong type.
    Type(String),
    /// Exactly one row was expected and none came.
    NoRow,
    /// The closure panicked.
    Panic(String),
    /// The connection broke at COMMIT: it may or may not have happened. Read it back.
    CommitUnknown(String),
    /// The database is shut down.
    Closed,
    /// No room on the disk, or no connection left: nothing was changed.
    Full(String),
    /// The disk, or the file on it, failed: nothing was changed.
    Disk(String),
    /// There is no such database.
    Missing(String),
    /// Anything else, in the engine's own words.
    Other(String),
}

impl DbError {
    /// True when running the closure again may succeed and cannot do it twice.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::Lost(_) | Self::StalePlan(_))
    }
}

impl std::fmt::Display for DbError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unique(m) => write!(f, "unique constraint: {m}"),
            Self::ForeignKey(m) => write!(f, "foreign key: {m}"),
            Self::Check(m) => write!(f, "check constraint: {m}"),
            Self::NotNull(m) => write!(f, "not-null constraint: {m}"),
            Self::Conflict(m) => write!(f, "conflict: {m}"),
            Self::Lost(m) => write!(f, "connection lost: {m}"),
            Self::StalePlan(m) => write!(f, "stale plan: {m}"),
            Self::Aborted(m) => write!(f, "transaction aborted: {m}"),
            Self::Slow(m) => write!(f, "took too long: {m}"),
            Self::Busy => f.write_str("too much waits for the database"),
            Self::Type(m) => write!(f, "type: {m}"),
            Self::NoRow => f.write_str("no row"),
            Self::Panic(m) => write!(f, "panic in a transaction: {m}"),
            Self::CommitUnknown(m) => write!(f, "commit unknown: {m}"),
            Self::Closed => f.write_str("database is closed"),
            Self::Full(m) => write!(f, "full: {m}"),
            Self::Disk(m) => write!(f, "the disk failed: {m}"),
            Self::Missing(m) | Self::Other(m) => f.write_str(m),
        }
    }
}

impl std::error::Error for DbError {}

impl From<DbError> for Error {
    fn from(e: DbError) -> Self {
        let error = match &e {
            DbError::Conflict(_) | DbError::Lost(_) | DbError::StalePlan(_) | DbError::Closed => {
                Self::new(
                    Kind::Unavailable,
                    "database_unavailable",
                    "the database did not answer; nothing was changed; try again",
                )
            }
            DbError::Full(_) => Self::new(
                Kind::Unavailable,
                "database_full",
                "the database has no room or no connection left; nothing was changed; tell the \
                 operator",
            ),
            DbError::Disk(_) => Self::new(
                Kind::Unavailable,
                "database_unavailable",
                "the database cannot read or write its file; nothing was changed; tell the \
                 operator",
            ),
            DbError::Slow(_) | DbError::Busy => Self::new(
                Kind::Unavailable,
                "database_busy",
                "the database has too much to do; nothing was changed; try again later, or ask \
                 for less at once",
            ),
            DbError::Unique(_) => Self::conflict(
                "already_exists",
                "somebody saved the same at the same moment; look again",
            ),
            DbError::CommitUnknown(_) => Self::new(
                Kind::Unavailable,
                "commit_unknown",
                "the connection broke while saving; read the state back before trying again",
            ),
            _ => Self::internal(format!("database: {e}")),
        };
        error.caused_by(e)
    }
}
