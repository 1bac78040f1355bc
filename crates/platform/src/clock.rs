//! The system's clock and identifiers, and their fixed and seeded stand-ins.
#![expect(clippy::disallowed_methods, reason = "this file is where the house asks the world")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use kernel::ids::Uuid;
use kernel::{Clock, Ids, Timestamp};
use rand::{Rng, SeedableRng};

/// The operating system's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A monotonic reading, for durations only.
pub fn instant() -> Instant {
    Instant::now()
}

/// The moment that an HTTP `Date` header says (RFC 9110, 5.6.7).
pub fn http_date(text: &str) -> Option<Timestamp> {
    let parsed = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Timestamp(parsed.timestamp().as_microsecond()))
}

/// UUIDv7 from the system's clock and randomness.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// `N` random bytes from the operating system's generator, for secrets.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A clock that moves only when told, for tests and simulations.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that stands at `at`.
    pub const fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Moves it forward by `ms` milliseconds.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms * 1_000, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Identifiers from a seed: the same seed gives the same identifiers in the same order.
#[derive(Debug)]
pub struct SeededIds(Mutex<(u64, rand::rngs::StdRng)>);

impl SeededIds {
    /// Starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new((0, rand::rngs::StdRng::seed_from_u64(seed))))
    }
}

impl Ids for SeededIds {
    fn next(&self) -> Uuid {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.0 += 1;
        let ms = 1_700_000_000_000 + state.0;
        let mut random = [0; 10];
        state.1.fill_bytes(&mut random);
        uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
    }
}
