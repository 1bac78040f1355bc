//! Transfers: lists, one, and booking by hand.

use axum::Json;
use axum::http::StatusCode;
use kernel::ids::Uuid;
use kernel::page::{Cursor, Page, checked_limit};
use kernel::{Error, Money, Timestamp};
use platform::Cx;
use platform::http::{Answer, Body, ErrorBody, Path, Query};
use serde::{Deserialize, Serialize};

use super::Party;
use crate::model::{AccountId, Action, TransferId, TransferKind};
use crate::service::{self, NewTransfer};
use crate::store::{self, Before, Filter, Listed};

/// A transfer as people see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TransferView {
    id: TransferId,
    /// `single`, `pending`, `post`, `void` or `expire`.
    kind: &'static str,
    /// `posted`, `pending`, `voided` or `expired`.
    state: String,
    debit_account: Party,
    credit_account: Party,
    amount: Money,
    /// What came free of the hold: all of it by `void` and `expire`, the rest of it by `post`.
    released: Option<Money>,
    pending_id: Option<TransferId>,
    r#type: TransferKind,
    offer_id: Option<Uuid>,
    reference: String,
    /// Who had it booked: a user's name, or `system`. Empty where it is not known any more.
    actor: String,
    at: Timestamp,
    /// Position in the sealed chain; none for about a second after posting.
    position: Option<i64>,
}

impl From<Listed> for TransferView {
    fn from(l: Listed) -> Self {
        let t = l.transfer;
        let state = match (l.hold.as_deref(), t.action) {
            (Some("open"), _) => "pending",
            (Some(resolved), _) => resolved,
            (None, Action::Void { .. }) => "voided",
            (None, Action::Expire { .. }) => "expired",
            (None, _) => "posted",
        };
        Self {
            id: t.id,
            kind: t.action.as_str(),
            state: state.to_owned(),
            debit_account: Party { id: t.debit, code: l.debit.0, name: l.debit.1 },
            credit_account: Party { id: t.credit, code: l.credit.0, name: l.credit.1 },
            amount: Money::new(t.amount, l.asset),
            released: l.held.map(|held| Money::new(held - t.amount, l.asset)),
            pending_id: t.action.resolves(),
            r#type: t.kind,
            offer_id: t.offer,
            reference: t.reference,
            actor: t.actor,
            at: t.at,
            position: l.pos,
        }
    }
}

/// What a list of transfers is narrowed to, and its page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct TransfersQuery {
    /// Only transfers of this account.
    account_id: Option<Uuid>,
    /// Only transfers of this deal.
    offer_id: Option<Uuid>,
    /// Only transfers with this reference.
    reference: Option<String>,
    /// Only transfers from this moment on.
    from: Option<Timestamp>,
    /// Only transfers before this moment.
    to: Option<Timestamp>,
    /// Rows, 1 to 250.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// What an export of transfers is narrowed to; it has no pages.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportQuery {
    /// Only transfers of this account.
    account_id: Option<Uuid>,
    /// Only transfers of this deal.
    offer_id: Option<Uuid>,
    /// Only transfers with this reference.
    reference: Option<String>,
    /// Only transfers from this moment on.
    from: Option<Timestamp>,
    /// Only transfers before this moment.
    to: Option<Timestamp>,
}

impl ExportQuery {
    /// The filter, checked.
    ///
    /// # Errors
    /// `Invalid` naming the parameter.
    pub(super) fn filter(self) -> Result<Filter, Error> {
        if self.reference.as_ref().is_some_and(|r| r.is_empty() || r.chars().count() > 140) {
            return Err(Error::invalid("reference", "1 to 140 characters are allowed"));
        }
        let period = match (self.from, self.to) {
            (None, None) => None,
            (from, to) => {
                Some((from.unwrap_or(Timestamp(i64::MIN)), to.unwrap_or(Timestamp(i64::MAX))))
            }
        };
        if period.is_some_and(|(from, to)| from >= to) {
            return Err(Error::invalid("to", "a period ends after it begins: to is after from"));
        }
        Ok(Filter {
            account: self.account_id.map(AccountId),
            offer: self.offer_id,
            reference: self.reference,
            id: None,
            period,
        })
    }
}

impl TransfersQuery {
    /// Limit, where the page begins, and the filter; each checked.
    fn page(self) -> Result<(u32, Before, Filter), Error> {
        let Self { account_id, offer_id, reference, from, to, limit, cursor } = self;
        let filter = ExportQuery { account_id, offer_id, reference, from, to }.filter()?;
        Ok((checked_limit(limit)?, before(cursor.as_deref())?, filter))
    }
}

fn cursor(before: Before) -> Cursor {
    Cursor { value: before.at.micros().to_string(), id: before.seq.to_string() }
}

fn before(cursor: Option<&str>) -> Result<Before, Error> {
    let Some(cursor) = cursor.map(Cursor::decode).transpose()? else { return Ok(Before::FIRST) };
    match (cursor.value.parse(), cursor.id.parse()) {
        (Ok(at), Ok(seq)) => Ok(Before { at: Timestamp(at), seq }),
        _ => Err(Error::new(
            kernel::Kind::Malformed,
            "invalid_cursor",
            "cursor is not one this list gave out",
        )
        .with("field", "cursor")),
    }
}

/// Transfers, newest first. A page may be shorter than its limit and still have a next one.
#[utoipa::path(get, path = "/ledger/transfers", tag = "ledger", params(TransfersQuery),
    responses((status = 200, body = Page<TransferView>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(super) async fn list_transfers(
    cx: Cx,
    Query(q): Query<TransfersQuery>,
) -> Answer<Json<Page<TransferView>>> {
    cx.decide_all("ledger.read").await?;
    let (limit, from, filter) = q.page()?;
    let found = cx
        .db
        .read(move |tx| store::transfers(tx, &filter, from, limit))
        .await
        .map_err(Error::from)?;
    let next = found.next.map(|n| cursor(n).encode());
    let data = found.listed.into_iter().map(TransferView::from).collect();
    Ok(Json(Page { data, has_more: next.is_some(), next }))
}

/// One transfer.
#[utoipa::path(get, path = "/ledger/transfers/{id}", tag = "ledger",
    params(("id" = TransferId, Path)),
    responses((status = 200, body = TransferView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn get_transfer(cx: Cx, Path(id): Path<TransferId>) -> Answer<Json<TransferView>> {
    cx.decide_all("ledger.read").await?;
    let filter = Filter { id: Some(id), ..Filter::default() };
    let rows = cx
        .db
        .read(move |tx| store::transfers(tx, &filter, Before::FIRST, 1))
        .await
        .map_err(Error::from)?;
    let found = rows.listed.into_iter().next().ok_or_else(|| {
        Error::not_found("transfer_not_found", format!("there is no transfer {id}"))
    })?;
    Ok(Json(found.into()))
}

/// Books a transfer. Send an `id` or an Idempotency-Key, so that it is booked once.
#[utoipa::path(post, path = "/ledger/transfers", tag = "ledger", request_body = NewTransfer,
    responses((status = 201, body = TransferView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn create_transfer(
    cx: Cx,
    Body(new): Body<NewTransfer>,
) -> Answer<(StatusCode, Json<TransferView>)> {
    let listed = service::book_by_hand(&cx, new).await?;
    Ok((StatusCode::CREATED, Json(listed.into())))
}
