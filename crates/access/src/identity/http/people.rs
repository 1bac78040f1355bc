//! `/api/v1/users` and `/api/v1/keys` for admins; `/api/v1/auth/password` and
//! `/api/v1/auth/sessions` for everybody.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::ids::Uuid;
use kernel::page::{Page, checked_limit};
use kernel::{Error, Role, Timestamp};
use platform::Cx;
use platform::http::{Answer, Body, ErrorBody, Path, Query};
use serde::{Deserialize, Serialize};

use super::super::model::{Key, NewUser, Session, SessionId, User, UserId};
use super::super::service;
use super::{Identity, Text};

/// A user as admins see it.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct UserView {
    id: UserId,
    username: String,
    display_name: String,
    /// See `docs/glossary.md`.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// The creator that the login stands for; absent for staff.
    creator_id: Option<Uuid>,
    /// The issuer that keeps roles and password; absent for the house's own users.
    issuer: Option<String>,
    /// True when the user may not log in.
    disabled: bool,
}

impl From<User> for UserView {
    fn from(u: User) -> Self {
        Self {
            id: u.id,
            username: u.username,
            display_name: u.display_name,
            roles: u.roles,
            creator_id: u.subject,
            issuer: u.issuer,
            disabled: u.disabled,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct UsersQuery {
    /// Rows, 1 to 250.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// Users by name.
#[utoipa::path(get, path = "/users", tag = "users", params(UsersQuery),
    responses((status = 200, body = Page<UserView>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(super) async fn users(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Query(q): Query<UsersQuery>,
) -> Answer<Json<Page<UserView>>> {
    let limit = checked_limit(q.limit)?;
    Ok(Json(identity.list(&cx, q.cursor.as_deref(), limit).await?.map(UserView::from)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddUser {
    /// 3 to 40 of `a-z 0-9 . _ -`.
    username: String,
    /// 12 to 128 characters.
    #[schema(format = Password)]
    password: String,
    /// At least one; `creator` stands alone.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// For people; the username when it is absent.
    #[serde(default)]
    display_name: String,
    /// The creator that the login stands for; with the role `creator`, and only with it.
    #[serde(default)]
    creator_id: Option<Uuid>,
}

/// Adds a user of the house.
#[utoipa::path(post, path = "/users", tag = "users", request_body = AddUser,
    responses((status = 201, body = UserView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(super) async fn add(cx: Cx, Body(form): Body<AddUser>) -> Answer<(StatusCode, Json<UserView>)> {
    cx.decide_all("users.write").await?;
    let new = NewUser {
        username: form.username,
        display_name: form.display_name,
        password: form.password,
        roles: form.roles,
        subject: form.creator_id,
    };
    Ok((StatusCode::CREATED, Json(service::add_user(&cx, new).await?.into())))
}

/// Why something is done; it is kept in the audit.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    /// 1 to 500 characters.
    reason: String,
}

/// Disables a user: every session ends, nothing of the user opens a new one.
#[utoipa::path(post, path = "/users/{id}/disable", tag = "users",
    params(("id" = UserId, Path)), request_body = Why,
    responses((status = 200, body = UserView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn disable(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Path(id): Path<UserId>,
    Body(form): Body<Why>,
) -> Answer<Json<UserView>> {
    Ok(Json(identity.disable(&cx, id, &form.reason).await?.into()))
}

/// Lets a user log in again.
#[utoipa::path(post, path = "/users/{id}/enable", tag = "users",
    params(("id" = UserId, Path)), request_body = Why,
    responses((status = 200, body = UserView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn enable(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Path(id): Path<UserId>,
    Body(form): Body<Why>,
) -> Answer<Json<UserView>> {
    Ok(Json(identity.enable(&cx, id, &form.reason).await?.into()))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetRoles {
    /// All of them; at least one.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
}

/// Gives a user other roles; every session ends.
#[utoipa::path(put, path = "/users/{id}/roles", tag = "users",
    params(("id" = UserId, Path)), request_body = SetRoles,
    responses((status = 200, body = UserView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn set_roles(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Path(id): Path<UserId>,
    Body(form): Body<SetRoles>,
) -> Answer<Json<UserView>> {
    Ok(Json(identity.set_roles(&cx, id, form.roles).await?.into()))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetPassword {
    /// 12 to 128 characters.
    #[schema(format = Password)]
    password: String,
}

/// Gives a user another password; every session ends.
#[utoipa::path(put, path = "/users/{id}/password", tag = "users",
    params(("id" = UserId, Path)), request_body = SetPassword,
    responses((status = 200, body = UserView), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn set_password(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Path(id): Path<UserId>,
    Body(form): Body<SetPassword>,
) -> Answer<Json<UserView>> {
    Ok(Json(identity.set_password(&cx, id, &form.password).await?.into()))
}

/// A session that lives.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct SessionView {
    id: SessionId,
    /// The address it was opened from.
    address: Option<String>,
    created_at: Timestamp,
    /// When its tokens were last exchanged.
    seen_at: Timestamp,
    expires_at: Timestamp,
    /// True for the session that asks.
    current: bool,
}

/// Sessions that live, newest first, at most 250.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Sessions {
    data: Vec<SessionView>,
}

impl Sessions {
    fn of(cx: &Cx, all: Vec<Session>) -> Json<Self> {
        let view = |s: Session| SessionView {
            current: cx.principal.session == Some(s.id.0),
            id: s.id,
            address: s.address,
            created_at: s.created_at,
            seen_at: s.seen_at,
            expires_at: s.expires_at,
        };
        Json(Self { data: all.into_iter().map(view).collect() })
    }
}

/// Sessions of a user.
#[utoipa::path(get, path = "/users/{id}/sessions", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, body = Sessions), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn sessions(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Path(id): Path<UserId>,
) -> Answer<Json<Sessions>> {
    Ok(Sessions::of(&cx, identity.sessions(&cx, id).await?))
}

/// Ends every session of a user.
#[utoipa::path(delete, path = "/users/{id}/sessions", tag = "users",
    params(("id" = UserId, Path)),
    responses((status = 200, body = UserView), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn end_sessions(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Path(id): Path<UserId>,
) -> Answer<Json<UserView>> {
    Ok(Json(identity.end_sessions(&cx, id).await?.into()))
}

/// One's own sessions.
#[utoipa::path(get, path = "/auth/sessions", tag = "auth",
    responses((status = 200, body = Sessions), (status = 401, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn own_sessions(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
) -> Answer<Json<Sessions>> {
    Ok(Sessions::of(&cx, identity.own_sessions(&cx).await?))
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = "/auth/sessions/{id}", tag = "auth",
    params(("id" = SessionId, Path)),
    responses((status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(super) async fn end_own_session(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Path(id): Path<SessionId>,
) -> Answer<StatusCode> {
    identity.end_own_session(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePassword {
    #[schema(format = Password)]
    current_password: String,
    /// 12 to 128 characters.
    #[schema(format = Password)]
    password: String,
}

/// Changes one's own password; every other session ends.
#[utoipa::path(post, path = "/auth/password", tag = "auth", request_body = ChangePassword,
    responses((status = 204), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn change_password(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Body(form): Body<ChangePassword>,
) -> Answer<StatusCode> {
    if form.current_password.len() > 1_024 {
        let message = "at most 128 characters are allowed";
        return Err(Error::invalid("current_password", message).into());
    }
    identity.change_password(&cx, &form.current_password, &form.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A signing key of the house.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct KeyView {
    /// The `kid` of its tokens.
    kid: String,
    created_at: Timestamp,
    /// Since when its tokens are refused.
    withdrawn_at: Option<Timestamp>,
    /// True for the one that signs.
    signs: bool,
}

/// Signing keys, newest first.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Keys {
    data: Vec<KeyView>,
}

/// Signing keys of the house, newest first.
#[utoipa::path(get, path = "/keys", tag = "keys",
    responses((status = 200, body = Keys), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(super) async fn keys(State(identity): State<Arc<Identity>>, cx: Cx) -> Answer<Json<Keys>> {
    Ok(listed(identity.keys(&cx).await?))
}

fn listed(all: Vec<Key>) -> Json<Keys> {
    let signs = all.iter().find(|k| k.withdrawn_at.is_none()).map(|k| k.kid.clone());
    let view = |k: Key| KeyView {
        signs: signs.as_ref() == Some(&k.kid),
        kid: k.kid,
        created_at: k.created_at,
        withdrawn_at: k.withdrawn_at,
    };
    Json(Keys { data: all.into_iter().map(view).collect() })
}

/// Makes a new signing key; tokens of those before stay good until they end.
#[utoipa::path(post, path = "/keys/rotate", tag = "keys",
    responses((status = 200, body = Keys), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(super) async fn rotate(State(identity): State<Arc<Identity>>, cx: Cx) -> Answer<Json<Keys>> {
    identity.rotate_key(&cx).await?;
    Ok(listed(identity.keys(&cx).await?))
}

/// Withdraws a signing key: its tokens are refused from now on.
#[utoipa::path(post, path = "/keys/{kid}/withdraw", tag = "keys",
    params(("kid" = String, Path)), request_body = Why,
    responses((status = 200, body = Keys), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn withdraw(
    State(identity): State<Arc<Identity>>,
    cx: Cx,
    Text(kid): Text,
    Body(form): Body<Why>,
) -> Answer<Json<Keys>> {
    identity.withdraw_key(&cx, &kid, &form.reason).await?;
    Ok(listed(identity.keys(&cx).await?))
}
