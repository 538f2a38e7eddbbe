//! Leaving out of memory what has ended and was seen by whoever waited for it. The journal keeps it. A command that sends a
//! million files would otherwise remember every one of them until its end.

use std::collections::HashSet;

use super::Model;
use crate::domain::TransferId;
use crate::transfer::job::Saved;

/// What is forgotten, and what must not come back by a reading of the journal.
#[derive(Debug, Default)]
pub(super) struct Forgetting {
    /// Whether anything ever was: then nobody wants to know of what has ended before.
    begun: bool,
    /// Readings of the journal under way.
    readings: usize,
    /// Forgotten while one is: it may still tell of these as they stood before they ended.
    since: HashSet<TransferId>,
}

impl Forgetting {
    /// Whether anything ever was forgotten.
    pub(super) const fn has_begun(&self) -> bool {
        self.begun
    }

    /// Whether a reading's transfer that is not in memory is to stay out of it.
    pub(super) fn keeps_out(&self, row: &Saved) -> bool {
        self.begun && row.is_closed() || self.since.contains(&row.transfer.id)
    }
}

impl Model {
    /// Forgets those of the transfers that are over, although they are still in the journal. What may have left something
    /// in the bucket or on disk stays.
    pub fn forget(&mut self, ids: &[TransferId]) {
        self.forgetting.begun = true;
        for id in ids {
            if let Some(job) = self.jobs.get_mut(id) {
                job.is_unwanted = job.saved.is_closed();
            }
            self.forget_unwanted(*id);
        }
    }

    /// What ended a moment before its worker let go of it is forgotten only then.
    pub(super) fn forget_unwanted(&mut self, id: TransferId) {
        let is_unwanted = self.get(id).is_some_and(|job| job.is_unwanted && job.saved.is_closed());
        if is_unwanted && self.drop_over(id) && self.forgetting.readings > 0 {
            self.forgetting.since.insert(id);
        }
    }

    /// The journal is going to be read; answers the model's clock, which is to be handed to [`merge`](Self::merge).
    pub fn reading_begins(&mut self) -> u64 {
        self.forgetting.readings += 1;
        self.clock
    }

    /// What was read is merged, or could not be read.
    pub fn reading_ended(&mut self) {
        self.forgetting.readings = self.forgetting.readings.saturating_sub(1);
        if self.forgetting.readings == 0 {
            self.forgetting.since.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::domain::TransferState;
    use crate::transfer::job::{Owner, Resume};
    use crate::transfer::journal::Reading;
    use crate::transfer::tests::{model, saved};

    fn ended(row: &Saved) -> Saved {
        let mut row = row.clone();
        std::sync::Arc::make_mut(&mut row.transfer).state = TransferState::Done;
        Saved { owner: Owner::Nobody, ..row }
    }

    fn read(model: &mut Model, rows: Vec<Saved>, whole: bool) {
        let as_of = model.reading_begins();
        assert!(model.merge(Reading { rows, whole }, as_of));
        model.reading_ended();
    }

    #[test]
    fn only_what_is_over_is_forgotten_and_no_reading_brings_it_back() {
        let mut model = model(1);
        let rows = [1, 2].map(|seq| saved(seq, TransferState::Queued, Owner::Me));
        rows.iter().for_each(|row| model.put(row.clone()));
        model.put(ended(&rows[0]));
        model.forget(&rows.each_ref().map(|row| row.transfer.id));
        assert_eq!(model.jobs().map(|job| job.saved.seq).collect::<Vec<_>>(), [2]);
        read(&mut model, vec![ended(&rows[0]), rows[1].clone()], true);
        assert_eq!(model.len(), 1);
        read(&mut model, vec![ended(&rows[0])], false);
        assert_eq!(model.len(), 1);
    }

    #[test]
    fn a_reading_from_before_it_ended_does_not_send_it_again() {
        let mut model = model(1);
        let row = saved(1, TransferState::Recording, Owner::Me);
        model.put(row.clone());
        let as_of = model.reading_begins();
        model.put(ended(&row));
        model.forget(&[row.transfer.id]);
        assert!(model.merge(Reading { rows: vec![row], whole: true }, as_of), "nothing is unclear");
        model.reading_ended();
        assert_eq!((model.len(), model.take_batch(Utc::now()).is_some()), (0, false));
    }

    #[test]
    fn what_its_worker_has_not_let_go_of_is_forgotten_then() {
        let mut model = model(1);
        let rows = [saved(1, TransferState::Queued, Owner::Me), saved(2, TransferState::Recording, Owner::Me)];
        rows.iter().for_each(|row| model.put(row.clone()));
        let (work, batch) = (model.take_ready(Utc::now()).unwrap(), model.take_batch(Utc::now()).unwrap());
        rows.iter().for_each(|row| model.put(ended(row)));
        model.forget(&rows.each_ref().map(|row| row.transfer.id));
        assert_eq!(model.len(), 2);
        model.release(work.transfer.id);
        model.batch_ended(&batch);
        assert_eq!(model.len(), 0);
    }

    #[test]
    fn what_may_have_left_something_behind_stays() {
        let mut model = model(1);
        let row = saved(1, TransferState::Cancelled, Owner::Nobody);
        let untidy = Saved { resume: Resume { part_size: Some(5), ..Resume::default() }.into(), ..row };
        model.put(untidy.clone());
        model.forget(&[untidy.transfer.id]);
        read(&mut model, vec![untidy], true);
        assert_eq!(model.len(), 1);
    }

    #[test]
    fn one_that_is_tried_again_elsewhere_is_known_again() {
        let mut model = model(1);
        let row = saved(1, TransferState::Queued, Owner::Me);
        model.put(ended(&row));
        model.forget(&[row.transfer.id]);
        read(&mut model, vec![Saved { owner: Owner::Other, ..row }], false);
        assert_eq!(model.len(), 1);
    }
}
