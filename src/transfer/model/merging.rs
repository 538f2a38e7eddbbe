//! Taking over what the journal says that others did to the queue.

use std::collections::HashSet;

use super::{Job, Model};
use crate::domain::TransferId;
use crate::transfer::job::{Owner, Saved};
use crate::transfer::journal::Reading;

impl Model {
    /// Takes over what the journal said at a time of the model's clock, except about what has changed here since. False
    /// where it cannot be told whether a transfer is new or has just been removed: then all has to be read again.
    pub fn merge(&mut self, reading: Reading, as_of: u64) -> bool {
        let unclear = self.removed > as_of && reading.rows.iter().any(|row| self.is_new(row));
        if reading.whole {
            self.merge_all(reading.rows, as_of);
        } else {
            self.revision += u64::from(!reading.rows.is_empty());
            reading.rows.into_iter().for_each(|row| self.merge_row(row, as_of));
        }
        !unclear
    }

    /// Whether it would be in memory if nothing had been removed.
    fn is_new(&self, row: &Saved) -> bool {
        !self.jobs.contains_key(&row.transfer.id) && !self.forgetting.keeps_out(row)
    }

    /// Whether this process is to run it from now on: somebody has asked for it elsewhere.
    fn is_newly_mine(&self, row: &Saved) -> bool {
        let known = self.get(row.transfer.id).is_some_and(|job| job.saved.owner == Owner::Me);
        row.owner == Owner::Me && row.transfer.state.is_open() && !known
    }

    fn merge_all(&mut self, rows: Vec<Saved>, as_of: u64) {
        if self.jobs.is_empty() && self.removed <= as_of && !self.forgetting.has_begun() {
            // All at once: the tree is full then, and takes half of what one that grows takes.
            self.jobs = rows.into_iter().map(|row| (row.transfer.id, Box::new(Job::new(row)))).collect();
            return self.place_all();
        }
        let present: HashSet<TransferId> = rows.iter().map(|row| row.transfer.id).collect();
        self.jobs.retain(|id, job| job.running.is_some() || job.edited > as_of || present.contains(id));
        rows.into_iter().for_each(|row| self.take_over(row, as_of));
        self.place_all();
    }

    fn merge_row(&mut self, row: Saved, as_of: u64) {
        let id = row.transfer.id;
        self.unplace(id);
        let stays = self.jobs.get(&id).is_some_and(|job| job.is_ahead(as_of) || job.keeps_key(&row));
        if !stays {
            self.leave_key(id);
        }
        self.take_over(row, as_of);
        if !stays {
            self.enter_key(id);
        }
        self.place(id);
    }

    fn take_over(&mut self, row: Saved, as_of: u64) {
        let id = row.transfer.id;
        if self.is_newly_mine(&row) {
            self.try_anew(&row.transfer.profile);
        }
        match self.jobs.get_mut(&id) {
            Some(job) if job.is_ahead(as_of) => job.saved.wish = row.wish,
            Some(job) => job.update(row),
            None if self.removed > as_of || self.forgetting.keeps_out(&row) => {}
            None => drop(self.jobs.insert(id, Box::new(Job::new(row)))),
        }
    }
}
