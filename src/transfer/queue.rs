//! The queue's public face, and the loop that hands ready transfers to workers and finished ones to the recorder.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio::sync::watch;

use super::core::Core;
use super::job::{Change, Owner, Saved, Wish};
use super::journal::{Claim, Journal};
use super::runner::Runner;
use super::{Connector, NewTransfer, plan, publish, records, worker};
use crate::config::TransferSettings;
use crate::domain::transfer::{Limits, ProfileIdentity, QueueView};
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferId, TransferKind, TransferState};

/// How often other processes' changes are looked for.
const LOOK_AROUND: Duration = Duration::from_secs(1);

/// How long closing waits for work to reach a safe point.
const CLOSING: Duration = Duration::from_secs(2);

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
        let runners = journal.parent().unwrap_or_else(|| Path::new(".")).join("runners");
        let me = Arc::new(Runner::start(&runners)?);
        let (journal, warning) = Journal::open(journal, me).await?;
        let limits = Limits { jobs: settings.jobs.max(1), rate: settings.rate };
        let core = Arc::new(Core::new(journal, connector, scope, limits));
        prune(&core, settings.keep_done).await?;
        look_around(&core).await?;
        let (sender, view) = watch::channel(Arc::new(publish::now(&core)));
        core.tasks.spawn(publish::run(core.clone(), sender));
        core.tasks.spawn(dispatch(core.clone(), settings.jobs.max(1)));
        core.tasks.spawn(watch_others(core.clone()));
        Ok((Arc::new(Self { core, view }), warning.into_iter().collect()))
    }

    /// Puts transfers into the journal; they are on disk when this returns.
    ///
    /// # Errors
    /// The journal's, or `ReadOnly`; then none of them is queued.
    pub async fn enqueue(&self, jobs: Vec<NewTransfer>) -> Result<Vec<TransferId>> {
        self.refuse_writes_under_read_only(&jobs).await?;
        let mine = self.core.scope != Scope::Nothing;
        let transfers: Vec<Arc<Transfer>> = jobs.into_iter().map(|job| Arc::new(fresh(job))).collect();
        let insert = |transfer: &Arc<Transfer>| Change::Insert { transfer: transfer.clone(), mine };
        self.core.journal.commit(transfers.iter().map(insert).collect()).await?;
        self.admit(&transfers, mine);
        if mine {
            self.take_what_stands_before(&transfers).await?;
        }
        Ok(transfers.iter().map(|transfer| transfer.id).collect())
    }

    /// What a read-only profile refuses must not wait in the queue for a day when it is writable.
    async fn refuse_writes_under_read_only(&self, jobs: &[NewTransfer]) -> Result<()> {
        let mut asked: Vec<&Arc<ProfileIdentity>> = Vec::new();
        for job in jobs.iter().filter(|job| job.kind != TransferKind::Download) {
            if asked.contains(&&job.profile) {
                continue;
            }
            asked.push(&job.profile);
            let read_only = self.core.connect(&job.profile).await.is_ok_and(|connection| connection.profile.read_only);
            if read_only {
                let what = format!("the profile \"{}\" is read-only: nothing was queued", job.profile.name);
                return Err(
                    Failure::new(FailureKind::ReadOnly, what).hint("use another profile, or leave out read_only")
                );
            }
        }
        Ok(())
    }

    /// What was queued about the same keys earlier and is run by nobody has to be run first, or the new ones would wait for
    /// it for ever.
    async fn take_what_stands_before(&self, transfers: &[Arc<Transfer>]) -> Result<()> {
        let model = |transfer: &Arc<Transfer>| self.core.model().unclaimed(&transfer.profile, &transfer.key);
        let before: Vec<TransferId> = transfers.iter().flat_map(model).collect();
        if !before.is_empty() {
            self.core.journal.claim(Claim::These(before)).await?;
            self.core.reload().await?;
            self.core.wake();
        }
        Ok(())
    }

    /// In memory, new ones stand behind everything else: their names sort by time.
    fn admit(&self, transfers: &[Arc<Transfer>], mine: bool) {
        let mut model = self.core.model();
        let last = model.jobs().map(|job| job.saved.seq).max().unwrap_or(0);
        for (seq, transfer) in (last + 1..).zip(transfers) {
            let owner = if mine { Owner::Me } else { Owner::Nobody };
            let transfer = transfer.clone();
            model.admit(Saved { seq, rank: seq, owner, wish: None, transfer, resume: super::job::Resume::default() });
        }
        drop(model);
        self.core.wake();
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
        // A failed upload may have left parts in the bucket: cancelling it removes them.
        self.wish(ids, Wish::Cancel, |state| !state.is_final() || state == TransferState::Failed).await
    }

    /// Tries failed, cancelled or waiting ones again now; answers how many.
    ///
    /// # Errors
    /// The journal's.
    pub async fn retry(&self, ids: &[TransferId]) -> Result<usize> {
        self.wish(ids, Wish::Retry, |state| !matches!(state, TransferState::Done | TransferState::Expired)).await
    }

    /// Holds running ones, lets held ones go on; answers how many changed.
    ///
    /// # Errors
    /// The journal's.
    pub async fn pause_or_go_on(&self, ids: &[TransferId]) -> Result<usize> {
        let (held, open): (Vec<_>, Vec<_>) =
            ids.iter().copied().partition(|id| self.state(*id) == Some(TransferState::Paused));
        let going_on = self.wish(&held, Wish::Retry, |_| true).await?;
        Ok(going_on + self.wish(&open, Wish::Pause, |state| state.is_open()).await?)
    }

    async fn wish(&self, ids: &[TransferId], wish: Wish, applies: impl Fn(TransferState) -> bool) -> Result<usize> {
        let mut changed = 0;
        for id in ids {
            let running = self.core.model().get(*id).is_some_and(|job| job.running.is_some());
            if self.state(*id).is_some_and(&applies) && !(running && wish == Wish::Retry) {
                self.core.wish(*id, wish).await?;
                changed += 1;
            }
        }
        Ok(changed)
    }

    fn state(&self, id: TransferId) -> Option<TransferState> {
        self.core.model().get(id).map(|job| job.saved.transfer.state)
    }

    /// Forgets finished ones; answers how many. Failed ones stay, because they can be tried again; cancelling them first
    /// lets them go.
    ///
    /// # Errors
    /// The journal's.
    pub async fn clear_done(&self) -> Result<usize> {
        forget(&self.core, |transfer| transfer.state.is_final() && transfer.state != TransferState::Failed).await
    }

    /// Moves open transfers that no worker is at by one place in the queue, together and in their order; answers how many
    /// moved.
    ///
    /// # Errors
    /// The journal's.
    pub async fn shift(&self, ids: &[TransferId], towards: Towards) -> Result<usize> {
        let _ = (ids, towards);
        self.core.reorder(&[]).await?;
        Ok(0)
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
        let mut view = self.view();
        loop {
            let settling = self.core.settling();
            tokio::pin!(settling);
            settling.as_mut().enable();
            let queue = view.borrow_and_update().clone();
            if self.all_settled(ids, &queue) {
                return Ok(queue);
            }
            tokio::select! {
                () = settling => {}
                changed = view.changed() => changed.map_err(|_closed| closed())?,
            }
        }
    }

    /// What is shown must be what stands, or the answer would be older than the question.
    fn all_settled(&self, ids: &[TransferId], queue: &QueueView) -> bool {
        let shown: HashMap<TransferId, &Arc<Transfer>> =
            queue.transfers.iter().map(|shown| (shown.transfer.id, &shown.transfer)).collect();
        let model = self.core.model();
        ids.iter().all(|id| match model.get(*id) {
            Some(job) => {
                let blocked = model.blocker(job).is_some_and(|first| first.saved.transfer.not_before.is_some());
                (blocked || is_settled(&job.saved.transfer, job.running.is_some() || job.in_batch))
                    && shown.get(id).is_some_and(|shown| **shown == job.saved.transfer)
            }
            None => !shown.contains_key(id),
        })
    }

    /// Stops all work at the next safe point, leaving it resumable, and closes the journal.
    pub async fn close(&self) {
        self.core.closing.cancel();
        self.core.model().stop_all();
        self.core.tasks.close();
        if tokio::time::timeout(CLOSING, self.core.tasks.wait()).await.is_err() {
            tracing::warn!("work did not stop in time; the journal has it where it stood");
        }
        self.core.journal.close().await;
    }
}

