//! What is in the way of transfers that have failed because something was there, looked at again while a person waits for the
//! question about it.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::Hands;
use crate::app::Answer;
use crate::domain::{Failure, FailureKind, Result, Transfer};

/// How many are looked at at once.
const LOOKS_AT_ONCE: usize = 16;

/// How long all of it may take: a question that comes late says what was known before.
const LOOKS_WITHIN: Duration = Duration::from_secs(3);

/// Looks at all of them.
pub(super) async fn look(hands: Hands, transfers: Vec<Arc<Transfer>>) -> Answer {
    let end = Instant::now() + LOOKS_WITHIN;
    let hands = &hands;
    let looks = futures::stream::iter(transfers).map(|transfer| async move {
        // What comes too late is not begun: that would be a request whose answer nobody hears.
        match Instant::now() < end {
            true => timeout_at(end, look_at(hands, transfer)).await.unwrap_or_else(|_late| Err(late())),
            false => Err(late()),
        }
    });
    Answer::Met(looks.buffered(LOOKS_AT_ONCE).collect().await)
}

async fn look_at(hands: &Hands, transfer: Arc<Transfer>) -> Result<Option<Failure>> {
    hands.queue.get().await?.look_again(transfer).await
}

fn late() -> Failure {
    Failure::new(FailureKind::Offline, format!("no answer within {} s", LOOKS_WITHIN.as_secs()))
}
