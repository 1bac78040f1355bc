//! What a connection does: how many of its requests are under way, and since when there is none.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::response::Response;
use http_body_util::BodyExt as _;

/// Shared by a connection and its requests.
#[derive(Clone)]
pub(super) struct Activity(Arc<Mutex<State>>);

struct State {
    under_way: usize,
    /// When the last one ended, or the connection began.
    since: Instant,
}

/// A request that is under way until this is dropped.
pub(super) struct UnderWay(Activity);

impl Activity {
    pub(super) fn begin() -> Self {
        Self(Arc::new(Mutex::new(State { under_way: 0, since: platform::clock::instant() })))
    }

    pub(super) fn request(&self) -> UnderWay {
        self.state().under_way += 1;
        UnderWay(self.clone())
    }

    /// Waits until nothing was under way for `silence`.
    pub(super) async fn silent_for(&self, silence: Duration) {
        loop {
            let quiet = {
                let state = self.state();
                if state.under_way > 0 { Duration::ZERO } else { state.since.elapsed() }
            };
            if quiet >= silence {
                return;
            }
            tokio::time::sleep(silence - quiet).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    /// The request is under way until the client has its answer, or goes.
    pub(super) fn until_sent(self, response: Response) -> Response {
        response.map(|body| {
            Body::new(body.map_err(move |e| {
                let _until_the_body_is_gone = &self;
                e
            }))
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way -= 1;
        state.since = platform::clock::instant();
    }
}
