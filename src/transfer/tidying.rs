//! How what cancelled and failed transfers left in the bucket and on disk is removed later: many side by side, each by one
//! process at a time, and never from under somebody who has told the transfer to go on.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt;
use futures::future::{join_all, ready};

use super::cancelling::{Left, cancel_note};
use super::core::Core;
use super::job::{Change, Owner, Resume};
use super::journal::{Claim, Which};
use super::model::{Job, Model, Work};
use super::way::{CLEANING, Way};
use super::{others, worker};
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Failure, FailureKind, Result, TransferId, TransferState};

/// Whether what could not be removed may be removable later, so that it has to stay known.
pub type Keeps = fn(&Failure) -> bool;

/// What waits for better days, what right credentials would remove, and an answer that nobody expected: it may have been
/// somebody else's, such as a hotel's.
pub fn may_pass(failure: &Failure) -> bool {
    worker::waits(failure) || matches!(failure.kind, FailureKind::Credentials | FailureKind::Internal)
}

/// The same, where somebody wants to be rid of it: a profile that is gone is nothing to wait for then, one that is of
/// another folder or to be mended is.
pub fn may_pass_under_its_profile(failure: &Failure) -> bool {
    may_pass(failure) && !matches!(failure.kind, FailureKind::ProfileMissing | FailureKind::Internal)
}

/// The same, where a transfer that is cancelled already is cancelled once more: neither are credentials.
pub fn may_pass_by_itself(failure: &Failure) -> bool {
    worker::waits(failure) && failure.kind != FailureKind::ProfileMissing
}

/// Cancelled transfers that may have left something, and that no other process is at.
pub fn untidy(core: &Core) -> Vec<TransferId> {
    core.model().jobs().filter(|job| is_untidy(job)).map(Job::id).collect()
}

fn is_untidy(job: &Job) -> bool {
    let is_ours_to_take = job.saved.owner != Owner::Other;
    is_ours_to_take && job.saved.transfer.state == TransferState::Cancelled && job.saved.may_have_left()
}

/// Why some of what cancelled transfers left cannot be removed by this process.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OutOfReach {
    /// How many of them have a profile that is not configured any more.
    pub gone: usize,
    /// How many have one of another folder's `.env`, by that file.
    pub elsewhere: BTreeMap<PathBuf, usize>,
    /// What is wrong with each profile of the others that cannot be used as it is written.
    pub wrong: Vec<Failure>,
}

impl OutOfReach {
    /// How many nobody can do anything about here: their profiles are gone or of another folder.
    pub fn not_from_here(&self) -> usize {
        self.gone + self.elsewhere.values().sum::<usize>()
    }

    fn note(&mut self, profile: &ProfileIdentity, transfers: usize, failure: Failure) {
        match (failure.kind, &profile.env_file) {
            (FailureKind::ProfileMissing, _) => self.gone += transfers,
            (FailureKind::ProfileElsewhere, Some(file)) => {
                *self.elsewhere.entry(file.clone()).or_default() += transfers
            }
            // Several buckets of a profile have its mistakes in common.
            (FailureKind::ProfileBroken, _) if self.wrong.iter().all(|wrong| wrong.what != failure.what) => {
                self.wrong.push(failure);
            }
            _ => {}
        }
    }
}

/// Whose profiles this process cannot open, and why.
pub async fn out_of_reach(core: &Core, untidy: &[TransferId]) -> OutOfReach {
    let mut profiles = HashMap::<Arc<ProfileIdentity>, usize>::new();
    {
        let model = core.model();
        let jobs = untidy.iter().filter_map(|id| model.get(*id));
        jobs.for_each(|job| *profiles.entry(job.saved.transfer.profile.clone()).or_default() += 1);
    }
    let mut beyond = OutOfReach::default();
    for (profile, transfers) in profiles {
        if let Err(failure) = core.connect(&profile).await.map_err(worker::not_here) {
            beyond.note(&profile, transfers, failure);
        }
    }
    beyond.wrong.sort_by(|one, other| one.what.cmp(&other.what));
    beyond
}

/// Removes what cancelled transfers left because it could not be removed when they were.
///
/// # Errors
/// The journal's.
pub async fn tidy(core: &Arc<Core>) -> Result<()> {
    clean(core, &untidy(core), may_pass).await.map(drop)
}

