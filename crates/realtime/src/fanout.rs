//! From the log to every hub by the exchange: one process reads, all hubs hear.
//!
//! A message may be lost: hubs notice by the position of the next one, or by their own look at
//! the log every second, and read what is missing.

use std::sync::Arc;
use std::time::Duration;

use platform::House;
use platform::db::DbError;
use platform::outbox;
use platform::signals::{Bell, Channel};

const BATCH: u32 = 500;

/// Tells every hub what the relay placed. Runs for ever.
pub async fn fan_out(house: Arc<House>) {
    let mut bell = house.db.signals().listen(Bell::Positions);
    let mut at = None;
    loop {
        let from = at;
        let read = move |tx: &mut platform::db::Tx<'_>| match from {
            None => Ok((outbox::head(tx)?, Vec::new())),
            Some(from) => Ok((from, outbox::after(tx, from, BATCH)?)),
        };
        let found: Result<_, DbError> = house.db.read(read).await;
        match found {
            Ok((begun, events)) => {
                at = Some(events.last().map_or(begun, |p| p.position));
                for placed in &events {
                    if let Ok(text) = serde_json::to_string(placed) {
                        house.exchange.publish(Channel::Log, text);
                    }
                }
                if events.is_empty() {
                    let _either =
                        tokio::time::timeout(Duration::from_secs(1), bell.changed()).await;
                }
            }
            Err(e) => {
                tracing::warn!(error = %e, "the log cannot be read for the hubs");
                platform::tasks::sleep_ms(500).await;
            }
        }
    }
}
