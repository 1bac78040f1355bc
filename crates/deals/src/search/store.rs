//! Every SQL text of search.

use std::collections::BTreeSet;

use platform::backfill::Piece;
use platform::db::{DbError, Tx, Value};
use platform::params;

use super::{Kind, keep};

const SAVE: &str = "insert into deals_words (kind, word, id) values ($1, $2, $3) \
    on conflict (kind, word, id) do nothing";
const WITH: &str = "select distinct id from (select id from deals_words \
    where kind = $1 and word >= $2 and word < $3 limit $4) as w";
const OFFERS: &str = "select number, id, search from offers where number > $1 \
    order by number limit $2";
const CREATORS: &str = "select id, search from creators where id > $1 order by id limit $2";

/// Rows of one piece of the backfill.
const PIECE: u32 = 100;
/// A row has a word with several ends that begin alike at most so often.
const ALIKE: u32 = 4;

pub(super) fn save(
    tx: &mut Tx<'_>,
    kind: &str,
    id: &str,
    ends: &BTreeSet<String>,
) -> Result<(), DbError> {
    let rows: Vec<Vec<Value>> = ends.iter().map(|end| params![kind, end, id].to_vec()).collect();
    tx.execute_many(SAVE, &rows).map(drop)
}

/// Rows that have a word with this beginning; when there are `limit` of them, there are more.
pub(super) fn with_word(
    tx: &mut Tx<'_>,
    kind: &str,
    piece: &str,
    limit: u32,
) -> Result<Vec<String>, DbError> {
    let behind = format!("{piece}\u{10ffff}");
    let looked = limit.saturating_mul(ALIKE);
    let rows = tx.query(WITH, params![kind, piece, behind, looked])?;
    rows.iter().map(|row| row.text("id")).collect()
}

pub(super) fn offers_piece(tx: &mut Tx<'_>, after: &str) -> Result<Piece, DbError> {
    let rows = tx.query(OFFERS, params![after.parse::<i64>().unwrap_or(0), PIECE])?;
    let Some(last) = rows.last() else { return Ok(Piece::Done) };
    for row in &rows {
        let text = format!("k-{} {}", row.int("number")?, row.text("search")?);
        keep(tx, Kind::Offer, &row.text("id")?, &text)?;
    }
    let cursor = last.int("number")?.to_string();
    Ok(Piece::Next { cursor, rows: i64::try_from(rows.len()).unwrap_or(0) })
}

pub(super) fn creators_piece(tx: &mut Tx<'_>, after: &str) -> Result<Piece, DbError> {
    let rows = tx.query(CREATORS, params![after, PIECE])?;
    let Some(last) = rows.last() else { return Ok(Piece::Done) };
    for row in &rows {
        keep(tx, Kind::Creator, &row.text("id")?, &row.text("search")?)?;
    }
    let cursor = last.text("id")?;
    Ok(Piece::Next { cursor, rows: i64::try_from(rows.len()).unwrap_or(0) })
}
