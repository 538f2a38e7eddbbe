//! What a worker does with one transfer: take it through its states, one journal commit an arrow. The bytes are moved by
//! [`upload`], [`download`] and [`delete`], and [`request`] watches somebody else's; how trouble is met stands here, once
//! for all of them.

mod delete;
mod download;
pub mod folders;
mod part_file;
mod placing;
mod request;
pub mod space;
mod upload;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::core::Core;
use super::holds::{LONGEST_ASKED, Met, delta, spread};
use super::job::{Resume, Wish};
use super::model::{Stop, Work};
use crate::domain::transfer::OnConflict;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferId, TransferKind, TransferState};

/// How often a transfer that the other side turns away ("busy") is tried before it is given up.
const MOST_BUSY: u32 = 10;

/// How many of these tries count where the other side turns everybody away.
const MOST_LIKE_ALL: u32 = 6;

/// Runs one transfer until it is done, stopped, waits for a later try, or has failed.
pub async fn run(core: Arc<Core>, work: Work) {
    let id = work.transfer.id;
    if core.model().get(id).is_some_and(|job| job.saved.wish == Some(Wish::Cancel)) {
        return core.stopped(id, Stop::Cancel).await;
    }
    let (stop, sent) = (work.stop.clone(), work.sent.clone());
    let result = tokio::select! {
        () = stop.cancelled() => Err(Failure::new(FailureKind::Cancelled, "stopped")),
        result = perform(&core, work) => result,
    };
    if let Err(failure) = result
        && !stop.is_cancelled()
    {
        meet(&core, id, failure).await;
    }
    if stop.is_cancelled() && sent.is_unfinished() {
        has_not_arrived(&core, id).await;
    }
    // It counts as running until the end, so that nobody else takes it up meanwhile.
    match release_unless_stopped(&core, id) {
        Some(why) => core.stopped(id, why).await,
        None => core.wake(),
    }
}

/// It was stopped before the last byte of its one request had gone: nothing can have come of that.
async fn has_not_arrived(core: &Core, id: TransferId) {
    core.inputs.not_asked(id);
    let begins_anew = |_: &mut Transfer, resume: &mut Resume| resume.source = None;
    if let Err(failure) = core.save(id, begins_anew).await {
        core.journal_trouble(id, failure);
    }
}

/// Lets go of a transfer, or answers why it was to be stopped: in one step, or what is wished in between would be lost.
pub fn release_unless_stopped(core: &Core, id: TransferId) -> Option<Stop> {
    let mut model = core.model();
    let why = model.get(id).and_then(|job| job.stop);
    if why.is_none() {
        model.release(id);
    }
    why
}

/// What is in the way of a transfer now, as the failure that it would meet; nothing where nothing is.
pub async fn look_again(core: &Core, transfer: Arc<Transfer>) -> Result<Option<Failure>> {
    match (transfer.kind, &transfer.path) {
        (TransferKind::Upload, _) => {
            let connection = core.connect(&transfer.profile).await?;
            upload::look_again(core, &connection, transfer).await
        }
        (TransferKind::Download, Some(path)) => placing::look_again(&core.desk, path).await,
        // Nothing else fails because something is there.
        _ => Ok(transfer.error.as_deref().cloned()),
    }
}

async fn perform(core: &Core, work: Work) -> Result<()> {
    let connection = core.connect(&work.transfer.profile).await?;
    core.lanes.opened(&work.transfer.profile);
    let pace = core.lanes.lane(&work.transfer.profile).pace();
    let work = Work { sent: work.sent.at_pace(pace), ..work };
    match work.transfer.kind {
        TransferKind::Upload => upload::run(core, &connection, work).await,
        TransferKind::Download => download::run(core, &connection, work).await,
        TransferKind::Delete => delete::run(core, &connection, work).await,
        TransferKind::Request => request::run(core, &connection, work).await,
    }
}

