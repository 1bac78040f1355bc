//! Every SQL text of identity.

use kernel::{Role, Timestamp};
use platform::db::{DbError, Row, Tx};
use platform::params;

use super::model::{Failures, SessionId, User, UserId};

const INSERT_USER: &str = "insert into identity_users (id, username, display_name, \
    password_hash, roles, subject, disabled, created_at, updated_at) \
    values ($1, $2, $3, $4, $5, $6, 0, $7, $7)";
const USER_BY_NAME: &str = "select id, username, display_name, password_hash, roles, subject, \
    disabled, issuer from identity_users where username = $1";
const USER: &str = "select id, username, display_name, password_hash, roles, subject, \
    disabled, issuer from identity_users where id = $1";
const USERS: &str = "select id, username, display_name, password_hash, roles, subject, \
    disabled, issuer from identity_users order by username";
const SAVE_FOREIGN: &str = "insert into identity_users (id, username, display_name, \
    password_hash, roles, subject, disabled, issuer, created_at, updated_at) \
    values ($1, $2, $3, '!', $4, $5, 0, $6, $7, $7) \
    on conflict (id) do update set username = excluded.username, \
    display_name = excluded.display_name, roles = excluded.roles, subject = excluded.subject, \
    updated_at = excluded.updated_at";
const INSERT_SESSION: &str = "insert into identity_sessions (id, user_id, refresh_digest, \
    address, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)";
const SESSION_BY_REFRESH: &str = "select id, user_id, expires_at, revoked_at, refresh_digest \
    from identity_sessions where refresh_digest = $1 or previous_digest = $1 for update";
const SESSION_ALIVE: &str = "select s.id from identity_sessions s \
    join identity_users u on u.id = s.user_id \
    where s.id = $1 and s.revoked_at is null and s.expires_at > $2 and u.disabled = 0";
const ROTATE: &str = "update identity_sessions set previous_digest = refresh_digest, \
    refresh_digest = $2 where id = $1";
const REVOKE: &str =
    "update identity_sessions set revoked_at = $2 where id = $1 and revoked_at is null";
const FAILURES: &str = "select failures, since, blocked_until from identity_login_failures \
    where address = $1 for update";
const BEGIN_FAILURES: &str = "insert into identity_login_failures \
    (address, failures, since, blocked_until) values ($1, 0, $2, $2) \
    on conflict (address) do nothing";
const SAVE_FAILURES: &str = "update identity_login_failures \
    set failures = $2, since = $3, blocked_until = $4 where address = $1";
const CLEAR_FAILURES: &str = "delete from identity_login_failures where address = $1";
const KEYS: &str = "select kid, wrapped, retired_at from identity_keys order by created_at desc";
const INSERT_KEY: &str = "insert into identity_keys (kid, wrapped, public_jwk, created_at) \
    values ($1, $2, $3, $4)";

pub(crate) fn insert_user(
    tx: &mut Tx<'_>,
    user: &User,
    hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let roles: Vec<&str> = user.roles.iter().map(|r| r.as_str()).collect();
    tx.execute(
        INSERT_USER,
        params![
            user.id.0,
            &user.username,
            &user.display_name,
            hash,
            roles.join(","),
            user.subject,
            now
        ],
    )?;
    Ok(())
}

/// Adds or updates a user that a foreign issuer knows. The hash is none of any password.
pub(crate) fn save_foreign(tx: &mut Tx<'_>, user: &User, now: Timestamp) -> Result<(), DbError> {
    let roles: Vec<&str> = user.roles.iter().map(|r| r.as_str()).collect();
    let params = params![
        user.id.0,
        &user.username,
        &user.display_name,
        roles.join(","),
        user.subject,
        user.issuer.clone(),
        now
    ];
    tx.execute(SAVE_FOREIGN, params)?;
    Ok(())
}

pub(crate) fn user_by_name(
    tx: &mut Tx<'_>,
    username: &str,
) -> Result<Option<(User, String)>, DbError> {
    tx.query_opt(USER_BY_NAME, params![username])?.as_ref().map(user).transpose()
}

