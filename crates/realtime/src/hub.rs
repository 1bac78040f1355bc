//! One reader of the log per process; every connection gets a copy.

use std::sync::Arc;
use std::time::Duration;

use kernel::Error;
use platform::House;
use platform::db::DbError;
use platform::outbox::{self, Placed};
use platform::signals::{Bell, Channel};
use tokio::sync::{broadcast, watch};

/// Events that a slow connection may be behind before it is closed.
const BEHIND: usize = 1_024;
const BATCH: u32 = 500;

/// The hub of one process.
pub struct Hub {
    sender: broadcast::Sender<Arc<Placed>>,
    /// The position that was handed on last; `None` until the log was read for the first time.
    /// Kept outside the loop, so that a loop that is started again leaves no gap.
    at: watch::Sender<Option<i64>>,
    stopping: watch::Sender<bool>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            sender: broadcast::channel(BEHIND).0,
            at: watch::channel(None).0,
            stopping: watch::channel(false).0,
        }
    }
}

impl Hub {
    /// Hands every event on, from the present end of the log. Runs for ever.
    ///
    /// What the exchange tells in its turn is handed on at once; everything else, and a look
    /// once a second, is read from the log.
    pub async fn run(self: Arc<Self>, house: Arc<House>) {
        let mut news = News::of(&house);
        let mut at = self.begin(&house).await;
        loop {
            let read = house.db.read(move |tx| outbox::after(tx, at, BATCH)).await;
            match read.map_err(|e: DbError| Error::from(e)) {
                Ok(events) if events.is_empty() => {
                    while let Some(placed) = news.next(at).await {
                        at = self.hand_on(placed);
                    }
                }
                Ok(events) => {
                    for event in events {
                        at = self.hand_on(event);
                    }
                }
                Err(e) => {
                    tracing::warn!(error = %e, "the hub cannot read the log");
                    platform::tasks::sleep_ms(500).await;
                }
            }
        }
    }

    fn hand_on(&self, placed: Placed) -> i64 {
        let at = placed.position;
        // Nobody listening is no error.
        let _nobody = self.sender.send(Arc::new(placed));
        self.at.send_replace(Some(at));
        at
    }

    /// Where the loop begins: where it was, or at the end of the log.
    async fn begin(&self, house: &House) -> i64 {
        if let Some(at) = *self.at.borrow() {
            return at;
        }
        loop {
            match house.db.read(outbox::head).await {
                Ok(head) => {
                    self.at.send_replace(Some(head));
                    return head;
                }
                Err(e) => {
                    let e: DbError = e;
                    tracing::warn!(error = %e, "the hub cannot read the log");
                    platform::tasks::sleep_ms(500).await;
                }
            }
        }
    }

    /// Events from now on. Waits until the hub knows its place in the log: what comes after that
    /// place is handed on, what comes before is there to be read, and nothing is in between.
    pub async fn subscribe(&self) -> broadcast::Receiver<Arc<Placed>> {
        let mut at = self.at.subscribe();
        // The sender lives as long as the hub.
        let _begun = at.wait_for(Option::is_some).await;
        self.sender.subscribe()
    }

    /// Fires when the server stops: connections say goodbye.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Tells every connection that the server stops.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }
}

/// How the hub learns that there is something.
enum News {
    /// A bell: the log has it.
    Bell(watch::Receiver<u64>),
    /// The events themselves, from the process that read them.
    Told(broadcast::Receiver<Arc<str>>),
}

impl News {
    fn of(house: &House) -> Self {
        if house.exchange.is_shared() {
            Self::Told(house.exchange.subscribe(Channel::Log))
        } else {
            Self::Bell(house.db.signals().listen(Bell::Positions))
        }
    }

    /// The event after `at` when it was told; `None` when it is time to look at the log.
    async fn next(&mut self, at: i64) -> Option<Placed> {
        let look = tokio::time::sleep(Duration::from_secs(1));
        tokio::pin!(look);
        loop {
            let text = match self {
                Self::Bell(bell) => {
                    tokio::select! { _ = bell.changed() => {} () = &mut look => {} }
                    return None;
                }
                Self::Told(told) => tokio::select! {
                    text = told.recv() => text.ok()?,
                    () = &mut look => return None,
                },
            };
            let placed: Placed = serde_json::from_str(&text).ok()?;
            if placed.position == at + 1 {
                return Some(placed);
            }
            if placed.position > at + 1 {
                return None;
            }
        }
    }
}
