//! Bytes on their way up: one buffer in memory handed to the socket in slices, counted as they go, so that progress and
//! speed limits see what is sent and a retry inside the client takes back what it had counted.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::storage::Sent;

/// Bytes handed on at a time.
const SLICE: usize = 64 * 1024;

/// The count of one request over all its attempts. Dropped without [`Counted::keep`], it takes everything back: a request
/// that failed or was cancelled has sent nothing that counts.
#[derive(Debug)]
pub struct Counted {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    sent: Sent,
    /// What the attempt under way has counted into `sent`.
    attempt: AtomicU64,
    /// Bodies that were begun.
    attempts: AtomicU64,
    /// Everything ever handed on, in all attempts; tells whether anything moves.
    moved: AtomicU64,
}

impl Shared {
    fn count(&self, bytes: u64) {
        self.attempt.fetch_add(bytes, Ordering::Relaxed);
        self.moved.fetch_add(bytes, Ordering::Relaxed);
        self.sent.add(bytes);
    }

    fn take_back(&self) {
        self.sent.take_back(self.attempt.swap(0, Ordering::Relaxed));
    }
}

impl Counted {
    /// Starts counting into `sent`.
    pub fn new(sent: &Sent) -> Self {
        let shared = Shared {
            sent: sent.clone(),
            attempt: AtomicU64::new(0),
            attempts: AtomicU64::new(0),
            moved: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The bytes as a request's body.
    pub fn body(&self, bytes: Bytes) -> ByteStream {
        let shared = self.shared.clone();
        ByteStream::new(SdkBody::retryable(move || {
            SdkBody::from_body_1_x(Slices { rest: bytes.clone(), shared: shared.clone(), begun: false })
        }))
    }

    /// Attempts that sent bytes.
    pub fn attempts(&self) -> u64 {
        self.shared.attempts.load(Ordering::Relaxed)
    }

    /// Lets the count stand: the bytes have been acknowledged.
    pub fn keep(self) {
        self.shared.attempt.store(0, Ordering::Relaxed);
    }

    /// Waits for an answer as long as bytes move; `None` when nothing has moved for `stall`.
    pub async fn watch<T>(&self, stall: Duration, answer: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(answer);
        let mut seen = self.shared.moved.load(Ordering::Relaxed);
        loop {
            if let Ok(answer) = tokio::time::timeout(stall, &mut answer).await {
                return Some(answer);
            }
            let moved = self.shared.moved.load(Ordering::Relaxed);
            if moved == seen {
                return None;
            }
            seen = moved;
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.shared.take_back();
    }
}

/// One attempt's body.
struct Slices {
    rest: Bytes,
    shared: Arc<Shared>,
    begun: bool,
}

impl Body for Slices {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.begun {
            self.begun = true;
            self.shared.attempts.fetch_add(1, Ordering::Relaxed);
            self.shared.take_back();
        }
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(SLICE);
        let slice = self.rest.split_to(length);
        self.shared.count(length as u64);
        Poll::Ready(Some(Ok(Frame::data(slice))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn frames(mut body: SdkBody, most: usize) -> usize {
        let mut bytes = 0;
        for _ in 0..most {
            let Some(frame) = body.frame().await else { break };
            bytes += frame.unwrap().into_data().unwrap().len();
        }
        bytes
    }

    #[tokio::test]
    async fn a_second_attempt_takes_back_what_the_first_counted() {
        let sent = Sent::default();
        sent.add(7);
        let counted = Counted::new(&sent);
        let body = counted.body(Bytes::from(vec![0; 3 * SLICE + 1])).into_inner();
        assert_eq!(body.content_length(), Some(3 * SLICE as u64 + 1));
        let again = body.try_clone().unwrap();
        assert_eq!(frames(body, 2).await, 2 * SLICE);
        assert_eq!(sent.get(), 7 + 2 * SLICE as u64);
        assert_eq!(frames(again, 9).await, 3 * SLICE + 1);
        counted.keep();
        assert_eq!(sent.get(), 7 + 3 * SLICE as u64 + 1);
    }

    #[tokio::test]
    async fn a_request_that_failed_has_sent_nothing() {
        let sent = Sent::default();
        let counted = Counted::new(&sent);
        frames(counted.body(Bytes::from_static(b"abc")).into_inner(), 9).await;
        assert_eq!(sent.get(), 3);
        drop(counted);
        assert_eq!(sent.get(), 0);
    }

    #[tokio::test]
    async fn what_never_moves_is_given_up() {
        let counted = Counted::new(&Sent::default());
        assert_eq!(counted.watch(Duration::from_millis(1), std::future::pending::<()>()).await, None);
        assert_eq!(counted.watch(Duration::from_secs(60), std::future::ready(1)).await, Some(1));
    }
}
