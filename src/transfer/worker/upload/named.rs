//! Stores that name a file themselves, in their answer to the upload. The name is in the journal before the file is kept for
//! good, and an upload whose answer was lost is found again by its transfer's id.

use super::Upload;
use super::proof::differs;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferState};
use crate::storage::{Stored, UploadId};
use crate::transfer::Connection;
use crate::transfer::job::{Change, Resume};
use crate::transfer::model::Work;
use crate::transfer::now;
use crate::transfer::worker::enter_with_note;

/// Whether all bytes are up and the journal has the name that the store gave them: until then the key is what the file is
/// to be called, and afterwards it is the upload's own.
pub(super) fn is_named(connection: &Connection, work: &Work) -> bool {
    let same = work.resume.upload_id.as_ref().is_some_and(|id| *id.0 == *work.transfer.key);
    same && connection.store.capabilities().names_itself
}

impl<S> Upload<'_, S> {
    pub(super) fn names_itself(&self) -> bool {
        self.connection.store.capabilities().names_itself
    }

    /// What an earlier run has uploaded, where its answer was lost. An upload in parts has its name from the beginning, and
    /// goes on with it.
    pub(super) async fn found_by_its_id(&self, single: bool) -> Result<Option<Stored>> {
        match single {
            true => self.connection.store.find_transfer(&self.id().to_string(), self.transfer.queued_at).await,
            false => Ok(None),
        }
    }

    /// The store has all `size` bytes and has named them; on disk when this returns.
    pub(super) async fn name(&mut self, name: &str, stored: Stored, size: u64) -> Result<()> {
        let url = self.connection.store.file_url(name);
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

    /// What the store has is compared with what was sent, then kept for good, then due for its record. All of it can be done
    /// twice.
    pub(super) async fn keep_and_record(&mut self) -> Result<()> {
        let store = &self.connection.store;
        let (there, checksum) = store.head(&self.transfer.key).await.map_err(gone)?;
        let sent = self.transfer.checksum.as_deref();
        differs(self.transfer.size.unwrap_or_default(), sent, &there, checksum.as_ref()).map_or(Ok(()), Err)?;
        store.keep(&self.transfer.key).await?;
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

/// A file that was not kept in time is removed by the store.
fn gone(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::NotFound => failure.hint("it was removed before it could be kept; upload it again"),
        _ => failure,
    }
}
