//! The queue in memory: what the journal holds, what runs, and what may run next. Pure: no IO, time comes in as a value.

mod entry;
mod forgetting;
mod keys;
mod line;
mod lines;
mod merging;
mod placing;
mod settled;
mod speed;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::job::{Owner, Saved, Wish};
use super::lanes::Lanes;
use super::meter::Meter;
use crate::domain::TransferId;
use crate::domain::transfer::ProfileIdentity;
pub use entry::{Batch, Job, Stop, Work};
use entry::{Running, Spot};
use forgetting::Forgetting;
use keys::{About, Keys};
use line::{Class, Line, Row, Turn};
use lines::Lines;
pub use settled::Unsettled;

/// Most records written by one statement.
const BATCH: usize = 500;

/// The queue.
#[derive(Debug, Default)]
pub struct Model {
    /// Boxed: a tree that is filled in order is half empty, and jobs are large.
    jobs: BTreeMap<TransferId, Box<Job>>,
    lines: Lines,
    /// Waiting for a moment.
    timed: BTreeSet<(DateTime<Utc>, TransferId)>,
    keys: Keys,
    /// What a worker is at.
    running: BTreeSet<TransferId>,
    /// Bytes moved by workers that have let go.
    moved: u64,
    /// How fast bytes move, all together.
    meter: Meter,
    /// Counts this process's changes, so that a reading of the journal from before one cannot undo it.
    clock: u64,
    /// Counts what can be seen to change, bytes aside.
    revision: u64,
    /// The clock when transfers were last removed.
    removed: u64,
    forgetting: Forgetting,
    lanes: Arc<Lanes>,
}

impl Model {
    /// An empty queue whose profiles go on as much at once as these lanes say.
    pub fn new(lanes: Arc<Lanes>) -> Self {
        Self { lanes, ..Self::default() }
    }

    /// The transfer of that name.
    pub fn get(&self, id: TransferId) -> Option<&Job> {
        self.jobs.get(&id).map(Box::as_ref)
    }

