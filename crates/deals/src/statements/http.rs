//! `/api/v1/statements`: streaming upload, mapping, confirmation.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::extract::multipart::Field;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use kernel::page::{Page, checked_limit};
use kernel::{Asset, Error, Exact, Kind, Timestamp};
use platform::http::{Answer, ApiError, Body, ErrorBody, Form, Path, Query};
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Statement, StatementId, Status};
use super::reader::{
    Confirmation, Layout, Mapping, MonthLine, Period, Question, StoreLine, Warning,
};
use super::service::{self, Received, WorkLine};
use crate::creators::CreatorId;

/// Bytes that a file may have.
#[derive(Debug, Clone, Copy)]
struct UploadLimit(u64);

/// Room for the form around the file.
const FORM_BYTES: u64 = 64 << 10;

/// The routes of statements; an uploaded file may have `upload_limit` bytes.
pub fn routes(house: Arc<House>, upload_limit: u64) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(upload, list))
        .layer(DefaultBodyLimit::disable())
        .layer(Extension(UploadLimit(upload_limit)))
        .routes(routes!(get))
        .routes(routes!(map))
        .routes(routes!(confirm))
        .routes(routes!(works))
        .with_state(house)
}

/// An exact sum; may carry fractions of a cent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ExactMoney {
    amount: Exact,
    currency: Option<Asset>,
}

/// A statement as people see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StatementView {
    id: StatementId,
    creator_id: CreatorId,
    file_name: String,
    sha256: String,
    size_bytes: i64,
    status: Status,
    format: Option<String>,
    format_name: Option<String>,
    currency: Option<Asset>,
    period: Option<Period>,
    /// Data rows, without header, preamble and footer.
    rows: i64,
    total: Option<ExactMoney>,
    months: Vec<MonthLine>,
    stores: Vec<StoreLine>,
    works_count: u64,
    countries_count: u64,
    warnings: Vec<Warning>,
    warnings_total: u64,
    /// Present while a mapping is needed.
    layout: Option<Layout>,
    /// What is missing, while a mapping is needed.
    why: Option<String>,
    /// What only a person can decide, while a mapping is needed: each names the field of the
    /// mapping that answers it.
    questions: Vec<Question>,
    /// What a person has to say yes to before the statement counts: its keys go into
    /// `acknowledged` when it is confirmed.
    confirmations: Vec<Confirmation>,
    /// Keys that were said yes to.
    acknowledged: Vec<String>,
    /// Sheets of a workbook or members of an archive that were read, when there are several.
    tables: Vec<String>,
    /// Sheets or members that were not read.
    tables_left_out: Vec<String>,
    created_at: Timestamp,
}

impl From<Statement> for StatementView {
    fn from(s: Statement) -> Self {
        Self {
            id: s.id,
            creator_id: s.creator,
            file_name: s.file_name,
            sha256: s.sha256,
            size_bytes: s.size_bytes,
            status: s.status,
            format: s.format,
            format_name: s.format_name,
            currency: s.currency,
            period: s.period.map(|(from, to)| Period { from, to }),
            rows: s.rows,
            total: s.total.map(|amount| ExactMoney { amount, currency: s.currency }),
            months: s.summary.months,
            stores: s.summary.stores,
            works_count: s.summary.works_count,
            countries_count: s.summary.countries_count,
            warnings: s.summary.warnings,
            warnings_total: s.summary.warnings_total,
            layout: s.summary.layout,
            why: s.summary.why,
            questions: s.summary.questions,
            confirmations: s.summary.confirmations,
            acknowledged: s.summary.acknowledged,
            tables: s.summary.tables,
            tables_left_out: s.summary.tables_left_out,
            created_at: s.created_at,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct UploadQuery {
    /// Whose statement it is.
    creator_id: kernel::ids::Uuid,
}

/// The form of an upload.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the form; the stream is read by hand")]
struct UploadForm {
    /// csv, tsv, xlsx, or one of them in gz or zip; at most 2 GiB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Uploads a statement. It is read before the answer: format, totals, warnings by line.
#[utoipa::path(post, path = "/statements", tag = "statements", params(UploadQuery),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = StatementView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn upload(
    cx: Cx,
    Query(q): Query<UploadQuery>,
    Extension(UploadLimit(limit)): Extension<UploadLimit>,
    headers: HeaderMap,
    form: Result<Form, ApiError>,
) -> Answer<(StatusCode, Json<StatementView>)> {
    cx.decide_all("statements.write").await?;
    let said = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|n| n > limit.saturating_add(FORM_BYTES)) {
        return Err(too_large(limit).into());
    }
    let mut form = form?;
    let file = loop {
        let Some(field) = form.next_field().await? else {
            return Err(Error::invalid("file", "the form has no field 'file'").into());
        };
        if field.name() == Some("file") {
            break receive(&cx, field, limit).await?;
        }
    };
    let (file, _staged) = file;
    while let Some(more) = form.next_field().await? {
        if more.name() == Some("file") {
            let message = "one file at a time: the form holds another one behind the first";
            return Err(Error::invalid("file", message).into());
        }
    }
    let statement = service::upload(&cx, CreatorId(q.creator_id), file).await?;
    Ok((StatusCode::CREATED, Json(statement.into())))
}

/// A file in the staging folder. Taken over by the file store on success; otherwise nothing of
/// it stays, also when the client hangs up or the deadline passes.
struct Staged(std::path::PathBuf);

impl Drop for Staged {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.0);
    }
}

