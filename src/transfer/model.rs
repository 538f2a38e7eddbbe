//! The queue in memory: what the journal holds, what runs, and what may run next. Pure: no IO, time comes in as a value.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::job::{Owner, Resume, Saved, Wish};
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
    /// Its record is being written or removed right now.
    pub in_batch: bool,
    /// The moment under which it is listed in `timed`.
    timer: Option<DateTime<Utc>>,
    /// The model's clock when this process last changed it.
    edited: u64,
}

impl Job {
    fn new(saved: Saved) -> Self {
        let sent = Sent::default();
        sent.set(saved.transfer.acknowledged);
        Self {
            saved,
            sent,
            meter: Meter::default(),
            running: None,
            stop: None,
            in_batch: false,
            timer: None,
            edited: 0,
        }
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

/// A profile's key.
type KeyOf = (Arc<ProfileIdentity>, String);

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
    /// Open transfers of each key, by their place in the queue: only the first may be worked on, or a delete could take
    /// what a later upload has put there.
    keys: HashMap<KeyOf, BTreeSet<(i64, TransferId)>>,
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
                Some(job) if job.running.is_some() || job.in_batch || job.edited > as_of => job.saved.wish = row.wish,
                Some(job) => {
                    job.sent.set(row.transfer.acknowledged);
                    job.saved = row;
                }
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
        self.list_key(id, false);
        let job = self.jobs.entry(id).or_insert_with(|| Job::new(saved.clone()));
        job.saved = saved;
        job.edited = self.clock;
        self.list_key(id, true);
        self.place(id);
    }

    /// The bucket has acknowledged so many bytes.
    pub fn acknowledge(&mut self, id: TransferId, bytes: u64) {
        if let Some(job) = self.jobs.get_mut(&id) {
            let transfer = Arc::make_mut(&mut job.saved.transfer);
            transfer.acknowledged = bytes;
            // Bytes got through: what was counted before is over.
            transfer.attempts = 0;
        }
    }

    /// Forgets transfers.
    pub fn remove(&mut self, ids: &[TransferId]) {
        self.clock += 1;
        self.removed = self.clock;
        for id in ids {
            self.unplace(*id);
            self.list_key(*id, false);
            self.jobs.remove(id);
        }
    }

    /// The next transfer that a worker may take, marked as running.
    pub fn take_ready(&mut self, now: DateTime<Utc>, most_workers: usize) -> Option<Work> {
        self.wake(now);
        if self.workers >= most_workers {
            return None;
        }
        let (_, id) = self.ready.iter().copied().find(|(seq, id)| self.is_first_of_its_key(*seq, *id))?;
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
        let job = self.jobs.get_mut(&id)?;
        if let Some(running) = &job.running {
            job.stop = Some(why);
            running.cancel();
            return None;
        }
        if job.in_batch {
            job.stop = Some(why);
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
        let may = |(seq, id): &&(i64, TransferId)| self.is_first_of_its_key(*seq, *id);
        let transfer_of = |(_, id): &(i64, TransferId)| self.jobs.get(id).map(|job| job.saved.transfer.clone());
        let due = || self.recordable.iter().filter(may).filter_map(transfer_of);
        let first = due().find(|transfer| !self.recording.contains(&transfer.profile))?;
        let (profile, state) = (first.profile.clone(), first.state);
        let transfers: Vec<_> =
            due().filter(|transfer| transfer.profile == profile && transfer.state == state).take(BATCH).collect();
        for transfer in &transfers {
            self.unplace(transfer.id);
            if let Some(job) = self.jobs.get_mut(&transfer.id) {
                job.in_batch = true;
            }
        }
        self.recording.insert(profile.clone());
        Some(Batch { profile, state, transfers })
    }

    /// The batch is through, one way or the other; answers which of it are to be stopped, taken for the caller.
    pub fn batch_ended(&mut self, batch: &Batch) -> Vec<(TransferId, Stop)> {
        self.recording.remove(&batch.profile);
        let mut stopped = Vec::new();
        for transfer in &batch.transfers {
            let Some(job) = self.jobs.get_mut(&transfer.id) else { continue };
            job.in_batch = false;
            match job.stop.take() {
                Some(why) if self.take(transfer.id).is_some() => stopped.push((transfer.id, why)),
                _ => self.place(transfer.id),
            }
        }
        stopped
    }

    /// Whether no earlier open transfer is about the same key.
    fn is_first_of_its_key(&self, seq: i64, id: TransferId) -> bool {
        let Some(job) = self.jobs.get(&id) else { return false };
        self.keys.get(&key_of(&job.saved.transfer)).and_then(BTreeSet::first).is_none_or(|first| *first >= (seq, id))
    }

    /// The earlier open transfer of the same key that this one waits for.
    pub fn blocker(&self, job: &Job) -> Option<&Job> {
        let (seq, transfer) = (job.saved.seq, &job.saved.transfer);
        let first = self.keys.get(&key_of(transfer))?.first().filter(|first| **first < (seq, transfer.id))?;
        self.jobs.get(&first.1).filter(|_| job.running.is_none() && transfer.state.is_open())
    }

    /// Open transfers of a key that nobody runs.
    pub fn unclaimed(&self, profile: &Arc<ProfileIdentity>, key: &str) -> Vec<TransferId> {
        let listed = self.keys.get(&(profile.clone(), key.to_owned()));
        let nobodys = |id: &TransferId| self.jobs.get(id).is_some_and(|job| job.saved.owner == Owner::Nobody);
        listed.into_iter().flatten().map(|(_, id)| *id).filter(nobodys).collect()
    }

    /// Keeps the list of open transfers a key; to be called before and after a row changes.
    fn list_key(&mut self, id: TransferId, present: bool) {
        let Some(job) = self.jobs.get(&id) else { return };
        let (key, seq) = (key_of(&job.saved.transfer), job.saved.seq);
        if present && job.saved.transfer.state.is_open() {
            self.keys.entry(key).or_default().insert((seq, id));
        } else if let Some(seqs) = self.keys.get_mut(&key) {
            seqs.remove(&(seq, id));
            if seqs.is_empty() {
                self.keys.remove(&key);
            }
        }
    }

    /// Notes what another process or the user wishes of a transfer.
    pub fn set_wish(&mut self, id: TransferId, wish: Option<Wish>) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.saved.wish = wish;
        }
    }

    /// Puts a new transfer in, unless it is known already.
    pub fn admit(&mut self, saved: Saved) {
        if !self.jobs.contains_key(&saved.transfer.id) {
            self.put(saved);
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
        self.keys.clear();
        let ids: Vec<TransferId> = self.jobs.keys().copied().collect();
        ids.iter().for_each(|id| self.list_key(*id, true));
        ids.into_iter().for_each(|id| self.place(id));
    }

    fn place(&mut self, id: TransferId) {
        self.unplace(id);
        let Some(job) = self.jobs.get(&id) else { return };
        let transfer = &job.saved.transfer;
        if job.running.is_some() || job.in_batch || job.saved.owner != Owner::Me || !transfer.state.is_open() {
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

/// What two transfers must not work on at once.
fn key_of(transfer: &Transfer) -> KeyOf {
    (transfer.profile.clone(), transfer.key.clone())
}

/// States in which the object is done and only the catalog is still to say so.
pub fn is_record_state(state: TransferState) -> bool {
    matches!(state, TransferState::Recording | TransferState::Forgetting)
}
