//! How transfers get into the queue: into the journal first, then into memory.

use std::sync::Arc;

use super::journal::Claim;
use super::texts::Texts;
use super::{NewTransfer, Queue, Scope, others, plan};
use crate::config::ReadOnly;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Result, Transfer, TransferId, TransferKind, TransferState};

impl Queue {
    /// Puts transfers into the journal; they are on disk when this returns.
    ///
    /// # Errors
    /// The journal's, or `ReadOnly`; then none of them is queued.
    pub async fn enqueue(&self, jobs: Vec<NewTransfer>) -> Result<Vec<TransferId>> {
        let transfers: Vec<Arc<Transfer>> = {
            let mut types = self.core.types();
            jobs.into_iter().map(|job| Arc::new(fresh(job, &mut types))).collect()
        };
        let ids = transfers.iter().map(|transfer| transfer.id).collect();
        self.enqueue_these(&transfers).await?;
        Ok(ids)
    }

    /// Puts these into the journal, then into memory.
    pub(super) async fn enqueue_these(&self, transfers: &[Arc<Transfer>]) -> Result<()> {
        self.refuse_writes_under_read_only(transfers).await?;
        if !self.core.add(transfers).await? {
            others::catch_up(&self.core).await?;
        }
        if self.core.scope != Scope::Nothing {
            self.take_what_stands_before(transfers).await?;
        }
        Ok(())
    }

    /// What a read-only profile refuses must not wait in the queue for a day when it is writable.
    async fn refuse_writes_under_read_only(&self, jobs: &[Arc<Transfer>]) -> Result<()> {
        let mut asked: Vec<&Arc<ProfileIdentity>> = Vec::new();
        for job in jobs.iter().filter(|job| job.kind != TransferKind::Download) {
            if asked.contains(&&job.profile) {
                continue;
            }
            asked.push(&job.profile);
            // A profile that cannot be opened is told of by its transfers.
            let Ok(connection) = self.core.connect(&job.profile).await else { continue };
            if connection.profile.read_only {
                return Err(ReadOnly::of(&connection.profile).refuses("nothing was queued"));
            }
        }
        Ok(())
    }

    /// What was queued about the same keys earlier and is run by nobody has to be run first, or the new ones would wait for
    /// it for ever.
    async fn take_what_stands_before(&self, transfers: &[Arc<Transfer>]) -> Result<()> {
        let model = |transfer: &Arc<Transfer>| self.core.model().unclaimed(&transfer.profile, &transfer.key);
        let before: Vec<TransferId> = transfers.iter().flat_map(model).collect();
        if !before.is_empty() {
            self.core.journal.claim(Claim::These(before)).await?;
            others::catch_up(&self.core).await?;
        }
        Ok(())
    }
}

/// A transfer at the beginning of its life.
pub(super) fn fresh(job: NewTransfer, types: &mut Texts) -> Transfer {
    let asked = job.asked.as_ref();
    let size = asked.map_or(job.size, |asked| asked.size);
    let content_type = asked
        .map(|asked| asked.content_type.to_string())
        .or(job.content_type)
        .or_else(|| (job.kind == TransferKind::Upload).then(|| plan::content_type(crate::domain::key::name(&job.key))));
    Transfer {
        state: beginning(job.kind, job.asked.is_some()),
        path: job.path.map(Into::into),
        size,
        content_type: content_type.map(|name| types.of(&name)),
        on_conflict: job.on_conflict,
        without_record: job.without_record,
        versions: job.versions,
        asked: job.asked.map(Box::new),
        etag: job.etag.map(Into::into),
        ..Transfer::new(job.kind, job.profile, job.key, super::now())
    }
}

/// The state in which a transfer's work begins, and begins again when it is retried.
pub(super) const fn beginning(kind: TransferKind, is_asked_for: bool) -> TransferState {
    match (kind, is_asked_for) {
        (TransferKind::Request, true) => TransferState::Waiting,
        (TransferKind::Request, false) => TransferState::Arrived,
        (TransferKind::Upload | TransferKind::Download | TransferKind::Delete, _) => TransferState::Queued,
    }
}
