//! Values on their way into a statement and out of a row, and errors on their way out.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::db::error::DbError;
use crate::db::value::Value;

/// The places of a statement's parameters, found once per text.
pub(super) fn places(
    known: &mut HashMap<String, Arc<[usize]>>,
    text: &str,
    statement: &rusqlite::Statement<'_>,
) -> Result<Arc<[usize]>, DbError> {
    if let Some(places) = known.get(text) {
        return Ok(Arc::clone(places));
    }
    let found: Arc<[usize]> = (1..=statement.parameter_count())
        .map(|n| {
            let name = format!("${n}");
            let place = statement.parameter_index(&name).map_err(classify)?;
            place.ok_or_else(|| DbError::Type(format!("parameter {name} is not used")))
        })
        .collect::<Result<_, _>>()?;
    known.insert(text.to_owned(), Arc::clone(&found));
    Ok(found)
}

pub(super) fn bind(
    statement: &mut rusqlite::Statement<'_>,
    places: &[usize],
    params: &[Value],
) -> Result<(), DbError> {
    if places.len() != params.len() {
        return Err(DbError::Type(format!(
            "the statement uses {} parameters and {} were given",
            places.len(),
            params.len()
        )));
    }
    for (place, value) in places.iter().zip(params) {
        statement.raw_bind_parameter(*place, value).map_err(classify)?;
    }
    Ok(())
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(v) => ValueRef::Integer(*v),
            Self::Text(v) => ValueRef::Text(v.as_bytes()),
            Self::Blob(v) => ValueRef::Blob(v),
        }))
    }
}

pub(super) fn cell(value: ValueRef<'_>) -> Result<Value, DbError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(v) => Value::Int(v),
        ValueRef::Text(v) => Value::Text(
            String::from_utf8(v.to_vec()).map_err(|e| DbError::Type(format!("text: {e}")))?,
        ),
        ValueRef::Blob(v) => Value::Blob(v.to_vec()),
        ValueRef::Real(v) => {
            return Err(DbError::Type(format!("a floating-point value came back: {v}")));
        }
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
pub(super) fn classify(e: rusqlite::Error) -> DbError {
    use rusqlite::ffi;
    let rusqlite::Error::SqliteFailure(code, ref message) = e else {
        return DbError::Other(e.to_string());
    };
    let text = message.clone().unwrap_or_else(|| e.to_string());
    match code.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => DbError::Unique(text),
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => DbError::ForeignKey(text),
        ffi::SQLITE_CONSTRAINT_CHECK => DbError::Check(text),
        ffi::SQLITE_CONSTRAINT_NOTNULL => DbError::NotNull(text),
        ffi::SQLITE_CONSTRAINT_DATATYPE => DbError::Type(text),
        _ => match code.code {
            rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked => {
                DbError::Conflict(text)
            }
            rusqlite::ErrorCode::DiskFull => DbError::Full(text),
            rusqlite::ErrorCode::SystemIoFailure
            | rusqlite::ErrorCode::CannotOpen
            | rusqlite::ErrorCode::ReadOnly
            | rusqlite::ErrorCode::DatabaseCorrupt
            | rusqlite::ErrorCode::NotADatabase => DbError::Disk(text),
            rusqlite::ErrorCode::OperationInterrupted => DbError::Slow(text),
            _ => DbError::Other(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_disk_does_is_told_apart_from_what_we_do() {
        let of =
            |code| classify(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
        use rusqlite::ffi;
        for code in [
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_CORRUPT,
        ] {
            let error = of(code);
            assert!(matches!(error, DbError::Disk(_)), "{code}: {error}");
            assert_eq!(kernel::Error::from(error).kind, kernel::Kind::Unavailable);
        }
        assert!(matches!(of(ffi::SQLITE_FULL), DbError::Full(_)));
        assert!(matches!(of(ffi::SQLITE_ERROR), DbError::Other(_)));
    }
}