/// What a failure does to a transfer: it waits with all others of its profile, gets another try later, or ends.
async fn meet(core: &Core, id: TransferId, failure: Failure) {
    let met = core.model().met(id, &failure, Utc::now());
    match met {
        Met::Held => held(core, &[id], &failure).await,
        Met::Own => own(core, id, failure, MOST_BUSY).await,
        Met::OwnLikeAll => own(core, id, failure, MOST_LIKE_ALL).await,
    }
}

/// What waits with all others says why, also to other processes; nothing is counted against it.
pub async fn held(core: &Core, ids: &[TransferId], failure: &Failure) {
    let ids: Vec<TransferId> = {
        let model = core.model();
        let unsaid = |id: &TransferId| model.get(*id).is_some_and(|job| !has_said(&job.saved.transfer, failure));
        ids.iter().copied().filter(unsaid).collect()
    };
    let say = |transfer: &mut Transfer, _: &mut Resume| {
        transfer.error = Some(failure.clone().into());
        transfer.not_before = None;
    };
    if let Err(failure) = core.save_many(&ids, say, Vec::new()).await {
        ids.iter().for_each(|id| core.journal_trouble(*id, failure.clone()));
    }
}

fn has_said(transfer: &Transfer, failure: &Failure) -> bool {
    let same = |error: &Failure| (error.kind, &error.what) == (failure.kind, &failure.what);
    transfer.state.is_final() || transfer.not_before.is_none() && transfer.error.as_deref().is_some_and(same)
}

/// The transfer's own trouble, of which at most so many tries are counted.
async fn own(core: &Core, id: TransferId, failure: Failure, most: u32) {
    let edited = core
        .save(id, |transfer, _| {
            if transfer.error.as_ref().is_some_and(|before| before.kind != failure.kind) {
                transfer.attempts = 0;
            }
            if gives_up(transfer, &failure, Utc::now()) {
                finish(transfer, TransferState::Failed);
                transfer.not_before = None;
            } else {
                transfer.attempts = (transfer.attempts + 1).min(most.max(transfer.attempts));
                transfer.not_before = Some(Utc::now() + wait(transfer, &failure));
            }
            transfer.error = Some(failure.into());
        })
        .await;
    if let Err(failure) = edited {
        core.journal_trouble(id, failure);
    }
}

fn gives_up(transfer: &Transfer, failure: &Failure, now: DateTime<Utc>) -> bool {
    match failure.kind {
        // Whoever only watches has until its URL ends: an odd answer (a hotel's, a proxy's) says nothing about the bucket.
        kind if watches(transfer, now) => kind == FailureKind::Cancelled,
        FailureKind::Busy => !only_watches(transfer) && transfer.attempts >= MOST_BUSY,
        _ => !waits(failure),
    }
}

/// A request has until its URL ends, and a file that has its name is there: its record waits until the store has finished
/// with it, however long a film may take.
fn only_watches(transfer: &Transfer) -> bool {
    let has_own_tag = transfer.on_conflict != OnConflict::OverwriteIf;
    let is_up = has_own_tag && transfer.kind == TransferKind::Upload && transfer.state == TransferState::Verifying;
    transfer.state == TransferState::Waiting || is_up && transfer.etag.is_some()
}

/// Whether somebody may still upload by its URL.
fn watches(transfer: &Transfer, now: DateTime<Utc>) -> bool {
    transfer.state == TransferState::Waiting && transfer.url_ends().is_some_and(|end| now < end)
}

/// Whether a transfer waits for better days. A profile that is read-only for now (`--read-only`) must not fail what was
/// queued when it was not.
pub fn waits(failure: &Failure) -> bool {
    failure.is_transient() || failure.kind == FailureKind::ReadOnly
}

/// A profile that this process cannot open waits to be mended: another process may be able to open it as it is.
pub fn not_here(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Usage | FailureKind::Local => Failure { kind: FailureKind::ProfileBroken, ..failure },
        _ => failure,
    }
}

