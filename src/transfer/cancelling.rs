//! How a transfer is cancelled that may have left something in the bucket or on disk: that is removed first, and what
//! could not be, or may have arrived all the same, is said.

use std::time::Duration;

use super::core::Core;
use super::inputs::needs_its_reader;
use super::job::{Change, Resume, Saved};
use super::lanes::Weight;
use super::tidying::{Keeps, may_pass, may_pass_by_itself};
use super::way::Way;
use super::worker;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferId, TransferKind, TransferState, joined};

/// How long an ending process waits for the bucket to remove what must not stay.
const REMOVING: Duration = Duration::from_secs(5);

/// What is left of a cancelled transfer.
pub enum Left {
    /// Nothing that is known of.
    Nothing,
    /// An object that has the upload's size.
    Object,
    /// Perhaps an object: nobody could look.
    Unknown(Failure),
    /// Parts in the bucket or a file on disk, which could not be removed yet.
    Remains(Failure),
    /// The same, and trying again would not help.
    LetGo(Failure),
}

impl Left {
    /// After its remains were to be removed.
    pub fn of(cleaned: Result<()>, keeps: Keeps) -> Self {
        match cleaned {
            Ok(()) => Self::Nothing,
            Err(failure) if keeps(&failure) => Self::Remains(failure),
            Err(failure) => Self::LetGo(failure),
        }
    }

    /// The same, where something that nobody can look for may have arrived.
    fn or_in_doubt(self) -> Self {
        match self {
            Self::Nothing => Self::Unknown(nameless()),
            left => left,
        }
    }

    /// What nobody comes back to is in the log at least: its row may go.
    pub fn log(&self, transfer: &Transfer) {
        if let Self::LetGo(failure) = self {
            tracing::warn!(transfer = %transfer.id, "{}", remaining(transfer, failure, by_hand(transfer)));
        }
    }
}

impl Core {
    /// Cancels for good: what it left behind is removed first. What could not be is said, and stays known, so that a later
    /// run can remove it.
    pub async fn cancel_now(&self, id: TransferId) {
        self.cancel_along(id, &Way::default()).await;
    }

    /// The same beside others of its profile.
    pub async fn cancel_along(&self, id: TransferId, way: &Way) {
        let Some(saved) = self.unfinished(id) else { return self.hand_back(&[id]).await };
        let again = saved.transfer.state == TransferState::Cancelled;
        let left = self.clean_up(&saved, if again { may_pass_by_itself } else { may_pass }, way).await;
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
            let left = Left::of(cleaned.unwrap_or_else(|_late| Err(unanswered())), may_pass);
            let left = if self.inputs.may_have_arrived(id) { left.or_in_doubt() } else { left };
            match &left {
                Left::Remains(failure) => remains = Err(remaining(&saved.transfer, failure, LATER)),
                Left::LetGo(failure) => remains = Err(remaining(&saved.transfer, failure, by_hand(&saved.transfer))),
                Left::Nothing | Left::Object | Left::Unknown(_) => {}
            }
            self.cancelled(&saved, left).await;
        }
        remains
    }

    async fn cancelled(&self, saved: &Saved, left: Left) {
        let id = saved.transfer.id;
        self.inputs.forget(id);
        let remains = matches!(left, Left::Remains(_));
        left.log(&saved.transfer);
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

    async fn clean_up(&self, saved: &Saved, keeps: Keeps, way: &Way) -> Left {
        match Left::of(way.clean_up(self, &saved.transfer, &saved.resume).await, keeps) {
            Left::Nothing if self.inputs.may_have_arrived(saved.transfer.id) => Left::Nothing.or_in_doubt(),
            Left::Nothing if may_have_arrived(saved) => self.look(saved, way).await.unwrap_or_else(Left::Unknown),
            left => left,
        }
    }

    async fn look(&self, saved: &Saved, way: &Way) -> Result<Left> {
        let transfer = &saved.transfer;
        let connection = self.connect(&transfer.profile).await?;
        let can = connection.store.capabilities();
        if can.names_itself && saved.resume.upload_id.is_none() {
            // What could be looked for is not kept unless somebody does.
            return if can.finds_uploads { Ok(Left::Nothing) } else { Err(nameless()) };
        }
        let asking = async {
            let _turn = self.lanes.lane(&transfer.profile).request(Weight::Small).await?;
            connection.store.head(&transfer.key).await
        };
        match way.ask(asking).await {
            Ok((info, _)) if is_named(saved) || Some(info.size) == transfer.size => Ok(Left::Object),
            Ok(_another) => Ok(Left::Nothing),
            Err(failure) if matches!(failure.kind, FailureKind::NotFound | FailureKind::NoBucket) => Ok(Left::Nothing),
            Err(failure) => Err(failure),
        }
    }
}

