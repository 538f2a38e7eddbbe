//! The queue in memory: what the journal holds, what runs, and what may run next. Pure: no IO, time comes in as a value.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::job::{Owner, Resume, Saved};
use super::meter::Meter;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Transfer, TransferId, TransferState};
use crate::storage::Sent;

/// Most records written by one statement.
const BATCH: usize = 500;

/// Why a running transfer is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// For good.
    Cancel,
    /// Held by the user.
    Pause,
}

/// A transfer and what this process knows about it.
#[derive(Debug)]
pub struct Job {
    /// The journal's row.
    pub saved: Saved,
    /// Bytes handed to the socket, or received.
    pub sent: Sent,
    /// How fast they go.
    pub meter: Meter,
    /// Present while a worker is at it.
    pub running: Option<CancellationToken>,
    /// What the worker is to do once it has stopped.
    pub stop: Option<Stop>,
    /// The moment under which it is listed in `timed`.
    timer: Option<DateTime<Utc>>,
    /// The model's clock when this process last changed it.
    edited: u64,
}

impl Job {
    fn new(saved: Saved) -> Self {
        let sent = Sent::default();
        sent.set(saved.transfer.acknowledged);
        Self { saved, sent, meter: Meter::default(), running: None, stop: None, timer: None, edited: 0 }
    }
}

/// What a worker is given.
#[derive(Debug, Clone)]
pub struct Work {
    /// The job.
    pub transfer: Arc<Transfer>,
    /// What a restart needs.
    pub resume: Resume,
    /// Cancelled when it is to stop.
    pub stop: CancellationToken,
    /// Where it counts bytes.
    pub sent: Sent,
}

/// Transfers of one profile whose objects are done and whose records are due.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Whose they are.
    pub profile: Arc<ProfileIdentity>,
    /// `Recording` or `Forgetting`.
    pub state: TransferState,
    /// In queue order.
    pub transfers: Vec<Arc<Transfer>>,
}

/// The queue.
#[derive(Debug, Default)]
pub struct Model {
    jobs: BTreeMap<TransferId, Job>,
    /// In queue order, waiting for a free worker.
    ready: BTreeSet<(i64, TransferId)>,
    /// Waiting for a moment.
    timed: BTreeSet<(DateTime<Utc>, TransferId)>,
    /// In queue order, waiting for their records to be written or removed.
    recordable: BTreeSet<(i64, TransferId)>,
    /// Profiles whose records are being written right now.
    recording: HashSet<Arc<ProfileIdentity>>,
    workers: usize,
    /// Counts this process's changes, so that a reading of the journal from before one cannot undo it.
    clock: u64,
    /// The clock when transfers were last removed.
    removed: u64,
}

impl Model {
    /// The transfer of that name.
    pub fn get(&self, id: TransferId) -> Option<&Job> {
        self.jobs.get(&id)
    }

    /// Every transfer, oldest first.
    pub fn jobs_mut(&mut self) -> impl Iterator<Item = &mut Job> {
        self.jobs.values_mut()
    }

