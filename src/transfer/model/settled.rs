//! Whether nothing more will happen to transfers soon: they are over, held, or wait for something that is not this
//! program's to give.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::{Job, Model};
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{TransferId, TransferState};
use crate::transfer::job::Owner;

impl Model {
    /// Whether nothing more will happen to it soon; so it is where it is not known at all.
    fn is_settled<'a>(&'a self, id: TransferId, elsewhere: &Elsewhere<'a>) -> bool {
        let Some(job) = self.get(id) else { return true };
        if job.running.is_some() || job.in_batch {
            return false;
        }
        !job.saved.transfer.state.is_open()
            || self.is_parked(job)
            || elsewhere.stops(job, self)
            || self.blocker(job).is_some_and(|first| first.stands() || self.is_parked(first))
    }

    fn is_parked(&self, job: &Job) -> bool {
        job.saved.transfer.not_before.is_some() || self.is_held(job)
    }
}

/// The profiles of which another process waits for somebody to mend their credentials, looked for where it matters.
#[derive(Default)]
struct Elsewhere<'a>(OnceCell<HashSet<&'a ProfileIdentity>>);

impl<'a> Elsewhere<'a> {
    /// Whether another process has it and is stopped: it has met that with this one, or does not try it for that.
    fn stops(&self, job: &Job, model: &'a Model) -> bool {
        let transfer = &job.saved.transfer;
        let untried = job.saved.owner == Owner::Other && transfer.state == TransferState::Queued;
        job.is_stopped_elsewhere() || untried && self.stopped(model).contains(&*transfer.profile)
    }

    fn stopped(&self, model: &'a Model) -> &HashSet<&'a ProfileIdentity> {
        let stopped = || model.jobs().filter(|job| job.is_stopped_elsewhere());
        self.0.get_or_init(|| stopped().map(|job| &*job.saved.transfer.profile).collect())
    }
}

/// Looks again and again whether all of many are settled, and begins where it last found one that was not.
#[derive(Debug, Default)]
pub struct Unsettled {
    at: usize,
}

impl Unsettled {
    /// Whether all of them are settled now.
    pub fn none_of(&mut self, ids: &[TransferId], model: &Model) -> bool {
        let (before, after) = ids.split_at(self.at.min(ids.len()));
        let elsewhere = Elsewhere::default();
        let unsettled = after.iter().chain(before).position(|id| !model.is_settled(*id, &elsewhere));
        if let Some(steps) = unsettled {
            self.at = (self.at + steps) % ids.len().max(1);
        }
        unsettled.is_none()
    }
}
