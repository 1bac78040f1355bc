//! A statement becomes part of the creator's history, once everything that needs a yes has one.

use std::sync::Arc;

use kernel::Error;
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::Tx;

use super::super::codec;
use super::super::model::{KnownOverlap, Statement, StatementId, Status};
use super::super::reader::overlap;
use super::super::store;
use super::{load, packed_sums};

/// Statements of the same months that are compared at most, newest first.
const COMPARED: u32 = 200;
/// Times that the comparison starts again because another statement was confirmed meanwhile.
const ATTEMPTS: u32 = 5;

/// Makes a staged statement part of the creator's history.
///
/// # Errors
/// As [`confirm_with`].
pub async fn confirm(cx: &Cx, id: StatementId) -> Result<Statement, Error> {
    confirm_with(cx, id, Vec::new()).await
}

/// As [`confirm`]; `acknowledged` are the keys of what a person said yes to.
///
/// # Errors
/// `statement_needs_mapping`, `statement_not_found`; `confirmation_needed` with what has to be
/// said yes to, an overlap with another statement of the creator among it.
pub async fn confirm_with(
    cx: &Cx,
    id: StatementId,
    acknowledged: Vec<String>,
) -> Result<Statement, Error> {
    cx.decide_all("statements.write").await?;
    for _ in 0..ATTEMPTS {
        let (seen, others) = cx.db.read(move |tx| with_neighbours(tx, id)).await?;
        let overlaps = overlaps(cx, &seen, &others).await?;
        let compared: Vec<StatementId> = others.iter().map(|(id, _)| *id).collect();
        if let Some(done) = save(cx, &seen, overlaps, compared, acknowledged.clone()).await? {
            return Ok(done);
        }
    }
    Err(Error::conflict(
        "statement_changed",
        "other statements of this creator are being confirmed: try again",
    ))
}

type Neighbours = Vec<(StatementId, String)>;

/// The statement, and those it is to be compared with.
fn with_neighbours(tx: &mut Tx<'_>, id: StatementId) -> Result<(Statement, Neighbours), Error> {
    let s = load(tx, id)?;
    let others = match s.status {
        Status::Ready => store::neighbours(tx, &s, COMPARED)?,
        Status::NeedsMapping | Status::Confirmed => Vec::new(),
    };
    Ok((s, others))
}

/// What the statement has in common with others; one of them is in memory at a time.
async fn overlaps(
    cx: &Cx,
    s: &Statement,
    others: &[(StatementId, String)],
) -> Result<Vec<KnownOverlap>, Error> {
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let id = s.id;
    let packed = cx.db.read(move |tx| packed_sums(tx, id)).await?;
    let own = Arc::new(cx.heavy.blocking(move || codec::unpack(&packed)).await??);
    let mut found = Vec::new();
    for (other, file_name) in others {
        let (other, own) = (*other, Arc::clone(&own));
        let packed = cx.db.read(move |tx| packed_sums(tx, other)).await?;
        let compare = move || Ok::<_, Error>(overlap::compare(&own, &codec::unpack(&packed)?));
        let common = cx.heavy.blocking(compare).await??;
        found.extend(common.map(|o| KnownOverlap::of(other, file_name.clone(), o)));
    }
    Ok(found)
}

/// Saves the step; `None` when the statement or its neighbours changed since they were read.
async fn save(
    cx: &Cx,
    seen: &Statement,
    overlaps: Vec<KnownOverlap>,
    compared: Vec<StatementId>,
    acknowledged: Vec<String>,
) -> Result<Option<Statement>, Error> {
    let (ctx, now, id) = (cx.clone(), cx.clock.now(), seen.id);
    let (total, rows, status) = (seen.total, seen.rows, seen.status);
    cx.db
        .write(move |tx| {
            let (mut s, others) = with_neighbours(tx, id)?;
            let same = others.iter().map(|(id, _)| *id).eq(compared.iter().copied());
            if !same || (s.total, s.rows, s.status) != (total, rows, status) {
                return Ok(None);
            }
            if s.confirm(&acknowledged, overlaps.clone())? {
                store::update(tx, &s)?;
                let entry = Entry {
                    action: "statements.confirm",
                    subject: format!("statement/{id}"),
                    details: serde_json::json!({ "acknowledged": s.summary.confirmations }),
                };
                audit::append(tx, &ctx, now, &entry)?;
            }
            Ok::<_, Error>(Some(s))
        })
        .await
}
