//! How far behind: what consumers have not seen, and how old an event is when it arrives.

use kernel::Timestamp;

/// Messages that a consumer of this process has before it.
#[expect(clippy::cast_precision_loss, reason = "a gauge; nobody counts money with it")]
pub(super) fn record(consumer: &'static str, messages: i64) {
    metrics::gauge!("kontor_bus_lag_messages", "consumer" => consumer).set(messages as f64);
}

/// Time from the commit of an event to the commit of what a consumer made of it.
#[expect(clippy::cast_precision_loss, clippy::float_arithmetic, reason = "a histogram of seconds")]
pub(super) fn arrived(consumer: &'static str, occurred: Timestamp, now: Timestamp) {
    let seconds = now.micros().saturating_sub(occurred.micros()).max(0) as f64 / 1e6;
    metrics::histogram!("kontor_bus_delivery_seconds", "consumer" => consumer).record(seconds);
}
