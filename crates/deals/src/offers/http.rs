//! `/api/v1/offers`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::{FromRef, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::page::{Cursor, Page, checked_limit};
use kernel::{Error, Money};
use platform::http::{Answer, Body, ErrorBody, Path, Query};
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{NewOffer, Offer, OfferId, Status};
use super::service::{self, AcceptOffer};
use super::store::{Filter, SortKey};
use super::view::{OfferView, Repriced, TimelineEntry};
use crate::creators::{self, CreatorId};
use crate::documents::HouseName;
use crate::payouts::{PayoutView, Rail, service as payouts};
use crate::trace::{self, TraceView};
use crate::valuation::model::Valuation;

/// What the handlers need beside the house.
#[derive(Clone, FromRef)]
pub(crate) struct Parts {
    pub(crate) house: Arc<House>,
    pub(crate) name: Arc<HouseName>,
    pub(crate) rail: Arc<dyn Rail>,
}

/// The routes of offers.
pub fn routes(house: Arc<House>, name: Arc<HouseName>, rail: Arc<dyn Rail>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(stats))
        .routes(routes!(get))
        .routes(routes!(value))
        .routes(routes!(reprice))
        .routes(routes!(set_offered_amount))
        .routes(routes!(accept))
        .routes(routes!(decline))
        .routes(routes!(withdraw))
        .routes(routes!(request_payout))
        .routes(routes!(valuation))
        .routes(routes!(timeline))
        .routes(routes!(trace_figure))
        .routes(routes!(document))
        .with_state(Parts { house, name, rail })
}

async fn seen(cx: &Cx, offer: Offer) -> Result<Json<OfferView>, Error> {
    let id = offer.creator;
    let creator = cx.db.read(move |tx| creators::service::load(tx, id)).await?;
    Ok(Json(OfferView::new(offer, creator).for_reader(&cx.principal)))
}

