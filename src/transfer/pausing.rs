//! How a transfer stops, is held, and goes on: what its worker leaves to be done once it has let go.

use std::sync::Arc;

use futures::FutureExt;

use super::core::Core;
use super::enqueue::beginning;
use super::job::{Change, Resume, Wish};
use super::model::{Stop, Work};
use super::way::Way;
use super::worker;
use crate::domain::{Transfer, TransferId, TransferKind, TransferState};

impl Core {
    /// Does to a transfer that this process has taken what its stopping was for.
    pub async fn stopped(&self, id: TransferId, why: Stop) {
        match why {
            Stop::Cancel => self.cancel_now(id).await,
            Stop::Pause => self.pause_now(id).await,
        }
        let cancelled = || self.model().get(id).is_some_and(|job| job.stop == Some(Stop::Cancel));
        if why == Stop::Pause && cancelled() {
            self.cancel_now(id).await;
        }
        self.let_go(id);
    }

    /// Cancels one that nobody was at. If it was over already, whoever tells it to go on meanwhile need not wait.
    pub async fn cancel_taken(&self, work: Work, way: Arc<Way>) {
        let id = work.transfer.id;
        // Boxed, because there may be thousands that wait for their turn.
        let cancelling = self.cancel_along(id, &way).boxed();
        if !work.transfer.state.is_final() {
            cancelling.await;
            return self.let_go(id);
        }
        tokio::select! {
            () = cancelling => {}
            // At the end of the program it stays wished for, and the next one does it.
            () = work.stop.cancelled() => if !self.closing.is_cancelled() { self.hand_back(&[id]).await },
        }
        match worker::release_unless_stopped(self, id) {
            Some(why) => self.stopped(id, why).await,
            None => self.wake(),
        }
    }

    fn let_go(&self, id: TransferId) {
        self.model().release(id);
        self.wake();
    }

    /// Holds a transfer that no worker is at.
    pub async fn pause_now(&self, id: TransferId) {
        if !self.unfinished(id).is_some_and(|saved| Wish::Pause.applies(&saved)) {
            return self.hand_back(&[id]).await;
        }
        let hold = |transfer: &mut Transfer, _: &mut Resume| worker::enter(transfer, TransferState::Paused);
        if let Err(failure) = self.save_with(id, hold, vec![Change::Granted(id, Wish::Pause)]).await {
            return self.journal_trouble(id, failure);
        }
        self.model().granted(id, Wish::Pause);
    }

    /// Nothing can be wished of these as they are: nobody wishes it any more, and what needs nobody is nobody's.
    pub async fn hand_back(&self, ids: &[TransferId]) {
        if ids.is_empty() {
            return;
        }
        let cleared = ids.iter().map(|id| Change::ClearWish(*id)).collect();
        if let Err(failure) = self.save_many(ids, |_, _| {}, cleared).await {
            tracing::warn!("what was wished of a transfer that is over stays: {failure}");
            return;
        }
        let mut model = self.model();
        ids.iter().for_each(|id| model.set_wish(*id, None));
    }
}

/// Somebody may have uploaded another object since: what was found says nothing about that one.
fn forget_what_was_found(transfer: &mut Transfer) {
    let asked = transfer.asked.as_deref();
    transfer.size = asked.and_then(|asked| asked.size);
    transfer.content_type = asked.map(|asked| asked.content_type.clone());
    (transfer.acknowledged, transfer.stored_at) = (0, None);
    (transfer.etag, transfer.checksum) = (None, None);
}

/// Puts a transfer back to work from where its bytes are.
pub fn revive(transfer: &mut Transfer) {
    let again = beginning(transfer.kind, transfer.asked.is_some());
    let state = match (transfer.state, transfer.kind) {
        (TransferState::Failed | TransferState::Paused | TransferState::Cancelled, TransferKind::Request) => {
            forget_what_was_found(transfer);
            again
        }
        (TransferState::Failed | TransferState::Paused | TransferState::Cancelled, _) => {
            if transfer.stored_at.is_some() { TransferState::Recording } else { again }
        }
        (open, _) => open,
    };
    worker::enter(transfer, state);
    transfer.attempts = 0;
    transfer.finished_at = None;
}
