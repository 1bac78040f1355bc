//! The schema as a database has it, normalised so that both engines must print the same text.

use std::fmt::Write as _;

use super::Dialect;
use super::error::DbError;
use super::tx::Tx;
use crate::params;

const PG_TABLES: &str = "select cast(table_name as text) as name from information_schema.tables \
    where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1";
const PG_COLUMNS: &str = "select cast(c.column_name as text) as name, \
    cast(c.data_type as text) as kind, \
    cast(case when c.is_nullable = 'YES' then 1 else 0 end as bigint) as nullable \
    from information_schema.columns c \
    where c.table_schema = current_schema() and c.table_name = $1 order by c.ordinal_position";
const PG_INDEXES: &str = "select \
    cast(case when x.indisunique then 1 else 0 end as bigint) as uniq, \
    (select string_agg(cast(a.attname as text), ',' order by k.ord) \
       from unnest(x.indkey) with ordinality as k(num, ord) \
       join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.num) as columns \
    from pg_index x join pg_class t on t.oid = x.indrelid \
    join pg_namespace n on n.oid = t.relnamespace \
    where t.relname = $1 and n.nspname = current_schema()";
const LITE_TABLES: &str = "select name from sqlite_master where type = 'table' \
    and name not like 'sqlite_%' order by name";
const LITE_COLUMNS: &str = "select name, lower(type) as kind, \
    case when \"notnull\" = 1 or pk > 0 then 0 else 1 end as nullable \
    from pragma_table_info($1) order by cid";
const LITE_INDEXES: &str = "select l.\"unique\" as uniq, \
    (select group_concat(i.name, ',') from pragma_index_info(l.name) i) as columns \
    from pragma_index_list($1) l";
const LITE_KEY: &str = "select name from pragma_table_info($1) where pk > 0 order by pk";

/// The whole schema as text: a block per table with its columns, then its indexes.
///
/// # Errors
/// When the catalogue cannot be read.
pub fn describe(tx: &mut Tx<'_>) -> Result<String, DbError> {
    let sqlite = tx.dialect() == Dialect::Sqlite;
    let mut out = String::new();
    let tables = tx.query(if sqlite { LITE_TABLES } else { PG_TABLES }, &[])?;
    for table in tables {
        let name = table.text("name")?;
        let _infallible = writeln!(out, "table {name}");
        for c in tx.query(if sqlite { LITE_COLUMNS } else { PG_COLUMNS }, params![&name])? {
            let kind = match c.text("kind")?.as_str() {
                "integer" => "bigint".to_owned(),
                "blob" => "bytea".to_owned(),
                other => other.to_owned(),
            };
            let null = if c.flag("nullable")? { "" } else { " not null" };
            let _infallible = writeln!(out, "  {} {kind}{null}", c.text("name")?);
        }
        for line in indexes(tx, &name, sqlite)? {
            let _infallible = writeln!(out, "  {line}");
        }
    }
    Ok(out)
}

fn indexes(tx: &mut Tx<'_>, table: &str, sqlite: bool) -> Result<Vec<String>, DbError> {
    let mut lines = Vec::new();
    for i in tx.query(if sqlite { LITE_INDEXES } else { PG_INDEXES }, params![table])? {
        let unique = if i.flag("uniq")? { "unique " } else { "" };
        lines.push(format!("{unique}index ({})", i.text("columns")?));
    }
    if sqlite {
        // A single integer key is the row id itself and has no index of its own to list.
        let key: Vec<String> = tx
            .query(LITE_KEY, params![table])?
            .iter()
            .map(|r| r.text("name"))
            .collect::<Result<_, _>>()?;
        let line = format!("unique index ({})", key.join(","));
        if !key.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.sort();
    Ok(lines)
}
