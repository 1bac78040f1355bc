//! The house's own users: added, listed, found; and how their passwords are kept.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use kernel::Error;
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::{Db, DbError};
use platform::idempotency::Once;

use super::model::{NewUser, User, UserId};
use super::store;

/// Adds a user.
///
/// # Errors
/// `Invalid` naming the field, or `username_taken`.
pub async fn add_user(cx: &Cx, new: NewUser) -> Result<User, Error> {
    let new = new.checked()?;
    let once = Once::optional(cx, "users.add", &new.without_password())?;
    let secret = new.password.clone();
    let hashed = platform::tasks::blocking(move || hash(&secret)).await??;
    let user = User {
        id: UserId::new(&*cx.ids),
        username: new.username,
        display_name: new.display_name,
        roles: new.roles,
        subject: new.subject,
        disabled: false,
        issuer: None,
    };
    let (ctx, now, stored) = (cx.clone(), cx.clock.now(), user.clone());
    cx.db
        .write(move |tx| {
            if let Some(before) = once.begin(tx, now)? {
                let found = store::find_user(tx, before)?;
                return found.ok_or_else(|| no_user(before));
            }
            if store::user_by_name(tx, &stored.username)?.is_some() {
                return Err(Error::conflict(
                    "username_taken",
                    format!("there is already a user '{}'", stored.username),
                ));
            }
            store::insert_user(tx, &stored, &hashed, now)?;
            let roles: Vec<&str> = stored.roles.iter().map(|r| r.as_str()).collect();
            let entry = Entry {
                action: "identity.user_added",
                subject: format!("user/{}", stored.id),
                details: serde_json::json!({ "username": stored.username, "roles": roles }),
            };
            audit::append(tx, &ctx, now, &entry)?;
            once.done(tx, &stored.id)?;
            Ok(stored.clone())
        })
        .await
}

const DEMO: &str = "demo";

/// Makes this database a demo's, once and for ever, while it has no users: the logins of a demo
/// are known to everybody.
///
/// # Errors
/// `not_a_demo` when it has users and was no demo before.
pub async fn make_demo(cx: &Cx) -> Result<(), Error> {
    let now = cx.clock.now();
    cx.db
        .write(move |tx| {
            if store::is_marked(tx, DEMO)? {
                return Ok(());
            }
            if store::has_users(tx)? {
                let why = "this database belongs to a house with users of its own, and the \
                           logins of a demo are known to everybody: give the demo another \
                           database or folder";
                return Err(Error::conflict("not_a_demo", why));
            }
            Ok(store::mark(tx, DEMO, now)?)
        })
        .await
}

/// Whether this database was made by a demo.
///
/// # Errors
/// When the database fails.
pub async fn is_demo(db: &Db) -> Result<bool, Error> {
    db.read(|tx| store::is_marked(tx, DEMO)).await.map_err(|e: DbError| e.into())
}

/// Every user, by name.
///
/// # Errors
/// When the database fails.
pub async fn users(db: &Db) -> Result<Vec<User>, Error> {
    db.read(store::users).await.map_err(|e: DbError| e.into())
}

/// One user.
///
/// # Errors
/// `NotFound` when there is no such user.
pub async fn user(cx: &Cx, id: UserId) -> Result<User, Error> {
    let found = cx.db.read(move |tx| store::find_user(tx, id)).await;
    found.map_err(|e: DbError| Error::from(e))?.ok_or_else(|| no_user(id))
}

/// The user of a name.
///
/// # Errors
/// `NotFound` when there is no such user.
pub async fn user_of_name(cx: &Cx, username: &str) -> Result<User, Error> {
    let name = username.trim().to_lowercase();
    let asked = name.clone();
    let found = cx.db.read(move |tx| store::user_by_name(tx, &asked)).await;
    let missing = || Error::not_found("user_not_found", format!("there is no user '{name}'"));
    found.map_err(|e: DbError| Error::from(e))?.map(|(user, _)| user).ok_or_else(missing)
}

pub(super) fn no_user(id: UserId) -> Error {
    Error::not_found("user_not_found", format!("there is no user {id}"))
}

pub(super) fn hash(password: &str) -> Result<String, Error> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|h| h.to_string())
        .map_err(|e| Error::internal(format!("a password could not be hashed: {e}")))
}

pub(super) fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
}
