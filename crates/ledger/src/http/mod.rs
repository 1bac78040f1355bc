//! `/api/v1/ledger`: accounts, transfers with their export, trial balance. Money is moved by the
//! modules; a treasurer books corrections by hand.

mod export;
mod transfers;
mod trial;

use std::sync::Arc;

use axum::Json;
use kernel::ids::Uuid;
use kernel::page::{Cursor, Page, checked_limit};
use kernel::{Asset, Error, Money, Timestamp};
use platform::http::{Answer, ErrorBody, Path, Query};
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::model::{Account, AccountId, Purpose, Rule, Side};
use crate::{service, store};

/// The routes of the ledger.
pub fn routes(house: Arc<House>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_accounts))
        .routes(routes!(get_account))
        .routes(routes!(transfers::list_transfers, transfers::create_transfer))
        .routes(routes!(transfers::get_transfer))
        .routes(routes!(export::export_transfers))
        .routes(routes!(trial::trial_balance))
        .with_state(house)
}

/// An account as people see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AccountView {
    id: AccountId,
    code: String,
    name: String,
    owner: Option<Uuid>,
    purpose: Purpose,
    asset: Asset,
    debits_posted: Money,
    debits_pending: Money,
    credits_posted: Money,
    credits_pending: Money,
    balance: Money,
    available: Money,
    normal_side: Side,
    constraint: Rule,
    created_at: Timestamp,
}

impl From<Account> for AccountView {
    fn from(a: Account) -> Self {
        let money = |minor| Money::new(minor, a.asset);
        Self {
            debits_posted: money(a.debits_posted),
            debits_pending: money(a.debits_pending),
            credits_posted: money(a.credits_posted),
            credits_pending: money(a.credits_pending),
            balance: a.balance(),
            available: a.available(),
            normal_side: a.purpose.side(),
            id: a.id,
            code: a.code,
            name: a.name,
            owner: a.owner,
            purpose: a.purpose,
            asset: a.asset,
            constraint: a.rule,
            created_at: a.created_at,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AccountsQuery {
    /// Only this currency.
    asset: Option<Asset>,
    /// Only this purpose.
    purpose: Option<Purpose>,
    /// Rows, 1 to 250.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// Accounts with their balances, by code.
#[utoipa::path(get, path = "/ledger/accounts", tag = "ledger", params(AccountsQuery),
    responses((status = 200, body = Page<AccountView>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn list_accounts(cx: Cx, Query(q): Query<AccountsQuery>) -> Answer<Json<Page<AccountView>>> {
    cx.decide_all("ledger.read").await?;
    let limit = checked_limit(q.limit)?;
    let after = q.cursor.as_deref().map(Cursor::decode).transpose()?;
    let after = after.map(|c| c.value).unwrap_or_default();
    let rows = cx
        .db
        .read(move |tx| {
            store::accounts(tx, q.asset, q.purpose.map(Purpose::as_str), &after, limit + 1)
        })
        .await
        .map_err(Error::from)?;
    let page = Page::cut(rows, limit, |a| Cursor { value: a.code.clone(), id: a.id.to_string() });
    Ok(Json(page.map(AccountView::from)))
}

/// One account.
#[utoipa::path(get, path = "/ledger/accounts/{id}", tag = "ledger",
    params(("id" = AccountId, Path)),
    responses((status = 200, body = AccountView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn get_account(cx: Cx, Path(id): Path<AccountId>) -> Answer<Json<AccountView>> {
    cx.decide_all("ledger.read").await?;
    let account = cx.db.read(move |tx| service::find_account(tx, id)).await?;
    Ok(Json(account.into()))
}

/// An account inside a transfer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Party {
    id: AccountId,
    code: String,
    name: String,
}
