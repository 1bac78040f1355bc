//! What the server's errors mean.

use crate::db::error::DbError;

fn lost(e: &tokio_postgres::Error) -> DbError {
    DbError::Lost(chain(e))
}

fn chain(e: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    e.source().map_or_else(|| e.to_string(), |s| format!("{e}: {s}"))
}

/// No connection: the server has no room for one more, or there is none.
pub(super) fn not_connected(e: &tokio_postgres::Error) -> DbError {
    match e.as_db_error().map(|_| classify(e)) {
        Some(full @ DbError::Full(_)) => full,
        _ => lost(e),
    }
}

pub(super) fn classify(e: &tokio_postgres::Error) -> DbError {
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
        // Our own limit of a statement: trying again would take as long again.
        "57014" => DbError::Slow(text()),
        // A standby, or a server that was made read-only: nothing was changed, another may help.
        "25006" => DbError::Lost(text()),
        code if code.starts_with("53") => DbError::Full(text()),
        code if code.starts_with("22") => DbError::Type(text()),
        code => DbError::Other(format!("{code}: {}", text())),
    }
}
