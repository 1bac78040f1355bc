//! What admins do with users, and users with themselves: disable, roles, passwords, sessions.
//!
//! Whoever is disabled, gets other roles or another password has no session any more: tokens say
//! what was true when they were made. An admin always stays.

use kernel::page::{Cursor, Page};
use kernel::{Error, Kind, Role, Timestamp};
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::{DbError, Tx};
use platform::idempotency::Once;

use super::model::{Session, SessionId, User, UserId, check_password, check_roles};
use super::service::Identity;
use super::store;
use super::users::{hash, no_user};

/// Sessions of one user that are shown, and told everybody of when they end.
const SESSIONS_SHOWN: u32 = 250;
/// Longest reason.
const REASON: usize = 500;

/// What is done to a user.
#[derive(Debug, Clone)]
enum Change {
    Disable {
        reason: String,
    },
    Enable {
        reason: String,
    },
    Roles(Vec<Role>),
    /// The hash of a new password.
    Password(String),
    EndSessions,
}

impl Change {
    /// What is stored with an idempotency key. Nothing is said of a password.
    fn content(&self) -> serde_json::Value {
        match self {
            Self::Disable { reason } => serde_json::json!(["disable", reason]),
            Self::Enable { reason } => serde_json::json!(["enable", reason]),
            Self::Roles(roles) => serde_json::json!(["roles", roles]),
            Self::Password(_) => serde_json::json!(["password"]),
            Self::EndSessions => serde_json::json!(["end_sessions"]),
        }
    }
}

