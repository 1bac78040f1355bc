//! Use cases of statements: upload, map, confirm.

mod confirm;
mod works;

use contracts::Grant;
use kernel::Error;
use kernel::page::{Cursor, Page};
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::{DbError, Tx};
use platform::idempotency::Once;

use super::codec;
use super::model::{Statement, StatementId, Status, Summary};
use super::reader::{self, Limits, Mapping, Outcome, Source};
use super::store;
use crate::creators::{self, CreatorId};

pub use super::model::refuse_overlaps;
pub use confirm::{confirm, confirm_with};
pub use works::{WorkLine, works};

/// A file that was received into the staging folder.
#[derive(Debug, Clone)]
pub struct Received {
    /// Where it lies; gone when the upload ends.
    pub path: std::path::PathBuf,
    /// Name it was sent with.
    pub file_name: String,
    /// Its digest, computed while it was received.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
}

/// Reads an uploaded file and stages it.
///
/// # Errors
/// `statement_refused` (with the rows named), `statement_duplicate`, `creator_not_found`.
pub async fn upload(cx: &Cx, creator: CreatorId, file: Received) -> Result<Statement, Error> {
    cx.decide_all("statements.write").await?;
    let once = Once::optional(cx, "statements.upload", &(creator, &file.sha256))?;
    let (sha, asked) = (file.sha256.clone(), once.clone());
    let before = cx
        .db
        .read(move |tx| {
            if let Some(before) = asked.before(tx)? {
                return load(tx, before).map(Some);
            }
            creators::service::load(tx, creator)?;
            refuse_duplicate(tx, creator, &sha)?;
            Ok::<_, Error>(None)
        })
        .await?;
    if let Some(before) = before {
        return Ok(before);
    }
    let read = read_file(cx, file.path.clone()).await;
    let outcome = match read {
        Ok(outcome) => outcome,
        Err(refused) => {
            record_refusal(cx, creator, &file, &refused).await?;
            return Err(refused);
        }
    };
    stage(cx, creator, file, outcome, once).await
}

fn refuse_duplicate(tx: &mut Tx<'_>, creator: CreatorId, sha256: &str) -> Result<(), Error> {
    match store::by_file(tx, creator, sha256)? {
        None => Ok(()),
        Some(id) => Err(Error::conflict(
            "statement_duplicate",
            "this very file was uploaded for this creator before",
        )
        .with("statement_id", id.to_string())),
    }
}

/// Reads the file; an unknown layout is tried with the mapping that was confirmed for it before.
async fn read_file(cx: &Cx, path: std::path::PathBuf) -> Result<Outcome, Error> {
    let first = read_with(cx, path.clone(), None).await?;
    let Outcome::NeedsMapping(unmapped) = &first else { return Ok(first) };
    let hash = unmapped.layout.hash.clone();
    let known: Option<Mapping> = cx
        .db
        .read(move |tx| store::remembered(tx, &hash))
        .await
        .map_err(|e: DbError| Error::from(e))?;
    match known {
        None => Ok(first),
        // A remembered mapping may not fit this file after all: then ask again.
        Some(mapping) => {
            let mapping = Some(mapping.without_answers());
            Ok(read_with(cx, path, mapping).await.unwrap_or(first))
        }
    }
}

async fn read_with(
    cx: &Cx,
    path: std::path::PathBuf,
    mapping: Option<Mapping>,
) -> Result<Outcome, Error> {
    let limits = Limits::at(cx.clock.now());
    let read = move || reader::inspect(Source::File(&path), mapping.as_ref(), &limits);
    cx.heavy.blocking(read).await?.map_err(Error::from)
}

async fn record_refusal(
    cx: &Cx,
    creator: CreatorId,
    file: &Received,
    why: &Error,
) -> Result<(), Error> {
    let entry = Entry {
        action: "statements.refused",
        subject: format!("creator/{creator}"),
        details: serde_json::json!({ "sha256": file.sha256, "size_bytes": file.size_bytes,
            "why": why.message }),
    };
    let (ctx, now) = (cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| audit::append(tx, &ctx, now, &entry))
        .await
        .map_err(|e: DbError| Error::from(e))
}

async fn stage(
    cx: &Cx,
    creator: CreatorId,
    file: Received,
    outcome: Outcome,
    once: Once,
) -> Result<Statement, Error> {
    let mut statement = Statement {
        id: StatementId::new(&*cx.ids),
        creator,
        file_name: clean_name(&file.file_name),
        sha256: file.sha256.clone(),
        size_bytes: i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
        status: Status::NeedsMapping,
        format: None,
        format_name: None,
        currency: None,
        period: None,
        rows: 0,
        total: None,
        summary: Summary::default(),
        mapping: None,
        created_at: cx.clock.now(),
    };
    let blobs = std::sync::Arc::clone(&cx.blobs);
    let take = move || {
        let packed = take_over(&mut statement, outcome)?;
        blobs.put_file(&file.path, &file.sha256)?;
        Ok::<_, Error>((statement, packed))
    };
    let (statement, packed) = cx.heavy.blocking(take).await??;
    let ctx = cx.clone();
    cx.db
        .write(move |tx| {
            if let Some(before) = once.begin(tx, statement.created_at)? {
                return load(tx, before);
            }
            refuse_duplicate(tx, creator, &statement.sha256)?;
            match store::insert(tx, &statement) {
                Err(DbError::Unique(_)) => {
                    return Err(Error::conflict(
                        "statement_duplicate",
                        "this very file was uploaded for this creator before",
                    ));
                }
                other => other?,
            }
            if let Some(packed) = &packed {
                store::save_cells(tx, statement.id, packed.clone())?;
            }
            let entry = Entry {
                action: "statements.upload",
                subject: format!("statement/{}", statement.id),
                details: serde_json::json!({ "sha256": statement.sha256, "rows": statement.rows }),
            };
            audit::append(tx, &ctx, statement.created_at, &entry)?;
            once.done(tx, &statement.id)?;
            Ok(statement.clone())
        })
        .await
}

