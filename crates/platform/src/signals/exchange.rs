//! What processes of one house tell each other beside the database: counters, live messages,
//! who is here. Nothing of it is the truth: it may be lost, and everybody who uses it says what
//! happens then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use kernel::Timestamp;
use tokio::sync::broadcast;

/// Messages that a slow receiver may be behind before it misses some.
const BEHIND: usize = 4_096;
/// How long somebody is here after saying so, seconds.
pub const PRESENT_SECONDS: i64 = 45;

/// What is talked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Bells, see [`super::Bell`].
    Bells,
    /// Placed events, for the hubs.
    Log,
    /// Sessions that have ended.
    Sessions,
}

impl Channel {
    pub(super) const ALL: [Self; 3] = [Self::Bells, Self::Log, Self::Sessions];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bells => "bells",
            Self::Log => "log",
            Self::Sessions => "sessions",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// The port.
#[async_trait]
pub trait Exchange: Send + Sync {
    /// How it is called in logs and by `kontor doctor`.
    fn name(&self) -> &'static str;

    /// Whether other processes are reached through it.
    fn is_shared(&self) -> bool;

    /// Counts one under `key` in the window of `seconds` that `now` lies in; answers how many
    /// there were, this one included. When the shared counter is away this process counts alone:
    /// limits are then as many times higher as there are processes, and nobody is shut out.
    async fn count(&self, key: &str, seconds: i64, now: Timestamp) -> u64;

    /// Tells everybody who listens, in every process. It may be lost.
    fn publish(&self, channel: Channel, text: String);

    /// What is told from now on.
    fn subscribe(&self, channel: Channel) -> broadcast::Receiver<Arc<str>>;

    /// Says that `who` is in `room` for the next [`PRESENT_SECONDS`].
    async fn arrive(&self, room: &str, who: &str, now: Timestamp);

    /// Who is in `room`, by name. When the shared list is away: who is here in this process.
    async fn present(&self, room: &str, now: Timestamp) -> Vec<String>;
}

/// Everything in this process.
pub struct Local {
    /// By the length of their window in seconds.
    counts: Mutex<HashMap<i64, Counts>>,
    rooms: Mutex<HashMap<String, HashMap<String, Timestamp>>>,
    channels: [broadcast::Sender<Arc<str>>; 3],
}

impl Default for Local {
    fn default() -> Self {
        Self {
            counts: Mutex::default(),
            rooms: Mutex::default(),
            channels: std::array::from_fn(|_| broadcast::channel(BEHIND).0),
        }
    }
}

/// The callers of one window; those of the one before are forgotten at once.
#[derive(Default)]
struct Counts {
    window: i64,
    of: HashMap<String, u64>,
}

impl Local {
    pub(super) fn count_here(&self, key: &str, seconds: i64, now: Timestamp) -> u64 {
        let window = window(seconds, now);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = counts.entry(seconds).or_default();
        if counts.window != window {
            *counts = Counts { window, of: HashMap::new() };
        }
        let count = counts.of.entry(key.to_owned()).or_insert(0);
        *count += 1;
        *count
    }

    pub(super) fn tell(&self, channel: Channel, text: Arc<str>) {
        // Nobody listening is no error.
        let _nobody = self.channels[channel as usize].send(text);
    }

    pub(super) fn arrive_here(&self, room: &str, who: &str, now: Timestamp) {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.entry(room.to_owned()).or_default().insert(who.to_owned(), now);
    }

    pub(super) fn present_here(&self, room: &str, now: Timestamp) -> Vec<String> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(room) = rooms.get_mut(room) else { return Vec::new() };
        room.retain(|_, at| at.plus_ms(PRESENT_SECONDS * 1_000) > now);
        let mut names: Vec<String> = room.keys().cloned().collect();
        names.sort();
        names
    }
}

/// The number of the window of `seconds` that `now` lies in.
pub(super) fn window(seconds: i64, now: Timestamp) -> i64 {
    now.micros().div_euclid(1_000_000).div_euclid(seconds.max(1))
}

#[async_trait]
impl Exchange for Local {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn is_shared(&self) -> bool {
        false
    }

    async fn count(&self, key: &str, seconds: i64, now: Timestamp) -> u64 {
        self.count_here(key, seconds, now)
    }

    fn publish(&self, channel: Channel, text: String) {
        self.tell(channel, text.into());
    }

    fn subscribe(&self, channel: Channel) -> broadcast::Receiver<Arc<str>> {
        self.channels[channel as usize].subscribe()
    }

    async fn arrive(&self, room: &str, who: &str, now: Timestamp) {
        self.arrive_here(room, who, now);
    }

    async fn present(&self, room: &str, now: Timestamp) -> Vec<String> {
        self.present_here(room, now)
    }
}
