//! Sealed chains: rows get positions and a digest over each batch that includes the digest
//! before it, so that a changed, added or removed row is found.
//!
//! One task seals within a second, OUTSIDE the transactions that write the rows, so that the
//! head of a chain never serialises writers.

use kernel::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::cx::House;
use crate::db::{Db, DbError, Tx};
use crate::params;

/// A table that is sealed: the statements that place and read its rows.
#[derive(Debug, Clone, Copy)]
pub struct Chain {
    /// `ledger`, `audit`.
    pub name: &'static str,
    /// Locks the chain's `seq` row and answers `at`.
    pub lock: &'static str,
    /// Gives positions after `$1` to rows without one.
    pub assign: &'static str,
    /// Saves the new `at`.
    pub save: &'static str,
    /// Rows with `$1 < pos <= $2`: `pos` and one canonical `line` each.
    pub rows: &'static str,
}

const LAST: &str = "select upto, digest from seals where chain = $1 order by upto desc limit 1";
const SEALS: &str = "select upto, since, digest, previous from seals where chain = $1 \
    order by upto";
const INSERT: &str = "insert into seals (chain, upto, since, digest, previous, sealed_at) \
    values ($1, $2, $3, $4, $5, $6)";
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Seals what is new; answers how many rows.
///
/// # Errors
/// When the database fails; nothing is sealed then.
pub async fn seal_once(db: &Db, chain: Chain, now: Timestamp) -> Result<u64, DbError> {
    db.write(move |tx| {
        let at = tx.query_one(chain.lock, &[])?.int("at")?;
        let placed = tx.execute(chain.assign, params![at])?;
        if placed == 0 {
            return Ok(0);
        }
        let upto = at + i64::try_from(placed).unwrap_or(0);
        tx.execute(chain.save, params![upto])?;
        let previous = match tx.query_opt(LAST, params![chain.name])? {
            Some(row) => row.text("digest")?,
            None => GENESIS.to_owned(),
        };
        let digest = digest(tx, chain, at, upto, &previous)?.0;
        tx.execute(INSERT, params![chain.name, upto, at, &digest, &previous, now])?;
        Ok(placed)
    })
    .await
}

/// The sealing loop of every chain.
pub async fn run(house: std::sync::Arc<House>, chains: &'static [Chain]) {
    loop {
        for chain in chains {
            loop {
                match seal_once(&house.db, *chain, house.clock.now()).await {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(e) => {
                        tracing::warn!(chain = chain.name, error = %e, "sealing failed");
                        break;
                    }
                }
            }
        }
        crate::tasks::sleep_ms(800).await;
    }
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The last sealed position.
    pub upto: i64,
    /// Rows that were read and matched.
    pub rows: i64,
    /// The chain's head.
    pub digest: String,
}

/// Recomputes the whole chain.
///
/// # Errors
/// `Other` naming the first batch that does not match.
pub async fn verify(db: &Db, chain: Chain) -> Result<Verified, DbError> {
    db.read(move |tx| {
        let mut previous = GENESIS.to_owned();
        let mut upto = 0;
        let mut rows = 0;
        for seal in tx.query(SEALS, params![chain.name])? {
            let (since, to) = (seal.int("since")?, seal.int("upto")?);
            let (computed, count) = digest(tx, chain, since, to, &previous)?;
            let broken = since != upto
                || count != to - since
                || seal.text("previous")? != previous
                || seal.text("digest")? != computed;
            if broken {
                return Err(DbError::Other(format!(
                    "chain '{}' is broken between positions {} and {to}: a row was changed, \
                     added or removed",
                    chain.name,
                    since + 1
                )));
            }
            previous = computed;
            upto = to;
            rows += count;
        }
        Ok(Verified { upto, rows, digest: previous })
    })
    .await
}

fn digest(
    tx: &mut Tx<'_>,
    chain: Chain,
    since: i64,
    upto: i64,
    previous: &str,
) -> Result<(String, i64), DbError> {
    let mut hash = Sha256::new();
    hash.update(previous);
    let mut count = 0;
    for row in tx.query(chain.rows, params![since, upto])? {
        hash.update(b"\n");
        hash.update(row.int("pos")?.to_string());
        hash.update(b"|");
        hash.update(row.text("line")?);
        count += 1;
    }
    Ok((hex::encode(hash.finalize()), count))
}
