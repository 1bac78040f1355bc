//! Sessions: how they begin, go on and end.

use kernel::{Error, Kind};
use platform::audit::{self, Entry};
use platform::db::{DbError, Tx};
use platform::signals::Channel;
use platform::{Cx, House};
use tokio::sync::broadcast::error::RecvError;

use super::inspect::Known;
use super::model::{Claims, Key, SessionId, User};
use super::people::checked_reason;
use super::refresh::Refresh;
use super::service::{Identity, Tokens};
use super::store;

/// How long the refresh token before the current one is taken for the current one: two tabs of
/// one browser refresh at the same moment, and both go on. After that it was stolen, or replayed.
const GRACE_MS: i64 = 10_000;

/// What processes tell each other when signing keys were made or withdrawn.
const KEYS_CHANGED: &str = "keys";
/// How often keys are looked at, should that message be lost.
const KEYS_MS: u64 = 30_000;

/// What somebody who logs out still has.
#[derive(Debug, Default)]
pub struct Holds {
    /// An access token; it may have ended.
    pub access: Option<String>,
    /// A refresh token; it may have been exchanged.
    pub refresh: Option<String>,
}

/// What came of a refresh token.
enum Turned {
    To(User, Refresh),
    Reused(SessionId),
    Over,
}

impl Identity {
    /// Opens a session. `counted` is where failures of this login were counted: they are
    /// forgotten, and no others.
    pub(super) async fn open_session(
        &self,
        cx: &Cx,
        user: &User,
        counted: Option<(String, String)>,
    ) -> Result<Tokens, Error> {
        let session = SessionId::new(&*cx.ids);
        let now = cx.clock.now();
        let expires = now.plus_days(self.config.session_days);
        let (ctx, owner, from) = (cx.clone(), user.clone(), cx.address.clone());
        cx.db
            .write(move |tx| {
                if let Some((place, account)) = &counted {
                    store::clear_failures(tx, place, account)?;
                }
                store::insert_session(tx, session, owner.id, from.clone(), now, expires)?;
                let mut ctx = ctx.clone();
                ctx.principal = owner.principal();
                let entry = Entry {
                    action: "identity.login",
                    subject: format!("user/{}", owner.id),
                    details: serde_json::json!({ "session": session }),
                };
                audit::append(tx, &ctx, now, &entry)
            })
            .await
            .map_err(|e: DbError| Error::from(e))?;
        self.tokens(cx, user, Refresh { session, turn: 0 })
    }

    fn tokens(&self, cx: &Cx, user: &User, refresh: Refresh) -> Result<Tokens, Error> {
        let iat = cx.clock.now().micros() / 1_000_000;
        let claims = Claims {
            iss: self.config.issuer.clone(),
            aud: self.config.audience.clone(),
            sub: user.id.0,
            sid: refresh.session.0,
            jti: Some(cx.ids.next()),
            name: user.username.clone(),
            roles: user.roles.clone(),
            own: user.subject,
            iat,
            exp: iat + self.config.access_seconds,
        };
        let access_token = self.ring.sign(None, &claims)?;
        Ok(Tokens {
            access_token,
            token_type: "bearer",
            expires_in: self.config.access_seconds,
            refresh_token: refresh.seal(&self.ring.master)?,
        })
    }

    /// Exchanges a refresh token for new tokens. The one before, within ten seconds, gives the
    /// current turn once more; any other earlier one ends its session: it was stolen or replayed.
    ///
    /// # Errors
    /// `invalid_refresh_token` (401).
    pub async fn refresh(&self, cx: &Cx, token: &str) -> Result<Tokens, Error> {
        let over = || {
            let message = "the session has ended; log in again";
            Error::new(Kind::Unauthenticated, "invalid_refresh_token", message)
        };
        let given = Refresh::open(token, &self.ring.master).ok_or_else(over)?;
        let ctx = cx.clone();
        match cx.db.write(move |tx| turn(tx, &ctx, given)).await.map_err(|e: DbError| e)? {
            Turned::To(user, next) => self.tokens(cx, &user, next),
            Turned::Reused(session) => {
                self.has_ended(cx, session);
                Err(over())
            }
            Turned::Over => Err(over()),
        }
    }