/// Waits grow from 1 s and differ between transfers; the other side's own wish counts for more.
pub fn wait(transfer: &Transfer, failure: &Failure) -> TimeDelta {
    if let Some(asked) = failure.retry_after {
        return delta(asked.min(LONGEST_ASKED));
    }
    let most = if failure.kind == FailureKind::CatalogAway { 8 } else { 30 };
    let seconds = 2_u64.saturating_pow(transfer.attempts.saturating_sub(1)).min(most);
    delta(Duration::from_millis(seconds * 1000 + spread(transfer.id, seconds)))
}

/// Brings a transfer to a final state.
pub fn finish(transfer: &mut Transfer, state: TransferState) {
    transfer.state = state;
    transfer.finished_at = Some(crate::transfer::now());
    transfer.not_before = None;
}

/// A transfer enters a state with a clean slate: whatever was wrong before is over.
pub fn enter(transfer: &mut Transfer, state: TransferState) {
    transfer.state = state;
    transfer.error = None;
    transfer.not_before = None;
}

/// The same, but what was noticed on the way and is no trouble any more ("sent again from the beginning") stays to be read.
pub fn enter_with_note(transfer: &mut Transfer, state: TransferState) {
    let note = transfer.error.take().filter(|noticed| !noticed.leaves_open());
    enter(transfer, state);
    transfer.error = note;
}

pub use download::remove_unnamed;

/// Whether there may be parts of it in the bucket.
pub fn may_have_left_parts(transfer: &Transfer, resume: &Resume) -> bool {
    transfer.kind == TransferKind::Upload && upload::may_have_left(transfer, resume)
}

/// Removes what a transfer that ended left in the bucket and on disk. Only what is in the bucket needs its profile.
///
/// # Errors
/// The profile's, the store's or the disk's, where something may be left.
pub async fn clean_up(core: &Core, transfer: &Transfer, resume: &Resume) -> Result<()> {
    match transfer.kind {
        TransferKind::Upload if may_have_left_parts(transfer, resume) => {
            let connection = core.connect(&transfer.profile).await.map_err(not_here)?;
            upload::clean_up(core, &connection, transfer, resume).await
        }
        TransferKind::Download => download::clean_up(core, transfer, resume).await,
        TransferKind::Upload | TransferKind::Delete | TransferKind::Request => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::job::Owner;
    use crate::transfer::tests::saved;

    #[test]
    fn what_stopped_it_is_over_once_it_gets_on_and_a_note_stays() {
        let kept = |kind| {
            let mut transfer = (*saved(1, TransferState::Verifying, Owner::Me).transfer).clone();
            transfer.error = Some(Failure::new(kind, "why").into());
            enter_with_note(&mut transfer, TransferState::Recording);
            transfer.error.map(|error| error.kind)
        };
        assert_eq!(kept(FailureKind::Changed), Some(FailureKind::Changed));
        for stopped in [FailureKind::Offline, FailureKind::Credentials, FailureKind::ReadOnly] {
            assert_eq!(kept(stopped), None, "{stopped:?}");
        }
    }

    #[test]
    fn who_only_watches_is_never_given_up() {
        let tried = |state, etag: Option<&str>| {
            let transfer = (*saved(1, state, Owner::Me).transfer).clone();
            Transfer { attempts: MOST_BUSY, etag: etag.map(Into::into), ..transfer }
        };
        let gives_up =
            |transfer: &Transfer| gives_up(transfer, &Failure::new(FailureKind::Busy, "not now"), Utc::now());
        assert!(!gives_up(&tried(TransferState::Waiting, None)));
        assert!(!gives_up(&tried(TransferState::Verifying, Some("id"))), "it is up, and still worked on");
        assert!(
            gives_up(&tried(TransferState::Verifying, None)) && gives_up(&tried(TransferState::Sending, Some("id")))
        );
    }
}
