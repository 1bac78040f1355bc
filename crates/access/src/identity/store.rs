//! Every SQL text of identity.

use kernel::{Role, Timestamp};
use platform::db::{DbError, Row, Tx};
use platform::params;
use platform::retention::PIECE;

use super::model::{Failures, Key, Session, SessionId, User, UserId};

const INSERT_USER: &str = "insert into identity_users (id, username, display_name, \
    password_hash, roles, subject, disabled, created_at, updated_at) \
    values ($1, $2, $3, $4, $5, $6, 0, $7, $7)";
const USER_BY_NAME: &str = "select id, username, display_name, password_hash, roles, subject, \
    disabled, issuer from identity_users where username = $1";
const USER: &str = "select id, username, display_name, password_hash, roles, subject, \
    disabled, issuer from identity_users where id = $1";
const USERS: &str = "select id, username, display_name, password_hash, roles, subject, \
    disabled, issuer from identity_users order by username";
const USERS_PAGE: &str = "select id, username, display_name, password_hash, roles, subject, \
    disabled, issuer from identity_users where username > $1 order by username limit $2";
const LOCK_USER: &str = "select id, username, display_name, password_hash, roles, subject, \
    disabled, issuer from identity_users where id = $1 for update";
const ANY_ADMIN: &str = "select id from identity_users where disabled = 0 and id <> $1 \
    and (roles = 'admin' or roles like 'admin,%' or roles like '%,admin' \
    or roles like '%,admin,%') order by id limit 1 for update";
const SET_DISABLED: &str = "update identity_users set disabled = $2, updated_at = $3 where id = $1";
const SET_ROLES: &str = "update identity_users set roles = $2, updated_at = $3 where id = $1";
const SET_HASH: &str =
    "update identity_users set password_hash = $2, updated_at = $3 where id = $1";
const SESSIONS_OF: &str = "select id, address, created_at, expires_at, turned_at \
    from identity_sessions where user_id = $1 and revoked_at is null and expires_at > $2 \
    order by created_at desc, id desc limit $3";
const SESSION_OF: &str =
    "select id from identity_sessions where id = $1 and user_id = $2 and revoked_at is null";
const REVOKE_ALL: &str = "update identity_sessions set revoked_at = $3 \
    where user_id = $1 and id <> $2 and revoked_at is null";
const SAVE_FOREIGN: &str = "insert into identity_users (id, username, display_name, \
    password_hash, roles, subject, disabled, issuer, created_at, updated_at) \
    values ($1, $2, $3, '!', $4, $5, 0, $6, $7, $7) \
    on conflict (id) do update set username = excluded.username, \
    display_name = excluded.display_name, roles = excluded.roles, subject = excluded.subject, \
    updated_at = excluded.updated_at";
const INSERT_SESSION: &str = "insert into identity_sessions (id, user_id, address, \
    created_at, expires_at, turn, turned_at) values ($1, $2, $3, $4, $5, 0, $4)";
const SESSION: &str = "select id, user_id, expires_at, revoked_at, turn, turned_at \
    from identity_sessions where id = $1 for update";
const SESSION_ALIVE: &str = "select s.id from identity_sessions s \
    join identity_users u on u.id = s.user_id \
    where s.id = $1 and s.revoked_at is null and s.expires_at > $2 and u.disabled = 0";
const TURN: &str = "update identity_sessions set turn = $2, turned_at = $3 where id = $1";
const REVOKE: &str =
    "update identity_sessions set revoked_at = $2 where id = $1 and revoked_at is null";
const FAILURES_FROM: &str = "select cast(coalesce(sum(failures), 0) as bigint) as failures, \
    coalesce(max(last_at), 0) as last_at from identity_login_failures \
    where address = $1 and last_at > $2";
const FAILURES_TO: &str = "select cast(coalesce(sum(failures), 0) as bigint) as failures, \
    coalesce(max(last_at), 0) as last_at from identity_login_failures \
    where account = $1 and last_at > $2";
/// What failed before the window begins anew.
const COUNT_FAILURE: &str = "insert into identity_login_failures \
    (address, account, failures, last_at) values ($1, $2, 1, $3) \
    on conflict (address, account) do update set last_at = excluded.last_at, \
    failures = case when identity_login_failures.last_at > $4 \
    then identity_login_failures.failures + 1 else 1 end";
const CLEAR_FAILURES: &str =
    "delete from identity_login_failures where address = $1 and account = $2";
