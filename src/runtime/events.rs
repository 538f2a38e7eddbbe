//! What the terminal says, and being sure that none of us reads it any more: the stream waits in a thread of its own, which
//! would take a few keys from whoever gets the terminal next.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures::StreamExt;

/// How long the thread may take to leave; it is woken, so that this is long.
const LEAVES_WITHIN: Duration = Duration::from_secs(1);

/// Between two looks whether it has.
const PAUSE: Duration = Duration::from_millis(1);

/// The terminal's events, while we are the ones who read it.
pub struct Events {
    stream: Option<EventStream>,
    /// Everybody who waits in the thread has a share of it.
    waiting: Arc<()>,
}

impl Events {
    /// Reads from now on.
    pub fn open() -> Self {
        Self { stream: Some(EventStream::new()), waiting: Arc::default() }
    }

    /// The next one; none comes while somebody else has the terminal.
    pub fn next(&mut self) -> impl Future<Output = Option<io::Result<Event>>> + Unpin {
        poll_fn(|context| self.poll(context))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Event>>> {
        let Some(stream) = &mut self.stream else { return Poll::Pending };
        let relay = Relay { to: context.waker().clone(), _waiting: self.waiting.clone() };
        stream.poll_next_unpin(&mut Context::from_waker(&Waker::from(Arc::new(relay))))
    }

    /// Reads nothing from now on: when this returns, the thread has left the terminal.
    pub async fn close(&mut self) {
        self.stream = None;
        let left = async {
            while Arc::strong_count(&self.waiting) > 1 {
                tokio::time::sleep(PAUSE).await;
            }
        };
        if tokio::time::timeout(LEAVES_WITHIN, left).await.is_err() {
            tracing::warn!("the thread that reads keys has not left the terminal");
        }
    }

    /// Reads again.
    pub fn reopen(&mut self) {
        self.stream = Some(EventStream::new());
    }
}

/// Wakes the task; the thread keeps it for as long as it waits for the terminal.
struct Relay {
    to: Waker,
    _waiting: Arc<()>,
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.to.wake_by_ref();
    }
}