    /// Ends the sessions of whatever tokens somebody still has: ended and exchanged ones, too.
    /// Answers where the person ends the session at the issuer that knows them, if there is one.
    ///
    /// # Errors
    /// `foreign_session` (409) when there is nothing but a token of another issuer, or when the
    /// database fails.
    pub async fn logout(&self, cx: &Cx, holds: &Holds) -> Result<Option<String>, Error> {
        let (mut sessions, mut foreign) = (Vec::new(), None);
        if let Some(token) = &holds.access {
            match self.known(token).await {
                Ok(Known::House(claims, _)) => sessions.push(SessionId(claims.sid)),
                Ok(Known::Foreign(by, _)) => foreign = Some(by),
                Err(e) if e.kind == Kind::Unauthenticated => {}
                Err(e) => return Err(e),
            }
        }
        let refresh = holds.refresh.as_deref();
        if let Some(token) = refresh.and_then(|t| Refresh::open(t, &self.ring.master)) {
            sessions.push(token.session);
        }
        sessions.dedup();
        if let (Some(by), true) = (foreign, sessions.is_empty()) {
            return Err(self.issuers[by].keeps_session());
        }
        let mut user = None;
        for session in sessions {
            let (ctx, now) = (cx.clone(), cx.clock.now());
            let ended: Result<_, DbError> = cx
                .db
                .write(move |tx| {
                    let found = store::session(tx, session)?;
                    if store::revoke(tx, session, now)? {
                        say(tx, &ctx, "identity.logout", session)?;
                    }
                    Ok(found.map(|s| s.user))
                })
                .await;
            user = ended.map_err(Error::from)?.or(user);
            self.has_ended(cx, session);
        }
        match user {
            Some(user) => self.logout_url(cx, user.0).await,
            None => Ok(None),
        }
    }

    /// Tells every process, and what is held open here, that a session has ended.
    pub(super) fn has_ended(&self, cx: &House, session: SessionId) {
        self.alive.forget(&session);
        cx.exchange.publish(Channel::Sessions, session.to_string());
    }

    /// Makes a new signing key; tokens of the ones before stay good until they end.
    ///
    /// # Errors
    /// `Denied`, or when the database fails.
    pub async fn rotate_key(&self, cx: &Cx) -> Result<String, Error> {
        cx.decide_all("keys.write").await?;
        let kid = self.ring.rotate(cx).await?;
        cx.exchange.publish(Channel::Sessions, KEYS_CHANGED.into());
        Ok(kid)
    }

    /// Withdraws a signing key: its tokens are refused at once here, and within half a minute at
    /// processes that no message reaches. Sessions go on by their refresh tokens.
    ///
    /// # Errors
    /// `Denied`, `key_not_found`, `Invalid` without a reason.
    pub async fn withdraw_key(&self, cx: &Cx, kid: &str, reason: &str) -> Result<(), Error> {
        cx.decide_all("keys.write").await?;
        let reason = checked_reason(reason)?;
        self.ring.withdraw(cx, kid, &reason).await?;
        cx.exchange.publish(Channel::Sessions, KEYS_CHANGED.into());
        Ok(())
    }

    /// Signing keys, newest first, those that were withdrawn among them.
    ///
    /// # Errors
    /// `Denied`.
    pub async fn keys(&self, cx: &Cx) -> Result<Vec<Key>, Error> {
        cx.decide_all("keys.read").await?;
        cx.db.read(store::key_list).await.map_err(|e: DbError| e.into())
    }

    /// Looks at the signing keys from time to time: another process may have withdrawn one.
    pub async fn watch_keys(&self) {
        loop {
            platform::tasks::sleep_ms(KEYS_MS).await;
            self.ring.look_again().await;
        }
    }

    /// Forgets at once the sessions that end at other processes. A message that is lost costs
    /// the two seconds that a session is believed without asking.
    pub async fn watch_sessions(&self, house: &House) {
        let mut ended = house.exchange.subscribe(Channel::Sessions);
        loop {
            match ended.recv().await {
                Ok(text) if &*text == KEYS_CHANGED => self.ring.look_again().await,
                Ok(text) => {
                    if let Ok(session) = text.parse::<SessionId>() {
                        self.alive.forget(&session);
                    }
                }
                // Some were missed: none is believed.
                Err(RecvError::Lagged(_)) => self.alive.forget_all(),
                Err(RecvError::Closed) => return,
            }
        }
    }
}

/// One turn of a session's refresh token.
fn turn(tx: &mut Tx<'_>, cx: &Cx, given: Refresh) -> Result<Turned, DbError> {
    let now = cx.clock.now();
    let Some(s) = store::session(tx, given.session)? else { return Ok(Turned::Over) };
    if s.revoked || s.expires_at <= now || given.turn > s.turn {
        return Ok(Turned::Over);
    }
    let again = given.turn + 1 == s.turn && now < s.turned_at.plus_ms(GRACE_MS);
    if given.turn < s.turn && !again {
        store::revoke(tx, s.id, now)?;
        say(tx, cx, "identity.refresh_reused", s.id)?;
        return Ok(Turned::Reused(s.id));
    }
    let Some(user) = store::find_user(tx, s.user)?.filter(|u| !u.disabled) else {
        return Ok(Turned::Over);
    };
    let next = Refresh { session: s.id, turn: if again { s.turn } else { s.turn + 1 } };
    if !again {
        store::turn(tx, s.id, next.turn, now)?;
    }
    Ok(Turned::To(user, next))
}

fn say(tx: &mut Tx<'_>, cx: &Cx, action: &'static str, session: SessionId) -> Result<(), DbError> {
    let subject = format!("session/{session}");
    let entry = Entry { action, subject, details: serde_json::json!({}) };
    audit::append(tx, cx, cx.clock.now(), &entry)
}