fn broken() -> Error {
    Error::new(
        Kind::Malformed,
        "malformed_form",
        "the upload broke off or is no form: send it again",
    )
}

fn too_large(limit: u64) -> Error {
    let allowed = match limit {
        n if n % (1 << 30) == 0 => format!("{} GiB", n >> 30),
        n if n % (1 << 20) == 0 => format!("{} MiB", n >> 20),
        n => format!("{n} bytes"),
    };
    let message = format!("a statement may have {allowed} at most: pack it, or split it by month");
    Error::new(Kind::TooLarge, "file_too_large", message).with("limit_bytes", limit)
}

/// Streams a field into the staging folder, computing its digest on the way.
async fn receive(cx: &Cx, mut field: Field<'_>, limit: u64) -> Result<(Received, Staged), Error> {
    let away = |e: std::io::Error| {
        Error::new(Kind::Unavailable, "blob_store_unavailable", "the file could not be stored")
            .caused_by(e)
    };
    let file_name = field.file_name().unwrap_or("statement").to_owned();
    let path = cx.blobs.staging().join(cx.ids.next().to_string());
    let staged = Staged(path.clone());
    let mut out = tokio::fs::File::create(&path).await.map_err(away)?;
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    while let Some(chunk) = field.chunk().await.map_err(|_| broken())? {
        size += chunk.len() as u64;
        if size > limit {
            return Err(too_large(limit));
        }
        hash.update(&chunk);
        out.write_all(&chunk).await.map_err(away)?;
    }
    out.flush().await.map_err(away)?;
    let sha256 = hex::encode(hash.finalize());
    Ok((Received { path, file_name, sha256, size_bytes: size }, staged))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Only this creator's.
    creator_id: Option<kernel::ids::Uuid>,
    /// Rows, 1 to 250.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// Statements, newest first.
#[utoipa::path(get, path = "/statements", tag = "statements", params(ListQuery),
    responses((status = 200, body = Page<StatementView>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn list(cx: Cx, Query(q): Query<ListQuery>) -> Answer<Json<Page<StatementView>>> {
    let limit = checked_limit(q.limit)?;
    let page = service::list(&cx, q.creator_id.map(CreatorId), q.cursor, limit).await?;
    Ok(Json(page.map(StatementView::from)))
}

/// One statement.
#[utoipa::path(get, path = "/statements/{id}", tag = "statements",
    params(("id" = StatementId, Path)),
    responses((status = 200, body = StatementView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn get(cx: Cx, Path(id): Path<StatementId>) -> Answer<Json<StatementView>> {
    Ok(Json(service::get(&cx, id).await?.into()))
}

/// Says what the columns mean; remembered for files of the same layout.
#[utoipa::path(put, path = "/statements/{id}/mapping", tag = "statements",
    params(("id" = StatementId, Path)), request_body = Mapping,
    responses((status = 200, body = StatementView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn map(
    cx: Cx,
    Path(id): Path<StatementId>,
    Body(mapping): Body<Mapping>,
) -> Answer<Json<StatementView>> {
    Ok(Json(service::map(&cx, id, mapping).await?.into()))
}

/// What a person says yes to.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmStatement {
    /// Keys of `confirmations`, of the statement or of a 409, that were read and said yes to.
    #[serde(default)]
    acknowledged: Vec<String>,
}

/// Keys that one request may say yes to.
const MOST_KEYS: usize = 500;

/// Makes the statement part of the creator's history.
///
/// What needs a yes (amounts left out, income that another statement of the creator holds too)
/// answers 409 `confirmation_needed` until its key is among `acknowledged`.
#[utoipa::path(post, path = "/statements/{id}/confirm", tag = "statements",
    params(("id" = StatementId, Path)), request_body = ConfirmStatement,
    responses((status = 200, body = StatementView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn confirm(
    cx: Cx,
    Path(id): Path<StatementId>,
    Body(form): Body<ConfirmStatement>,
) -> Answer<Json<StatementView>> {
    if form.acknowledged.len() > MOST_KEYS {
        let message = format!("at most {MOST_KEYS} keys are allowed");
        return Err(Error::invalid("acknowledged", message).into());
    }
    Ok(Json(service::confirm_with(&cx, id, form.acknowledged).await?.into()))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct WorksQuery {
    /// Rows, 1 to 250.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// The works of a statement, largest first; none while a mapping is missing.
#[utoipa::path(get, path = "/statements/{id}/works", tag = "statements",
    params(("id" = StatementId, Path), WorksQuery),
    responses((status = 200, body = Page<WorkLine>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn works(
    cx: Cx,
    Path(id): Path<StatementId>,
    Query(q): Query<WorksQuery>,
) -> Answer<Json<Page<WorkLine>>> {
    let limit = checked_limit(q.limit)?;
    Ok(Json(service::works(&cx, id, q.cursor, limit).await?))
}
