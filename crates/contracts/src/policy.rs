//! The public event of the policy: what was decided, in batches. Topic = event name; key = the
//! log of one process; times are microseconds. Schema: `schemas/policy.decisions`.

use serde::{Deserialize, Serialize};

/// One decision of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyDecision {
    /// Identifies the decision; later ones sort behind.
    pub id: String,
    /// When it was made.
    pub at: i64,
    /// Who asked, by name.
    pub actor: String,
    /// The roles held.
    pub roles: Vec<String>,
    /// What was asked for: `offers.accept`.
    pub action: String,
    /// `allow`, `deny`, or `error` when the policy could not be asked.
    pub result: String,
    /// `all`, `own` or `none`.
    pub scope: String,
    /// sha256 of the input that the policy got.
    pub input_sha256: String,
    /// Revision of the policy that answered.
    pub revision: String,
    /// `embedded`, `opa`, or `off` when policy is switched off.
    pub engine: String,
    /// Microseconds the answer took.
    pub micros: i64,
    /// The request it belongs to.
    pub request_id: Option<String>,
}

/// Decisions of one process, in the order they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyDecisions {
    /// Identifies the event.
    pub event_id: String,
    /// The log of one process.
    pub log_id: String,
    /// When the batch was written.
    pub occurred_at: i64,
    /// The decisions.
    pub decisions: Vec<PolicyDecision>,
}

impl PolicyDecisions {
    /// Event name and topic.
    pub const TOPIC: &'static str = "policy.decisions";
    /// Version of the schema this type writes.
    pub const VERSION: i64 = 1;
}
