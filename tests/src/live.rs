//! A browser that keeps looking: one stream of events, continued with `Last-Event-ID` whenever it
//! ends.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::api::Api;
use crate::deal::{Deal, must};
use crate::stream::Stream;

/// What a paid deal shows, each once.
const EVENTS: [&str; 6] = [
    "OFFER_CREATED",
    "OFFER_VALUATED",
    "OFFER_ACCEPTED",
    "OFFER_PAYOUT_REQUESTED",
    "OFFER_PAYOUT_COMPLETED",
    "OFFER_RECEIPT_GENERATED",
];

/// Events as they came: position, name, offer.
#[derive(Default)]
struct Seen {
    events: Vec<(i64, String, String)>,
    /// How often it was opened.
    opened: usize,
}

/// The seen events and the task that still watches.
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
}

/// Watches for ever what comes after a position.
pub fn watch(api: Api, after: i64) -> (Watch, JoinHandle<()>) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let into = Arc::clone(&seen);
    let task = tokio::spawn(async move {
        // From a known place: the first deal may be faster than the first connection.
        let mut last = Some(after);
        loop {
            if let Some(mut stream) = Stream::try_open(&api, last).await {
                if let Ok(mut seen) = into.lock() {
                    seen.opened += 1;
                }
                while let Some(event) = stream.next().await {
                    last = Some(event.id).filter(|id| *id > 0).or(last);
                    let offer = event.data["offer_id"].as_str().unwrap_or_default().to_owned();
                    if let Ok(mut seen) = into.lock() {
                        seen.events.push((event.id, event.event, offer));
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    (Watch { seen }, task)
}

impl Watch {
    /// Waits until the stream has caught up, then checks that each event came once, in order.
    ///
    /// # Errors
    /// A sentence that says what came twice, too early or never.
    pub async fn check(&self, deals: &[Deal]) -> Result<usize, String> {
        for _ in 0..1_200 {
            if self.count("OFFER_RECEIPT_GENERATED") >= deals.len() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let seen = self.seen.lock().map_err(|e| e.to_string())?;
        let placed: Vec<_> = seen.events.iter().filter(|e| e.0 > 0).collect();
        for pair in placed.windows(2) {
            let (a, b) = (pair[0].0, pair[1].0);
            // Between deals' events lie those of others.
            must(b > a, || format!("position {a} was followed by {b}"))?;
        }
        let known: BTreeSet<_> = placed.iter().map(|e| (e.1.as_str(), e.2.as_str())).collect();
        for deal in deals {
            for event in EVENTS {
                let came = known.contains(&(event, deal.offer.as_str()));
                must(came, || format!("{event} of {} never came", deal.offer))?;
            }
        }
        Ok(placed.len())
    }

    /// Waits until it has come to the last of `positions`, then checks that these came, each once
    /// and in order, and nothing else. Answers how often the stream was opened.
    ///
    /// # Errors
    /// A sentence that says which position came twice, too early or never.
    pub async fn exactly(&self, positions: &[i64], within: Duration) -> Result<usize, String> {
        let last = positions.last().copied().unwrap_or(0);
        let came = async {
            while self.placed().last().copied().unwrap_or(0) < last {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        // What is missing is said below.
        let _late = tokio::time::timeout(within, came).await;
        let placed = self.placed();
        for (at, (came, wanted)) in placed.iter().zip(positions).enumerate() {
            must(came == wanted, || {
                format!("event {at} of a stream is at position {came}, in the log at {wanted}")
            })?;
        }
        must(placed.len() == positions.len(), || {
            format!("a stream had {} events of {}", placed.len(), positions.len())
        })?;
        Ok(self.seen.lock().map_or(0, |s| s.opened))
    }

    /// Positions as they came.
    fn placed(&self) -> Vec<i64> {
        let ids = |s: &Seen| s.events.iter().map(|e| e.0).filter(|id| *id > 0).collect();
        self.seen.lock().map_or_else(|_| Vec::new(), |s| ids(&s))
    }

    fn count(&self, event: &str) -> usize {
        self.seen.lock().map_or(0, |s| s.events.iter().filter(|e| e.1 == event).count())
    }
}
