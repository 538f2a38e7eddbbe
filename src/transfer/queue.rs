//! The queue's public face: what the screen and the command line may ask of it.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::core::Core;
use super::job::Wish;
use super::journal::Journal;
use super::lanes::Lanes;
use super::model::{Job, Unsettled};
use super::runner::Runner;
use super::tidying::OutOfReach;
use super::worker::space::Space;
use super::{Connector, dispatch, order, others, pruning, publish, tidying};
use crate::config::TransferSettings;
use crate::domain::transfer::{Limits, OnConflict, ProfileIdentity, QueueView, TransferView};
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferId, TransferState};

/// How long closing waits for work to reach a safe point.
const CLOSING: Duration = Duration::from_secs(2);

/// Nothing was removed for so long: whoever has nothing else to do waits no longer.
const STANDS_STILL: Duration = Duration::from_secs(10);

/// Which transfers of the journal this process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every open one: the screen and `resume`. Those of a dead process are taken over.
    All,
    /// Only those that this process queues: headless commands.
    Own,
    /// None: `transfers`, `--detach`.
    Nothing,
}

/// A direction in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Towards {
    /// Earlier.
    Front,
    /// Later.
    Back,
}

/// The queue of this machine's user, shared by every Windlass through the journal.
pub struct Queue {
    pub(super) core: Arc<Core>,
    view: watch::Receiver<Arc<QueueView>>,
    /// Those that were so when it was opened.
    untidy: Vec<TransferId>,
}

/// What became of what cancelled transfers had left behind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tidied {
    /// How many may still have left something that is removed once it can be.
    pub left: usize,
    /// Those of these whose profiles cannot be opened here.
    pub out_of_reach: OutOfReach,
    /// Those whose remains nobody can remove by trying again, each with a note that says why.
    pub let_go: Vec<TransferView>,
}

impl Queue {
    /// Opens the journal and starts running what `scope` says. The warnings say what a damaged journal came to.
    ///
    /// # Errors
    /// `Local` or `DiskFull` where the journal cannot be made.
    pub async fn open(
        journal: &Path,
        connector: Arc<dyn Connector>,
        settings: &TransferSettings,
        scope: Scope,
    ) -> Result<(Arc<Self>, Vec<Failure>)> {
        Self::open_and_look(journal, connector, settings, scope, |_queue| ()).await
    }

