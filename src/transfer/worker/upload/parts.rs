//! A large file in parts whose tags go to the journal as the bucket acknowledges them. What the bucket says it has counts
//! for more than what the journal remembers.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::{StreamExt, TryStreamExt};

use super::conflict::as_conflict;
use super::left::{nameless, not_named};
use super::{FileUpload, Upload, from_the_beginning, parts_gone};
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferState};
use crate::storage::{Part, Payload, Stored, UploadId, proof};
use crate::transfer::job::{Change, Resume};
use crate::transfer::lanes::Weight;
use crate::transfer::plan;
use crate::transfer::worker::enter;

/// What came of sending an object in parts.
pub(super) enum Outcome {
    /// The bucket has it whole.
    Stored(Stored),
    /// The bucket no longer has the parts that it acknowledged, or the upload that they belong to.
    PartsGone(Failure),
}

impl Outcome {
    /// A failure of a request that names the upload; what its kind says of the upload is sorted out.
    pub(super) fn of(failure: Failure) -> Result<Self> {
        match failure.kind {
            FailureKind::NotFound | FailureKind::Changed => Ok(Self::PartsGone(failure)),
            _ => Err(failure),
        }
    }
}

/// Why a part did not get through.
enum Trouble {
    /// The file, the journal, the queue.
    Here(Failure),
    /// The bucket.
    There(Failure),
}

impl FileUpload<'_> {
    pub(super) async fn send_parts(&mut self, part_size: u64) -> Result<Outcome> {
        let (upload, known) = self.upload(part_size).await?;
        self.sent.set(known.iter().map(|part| part.size).sum());
        let parts = match self.send_missing(&upload, part_size, known).await {
            Ok(parts) => parts,
            Err(Trouble::Here(failure)) => return Err(failure),
            Err(Trouble::There(failure)) => return Outcome::of(failure),
        };
        self.core.on_disk(self.id(), self.source.still_the_same()).await?;
        self.put_together(&upload, &parts, self.size()).await
    }

    /// The multipart upload to go on with, and the parts that the bucket has of it.
    async fn upload(&mut self, part_size: u64) -> Result<(UploadId, Vec<Part>)> {
        if let Some(id) = self.resume.upload_id.clone() {
            match self.connection.store.list_parts(&self.transfer.key, &id).await {
                Ok(parts) => return self.go_on(id, parts, part_size).await,
                // The next one is without a name until the bucket has said it.
                Err(failure) if failure.kind == FailureKind::NotFound => self.forget_upload().await?,
                Err(failure) => return Err(failure),
            }
        }
        Ok((self.begin_upload().await?, Vec::new()))
    }

    /// The upload is gone with all that was acknowledged of it, and the transfer says so.
    async fn forget_upload(&mut self) -> Result<()> {
        let note = from_the_beginning(&parts_gone());
        let forget = |transfer: &mut Transfer, resume: &mut Resume| {
            resume.upload_id = None;
            if transfer.acknowledged > 0 {
                transfer.error = Some(note.into());
            }
        };
        self.save(forget, Vec::new()).await
    }

    async fn go_on(&mut self, id: UploadId, parts: Vec<Part>, part_size: u64) -> Result<(UploadId, Vec<Part>)> {
        let remembered = self.core.journal.parts(self.id()).await?;
        // A bucket that does not tell which parts it has leaves it to the journal.
        let listed = if self.connection.store.capabilities().lists_parts { parts } else { remembered.clone() };
        let mut parts: Vec<Part> = listed.into_iter().filter(|part| fits(part, part_size, self.size())).collect();
        recall_checksums(&mut parts, &remembered);
        let acknowledged = parts.iter().map(|part| part.size).sum();
        let known = parts.iter().map(|part| Change::Part { id: self.id(), part: part.clone(), acknowledged }).collect();
        self.save(|_, resume| resume.upload_id = Some(id.clone()), known).await?;
        Ok((id, parts))
    }

    async fn send_missing(&self, upload: &UploadId, part_size: u64, known: Vec<Part>) -> Result<Vec<Part>, Trouble> {
        let _keeping = self.core.buffers.keep();
        let acknowledged = AtomicU64::new(known.iter().map(|part| part.size).sum());
        let numbers = 1..=plan::part_count(part_size, self.size());
        let missing = numbers.filter(|number| known.iter().all(|part| part.number != *number));
        let sending = missing.map(|number| self.send_part(upload, number, part_size, &acknowledged));
        let parallel = self.connection.store.part_rules().parallel.max(1);
        let mut parts: Vec<Part> = futures::stream::iter(sending).buffer_unordered(parallel).try_collect().await?;
        parts.extend(known);
        parts.sort_by_key(|part| part.number);
        Ok(parts)
    }

    async fn send_part(
        &self,
        upload: &UploadId,
        number: u32,
        part_size: u64,
        acknowledged: &AtomicU64,
    ) -> Result<Part, Trouble> {
        let range = plan::part_range(number, part_size, self.size());
        let beyond = || Failure::new(FailureKind::Internal, "a part beyond the file's end");
        let (offset, length) = range.ok_or_else(beyond).map_err(Trouble::Here)?;
        let weight = Weight::Large(self.id());
        let (payload, turn) = self.read_in_turn(offset, length, weight).await.map_err(Trouble::Here)?;
        let part = self.put_part(upload, number, payload).await.map_err(Trouble::There)?;
        drop(turn);
        self.acknowledge(part, acknowledged).await.map_err(Trouble::Here)
    }
}