const FORGET_FAILURES: &str = "delete from identity_login_failures where (address, account) in \
    (select address, account from identity_login_failures where last_at < $1 \
    order by last_at limit $2)";
const FORGET_SESSIONS: &str = "delete from identity_sessions where id in \
    (select id from identity_sessions where expires_at < $1 order by expires_at limit $2)";
const MARKED: &str = "select at from identity_marks where name = $1";
const MARK: &str = "insert into identity_marks (name, at) values ($1, $2)";
const ANY_USER: &str = "select id from identity_users limit 1";
const KEYS: &str = "select kid, wrapped from identity_keys where retired_at is null \
    order by created_at desc, kid";
const NEWEST_KEY: &str = "select coalesce(max(created_at), 0) as at from identity_keys";
const KEY_LIST: &str = "select kid, created_at, retired_at from identity_keys \
    order by created_at desc, kid limit 250";
const RETIRE_KEY: &str =
    "update identity_keys set retired_at = $2 where kid = $1 and retired_at is null";
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

/// Users behind a name, by name.
pub(crate) fn users_after(tx: &mut Tx<'_>, name: &str, limit: u32) -> Result<Vec<User>, DbError> {
    let rows = tx.query(USERS_PAGE, params![name, i64::from(limit)])?;
    rows.iter().map(|r| user(r).map(|u| u.0)).collect()
}

/// A user with the stored hash, locked.
pub(crate) fn lock_user(tx: &mut Tx<'_>, id: UserId) -> Result<Option<(User, String)>, DbError> {
    tx.query_opt(LOCK_USER, params![id.0])?.as_ref().map(user).transpose()
}

/// Whether somebody beside `id` may do everything; locked, so that two admins cannot take each
/// other's role at the same moment.
pub(crate) fn another_admin(tx: &mut Tx<'_>, id: UserId) -> Result<bool, DbError> {
    Ok(tx.query_opt(ANY_ADMIN, params![id.0])?.is_some())
}

pub(crate) fn set_disabled(
    tx: &mut Tx<'_>,
    id: UserId,
    disabled: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(SET_DISABLED, params![id.0, i64::from(disabled), now]).map(drop)
}

pub(crate) fn set_roles(
    tx: &mut Tx<'_>,
    id: UserId,
    roles: &[Role],
    now: Timestamp,
) -> Result<(), DbError> {
    let roles: Vec<&str> = roles.iter().map(|r| r.as_str()).collect();
    tx.execute(SET_ROLES, params![id.0, roles.join(","), now]).map(drop)
}

pub(crate) fn set_hash(
    tx: &mut Tx<'_>,
    id: UserId,
    hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(SET_HASH, params![id.0, hash, now]).map(drop)
}

/// Sessions of a user that live, newest first.
pub(crate) fn sessions_of(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Session>, DbError> {
    let rows = tx.query(SESSIONS_OF, params![user.0, now, i64::from(limit)])?;
    rows.iter()
        .map(|row| {
            Ok(Session {
                id: row.parse("id")?,
                address: row.opt_text("address")?,
                created_at: row.time("created_at")?,
                expires_at: row.time("expires_at")?,
                seen_at: row.time("turned_at")?,
            })
        })
        .collect()
}

pub(crate) fn is_session_of(
    tx: &mut Tx<'_>,
    session: SessionId,
    user: UserId,
) -> Result<bool, DbError> {
    Ok(tx.query_opt(SESSION_OF, params![session.0, user.0])?.is_some())
}

/// Ends every session of a user but one; says how many.
pub(crate) fn revoke_all(
    tx: &mut Tx<'_>,
    user: UserId,
    but: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, DbError> {
    let but = but.map_or_else(String::new, |s| s.to_string());
    tx.execute(REVOKE_ALL, params![user.0, but, now])
}

pub(crate) fn insert_session(
    tx: &mut Tx<'_>,
    id: SessionId,
    user: UserId,
    address: Option<String>,
    now: Timestamp,
    expires: Timestamp,
) -> Result<(), DbError> {
    tx.execute(INSERT_SESSION, params![id.0, user.0, address, now, expires])?;
    Ok(())
}

/// A session as it stands.
pub(crate) struct Found {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) expires_at: Timestamp,
    pub(crate) revoked: bool,
    /// How often its refresh token was exchanged, and when that was last.
    pub(crate) turn: i64,
    pub(crate) turned_at: Timestamp,
}

/// A session, locked.
pub(crate) fn session(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Found>, DbError> {
    let Some(row) = tx.query_opt(SESSION, params![id.0])? else { return Ok(None) };
    Ok(Some(Found {
        id: row.parse("id")?,
        user: row.parse("user_id")?,
        expires_at: row.time("expires_at")?,
        revoked: row.opt_int("revoked_at")?.is_some(),
        turn: row.int("turn")?,
        turned_at: row.time("turned_at")?,
    }))
}

pub(crate) fn session_alive(
    tx: &mut Tx<'_>,
    id: SessionId,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.query_opt(SESSION_ALIVE, params![id.0, now])?.is_some())
}

pub(crate) fn turn(
    tx: &mut Tx<'_>,
    id: SessionId,
    turn: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(TURN, params![id.0, turn, now])?;
    Ok(())
}

pub(crate) fn revoke(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(REVOKE, params![id.0, now])? == 1)
}