pub(crate) fn user(row: &Row) -> Result<(User, String), DbError> {
    let roles = row.text("roles")?;
    let roles = roles.split(',').filter_map(|r| r.parse::<Role>().ok()).collect();
    let user = User {
        id: row.parse("id")?,
        username: row.text("username")?,
        display_name: row.text("display_name")?,
        roles,
        subject: row.opt_parse("subject")?,
        disabled: row.flag("disabled")?,
        issuer: row.opt_text("issuer")?,
    };
    Ok((user, row.text("password_hash")?))
}

pub(crate) fn find_user(tx: &mut Tx<'_>, id: UserId) -> Result<Option<User>, DbError> {
    Ok(tx.query_opt(USER, params![id.0])?.as_ref().map(user).transpose()?.map(|u| u.0))
}

pub(crate) fn users(tx: &mut Tx<'_>) -> Result<Vec<User>, DbError> {
    tx.query(USERS, &[])?.iter().map(|r| user(r).map(|u| u.0)).collect()
}

pub(crate) fn insert_session(
    tx: &mut Tx<'_>,
    id: SessionId,
    user: UserId,
    digest: &str,
    address: Option<String>,
    now: Timestamp,
    expires: Timestamp,
) -> Result<(), DbError> {
    tx.execute(INSERT_SESSION, params![id.0, user.0, digest, address, now, expires])?;
    Ok(())
}

/// A session found by a refresh token.
pub(crate) struct Found {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) expires_at: Timestamp,
    pub(crate) revoked: bool,
    /// False when the token is the one before: it was used already.
    pub(crate) current: bool,
}

pub(crate) fn session_by_refresh(tx: &mut Tx<'_>, digest: &str) -> Result<Option<Found>, DbError> {
    let Some(row) = tx.query_opt(SESSION_BY_REFRESH, params![digest])? else {
        return Ok(None);
    };
    Ok(Some(Found {
        id: row.parse("id")?,
        user: row.parse("user_id")?,
        expires_at: row.time("expires_at")?,
        revoked: row.opt_int("revoked_at")?.is_some(),
        current: row.text("refresh_digest")? == digest,
    }))
}

pub(crate) fn session_alive(
    tx: &mut Tx<'_>,
    id: SessionId,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.query_opt(SESSION_ALIVE, params![id.0, now])?.is_some())
}

pub(crate) fn rotate(tx: &mut Tx<'_>, id: SessionId, digest: &str) -> Result<(), DbError> {
    tx.execute(ROTATE, params![id.0, digest])?;
    Ok(())
}

pub(crate) fn revoke(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(REVOKE, params![id.0, now])? == 1)
}

pub(crate) fn failures(tx: &mut Tx<'_>, address: &str) -> Result<Failures, DbError> {
    let Some(row) = tx.query_opt(FAILURES, params![address])? else {
        return Ok(Failures::NONE);
    };
    Ok(Failures {
        count: row.int("failures")?,
        since: row.time("since")?,
        blocked_until: row.time("blocked_until")?,
    })
}

/// Counts one more failure and answers what is known now. The row is there before it is locked:
/// a row that is not there locks nothing, and failures at the same moment would count as one.
pub(crate) fn one_more_failure(
    tx: &mut Tx<'_>,
    address: &str,
    now: Timestamp,
) -> Result<Failures, DbError> {
    tx.execute(BEGIN_FAILURES, params![address, Timestamp(0)])?;
    let f = failures(tx, address)?.after_failure(now);
    tx.execute(SAVE_FAILURES, params![address, f.count, f.since, f.blocked_until])?;
    Ok(f)
}

pub(crate) fn clear_failures(tx: &mut Tx<'_>, address: &str) -> Result<(), DbError> {
    tx.execute(CLEAR_FAILURES, params![address])?;
    Ok(())
}

/// Wrapped signing keys, newest first.
pub(crate) fn keys(tx: &mut Tx<'_>) -> Result<Vec<Vec<u8>>, DbError> {
    tx.query(KEYS, &[])?.iter().map(|r| r.blob("wrapped")).collect()
}

pub(crate) fn insert_key(
    tx: &mut Tx<'_>,
    kid: &str,
    wrapped: Vec<u8>,
    jwk: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(INSERT_KEY, params![kid, wrapped, jwk, now])?;
    Ok(())
}
