//! Logins with a password: looked at a few at a time, counted when they fail.
//!
//! Failures are counted for each pair of place and account. A place is blocked by the sum of its
//! own, an account by the sum of those to it; a success takes away its own pair only, so that
//! whoever knows one password does not get more guesses at others.

use std::sync::Arc;

use kernel::{Error, Kind, Timestamp};
use platform::Cx;
use platform::audit::{self, Entry};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;

use super::model::{ACCOUNT_FAILURES, FAILURES, User, WINDOW_MS, place};
use super::service::{Identity, Tokens};
use super::store;
use super::users::verify;

impl Identity {
    /// Logs in.
    ///
    /// # Errors
    /// `invalid_credentials` (401), `address_blocked` or `account_blocked` (429, with
    /// `Retry-After`).
    pub async fn login(&self, cx: &Cx, username: &str, password: &str) -> Result<Tokens, Error> {
        let place = place(cx.address.as_deref());
        let (user, counted, turn) = self.check_password_of(cx, place, username, password).await?;
        let tokens = self.open_session(cx, &user, Some(counted)).await;
        drop(turn);
        tokens
    }

    /// Whether somebody knows the password of a user; a wrong one counts as a failed login.
    ///
    /// # Errors
    /// As [`Identity::login`].
    pub(super) async fn check_credentials(
        &self,
        cx: &Cx,
        username: &str,
        password: &str,
    ) -> Result<(), Error> {
        // Counted for the session: whoever mistypes an old password shuts nobody else out.
        let own = cx.principal.session.map(|session| format!("session/{session}"));
        let place = own.unwrap_or_else(|| place(cx.address.as_deref()));
        self.check_password_of(cx, place, username, password).await.map(drop)
    }

    /// Waits for one of the few places in which passwords are looked at.
    pub(super) async fn hashing_turn(&self) -> Result<OwnedSemaphorePermit, Error> {
        let turn = Arc::clone(&self.hashing).acquire_owned().await;
        turn.map_err(|e| Error::internal("logins are closed").caused_by(e))
    }

    /// The user, where failures were counted, and the turn, which ends when what comes of it is
    /// stored.
    async fn check_password_of(
        &self,
        cx: &Cx,
        place: String,
        username: &str,
        password: &str,
    ) -> Result<(User, (String, String), OwnedSemaphorePermit), Error> {
        let name = username.trim().to_lowercase();
        let account = self.account(&name);
        self.check_block(cx, &place, &account).await?;
        let turn = self.hashing_turn().await?;
        // Those before may have been one failure too many.
        self.check_block(cx, &place, &account).await?;
        let found = cx.db.read(move |tx| store::user_by_name(tx, &name)).await?;
        let (user, stored) = match found {
            Some((user, hash)) if user.issuer.is_none() => (Some(user), hash),
            _ => (None, self.decoy.clone()),
        };
        let password = password.to_owned();
        // The turn goes with the work: who hangs up frees it no earlier. It ends with this login,
        // when its failure is counted.
        let work = move || (verify(&password, &stored), turn);
        let (right, turn) = platform::tasks::blocking(work).await?;
        let known = user.as_ref().map(|u| u.username.clone());
        match user.filter(|u| right && !u.disabled) {
            Some(user) => Ok((user, (place, account), turn)),
            None => {
                let count = self.record_failure(cx, place.clone(), account, known).await?;
                tracing::info!(place, count, "a login failed");
                Err(Error::new(
                    Kind::Unauthenticated,
                    "invalid_credentials",
                    "username or password is wrong",
                ))
            }
        }
    }

    /// Under what a name is counted and kept in the audit: people type passwords where names
    /// belong, so that what is no user's name is never stored.
    fn account(&self, name: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(self.ring.master.for_purpose("login-names").bytes());
        digest.update(name);
        hex::encode(&digest.finalize()[..16])
    }

    async fn check_block(&self, cx: &Cx, place: &str, account: &str) -> Result<(), Error> {
        let (asked, of, now) = (place.to_owned(), account.to_owned(), cx.clock.now());
        let since = now.plus_ms(-WINDOW_MS);
        let (from, to) = cx.db.read(move |tx| store::failures(tx, &asked, &of, since)).await?;
        if let Some(until) = from.blocked_until(FAILURES).filter(|u| *u > now) {
            let (seconds, message) = wait("from this address", until, now);
            let blocked = Error::new(Kind::TooMany, "address_blocked", message);
            return Err(blocked.with("retry_after_seconds", seconds));
        }
        if let Some(until) = to.blocked_until(ACCOUNT_FAILURES).filter(|u| *u > now) {
            let (seconds, message) = wait("for this username", until, now);
            let blocked = Error::new(Kind::TooMany, "account_blocked", message);
            return Err(blocked.with("retry_after_seconds", seconds));
        }
        Ok(())
    }

    async fn record_failure(
        &self,
        cx: &Cx,
        place: String,
        account: String,
        known: Option<String>,
    ) -> Result<i64, Error> {
        let (cx, now) = (cx.clone(), cx.clock.now());
        let since = now.plus_ms(-WINDOW_MS);
        cx.db
            .clone()
            .write(move |tx| {
                let count = store::one_more_failure(tx, &place, &account, now, since)?;
                let entry = Entry {
                    action: "identity.login_failed",
                    subject: format!("address/{place}"),
                    details: serde_json::json!({ "username": known,
                        "name_digest": account, "failures": count }),
                };
                audit::append(tx, &cx, now, &entry)?;
                Ok(count)
            })
            .await
    }
}

fn wait(whence: &str, until: Timestamp, now: Timestamp) -> (i64, String) {
    let seconds = (until.micros() - now.micros()) / 1_000_000 + 1;
    (seconds, format!("too many failed logins {whence}; try again in {seconds} s"))
}
