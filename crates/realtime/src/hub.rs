//! One reader of the log per process; every connection gets a copy.

use std::sync::Arc;
use std::time::Duration;

use kernel::Error;
use platform::House;
use platform::db::DbError;
use platform::outbox::{self, Placed};
use platform::signals::Bell;
use tokio::sync::broadcast;

/// Events that a slow connection may be behind before it is closed.
const BEHIND: usize = 1_024;
const BATCH: u32 = 500;

/// The hub of one process.
pub struct Hub {
    sender: broadcast::Sender<Arc<Placed>>,
    stopping: tokio::sync::watch::Sender<bool>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            sender: broadcast::channel(BEHIND).0,
            stopping: tokio::sync::watch::channel(false).0,
        }
    }
}

impl Hub {
    /// Reads the log from its present end and hands every event on. Runs for ever.
    pub async fn run(self: Arc<Self>, house: Arc<House>) {
        let mut bell = house.db.signals().listen(Bell::Positions);
        let mut at = loop {
            match house.db.read(outbox::head).await {
                Ok(head) => break head,
                Err(e) => {
                    let e: DbError = e;
                    tracing::warn!(error = %e, "the hub cannot read the log");
                    platform::tasks::sleep_ms(500).await;
                }
            }
        };
        loop {
            let read = house.db.read(move |tx| outbox::after(tx, at, BATCH)).await;
            match read.map_err(|e: DbError| Error::from(e)) {
                Ok(events) if events.is_empty() => {
                    let _either =
                        tokio::time::timeout(Duration::from_secs(1), bell.changed()).await;
                }
                Ok(events) => {
                    for event in events {
                        at = event.position;
                        // Nobody listening is no error.
                        let _nobody = self.sender.send(Arc::new(event));
                    }
                }
                Err(e) => {
                    tracing::warn!(error = %e, "the hub cannot read the log");
                    platform::tasks::sleep_ms(500).await;
                }
            }
        }
    }

    /// Events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Placed>> {
        self.sender.subscribe()
    }

    /// Fires when the server stops: connections say goodbye.
    pub fn stopping(&self) -> tokio::sync::watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Tells every connection that the server stops.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }
}
