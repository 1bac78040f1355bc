//! People whom another issuer knows: they log in there, and get a session of the house.

use std::sync::Arc;

use kernel::ids::Uuid;
use kernel::{Error, Kind};
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::DbError;

use super::foreign::{Begun, Issuer, Verified};
use super::model::{User, UserId};
use super::service::{Identity, Tokens};
use super::store;

/// Addresses of others are looked at again this often.
const LOOK_MS: u64 = 60_000;

impl Issuer {
    /// A token of another issuer has no session here that could be ended.
    pub(super) fn keeps_session(&self) -> Error {
        let message = format!("this token is from {}: log out there", self.config.title);
        Error::conflict("foreign_session", message)
    }
}

impl Identity {
    /// Issuers that people may log in by: name and title.
    pub fn doors(&self) -> Vec<(String, String)> {
        self.issuers.iter().map(|i| (i.config.name.clone(), i.config.title.clone())).collect()
    }

    /// Keeps the keys of foreign issuers fresh; at once, and then from time to time.
    pub async fn watch_issuers(&self) {
        loop {
            for issuer in &self.issuers {
                issuer.refresh().await;
            }
            platform::tasks::sleep_ms(LOOK_MS).await;
        }
    }

    /// Where a person logs in at the issuer `name`, the state that comes back from there, and the
    /// sealed memory of it for a cookie.
    ///
    /// # Errors
    /// `issuer_not_found` (404), `Invalid` when `return_to` leaves the house, and
    /// `issuer_unavailable` (503).
    pub async fn begin_login(
        &self,
        name: &str,
        return_to: &str,
    ) -> Result<(String, String, String), Error> {
        let issuer = self.issuer(name)?;
        if !stays(return_to) {
            let message = "return_to is a path of this house, such as /deals";
            return Err(Error::invalid("return_to", message));
        }
        let (to, begun) = issuer.begin(&self.callback(name), return_to).await?;
        let sealed = begun.seal(&self.ring.master)?;
        Ok((to, begun.state, sealed))
    }

    /// Ends a login that began here: tokens of the house, and where the person wanted to go.
    ///
    /// # Errors
    /// `login_state` (401) when this browser did not begin it, `login_failed` (401),
    /// `login_without_role` (403), `issuer_unavailable` (503).
    pub async fn end_login(
        &self,
        cx: &Cx,
        name: &str,
        code: &str,
        state: &str,
        cookie: &str,
    ) -> Result<(Tokens, String), Error> {
        let issuer = self.issuer(name)?;
        let now = cx.clock.now().micros() / 1_000_000;
        let begun = Begun::open(cookie, &self.ring.master, name, state, now).ok_or_else(|| {
            Error::new(
                Kind::Unauthenticated,
                "login_state",
                "this browser did not begin this login, or too long ago; begin again",
            )
        })?;
        let who = issuer.exchange(code, &self.callback(name), &begun).await?;
        let user = self.welcome(cx, issuer, who).await?;
        let tokens = self.open_session(cx, &user, None).await?;
        Ok((tokens, begun.return_to))
    }

    /// The row of somebody who logged in at an issuer, as the issuer describes them now.
    async fn welcome(&self, cx: &Cx, issuer: &Issuer, who: Verified) -> Result<User, Error> {
        let Some(id) = who.principal.id.filter(|_| !who.principal.roles.is_empty()) else {
            return Err(Error::new(
                Kind::Denied,
                "login_without_role",
                format!("{} gives you no role that counts here", issuer.config.title),
            ));
        };
        let by = issuer.config.name.clone();
        let visitor = User {
            id: UserId(id),
            username: who.principal.name.clone(),
            display_name: who.display_name,
            roles: who.principal.roles,
            subject: who.principal.subject,
            disabled: false,
            issuer: Some(by),
        };
        let (ctx, now) = (cx.clone(), cx.clock.now());
        let saved = cx
            .db
            .write(move |tx| {
                let mut visitor = visitor.clone();
                let before = store::find_user(tx, visitor.id)?;
                let namesake = store::user_by_name(tx, &visitor.username)?;
                if namesake.is_some_and(|(other, _)| other.id != visitor.id) {
                    // The issuer gave the name of somebody before to somebody else.
                    visitor.username = format!("{}#{}", visitor.username, visitor.id);
                }
                store::save_foreign(tx, &visitor, now)?;
                if before.is_none() {
                    let entry = Entry {
                        action: "identity.visitor_added",
                        subject: format!("user/{}", visitor.id),
                        details: serde_json::json!({ "username": visitor.username }),
                    };
                    audit::append(tx, &ctx, now, &entry)?;
                }
                let disabled = before.is_some_and(|u| u.disabled);
                Ok::<_, DbError>(User { disabled, ..visitor })
            })
            .await?;
        if saved.disabled {
            return Err(Error::new(Kind::Denied, "login_disabled", "this login is disabled here"));
        }
        Ok(saved)
    }

    /// Where somebody ends the session at the issuer that knows them.
    pub(super) async fn logout_url(&self, cx: &Cx, user: Uuid) -> Result<Option<String>, Error> {
        let found = cx.db.read(move |tx| store::find_user(tx, UserId(user))).await;
        let found = found.map_err(|e: DbError| Error::from(e))?;
        let by = found.and_then(|u| u.issuer).and_then(|name| self.issuer(&name).ok().cloned());
        match by {
            Some(issuer) => Ok(issuer.logout_url(&format!("{}/login", self.public())).await),
            None => Ok(None),
        }
    }

    fn issuer(&self, name: &str) -> Result<&Arc<Issuer>, Error> {
        self.issuers.iter().find(|i| i.config.name == name).ok_or_else(|| {
            Error::not_found("issuer_not_found", format!("nobody logs in by '{name}' here"))
        })
    }

    /// The address of the house for people and other houses.
    fn public(&self) -> &str {
        self.config.issuer.trim_end_matches('/')
    }

    fn callback(&self, name: &str) -> String {
        format!("{}/api/v1/auth/oidc/{name}/callback", self.public())
    }
}

/// A path of this house and nothing that a browser takes for another house.
fn stays(path: &str) -> bool {
    let plain = |c: char| !c.is_control() && c != '\\' && c != ' ';
    path.len() <= 512 && path.starts_with('/') && !path.starts_with("//") && path.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_a_login() {
        for good in ["/", "/deals", "/deals?status=ready#x", "/a//b"] {
            assert!(stays(good), "{good}");
        }
        for bad in [
            "",
            "deals",
            "//evil.test",
            "/\\evil.test",
            "https://evil.test",
            "/\n/evil",
            "/\t//evil.test",
            "\\\\evil.test",
        ] {
            assert!(!stays(bad), "{bad}");
        }
    }
}
