//! `/api/v1/payouts`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use kernel::ids::Uuid;
use kernel::page::{Page, checked_limit};
use kernel::{Money, Timestamp};
use platform::http::{Answer, Body, ErrorBody, Path, Query};
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Attempt, Evidence, PayoutId, PayoutStatus};
use super::rail::Rail;
use super::service::{self, ByHand, NewCapital, PaidIn, Seen};
use crate::creators::{Recipient, RecipientId};
use crate::offers::OfferId;

/// The routes of payouts.
pub fn routes(house: Arc<House>, rail: Arc<dyn Rail>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(pay_in_capital))
        .routes(routes!(get))
        .routes(routes!(confirm_manual))
        .with_state(Parts { house, rail })
}

/// What the handlers need beside the house.
#[derive(Clone, FromRef)]
struct Parts {
    house: Arc<House>,
    rail: Arc<dyn Rail>,
}

/// Where the money goes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PayoutRecipient {
    id: RecipientId,
    holder_name: String,
    account_masked: String,
}

/// One attempt.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AttemptView {
    number: i64,
    rail: String,
    idempotency_key: String,
    status: PayoutStatus,
    rail_reference: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    read_backs: i64,
    started_at: Timestamp,
    updated_at: Timestamp,
    /// When it was over.
    ended_at: Option<Timestamp>,
    /// When the rail is asked again although the attempt is over.
    next_look_at: Option<Timestamp>,
}

impl From<Attempt> for AttemptView {
    fn from(a: Attempt) -> Self {
        Self {
            number: a.number,
            rail: a.rail,
            idempotency_key: a.idempotency_key,
            status: a.status,
            rail_reference: a.rail_reference,
            error_code: a.error_code,
            error_message: a.error_message,
            read_backs: a.read_backs,
            started_at: a.started_at,
            updated_at: a.updated_at,
            ended_at: a.ended_at,
            next_look_at: a.look_at,
        }
    }
}

/// What the rail said of an attempt that was over, against the books.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct EvidenceView {
    attempt: i64,
    /// `pending`, `paid`, `returned` or `failed`.
    state: String,
    rail_reference: String,
    seen_at: Timestamp,
    /// What was booked into suspense for it, or out of it; absent when nothing was.
    transfer_id: Option<Uuid>,
}

impl From<Evidence> for EvidenceView {
    fn from(e: Evidence) -> Self {
        Self {
            attempt: e.number,
            state: e.state,
            rail_reference: e.rail_reference,
            seen_at: e.seen_at,
            transfer_id: e.transfer,
        }
    }
}

/// A payout as people see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PayoutView {
    id: PayoutId,
    offer_id: OfferId,
    amount: Money,
    status: PayoutStatus,
    rail: String,
    recipient: Option<PayoutRecipient>,
    failure_reason: Option<String>,
    attempts: Vec<AttemptView>,
    /// What the rail said against the books; empty, but for trouble.
    late_evidence: Vec<EvidenceView>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Seen> for PayoutView {
    fn from(s: Seen) -> Self {
        let p = s.payout;
        Self {
            id: p.id,
            offer_id: p.offer,
            amount: Money::new(p.amount, p.currency),
            status: p.status,
            rail: p.rail,
            recipient: s.recipient.map(|r: Recipient| PayoutRecipient {
                account_masked: r.masked(),
                id: r.id,
                holder_name: r.holder_name,
            }),
            failure_reason: p.failure_reason,
            attempts: s.attempts.into_iter().map(AttemptView::from).collect(),
            late_evidence: s.evidence.into_iter().map(EvidenceView::from).collect(),
            created_at: p.created_at,
            updated_at: p.updated_at,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Only this deal's.
    offer_id: Option<Uuid>,
    /// Rows, 1 to 250.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// Payouts, newest first.
#[utoipa::path(get, path = "/payouts", tag = "payouts", params(ListQuery),
    responses((status = 200, body = Page<PayoutView>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn list(cx: Cx, Query(q): Query<ListQuery>) -> Answer<Json<Page<PayoutView>>> {
    let limit = checked_limit(q.limit)?;
    let page = service::list(&cx, q.offer_id.map(OfferId), q.cursor, limit).await?;
    Ok(Json(page.map(PayoutView::from)))
}

/// One payout with every attempt.
#[utoipa::path(get, path = "/payouts/{id}", tag = "payouts", params(("id" = PayoutId, Path)),
    responses((status = 200, body = PayoutView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn get(cx: Cx, Path(id): Path<PayoutId>) -> Answer<Json<PayoutView>> {
    cx.decide_all("payouts.read").await?;
    let seen = cx
        .db
        .read(move |tx| {
            let payout = service::load(tx, id)?;
            service::see(tx, payout)
        })
        .await?;
    Ok(Json(seen.into()))
}

/// Books capital of the owners at the rail that payouts run on.
#[utoipa::path(post, path = "/payouts/capital", tag = "payouts", request_body = NewCapital,
    params(("Idempotency-Key" = String, Header, description = "Same key, paid in once; required")),
    responses((status = 201, body = PaidIn), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn pay_in_capital(
    State(rail): State<Arc<dyn Rail>>,
    cx: Cx,
    Body(new): Body<NewCapital>,
) -> Answer<(StatusCode, Json<PaidIn>)> {
    let paid = service::pay_in(&cx, rail.name(), new).await?;
    Ok((StatusCode::CREATED, Json(paid)))
}

/// Says, with evidence, whether the money of a payout left whose outcome the rail does not tell.
#[utoipa::path(post, path = "/payouts/{id}/confirm-manual", tag = "payouts",
    request_body = ByHand,
    params(("id" = PayoutId, Path), ("Idempotency-Key" = String, Header,
        description = "Same key, settled once; required")),
    responses((status = 200, body = PayoutView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn confirm_manual(
    State(rail): State<Arc<dyn Rail>>,
    cx: Cx,
    Path(id): Path<PayoutId>,
    Body(word): Body<ByHand>,
) -> Answer<Json<PayoutView>> {
    let payout = service::confirm(&cx, &rail, id, word).await?;
    let seen = cx.db.read(move |tx| service::see(tx, payout.clone())).await?;
    Ok(Json(seen.into()))
}
