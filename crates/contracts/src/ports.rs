//! Ports between modules.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use kernel::ids::Uuid;
use kernel::{Error, Kind, Principal};

/// What a positive decision covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a grant may cover only what is the caller's own"]
pub enum Grant {
    /// Everything of this kind.
    All,
    /// Only what belongs to this subject.
    Own(Uuid),
}

impl Grant {
    /// True when something that belongs to `owner` is covered. Pure: it runs after the load,
    /// inside the transaction.
    pub fn covers(self, owner: Option<Uuid>) -> bool {
        match self {
            Self::All => true,
            Self::Own(subject) => owner == Some(subject),
        }
    }

    /// The owner whose things a list shows when it is asked for those of `asked`; `None` for
    /// everybody's.
    ///
    /// # Errors
    /// `Denied` when somebody else's are asked for.
    pub fn narrow(self, asked: Option<Uuid>) -> Result<Option<Uuid>, Error> {
        match self {
            Self::All => Ok(asked),
            Self::Own(_) if asked.is_some() && !self.covers(asked) => {
                Err(Error::new(Kind::Denied, "denied", "your roles allow only what is your own"))
            }
            Self::Own(subject) => Ok(Some(subject)),
        }
    }
}

/// Decides who may do what; asked BEFORE a transaction, so policy may be remote.
#[async_trait]
pub trait Authorizer: Send + Sync {
    /// May `principal` do `action` (`offers.accept`)?
    ///
    /// # Errors
    /// `Unauthenticated` when nobody is logged in, `Denied` when the policy says no,
    /// `Unavailable` when the policy engine is away (fail closed).
    async fn decide(&self, principal: &Principal, action: &str) -> Result<Grant, Error>;

    /// As [`Authorizer::decide`], for a request whose identifier the decision log keeps.
    ///
    /// # Errors
    /// As [`Authorizer::decide`].
    async fn decide_for(
        &self,
        principal: &Principal,
        action: &str,
        _request: Option<&str>,
    ) -> Result<Grant, Error> {
        self.decide(principal, action).await
    }
}

/// A typed setting, declared beside the code that uses it.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// `deals.valuation.max_multiple_bp`.
    pub name: &'static str,
    /// Value when nothing else is said.
    pub default: i64,
    /// Least allowed value.
    pub min: i64,
    /// Greatest allowed value.
    pub max: i64,
    /// The direction that is dangerous.
    pub danger: Danger,
    /// What it is, with its unit.
    pub about: &'static str,
}

/// The direction in which a change of a setting can cost money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Danger {
    /// Greater values.
    Up,
    /// Smaller values.
    Down,
    /// Neither.
    None,
}

impl Key {
    /// The value, when it is allowed.
    ///
    /// # Errors
    /// `Invalid` naming the setting and its range.
    pub fn checked(&self, value: i64) -> Result<i64, Error> {
        if (self.min..=self.max).contains(&value) {
            return Ok(value);
        }
        let allowed = format!("{} to {} are allowed, not {value}", self.min, self.max);
        Err(Error::invalid(self.name, allowed))
    }
}

/// An immutable view of every setting; what was used is stored with the result.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    values: BTreeMap<String, i64>,
}

impl Snapshot {
    /// A view with these values over the defaults.
    pub const fn new(values: BTreeMap<String, i64>) -> Self {
        Self { values }
    }

    /// The value of `key`, kept inside its range.
    pub fn int(&self, key: &Key) -> i64 {
        self.values.get(key.name).copied().unwrap_or(key.default).clamp(key.min, key.max)
    }
}

/// Governed settings. Synchronous: reading one never waits.
pub trait Settings: Send + Sync {
    /// The settings in force now.
    fn snapshot(&self) -> Arc<Snapshot>;
}
