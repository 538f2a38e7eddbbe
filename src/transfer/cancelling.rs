//! How a transfer is cancelled that may have left something in the bucket or on disk: that is removed first, and what
//! could not be, or may have arrived all the same, is said.

use super::core::Core;
use super::job::{Change, Resume, Saved};
use super::lanes::Weight;
use super::worker;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferId, TransferKind, TransferState};

/// What is left of a cancelled transfer.
enum Left {
    /// Nothing that is known of.
    Nothing,
    /// An object that has the upload's size.
    Object,
}

impl Core {
    /// Cancels for good: what it left behind is removed first, and what could not be is said.
    pub async fn cancel_now(&self, id: TransferId) {
        let Some(saved) = self.unfinished(id) else { return self.hand_back(&[id]).await };
        let cleaned = self.clean_up(&saved).await;
        self.inputs.forget(id);
        let note = cancel_note(&saved.transfer, cleaned);
        let edited = self
            .save_with(
                id,
                |transfer, resume| {
                    worker::finish(transfer, TransferState::Cancelled);
                    transfer.error = note.map(Box::new);
                    *resume = Resume::default();
                },
                vec![Change::ForgetParts(id), Change::ClearWish(id)],
            )
            .await;
        if edited.is_ok() {
            self.model().set_wish(id, None);
        }
        if let Err(failure) = edited {
            self.journal_trouble(id, failure);
        }
    }

    async fn clean_up(&self, saved: &Saved) -> Result<Left> {
        worker::clean_up(self, &saved.transfer, &saved.resume).await?;
        if may_have_arrived(saved) { self.look(&saved.transfer).await } else { Ok(Left::Nothing) }
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

/// Whether its one request may have been under way: what the bucket has of it cannot be taken back.
fn may_have_arrived(saved: &Saved) -> bool {
    let transfer = &saved.transfer;
    let begun = transfer.kind == TransferKind::Upload && saved.resume.source.is_some() && transfer.stored_at.is_none();
    begun && saved.resume.part_size.is_none() && transfer.state != TransferState::Failed
}

fn cancel_note(transfer: &Transfer, cleaned: Result<Left>) -> Option<Failure> {
    let note = |what: String| Some(Failure::new(FailureKind::Cancelled, what));
    match cleaned {
        Err(failure) => note(format!("cancelled, but something may be left behind: {failure}")),
        Ok(_) if transfer.state == TransferState::Deleting => {
            note("cancelled, but the object may have been deleted before: its record stays".into())
        }
        Ok(_) if transfer.state == TransferState::Forgetting => {
            note("cancelled after the object was deleted: its record may remain".into())
        }
        Ok(_) if transfer.stored_at.is_some() => {
            note("cancelled after the object was stored: it stays in the bucket, without a record".into())
        }
        Ok(Left::Object) => {
            note("cancelled, but the object may have arrived before: it is in the bucket, without a new record".into())
        }
        Ok(Left::Nothing) => None,
    }
}
