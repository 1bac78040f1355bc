//! Every SQL text of valuations.

use kernel::Timestamp;
use kernel::ids::Uuid;
use platform::db::{DbError, Tx};
use platform::params;

use super::model::Valuation;

const SAVE: &str = "insert into valuations (offer_id, round, report, created_at) \
    values ($1, $2, $3, $4) on conflict (offer_id, round) do update set report = excluded.report";
const FIND: &str = "select report from valuations where offer_id = $1 and round = $2";

pub(crate) fn save(
    tx: &mut Tx<'_>,
    offer: Uuid,
    round: i64,
    report: &Valuation,
    now: Timestamp,
) -> Result<(), DbError> {
    let text = serde_json::to_string(report).map_err(|e| DbError::Other(e.to_string()))?;
    tx.execute(SAVE, params![offer, round, text, now])?;
    Ok(())
}

pub(crate) fn find(tx: &mut Tx<'_>, offer: Uuid, round: i64) -> Result<Option<Valuation>, DbError> {
    tx.query_opt(FIND, params![offer, round])?.map(|r| r.json("report")).transpose()
}
