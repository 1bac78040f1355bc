//! A question to the policy and its answer.

use std::sync::Arc;

use contracts::Grant;
use kernel::{Error, Kind, Principal};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// What the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No.
    Denied,
    /// Yes, to everything of the kind.
    All,
    /// Yes, to what is the caller's own.
    Own,
}

impl Verdict {
    /// Reads `{"allow": true, "scope": "all"}`; whatever it does not know is a no.
    pub(super) fn of(answer: &serde_json::Value) -> Self {
        match (answer["allow"].as_bool(), answer["scope"].as_str()) {
            (Some(true), Some("all")) => Self::All,
            (Some(true), Some("own")) => Self::Own,
            _ => Self::Denied,
        }
    }

    pub(super) const fn scope(self) -> &'static str {
        match self {
            Self::Denied => "none",
            Self::All => "all",
            Self::Own => "own",
        }
    }

    /// What it covers for `principal`.
    pub(super) fn grant(self, principal: &Principal, action: &str) -> Result<Grant, Error> {
        match (self, principal.owner()) {
            (Self::All, _) => Ok(Grant::All),
            (Self::Own, Some(owner)) => Ok(Grant::Own(owner)),
            _ if principal.id.is_none() && principal.roles.is_empty() => Err(Error::new(
                Kind::Unauthenticated,
                "unauthenticated",
                "log in, or send a bearer token",
            )),
            _ => {
                Err(Error::new(Kind::Denied, "denied", format!("your roles do not allow {action}"))
                    .with("action", action))
            }
        }
    }
}

/// An answer, and which policy gave it.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) revision: Arc<str>,
}

/// What the policy is asked.
pub(super) struct Question {
    /// The input document.
    pub(super) input: String,
    /// Roles and action alone: all that the house's own policy looks at.
    pub(super) short: String,
    /// The action.
    pub(super) action: String,
}

#[derive(Serialize)]
struct Input<'a> {
    principal: Who<'a>,
    action: &'a str,
}

#[derive(Serialize)]
struct Who<'a> {
    id: Option<kernel::ids::Uuid>,
    name: &'a str,
    roles: &'a [kernel::Role],
}

impl Question {
    /// May `principal` do `action`?
    pub(super) fn new(principal: &Principal, action: &str) -> Result<Self, Error> {
        let who = Who { id: principal.id, name: &principal.name, roles: &principal.roles };
        let input = serde_json::to_string(&Input { principal: who, action })
            .map_err(|e| Error::internal("the policy's input").caused_by(e))?;
        let roles: Vec<&str> = principal.roles.iter().map(|r| r.as_str()).collect();
        let short = format!("{}|{action}", roles.join(","));
        Ok(Self { input, short, action: action.to_owned() })
    }

    /// Names the input in the decision log, which keeps no more of it.
    pub(super) fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.input))
    }
}

/// The policy could not be asked: nobody is let in meanwhile.
pub(super) fn away(why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Unavailable, "policy_unavailable", "the policy could not be asked")
        .caused_by(std::io::Error::other(why.to_string()))
}
