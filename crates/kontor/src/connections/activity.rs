//! What a connection does: how many of its requests are worked on, since when something of an
//! answer lies there untaken, and since when there is nothing of either.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

/// An answer is handed on in pieces of so many bytes: HTTP/2 keeps what it was handed until the
/// client takes it, and hands on nothing while the client takes none.
const PIECE: usize = 64 * 1024;

/// Shared by a connection and its requests.
#[derive(Clone)]
pub(super) struct Activity(Arc<Mutex<State>>);

struct State {
    /// Requests whose answer has not begun; the front door has a deadline for them.
    asked: usize,
    /// Answers under way: since when what was handed on of each lies there, or nothing while the
    /// client waits for us.
    answers: HashMap<u64, Option<Instant>>,
    /// The number of the next answer.
    next: u64,
    /// When the last thing ended, or the connection began.
    since: Instant,
}

impl State {
    /// For how long nothing has happened that a client must do.
    fn quiet(&self) -> Duration {
        let lying = self.answers.values().flatten();
        let stalled = lying.map(Instant::elapsed).max().unwrap_or_default();
        let idle = self.asked == 0 && self.answers.is_empty();
        if idle { self.since.elapsed() } else { stalled }
    }
}

/// A request that is worked on until this is dropped.
pub(super) struct UnderWay(Activity);

impl Activity {
    pub(super) fn begin() -> Self {
        Self(Arc::new(Mutex::new(State {
            asked: 0,
            answers: HashMap::new(),
            next: 0,
            since: platform::clock::instant(),
        })))
    }

    pub(super) fn request(&self) -> UnderWay {
        self.state().asked += 1;
        UnderWay(self.clone())
    }

    /// Waits until nothing was under way for `silence`, or nothing of an answer was taken for so
    /// long: one answer that is left lying ends the connection, whatever else it asks for.
    pub(super) async fn silent_for(&self, silence: Duration) {
        loop {
            let quiet = self.state().quiet();
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
    /// The answer is under way until the client has it, or goes.
    pub(super) fn until_sent(self, response: Response) -> Response {
        let number = {
            let mut state = self.0.state();
            let number = state.next;
            state.next += 1;
            state.answers.insert(number, Some(platform::clock::instant()));
            number
        };
        let activity = self.0.clone();
        drop(self);
        response.map(|body| Body::new(Answer { body, rest: Bytes::new(), activity, number }))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.asked -= 1;
        state.since = platform::clock::instant();
    }
}

/// The body of an answer, which says whether the client waits for it or it for the client.
struct Answer {
    body: Body,
    /// What was made already and is not handed on yet.
    rest: Bytes,
    activity: Activity,
    number: u64,
}

impl Answer {
    fn piece(&mut self) -> Frame<Bytes> {
        let count = self.rest.len().min(PIECE);
        Frame::data(self.rest.split_to(count))
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let number = self.number;
        // Whoever asks for more has taken what there was.
        self.activity.state().answers.insert(number, None);
        if self.rest.is_empty() {
            let next = ready!(Pin::new(&mut self.body).poll_frame(cx));
            match next.map(|made| made.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(e)) => return Poll::Ready(Some(Err(e))),
                None => return Poll::Ready(None),
            }
        }
        self.activity.state().answers.insert(number, Some(platform::clock::instant()));
        Poll::Ready(Some(Ok(self.piece())))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (made, mut hint) = (self.rest.len() as u64, self.body.size_hint());
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(made));
        }
        hint.set_lower(hint.lower().saturating_add(made));
        hint
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        state.answers.remove(&self.number);
        state.since = platform::clock::instant();
    }
}
