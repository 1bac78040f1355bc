//! `/api/v1/offers/creators`.

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use kernel::Timestamp;
use kernel::page::{Page, checked_limit};
use platform::http::{Answer, Body, ErrorBody, Path, Query};
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Creator, CreatorId, NewCreator, NewRecipient, Recipient, RecipientId};
use super::service;

/// The routes of creators.
pub fn routes(house: Arc<House>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(add, list))
        .routes(routes!(get))
        .routes(routes!(set_recipient))
        .with_state(house)
}

/// A recipient as people see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecipientView {
    id: RecipientId,
    holder_name: String,
    kind: String,
    /// All but the last four characters are hidden.
    account_masked: String,
}

impl From<Recipient> for RecipientView {
    fn from(r: Recipient) -> Self {
        Self { account_masked: r.masked(), id: r.id, holder_name: r.holder_name, kind: r.kind }
    }
}

/// A creator as people see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CreatorView {
    id: CreatorId,
    platform: String,
    platform_id: String,
    username: String,
    display_name: String,
    email: Option<String>,
    country: Option<String>,
    recipient: Option<RecipientView>,
    created_at: Timestamp,
}

impl From<Creator> for CreatorView {
    fn from(c: Creator) -> Self {
        Self {
            id: c.id,
            platform: c.platform,
            platform_id: c.platform_id,
            username: c.username,
            display_name: c.display_name,
            email: c.email,
            country: c.country,
            recipient: c.recipient.map(RecipientView::from),
            created_at: c.created_at,
        }
    }
}

/// Adds a creator.
#[utoipa::path(post, path = "/offers/creators", tag = "creators", request_body = NewCreator,
    responses((status = 201, body = CreatorView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn add(cx: Cx, Body(new): Body<NewCreator>) -> Answer<(StatusCode, Json<CreatorView>)> {
    Ok((StatusCode::CREATED, Json(service::add(&cx, new).await?.into())))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Part of a name.
    text: Option<String>,
    /// Rows, 1 to 250.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// Creators, by name.
#[utoipa::path(get, path = "/offers/creators", tag = "creators", params(ListQuery),
    responses((status = 200, body = Page<CreatorView>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn list(cx: Cx, Query(q): Query<ListQuery>) -> Answer<Json<Page<CreatorView>>> {
    let limit = checked_limit(q.limit)?;
    let page = service::list(&cx, q.text.unwrap_or_default(), q.cursor, limit).await?;
    Ok(Json(page.map(CreatorView::from)))
}

/// One creator.
#[utoipa::path(get, path = "/offers/creators/{id}", tag = "creators",
    params(("id" = CreatorId, Path)),
    responses((status = 200, body = CreatorView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn get(cx: Cx, Path(id): Path<CreatorId>) -> Answer<Json<CreatorView>> {
    Ok(Json(service::get(&cx, id).await?.into()))
}

/// Sends the creator's money to this account from now on.
#[utoipa::path(post, path = "/offers/creators/{id}/recipients", tag = "creators",
    params(("id" = CreatorId, Path)), request_body = NewRecipient,
    responses((status = 201, body = RecipientView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn set_recipient(
    cx: Cx,
    Path(id): Path<CreatorId>,
    Body(new): Body<NewRecipient>,
) -> Answer<(StatusCode, Json<RecipientView>)> {
    Ok((StatusCode::CREATED, Json(service::set_recipient(&cx, id, new).await?.into())))
}
