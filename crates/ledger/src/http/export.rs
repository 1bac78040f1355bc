//! Transfers as CSV: as many as there are, read page by page while they are sent.

use axum::body::Body as Sent;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::stream;
use kernel::{Error, Money};
use platform::Cx;
use platform::db::DbError;
use platform::http::{Answer, ErrorBody, Query};

use super::transfers::ExportQuery;
use crate::store::{self, Before, Filter, Listed};

/// Rows that are read in one piece.
const PIECE: u32 = 1_000;
const HEADER: &str = "at,position,transfer_id,kind,type,debit_account,credit_account,amount,\
    currency,reference,offer_id,actor\r\n";

/// Transfers as CSV (RFC 4180), newest first.
#[utoipa::path(get, path = "/ledger/transfers.csv", tag = "ledger", params(ExportQuery),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn export_transfers(cx: Cx, Query(q): Query<ExportQuery>) -> Answer<Response> {
    cx.decide_all("ledger.read").await?;
    let filter = q.filter()?;
    let rows =
        stream::try_unfold(Some(Before::FIRST), move |at| piece(cx.clone(), filter.clone(), at));
    let head = stream::once(async { Ok(HEADER.to_owned()) });
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (CONTENT_DISPOSITION, "attachment; filename=\"transfers.csv\""),
    ];
    let body = Sent::from_stream(futures::StreamExt::chain(head, rows));
    Ok((headers, body).into_response())
}

type Piece = Result<Option<(String, Option<Before>)>, Error>;

/// The lines of the next piece and where the one after it begins. A failure breaks the answer
/// off, so that nobody takes a part for the whole.
async fn piece(cx: Cx, filter: Filter, at: Option<Before>) -> Piece {
    let Some(from) = at else { return Ok(None) };
    let found = cx
        .db
        .scan(move |tx| store::transfers(tx, &filter, from, PIECE))
        .await
        .map_err(|e: DbError| Error::from(e))?;
    Ok(Some((found.listed.iter().map(line).collect(), found.next)))
}

fn line(l: &Listed) -> String {
    let t = &l.transfer;
    let money = Money::new(t.amount, l.asset);
    let cells = [
        t.at.to_string(),
        l.pos.map(|p| p.to_string()).unwrap_or_default(),
        t.id.to_string(),
        t.action.as_str().to_owned(),
        t.kind.to_string(),
        l.debit.0.clone(),
        l.credit.0.clone(),
        money.amount_text(),
        l.asset.to_string(),
        t.reference.clone(),
        t.offer.map(|o| o.to_string()).unwrap_or_default(),
        t.actor.clone(),
    ];
    let cells: Vec<String> = cells.iter().map(|c| quoted(c)).collect();
    cells.join(",") + "\r\n"
}

/// As RFC 4180 wants it. What a spreadsheet would take for a formula is kept from being one by
/// an apostrophe; an amount is a number and stays one.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '@', '\t', '\r'])
        || (cell.starts_with('-') && cell.parse::<kernel::Exact>().is_err());
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell
}