/// Puts what the reader found into the statement; answers its packed sums.
fn take_over(s: &mut Statement, outcome: Outcome) -> Result<Option<Vec<u8>>, Error> {
    match outcome {
        Outcome::Ready(reading) => {
            s.read(&reading);
            Ok(Some(codec::pack(&reading.aggregates)?))
        }
        Outcome::NeedsMapping(unmapped) => {
            match &unmapped.reading {
                Some(reading) => s.read(reading),
                None => s.forget(),
            }
            s.status = Status::NeedsMapping;
            s.summary.why = Some(unmapped.why);
            s.summary.layout = Some(unmapped.layout);
            s.summary.questions = unmapped.questions;
            Ok(None)
        }
    }
}

/// The file's name without folders and control characters, at most 200 characters.
fn clean_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = base.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.trim().is_empty() { "statement".into() } else { clean }
}

/// Says what the columns of a staged statement mean; remembered for that layout.
///
/// # Errors
/// `statement_refused` naming the field of the mapping; `statement_confirmed` when it is too
/// late.
pub async fn map(cx: &Cx, id: StatementId, mapping: Mapping) -> Result<Statement, Error> {
    cx.decide_all("statements.write").await?;
    let before = cx.db.read(move |tx| load(tx, id)).await?;
    if before.status == Status::Confirmed {
        return Err(Error::conflict("statement_confirmed", "a confirmed statement stays as it is"));
    }
    let (blobs, sha) = (std::sync::Arc::clone(&cx.blobs), before.sha256.clone());
    let path = platform::tasks::blocking(move || blobs.path(&sha)).await??;
    let outcome = read_with(cx, path, Some(mapping.clone())).await?;
    let mut after = before;
    after.mapping = Some(mapping.clone());
    let hash = match &outcome {
        Outcome::Ready(reading) => Some(reading.layout.hash.clone()),
        Outcome::NeedsMapping(_) => None,
    };
    let packed = take_over(&mut after, outcome)?;
    let (ctx, now) = (cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| {
            if load(tx, id)?.status == Status::Confirmed {
                return Err(Error::conflict(
                    "statement_confirmed",
                    "a confirmed statement stays as it is",
                ));
            }
            store::update(tx, &after)?;
            if let Some(packed) = &packed {
                store::save_cells(tx, id, packed.clone())?;
            }
            if let Some(hash) = &hash {
                store::remember(tx, hash, &mapping.clone().without_answers(), now)?;
            }
            let entry = Entry {
                action: "statements.map",
                subject: format!("statement/{id}"),
                details: serde_json::json!({ "rows": after.rows }),
            };
            audit::append(tx, &ctx, now, &entry)?;
            Ok(after.clone())
        })
        .await
}

/// One statement, inside a transaction.
///
/// # Errors
/// `statement_not_found`.
pub fn load(tx: &mut Tx<'_>, id: StatementId) -> Result<Statement, Error> {
    store::find(tx, id)?.ok_or_else(|| not_found(id))
}

/// One statement, when the grant covers it; else there is none.
fn load_granted(tx: &mut Tx<'_>, id: StatementId, grant: Grant) -> Result<Statement, Error> {
    let found = load(tx, id)?;
    if grant.covers(Some(found.creator.0)) { Ok(found) } else { Err(not_found(id)) }
}

fn not_found(id: StatementId) -> Error {
    Error::not_found("statement_not_found", format!("there is no statement {id}"))
}

/// Several statements, oldest first, inside a transaction.
///
/// # Errors
/// When the database fails.
pub fn load_some(tx: &mut Tx<'_>, ids: &[StatementId]) -> Result<Vec<Statement>, DbError> {
    store::some(tx, ids)
}

/// The packed sums of a statement, inside a transaction.
///
/// # Errors
/// `Internal` when a confirmed statement has none.
pub fn packed_sums(tx: &mut Tx<'_>, id: StatementId) -> Result<Vec<u8>, Error> {
    store::cells(tx, id)?.ok_or_else(|| Error::internal(format!("statement {id} has no sums")))
}

/// One statement.
///
/// # Errors
/// `statement_not_found`.
pub async fn get(cx: &Cx, id: StatementId) -> Result<Statement, Error> {
    let grant = cx.decide("statements.read").await?;
    cx.db.read(move |tx| load_granted(tx, id, grant)).await
}

/// Statements, newest first.
///
/// # Errors
/// When the cursor is not one of ours.
pub async fn list(
    cx: &Cx,
    creator: Option<CreatorId>,
    cursor: Option<String>,
    limit: u32,
) -> Result<Page<Statement>, Error> {
    let grant = cx.decide("statements.read").await?;
    let creator = grant.narrow(creator.map(|c| c.0))?.map(CreatorId);
    let before = cursor.as_deref().map(Cursor::decode).transpose()?.map(|c| c.id);
    let before = before.unwrap_or_else(|| "~".into());
    let rows = cx
        .db
        .read(move |tx| store::list(tx, creator, &before, limit + 1))
        .await
        .map_err(|e: DbError| Error::from(e))?;
    Ok(Page::cut(rows, limit, |s| Cursor { value: String::new(), id: s.id.to_string() }))
}
