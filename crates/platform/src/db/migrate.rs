//! Migrations: numbered, forward, each with a tested way back, applied under a lock.
//!
//! Each is a transaction of its own without a limit of time, so that a large table takes as long
//! as it needs and what was done stays done. What was applied is remembered with its checksum:
//! a migration that is edited later is noticed. Changes of many rows do not belong here but into
//! a [`crate::backfill`], which goes on in pieces while the house works.

use kernel::Timestamp;
use sha2::{Digest as _, Sha256};

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

impl Migration {
    /// What the text forward was when it was applied.
    fn checksum(&self) -> String {
        hex::encode(Sha256::digest(self.up))
    }
}

const CREATE: &str = "create table if not exists schema_migrations (number bigint primary key, \
                      name ctext not null, applied_at bigint not null, checksum ctext) strict";
/// Databases from before there were checksums.
const ADD_CHECKSUM: &str = "alter table schema_migrations add column checksum ctext";
const LITE_CHECKSUM: &str = "select count(*) as n from pragma_table_info('schema_migrations') \
                             where name = 'checksum'";
const PG_CHECKSUM: &str = "select count(*) as n from information_schema.columns \
                           where table_schema = current_schema() \
                           and table_name = 'schema_migrations' and column_name = 'checksum'";
const LOCK: &str = "select 1 as one from pg_advisory_xact_lock($1)";
const NAMES: &str = "select number, name from schema_migrations order by number";
const APPLIED: &str = "select number, name, checksum from schema_migrations order by number";
const REMEMBER: &str = "update schema_migrations set checksum = $2 where number = $1";
const RECORD: &str = "insert into schema_migrations (number, name, applied_at, checksum) \
                      values ($1, $2, $3, $4)";
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
    /// Names applied that this program does not know: a newer one has used the database.
    pub unknown: Vec<String>,
}

/// A migration that this database has.
struct Applied {
    number: i64,
    name: String,
    checksum: Option<String>,
}

fn lock(tx: &mut Tx<'_>) -> Result<(), DbError> {
    tx.lift_limit()?;
    // The embedded engine's writing transaction is the lock there.
    let lite = tx.dialect() == Dialect::Sqlite;
    if !lite {
        tx.query(LOCK, params![LOCK_KEY])?;
    }
    tx.batch(CREATE)?;
    let known = if lite { LITE_CHECKSUM } else { PG_CHECKSUM };
    if tx.query_one(known, &[])?.int("n")? == 0 {
        tx.batch(ADD_CHECKSUM)?;
    }
    Ok(())
}

fn applied(tx: &mut Tx<'_>) -> Result<Vec<Applied>, DbError> {
    tx.query(APPLIED, &[])?
        .iter()
        .map(|r| {
            Ok(Applied {
                number: r.int("number")?,
                name: r.text("name")?,
                checksum: r.opt_text("checksum")?,
            })
        })
        .collect()
}

/// Applies every migration that is missing, one transaction each; answers the names it applied.
///
/// # Errors
/// When the database is newer than this program, a migration is not what it was when it was
/// applied, or a statement fails (that migration is not applied then, those before it stay).
pub async fn up(
    db: &Db,
    all: &'static [Migration],
    now: Timestamp,
) -> Result<Vec<&'static str>, DbError> {
    let mut done = Vec::new();
    while let Some(name) = db.write(move |tx| apply_next(tx, all, now)).await? {
        done.push(name);
    }
    Ok(done)
}

fn apply_next(
    tx: &mut Tx<'_>,
    all: &'static [Migration],
    now: Timestamp,
) -> Result<Option<&'static str>, DbError> {
    lock(tx)?;
    let have = applied(tx)?;
    for a in &have {
        let Some(m) = all.iter().find(|m| m.number == a.number) else {
            return Err(DbError::Other(format!(
                "the database has migration {}, which this program does not know: \
                 it was used by a newer kontor; run that one, or restore a backup",
                a.name
            )));
        };
        let checksum = m.checksum();
        match &a.checksum {
            Some(before) if *before == checksum => {}
            Some(before) => return Err(changed(m, before, &checksum)),
            None => drop(tx.execute(REMEMBER, params![a.number, checksum])?),
        }
    }
    let Some(m) = all.iter().find(|m| have.iter().all(|a| a.number != m.number)) else {
        return Ok(None);
    };
    tx.batch(m.up)?;
    tx.execute(RECORD, params![m.number, m.name, now, m.checksum()])?;
    Ok(Some(m.name))
}

fn changed(m: &Migration, before: &str, now: &str) -> DbError {
    DbError::Other(format!(
        "migration {} was changed after this database applied it (checksum {}, now {}): what \
         is applied is never edited; restore its text, and write a new migration",
        m.name,
        &before[..before.len().min(12)],
        &now[..12]
    ))
}

/// Takes back the newest `steps` migrations, one transaction each; answers their names.
///
/// # Errors
/// When a statement fails (that migration is not taken back then).
pub async fn down(
    db: &Db,
    all: &'static [Migration],
    steps: usize,
) -> Result<Vec<&'static str>, DbError> {
    let mut done = Vec::new();
    while done.len() < steps {
        match db.write(move |tx| take_back(tx, all)).await? {
            Some(name) => done.push(name),
            None => break,
        }
    }
    Ok(done)
}

fn take_back(tx: &mut Tx<'_>, all: &'static [Migration]) -> Result<Option<&'static str>, DbError> {
    lock(tx)?;
    let Some(newest) = applied(tx)?.pop() else { return Ok(None) };
    let m = all.iter().find(|m| m.number == newest.number).ok_or_else(|| {
        DbError::Other(format!("migration {} is unknown to this program", newest.name))
    })?;
    tx.batch(m.down)?;
    tx.execute(FORGET, params![newest.number])?;
    Ok(Some(m.name))
}

/// What is applied and what is not. Only reads.
///
/// # Errors
/// When the database cannot be read.
pub async fn state(db: &Db, all: &'static [Migration]) -> Result<State, DbError> {
    db.read(move |tx| {
        let known = if tx.dialect() == Dialect::Postgres { PG_KNOWN } else { LITE_KNOWN };
        let made = tx.query_one(known, &[])?.int("n")? > 0;
        // A database from before there were checksums is looked at as well.
        let rows = if made { tx.query(NAMES, &[])? } else { Vec::new() };
        let have: Vec<i64> = rows.iter().map(|r| r.int("number")).collect::<Result<_, _>>()?;
        let applied = rows.iter().map(|r| r.text("name")).collect::<Result<Vec<_>, _>>()?;
        let newer = |n: &i64| all.iter().all(|m| m.number != *n);
        let named = have.iter().zip(&applied).filter(|(n, _)| newer(n));
        let unknown = named.map(|(_, name)| name.clone()).collect();
        let pending = all.iter().filter(|m| !have.contains(&m.number)).map(|m| m.name).collect();
        Ok(State { applied, pending, unknown })
    })
    .await
}
