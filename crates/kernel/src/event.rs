//! The envelope that carries every public event from the outbox to its readers.

use serde::{Deserialize, Serialize};

use crate::ids::Uuid;
use crate::time::Timestamp;
use crate::trace::Trace;

/// One public event on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope {
    /// Identifies the event; readers deduplicate by it.
    pub id: Uuid,
    /// Name and topic: `offer.created`.
    pub topic: String,
    /// Schema version of the payload.
    pub version: i64,
    /// What it happened to; the key on the bus.
    pub aggregate: Uuid,
    /// Gap-free per aggregate, from 1.
    pub aggregate_version: i64,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Who did it, as timeline and audit show it.
    pub actor: String,
    /// The span in which it was emitted, when there is one.
    pub trace: Option<Trace>,
    /// Request identifier, when there is one.
    pub request: Option<String>,
    /// The payload, in the JSON form of its Avro schema.
    pub payload: serde_json::Value,
}
