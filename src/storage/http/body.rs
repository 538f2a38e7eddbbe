//! Bytes on their way up: one buffer in memory handed to the socket in slices, each when the limits on speed let it go,
//! counted as they go, so that progress sees what is sent and a retry inside the client takes back what it had counted.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::Trouble;
use crate::storage::Sent;

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
    /// Attempts that were made.
    attempts: AtomicU64,
    /// Everything ever handed on, in all attempts; tells whether anything moves.
    moved: AtomicU64,
    /// Whether any attempt has handed on the last byte.
    all_gone: AtomicBool,
    /// Until when the limits on speed hold the bytes back, where they do.
    held_until: Mutex<Option<Instant>>,
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

    fn hold(&self, until: Instant) {
        *self.held_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    /// How much longer nothing may move before that is a stall, given that nothing has for `stall`.
    fn patience_left(&self, stall: Duration) -> Option<Duration> {
        let held_until = (*self.held_until.lock().unwrap_or_else(PoisonError::into_inner))?;
        (held_until + stall).checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
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
            all_gone: AtomicBool::new(false),
            held_until: Mutex::new(None),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The bytes as a request's body, in slices: what is no single buffer is not hashed for the signature either.
    pub fn body(&self, bytes: Bytes) -> ByteStream {
        self.body_within(Bytes::new(), bytes, Bytes::new())
    }

    /// The same between two pieces that are not counted, as a form has them around a file.
    pub fn body_within(&self, head: Bytes, rest: Bytes, tail: Bytes) -> ByteStream {
        let slices = Slices { head, rest, tail, shared: self.shared.clone(), begun: false, turn: None };
        ByteStream::new(SdkBody::retryable(move || SdkBody::from_body_1_x(slices.again())))
    }

    /// Attempts that were made.
    pub fn attempts(&self) -> u64 {
        self.shared.attempts.load(Ordering::Relaxed)
    }

    /// Whether the other side may have had the whole body: its last byte was handed on.
    pub fn has_all_gone(&self) -> bool {
        self.shared.all_gone.load(Ordering::Relaxed)
    }

    /// What kept the answer away, by what had gone before.
    pub fn known(&self, trouble: Trouble) -> Trouble {
        if self.has_all_gone() { trouble.after_all_had_gone() } else { trouble }
    }

    /// Lets the count stand: the bytes have been acknowledged.
    pub fn keep(self) {
        self.shared.attempt.store(0, Ordering::Relaxed);
    }

    /// Waits for an answer as long as bytes move; `None` when nothing has moved for `stall` although the limits on speed
    /// let it.
    pub async fn watch<T>(&self, stall: Duration, answer: impl Future<Output = T>) -> Option<T> {
        let answer = COUNTING.scope(self.shared.clone(), answer);
        tokio::pin!(answer);
        let mut seen = self.shared.moved.load(Ordering::Relaxed);
        let mut patience = stall;
        loop {
            if let Ok(answer) = tokio::time::timeout(patience, &mut answer).await {
                return Some(answer);
            }
            let moved = self.shared.moved.load(Ordering::Relaxed);
            // A limit may change meanwhile: nothing is waited for longer than one look.
            patience = if moved == seen { self.shared.patience_left(stall)?.min(stall) } else { stall };
            seen = moved;
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.shared.take_back();
    }
}

tokio::task_local! {
    /// The count of the request that is under way.
    static COUNTING: Arc<Shared>;
}

/// Counts the attempts of every request of a client that is watched. Bodies cannot tell: an empty one is never asked for a
/// byte.
#[derive(Debug)]
pub struct AttemptsCounted;

impl Intercept for AttemptsCounted {
    fn name(&self) -> &'static str {
        "attempts counted"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Nobody asks for those of a request that nobody watches.
        let _watched = COUNTING.try_with(|shared| shared.attempts.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

/// One attempt's body.
struct Slices {
    head: Bytes,
    rest: Bytes,
    tail: Bytes,
    shared: Arc<Shared>,
    begun: bool,
    turn: Option<Turn>,
}

/// The next slice, reserved with the limits on speed.
struct Turn {
    length: usize,
    /// Over when it may go; `None` where that is now.
    wait: Option<Pin<Box<dyn Future<Output = ()> + Send + Sync>>>,
}

impl Slices {
    /// From the beginning, before anything has gone.
    fn again(&self) -> Self {
        let (head, rest, tail) = (self.head.clone(), self.rest.clone(), self.tail.clone());
        Self { head, rest, tail, shared: self.shared.clone(), begun: false, turn: None }
    }

    fn begin(&mut self) {
        if !self.begun {
            self.begun = true;
            self.shared.take_back();
        }
    }

    fn reserve(&self) -> Turn {
        let pace = self.shared.sent.pace();
        let length = self.rest.len().min(pace.piece());
        let wait = pace.turn(length as u64).map(|turn| {
            let shared = self.shared.clone();
            Box::pin(turn.come(move |moment| shared.hold(moment))) as _
        });
        Turn { length, wait }
    }

    /// What goes next; nothing at the end.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        if !self.head.is_empty() {
            return Poll::Ready(std::mem::take(&mut self.head));
        }
        if self.rest.is_empty() {
            return Poll::Ready(std::mem::take(&mut self.tail));
        }
        let slice = ready!(self.poll_slice(context));
        self.shared.count(slice.len() as u64);
        Poll::Ready(slice)
    }

    /// The next slice, once it may go.
    fn poll_slice(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        let mut turn = self.turn.take().unwrap_or_else(|| self.reserve());
        if let Some(wait) = &mut turn.wait
            && wait.as_mut().poll(context).is_pending()
        {
            self.turn = Some(turn);
            return Poll::Pending;
        }
        Poll::Ready(self.rest.split_to(turn.length))
    }
}

impl Body for Slices {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.begin();
        let piece = ready!(self.poll_piece(context));
        if self.is_end_stream() {
            self.shared.all_gone.store(true, Ordering::Relaxed);
            self.shared.sent.all_gone();
        }
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.head.is_empty() && self.rest.is_empty() && self.tail.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.head.len() + self.rest.len() + self.tail.len()) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::pace::{PIECE, Pace, Rate};
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
        let body = counted.body(Bytes::from(vec![0; 3 * PIECE + 1])).into_inner();
        assert_eq!(body.content_length(), Some(3 * PIECE as u64 + 1));
        let again = body.try_clone().unwrap();
        assert_eq!(frames(body, 2).await, 2 * PIECE);
        assert_eq!(sent.get(), 7 + 2 * PIECE as u64);
        assert_eq!(frames(again, 9).await, 3 * PIECE + 1);
        counted.keep();
        assert_eq!(sent.get(), 7 + 3 * PIECE as u64 + 1);
    }

    #[tokio::test]
    async fn what_stands_around_the_bytes_is_sent_and_not_counted() {
        let sent = Sent::default();
        let counted = Counted::new(&sent);
        let pieces = [&b"head"[..], b"bytes", b"tail"].map(Bytes::from_static);
        let [head, bytes, tail] = pieces.clone();
        let body = counted.body_within(head, bytes, tail).into_inner();
        assert_eq!(body.content_length(), Some(13));
        assert_eq!(body.collect().await.unwrap().to_bytes(), pieces.concat());
        assert_eq!(sent.get(), 5);
    }

    #[tokio::test]
    async fn all_has_gone_with_the_last_piece_and_not_before() {
        let counted = Counted::new(&Sent::default());
        let [head, bytes, tail] = [&b"head"[..], b"bytes", b"tail"].map(Bytes::from_static);
        let mut body = counted.body_within(head, bytes, tail).into_inner();
        let mut seen = Vec::new();
        while body.frame().await.is_some() {
            seen.push(counted.has_all_gone());
        }
        assert_eq!(seen, [false, false, true]);
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
    async fn a_limit_holds_every_slice_back_until_its_moment() {
        let sent = Sent::default().at_pace(Pace::of([Rate::new(64 * 1024)]));
        let counted = Counted::new(&sent);
        let (begun, length) = (Instant::now(), 20 * 1024);
        assert_eq!(frames(counted.body(Bytes::from(vec![0; length])).into_inner(), 99).await, length);
        // Pieces of 4 KiB: the first goes at once, four more wait for a sixteenth of a second each.
        assert!(begun.elapsed() >= Duration::from_millis(250));
        assert_eq!(sent.get(), length as u64);
    }

    #[tokio::test]
    async fn a_lifted_limit_lets_bytes_go_that_wait_under_it() {
        let rate = Rate::new(1);
        let sent = Sent::default().at_pace(Pace::of([rate.clone()]));
        let counted = Counted::new(&sent);
        let body = counted.body(Bytes::from(vec![0; 9000])).into_inner();
        let watched = counted.watch(Duration::from_millis(50), frames(body, 99));
        tokio::pin!(watched);
        assert!(futures::poll!(&mut watched).is_pending());
        rate.set(0);
        assert_eq!(watched.await, Some(9000));
        // What was held until long after is not waited for any more.
        assert_eq!(counted.watch(Duration::from_millis(1), std::future::pending::<()>()).await, None);
    }

    #[tokio::test]
    async fn bytes_that_a_limit_holds_back_are_not_stalled() {
        let sent = Sent::default().at_pace(Pace::of([Rate::new(1024)]));
        let counted = Counted::new(&sent);
        let body = counted.body(Bytes::from(vec![0; 512])).into_inner();
        // A quarter of a second between the two pieces, and a patience of a hundredth.
        assert_eq!(counted.watch(Duration::from_millis(10), frames(body, 9)).await, Some(512));
        assert_eq!(counted.watch(Duration::from_millis(1), std::future::pending::<()>()).await, None);
    }

    #[tokio::test]
    async fn what_never_moves_is_given_up() {
        let counted = Counted::new(&Sent::default());
        assert_eq!(counted.watch(Duration::from_millis(1), std::future::pending::<()>()).await, None);
        assert_eq!(counted.watch(Duration::from_secs(60), std::future::ready(1)).await, Some(1));
    }
}
