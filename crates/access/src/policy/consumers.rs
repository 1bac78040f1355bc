//! Batches of decisions, of every process, become rows that people can look through.

use std::sync::Arc;

use contracts::policy::PolicyDecisions;
use kernel::Error;
use platform::inbox::{Consumer, Order};

use super::store;

const TOPICS: &[&str] = &[PolicyDecisions::TOPIC];

/// What policy consumes: its own decisions, kept for `days`.
pub fn consumers(days: i64) -> Vec<Consumer> {
    let project = Consumer {
        name: "access.policy.decisions",
        topics: TOPICS,
        order: Order::Any,
        handle: Arc::new(move |tx, cx, event| {
            let batch: PolicyDecisions = serde_json::from_value(event.payload.clone())
                .map_err(|e| Error::internal("a batch of decisions").caused_by(e))?;
            store::insert(tx, &batch.decisions)?;
            store::forget(tx, cx.clock.now().plus_days(-days))?;
            Ok(())
        }),
    };
    vec![project]
}
