//! Every SQL text of statements.

use kernel::{Month, Timestamp};
use platform::db::{DbError, Row, Tx, Value};
use platform::params;

use super::model::{Statement, StatementId};
use super::reader::Mapping;
use crate::creators::CreatorId;

const INSERT: &str = "insert into statements (id, creator_id, file_name, sha256, size_bytes, \
    status, format, format_name, currency, month_from, month_to, rows, total, summary, mapping, \
    created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
const UPDATE: &str = "update statements set status = $2, format = $3, format_name = $4, \
    currency = $5, month_from = $6, month_to = $7, rows = $8, total = $9, summary = $10, \
    mapping = $11 where id = $1";
const ONE: &str = "select id, creator_id, file_name, sha256, size_bytes, status, format, \
    format_name, currency, month_from, month_to, rows, total, summary, mapping, created_at \
    from statements where id = $1 for update";
const SOME: &str = "select id, creator_id, file_name, sha256, size_bytes, status, format, \
    format_name, currency, month_from, month_to, rows, total, summary, mapping, created_at \
    from statements where id in ($list) order by created_at, id";
const LIST: &str = "select id, creator_id, file_name, sha256, size_bytes, status, format, \
    format_name, currency, month_from, month_to, rows, total, summary, mapping, created_at \
    from statements where (cast($1 as text) is null or creator_id = $1) and id < $2 \
    order by id desc limit $3";
const BY_FILE: &str = "select id from statements where creator_id = $1 and sha256 = $2";
const NEIGHBOURS: &str = "select id, file_name from statements where creator_id = $1 \
    and status = 'confirmed' and id <> $2 and month_to >= $3 and month_from <= $4 \
    order by id desc limit $5";
const SAVE_CELLS: &str = "insert into statements_cells (statement_id, cells) values ($1, $2) \
    on conflict (statement_id) do update set cells = excluded.cells";
const CELLS: &str = "select cells from statements_cells where statement_id = $1";
const REMEMBER: &str = "insert into statements_layouts (hash, mapping, created_at) \
    values ($1, $2, $3) on conflict (hash) do update set mapping = excluded.mapping";
const LAYOUT: &str = "select mapping from statements_layouts where hash = $1";

fn json<T: serde::Serialize>(value: &T) -> Result<Value, DbError> {
    serde_json::to_string(value).map(Value::Text).map_err(|e| DbError::Other(e.to_string()))
}

fn tail(s: &Statement) -> Result<Vec<Value>, DbError> {
    Ok(vec![
        s.status.as_str().into(),
        s.format.clone().into(),
        s.format_name.clone().into(),
        s.currency.into(),
        s.period.map(|p| p.0).into(),
        s.period.map(|p| p.1).into(),
        s.rows.into(),
        s.total.into(),
        json(&s.summary)?,
        s.mapping.as_ref().map(json).transpose()?.unwrap_or(Value::Null),
    ])
}

pub(crate) fn insert(tx: &mut Tx<'_>, s: &Statement) -> Result<(), DbError> {
    let mut values: Vec<Value> = vec![
        s.id.0.into(),
        s.creator.0.into(),
        s.file_name.as_str().into(),
        s.sha256.as_str().into(),
        s.size_bytes.into(),
    ];
    values.extend(tail(s)?);
    values.push(s.created_at.into());
    tx.execute(INSERT, &values)?;
    Ok(())
}

pub(crate) fn update(tx: &mut Tx<'_>, s: &Statement) -> Result<(), DbError> {
    let mut values: Vec<Value> = vec![s.id.0.into()];
    values.extend(tail(s)?);
    tx.execute(UPDATE, &values)?;
    Ok(())
}

pub(crate) fn find(tx: &mut Tx<'_>, id: StatementId) -> Result<Option<Statement>, DbError> {
    tx.query_opt(ONE, params![id.0])?.as_ref().map(statement).transpose()
}

pub(crate) fn some(tx: &mut Tx<'_>, ids: &[StatementId]) -> Result<Vec<Statement>, DbError> {
    let ids: Vec<Value> = ids.iter().map(|i| i.0.into()).collect();
    tx.query_in(SOME, &ids)?.iter().map(statement).collect()
}

pub(crate) fn list(
    tx: &mut Tx<'_>,
    creator: Option<CreatorId>,
    before: &str,
    limit: u32,
) -> Result<Vec<Statement>, DbError> {
    tx.query(LIST, params![creator.map(|c| c.0), before, limit])?.iter().map(statement).collect()
}

pub(crate) fn by_file(
    tx: &mut Tx<'_>,
    creator: CreatorId,
    sha256: &str,
) -> Result<Option<StatementId>, DbError> {
    tx.query_opt(BY_FILE, params![creator.0, sha256])?.map(|r| r.parse("id")).transpose()
}

/// Confirmed statements of the same creator that share a month with this one, newest first.
pub(crate) fn neighbours(
    tx: &mut Tx<'_>,
    s: &Statement,
    limit: u32,
) -> Result<Vec<(StatementId, String)>, DbError> {
    let Some((from, to)) = s.period else { return Ok(Vec::new()) };
    tx.query(NEIGHBOURS, params![s.creator.0, s.id.0, from, to, limit])?
        .iter()
        .map(|row| Ok((row.parse("id")?, row.text("file_name")?)))
        .collect()
}

pub(crate) fn save_cells(tx: &mut Tx<'_>, id: StatementId, packed: Vec<u8>) -> Result<(), DbError> {
    tx.execute(SAVE_CELLS, params![id.0, packed])?;
    Ok(())
}

pub(crate) fn cells(tx: &mut Tx<'_>, id: StatementId) -> Result<Option<Vec<u8>>, DbError> {
    tx.query_opt(CELLS, params![id.0])?.map(|r| r.blob("cells")).transpose()
}

pub(crate) fn remember(
    tx: &mut Tx<'_>,
    hash: &str,
    mapping: &Mapping,
    now: Timestamp,
) -> Result<(), DbError> {
    let text = json(mapping)?;
    tx.execute(REMEMBER, &[hash.into(), text, now.into()])?;
    Ok(())
}

pub(crate) fn remembered(tx: &mut Tx<'_>, hash: &str) -> Result<Option<Mapping>, DbError> {
    tx.query_opt(LAYOUT, params![hash])?.map(|r| r.json("mapping")).transpose()
}

fn statement(row: &Row) -> Result<Statement, DbError> {
    let month = |column: &str| -> Result<Option<Month>, DbError> {
        let index = row.opt_int(column)?.and_then(|i| i32::try_from(i).ok());
        Ok(index.map(Month::from_index))
    };
    Ok(Statement {
        id: row.parse("id")?,
        creator: row.parse("creator_id")?,
        file_name: row.text("file_name")?,
        sha256: row.text("sha256")?,
        size_bytes: row.int("size_bytes")?,
        status: row.parse("status")?,
        format: row.opt_text("format")?,
        format_name: row.opt_text("format_name")?,
        currency: row.opt_parse("currency")?,
        period: month("month_from")?.zip(month("month_to")?),
        rows: row.int("rows")?,
        total: row.opt_parse("total")?,
        summary: row.json("summary")?,
        mapping: row.opt_json("mapping")?,
        created_at: row.time("created_at")?,
    })
}