/// Whether nothing more will happen to it soon.
fn is_settled(transfer: &Transfer, running: bool) -> bool {
    !running && (!transfer.state.is_open() || transfer.not_before.is_some())
}

fn closed() -> Failure {
    Failure::new(FailureKind::Internal, "the queue is closed")
}

fn fresh(job: NewTransfer) -> Transfer {
    let content_type = job
        .content_type
        .or_else(|| (job.kind == TransferKind::Upload).then(|| plan::content_type(crate::domain::key::name(&job.key))));
    Transfer {
        id: TransferId::fresh(),
        kind: job.kind,
        state: TransferState::Queued,
        profile: job.profile,
        key: job.key,
        path: job.path,
        size: job.size,
        acknowledged: 0,
        content_type,
        on_conflict: job.on_conflict,
        without_record: job.without_record,
        url: None,
        checksum: None,
        etag: None,
        error: None,
        attempts: 0,
        not_before: None,
        queued_at: super::now(),
        stored_at: None,
        finished_at: None,
    }
}

/// Hands out work until the queue closes.
async fn dispatch(core: Arc<Core>, most_workers: usize) {
    while !core.closing.is_cancelled() {
        let now = Utc::now();
        while let Some(work) = take(&core, now, most_workers).filter(|_| !core.closing.is_cancelled()) {
            core.tasks.spawn(worker::run(core.clone(), work));
        }
        while let Some(batch) = take_batch(&core, now) {
            core.tasks.spawn(records::run(core.clone(), batch));
        }
        let next = core.model().next_timer();
        tokio::select! {
            () = core.closing.cancelled() => {}
            () = core.work() => {}
            () = until(next) => {}
        }
    }
}

