//! Migrations: numbered, forward, each with a tested way back, applied under a lock.

use kernel::Timestamp;

use super::error::DbError;
use super::tx::Tx;
use super::{Db, Dialect};
use crate::params;

/// One step of the schema. Packages declare theirs; the composition root puts them in order.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Place in the order, unique over all packages.
    pub number: i64,
    /// `0001_platform`.
    pub name: &'static str,
    /// Forward, in the house's DDL words (see `Dialect::ddl`).
    pub up: &'static str,
    /// The way back.
    pub down: &'static str,
}

/// Declares a migration from the two files of a package: `migration!(1, "0001_platform")`.
#[macro_export]
macro_rules! migration {
    ($number:literal, $name:literal) => {
        $crate::db::migrate::Migration {
            number: $number,
            name: $name,
            up: include_str!(concat!("../migrations/", $name, ".up.sql")),
            down: include_str!(concat!("../migrations/", $name, ".down.sql")),
        }
    };
}

const CREATE: &str = "create table if not exists schema_migrations (number bigint primary key, \
                      name ctext not null, applied_at bigint not null) strict";
const LOCK: &str = "select 1 as one from pg_advisory_xact_lock($1)";
const APPLIED: &str = "select number, name from schema_migrations order by number";
const RECORD: &str = "insert into schema_migrations (number, name, applied_at) values ($1, $2, $3)";
const FORGET: &str = "delete from schema_migrations where number = $1";
const LITE_KNOWN: &str = "select count(*) as n from sqlite_master \
                          where type = 'table' and name = 'schema_migrations'";
const PG_KNOWN: &str = "select count(*) as n from information_schema.tables \
                        where table_schema = current_schema() \
                        and table_name = 'schema_migrations'";
const LOCK_KEY: i64 = 0x6b6f_6e74_6f72;

/// What a migration run did or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Names applied, in order.
    pub applied: Vec<String>,
    /// Names that are not, in order.
    pub pending: Vec<&'static str>,
}

fn lock(tx: &mut Tx<'_>) -> Result<(), DbError> {
    // The embedded engine's writing transaction is the lock there.
    if tx.dialect() == Dialect::Postgres {
        tx.query(LOCK, params![LOCK_KEY])?;
    }
    tx.batch(CREATE)
}

fn applied(tx: &mut Tx<'_>) -> Result<Vec<(i64, String)>, DbError> {
    tx.query(APPLIED, &[])?.iter().map(|r| Ok((r.int("number")?, r.text("name")?))).collect()
}

/// Applies every migration that is missing; answers the names it applied.
///
/// # Errors
/// When the database is newer than this program, or a statement fails (nothing is applied then).
pub async fn up(
    db: &Db,
    all: &'static [Migration],
    now: Timestamp,
) -> Result<Vec<&'static str>, DbError> {
    db.write(move |tx| {
        lock(tx)?;
        let have = applied(tx)?;
        if let Some((_, name)) = have.iter().find(|(n, _)| all.iter().all(|m| m.number != *n)) {
            return Err(DbError::Other(format!(
                "the database has migration {name}, which this program does not know: \
                 it was used by a newer kontor; run that one, or restore a backup"
            )));
        }
        let mut done = Vec::new();
        for m in all.iter().filter(|m| have.iter().all(|(n, _)| *n != m.number)) {
            tx.batch(m.up)?;
            tx.execute(RECORD, params![m.number, m.name, now])?;
            done.push(m.name);
        }
        Ok(done)
    })
    .await
}

/// Takes back the newest `steps` migrations; answers their names.
///
/// # Errors
/// When a statement fails (nothing is taken back then).
pub async fn down(
    db: &Db,
    all: &'static [Migration],
    steps: usize,
) -> Result<Vec<&'static str>, DbError> {
    db.write(move |tx| {
        lock(tx)?;
        let have = applied(tx)?;
        let mut done = Vec::new();
        for (number, name) in have.iter().rev().take(steps) {
            let m = all.iter().find(|m| m.number == *number).ok_or_else(|| {
                DbError::Other(format!("migration {name} is unknown to this program"))
            })?;
            tx.batch(m.down)?;
            tx.execute(FORGET, params![*number])?;
            done.push(m.name);
        }
        Ok(done)
    })
    .await
}

/// What is applied and what is not. Only reads.
///
/// # Errors
/// When the database cannot be read.
pub async fn state(db: &Db, all: &'static [Migration]) -> Result<State, DbError> {
    db.read(move |tx| {
        let known = if tx.dialect() == Dialect::Postgres { PG_KNOWN } else { LITE_KNOWN };
        let made = tx.query_one(known, &[])?.int("n")? > 0;
        let have = if made { applied(tx)? } else { Vec::new() };
        let pending = all
            .iter()
            .filter(|m| have.iter().all(|(n, _)| *n != m.number))
            .map(|m| m.name)
            .collect();
        Ok(State { applied: have.into_iter().map(|(_, name)| name).collect(), pending })
    })
    .await
}