    /// Every transfer, oldest first.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values()
    }

    /// Whether a worker is at anything.
    pub fn is_busy(&self) -> bool {
        self.workers > 0
    }

    /// Whether anything waits for a moment.
    pub fn has_timers(&self) -> bool {
        !self.timed.is_empty()
    }

    /// When the next waiting transfer may be tried.
    pub fn next_timer(&self) -> Option<DateTime<Utc>> {
        self.timed.first().map(|(when, _)| *when)
    }

    /// The model's clock: to be read before the journal is, and handed to [`merge`](Self::merge).
    pub fn clock(&self) -> u64 {
        self.clock
    }

    /// Takes over what the journal said at a time of the model's clock, except about what has changed here since.
    pub fn merge(&mut self, rows: Vec<Saved>, as_of: u64) {
        let present: HashSet<TransferId> = rows.iter().map(|row| row.transfer.id).collect();
        self.jobs.retain(|id, job| job.running.is_some() || job.edited > as_of || present.contains(id));
        for row in rows {
            let id = row.transfer.id;
            match self.jobs.get_mut(&id) {
                Some(job) if job.running.is_some() || job.edited > as_of => job.saved.wish = row.wish,
                Some(job) => job.saved = row,
                None if self.removed > as_of => {}
                None => {
                    self.jobs.insert(id, Job::new(row));
                }
            }
        }
        self.place_all();
    }

    /// Puts a transfer in as it stands now, and where it belongs unless a worker is at it.
    pub fn put(&mut self, saved: Saved) {
        self.clock += 1;
        let id = saved.transfer.id;
        self.unplace(id);
        let job = self.jobs.entry(id).or_insert_with(|| Job::new(saved.clone()));
        job.saved = saved;
        job.edited = self.clock;
        self.place(id);
    }

    /// The bucket has acknowledged so many bytes.
    pub fn acknowledge(&mut self, id: TransferId, bytes: u64) {
        if let Some(job) = self.jobs.get_mut(&id) {
            Arc::make_mut(&mut job.saved.transfer).acknowledged = bytes;
        }
    }

    /// Forgets transfers.
    pub fn remove(&mut self, ids: &[TransferId]) {
        self.clock += 1;
        self.removed = self.clock;
        for id in ids {
            self.unplace(*id);
            self.jobs.remove(id);
        }
    }

    /// The next transfer that a worker may take, marked as running.
    pub fn take_ready(&mut self, now: DateTime<Utc>, most_workers: usize) -> Option<Work> {
        self.wake(now);
        if self.workers >= most_workers {
            return None;
        }
        let (_, id) = self.ready.pop_first()?;
        self.take(id)
    }

    /// Marks this very transfer as running, if nobody is at it.
    pub fn take(&mut self, id: TransferId) -> Option<Work> {
        self.unplace(id);
        let job = self.jobs.get_mut(&id).filter(|job| job.running.is_none())?;
        let stop = CancellationToken::new();
        job.running = Some(stop.clone());
        job.sent.set(job.saved.transfer.acknowledged);
        job.meter = Meter::default();
        self.workers += 1;
        let saved = &job.saved;
        Some(Work { transfer: saved.transfer.clone(), resume: saved.resume.clone(), stop, sent: job.sent.clone() })
    }

    /// A worker has let go of it.
    pub fn release(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.stop = None;
        if job.running.take().is_some() {
            self.workers = self.workers.saturating_sub(1);
        }
        job.sent.set(job.saved.transfer.acknowledged);
        self.place(id);
    }

    /// Tells a running transfer to stop; one that nobody is at is taken, and the caller is to do what it wanted.
    pub fn stop_or_take(&mut self, id: TransferId, why: Stop) -> Option<Work> {
        if let Some(Job { running: Some(running), stop, .. }) = self.jobs.get_mut(&id) {
            *stop = Some(why);
            running.cancel();
            return None;
        }
        self.take(id)
    }

    /// Stops everything that runs; where it stands is in the journal.
    pub fn stop_all(&self) {
        self.jobs.values().filter_map(|job| job.running.as_ref()).for_each(CancellationToken::cancel);
    }

    /// The next batch of one profile's records, marked as under way.
    pub fn take_batch(&mut self, now: DateTime<Utc>) -> Option<Batch> {
        self.wake(now);
        let free = |job: &&Job| !self.recording.contains(&job.saved.transfer.profile);
        let first = self.recordable.iter().filter_map(|(_, id)| self.jobs.get(id)).find(free)?;
        let (profile, state) = (first.saved.transfer.profile.clone(), first.saved.transfer.state);
        let transfers: Vec<_> = self
            .recordable
            .iter()
            .filter_map(|(_, id)| self.jobs.get(id).map(|job| job.saved.transfer.clone()))
            .filter(|transfer| transfer.profile == profile && transfer.state == state)
            .take(BATCH)
            .collect();
        for transfer in &transfers {
            self.unplace(transfer.id);
        }
        self.recording.insert(profile.clone());
        Some(Batch { profile, state, transfers })
    }

    /// The batch is through, one way or the other.
    pub fn batch_ended(&mut self, batch: &Batch) {
        self.recording.remove(&batch.profile);
        for transfer in &batch.transfers {
            self.place(transfer.id);
        }
    }

    fn wake(&mut self, now: DateTime<Utc>) {
        while let Some((when, id)) = self.timed.first().copied() {
            if when > now {
                break;
            }
            self.timed.pop_first();
            self.set_in_line(id);
        }
    }

    fn place_all(&mut self) {
        self.ready.clear();
        self.timed.clear();
        self.recordable.clear();
        let ids: Vec<TransferId> = self.jobs.keys().copied().collect();
        ids.into_iter().for_each(|id| self.place(id));
    }

    fn place(&mut self, id: TransferId) {
        self.unplace(id);
        let Some(job) = self.jobs.get(&id) else { return };
        let transfer = &job.saved.transfer;
        if job.running.is_some() || job.saved.owner != Owner::Me || !transfer.state.is_open() {
            return;
        }
        match transfer.not_before {
            Some(when) => self.set_timer(id, when),
            None => self.set_in_line(id),
        }
    }

    fn set_timer(&mut self, id: TransferId, when: DateTime<Utc>) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.timer = Some(when);
            self.timed.insert((when, id));
        }
    }

    fn set_in_line(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get(&id) else { return };
        let place = (job.saved.seq, id);
        let line = if is_record_state(job.saved.transfer.state) { &mut self.recordable } else { &mut self.ready };
        line.insert(place);
    }

    fn unplace(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get(&id) else { return };
        let place = (job.saved.seq, id);
        self.ready.remove(&place);
        self.recordable.remove(&place);
        if let Some(when) = job.timer {
            self.timed.remove(&(when, id));
        }
    }
}

/// States in which the object is done and only the catalog is still to say so.
pub fn is_record_state(state: TransferState) -> bool {
    matches!(state, TransferState::Recording | TransferState::Forgetting)
}