/// Removes what these left, as far as they are over, have left something and are nobody's; answers those of which nothing
/// is known any more.
///
/// # Errors
/// The journal's.
pub async fn clean(core: &Arc<Core>, ids: &[TransferId], keeps: Keeps) -> Result<Vec<TransferId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // Whoever tells one to go on from here on has to ask this process; what was told before is read.
    core.journal.claim(Claim::Over(ids.to_vec())).await?;
    others::take_in(core, Which::New).await?;
    let (profiles, others) = ours(core, ids);
    let cleaning = profiles.into_iter().map(|ids| core.clean_of_one_profile(ids, keeps));
    // Whatever becomes of the others: what was taken is let go of.
    let (let_be, bare) = tokio::join!(core.let_be(&others), join_all(cleaning));
    let_be.map(|()| bare.concat())
}

/// Those that are this process's now and have left something, by their profiles; and those of its own that are over and
/// need nothing. What another process is at is let alone.
fn ours(core: &Core, ids: &[TransferId]) -> (Vec<Vec<TransferId>>, Vec<TransferId>) {
    let model = core.model();
    let (mut profiles, mut others) = (HashMap::<_, Vec<TransferId>>::new(), Vec::new());
    for job in ids.iter().filter_map(|id| model.get(*id)).filter(|job| is_idle_here(job)) {
        match job.saved.may_have_left() {
            true => profiles.entry(job.saved.transfer.profile.clone()).or_default().push(job.id()),
            false => others.push(job.id()),
        }
    }
    (profiles.into_values().collect(), others)
}

fn is_idle_here(job: &Job) -> bool {
    job.is_over() && job.saved.owner == Owner::Me
}

impl Core {
    async fn clean_of_one_profile(&self, ids: Vec<TransferId>, keeps: Keeps) -> Vec<TransferId> {
        let way = Way::default();
        let cleaning = ids.into_iter().map(|id| self.clean(id, keeps, &way));
        futures::stream::iter(cleaning).buffer_unordered(CLEANING).filter_map(ready).collect().await
    }

    async fn clean(&self, id: TransferId, keeps: Keeps, way: &Way) -> Option<TransferId> {
        // Not before it is about to: whoever tells another to go on need not wait.
        let work = self.model().take_ended(id)?;
        let cleaned = tokio::select! {
            () = work.stop.cancelled() => None,
            cleaned = way.clean_up(self, &work.transfer, &work.resume) => Some(cleaned),
        };
        let remembered = match cleaned {
            Some(cleaned) => self.remember(&work, Left::of(cleaned, keeps)).await,
            None => self.let_be(&[id]).await.map(|()| false),
        };
        if let Some(why) = worker::release_unless_stopped(self, id) {
            self.stopped(id, why).await;
            return None;
        }
        self.wake();
        let is_bare = remembered.unwrap_or_else(|failure| {
            tracing::warn!(transfer = %id, "what became of its remains is not in the journal: {failure}");
            false
        });
        is_bare.then_some(id)
    }

    /// What came of it; answers whether nothing is known to be left.
    async fn remember(&self, work: &Work, left: Left) -> Result<bool> {
        let id = work.transfer.id;
        let is_bare = !matches!(left, Left::Remains(_));
        left.log(&work.transfer);
        let note = cancel_note(&work.transfer, left);
        let forget = is_bare.then_some(Change::ForgetParts(id));
        let edited = self.save_with(
            id,
            |transfer, resume| {
                if transfer.state == TransferState::Cancelled {
                    transfer.error = note.map(Box::new);
                }
                if is_bare {
                    *resume = Resume::default();
                }
            },
            forget.into_iter().collect(),
        );
        edited.await.map(|_transfer| is_bare)
    }

    /// They stay as they are; those that are over are nobody's again.
    async fn let_be(&self, ids: &[TransferId]) -> Result<()> {
        if ids.is_empty() { Ok(()) } else { self.save_many(ids, |_, _| {}, Vec::new()).await }
    }

    /// Whoever is removing what these left stops with it, and has let go of them when this returns.
    pub async fn stop_cleaning(&self, ids: &[TransferId]) {
        self.until_none(ids, Model::stop_cleaning).await;
    }

    /// Whoever is removing what these left is through when this returns.
    pub async fn cleaned(&self, ids: &[TransferId]) {
        self.until_none(ids, Model::is_cleaning).await;
    }

    async fn until_none(&self, ids: &[TransferId], is_so: fn(&Model, TransferId) -> bool) {
        loop {
            let settling = self.settling();
            tokio::pin!(settling);
            settling.as_mut().enable();
            let some = {
                let model = self.model();
                ids.iter().filter(|id| is_so(&model, **id)).count()
            };
            if some == 0 {
                return;
            }
            tokio::select! {
                () = settling => {}
                () = self.closing.cancelled() => return,
            }
        }
    }
}
