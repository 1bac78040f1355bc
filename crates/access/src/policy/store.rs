//! Every SQL text of policy.

use contracts::policy::PolicyDecision;
use kernel::Timestamp;
use platform::db::{DbError, Row, Tx};
use platform::params;

const INSERT: &str = "insert into policy_decisions (id, at, actor, roles, action, result, scope, \
    input_sha256, revision, engine, micros, request_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (id) do nothing";
const FORGET: &str = "delete from policy_decisions where id in \
    (select id from policy_decisions where at < $1 order by at, id limit $2)";
const LIST: &str = "select id, at, actor, roles, action, result, scope, input_sha256, revision, \
    engine, micros, request_id from policy_decisions \
    where (at < $1 or (at = $1 and id < $2)) \
    and ($3 = '' or actor = $3) and ($4 = '' or action = $4) and ($5 = '' or result = $5) \
    order by at desc, id desc limit $6";

/// Which decisions a list shows; empty texts show all.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) result: String,
}

pub(super) fn insert(tx: &mut Tx<'_>, decisions: &[PolicyDecision]) -> Result<(), DbError> {
    let rows: Vec<Vec<_>> = decisions
        .iter()
        .map(|d| {
            params![
                &d.id,
                d.at,
                &d.actor,
                d.roles.join(","),
                &d.action,
                &d.result,
                &d.scope,
                &d.input_sha256,
                &d.revision,
                &d.engine,
                d.micros,
                d.request_id.clone()
            ]
            .to_vec()
        })
        .collect();
    tx.execute_many(INSERT, &rows)?;
    Ok(())
}

/// A piece of the oldest: the next events forget the next pieces.
pub(super) fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    tx.execute(FORGET, params![before, platform::retention::PIECE])
}

/// Newest first, older than the decision `(at, id)`.
pub(super) fn list(
    tx: &mut Tx<'_>,
    before: (i64, &str),
    filter: &Filter,
    limit: u32,
) -> Result<Vec<PolicyDecision>, DbError> {
    let params = params![before.0, before.1, &filter.actor, &filter.action, &filter.result, limit];
    tx.query(LIST, params)?.iter().map(decision).collect()
}

fn decision(row: &Row) -> Result<PolicyDecision, DbError> {
    let roles = row.text("roles")?;
    Ok(PolicyDecision {
        id: row.text("id")?,
        at: row.int("at")?,
        actor: row.text("actor")?,
        roles: roles.split(',').filter(|r| !r.is_empty()).map(str::to_owned).collect(),
        action: row.text("action")?,
        result: row.text("result")?,
        scope: row.text("scope")?,
        input_sha256: row.text("input_sha256")?,
        revision: row.text("revision")?,
        engine: row.text("engine")?,
        micros: row.int("micros")?,
        request_id: row.opt_text("request_id")?,
    })
}
