//! The doorbell: tells waiting tasks that there is something to do, so that nobody polls hard.
//!
//! A bell carries no data and may be lost; every listener also looks on a slow timer. In one
//! process it is a counter per bell; processes that share PostgreSQL pass it on by
//! `LISTEN`/`NOTIFY` (`db::postgres`), or by Redis when one is configured ([`Redis`]), which also
//! carries counters, live messages and presence ([`exchange`]).

pub mod exchange;
mod redis;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use kernel::{Clock, Error};
use serde::Deserialize;

use tokio::sync::{Notify, watch};

pub use exchange::{Channel, Exchange, Local};
pub use redis::Redis;

/// Settings of the signals.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Empty: in process, and `LISTEN`/`NOTIFY` on PostgreSQL; `redis://host:port/database`.
    pub url: String,
    /// Put before every key and channel, so that two houses can share a Redis.
    pub prefix: String,
}

impl Config {
    /// The Redis that is configured, if one is; nothing is contacted yet.
    ///
    /// # Errors
    /// `Invalid` when the URL is wrong.
    pub fn redis(&self, clock: Arc<dyn Clock>) -> Result<Option<Arc<Redis>>, Error> {
        if self.url.is_empty() {
            return Ok(None);
        }
        Redis::open(&self.url, &self.prefix, clock).map(|r| Some(Arc::new(r)))
    }
}

/// What somebody may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bell {
    /// A row was added to the outbox.
    Outbox,
    /// The relay gave positions: readers may go on.
    Positions,
    /// A job was queued.
    Jobs,
}

impl Bell {
    pub(crate) const ALL: [Self; 3] = [Self::Outbox, Self::Positions, Self::Jobs];

    /// The word sent to other processes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Positions => "positions",
            Self::Jobs => "jobs",
        }
    }

    /// Reads [`Bell::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.name() == name)
    }
}

/// The bells of one process.
pub struct Signals {
    bells: [watch::Sender<u64>; 3],
    pending: Mutex<BTreeSet<Bell>>,
    wake: Notify,
    carried: std::sync::atomic::AtomicBool,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            bells: std::array::from_fn(|_| watch::Sender::new(0)),
            pending: Mutex::default(),
            wake: Notify::new(),
            carried: std::sync::atomic::AtomicBool::new(false),
        }
    }
}

impl Signals {
    /// Rings in this process, and in the others when somebody carries bells.
    pub fn ring(&self, bell: Bell) {
        self.heard(bell);
        if self.carried.load(std::sync::atomic::Ordering::Relaxed) {
            self.pending.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(bell);
            self.wake.notify_one();
        }
    }

    /// Rings each.
    pub fn ring_all(&self, bells: &BTreeSet<Bell>) {
        for bell in bells {
            self.ring(*bell);
        }
    }

    /// A ring that came from another process: wakes listeners here only.
    pub fn heard(&self, bell: Bell) {
        self.bells[bell as usize].send_modify(|n| *n = n.wrapping_add(1));
    }

    /// Waits for rings of `bell` from now on.
    pub fn listen(&self, bell: Bell) -> watch::Receiver<u64> {
        self.bells[bell as usize].subscribe()
    }

    /// What this process rang, for whoever carries it to the others.
    pub fn outgoing(&self) -> Outgoing<'_> {
        self.carried.store(true, std::sync::atomic::Ordering::Relaxed);
        Outgoing { signals: self }
    }
}

/// A stream of rung bells, each at most once per take.
pub struct Outgoing<'s> {
    signals: &'s Signals,
}

impl Outgoing<'_> {
    /// Waits until something was rung, then takes it all.
    pub async fn next(&mut self) -> BTreeSet<Bell> {
        loop {
            let taken = std::mem::take(
                &mut *self
                    .signals
                    .pending
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner),
            );
            if !taken.is_empty() {
                return taken;
            }
            self.signals.wake.notified().await;
        }
    }
}
