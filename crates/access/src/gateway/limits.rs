//! Rate limits: requests per minute and caller, counted in process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kernel::Timestamp;

/// Counts of the running minute.
#[derive(Default)]
pub(super) struct Limiter {
    counts: Mutex<(i64, HashMap<String, u32>)>,
}

/// Where a caller stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) allowed: bool,
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Seconds until the minute is over.
    pub(super) reset: i64,
}

impl Limiter {
    /// Counts one request of `caller`.
    pub(super) fn count(&self, caller: &str, limit: u32, now: Timestamp) -> Standing {
        let second = now.micros().div_euclid(1_000_000);
        let minute = second.div_euclid(60);
        let mut guard = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if guard.0 != minute {
            *guard = (minute, HashMap::new());
        }
        let used = guard.1.entry(caller.to_owned()).or_insert(0);
        *used = used.saturating_add(1);
        Standing {
            allowed: *used <= limit,
            limit,
            remaining: limit.saturating_sub(*used),
            reset: 60 - second.rem_euclid(60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_limited_and_the_next_minute_is_new() {
        let limiter = Limiter::default();
        let now = Timestamp(120_000_000);
        assert!(limiter.count("a", 2, now).allowed);
        assert!(limiter.count("a", 2, now).allowed);
        let third = limiter.count("a", 2, now);
        assert_eq!((third.allowed, third.remaining, third.reset), (false, 0, 60));
        assert!(limiter.count("b", 2, now).allowed, "others are not touched");
        assert!(limiter.count("a", 2, now.plus_ms(60_000)).allowed);
    }
}
