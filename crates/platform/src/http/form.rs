//! A form with a file (`multipart/form-data`), read as a stream. The parser keeps the head of a
//! part until it is whole, and whatever the client has ready behind it; both have a bound here.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body as Raw, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use futures::Stream;
use kernel::{Error, Kind};

/// Bytes that a head of a part, with all parts before it that nobody asked for, may have.
const MOST_OF_HEAD: u64 = 64 << 10;
/// In place of a number of bytes: what is read now is the content of a part.
const CONTENT: u64 = u64::MAX;

/// The form of a request.
pub struct Form {
    inner: Multipart,
    /// Bytes read while a head is looked for, or [`CONTENT`].
    head: Arc<AtomicU64>,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = super::ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, super::ApiError> {
        let head = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&head);
        let request = request.map(|body| {
            let inner = body.into_data_stream();
            Raw::from_stream(Paced { inner, head: counted, paused: true })
        });
        let inner = Multipart::from_request(request, state).await.map_err(|_| {
            Error::new(
                Kind::Malformed,
                "malformed_form",
                "send the file as multipart/form-data, in the field 'file'",
            )
        })?;
        Ok(Self { inner, head })
    }
}

impl Form {
    /// The next part of the form. The one before is over, read or not.
    ///
    /// # Errors
    /// `malformed_form` when the body breaks off, is no form, or has a head without an end.
    pub async fn next_field(&mut self) -> Result<Option<Field<'_>>, Error> {
        self.head.store(0, Ordering::Relaxed);
        let head = Arc::clone(&self.head);
        let next = self.inner.next_field().await.map_err(|e| {
            let message = if head.load(Ordering::Relaxed) > MOST_OF_HEAD {
                "what comes before the file is longer than 64 KiB: send the file as the first \
                 part of the form"
            } else {
                "the upload broke off or is no form: send it again"
            };
            Error::new(Kind::Malformed, "malformed_form", message).caused_by(e)
        })?;
        self.head.store(CONTENT, Ordering::Relaxed);
        Ok(next)
    }
}

/// A body that is given out one piece at a time: the parser asks until there is nothing left, and
/// would keep all that a fast client has sent.
struct Paced<S> {
    inner: S,
    head: Arc<AtomicU64>,
    /// The parser has looked at what it has.
    paused: bool,
}

impl<S> Stream for Paced<S>
where
    S: Stream<Item = Result<Bytes, axum::Error>> + Unpin,
{
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.paused {
            self.paused = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let seen = self.head.load(Ordering::Relaxed);
        // A head that is whole is seen before more is asked for.
        if seen != CONTENT && seen > MOST_OF_HEAD {
            let too_long = std::io::Error::other("a head without an end");
            return Poll::Ready(Some(Err(axum::Error::new(too_long))));
        }
        let next = Pin::new(&mut self.inner).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &next {
            self.paused = false;
            if seen != CONTENT {
                self.head.store(seen + bytes.len() as u64, Ordering::Relaxed);
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::CONTENT_TYPE;
    use futures::StreamExt as _;

    use super::*;

    /// A request whose body comes in these pieces; says how many were taken.
    fn request(pieces: Vec<Vec<u8>>) -> (Request, Arc<AtomicU64>) {
        let taken = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&taken);
        let pieces = futures::stream::iter(pieces).map(move |piece| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(piece)
        });
        let request = Request::builder()
            .header(CONTENT_TYPE, "multipart/form-data; boundary=XX")
            .body(Raw::from_stream(pieces))
            .unwrap();
        (request, taken)
    }

    const HEAD: &[u8] = b"--XX\r\nContent-Disposition: form-data; name=\"file\"\r\nX-Pad: ";

    #[tokio::test]
    async fn a_head_without_an_end_is_refused_before_it_is_kept() {
        let mut pieces = vec![HEAD.to_vec()];
        pieces.extend(std::iter::repeat_n(vec![b'a'; 16 << 10], 1_000));
        let (request, taken) = request(pieces);
        let mut form = Form::from_request(request, &()).await.unwrap();
        let refused = form.next_field().await.err().unwrap();
        assert!(refused.message.contains("64 KiB"), "{}", refused.message);
        assert!(taken.load(Ordering::Relaxed) < 10, "{taken:?} pieces were taken");
    }

    #[tokio::test]
    async fn parts_that_nobody_wants_have_the_same_bound() {
        let mut other = b"--XX\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n".to_vec();
        other.extend(vec![b'a'; 8 << 10]);
        let (request, taken) =
            request(std::iter::once(other).chain(vec![vec![b'a'; 16 << 10]; 1_000]).collect());
        let mut form = Form::from_request(request, &()).await.unwrap();
        assert_eq!(form.next_field().await.unwrap().unwrap().name(), Some("x"));
        assert!(form.next_field().await.is_err());
        assert!(taken.load(Ordering::Relaxed) < 12, "{taken:?} pieces were taken");
    }

    #[tokio::test]
    async fn a_file_is_handed_on_as_it_comes_and_not_kept() {
        let mut pieces = vec![[HEAD, b"\r\n\r\n"].concat()];
        pieces.extend(std::iter::repeat_n(vec![b'a'; 64 << 10], 30));
        pieces.push(b"\r\n--XX--\r\n".to_vec());
        let (request, taken) = request(pieces);
        let mut form = Form::from_request(request, &()).await.unwrap();
        let mut field = form.next_field().await.unwrap().unwrap();
        let (mut size, mut most_ahead) = (0, 0);
        while let Some(chunk) = field.chunk().await.unwrap() {
            size += chunk.len();
            let taken = taken.load(Ordering::Relaxed) as usize * (64 << 10);
            most_ahead = most_ahead.max(taken.saturating_sub(size));
        }
        drop(field);
        assert_eq!(size, 30 * (64 << 10));
        assert!(most_ahead <= 4 * (64 << 10), "{most_ahead} bytes were kept");
        assert!(form.next_field().await.unwrap().is_none());
    }
}