    /// Every transfer, oldest first.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values().map(Box::as_ref)
    }

    /// Whether a worker is at anything.
    pub fn is_busy(&self) -> bool {
        !self.running.is_empty()
    }

    /// Whether a worker is at anything, or a batch of records.
    pub fn is_at_work(&self) -> bool {
        self.is_busy() || self.lines.values().any(|line| line.in_batch)
    }

    /// Counts what can be seen to change, bytes aside.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Puts a transfer in as it stands now, and where it belongs unless a worker is at it.
    pub fn put(&mut self, saved: Saved) {
        self.clock += 1;
        self.revision += 1;
        let id = saved.transfer.id;
        self.note_answers(&saved);
        self.unplace(id);
        let stays = self.get(id).is_some_and(|job| job.keeps_key(&saved));
        if !stays {
            self.leave_key(id);
        }
        match self.jobs.get_mut(&id) {
            // A change that was begun before it was moved must not move it back.
            Some(job) => job.update(Saved { rank: job.saved.rank, ..saved }),
            None => drop(self.jobs.insert(id, Box::new(Job::new(saved)))),
        }
        if let Some(job) = self.jobs.get_mut(&id) {
            job.edited = self.clock;
        }
        if !stays {
            self.enter_key(id);
        }
        self.place(id);
    }

    /// The bucket has acknowledged so many bytes.
    pub fn acknowledge(&mut self, id: TransferId, bytes: u64) {
        self.revision += 1;
        self.answered(id);
        if let Some(job) = self.jobs.get_mut(&id) {
            let transfer = Arc::make_mut(&mut job.saved.transfer);
            transfer.acknowledged = bytes;
            // Bytes got through: what was counted before is over.
            transfer.attempts = 0;
            job.struck = None;
        }
    }

    /// Forgets those of the transfers that are still over.
    pub fn remove(&mut self, ids: &[TransferId]) {
        self.clock += 1;
        self.revision += 1;
        self.removed = self.clock;
        for id in ids {
            self.drop_over(*id);
        }
    }

    /// Leaves it out if it is over; answers whether it was.
    fn drop_over(&mut self, id: TransferId) -> bool {
        let is_over = self.get(id).is_some_and(Job::is_removable);
        if is_over {
            self.unplace(id);
            self.leave_key(id);
            self.jobs.remove(&id);
        }
        is_over
    }

    /// The next transfer that a worker may take, marked as running.
    pub fn take_ready(&mut self, now: DateTime<Utc>) -> Option<Work> {
        self.wake(now);
        let id = self.lines.values_mut().find_map(|line| line.next(now))?;
        let class = self.jobs.get(&id).map(|job| Row::of(&job.saved.transfer).class());
        self.take_as(id, class)
    }

    /// Marks this very transfer as running, if nobody is at it.
    pub fn take(&mut self, id: TransferId) -> Option<Work> {
        self.take_as(id, None)
    }

    /// Marks a transfer of this process that is over and may have left something as running, so that nobody tries it again
    /// meanwhile.
    pub fn take_ended(&mut self, id: TransferId) -> Option<Work> {
        self.get(id).filter(|job| job.is_over() && job.saved.owner == Owner::Me && job.saved.may_have_left())?;
        self.take(id)
    }

    /// Tells whoever is at a transfer that is over to stop; answers whether somebody is.
    pub fn stop_cleaning(&self, id: TransferId) -> bool {
        self.cleaning(id).inspect(|running| running.token.cancel()).is_some()
    }

    /// Whether somebody here is at a transfer that is over.
    pub fn is_cleaning(&self, id: TransferId) -> bool {
        self.cleaning(id).is_some()
    }

    fn cleaning(&self, id: TransferId) -> Option<&Running> {
        self.get(id).filter(|job| job.saved.transfer.state.is_final())?.running.as_deref()
    }

    fn take_as(&mut self, id: TransferId, class: Option<Class>) -> Option<Work> {
        self.unplace(id);
        let job = self.jobs.get_mut(&id).filter(|job| job.running.is_none())?;
        let saved = &job.saved;
        let running = Box::new(Running::new(class.map(Turn::Has), saved.transfer.acknowledged));
        let (stop, sent) = (running.token.clone(), running.sent.clone());
        let work = Work { transfer: saved.transfer.clone(), resume: (*saved.resume).clone(), stop, sent };
        job.running = Some(running);
        self.running.insert(id);
        self.revision += 1;
        if let (Some(class), Some(line)) = (class, self.lines.get_mut(&work.transfer.profile)) {
            line.admit(class);
        }
        Some(work)
    }

    /// A worker has let go of it.
    pub fn release(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.stop = None;
        let moved = job.moved();
        let ended = job.running.take();
        let profile = job.saved.transfer.profile.clone();
        self.revision += 1;
        self.running.remove(&id);
        if let Some(ended) = ended {
            self.moved += moved;
            self.dismiss(id, &profile, ended.turn);
        }
        self.place(id);
        self.forget_unwanted(id);
    }

    /// It waits for its disk: another one of its profile may begin in its place, as long as there are not too many such.
    pub fn lend_turn(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let line = self.lines.get_mut(&job.saved.transfer.profile);
        if let (Some(running), Some(line)) = (&mut job.running, line)
            && let Some(Turn::Has(class)) = running.turn
            && line.lend(class)
        {
            running.turn = Some(Turn::Lent(class));
            line.bucket.unproven(id);
        }
    }

    /// Tells a running transfer to stop; one that nobody is at is taken, and the caller is to do what it wanted.
    pub fn stop_or_take(&mut self, id: TransferId, why: Stop) -> Option<Work> {
        let job = self.jobs.get_mut(&id)?;
        if job.running.is_none() && !job.in_batch {
            return self.take(id);
        }
        // Whoever was cancelled is not held instead.
        job.stop = job.stop.filter(|before| *before == Stop::Cancel).or(Some(why));
        if let Some(running) = &job.running {
            running.token.cancel();
        }
        None
    }

    /// Stops everything that runs; where it stands is in the journal.
    pub fn stop_all(&self) {
        self.jobs.values().filter_map(|job| job.running.as_ref()).for_each(|running| running.token.cancel());
    }

    /// The next batch of one profile's records, marked as under way.
    pub fn take_batch(&mut self, now: DateTime<Utc>) -> Option<Batch> {
        self.wake(now);
        let next = |(profile, line): (&Arc<ProfileIdentity>, &mut Line)| {
            let ids = line.next_records(now, BATCH);
            (!ids.is_empty()).then(|| (profile.clone(), ids))
        };
        let (profile, ids) = self.lines.iter_mut().find_map(next)?;
        let mut transfers = Vec::with_capacity(ids.len());
        for id in ids {
            self.unplace(id);
            if let Some(job) = self.jobs.get_mut(&id) {
                job.in_batch = true;
                transfers.push(job.saved.transfer.clone());
            }
        }
        let state = transfers.first()?.state;
        Some(Batch { profile, state, transfers })
    }

    /// The batch is through, one way or the other; answers which of it are to be stopped, taken for the caller.
    pub fn batch_ended(&mut self, batch: &Batch) -> Vec<(TransferId, Stop)> {
        self.revision += 1;
        if let Some(line) = self.lines.get_mut(&batch.profile) {
            line.in_batch = false;
        }
        let mut stopped = Vec::new();
        for transfer in &batch.transfers {
            let Some(job) = self.jobs.get_mut(&transfer.id) else { continue };
            job.in_batch = false;
            match job.stop.take() {
                Some(why) if self.take(transfer.id).is_some() => stopped.push((transfer.id, why)),
                _ => self.place(transfer.id),
            }
            self.forget_unwanted(transfer.id);
        }
        stopped
    }

    /// The earlier transfer of the same key that this one waits for.
    pub fn blocker(&self, job: &Job) -> Option<&Job> {
        let transfer = &job.saved.transfer;
        if job.running.is_some() || !transfer.state.is_open() || !Job::takes_part(transfer) {
            return None;
        }
        self.keys.first(job.about).filter(|first| *first != transfer.id).and_then(|first| self.get(first))
    }

    /// The earliest transfer of each key that others wait for, with those.
    pub fn blocked(&self) -> impl Iterator<Item = (&Job, Vec<TransferId>)> {
        self.keys.blocked().filter_map(|(first, behind)| Some((self.get(first)?, behind.collect())))
    }

    /// Open transfers that nobody runs and that stand before one of this process.
    pub fn nobodys_before_mine(&self) -> Vec<TransferId> {
        let open = |job: &&Job| job.saved.transfer.state.is_open();
        let is = |id: &TransferId, owner| self.get(*id).filter(open).is_some_and(|job| job.saved.owner == owner);
        let mut found = Vec::new();
        for (first, behind) in self.keys.blocked() {
            let all: Vec<TransferId> = std::iter::once(first).chain(behind).collect();
            let mine = all.iter().rposition(|id| is(id, Owner::Me)).unwrap_or(0);
            found.extend(all.into_iter().take(mine).filter(|id| is(id, Owner::Nobody)));
        }
        found
    }

    /// Open transfers of a key that nobody runs.
    pub fn unclaimed(&self, profile: &Arc<ProfileIdentity>, key: &str) -> Vec<TransferId> {
        let nobodys = |id: &TransferId| {
            let job = self.get(*id).filter(|job| job.saved.transfer.state.is_open());
            job.is_some_and(|job| job.saved.owner == Owner::Nobody)
        };
        self.keys.all(About::key(profile, key)).filter(nobodys).collect()
    }

    /// Whether another transfer that has begun and is not over is about this key.
    pub fn is_claimed(&self, profile: &Arc<ProfileIdentity>, key: &str, mine: TransferId) -> bool {
        let begun = |job: &Job| job.running.is_some() || job.saved.resume.source.is_some();
        let same = |job: &Job| *job.saved.transfer.key == *key && job.saved.transfer.profile == *profile;
        let mut others = self.keys.all(About::key(profile, key)).filter(|id| *id != mine);
        others.any(|id| self.get(id).is_some_and(|job| begun(job) && same(job)))
    }

    /// Moves a transfer to another place in the queue.
    pub fn set_rank(&mut self, id: TransferId, rank: i64) {
        self.clock += 1;
        self.revision += 1;
        if let Some(job) = self.jobs.get_mut(&id) {
            job.edited = self.clock;
            job.saved.rank = rank;
            self.place(id);
        }
    }

    /// Open transfers that nobody is at, with their ranks, in queue order.
    pub fn waiting(&self) -> Vec<(TransferId, i64)> {
        let open = self.jobs.values().filter(|job| job.saved.transfer.state.is_open() && job.is_idle());
        let mut waiting: Vec<_> = open.map(|job| (job.saved.transfer.id, job.saved.rank)).collect();
        waiting.sort_by_key(|(id, rank)| (*rank, *id));
        waiting
    }

    /// Notes what another process or the user wishes of a transfer.
    pub fn set_wish(&mut self, id: TransferId, wish: Option<Wish>) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.saved.wish = wish;
        }
    }

    /// What was wished is granted; another wish stays, unless it was cancelled for good.
    pub fn granted(&mut self, id: TransferId, wish: Wish) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.saved.wish = job.saved.wish.filter(|other| *other != wish && wish != Wish::Cancel);
        }
    }

    /// Puts a new transfer in, unless it is known already.
    pub fn admit(&mut self, saved: Saved) {
        if !self.jobs.contains_key(&saved.transfer.id) {
            self.try_anew(&saved.transfer.profile);
            self.put(saved);
        }
    }
}
