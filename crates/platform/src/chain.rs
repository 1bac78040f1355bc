//! Sealed chains: rows get positions and a digest over each batch that includes the digest
//! before it, so that a changed, added or removed row is found.
//!
//! One task seals within a second, OUTSIDE the transactions that write the rows, so that the
//! head of a chain never serialises writers.

use kernel::{Error, Kind, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::cx::House;
use crate::db::{Db, DbError, Row, Tx, Value};
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
    /// Format 1, which only old seals have: rows with `$1 < pos <= $2` in order, `pos` and one
    /// `line` each, in which the cells are divided by bars. What a cell itself says with a bar
    /// can be moved into its neighbour, so nothing new is sealed like this.
    pub lines: &'static str,
    /// Format 2: rows with `$1 < pos <= $2` in order, `pos` first and then every cell that is
    /// sealed. Each cell is framed by its type and length, so that no two rows say the same.
    pub cells: &'static str,
    /// How many of the cells, from the first, are sealed; those behind them are for whoever
    /// looks at the rows.
    pub sealed: usize,
}

/// The format of new seals.
const FORMAT: i64 = 2;

const LAST: &str = "select upto, digest from seals where chain = $1 order by upto desc limit 1";
const SEALS: &str = "select upto, since, digest, previous, format from seals \
    where chain = $1 and upto > $2 order by upto limit 500";
const INSERT: &str = "insert into seals (chain, upto, since, digest, previous, sealed_at, format) \
    values ($1, $2, $3, $4, $5, $6, $7)";
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
        let digest = digest_of_cells(&previous, chain, &tx.query(chain.cells, params![at, upto])?);
        tx.execute(INSERT, params![chain.name, upto, at, &digest, &previous, now, FORMAT])?;
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

/// How far a verification has come; the next piece goes on from here.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Verified up to this position.
    pub upto: i64,
    /// Rows that were read and matched.
    pub rows: i64,
    /// The last sealed position there is.
    pub head: i64,
    digest: String,
}

impl Default for Progress {
    fn default() -> Self {
        Self { upto: 0, rows: 0, head: 0, digest: GENESIS.to_owned() }
    }
}

impl Progress {
    /// Head of the chain, as far as it was verified.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// Rows of one piece at most; a seal is never divided.
const PIECE: i64 = 20_000;

/// Recomputes the whole chain, piece by piece. `told` hears how far it is.
///
/// # Errors
/// `chain_broken` naming the first batch that does not match; anything else says that the
/// database failed, not that the chain is broken.
pub async fn verify(
    db: &Db,
    chain: Chain,
    mut told: impl FnMut(&Progress) + Send,
) -> Result<Verified, Error> {
    let mut progress = Progress::default();
    loop {
        let from = progress.clone();
        let next = db.scan(move |tx| piece(tx, chain, &from)).await?.0;
        let done = next.upto == progress.upto;
        progress = next;
        told(&progress);
        if done {
            let Progress { upto, rows, digest, .. } = progress;
            return Ok(Verified { upto, rows, digest });
        }
    }
}

/// Verifies the next piece of a chain inside a transaction; answers its rows too. A piece that
/// ends where it began says that there is no more.
///
/// # Errors
/// `chain_broken` naming the first batch that does not match, or the database's.
pub fn piece(
    tx: &mut Tx<'_>,
    chain: Chain,
    from: &Progress,
) -> Result<(Progress, Vec<Row>), Error> {
    let mut at = from.clone();
    at.head = tx.query_opt(LAST, params![chain.name])?.map_or(Ok(0), |r| r.int("upto"))?;
    let mut seals = Vec::new();
    for row in tx.query(SEALS, params![chain.name, from.upto])? {
        let seal = Seal::read(&row)?;
        if seal.upto - from.upto > PIECE && !seals.is_empty() {
            break;
        }
        seals.push(seal);
    }
    let Some(last) = seals.last() else { return Ok((at, Vec::new())) };
    let span = params![from.upto, last.upto].to_vec();
    let cells = tx.query(chain.cells, &span)?;
    let old = seals.iter().any(|s| s.format == 1);
    let lines = if old { tx.query(chain.lines, &span)? } else { Vec::new() };
    let (mut cells_left, mut lines_left) = (&cells[..], &lines[..]);
    for seal in &seals {
        let (rows, line_rows);
        (rows, cells_left) = upto(cells_left, seal.upto)?;
        (line_rows, lines_left) = upto(lines_left, seal.upto)?;
        let computed = seal.digest(chain, rows, line_rows)?;
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let fits = seal.since == at.upto
            && count == seal.upto - seal.since
            && seal.previous == at.digest
            && seal.digest == computed;
        if !fits {
            return Err(Error::new(
                Kind::Conflict,
                "chain_broken",
                format!(
                    "chain '{}' is broken between positions {} and {}: a row was changed, \
                     added or removed",
                    chain.name,
                    seal.since + 1,
                    seal.upto
                ),
            ));
        }
        (at.digest, at.upto, at.rows) = (computed, seal.upto, at.rows + count);
    }
    Ok((at, cells))
}

/// Divides rows in order: those up to a position, and those behind it.
fn upto(rows: &[Row], position: i64) -> Result<(&[Row], &[Row]), DbError> {
    let mut count = 0;
    for row in rows {
        if row.int("pos")? > position {
            break;
        }
        count += 1;
    }
    Ok(rows.split_at(count))
}

struct Seal {
    since: i64,
    upto: i64,
    digest: String,
    previous: String,
    format: i64,
}

impl Seal {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            since: row.int("since")?,
            upto: row.int("upto")?,
            digest: row.text("digest")?,
            previous: row.text("previous")?,
            format: row.int("format")?,
        })
    }

    fn digest(&self, chain: Chain, cells: &[Row], lines: &[Row]) -> Result<String, DbError> {
        match self.format {
            1 => digest_of_lines(&self.previous, lines),
            2 => Ok(digest_of_cells(&self.previous, chain, cells)),
            other => Err(DbError::Other(format!(
                "a seal at position {} has format {other}: it was made by a newer kontor",
                self.upto
            ))),
        }
    }
}

fn digest_of_lines(previous: &str, rows: &[Row]) -> Result<String, DbError> {
    let mut hash = Sha256::new();
    hash.update(previous);
    for row in rows {
        hash.update(format!("\n{}|", row.int("pos")?));
        hash.update(row.text("line")?);
    }
    Ok(hex::encode(hash.finalize()))
}

fn digest_of_cells(previous: &str, chain: Chain, rows: &[Row]) -> String {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(b"\nformat 2");
    for row in rows {
        row.cells.iter().take(chain.sealed).for_each(|cell| frame(&mut hash, cell));
    }
    hex::encode(hash.finalize())
}

/// A cell with its type and its length in bytes before it.
fn frame(hash: &mut Sha256, cell: &Value) {
    match cell {
        Value::Null => hash.update(b"n"),
        Value::Int(v) => {
            hash.update(b"i");
            hash.update(v.to_be_bytes());
        }
        Value::Text(v) => {
            hash.update(b"t");
            hash.update((v.len() as u64).to_be_bytes());
            hash.update(v);
        }
        Value::Blob(v) => {
            hash.update(b"b");
            hash.update((v.len() as u64).to_be_bytes());
            hash.update(v);
        }
    }
}