fn nameless() -> Failure {
    Failure::new(FailureKind::InDoubt, "it has no name yet by which it could be looked for")
}

fn unanswered() -> Failure {
    Failure::new(FailureKind::Offline, "the bucket does not answer")
}

/// What removes remains that are still known.
const LATER: &str = "windlass resume removes it";

/// What removes those that are not.
fn by_hand(transfer: &Transfer) -> &'static str {
    match transfer.kind {
        TransferKind::Download => "remove the file yourself",
        _ => "windlass transfers --orphans --abort ends what is left of uploads",
    }
}

fn remaining(transfer: &Transfer, failure: &Failure, hint: &str) -> Failure {
    let key = display(&transfer.key);
    let stays = match transfer.kind {
        TransferKind::Download => format!("what was fetched of {key} may still be on disk"),
        _ => format!("what was sent of {key} may still be in the bucket"),
    };
    Failure::new(failure.kind, joined(&stays, &failure.what)).hint(hint)
}

/// Whether its one request may have been under way: what the bucket has of it cannot be taken back.
fn may_have_arrived(saved: &Saved) -> bool {
    let transfer = &saved.transfer;
    let begun = transfer.kind == TransferKind::Upload && saved.resume.source.is_some() && transfer.stored_at.is_none();
    let under_way = begun && saved.resume.part_size.is_none() && transfer.state != TransferState::Failed;
    under_way || is_named(saved) || transfer.error.as_ref().is_some_and(|error| error.kind == FailureKind::InDoubt)
}

/// Whether all of it is up, under the name that the store gave it: kept for good perhaps, and without a record.
fn is_named(saved: &Saved) -> bool {
    let own_name = saved.resume.upload_id.as_ref().is_some_and(|id| *id.0 == *saved.transfer.key);
    saved.transfer.kind == TransferKind::Upload && own_name && saved.transfer.stored_at.is_none()
}

/// What a cancelled transfer has to say.
pub fn cancel_note(transfer: &Transfer, left: Left) -> Option<Failure> {
    let note = |what: String| Some(Failure::new(FailureKind::Cancelled, what));
    let behind = |failure: &Failure| note(joined("cancelled, but something may be left behind", &failure.what));
    match left {
        Left::Remains(failure) => behind(&failure).map(|note| note.hint(LATER)),
        Left::LetGo(failure) => behind(&failure).map(|note| note.hint(by_hand(transfer))),
        Left::Unknown(failure) => note(joined("cancelled, but the object may have arrived before", &failure.what)),
        _ if transfer.state == TransferState::Deleting => {
            note("cancelled, but the object may have been deleted before: its record stays".into())
        }
        _ if transfer.state == TransferState::Forgetting => {
            note("cancelled after the object was deleted: its record may remain".into())
        }
        _ if transfer.stored_at.is_some() => note(
            "cancelled after the object was stored: it stays in the bucket, and this upload writes no record".into(),
        ),
        Left::Object => {
            note("cancelled, but the object may have arrived before: it is in the bucket, without a new record".into())
        }
        Left::Nothing => None,
    }
}
