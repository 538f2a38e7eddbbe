//! Whether an upload's place is free: key and record, before the first byte goes, and again where an answer was lost or
//! somebody was faster.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{FileUpload, Upload};
use crate::domain::display::{display, display_path};
use crate::domain::met::Met;
use crate::domain::transfer::OnConflict;
use crate::domain::{Checksum, Failure, FailureKind, ObjectInfo, Result, Transfer, TransferState, key};
use crate::storage::{Sent, Stored, proof};
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::job::Resume;
use crate::transfer::model::Work;
use crate::transfer::plan::Plan;
use crate::transfer::source::Source;
use crate::transfer::worker::finish;

/// Most names tried by "keep both".
const MOST_NUMBERS: u32 = 1000;

/// What is in an upload's way now, in the words with which it would fail; nothing where its key is free. A file that cannot
/// be read is compared with nothing: sending it says why.
pub async fn look_again(core: &Core, connection: &Connection, transfer: Arc<Transfer>) -> Result<Option<Failure>> {
    let (info, checksum) = match connection.store.head(&transfer.key).await {
        Ok(found) => found,
        Err(failure) if failure.kind == FailureKind::NotFound => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let met = exists(&transfer.key);
    let Some(path) = transfer.path.clone() else { return Ok(Some(met)) };
    let Ok(source) = Source::open(&core.large_desk, &path, &transfer.key, None).await else { return Ok(Some(met)) };
    let (stop, sent) = (CancellationToken::new(), Sent::default());
    let upload = Upload::new(core, connection, Work { transfer, resume: Resume::default(), stop, sent }, source);
    Ok(Some(upload.compared_with(&info, checksum.as_ref(), met).await))
}

impl<S> Upload<'_, S> {
    /// Finds out before the first byte whether key and record are free; false where there is nothing to do. `single` is an
    /// upload in one request.
    pub(super) async fn find_its_place(&mut self, single: bool) -> Result<bool> {
        if self.names_itself() {
            return Ok(true);
        }
        match self.transfer.on_conflict {
            OnConflict::Overwrite => {}
            OnConflict::Refuse => self.refuse_existing(single).await?,
            OnConflict::Skip if self.exists(&self.transfer.key).await? => {
                self.skip().await?;
                return Ok(false);
            }
            OnConflict::Skip => {}
            OnConflict::KeepBoth => self.choose_free_key().await?,
            OnConflict::OverwriteIf => self.refuse_another().await?,
        }
        self.check_record().await?;
        Ok(true)
    }

    pub(super) fn may_not_replace(&self) -> bool {
        !matches!(self.transfer.on_conflict, OnConflict::Overwrite | OnConflict::OverwriteIf)
    }

    async fn skip(&mut self) -> Result<()> {
        let key = display(&self.transfer.key).into_owned();
        let note = Failure::new(FailureKind::Exists, format!("skipped: {key} exists"));
        let skip = |transfer: &mut Transfer, _: &mut Resume| {
            finish(transfer, TransferState::Done);
            transfer.error = Some(note.into());
        };
        self.save(skip, Vec::new()).await
    }

    /// Where the store itself refuses to replace, a small file needs no question beforehand.
    async fn refuse_existing(&self, single: bool) -> Result<()> {
        let store_refuses = self.connection.store.capabilities().conditional_put.is_ok();
        if store_refuses && single {
            return Ok(());
        }
        if self.exists(&self.transfer.key).await? { Err(exists(&self.transfer.key)) } else { Ok(()) }
    }

    /// Where the object is no longer the one that was opened, nothing is sent; the store decides it once more where it can.
    async fn refuse_another(&self) -> Result<()> {
        match self.connection.store.head(&self.transfer.key).await {
            Ok((there, _)) if self.is_what_was_opened(&there) => Ok(()),
            Ok(_) => Err(self.replaced()),
            Err(failure) => Err(self.as_met(failure)),
        }
    }

    fn is_edit(&self) -> bool {
        self.transfer.on_conflict == OnConflict::OverwriteIf
    }

    fn is_what_was_opened(&self, there: &ObjectInfo) -> bool {
        self.transfer.etag.is_some() && there.etag.as_deref() == self.transfer.etag.as_deref()
    }

    /// What a store says of an object that is not there as it was opened.
    pub(super) fn as_met(&self, failure: Failure) -> Failure {
        match failure.kind {
            FailureKind::Exists | FailureKind::Changed | FailureKind::NotFound if self.is_edit() => self.replaced(),
            _ => as_conflict(failure, &self.transfer.key),
        }
    }

    /// Somebody else has written or removed the object since its text was opened; that text stays where it is.
    fn replaced(&self) -> Failure {
        let what = format!("{} was replaced or deleted meanwhile", display(&self.transfer.key));
        let kept = self.transfer.path.as_deref().map(display_path);
        let hint = "upload it under another name, or open the object again";
        let kept = kept.map_or_else(|| hint.into(), |path| format!("your text is kept in {path}; {hint}"));
        Failure::new(FailureKind::Changed, what).hint(kept)
    }

    async fn choose_free_key(&mut self) -> Result<()> {
        let wanted = self.transfer.key.clone();
        // Not every store refuses to replace: two uploads must not choose the same key.
        let _choosing = self.core.choosing.lock().await;
        for number in 1..=MOST_NUMBERS {
            let candidate = if number == 1 { wanted.clone() } else { key::numbered(&wanted, number).into() };
            if !self.is_taken(&candidate) && !self.exists(&candidate).await? {
                return self.save(|transfer, _| transfer.key = candidate, Vec::new()).await;
            }
        }
        Err(exists(&wanted))
    }

    /// Whether another upload that has begun goes there: nothing may be in the bucket yet.
    fn is_taken(&self, key: &str) -> bool {
        self.core.model().is_claimed(&self.transfer.profile, key, self.id())
    }

    async fn exists(&self, key: &str) -> Result<bool> {
        match self.connection.store.head(key).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// A catalog that is away now is asked again when the record is written; the bytes need not wait for it.
    async fn check_record(&self) -> Result<()> {
        if self.core.model().is_catalog_held(&self.transfer.profile) {
            return Ok(());
        }
        match self.core.together(self.connection).checks.ask(&self.transfer.key).await {
            Err(failure) if failure.kind == FailureKind::CatalogAway => Ok(()),
            result => result,
        }
    }
}

impl FileUpload<'_> {
    /// Somebody took the key meanwhile: "keep both" chooses another at the next try, and "skip" lets it be; nothing of what was
    /// sent stays in the bucket.
    pub(super) async fn lost_the_race(&mut self, failure: Failure) -> Result<Failure> {
        let settled = matches!(self.transfer.on_conflict, OnConflict::KeepBoth | OnConflict::Skip);
        if failure.kind != FailureKind::Exists || !settled {
            return Ok(failure);
        }
        self.forget_what_was_sent().await?;
        Ok(Failure { kind: FailureKind::Busy, ..failure })
    }

    /// After a lost answer the object may be up already.
    pub(super) async fn already_there(&self) -> Result<Option<Stored>> {
        match self.plan() {
            Plan::Single if self.names_itself() => return self.found(self.crc().await?, self.size()).await,
            Plan::Parts { .. } if self.names_itself() => return Ok(None),
            _ => {}
        }
        let (info, checksum) = match self.connection.store.head(&self.transfer.key).await {
            Ok(found) => found,
            Err(failure) if failure.kind == FailureKind::NotFound && !self.is_edit() => return Ok(None),
            Err(failure) => return Err(if self.is_edit() { self.as_met(failure) } else { failure }),
        };
        if info.size == self.size() && self.is_ours(&info, checksum.as_ref()).await? {
            return Ok(Some(Stored { key: None, etag: info.etag, checksum, proven: true }));
        }
        match self.transfer.on_conflict {
            OnConflict::Overwrite => Ok(None),
            OnConflict::OverwriteIf if self.is_what_was_opened(&info) => Ok(None),
            OnConflict::OverwriteIf => Err(self.replaced()),
            // Somebody has put another object there meanwhile.
            _ => Err(exists(&self.transfer.key)),
        }
    }

    /// Says of what stands in an upload's way whether it has the same bytes; where that cannot be known, nothing more.
    pub(super) async fn compared(&self, failure: Failure) -> Failure {
        if failure.kind != FailureKind::Exists || self.transfer.on_conflict != OnConflict::Refuse {
            return failure;
        }
        let Ok((info, checksum)) = self.connection.store.head(&self.transfer.key).await else { return failure };
        self.compared_with(&info, checksum.as_ref(), failure).await
    }

    async fn compared_with(&self, info: &ObjectInfo, checksum: Option<&Checksum>, failure: Failure) -> Failure {
        match self.has_the_same(info, checksum).await {
            Ok(Some(true)) => Met::Same.said(failure),
            Ok(Some(false)) => Met::Differs.said(failure),
            Ok(None) | Err(_) => failure,
        }
    }

    /// Whether the object has this file's bytes, as far as size, checksum and entity tag tell. A tag that is another one may
    /// be no sum of the bytes.
    async fn has_the_same(&self, info: &ObjectInfo, checksum: Option<&Checksum>) -> Result<Option<bool>> {
        if info.size != self.size() {
            return Ok(Some(false));
        }
        if matches!(self.plan(), Plan::Parts { .. }) {
            return Ok(None);
        }
        let told = checksum.is_some_and(|checksum| checksum.algorithm == "crc64nvme");
        let same = self.is_ours(info, checksum).await?;
        Ok((same || told).then_some(same))
    }

    async fn crc(&self) -> Result<Checksum> {
        self.core.on_disk(self.id(), self.source.crc()).await
    }

    async fn is_ours(&self, info: &ObjectInfo, checksum: Option<&Checksum>) -> Result<bool> {
        match self.plan() {
            Plan::Single => match checksum.filter(|checksum| checksum.algorithm == "crc64nvme") {
                Some(checksum) => Ok(self.crc().await? == *checksum),
                None => {
                    let tag = self.core.on_disk(self.id(), self.source.md5_tag()).await?;
                    Ok(info.etag.as_deref() == Some(&*tag))
                }
            },
            Plan::Parts { .. } => {
                let parts = self.core.journal.parts(self.id()).await?;
                let whole = parts.iter().map(|part| part.size).sum::<u64>() == self.size();
                let same_sum = checksum.is_some() && proof::joined(&parts).as_ref() == checksum;
                Ok(whole && (same_sum || proof::multipart_tag(&parts).as_deref() == info.etag.as_deref()))
            }
        }
    }
}

/// A store that refused to replace says it as everybody does here, with what to do.
pub(super) fn as_conflict(failure: Failure, key: &str) -> Failure {
    if failure.kind == FailureKind::Exists { exists(key) } else { failure }
}

pub(super) fn exists(key: &str) -> Failure {
    Failure::new(FailureKind::Exists, format!("{} exists in the bucket", display(key)))
        .hint("choose to overwrite, skip or keep both (--on-conflict)")
}
