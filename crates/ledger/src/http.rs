//! `/api/v1/ledger`: accounts, transfers, trial balance. Reading only; money is moved by the
//! modules and by capital deposits of a treasurer.

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use kernel::ids::Uuid;
use kernel::page::{Cursor, Page, checked_limit};
use kernel::{Asset, Error, Money, Timestamp};
use platform::http::{Answer, Body, ErrorBody, Path, Query};
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::model::{Account, AccountId, Action, Purpose, Rule, Side, TransferId, TransferKind};
use crate::service::NewTransfer;
use crate::store::{Filter, Listed};
use crate::{service, store};

/// The routes of the ledger.
pub fn routes(house: Arc<House>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_accounts))
        .routes(routes!(get_account))
        .routes(routes!(list_transfers, create_transfer))
        .routes(routes!(get_transfer))
        .routes(routes!(trial_balance))
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

/// A transfer as people see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TransferView {
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
            at: t.at,
            position: l.pos,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TransfersQuery {
    /// Only transfers of this account.
    account_id: Option<Uuid>,
    /// Only transfers of this deal.
    offer_id: Option<Uuid>,
    /// Only transfers with this reference.
    reference: Option<String>,
    /// Rows, 1 to 250.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// Transfers, newest first.
#[utoipa::path(get, path = "/ledger/transfers", tag = "ledger", params(TransfersQuery),
    responses((status = 200, body = Page<TransferView>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn list_transfers(
    cx: Cx,
    Query(q): Query<TransfersQuery>,
) -> Answer<Json<Page<TransferView>>> {
    cx.decide_all("ledger.read").await?;
    let limit = checked_limit(q.limit)?;
    let before = match q.cursor.as_deref().map(Cursor::decode).transpose()? {
        Some(c) => c.value.parse().unwrap_or(0),
        None => i64::MAX,
    };
    let filter = Filter {
        account: q.account_id.map(AccountId),
        offer: q.offer_id,
        reference: q.reference,
        id: None,
    };
    let rows = cx
        .db
        .read(move |tx| store::transfers(tx, &filter, before, limit + 1))
        .await
        .map_err(Error::from)?;
    let page = Page::cut(rows, limit, |l| Cursor {
        value: l.seq.to_string(),
        id: l.transfer.id.to_string(),
    });
    Ok(Json(page.map(TransferView::from)))
}

/// One transfer.
#[utoipa::path(get, path = "/ledger/transfers/{id}", tag = "ledger",
    params(("id" = TransferId, Path)),
    responses((status = 200, body = TransferView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn get_transfer(cx: Cx, Path(id): Path<TransferId>) -> Answer<Json<TransferView>> {
    cx.decide_all("ledger.read").await?;
    let filter = Filter { id: Some(id), ..Filter::default() };
    let rows = cx
        .db
        .read(move |tx| store::transfers(tx, &filter, i64::MAX, 1))
        .await
        .map_err(Error::from)?;
    let found = rows.into_iter().next().ok_or_else(|| {
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
async fn create_transfer(
    cx: Cx,
    Body(new): Body<NewTransfer>,
) -> Answer<(StatusCode, Json<TransferView>)> {
    let listed = service::book_by_hand(&cx, new).await?;
    Ok((StatusCode::CREATED, Json(listed.into())))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TrialQuery {
    /// At this moment; now when absent.
    at: Option<Timestamp>,
}

/// One line of the trial balance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TrialLine {
    account: Party,
    purpose: Purpose,
    debits: Money,
    credits: Money,
    balance: Money,
}

/// Totals of one currency; the difference is zero, always.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TrialTotal {
    asset: Asset,
    debits: Money,
    credits: Money,
    difference: Money,
}

/// The trial balance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TrialBalance {
    at: Timestamp,
    assets: Vec<TrialTotal>,
    accounts: Vec<TrialLine>,
}

/// Every account with its posted debits and credits, at a moment.
#[utoipa::path(get, path = "/ledger/trial-balance", tag = "ledger", params(TrialQuery),
    responses((status = 200, body = TrialBalance), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn trial_balance(cx: Cx, Query(q): Query<TrialQuery>) -> Answer<Json<TrialBalance>> {
    cx.decide_all("ledger.read").await?;
    let (at, past) = (q.at.unwrap_or_else(|| cx.clock.now()), q.at.is_some());
    let accounts = cx
        .db
        .read(move |tx| {
            let mut accounts = store::accounts(tx, None, None, "", u32::MAX)?;
            // The totals are those of this moment, and `verify` proves them: only a past moment
            // has to be replayed.
            let moved = if past { store::all_moved(tx, at)? } else { Vec::new() };
            for a in accounts.iter_mut().filter(|_| past) {
                let (_, debits, credits) =
                    moved.iter().find(|(id, ..)| *id == a.id).copied().unwrap_or((a.id, 0, 0));
                (a.debits_posted, a.credits_posted) = (debits, credits);
            }
            Ok(accounts)
        })
        .await
        .map_err(|e: platform::db::DbError| Error::from(e))?;
    Ok(Json(trial(at, accounts)))
}

fn trial(at: Timestamp, accounts: Vec<Account>) -> TrialBalance {
    let mut totals: std::collections::BTreeMap<Asset, (i64, i64)> = Default::default();
    for a in &accounts {
        let total = totals.entry(a.asset).or_default();
        total.0 += a.debits_posted;
        total.1 += a.credits_posted;
    }
    let assets = totals
        .into_iter()
        .map(|(asset, (d, c))| TrialTotal {
            asset,
            debits: Money::new(d, asset),
            credits: Money::new(c, asset),
            difference: Money::new(d - c, asset),
        })
        .collect();
    let accounts = accounts
        .into_iter()
        .map(|a| TrialLine {
            debits: Money::new(a.debits_posted, a.asset),
            credits: Money::new(a.credits_posted, a.asset),
            balance: a.balance(),
            purpose: a.purpose,
            account: Party { id: a.id, code: a.code, name: a.name },
        })
        .collect();
    TrialBalance { at, assets, accounts }
}
