//! Stores that name a file themselves, in their answer to the upload. The name is in the journal before the file is kept for
//! good; an upload whose answer was lost is looked for by its transfer's id, and where nothing can be looked for, a person is
//! asked before it is sent again.

use super::Upload;
use super::proof::differs;
use crate::domain::{Checksum, Failure, FailureKind, Result, Transfer, TransferState, key};
use crate::storage::{LostUpload, Stored, UploadId, in_doubt};
use crate::transfer::Connection;
use crate::transfer::job::{Change, Resume};
use crate::transfer::model::Work;
use crate::transfer::now;
use crate::transfer::worker::{enter_with_note, finish};

/// Whether all bytes are up and the journal has the name that the store gave them: until then the key is what the file is
/// to be called, and afterwards it is the upload's own.
pub(super) fn is_named(connection: &Connection, work: &Work) -> bool {
    let same = work.resume.upload_id.as_ref().is_some_and(|id| *id.0 == *work.transfer.key);
    same && connection.store.capabilities().names_itself
}

/// Whether its one request was under way when it was stopped, and the store cannot be asked what became of it.
pub(super) fn is_in_doubt(connection: &Connection, work: &Work) -> bool {
    is_blind(connection) && work.resume.source.is_some() && work.resume.part_size.is_none()
}

/// Whether what it names itself cannot be looked for.
pub(super) fn is_blind(connection: &Connection) -> bool {
    let can = connection.store.capabilities();
    can.names_itself && !can.finds_uploads
}

impl<S> Upload<'_, S> {
    pub(super) fn names_itself(&self) -> bool {
        self.connection.store.capabilities().names_itself
    }

    /// Whether it goes to such a store in one request. It has begun only with that request then: from there on nobody knows
    /// whether it is there.
    pub(super) fn goes_blindly(&self) -> bool {
        is_blind(self.connection) && self.resume.part_size.is_none()
    }

    /// An earlier run was stopped in the middle of the request.
    pub(super) async fn was_stopped(mut self) -> Result<()> {
        let failure = in_doubt(key::name(&self.transfer.key), "it was stopped before the answer to its upload came");
        self.end_in_doubt(failure).await
    }

    /// It has failed, and is sent from the beginning when somebody has looked and asks for it: one commit, or a kill in
    /// between would have it sent again.
    pub(super) async fn end_in_doubt(&mut self, failure: Failure) -> Result<()> {
        let end = |transfer: &mut Transfer, resume: &mut Resume| {
            finish(transfer, TransferState::Failed);
            transfer.error = Some(failure.into());
            *resume = Resume::default();
        };
        self.save(end, Vec::new()).await
    }

    /// What an earlier run has uploaded in one request, where its answer was lost. An upload in parts has its name from the
    /// beginning, and goes on with it.
    pub(super) async fn found(&self, checksum: Checksum, size: u64) -> Result<Option<Stored>> {
        let transfer = &self.id().to_string();
        let lost = LostUpload { transfer, checksum: &checksum, size, since: self.transfer.queued_at };
        let found = self.connection.store.find_upload(&lost).await?;
        Ok(found.map(|stored| Stored { checksum: Some(checksum), ..stored }))
    }

    /// The store has all `size` bytes and has named them; on disk when this returns.
    pub(super) async fn name(&mut self, name: &str, stored: Stored, size: u64) -> Result<()> {
        let url = self.connection.store.file_url(name).await;
        let (key, id) = (name.into(), UploadId(name.to_owned()));
        let named = |transfer: &mut Transfer, resume: &mut Resume| {
            enter_with_note(transfer, TransferState::Verifying);
            transfer.key = key;
            transfer.size = Some(size);
            transfer.acknowledged = size;
            transfer.etag = stored.etag.map(Into::into);
            transfer.checksum = stored.checksum.map(Into::into);
            transfer.url = url.map(Into::into);
            resume.upload_id = Some(id);
        };
        self.save(named, Vec::new()).await?;
        // What was read only once is not needed any more.
        self.core.inputs.forget(self.id());
        Ok(())
    }

    /// The file is kept for good, then compared with what was sent, then due for its record. All of it can be done twice. It
    /// is kept first because nobody knows how long the store works on it, and in the meantime a file may not be lost.
    pub(super) async fn keep_and_record(&mut self) -> Result<()> {
        if self.transfer.state != TransferState::Verifying {
            self.save(|transfer, _| enter_with_note(transfer, TransferState::Verifying), Vec::new()).await?;
        }
        let store = &self.connection.store;
        store.keep(&self.transfer.key).await.map_err(gone)?;
        let (there, checksum) = store.head(&self.transfer.key).await.map_err(gone)?;
        let sent = self.transfer.checksum.as_deref();
        let differs = differs(self.transfer.size.unwrap_or_default(), sent, &there, checksum.as_ref());
        differs.map_or(Ok(()), |failure| Err(failure.hint(UPLOAD_AGAIN)))?;
        let had_parts = self.begun_before || self.resume.part_size.is_some();
        let kept = |transfer: &mut Transfer, resume: &mut Resume| {
            enter_with_note(transfer, TransferState::Recording);
            transfer.attempts = 0;
            transfer.stored_at = Some(now());
            *resume = Resume::default();
        };
        let forget = had_parts.then(|| Change::ForgetParts(self.id()));
        self.save(kept, forget.into_iter().collect()).await
    }
}

/// It stays what it is: another look would find the same.
const UPLOAD_AGAIN: &str = "no record was written; look at the file, cancel this, and upload it again";

/// A file that was not kept in time is removed by the store.
fn gone(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::NotFound => failure.hint("it was removed before it could be kept; upload it again"),
        _ => failure,
    }
}
