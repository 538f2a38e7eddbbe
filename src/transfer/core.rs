//! What the queue's tasks share: the journal, the model in memory and the way from one to the other. Every change goes
//! to the journal first and becomes true in memory only after its commit.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Utc;
use tokio::sync::{Notify, OwnedMutexGuard, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::buffers::Buffers;
use super::desk::{Desk, PATIENCE};
use super::gather::{Gathered, Gatherers};
use super::inputs::Inputs;
use super::job::{Change, Kept, Owner, Resume, Saved, Wish};
use super::journal::{Added, Journal, Which};
use super::lanes::Lanes;
use super::model::Model;
use super::texts::Texts;
use super::worker::folders::Folders;
use super::worker::space::Space;
use super::{Connection, Connector, Scope};
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferId};

/// So many transfers can be saved at once; enough that those of one batch rarely keep another one waiting.
const SAVING_LOCKS: usize = 1024;

/// Shared by the dispatcher, the workers, the recorder and the publisher.
pub struct Core {
    /// The durable record.
    pub journal: Journal,
    /// Opens profiles.
    pub connector: Arc<dyn Connector>,
    /// Which transfers this process runs.
    pub scope: Scope,
    /// Memory for bytes on their way up.
    pub buffers: Buffers,
    /// Inputs that are read only once.
    pub inputs: Inputs,
    /// What workers ask together.
    gatherers: Gatherers,
    /// How much of each profile goes on at once.
    pub lanes: Arc<Lanes>,
    /// What is promised of the disks.
    pub space: Space,
    /// Small pieces of work on files.
    pub desk: Desk,
    /// Larger ones.
    pub large_desk: Desk,
    /// Folders whose new names are to be put on disk.
    pub folders: Folders,
    /// MIME types, which many transfers share.
    types: Mutex<Texts>,
    /// Held by whoever chooses a free key, until it has one.
    pub choosing: tokio::sync::Mutex<()>,
    /// Ends the queue's own tasks.
    pub closing: CancellationToken,
    /// Everything that runs, so that closing can wait for it.
    pub tasks: TaskTracker,
    // A std mutex: it is held for a few map operations and never across an await.
    model: Arc<Mutex<Model>>,
    work: Notify,
    dirty: Notify,
    rested: Notify,
    settled: Notify,
    /// Folders that are being walked.
    walks: AtomicUsize,
    // One lock a transfer (they share some): reading, committing and remembering are one step.
    saving: Vec<Arc<tokio::sync::Mutex<()>>>,
}

impl Core {
    /// Around an open journal.
    pub fn new(journal: Journal, connector: Arc<dyn Connector>, scope: Scope, lanes: Lanes, space: Space) -> Self {
        let lanes = Arc::new(lanes);
        Self {
            journal,
            connector,
            scope,
            buffers: Buffers::default(),
            inputs: Inputs::default(),
            gatherers: Gatherers::default(),
            lanes: lanes.clone(),
            space,
            desk: Desk::default(),
            large_desk: Desk::for_large(),
            folders: Folders::default(),
            types: Mutex::default(),
            choosing: tokio::sync::Mutex::default(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
            model: Arc::new(Mutex::new(Model::new(lanes))),
            work: Notify::new(),
            dirty: Notify::new(),
            rested: Notify::new(),
            settled: Notify::new(),
            walks: AtomicUsize::new(0),
            saving: (0..SAVING_LOCKS).map(|_| Arc::default()).collect(),
        }
    }

    /// Waits for work on a transfer's files. Where its disk takes long, others of its profile need not wait for it.
    ///
    /// # Errors
    /// The work's.
    pub async fn on_disk<T>(&self, id: TransferId, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut work = std::pin::pin!(work);
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
            return done;
        }
        self.lend_turn(id);
        work.await
    }

    /// A transfer waits for its disk: another one of its profile may begin in its place.
    pub fn lend_turn(&self, id: TransferId) {
        self.model().lend_turn(id);
        self.wake();
    }

    /// The model. A panic elsewhere does not make it unusable: every change to it is a whole one.
    pub fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// MIME types, which many transfers share.
    pub fn types(&self) -> MutexGuard<'_, Texts> {
        self.types.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something may be ready to run, and there is something new to show.
    pub fn wake(&self) {
        self.work.notify_one();
        self.dirty.notify_one();
        self.settled.notify_waiters();
    }

