//! A browser that keeps looking: one stream of events, continued with `Last-Event-ID` whenever a
//! server dies.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tests::api::Api;
use tests::stream::Stream;
use tokio::task::JoinHandle;

use crate::check::must;
use crate::deal::Deal;

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
}

/// The seen events and the task that still watches.
pub(crate) struct Watch {
    seen: Arc<Mutex<Seen>>,
}

/// Watches for ever.
pub(crate) fn watch(api: Api) -> (Watch, JoinHandle<()>) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let into = Arc::clone(&seen);
    let task = tokio::spawn(async move {
        // From the very beginning: the first deal may be faster than the first connection.
        let mut last = Some(0);
        loop {
            if let Some(mut stream) = Stream::try_open(&api, last).await {
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
    pub(crate) async fn check(&self, deals: &[Deal]) -> Result<usize, String> {
        for _ in 0..200 {
            if self.count("OFFER_RECEIPT_GENERATED") >= deals.len() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let seen = self.seen.lock().map_err(|e| e.to_string())?;
        let placed: Vec<_> = seen.events.iter().filter(|e| e.0 > 0).collect();
        for pair in placed.windows(2) {
            let (a, b) = (pair[0].0, pair[1].0);
            must(b == a + 1, || format!("position {a} was followed by {b}"))?;
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

    fn count(&self, event: &str) -> usize {
        self.seen.lock().map_or(0, |s| s.events.iter().filter(|e| e.1 == event).count())
    }
}
