//! Rate limits: requests per minute and caller, counted by the house's exchange: in this
//! process, or in Redis for all of them.

use kernel::Timestamp;
use platform::signals::Exchange;

const MINUTE: i64 = 60;

/// Where a caller stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) allowed: bool,
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Seconds until the minute is over.
    pub(super) reset: i64,
}

/// Counts one request of `caller`.
pub(super) async fn count(
    exchange: &dyn Exchange,
    caller: &str,
    limit: u32,
    now: Timestamp,
) -> Standing {
    let used = exchange.count(&format!("rate:{caller}"), MINUTE, now).await;
    let used = u32::try_from(used).unwrap_or(u32::MAX);
    let second = now.micros().div_euclid(1_000_000);
    Standing {
        allowed: used <= limit,
        limit,
        remaining: limit.saturating_sub(used),
        reset: MINUTE - second.rem_euclid(MINUTE),
    }
}

#[cfg(test)]
mod tests {
    use platform::signals::Local;

    use super::*;

    #[tokio::test]
    async fn a_caller_is_limited_and_the_next_minute_is_new() {
        let counters = Local::default();
        let now = Timestamp(120_000_000);
        assert!(count(&counters, "a", 2, now).await.allowed);
        assert!(count(&counters, "a", 2, now).await.allowed);
        let third = count(&counters, "a", 2, now).await;
        assert_eq!((third.allowed, third.remaining, third.reset), (false, 0, 60));
        assert!(count(&counters, "b", 2, now).await.allowed, "others are not touched");
        assert!(count(&counters, "a", 2, now.plus_ms(60_000)).await.allowed);
    }
}