impl Identity {
    /// Users by name.
    ///
    /// # Errors
    /// `Denied`, `invalid_cursor`.
    pub async fn list(
        &self,
        cx: &Cx,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<User>, Error> {
        cx.decide_all("users.read").await?;
        let after = cursor.map(Cursor::decode).transpose()?.map_or_else(String::new, |c| c.value);
        let found: Result<_, DbError> =
            cx.db.read(move |tx| store::users_after(tx, &after, limit + 1)).await;
        let place = |u: &User| Cursor { value: u.username.clone(), id: u.id.to_string() };
        Ok(Page::cut(found?, limit, place))
    }

    /// Disables a user and ends every session.
    ///
    /// # Errors
    /// `Denied`, `user_not_found`, `own_account`, `last_admin`.
    pub async fn disable(&self, cx: &Cx, id: UserId, reason: &str) -> Result<User, Error> {
        let reason = checked_reason(reason)?;
        self.change(cx, id, Change::Disable { reason }).await
    }

    /// Lets a user log in again.
    ///
    /// # Errors
    /// `Denied`, `user_not_found`.
    pub async fn enable(&self, cx: &Cx, id: UserId, reason: &str) -> Result<User, Error> {
        let reason = checked_reason(reason)?;
        self.change(cx, id, Change::Enable { reason }).await
    }

    /// Gives a user other roles and ends every session, whose tokens say the old ones.
    ///
    /// # Errors
    /// `Denied`, `user_not_found`, `own_account`, `last_admin`, `foreign_user`, and `Invalid`
    /// when the roles do not go together.
    pub async fn set_roles(&self, cx: &Cx, id: UserId, roles: Vec<Role>) -> Result<User, Error> {
        check_roles(&roles)?;
        self.change(cx, id, Change::Roles(roles)).await
    }

    /// Gives a user another password and ends every session.
    ///
    /// # Errors
    /// `Denied`, `user_not_found`, `foreign_user`, `Invalid`.
    pub async fn set_password(&self, cx: &Cx, id: UserId, password: &str) -> Result<User, Error> {
        // Before the work of hashing, which strangers shall not cause.
        cx.decide_all("users.write").await?;
        check_password(password)?;
        let change = Change::Password(self.hashed(password).await?);
        self.change(cx, id, change).await
    }

    /// Ends every session of a user.
    ///
    /// # Errors
    /// `Denied`, `user_not_found`.
    pub async fn end_sessions(&self, cx: &Cx, id: UserId) -> Result<User, Error> {
        self.change(cx, id, Change::EndSessions).await
    }

    async fn change(&self, cx: &Cx, id: UserId, change: Change) -> Result<User, Error> {
        cx.decide_all("users.write").await?;
        let once = Once::optional(cx, "users.change", &(id, change.content()))?;
        let (ctx, now) = (cx.clone(), cx.clock.now());
        let (user, ended) = cx
            .db
            .write(move |tx| {
                if once.begin::<UserId>(tx, now)?.is_some() {
                    let after = store::find_user(tx, id)?.ok_or_else(|| no_user(id))?;
                    return Ok((after, Vec::new()));
                }
                let (user, _) = store::lock_user(tx, id)?.ok_or_else(|| no_user(id))?;
                allowed(tx, &ctx, &user, &change)?;
                let (action, details) = apply(tx, &user, &change, now)?;
                let ends = !matches!(change, Change::Enable { .. });
                let ended = if ends { end_all(tx, id, None, now)? } else { Vec::new() };
                let subject = format!("user/{id}");
                audit::append(tx, &ctx, now, &Entry { action, subject, details })?;
                once.done(tx, &id)?;
                let after = store::find_user(tx, id)?.ok_or_else(|| no_user(id))?;
                Ok::<_, Error>((after, ended))
            })
            .await?;
        self.have_ended(cx, &ended);
        Ok(user)
    }

    /// Changes one's own password: the old one is asked for, and every other session ends.
    ///
    /// # Errors
    /// `invalid_credentials` (401) when the old one is wrong, which counts as a failed login;
    /// `foreign_user`, `Invalid`.
    pub async fn change_password(&self, cx: &Cx, old: &str, new: &str) -> Result<(), Error> {
        check_password(new)?;
        let id = own(cx)?;
        let found = cx.db.read(move |tx| store::find_user(tx, id)).await;
        let user = found.map_err(|e: DbError| Error::from(e))?.filter(|u| u.issuer.is_none());
        let user = user.ok_or_else(foreign)?;
        if old == new {
            return Err(Error::invalid("password", "the new password is the old one"));
        }
        self.check_credentials(cx, &user.username, old).await?;
        let hashed = self.hashed(new).await?;
        let keep = cx.principal.session.map(SessionId);
        let (ctx, now) = (cx.clone(), cx.clock.now());
        let ended = cx
            .db
            .write(move |tx| {
                store::set_hash(tx, id, &hashed, now)?;
                let ended = end_all(tx, id, keep, now)?;
                let (action, subject) = ("identity.password_changed", format!("user/{id}"));
                let details = serde_json::json!({ "by": "self" });
                audit::append(tx, &ctx, now, &Entry { action, subject, details })?;
                Ok::<_, DbError>(ended)
            })
            .await?;
        self.have_ended(cx, &ended);
        Ok(())
    }

    /// Sessions of a user that live, newest first, at most 250.
    ///
    /// # Errors
    /// `Denied`, `user_not_found`.
    pub async fn sessions(&self, cx: &Cx, id: UserId) -> Result<Vec<Session>, Error> {
        cx.decide_all("users.read").await?;
        super::service::user(cx, id).await?;
        sessions_of(cx, id).await
    }

    /// One's own sessions that live, newest first, at most 250.
    ///
    /// # Errors
    /// `Unauthenticated`.
    pub async fn own_sessions(&self, cx: &Cx) -> Result<Vec<Session>, Error> {
        sessions_of(cx, own(cx)?).await
    }

    /// Ends one session of a user.
    ///
    /// # Errors
    /// `Denied`, `session_not_found`.
    pub async fn end_session(&self, cx: &Cx, id: UserId, session: SessionId) -> Result<(), Error> {
        cx.decide_all("users.write").await?;
        self.end_one(cx, id, session).await
    }

    /// Ends one of one's own sessions.
    ///
    /// # Errors
    /// `session_not_found`, also when it is somebody else's.
    pub async fn end_own_session(&self, cx: &Cx, session: SessionId) -> Result<(), Error> {
        self.end_one(cx, own(cx)?, session).await
    }

    async fn end_one(&self, cx: &Cx, user: UserId, session: SessionId) -> Result<(), Error> {
        let (ctx, now) = (cx.clone(), cx.clock.now());
        cx.db
            .write(move |tx| {
                if !store::is_session_of(tx, session, user)? || !store::revoke(tx, session, now)? {
                    let message = format!("there is no session {session} that lives");
                    return Err(Error::not_found("session_not_found", message));
                }
                let (action, subject) = ("identity.session_ended", format!("user/{user}"));
                let details = serde_json::json!({ "session": session });
                Ok(audit::append(tx, &ctx, now, &Entry { action, subject, details })?)
            })
            .await?;
        self.has_ended(cx, session);
        Ok(())
    }

    fn have_ended(&self, cx: &Cx, ended: &[SessionId]) {
        for session in ended {
            self.has_ended(cx, *session);
        }
    }

    async fn hashed(&self, password: &str) -> Result<String, Error> {
        let (turn, password) = (self.hashing_turn().await?, password.to_owned());
        platform::tasks::blocking(move || {
            let hashed = hash(&password);
            drop(turn);
            hashed
        })
        .await?
    }
}

async fn sessions_of(cx: &Cx, id: UserId) -> Result<Vec<Session>, Error> {
    let now = cx.clock.now();
    let found = cx.db.read(move |tx| store::sessions_of(tx, id, now, SESSIONS_SHOWN)).await;
    found.map_err(|e: DbError| e.into())
}

fn own(cx: &Cx) -> Result<UserId, Error> {
    let nobody = || Error::new(Kind::Unauthenticated, "unauthenticated", "nobody is logged in");
    cx.principal.id.map(UserId).ok_or_else(nobody)
}

/// Ends every session but one; those that are to be told everybody of.
fn end_all(
    tx: &mut Tx<'_>,
    id: UserId,
    but: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<SessionId>, DbError> {
    let living = store::sessions_of(tx, id, now, SESSIONS_SHOWN)?;
    store::revoke_all(tx, id, but, now)?;
    Ok(living.into_iter().map(|s| s.id).filter(|s| Some(*s) != but).collect())
}

/// Refuses what would lock somebody out by mistake, or what an issuer says.
fn allowed(tx: &mut Tx<'_>, cx: &Cx, user: &User, change: &Change) -> Result<(), Error> {
    let takes_admin = match change {
        Change::Disable { .. } => true,
        Change::Roles(roles) => !roles.contains(&Role::Admin),
        _ => false,
    };
    if takes_admin && cx.principal.id == Some(user.id.0) {
        let message = "nobody takes this from himself: ask another admin";
        return Err(Error::conflict("own_account", message));
    }
    if takes_admin && user.roles.contains(&Role::Admin) && !store::another_admin(tx, user.id)? {
        let message = format!("{} is the last admin: make another one first", user.username);
        return Err(Error::conflict("last_admin", message));
    }
    let by_issuer = matches!(change, Change::Roles(_) | Change::Password(_));
    if by_issuer && user.issuer.is_some() {
        return Err(foreign());
    }
    if let Change::Roles(roles) = change
        && roles.contains(&Role::Creator) != user.subject.is_some()
    {
        let rule = "a login of a creator stays one, and no other login becomes one: add a new user";
        return Err(Error::invalid("roles", rule));
    }
    Ok(())
}

fn foreign() -> Error {
    let message = "roles and passwords of this login are kept by its issuer: change them there";
    Error::conflict("foreign_user", message)
}

/// Stores a change; its name and details for the audit.
fn apply(
    tx: &mut Tx<'_>,
    user: &User,
    change: &Change,
    now: Timestamp,
) -> Result<(&'static str, serde_json::Value), DbError> {
    Ok(match change {
        Change::Disable { reason } => {
            store::set_disabled(tx, user.id, true, now)?;
            ("identity.user_disabled", serde_json::json!({ "reason": reason }))
        }
        Change::Enable { reason } => {
            store::set_disabled(tx, user.id, false, now)?;
            ("identity.user_enabled", serde_json::json!({ "reason": reason }))
        }
        Change::Roles(roles) => {
            store::set_roles(tx, user.id, roles, now)?;
            let details = serde_json::json!({ "before": user.roles, "after": roles });
            ("identity.roles_changed", details)
        }
        Change::Password(hash) => {
            store::set_hash(tx, user.id, hash, now)?;
            ("identity.password_changed", serde_json::json!({ "by": "admin" }))
        }
        Change::EndSessions => ("identity.sessions_ended", serde_json::json!({})),
    })
}

pub(super) fn checked_reason(reason: &str) -> Result<String, Error> {
    let reason = reason.trim();
    let length = reason.chars().count();
    if reason.is_empty() || length > REASON {
        let message = format!("a reason has 1 to {REASON} characters; this one has {length}");
        return Err(Error::invalid("reason", message));
    }
    Ok(reason.to_owned())
}