    /// Something may have settled; to be asked for before looking, so that nothing is missed in between.
    pub fn settling(&self) -> tokio::sync::futures::Notified<'_> {
        self.settled.notified()
    }

    /// Folders that are being walked.
    pub fn walks(&self) -> usize {
        self.walks.load(Ordering::Relaxed)
    }

    /// One folder more is walked, or less.
    pub fn walk(&self, more: bool) {
        let _before =
            if more { self.walks.fetch_add(1, Ordering::Relaxed) } else { self.walks.fetch_sub(1, Ordering::Relaxed) };
        self.dirty.notify_one();
    }

    /// Waits until something may be ready to run.
    pub async fn work(&self) {
        self.work.notified().await;
    }

    /// Waits until there is something new to show.
    pub async fn dirty(&self) {
        self.dirty.notified().await;
    }

    /// Opens the profile of a transfer.
    ///
    /// # Errors
    /// As the connector says.
    pub async fn connect(&self, identity: &ProfileIdentity) -> Result<Arc<Connection>> {
        self.connector.connect_as(identity).await
    }

    /// What workers of a connection ask together.
    pub fn together(&self, connection: &Connection) -> Arc<Gathered> {
        self.gatherers.of(connection, || self.lanes.lane(&connection.identity))
    }

    /// The last of what was worked on is through.
    pub fn rest(&self) {
        self.rested.notify_one();
    }

    /// Waits until the last of what is worked on is through.
    pub async fn rested(&self) {
        self.rested.notified().await;
    }

    /// Edits a transfer: on disk first, then in memory.
    ///
    /// # Errors
    /// The journal's; then nothing has changed. `NotFound` where the transfer is gone.
    pub async fn save(&self, id: TransferId, edit: impl FnOnce(&mut Transfer, &mut Resume)) -> Result<Arc<Transfer>> {
        self.save_with(id, edit, Vec::new()).await
    }

    /// Like [`save`](Self::save), with other changes in the same commit.
    ///
    /// # Errors
    /// As for `save`.
    pub async fn save_with(
        &self,
        id: TransferId,
        edit: impl FnOnce(&mut Transfer, &mut Resume),
        others: Vec<Change>,
    ) -> Result<Arc<Transfer>> {
        let locked = self.lock(&[id]).await;
        let saved = self.edited(id, edit).ok_or_else(gone)?;
        let transfer = saved.transfer.clone();
        self.commit(vec![saved], others, locked).await?;
        Ok(transfer)
    }

    /// Edits many transfers alike in one commit; those that are gone are left out.
    ///
    /// # Errors
    /// The journal's; then nothing has changed.
    pub async fn save_many(
        &self,
        ids: &[TransferId],
        mut edit: impl FnMut(&mut Transfer, &mut Resume),
        others: Vec<Change>,
    ) -> Result<()> {
        let locked = self.lock(ids).await;
        let saved: Vec<Saved> = ids.iter().filter_map(|id| self.edited(*id, &mut edit)).collect();
        self.commit(saved, others, locked).await
    }

    /// Locks transfers, so that reading, committing and remembering them is one step. Always in the same order, so that
    /// two who lock many never wait for each other.
    async fn lock(&self, ids: &[TransferId]) -> Vec<OwnedMutexGuard<()>> {
        let place = |id: &TransferId| (id.0.as_u128() % SAVING_LOCKS as u128) as usize;
        let places: BTreeSet<usize> = ids.iter().map(place).collect();
        let mut locked = Vec::with_capacity(places.len());
        for lock in places.into_iter().filter_map(|place| self.saving.get(place)) {
            locked.push(lock.clone().lock_owned().await);
        }
        locked
    }

    /// The transfer as it is to be.
    fn edited(&self, id: TransferId, edit: impl FnOnce(&mut Transfer, &mut Resume)) -> Option<Saved> {
        let mut saved = self.model().get(id)?.saved.clone();
        let mut transfer = (*saved.transfer).clone();
        let mut resume = (*saved.resume).clone();
        edit(&mut transfer, &mut resume);
        saved.resume = resume.into();
        saved.owner = self.owner_of(&transfer);
        saved.transfer = Arc::new(transfer);
        Some(saved)
    }

    /// Commits transfers as they are to be, and only then has memory say so.
    ///
    /// A worker that is stopped in the middle must not leave journal and memory apart. So it is not the worker that tells
    /// memory, but the journal, right after the commit and before the next one. A worker that is dropped before the journal
    /// has its request has changed nothing; one that is dropped later only misses the answer. The locks travel with the
    /// request: nobody reads these transfers to change them until memory has what the file has, or the commit has failed
    /// and both are as they were.
    async fn commit(&self, saved: Vec<Saved>, others: Vec<Change>, locked: Vec<OwnedMutexGuard<()>>) -> Result<()> {
        let mut changes: Vec<Change> = saved.iter().map(Change::update).collect();
        changes.extend(others);
        let model = self.model.clone();
        let remember = move |_| {
            let mut model = model.lock().unwrap_or_else(PoisonError::into_inner);
            saved.into_iter().for_each(|saved| model.put(saved));
            drop((model, locked));
        };
        self.journal.commit_then(changes, remember).await?;
        self.wake();
        Ok(())
    }

    /// Gives transfers other places in the queue: on disk first, then in memory.
    ///
    /// # Errors
    /// The journal's; then nothing has changed.
    pub async fn reorder(&self, ranks: &[(TransferId, i64)]) -> Result<()> {
        self.journal.commit(ranks.iter().map(|(id, rank)| Change::Rank(*id, *rank)).collect()).await?;
        let mut model = self.model();
        ranks.iter().for_each(|(id, rank)| model.set_rank(*id, *rank));
        drop(model);
        self.wake();
        Ok(())
    }

    /// Whose a transfer is in a state: those that need nobody belong to nobody.
    fn owner_of(&self, transfer: &Transfer) -> Owner {
        if transfer.state.is_open() && self.scope != Scope::Nothing { Owner::Me } else { Owner::Nobody }
    }

    /// Takes over what the journal says; answers what of it somebody has to see to: transfers of which something is
    /// wished, and open ones that nobody runs.
    ///
    /// # Errors
    /// The journal's.
    pub async fn reload(&self, mut which: Which) -> Result<Vec<Saved>> {
        loop {
            let as_of = self.model().reading_begins();
            let read = self.journal.read(which).await;
            let mut model = self.model();
            let merged = read.map(|reading| (reading.to_see_to(self.scope), model.merge(reading, as_of)));
            model.reading_ended();
            if let (to_see_to, true) = merged? {
                return Ok(to_see_to);
            }
            which = Which::All;
        }
    }

    /// Puts new transfers at the queue's end: on disk first, then in memory, with the numbers that they got there. False
    /// where another process has written meanwhile: it may be about the same keys and stand before them, so that the
    /// journal is to be read before memory has any.
    ///
    /// # Errors
    /// The journal's; then none of them is there.
    pub async fn add(&self, transfers: &[Arc<Transfer>]) -> Result<bool> {
        let owner = if self.scope == Scope::Nothing { Owner::Nobody } else { Owner::Me };
        let insert = |transfer: &Arc<Transfer>| Change::Insert { transfer: transfer.clone(), mine: owner == Owner::Me };
        let (model, added) = (self.model.clone(), transfers.to_vec());
        let (runs, (told, admitted)) = (self.scope != Scope::Nothing, oneshot::channel());
        let remember = move |at: Added| {
            if runs && !at.all_known {
                return;
            }
            let mut model = model.lock().unwrap_or_else(PoisonError::into_inner);
            for (seq, transfer) in (at.first..).zip(added) {
                model.admit(Saved { seq, rank: seq, owner, wish: None, transfer, resume: Kept::default() });
            }
            // Whoever asked may have been stopped meanwhile.
            let _gone = told.send(());
        };
        self.journal.commit_then(transfers.iter().map(insert).collect(), remember).await?;
        self.wake();
        Ok(admitted.await.is_ok())
    }

    /// Removes transfers that are over: from the journal first, then from memory.
    ///
    /// # Errors
    /// The journal's; then they stay.
    pub async fn remove(&self, ids: Vec<TransferId>) -> Result<()> {
        let (model, changes) = (self.model.clone(), ids.iter().map(|id| Change::Remove(*id)).collect());
        let forget = move |_| model.lock().unwrap_or_else(PoisonError::into_inner).remove(&ids);
        self.journal.commit_then(changes, forget).await?;
        self.wake();
        Ok(())
    }

    /// The transfer as it stands, unless it is over and has left nothing.
    pub(super) fn unfinished(&self, id: TransferId) -> Option<Saved> {
        self.model().get(id).map(|job| job.saved.clone()).filter(|saved| Wish::Cancel.applies(saved))
    }

    /// The bucket has acknowledged so many bytes; the journal knows already.
    pub fn acknowledged(&self, id: TransferId, bytes: u64) {
        self.model().acknowledge(id, bytes);
    }

    /// The journal could not take a change: the transfer stays as it was on disk and says why.
    pub fn journal_trouble(&self, id: TransferId, failure: Failure) {
        let mut model = self.model();
        let Some(mut saved) = model.get(id).map(|job| job.saved.clone()) else { return };
        let mut transfer = (*saved.transfer).clone();
        transfer.not_before = Some(Utc::now() + chrono::TimeDelta::seconds(10));
        transfer.error = Some(failure.into());
        saved.transfer = Arc::new(transfer);
        model.put(saved);
        drop(model);
        self.wake();
    }
}

fn gone() -> Failure {
    Failure::new(FailureKind::NotFound, "the transfer is no longer in the queue")
}