    /// The same, with a look at the queue as it stands before anything of it is run.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub async fn open_and_look(
        journal: &Path,
        connector: Arc<dyn Connector>,
        settings: &TransferSettings,
        scope: Scope,
        look: impl FnOnce(&QueueView),
    ) -> Result<(Arc<Self>, Vec<Failure>)> {
        let runners = journal.parent().unwrap_or_else(|| Path::new(".")).join("runners");
        let me = Arc::new(Runner::start(&runners)?);
        let space = Space::beside(&runners);
        let (journal, warning) = Journal::open(journal, me).await?;
        let core = Arc::new(Core::new(journal, connector.clone(), scope, lanes(connector, settings), space));
        others::look_at_all(&core).await?;
        look(&publish::now(&core));
        let untidy = tidying::untidy(&core);
        pruning::prune_bare(&core, settings.keep_done).await?;
        let (sender, view) = watch::channel(Arc::new(publish::now(&core)));
        core.tasks.spawn(publish::run(core.clone(), sender));
        core.tasks.spawn(dispatch::run(core.clone()));
        core.tasks.spawn(others::watch(core.clone()));
        core.tasks.spawn(pruning::run(core.clone(), settings.keep_done));
        Ok((Arc::new(Self { core, view, untidy }), warning.into_iter().collect()))
    }

    /// The queue as it stands, at most ten times a second, only when something changed.
    pub fn view(&self) -> watch::Receiver<Arc<QueueView>> {
        self.view.clone()
    }

    /// Stops these for good and removes what they left in the bucket and on disk; answers how many it did so for.
    ///
    /// # Errors
    /// The journal's.
    pub async fn cancel(&self, ids: &[TransferId]) -> Result<usize> {
        self.wish(ids, Wish::Cancel, |_| true).await
    }

    /// Removes what cancelled transfers left in the bucket and on disk because it was away then; answers what became of
    /// those that there were when the queue was opened, and since.
    ///
    /// # Errors
    /// The journal's.
    pub async fn tidy(&self) -> Result<Tidied> {
        self.tidy_beside(std::future::pending()).await
    }

    /// The same beside other work; once that is over, only for as long as it gets on.
    ///
    /// # Errors
    /// The journal's.
    pub async fn tidy_beside(&self, work: impl Future<Output = ()>) -> Result<Tidied> {
        let mut ids: Vec<TransferId> = tidying::untidy(&self.core);
        ids.extend(&self.untidy);
        let all = async {
            tidying::tidy(&self.core).await?;
            // It may be others of this process that are at them.
            self.core.cleaned(&ids).await;
            Ok::<(), Failure>(())
        };
        let enough = async {
            work.await;
            self.tidying_stands_still().await;
        };
        tokio::select! {
            through = all => through?,
            () = enough => {}
        }
        // It asks no bucket; a secret's command that does not end is no reason to wait.
        let untidy = tidying::untidy(&self.core);
        let out_of_reach = tokio::time::timeout(CLOSING, tidying::out_of_reach(&self.core, &untidy)).await;
        Ok(self.tidied(&ids, out_of_reach.unwrap_or_default()))
    }

    /// Waits until nothing has been removed for a while: the bucket does not answer.
    async fn tidying_stands_still(&self) {
        let mut before = None;
        loop {
            let left = tidying::untidy(&self.core).len();
            if before.replace(left) == Some(left) {
                return;
            }
            tokio::time::sleep(STANDS_STILL).await;
        }
    }

    fn tidied(&self, ids: &[TransferId], out_of_reach: OutOfReach) -> Tidied {
        let untidy: HashSet<TransferId> = tidying::untidy(&self.core).into_iter().collect();
        let tidied: HashSet<&TransferId> = ids.iter().filter(|id| !untidy.contains(id)).collect();
        let was_let_go = |shown: &TransferView| {
            let transfer = &shown.transfer;
            tidied.contains(&transfer.id) && transfer.state == TransferState::Cancelled && transfer.error.is_some()
        };
        let let_go = publish::now(&self.core).transfers.into_iter().filter(was_let_go).collect();
        Tidied { left: untidy.len(), out_of_reach, let_go }
    }

    /// Tries failed, cancelled or waiting ones again now; answers how many.
    ///
    /// # Errors
    /// The journal's.
    pub async fn retry(&self, ids: &[TransferId]) -> Result<usize> {
        self.wish(ids, Wish::Retry, |_| true).await
    }

    /// Tries those again that failed because something was there, and has them do this where it still is; answers how many.
    ///
    /// # Errors
    /// The journal's.
    pub async fn retry_as(&self, ids: &[TransferId], on_conflict: OnConflict) -> Result<usize> {
        let decided = self.core.decide(ids, on_conflict).await?;
        self.retry(&decided).await
    }

    /// Holds open ones; answers how many.
    ///
    /// # Errors
    /// The journal's.
    pub async fn pause(&self, ids: &[TransferId]) -> Result<usize> {
        self.wish(ids, Wish::Pause, |_| true).await
    }

    /// Brings cancelled ones back, held; answers how many.
    ///
    /// # Errors
    /// The journal's.
    pub async fn pause_again(&self, ids: &[TransferId]) -> Result<usize> {
        self.core.pause_again(ids).await
    }

    /// Lets held ones go on; answers how many.
    ///
    /// # Errors
    /// The journal's.
    pub async fn go_on(&self, ids: &[TransferId]) -> Result<usize> {
        self.wish(ids, Wish::Retry, |state| state == TransferState::Paused).await
    }

    /// Tries those of these now that are still open and wait; answers how many.
    ///
    /// # Errors
    /// The journal's.
    pub async fn try_now(&self, ids: &[TransferId]) -> Result<usize> {
        self.wish(ids, Wish::Retry, |state| state.is_open()).await
    }

    async fn wish(&self, ids: &[TransferId], wish: Wish, among: impl Fn(TransferState) -> bool) -> Result<usize> {
        let chosen: Vec<TransferId> = {
            let model = self.core.model();
            let fits = |id: &&TransferId| {
                let state = |job: &Job| job.saved.transfer.state;
                let running = |job: &Job| job.running.is_some() && state(job).is_open() && wish == Wish::Retry;
                let fits = |job: &Job| wish.applies(&job.saved) && among(state(job)) && !running(job);
                model.get(**id).is_some_and(fits)
            };
            ids.iter().filter(fits).copied().collect()
        };
        self.core.wish(&chosen, wish).await?;
        Ok(chosen.len())
    }

    /// Forgets finished ones; answers how many. Failed ones stay, because they can be tried again; cancelling them first
    /// lets them go.
    ///
    /// # Errors
    /// The journal's.
    pub async fn clear_done(&self) -> Result<usize> {
        pruning::forget(&self.core, is_cleared).await
    }

    /// The same for the finished ones among these.
    ///
    /// # Errors
    /// The journal's.
    pub async fn clear_done_of(&self, ids: &[TransferId]) -> Result<usize> {
        let ids: HashSet<TransferId> = ids.iter().copied().collect();
        pruning::forget(&self.core, |transfer| is_cleared(transfer) && ids.contains(&transfer.id)).await
    }

    /// The same for those that saved nothing of a text that is gone or is tried anew, also where they failed.
    ///
    /// # Errors
    /// The journal's; then they stay.
    pub async fn clear_tries(&self, ids: &[TransferId]) -> Result<usize> {
        let is_over = |state| matches!(state, TransferState::Failed | TransferState::Cancelled);
        pruning::forget(&self.core, |transfer| is_over(transfer.state) && ids.contains(&transfer.id)).await
    }

    /// Forgets those of these that failed in vain, once their workers have let go of them: whoever asked has been told, and
    /// nobody could do anything about their rows.
    ///
    /// # Errors
    /// The journal's; `Internal` where the queue has been closed.
    pub async fn clear_in_vain(&self, ids: &HashSet<TransferId>) -> Result<usize> {
        self.settled(&ids.iter().copied().collect::<Vec<_>>()).await?;
        pruning::forget(&self.core, |transfer| transfer.failed_in_vain() && ids.contains(&transfer.id)).await
    }

    /// Somebody has seen how these ended, or does not care: memory holds them no longer, and later views do not show them.
    /// The journal keeps them. Those that are not over stay.
    pub fn forget(&self, ids: &[TransferId]) {
        self.core.model().forget(ids);
    }

    /// Moves open transfers that no worker is at by one place in the queue, together and in their order; answers how many
    /// moved.
    ///
    /// # Errors
    /// The journal's.
    pub async fn shift(&self, ids: &[TransferId], towards: Towards) -> Result<usize> {
        let waiting = self.core.model().waiting();
        let (ranks, moved) = order::shifted(&waiting, &ids.iter().copied().collect(), towards);
        self.core.reorder(&ranks).await?;
        Ok(moved)
    }

    /// Changes how much of a profile goes on at once, until this program ends.
    pub fn set_limits(&self, profile: &Arc<ProfileIdentity>, limits: Limits) {
        self.core.lanes.lane(profile).set(limits);
        self.core.wake();
    }

    /// Waits until each of these is final, held, or waiting for a later try, and answers how the queue stands then.
    ///
    /// # Errors
    /// `Internal` where the queue has been closed.
    pub async fn settled(&self, ids: &[TransferId]) -> Result<Arc<QueueView>> {
        let mut unsettled = Unsettled::default();
        loop {
            let settling = self.core.settling();
            tokio::pin!(settling);
            settling.as_mut().enable();
            if let Some(queue) = self.once_settled(ids, &mut unsettled) {
                return Ok(Arc::new(queue));
            }
            tokio::select! {
                () = settling => {}
                () = self.core.closing.cancelled() => return Err(closed()),
            }
        }
    }

    fn once_settled(&self, ids: &[TransferId], unsettled: &mut Unsettled) -> Option<QueueView> {
        let mut model = self.core.model();
        unsettled.none_of(ids, &model).then(|| publish::snapshot(&self.core, &mut model))
    }

    /// Until what this answers with is dropped, every total is "at least": a folder is being walked.
    pub fn walking(&self) -> Walking {
        self.core.walk(true);
        Walking(self.core.clone())
    }

    /// Stops all work at the next safe point and cancels uploads whose input dies with this process, so that nothing of them
    /// stays in the bucket; to be asked for before [`close`](Self::close), by whoever has queued such uploads.
    ///
    /// # Errors
    /// Why something may stay; whoever runs the queue next removes it.
    pub async fn end_inputs(&self) -> Result<()> {
        self.stop().await;
        self.core.cancel_what_dies_with_us().await
    }

    /// Stops all work at the next safe point, leaving it resumable, and closes the journal.
    pub async fn close(&self) {
        self.stop().await;
        self.core.journal.close().await;
    }

    async fn stop(&self) {
        self.core.closing.cancel();
        self.core.model().stop_all();
        self.core.tasks.close();
        if tokio::time::timeout(CLOSING, self.core.tasks.wait()).await.is_err() {
            tracing::warn!("work did not stop in time; the journal has it where it stood");
        }
    }
}

/// Lanes as the settings and the profiles have them.
fn lanes(connector: Arc<dyn Connector>, settings: &TransferSettings) -> Lanes {
    let (for_all, jobs_for_all) = (Limits { jobs: settings.jobs.max(1), rate: 0 }, settings.jobs_for_all);
    let configured = move |profile: &ProfileIdentity| {
        let own = connector.limits_of(profile, for_all);
        if jobs_for_all { Limits { jobs: for_all.jobs, ..own } } else { own }
    };
    Lanes::new(settings.rate, Box::new(configured))
}

/// A folder that is being walked.
pub struct Walking(Arc<Core>);

impl Drop for Walking {
    fn drop(&mut self) {
        self.0.walk(false);
    }
}

/// Failed ones are still to be looked at.
fn is_cleared(transfer: &Transfer) -> bool {
    transfer.state.is_final() && transfer.state != TransferState::Failed
}

fn closed() -> Failure {
    Failure::new(FailureKind::Internal, "the queue is closed")
}
