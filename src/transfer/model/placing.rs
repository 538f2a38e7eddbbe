//! Where each transfer waits: in its profile's line, for a moment, or, behind an earlier one of its key, nowhere.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::line::{Line, Row};
use super::{Job, Model, Spot};
use crate::domain::{TransferId, TransferState};
use crate::transfer::holds::is_due;
use crate::transfer::job::Owner;

impl Model {
    /// Whether anything waits for a moment.
    pub fn has_timers(&self) -> bool {
        self.next_timer().is_some()
    }

    /// When the next waiting transfer may be tried.
    pub fn next_timer(&self) -> Option<DateTime<Utc>> {
        let holds = self.lines.values().filter_map(Line::opens_at);
        self.timed.first().map(|(when, _)| *when).into_iter().chain(holds).min()
    }

    pub(super) fn wake(&mut self, now: DateTime<Utc>) {
        while let Some((when, id)) = self.timed.first().copied().filter(|(when, _)| is_due(*when, now)) {
            self.timed.remove(&(when, id));
            self.set_in_line(id);
        }
        while let Some((when, id)) = self.timed.last().copied().filter(|(when, _)| is_due(*when, now)) {
            self.timed.remove(&(when, id));
            self.set_in_line(id);
        }
    }

    pub(super) fn place_all(&mut self) {
        self.revision += 1;
        self.timed.clear();
        self.keys.clear(self.jobs.len());
        self.lines.values_mut().for_each(Line::clear);
        self.jobs.values_mut().for_each(|job| job.spot = None);
        let mut open: Vec<_> = self.jobs.values().filter(|job| Job::takes_part(&job.saved.transfer)).collect();
        open.sort_by_key(|job| (job.running.is_none() && !job.in_batch, !job.has_begun()));
        for job in open {
            let first_began = |first| began(&self.jobs, first);
            self.keys.enter(job.about, job.asked(), first_began);
        }
        let ids: Vec<TransferId> = self.jobs.keys().copied().collect();
        ids.into_iter().for_each(|id| self.place(id));
    }

    pub(super) fn place(&mut self, id: TransferId) {
        self.unplace(id);
        let Some(job) = self.jobs.get(&id).filter(|job| self.may_wait(job)) else { return };
        match job.saved.transfer.not_before {
            Some(when) => {
                self.timed.insert((when, id));
                self.set_spot(id, Some(Spot::Timer(when)));
            }
            None => self.set_in_line(id),
        }
    }

    /// Only the first transfer of a key waits for anything but that one; who merely watches a key waits for nobody.
    fn may_wait(&self, job: &Job) -> bool {
        let transfer = &job.saved.transfer;
        let idle = job.running.is_none() && !job.in_batch && job.saved.owner == Owner::Me;
        let is_first = || self.keys.first(job.about).is_none_or(|first| first == transfer.id);
        idle && transfer.state.is_open() && (!Job::takes_part(transfer) || is_first())
    }

    fn set_in_line(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        // Looking whether something has arrived is one question: it does not wait behind uploads.
        let looks = job.saved.transfer.state == TransferState::Waiting;
        let (row, rank) = (Row::of(&job.saved.transfer), if looks { i64::MIN } else { job.saved.rank });
        job.spot = Some(Spot::Line(row, rank));
        let profile = &job.saved.transfer.profile;
        self.lines.need(profile, || Line::new(self.lanes.lane(profile)));
        if let Some(line) = self.lines.get_mut(profile) {
            line.enter(row, (rank, id));
        }
    }

    fn set_spot(&mut self, id: TransferId, spot: Option<Spot>) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.spot = spot;
        }
    }

    pub(super) fn unplace(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        match job.spot.take() {
            Some(Spot::Line(row, rank)) => {
                if let Some(line) = self.lines.get_mut(&job.saved.transfer.profile) {
                    line.leave(row, (rank, id));
                }
            }
            Some(Spot::Timer(when)) => drop(self.timed.remove(&(when, id))),
            None => {}
        }
    }

    /// To be called before a row changes; whoever waited for this one may go on.
    pub(super) fn leave_key(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get(&id) else { return };
        let freed = self.keys.leave(job.about, job.asked());
        freed.into_iter().for_each(|next| self.place(next));
    }

    /// To be called after a row has changed; whoever was first of its key may have to wait for this one.
    pub(super) fn enter_key(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get(&id).filter(|job| Job::takes_part(&job.saved.transfer)) else { return };
        let jobs = &self.jobs;
        let behind = self.keys.enter(job.about, job.asked(), |first| began(jobs, first));
        behind.into_iter().for_each(|before| self.unplace(before));
    }
}

fn began(jobs: &BTreeMap<TransferId, Box<Job>>, id: TransferId) -> bool {
    jobs.get(&id).is_some_and(|job| job.has_begun())
}
