//! One process behind the gateway: its address, and whether it is worth asking.
//!
//! The circuit breaker: five failures in a row open it for three seconds; then one request may
//! try. A process that says it is about to stop gets nothing new for a while.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use kernel::Timestamp;

/// Failures in a row that open the circuit.
const FAILURES: u32 = 5;
const OPEN_MS: i64 = 3_000;
/// A process that drains has stopped, or is a new one, after this.
const DRAINING_MS: i64 = 10_000;

/// How requests are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// The protocol and `host:port` of an upstream's address.
pub(super) fn address(text: &str) -> Option<(Protocol, &str)> {
    let (protocol, rest) = if let Some(rest) = text.strip_prefix("http://") {
        (Protocol::Http1, rest)
    } else {
        (Protocol::Http2, text.strip_prefix("h2c://")?)
    };
    let authority = rest.trim_end_matches('/');
    let sane = !authority.is_empty() && !authority.contains(['/', '?', '#', '@']);
    sane.then_some((protocol, authority))
}

/// One upstream.
#[derive(Debug)]
pub(super) struct Upstream {
    pub(super) protocol: Protocol,
    pub(super) authority: String,
    failures: AtomicU32,
    /// Microseconds until which nothing is sent; 0 when the circuit is closed.
    open_until: AtomicI64,
    draining_until: AtomicI64,
}

impl Upstream {
    pub(super) fn new(text: &str) -> Option<Self> {
        let (protocol, authority) = address(text)?;
        Some(Self {
            protocol,
            authority: authority.to_owned(),
            failures: AtomicU32::new(0),
            open_until: AtomicI64::new(0),
            draining_until: AtomicI64::new(0),
        })
    }

    /// Whether a request may be sent now. Of an open circuit whose time is over, one caller at a
    /// time is told yes.
    pub(super) fn may_try(&self, now: Timestamp) -> bool {
        let until = self.open_until.load(Ordering::Relaxed);
        if until == 0 {
            return true;
        }
        let again = now.plus_ms(OPEN_MS).micros();
        until <= now.micros()
            && self
                .open_until
                .compare_exchange(until, again, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Which is asked first: 0 for one that stays; of those that said that they are about to stop
    /// the one that said it first, because it may be back.
    pub(super) fn rank(&self, now: Timestamp) -> i64 {
        let until = self.draining_until.load(Ordering::Relaxed);
        if until > now.micros() { until } else { 0 }
    }

    /// It is there and stays, whatever it said before.
    pub(super) fn stays(&self) {
        self.draining_until.store(0, Ordering::Relaxed);
    }

    pub(super) fn answered(&self) {
        self.failures.store(0, Ordering::Relaxed);
        self.open_until.store(0, Ordering::Relaxed);
    }

    /// Counts a failure; true when it opened the circuit.
    pub(super) fn failed(&self, now: Timestamp) -> bool {
        let opens = self.failures.fetch_add(1, Ordering::Relaxed) + 1 == FAILURES;
        if opens {
            self.open_until.store(now.plus_ms(OPEN_MS).micros(), Ordering::Relaxed);
        }
        opens
    }

    pub(super) fn says_it_drains(&self, now: Timestamp) {
        self.draining_until.store(now.plus_ms(DRAINING_MS).micros(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_open_and_one_probe_closes() {
        let up = Upstream::new("http://a:1").unwrap();
        let now = Timestamp(1_000_000_000);
        assert!((0..4).all(|_| !up.failed(now)), "four are not enough");
        assert!(up.may_try(now));
        assert!(up.failed(now));
        assert!(!up.may_try(now));
        let later = now.plus_ms(OPEN_MS);
        assert!(up.may_try(later), "one may try");
        assert!(!up.may_try(later), "but only one");
        up.answered();
        assert!(up.may_try(later));
    }

    #[test]
    fn one_that_stops_is_asked_last_until_it_is_back() {
        let [stays, first, second] =
            ["http://a:1", "http://b:1", "http://c:1"].map(|url| Upstream::new(url).unwrap());
        let now = Timestamp(1_000_000_000);
        first.says_it_drains(now);
        second.says_it_drains(now.plus_ms(500));
        let later = now.plus_ms(600);
        assert!(stays.rank(later) < first.rank(later) && first.rank(later) < second.rank(later));
        second.stays();
        assert_eq!(second.rank(later), 0);
        assert_eq!(first.rank(now.plus_ms(DRAINING_MS)), 0, "by then it is a new one");
    }

    #[test]
    fn addresses_are_plain() {
        assert_eq!(address("http://a:1/"), Some((Protocol::Http1, "a:1")));
        assert_eq!(address("h2c://a:1"), Some((Protocol::Http2, "a:1")));
        for wrong in ["https://a", "http://", "http://a/b", "http://u@a", "a:1"] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }
}