impl<S> Upload<'_, S> {
    /// A multipart upload without parts; its id is in the journal when this returns.
    pub(super) async fn begin_upload(&mut self) -> Result<UploadId> {
        let id = match self.adopt().await? {
            Some(id) => id,
            None => self.connection.store.begin_upload(&self.transfer.key, &self.options()).await?,
        };
        let forget = vec![Change::ForgetParts(self.id())];
        let begun = |transfer: &mut Transfer, resume: &mut Resume| {
            transfer.acknowledged = 0;
            resume.upload_id = Some(id.clone());
        };
        self.save(begun, forget).await?;
        Ok(id)
    }

    /// Uploads that were begun, but whose ids were lost between bucket and journal, are found by their exact key: one is gone
    /// on with, the others go. Without "beginning" in the journal they would be somebody else's.
    async fn adopt(&self) -> Result<Option<UploadId>> {
        if !self.begun_before {
            return Ok(None);
        }
        let found = nameless(self.connection, &self.transfer).await?;
        let mut found = not_named(self.core, &self.transfer, found).await?;
        let adopted = found.pop();
        for id in found {
            self.connection.store.abort_upload(&self.transfer.key, &id).await?;
        }
        Ok(adopted)
    }

    pub(super) async fn put_part(&self, upload: &UploadId, number: u32, payload: Payload) -> Result<Part> {
        self.connection.store.upload_part(&self.transfer.key, upload, number, payload, &self.sent).await
    }

    /// The bucket has a part: on disk before anybody counts on it.
    pub(super) async fn acknowledge(&self, part: Part, acknowledged: &AtomicU64) -> Result<Part> {
        let total = acknowledged.fetch_add(part.size, Ordering::Relaxed) + part.size;
        let change = Change::Part { id: self.id(), part: part.clone(), acknowledged: total };
        self.core.journal.commit(vec![change]).await?;
        self.core.acknowledged(self.id(), total);
        Ok(part)
    }

    /// The last step.
    pub(super) async fn put_together(&mut self, upload: &UploadId, parts: &[Part], size: u64) -> Result<Outcome> {
        self.save(|transfer, _| enter(transfer, TransferState::Verifying), Vec::new()).await?;
        let checksum = proof::joined(parts);
        let (store, key) = (&self.connection.store, &self.transfer.key);
        match store.finish_upload(key, upload, parts, size, checksum.as_ref(), self.if_absent).await {
            Ok(stored) => Ok(Outcome::Stored(Stored { checksum: stored.checksum.or(checksum), ..stored })),
            Err(failure) => Outcome::of(as_conflict(failure, key)),
        }
    }
}

fn fits(part: &Part, part_size: u64, size: u64) -> bool {
    plan::part_range(part.number, part_size, size).is_some_and(|(_, length)| length == part.size)
}

/// Not every bucket lists the checksums of parts; what was computed when they were sent still holds for the same tag.
fn recall_checksums(parts: &mut [Part], remembered: &[Part]) {
    for part in parts.iter_mut().filter(|part| part.checksum.is_none()) {
        let same = |known: &&Part| (known.number, known.size, &known.etag) == (part.number, part.size, &part.etag);
        part.checksum = remembered.iter().find(same).and_then(|known| known.checksum.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Checksum;

    #[test]
    fn a_parts_checksum_is_recalled_only_for_the_same_part() {
        let part = |number, etag: &str, checksum| Part { number, size: 1, etag: etag.into(), checksum };
        let sum = Checksum::crc64nvme("AAAA");
        let mut listed = [part(1, "a", None), part(2, "b", None)];
        recall_checksums(&mut listed, &[part(1, "a", Some(sum.clone())), part(2, "other", Some(sum.clone()))]);
        assert_eq!(listed.map(|part| part.checksum), [Some(sum), None]);
    }

    #[test]
    fn only_what_is_said_of_the_upload_means_that_its_parts_are_gone() {
        for (kind, gone) in [(FailureKind::NotFound, true), (FailureKind::Changed, true), (FailureKind::Busy, false)] {
            let outcome = Outcome::of(Failure::new(kind, "x"));
            assert_eq!(matches!(outcome, Ok(Outcome::PartsGone(_))), gone, "{kind:?}");
        }
    }
}
