//! What a transfer's trouble means for all others of its profile, and who has shown that it is over.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::line::{Row, Turn};
use super::{Batch, Job, Model};
use crate::domain::transfer::{self as domain, ProfileIdentity};
use crate::domain::{Failure, FailureKind, TransferId, TransferState};
use crate::transfer::holds::{Met, concerns_all, is_answer, is_buckets_answer};
use crate::transfer::job::{Owner, Saved};

impl Model {
    /// A worker has met this; answers whether it is the transfer's own trouble, or that of all.
    pub fn met(&mut self, id: TransferId, failure: &Failure, now: DateTime<Utc>) -> Met {
        self.revision += 1;
        let Some(job) = self.jobs.get_mut(&id) else { return Met::Own };
        let Some(line) = self.lines.get_mut(&job.saved.transfer.profile) else { return Met::Own };
        if line.bucket.is_refusal(failure) {
            return Met::Held;
        }
        if failure.kind == FailureKind::Busy && failure.retry_after.is_none() {
            return self.turned_away(id);
        }
        if !concerns_all(failure) {
            if is_buckets_answer(job.saved.transfer.kind, failure) {
                self.answered(id);
            }
            return Met::Own;
        }
        if failure.kind == FailureKind::CatalogAway {
            return line.catalog.meet(id, failure, now);
        }
        let raises = !line.bucket.is_shut() || line.bucket.is_probe(id);
        if failure.kind == FailureKind::Offline && raises {
            // Others got through since it last could not: it is this one that does not.
            if job.struck.is_some_and(|passes| line.passes > passes) {
                return Met::Own;
            }
            job.struck = Some(line.passes);
            line.tried_last = Some(id);
        }
        let met = line.bucket.meet(id, failure, now);
        line.shut_lane();
        met
    }

    /// The bucket is there and has no time for this one; whether it has for others tells whose trouble that is.
    fn turned_away(&mut self, id: TransferId) -> Met {
        let Some(job) = self.jobs.get_mut(&id) else { return Met::Own };
        let Some(line) = self.lines.get_mut(&job.saved.transfer.profile) else { return Met::Own };
        line.bucket.through(id);
        line.shut_lane();
        let others_pass = job.struck.is_none_or(|passes| line.passes > passes);
        job.struck = Some(line.passes);
        if others_pass { Met::Own } else { Met::OwnLikeAll }
    }

    /// The catalog has refused a batch, or was not there; answers for each transfer whose trouble it is.
    pub fn batch_met(&mut self, batch: &Batch, failure: &Failure, now: DateTime<Utc>) -> Met {
        self.revision += 1;
        let Some((line, first)) = self.lines.get_mut(&batch.profile).zip(batch.transfers.first()) else {
            return Met::Own;
        };
        if concerns_all(failure) {
            return line.catalog.meet(first.id, failure, now);
        }
        if is_answer(failure) {
            line.catalog.through(first.id);
        }
        line.catalog.unproven(first.id);
        Met::Own
    }

    /// The catalog has taken a batch.
    pub fn batch_through(&mut self, batch: &Batch) {
        self.revision += 1;
        if let Some((line, first)) = self.lines.get_mut(&batch.profile).zip(batch.transfers.first()) {
            line.catalog.through(first.id);
        }
    }

    /// The bucket has answered this transfer.
    pub(super) fn answered(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get(&id) else { return };
        if let Some(line) = self.lines.get_mut(&job.saved.transfer.profile) {
            line.passes += 1;
            line.bucket.through(id);
            line.shut_lane();
        }
    }

    /// A worker's step may prove that the other side was there.
    pub(super) fn note_answers(&mut self, saved: &Saved) {
        let id = saved.transfer.id;
        let Some(job) = self.jobs.get(&id).filter(|job| job.running.is_some()) else { return };
        let begun = saved.resume.upload_id.is_some() && job.saved.resume.upload_id.is_none();
        let state = saved.transfer.state;
        if saved.transfer.error.is_none() && (begun || is_from_the_bucket(state)) {
            self.answered(id);
        }
        if state == TransferState::Deleting
            && let Some(line) = self.lines.get_mut(&saved.transfer.profile)
        {
            line.catalog.through(id);
        }
    }

    /// A worker has let go: its turn is another's, and if it was to show something, it has.
    pub(super) fn dismiss(&mut self, id: TransferId, profile: &Arc<ProfileIdentity>, turn: Option<Turn>) {
        let Some(line) = self.lines.get_mut(profile) else { return };
        turn.into_iter().for_each(|turn| line.dismiss(turn));
        line.bucket.unproven(id);
        line.catalog.unproven(id);
        line.shut_lane();
    }

    /// The user asks for another try of this one: what its profile waits for is looked at now, with this one.
    pub fn try_now(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.struck = None;
        if let Some(line) = self.lines.get_mut(&job.saved.transfer.profile) {
            line.bucket.try_now();
            line.catalog.try_now();
            line.wanted = Some(id);
            self.revision += 1;
        }
    }

    /// Something new is asked for under this profile: where nobody waits for it any more, nobody else would look again.
    pub(super) fn try_anew(&mut self, profile: &Arc<ProfileIdentity>) {
        if let Some(line) = self.lines.get_mut(profile).filter(|line| line.is_empty()) {
            line.bucket.try_anew();
            line.catalog.try_anew();
        }
    }

    /// Whether a transfer waits for what holds its whole profile.
    pub fn is_held(&self, job: &Job) -> bool {
        let transfer = &job.saved.transfer;
        let waits = job.running.is_none() && !job.in_batch && job.saved.owner == Owner::Me;
        let holds = || self.lines.get(&transfer.profile).is_some_and(|line| line.holds(Row::of(transfer)));
        waits && transfer.state.is_open() && holds()
    }

    /// Whether the catalog of a profile is known to be away.
    pub fn is_catalog_held(&self, profile: &Arc<ProfileIdentity>) -> bool {
        self.lines.get(profile).is_some_and(|line| line.catalog.is_shut())
    }

    /// Adds the holds to lanes that are shown.
    pub fn show_holds(&self, lanes: Vec<domain::Lane>, now: DateTime<Utc>) -> Vec<domain::Lane> {
        let show = |mut lane: domain::Lane| {
            if let Some(line) = self.lines.get(&lane.profile) {
                line.show(&mut lane, now);
            }
            lane
        };
        lanes.into_iter().map(show).collect()
    }
}

/// States that a worker enters only after the bucket has answered.
const fn is_from_the_bucket(state: TransferState) -> bool {
    matches!(
        state,
        TransferState::Receiving
            | TransferState::Verifying
            | TransferState::Placing
            | TransferState::Recording
            | TransferState::Forgetting
            | TransferState::Waiting
            | TransferState::Arrived
            | TransferState::Expired
            | TransferState::Done
    )
}

#[cfg(test)]
mod tests;