/// Creates an offer; it is valued at once by a job.
#[utoipa::path(post, path = "/offers", tag = "offers", request_body = NewOffer,
    responses((status = 201, body = OfferView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn create(cx: Cx, Body(new): Body<NewOffer>) -> Answer<(StatusCode, Json<OfferView>)> {
    let offer = service::create(&cx, new).await?;
    Ok((StatusCode::CREATED, seen(&cx, offer).await?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Statuses, separated by commas.
    status: Option<String>,
    /// Only this creator's.
    creator_id: Option<kernel::ids::Uuid>,
    /// Part of title, creator's name or number (`K-57`).
    text: Option<String>,
    /// `created_at`, `updated_at`, `amount` or `title`; `-` in front for descending.
    sort: Option<String>,
    /// Rows, 1 to 250.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

fn filter(q: ListQuery) -> Result<Filter, Error> {
    let statuses = match q.status.as_deref().filter(|s| !s.is_empty()) {
        None => Status::ALL.to_vec(),
        Some(list) => list.split(',').map(str::parse).collect::<Result<_, _>>()?,
    };
    let sort = q.sort.as_deref().unwrap_or("-created_at");
    let (descending, name) = sort.strip_prefix('-').map_or((false, sort), |n| (true, n));
    let key = match name {
        "created_at" => SortKey::Created,
        "updated_at" => SortKey::Updated,
        "amount" => SortKey::Amount,
        "title" => SortKey::Title,
        other => {
            return Err(Error::invalid("sort", format!("'{other}' cannot be sorted by"))
                .with("allowed", vec!["created_at", "updated_at", "amount", "title"]));
        }
    };
    let after = q.cursor.as_deref().map(Cursor::decode).transpose()?;
    let creator = q.creator_id.map(CreatorId);
    Ok(Filter { statuses, creator, text: q.text.unwrap_or_default(), key, descending, after })
}

/// Offers.
#[utoipa::path(get, path = "/offers", tag = "offers", params(ListQuery),
    responses((status = 200, body = Page<OfferView>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn list(cx: Cx, Query(q): Query<ListQuery>) -> Answer<Json<Page<OfferView>>> {
    let limit = checked_limit(q.limit)?;
    let page = service::list(&cx, filter(q)?, limit).await?;
    let ids: Vec<CreatorId> = page.data.iter().map(|o| o.creator).collect();
    let known = cx
        .db
        .read(move |tx| creators::service::load_some(tx, &ids))
        .await
        .map_err(|e: platform::db::DbError| Error::from(e))?;
    let mut data = Vec::with_capacity(page.data.len());
    for offer in page.data {
        let creator = known.iter().find(|c| c.id == offer.creator).cloned();
        let creator = creator.ok_or_else(|| Error::internal("an offer without its creator"))?;
        data.push(OfferView::new(offer, creator).for_reader(&cx.principal));
    }
    Ok(Json(Page { data, next: page.next, has_more: page.has_more }))
}

/// Offers of one status.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StatusCount {
    status: Status,
    count: i64,
    /// Sum of what was offered, per currency.
    offered: Vec<Money>,
}

/// Counts by status.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Stats {
    total: i64,
    by_status: Vec<StatusCount>,
}

/// How many offers stand where.
#[utoipa::path(get, path = "/offers/stats", tag = "offers",
    responses((status = 200, body = Stats), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn stats(cx: Cx) -> Answer<Json<Stats>> {
    let rows = service::stats(&cx).await?;
    let mut by_status: Vec<StatusCount> = Vec::new();
    for row in &rows {
        let offered = Money::new(row.offered, row.currency);
        match by_status.iter_mut().find(|s| s.status == row.status) {
            Some(s) => {
                s.count += row.count;
                s.offered.push(offered);
            }
            None => by_status.push(StatusCount {
                status: row.status,
                count: row.count,
                offered: vec![offered],
            }),
        }
    }
    Ok(Json(Stats { total: rows.iter().map(|r| r.count).sum(), by_status }))
}

/// One offer.
#[utoipa::path(get, path = "/offers/{id}", tag = "offers", params(("id" = OfferId, Path)),
    responses((status = 200, body = OfferView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn get(cx: Cx, Path(id): Path<OfferId>) -> Answer<Json<OfferView>> {
    let offer = service::get(&cx, id).await?;
    Ok(seen(&cx, offer).await?)
}

/// Values the offer again, as a new round.
#[utoipa::path(post, path = "/offers/{id}/value", tag = "offers", params(("id" = OfferId, Path)),
    responses((status = 202, body = OfferView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn value(cx: Cx, Path(id): Path<OfferId>) -> Answer<(StatusCode, Json<OfferView>)> {
    let offer = service::revalue(&cx, id).await?;
    Ok((StatusCode::ACCEPTED, seen(&cx, offer).await?))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Reprice {
    /// 1 to 30 years; absent for life of rights.
    #[schema(minimum = 1, maximum = 30)]
    term_years: Option<i64>,
    /// 1 to 10000 basis points.
    #[schema(minimum = 1, maximum = 10000)]
    share_bp: i64,
    /// Titles in scope; absent for all.
    works: Option<Vec<String>>,
}

/// What the offer would be with other terms; nothing is saved.
#[utoipa::path(post, path = "/offers/{id}/reprice", tag = "offers",
    params(("id" = OfferId, Path)), request_body = Reprice,
    responses((status = 200, body = Repriced), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn reprice(
    cx: Cx,
    Path(id): Path<OfferId>,
    Body(b): Body<Reprice>,
) -> Answer<Json<Repriced>> {
    let (value, grant) = service::reprice(&cx, id, b.term_years, b.share_bp, b.works).await?;
    Ok(Json(Repriced::of(value, grant)))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SetAmount {
    amount: Money,
    /// Why, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Lowers the offered amount; a new term sheet is typeset.
#[utoipa::path(post, path = "/offers/{id}/offered-amount", tag = "offers",
    params(("id" = OfferId, Path)), request_body = SetAmount,
    responses((status = 200, body = OfferView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn set_offered_amount(
    State(name): State<Arc<HouseName>>,
    cx: Cx,
    Path(id): Path<OfferId>,
    Body(b): Body<SetAmount>,
) -> Answer<Json<OfferView>> {
    let offer = service::set_offered_amount(&cx, &name, id, b.amount, b.reason).await?;
    Ok(seen(&cx, offer).await?)
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Accept {
    /// Name of the person who accepts, 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120)]
    typed_name: String,
    /// Digest of the term sheet that was read.
    term_sheet_sha256: String,
    /// Amount that was read.
    amount: Money,
}

/// Accepts exactly this amount and this term sheet.
#[utoipa::path(post, path = "/offers/{id}/accept", tag = "offers",
    params(("id" = OfferId, Path)), request_body = Accept,
    responses((status = 200, body = OfferView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn accept(cx: Cx, Path(id): Path<OfferId>, Body(b): Body<Accept>) -> Answer<Json<OfferView>> {
    let cmd = AcceptOffer {
        id,
        typed_name: b.typed_name,
        term_sheet_sha256: b.term_sheet_sha256,
        amount: b.amount,
    };
    let offer = service::accept(&cx, cmd).await?;
    Ok(seen(&cx, offer).await?)
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    /// Why, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// The creator says no.
#[utoipa::path(post, path = "/offers/{id}/decline", tag = "offers",
    params(("id" = OfferId, Path)), request_body = Reason,
    responses((status = 200, body = OfferView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn decline(
    cx: Cx,
    Path(id): Path<OfferId>,
    Body(b): Body<Reason>,
) -> Answer<Json<OfferView>> {
    let offer = service::decline(&cx, id, b.reason).await?;
    Ok(seen(&cx, offer).await?)
}

/// The house takes the offer back; what was booked is reversed.
#[utoipa::path(post, path = "/offers/{id}/withdraw", tag = "offers",
    params(("id" = OfferId, Path)), request_body = Reason,
    responses((status = 200, body = OfferView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn withdraw(
    cx: Cx,
    Path(id): Path<OfferId>,
    Body(b): Body<Reason>,
) -> Answer<Json<OfferView>> {
    let offer = service::withdraw(&cx, id, b.reason.unwrap_or_default()).await?;
    Ok(seen(&cx, offer).await?)
}

/// Holds the funds and sends the payout on its way.
#[utoipa::path(post, path = "/offers/{id}/request-payout", tag = "offers",
    params(("id" = OfferId, Path),
        ("Idempotency-Key" = String, Header, description = "Same key, same payout; required")),
    responses((status = 202, body = PayoutView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn request_payout(
    State(rail): State<Arc<dyn Rail>>,
    cx: Cx,
    Path(id): Path<OfferId>,
) -> Answer<(StatusCode, Json<PayoutView>)> {
    let payout = payouts::request(&cx, rail.name(), id).await?;
    let seen = cx.db.read(move |tx| payouts::see(tx, payout.clone())).await?;
    Ok((StatusCode::ACCEPTED, Json(seen.into())))
}

/// The valuation of the newest round.
#[utoipa::path(get, path = "/offers/{id}/valuation", tag = "offers",
    params(("id" = OfferId, Path)),
    responses((status = 200, body = Valuation), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn valuation(cx: Cx, Path(id): Path<OfferId>) -> Answer<Json<Valuation>> {
    Ok(Json(service::newest_valuation(&cx, id).await?))
}

/// A deal's history.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Timeline {
    /// Oldest first.
    data: Vec<TimelineEntry>,
}

/// Everything that happened to the offer, oldest first.
#[utoipa::path(get, path = "/offers/{id}/timeline", tag = "offers",
    params(("id" = OfferId, Path)),
    responses((status = 200, body = Timeline), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn timeline(cx: Cx, Path(id): Path<OfferId>) -> Answer<Json<Timeline>> {
    let rows = service::timeline(&cx, id).await?;
    Ok(Json(Timeline { data: rows.into_iter().map(TimelineEntry::from).collect() }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TraceQuery {
    /// `ltm`, `total`, `month:2024-03` or `work:TITLE`.
    figure: String,
}

/// The sums of statement rows behind a figure.
#[utoipa::path(get, path = "/offers/{id}/trace", tag = "offers",
    params(("id" = OfferId, Path), TraceQuery),
    responses((status = 200, body = TraceView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn trace_figure(
    cx: Cx,
    Path(id): Path<OfferId>,
    Query(q): Query<TraceQuery>,
) -> Answer<Json<TraceView>> {
    Ok(Json(trace::figure(&cx, id, &q.figure).await?))
}

/// Which document of a deal.
#[derive(Debug, Clone, Copy)]
enum Which {
    TermSheet,
    Receipt,
}

/// The term sheet (`termsheet`) or the receipt (`receipt`) as PDF.
#[utoipa::path(get, path = "/offers/{id}/documents/{name}", tag = "offers",
    params(("id" = OfferId, Path),
        ("name" = String, Path, pattern = "^(termsheet|receipt)$",
            description = "termsheet or receipt")),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn document(
    cx: Cx,
    axum::extract::Path((id, name)): axum::extract::Path<(String, String)>,
) -> Answer<Response> {
    let grant = cx.decide("offers.read").await?;
    let missing =
        || Error::not_found("document_not_found", "this offer has no such document (yet)");
    let id: OfferId = id.parse().map_err(|_| missing())?;
    let which = match name.as_str() {
        "termsheet" => Which::TermSheet,
        "receipt" => Which::Receipt,
        _ => return Err(missing().into()),
    };
    let offer = cx.db.read(move |tx| service::granted(service::load(tx, id)?, grant)).await?;
    let found = match which {
        Which::TermSheet => offer.term_sheet,
        Which::Receipt => offer.receipt,
    };
    let sha = found.ok_or_else(missing)?.sha256;
    let (blobs, digest) = (Arc::clone(&cx.blobs), sha.clone());
    let bytes = platform::tasks::blocking(move || blobs.get(&digest)).await??;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::ETAG, format!("\"{sha}\"")),
        (
            header::CONTENT_DISPOSITION,
            format!("inline; filename=\"K-{}-{name}.pdf\"", offer.number),
        ),
    ];
    Ok((headers, RawBody::from(bytes)).into_response())
}
