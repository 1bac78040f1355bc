//! Who is asking.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::ids::Uuid;

/// The roles of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation; see docs/glossary.md")]
pub enum Role {
    Admin,
    Operator,
    Underwriter,
    Treasurer,
    Creator,
    Trader,
    ConfigAdmin,
    RiskOfficer,
    Viewer,
    Device,
    Service,
}

impl Role {
    /// Every role, in the order of the glossary.
    pub const ALL: [Self; 11] = [
        Self::Admin,
        Self::Operator,
        Self::Underwriter,
        Self::Treasurer,
        Self::Creator,
        Self::Trader,
        Self::ConfigAdmin,
        Self::RiskOfficer,
        Self::Viewer,
        Self::Device,
        Self::Service,
    ];

    /// The word used on the wire and in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Underwriter => "underwriter",
            Self::Treasurer => "treasurer",
            Self::Creator => "creator",
            Self::Trader => "trader",
            Self::ConfigAdmin => "config_admin",
            Self::RiskOfficer => "risk_officer",
            Self::Viewer => "viewer",
            Self::Device => "device",
            Self::Service => "service",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|r| r.as_str() == text).ok_or_else(|| {
            let allowed: Vec<&str> = Self::ALL.iter().map(|r| r.as_str()).collect();
            Error::invalid("role", format!("'{text}' is not a role")).with("allowed", allowed)
        })
    }
}

/// An authenticated caller, or the house itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// User, creator or service; `None` for an anonymous caller.
    pub id: Option<Uuid>,
    /// What a login stands for when that is not the user itself: the creator whose deals it
    /// sees. A grant of "own" covers what belongs to this.
    pub subject: Option<Uuid>,
    /// The name that audit and timeline show.
    pub name: String,
    /// What the caller is allowed to be.
    pub roles: Vec<Role>,
    /// The session of the house that the caller speaks in; what he holds open ends with it.
    pub session: Option<Uuid>,
}

impl Principal {
    /// The house itself: jobs, relays and other work without a person.
    pub fn system() -> Self {
        Self::of_house("system", Role::Service)
    }

    /// A part of the house that works under a name of its own.
    pub fn of_house(name: &str, role: Role) -> Self {
        Self { id: None, subject: None, name: name.into(), roles: vec![role], session: None }
    }

    /// Nobody in particular.
    pub fn anonymous() -> Self {
        let name = "anonymous".into();
        Self { id: None, subject: None, name, roles: Vec::new(), session: None }
    }

    /// What belongs to this caller belongs to this.
    pub fn owner(&self) -> Option<Uuid> {
        self.subject.or(self.id)
    }

    /// True when the caller holds `role`.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
