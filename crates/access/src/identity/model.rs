//! Users, sessions and the rules of passwords and names.

use std::net::{IpAddr, Ipv6Addr};

use kernel::ids::Uuid;
use kernel::{Error, Principal, Role, Timestamp, typed_id};
use serde::{Deserialize, Serialize};

typed_id!(UserId, "a user");
typed_id!(SessionId, "a session");

/// Failed logins from one address before it is blocked.
pub(crate) const FAILURES: i64 = 5;
/// Failed logins to one account, from wherever, before it is blocked. More than one address may
/// make, so that nobody alone can shut a user out.
pub(crate) const ACCOUNT_FAILURES: i64 = 20;
/// The window in which they count, and how long the block lasts.
pub(crate) const WINDOW_MS: i64 = 300_000;

/// Actors of the house in audit and books that are nobody's login.
const RESERVED: [&str; 5] = ["system", "anonymous", "demo", "local", "invalid"];

/// A user of the house.
#[derive(Debug, Clone)]
pub struct User {
    /// Identifies the user.
    pub id: UserId,
    /// Lower-case, unique.
    pub username: String,
    /// For people.
    pub display_name: String,
    /// What the user may be.
    pub roles: Vec<Role>,
    /// The creator that the login stands for; staff have none.
    pub subject: Option<Uuid>,
    /// True when the user may not log in.
    pub disabled: bool,
    /// The foreign issuer that knows the user; the house's own users have none.
    pub issuer: Option<String>,
}

impl User {
    /// The user as a principal.
    pub fn principal(&self) -> Principal {
        Principal {
            id: Some(self.id.0),
            subject: self.subject,
            name: self.username.clone(),
            roles: self.roles.clone(),
            session: None,
        }
    }
}

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// 3 to 40 of `a-z 0-9 . _ -`.
    pub username: String,
    /// For people; the username when empty.
    pub display_name: String,
    /// 12 to 128 characters.
    pub password: String,
    /// At least one; `creator` stands alone.
    pub roles: Vec<Role>,
    /// The creator that the login stands for; with the role `creator`, and only with it.
    pub subject: Option<Uuid>,
}

impl NewUser {
    /// Somebody of the house, shown by the username.
    pub fn staff(username: &str, password: &str, role: Role) -> Self {
        Self {
            username: username.into(),
            display_name: String::new(),
            password: password.into(),
            roles: vec![role],
            subject: None,
        }
    }

    /// What is stored with an idempotency key: everything but the password, which is kept nowhere
    /// but as its hash.
    pub(crate) fn without_password(&self) -> serde_json::Value {
        serde_json::json!([self.username, self.display_name, self.roles, self.subject])
    }

    /// Checks the rules and folds the name to lower case.
    ///
    /// # Errors
    /// `Invalid` naming the field and what is allowed.
    pub fn checked(mut self) -> Result<Self, Error> {
        self.username = self.username.trim().to_lowercase();
        let sane = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
        if !(3..=40).contains(&self.username.len()) || !self.username.chars().all(sane) {
            return Err(Error::invalid(
                "username",
                "a username has 3 to 40 of the characters a-z 0-9 . _ -",
            ));
        }
        if RESERVED.contains(&self.username.as_str()) {
            let message = format!(
                "'{}' is what the house calls its own steps: choose another name",
                self.username
            );
            return Err(Error::invalid("username", message));
        }
        check_password(&self.password)?;
        check_roles(&self.roles)?;
        if self.roles.contains(&Role::Creator) != self.subject.is_some() {
            let rule = "a login with the role creator names its creator, and no other login does";
            return Err(Error::invalid("creator_id", rule));
        }
        if self.display_name.trim().is_empty() {
            self.display_name.clone_from(&self.username);
        }
        Ok(self)
    }
}

/// The one rule of passwords.
pub(crate) fn check_password(password: &str) -> Result<(), Error> {
    let length = password.chars().count();
    if (12..=128).contains(&length) {
        return Ok(());
    }
    let message = format!("a password has 12 to 128 characters; this one has {length}");
    Err(Error::invalid("password", message))
}

/// The one rule of roles.
pub(crate) fn check_roles(roles: &[Role]) -> Result<(), Error> {
    if roles.is_empty() {
        return Err(Error::invalid("roles", "a user needs at least one role"));
    }
    if roles.contains(&Role::Creator) && roles.len() > 1 {
        return Err(Error::invalid("roles", "the role creator stands alone"));
    }
    let twice = roles.iter().enumerate().any(|(n, role)| roles[..n].contains(role));
    if twice {
        return Err(Error::invalid("roles", "a role is there twice"));
    }
    Ok(())
}

/// A session that lives.
#[derive(Debug, Clone)]
pub struct Session {
    /// Identifies the session.
    pub id: SessionId,
    /// The address it was opened from.
    pub address: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When its tokens were last exchanged, or it was opened.
    pub seen_at: Timestamp,
}

/// A signing key of the house.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its name, the `kid` of tokens.
    pub kid: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when tokens of it are refused.
    pub withdrawn_at: Option<Timestamp>,
}

/// What an access token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: Uuid,
    pub(crate) sid: Uuid,
    /// Tells two tokens of one session apart (RFC 9068, 2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jti: Option<Uuid>,
    pub(crate) name: String,
    pub(crate) roles: Vec<Role>,
    /// See [`User::subject`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) own: Option<Uuid>,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}

/// Failed logins of the last window, of an address or to an account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failures {
    pub(crate) count: i64,
    /// The last of them.
    pub(crate) last: Timestamp,
}

impl Failures {
    /// Until when nothing is tried any more, when there were `most`.
    pub(crate) fn blocked_until(self, most: i64) -> Option<Timestamp> {
        (self.count >= most).then(|| self.last.plus_ms(WINDOW_MS))
    }
}

/// Where failures are counted for an address: an IPv6 address for its whole /64, which one
/// customer has.
pub(crate) fn place(address: Option<&str>) -> String {
    let Some(text) = address else { return "unknown".into() };
    match text.parse::<IpAddr>().map(|a| a.to_canonical()) {
        Ok(IpAddr::V6(a)) => {
            let network = Ipv6Addr::from_bits(a.to_bits() & (u128::MAX << 64));
            format!("{network}/64")
        }
        Ok(IpAddr::V4(a)) => a.to_string(),
        Err(_) => text.chars().take(64).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_network_are_one_place() {
        assert_eq!(place(Some("2001:db8:1:2::7")), "2001:db8:1:2::/64");
        assert_eq!(place(Some("2001:db8:1:2:ffff::1")), "2001:db8:1:2::/64");
        assert_ne!(place(Some("2001:db8:1:3::7")), place(Some("2001:db8:1:2::7")));
        assert_eq!(place(Some("::ffff:192.0.2.1")), "192.0.2.1");
        assert_eq!(place(Some("192.0.2.1")), "192.0.2.1");
        assert_eq!(place(None), "unknown");
    }
}
