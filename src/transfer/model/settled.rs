//! Whether nothing more will happen to transfers soon: they are over, held, or wait for something that is not this
//! program's to give.

use super::{Job, Model};
use crate::domain::TransferId;

impl Model {
    /// Whether nothing more will happen to it soon; so it is where it is not known at all.
    pub fn is_settled(&self, id: TransferId) -> bool {
        let Some(job) = self.get(id) else { return true };
        if job.running.is_some() || job.in_batch {
            return false;
        }
        !job.saved.transfer.state.is_open()
            || self.is_parked(job)
            || self.blocker(job).is_some_and(|first| first.stands() || self.is_parked(first))
    }

    fn is_parked(&self, job: &Job) -> bool {
        job.saved.transfer.not_before.is_some() || self.is_held(job)
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
        let unsettled = after.iter().chain(before).position(|id| !model.is_settled(*id));
        if let Some(steps) = unsettled {
            self.at = (self.at + steps) % ids.len().max(1);
        }
        unsettled.is_none()
    }
}