/// Failed logins since a moment: from a place, and to an account.
pub(crate) fn failures(
    tx: &mut Tx<'_>,
    place: &str,
    account: &str,
    since: Timestamp,
) -> Result<(Failures, Failures), DbError> {
    let mut read = |sql: &str, of: &str| {
        let row = tx.query_one(sql, params![of, since])?;
        Ok::<_, DbError>(Failures { count: row.int("failures")?, last: row.time("last_at")? })
    };
    Ok((read(FAILURES_FROM, place)?, read(FAILURES_TO, account)?))
}

/// Counts one more failure and answers how many there were from this place since `since`.
pub(crate) fn one_more_failure(
    tx: &mut Tx<'_>,
    place: &str,
    account: &str,
    now: Timestamp,
    since: Timestamp,
) -> Result<i64, DbError> {
    tx.execute(COUNT_FAILURE, params![place, account, now, since])?;
    Ok(failures(tx, place, account, since)?.0.count)
}

pub(crate) fn clear_failures(tx: &mut Tx<'_>, place: &str, account: &str) -> Result<(), DbError> {
    tx.execute(CLEAR_FAILURES, params![place, account])?;
    Ok(())
}

/// Forgets failures from before a moment, a piece at a time.
///
/// # Errors
/// When the database fails.
pub fn forget_failures(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    tx.execute(FORGET_FAILURES, params![before, PIECE])
}

/// Forgets sessions that ended before a moment, a piece at a time.
///
/// # Errors
/// When the database fails.
pub fn forget_sessions(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    tx.execute(FORGET_SESSIONS, params![before, PIECE])
}

/// What this database is, beside a house.
pub(crate) fn is_marked(tx: &mut Tx<'_>, name: &str) -> Result<bool, DbError> {
    Ok(tx.query_opt(MARKED, params![name])?.is_some())
}

pub(crate) fn mark(tx: &mut Tx<'_>, name: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(MARK, params![name, now]).map(drop)
}

pub(crate) fn has_users(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    Ok(tx.query_opt(ANY_USER, &[])?.is_some())
}

/// A signing key in its wrapping.
pub(crate) struct StoredKey {
    pub(crate) kid: String,
    pub(crate) wrapped: Vec<u8>,
}

/// Signing keys that are in use, newest first.
pub(crate) fn keys(tx: &mut Tx<'_>) -> Result<Vec<StoredKey>, DbError> {
    let rows = tx.query(KEYS, &[])?;
    rows.iter()
        .map(|r| Ok(StoredKey { kid: r.text("kid")?, wrapped: r.blob("wrapped")? }))
        .collect()
}

/// A signing key as people see it.
pub(crate) fn key_list(tx: &mut Tx<'_>) -> Result<Vec<Key>, DbError> {
    let rows = tx.query(KEY_LIST, &[])?;
    rows.iter()
        .map(|row| {
            Ok(Key {
                kid: row.text("kid")?,
                created_at: row.time("created_at")?,
                withdrawn_at: row.opt_int("retired_at")?.map(Timestamp),
            })
        })
        .collect()
}

/// Withdraws a key; false when there is none of that name, or not any more.
pub(crate) fn retire_key(tx: &mut Tx<'_>, kid: &str, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(RETIRE_KEY, params![kid, now])? == 1)
}

pub(crate) fn insert_key(
    tx: &mut Tx<'_>,
    kid: &str,
    wrapped: Vec<u8>,
    jwk: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    // The newest one signs, so that no two are of one moment.
    let before = tx.query_one(NEWEST_KEY, &[])?.time("at")?;
    let made = now.max(Timestamp(before.micros() + 1));
    tx.execute(INSERT_KEY, params![kid, wrapped, jwk, made])?;
    Ok(())
}
