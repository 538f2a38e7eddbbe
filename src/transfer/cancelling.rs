//! How a transfer is cancelled that may have left something in the bucket or on disk: that is removed first, and what
//! could not be, or may have arrived all the same, is said.

use std::time::Duration;

use super::core::Core;
use super::inputs::needs_its_reader;
use super::job::{Change, Resume, Saved};
use super::lanes::Weight;
use super::worker;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferId, TransferKind, TransferState};

/// How long an ending process waits for the bucket to remove what must not stay.
const REMOVING: Duration = Duration::from_secs(5);

/// What is left of a cancelled transfer.
enum Left {
    /// Nothing that is known of.
    Nothing,
    /// An object that has the upload's size.
    Object,
    /// Perhaps an object: nobody could look.
    Unknown(Failure),
    /// Parts in the bucket or a file on disk, which could not be removed.
    Remains(Failure),
}

impl Core {
    /// Cancels for good: what it left behind is removed first. What could not be is said, and stays known, so that a later
    /// run can remove it.
    pub async fn cancel_now(&self, id: TransferId) {
        let Some(saved) = self.unfinished(id) else { return self.hand_back(&[id]).await };
        let left = self.clean_up(&saved).await;
        self.cancelled(&saved, left).await;
    }

    /// Cancels the uploads whose input dies with this process.
    ///
    /// # Errors
    /// Why what was sent of one could not be removed; it stays known, as above.
    pub async fn cancel_what_dies_with_us(&self) -> Result<()> {
        let mut remains = Ok(());
        for id in self.inputs.transfers() {
            let Some(saved) = self.unfinished(id).filter(|saved| needs_its_reader(&saved.transfer)) else { continue };
            let cleaned = tokio::time::timeout(REMOVING, worker::clean_up(self, &saved.transfer, &saved.resume)).await;
            let left = match cleaned.unwrap_or_else(|_late| Err(unanswered())) {
                Ok(()) => Left::Nothing,
                Err(failure) => {
                    remains = Err(remaining(&saved.transfer, &failure));
                    Left::Remains(failure)
                }
            };
            self.cancelled(&saved, left).await;
        }
        remains
    }

    async fn cancelled(&self, saved: &Saved, left: Left) {
        let id = saved.transfer.id;
        self.inputs.forget(id);
        let remains = matches!(left, Left::Remains(_));
        let note = cancel_note(&saved.transfer, left);
        let parts = (!remains).then_some(Change::ForgetParts(id));
        let edited = self
            .save_with(
                id,
                |transfer, resume| {
                    if transfer.state != TransferState::Cancelled {
                        worker::finish(transfer, TransferState::Cancelled);
                    }
                    transfer.error = note.map(Box::new);
                    if !remains {
                        *resume = Resume::default();
                    }
                },
                parts.into_iter().chain([Change::ClearWish(id)]).collect(),
            )
            .await;
        if edited.is_ok() {
            self.model().set_wish(id, None);
        }
        if let Err(failure) = edited {
            self.journal_trouble(id, failure);
        }
    }

    async fn clean_up(&self, saved: &Saved) -> Left {
        if let Err(failure) = worker::clean_up(self, &saved.transfer, &saved.resume).await {
            return Left::Remains(failure);
        }
        match may_have_arrived(saved) {
            true => self.look(&saved.transfer).await.unwrap_or_else(Left::Unknown),
            false => Left::Nothing,
        }
    }

    async fn look(&self, transfer: &Transfer) -> Result<Left> {
        let connection = self.connect(&transfer.profile).await?;
        let _turn = self.lanes.lane(&transfer.profile).request(Weight::Small).await?;
        match connection.store.head(&transfer.key).await {
            Ok((info, _)) if Some(info.size) == transfer.size => Ok(Left::Object),
            Ok(_another) => Ok(Left::Nothing),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(Left::Nothing),
            Err(failure) => Err(failure),
        }
    }
}

fn unanswered() -> Failure {
    Failure::new(FailureKind::Offline, "the bucket does not answer")
}

fn remaining(transfer: &Transfer, failure: &Failure) -> Failure {
    let what = format!("what was sent of {} may still be in the bucket: {}", display(&transfer.key), failure.what);
    Failure::new(failure.kind, what).hint("windlass resume removes it")
}

/// Whether its one request may have been under way: what the bucket has of it cannot be taken back.
fn may_have_arrived(saved: &Saved) -> bool {
    let transfer = &saved.transfer;
    let begun = transfer.kind == TransferKind::Upload && saved.resume.source.is_some() && transfer.stored_at.is_none();
    begun && saved.resume.part_size.is_none() && transfer.state != TransferState::Failed
}

fn cancel_note(transfer: &Transfer, left: Left) -> Option<Failure> {
    let note = |what: String| Some(Failure::new(FailureKind::Cancelled, what));
    match left {
        Left::Remains(failure) => note(format!("cancelled, but something may be left behind: {}", failure.what))
            .map(|note| note.hint("windlass resume removes it")),
        Left::Unknown(failure) => note(format!("cancelled, but the object may have arrived before: {}", failure.what)),
        _ if transfer.state == TransferState::Deleting => {
            note("cancelled, but the object may have been deleted before: its record stays".into())
        }
        _ if transfer.state == TransferState::Forgetting => {
            note("cancelled after the object was deleted: its record may remain".into())
        }
        _ if transfer.stored_at.is_some() => {
            note("cancelled after the object was stored: it stays in the bucket, without a record".into())
        }
        Left::Object => {
            note("cancelled, but the object may have arrived before: it is in the bucket, without a new record".into())
        }
        Left::Nothing => None,
    }
}