// The model's lock must be gone before anything is spawned or awaited, hence two small functions.
fn take(core: &Core, now: chrono::DateTime<Utc>, most_workers: usize) -> Option<super::model::Work> {
    core.model().take_ready(now, most_workers)
}

fn take_batch(core: &Core, now: chrono::DateTime<Utc>) -> Option<super::model::Batch> {
    core.model().take_batch(now)
}

async fn until(moment: Option<chrono::DateTime<Utc>>) {
    match moment {
        Some(moment) => tokio::time::sleep((moment - Utc::now()).to_std().unwrap_or_default()).await,
        None => std::future::pending().await,
    }
}

/// Notices what other processes have written, asked for, or left behind by dying.
async fn watch_others(core: Arc<Core>) {
    let mut seen = None;
    loop {
        tokio::select! {
            () = core.closing.cancelled() => return,
            () = tokio::time::sleep(LOOK_AROUND) => {}
        }
        let looked = async {
            let version = core.journal.version().await?;
            let others = core.model().jobs().any(|job| job.saved.owner == Owner::Other);
            // Other processes die without writing a word.
            let inherited = core.scope == Scope::All && others && !core.journal.claim(Claim::Open).await?.is_empty();
            if seen.replace(version) != Some(version) || inherited {
                look_around(&core).await?;
            }
            Ok::<(), Failure>(())
        };
        if let Err(failure) = looked.await {
            tracing::warn!("cannot look at the journal: {failure}");
        }
    }
}

/// Takes what nobody runs, reads what others wrote, grants what was wished.
async fn look_around(core: &Arc<Core>) -> Result<()> {
    if core.scope == Scope::All {
        core.journal.claim(Claim::Open).await?;
    }
    let mut rows = core.reload().await?;
    let orphaned = |row: &Saved| row.owner == Owner::Nobody && row.wish.is_some();
    let orphans: Vec<TransferId> = rows.iter().filter(|row| orphaned(row)).map(|row| row.transfer.id).collect();
    if !orphans.is_empty() {
        // Wished of a process that died before it could grant it.
        core.journal.claim(Claim::These(orphans)).await?;
        rows = core.reload().await?;
    }
    let wishes: Vec<(TransferId, Wish)> = rows
        .iter()
        .filter(|row| row.owner == Owner::Me)
        .filter_map(|row| row.wish.map(|wish| (row.transfer.id, wish)))
        .collect();
    for (id, wish) in wishes {
        let core = core.clone();
        core.tasks.clone().spawn(async move {
            if let Err(failure) = core.grant(id, wish).await {
                tracing::warn!("cannot do what another Windlass asked for: {failure}");
            }
        });
    }
    core.wake();
    Ok(())
}

/// Removes finished transfers that are older than the user keeps them.
async fn prune(core: &Core, keep_done: u64) -> Result<()> {
    let keep = TimeDelta::try_seconds(i64::try_from(keep_done).unwrap_or(i64::MAX)).unwrap_or(TimeDelta::MAX);
    core.reload().await?;
    let old = Utc::now().checked_sub_signed(keep);
    forget(core, |transfer| transfer.state.is_final() && transfer.finished_at < old).await.map(drop)
}

async fn forget(core: &Core, which: impl Fn(&Transfer) -> bool) -> Result<usize> {
    let rows: Vec<Saved> =
        core.model().jobs().filter(|job| which(&job.saved.transfer)).map(|job| job.saved.clone()).collect();
    let mut ids = Vec::new();
    for row in rows {
        if clean(core, &row).await {
            ids.push(row.transfer.id);
        }
    }
    core.journal.commit(ids.iter().map(|id| Change::Remove(*id)).collect()).await?;
    core.model().remove(&ids);
    core.wake();
    Ok(ids.len())
}

/// A failed upload may have left parts, and its row is what knows of them: the row goes only once they are gone.
async fn clean(core: &Core, row: &Saved) -> bool {
    if row.resume.part_size.is_none() {
        return true;
    }
    let Ok(connection) = core.connect(&row.transfer.profile).await else { return false };
    worker::clean_up(&connection, &row.transfer, &row.resume).await.is_ok()
}
