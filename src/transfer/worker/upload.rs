//! Local file to object: in one request, or in parts whose tags go to the journal as the bucket acknowledges them. What
//! the bucket says it has counts for more than what the journal remembers.

use std::sync::Arc;

use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt};

use super::{enter, finish};
use crate::domain::transfer::OnConflict;
use crate::domain::{
    Checksum, Failure, FailureKind, ObjectInfo, Result, Transfer, TransferId, TransferState, display::display, key,
};
use crate::storage::{Part, PutOptions, Sent, Stored, UploadId, proof};
use crate::transfer::Connection;
use crate::transfer::core::{Core, PART_MEMORY};
use crate::transfer::job::{Change, Resume};
use crate::transfer::lanes::Weight;
use crate::transfer::model::Work;
use crate::transfer::now;
use crate::transfer::plan::{self, Plan};
use crate::transfer::source::Source;

/// Most names tried by "keep both".
const MOST_NUMBERS: u32 = 1000;

/// How far a bucket's clock may be from this machine's.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(15);

/// One upload under way.
struct Upload<'a> {
    core: &'a Core,
    connection: &'a Connection,
    source: Source,
    transfer: Arc<Transfer>,
    resume: Resume,
    sent: Sent,
    /// "Only if nothing is there."
    if_absent: bool,
    /// An earlier run had committed "beginning".
    begun_before: bool,
}

/// Takes an upload from wherever it stands to `recording`.
pub async fn run(core: &Core, connection: &Connection, work: Work) -> Result<()> {
    let path =
        work.transfer.path.clone().ok_or_else(|| Failure::new(FailureKind::Internal, "an upload without a file"))?;
    let source = Source::open(&path).await?;
    let mut upload = Upload {
        core,
        connection,
        source,
        transfer: work.transfer,
        resume: work.resume,
        sent: work.sent,
        if_absent: false,
        begun_before: false,
    };
    upload.forget_another_source().await?;
    let again = upload.resume.source.is_some();
    upload.begun_before = upload.resume.part_size.is_some();
    if !upload.find_its_place(again).await? {
        return Ok(());
    }
    upload.begin().await?;
    if again && let Some(stored) = upload.already_there().await? {
        return upload.stored(stored).await;
    }
    let sent = match upload.plan() {
        Plan::Single => upload.send_whole().await,
        Plan::Parts { part_size } => upload.send_parts(part_size).await,
    };
    match sent {
        Ok(stored) => upload.stored(stored).await,
        Err(failure) => Err(upload.lost_the_race(failure).await?),
    }
}

/// A store that refused to replace says it as everybody does here, with what to do.
fn as_conflict(failure: Failure, key: &str) -> Failure {
    if failure.kind == FailureKind::Exists { exists(key) } else { failure }
}

/// Ends the multipart upload that a cancelled transfer left in the bucket.
///
/// # Errors
/// The store's, where parts may be left.
pub async fn clean_up(connection: &Connection, transfer: &Transfer, resume: &Resume) -> Result<()> {
    if resume.part_size.is_none() || transfer.stored_at.is_some() {
        return Ok(());
    }
    let ids = match &resume.upload_id {
        Some(id) => vec![id.clone()],
        None => nameless(connection, transfer).await?,
    };
    for id in ids {
        connection.store.abort_upload(&transfer.key, &id).await?;
    }
    Ok(())
}

/// Multipart uploads of exactly this key that can only be this transfer's: begun since it was queued, and still without
/// any part, because an upload whose id never reached the journal has none.
async fn nameless(connection: &Connection, transfer: &Transfer) -> Result<Vec<UploadId>> {
    let since = transfer.queued_at - CLOCKS_DIFFER;
    let mut found = Vec::new();
    for upload in connection.store.list_uploads(&transfer.key).await? {
        let may_be = upload.key == transfer.key && upload.begun.is_none_or(|begun| begun >= since);
        if may_be && connection.store.list_parts(&upload.key, &upload.id).await.is_ok_and(|parts| parts.is_empty()) {
            found.push(upload.id);
        }
    }
    Ok(found)
}

impl Upload<'_> {
    fn id(&self) -> TransferId {
        self.transfer.id
    }

    fn size(&self) -> u64 {
        self.source.facts.size
    }

    fn plan(&self) -> Plan {
        match self.resume.part_size {
            // A resumed upload keeps its part size: R2 wants them all equal.
            Some(part_size) => Plan::Parts { part_size },
            None => plan::plan(self.size(), &self.connection.store.part_rules()),
        }
    }

    fn options(&self) -> PutOptions {
        PutOptions {
            content_type: self.transfer.content_type.clone().unwrap_or_else(|| plan::content_type(&self.transfer.key)),
            if_absent: self.if_absent,
            transfer: self.id().to_string(),
        }
    }

    async fn save(&mut self, edit: impl FnOnce(&mut Transfer, &mut Resume), others: Vec<Change>) -> Result<()> {
        let resume = &mut self.resume;
        let edited = |transfer: &mut Transfer, saved: &mut Resume| {
            edit(transfer, saved);
            resume.clone_from(saved);
        };
        self.transfer = self.core.save_with(self.transfer.id, edited, others).await?;
        Ok(())
    }

    /// A source that is not the file it was when the first byte was read starts over.
    async fn forget_another_source(&mut self) -> Result<()> {
        if self.resume.source.as_ref().is_none_or(|known| *known == self.source.facts) {
            return Ok(());
        }
        tracing::info!(transfer = %self.id(), "the source has changed since the upload began: it starts over");
        clean_up(self.connection, &self.transfer, &self.resume).await?;
        let forget = vec![Change::ForgetParts(self.id())];
        let start_over = |transfer: &mut Transfer, resume: &mut Resume| {
            transfer.acknowledged = 0;
            *resume = Resume::default();
        };
        self.save(start_over, forget).await?;
        self.sent.set(0);
        Ok(())
    }

    /// Finds out before the first byte whether key and record are free; false where there is nothing to do.
    async fn find_its_place(&mut self, again: bool) -> Result<bool> {
        if again {
            self.if_absent = self.may_not_replace();
            return Ok(true);
        }
        match self.transfer.on_conflict {
            OnConflict::Overwrite => {}
            OnConflict::Refuse => self.refuse_existing().await?,
            OnConflict::Skip if self.exists(&self.transfer.key).await? => {
                let key = display(&self.transfer.key).into_owned();
                let note = Failure::new(FailureKind::Exists, format!("skipped: {key} exists"));
                let skip = |transfer: &mut Transfer, _: &mut Resume| {
                    finish(transfer, TransferState::Done);
                    transfer.error = Some(note);
                };
                self.save(skip, Vec::new()).await?;
                return Ok(false);
            }
            OnConflict::Skip => {}
            OnConflict::KeepBoth => self.choose_free_key().await?,
        }
        self.check_record().await?;
        self.if_absent = self.may_not_replace();
        Ok(true)
    }

    fn may_not_replace(&self) -> bool {
        self.transfer.on_conflict != OnConflict::Overwrite
    }

    /// Where the store itself refuses to replace, a small file needs no question beforehand.
    async fn refuse_existing(&self) -> Result<()> {
        let store_refuses = self.connection.store.capabilities().conditional_put.is_ok();
        if store_refuses && self.plan() == Plan::Single {
            return Ok(());
        }
        if self.exists(&self.transfer.key).await? { Err(exists(&self.transfer.key)) } else { Ok(()) }
    }

    async fn choose_free_key(&mut self) -> Result<()> {
        let wanted = self.transfer.key.clone();
        for number in 1..=MOST_NUMBERS {
            let candidate = if number == 1 { wanted.clone() } else { key::numbered(&wanted, number) };
            if !self.exists(&candidate).await? {
                return self.save(|transfer, _| transfer.key = candidate, Vec::new()).await;
            }
        }
        Err(exists(&wanted))
    }

    /// Somebody took the free key that "keep both" had chosen: it chooses again at the next try, from the beginning.
    async fn lost_the_race(&mut self, failure: Failure) -> Result<Failure> {
        if failure.kind != FailureKind::Exists || self.transfer.on_conflict != OnConflict::KeepBoth {
            return Ok(failure);
        }
        clean_up(self.connection, &self.transfer, &self.resume).await?;
        let forget = vec![Change::ForgetParts(self.id())];
        self.save(|_, resume| *resume = Resume::default(), forget).await?;
        Ok(Failure { kind: FailureKind::Busy, ..failure })
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
        match self.connection.catalog.check(&self.transfer.key, &self.connection.writer).await {
            Err(failure) if failure.kind == FailureKind::CatalogAway => Ok(()),
            result => result,
        }
    }

    /// "Beginning", on disk before the bucket hears of it.
    async fn begin(&mut self) -> Result<()> {
        let part_size = match self.plan() {
            Plan::Single => None,
            Plan::Parts { part_size } => Some(part_size),
        };
        let facts = self.source.facts.clone();
        let begin = |transfer: &mut Transfer, resume: &mut Resume| {
            enter(transfer, TransferState::Sending);
            transfer.size = Some(facts.size);
            resume.part_size = part_size;
            resume.source = Some(facts);
        };
        self.save(begin, Vec::new()).await
    }

    /// After a lost answer the object may be up already.
    async fn already_there(&self) -> Result<Option<Stored>> {
        let (info, checksum) = match self.connection.store.head(&self.transfer.key).await {
            Ok(found) => found,
            Err(failure) if failure.kind == FailureKind::NotFound => return Ok(None),
            Err(failure) => return Err(failure),
        };
        if info.size == self.size() && self.is_ours(&info, checksum.as_ref()).await? {
            return Ok(Some(Stored { etag: info.etag, checksum, proven: true }));
        }
        // Somebody has put another object there meanwhile.
        if self.may_not_replace() { Err(exists(&self.transfer.key)) } else { Ok(None) }
    }

    async fn is_ours(&self, info: &ObjectInfo, checksum: Option<&Checksum>) -> Result<bool> {
        match self.plan() {
            Plan::Single => {
                let bytes = self.source.read(0, self.size()).await?;
                let etag = info.etag.as_deref();
                Ok(checksum.is_some_and(|sum| *sum == proof::crc64nvme(&bytes))
                    || etag == Some(&*proof::md5_tag_of(&bytes)))
            }
            Plan::Parts { .. } => {
                let parts = self.core.journal.parts(self.id()).await?;
                let whole = parts.iter().map(|part| part.size).sum::<u64>() == self.size();
                let same_sum = checksum.is_some() && proof::joined(&parts).as_ref() == checksum;
                Ok(whole && (same_sum || proof::multipart_tag(&parts).as_deref() == info.etag.as_deref()))
            }
        }
    }

    async fn send_whole(&self) -> Result<Stored> {
        let _room = self.slot(self.size()).await?;
        let bytes = self.source.read(0, self.size()).await?;
        self.source.still_the_same().await?;
        self.sent.set(0);
        let _turn = self.core.lanes.lane(&self.transfer.profile).request(Weight::Small).await;
        let put = self.connection.store.put(&self.transfer.key, bytes, &self.options(), &self.sent).await;
        put.map_err(|failure| as_conflict(failure, &self.transfer.key))
    }

    /// Room in memory for so many bytes.
    async fn slot(&self, bytes: u64) -> Result<tokio::sync::SemaphorePermit<'_>> {
        let closed = |_| Failure::new(FailureKind::Cancelled, "the queue is closing");
        let mib = u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX).clamp(1, PART_MEMORY);
        self.core.part_slots.acquire_many(mib).await.map_err(closed)
    }

    async fn send_parts(&mut self, part_size: u64) -> Result<Stored> {
        let (upload, known) = self.upload(part_size).await?;
        let acknowledged = known.iter().map(|part| part.size).sum();
        self.sent.set(acknowledged);
        let parts = self.send_missing(&upload, part_size, known).await?;
        self.source.still_the_same().await?;
        self.save(|transfer, _| enter(transfer, TransferState::Verifying), Vec::new()).await?;
        let checksum = proof::joined(&parts);
        let store = &self.connection.store;
        let key = &self.transfer.key;
        let finished = store.finish_upload(key, &upload, &parts, self.size(), checksum.as_ref(), self.if_absent).await;
        finished.map_err(|failure| as_conflict(failure, key))
    }

    /// The multipart upload to go on with, and the parts that the bucket has of it.
    async fn upload(&mut self, part_size: u64) -> Result<(UploadId, Vec<Part>)> {
        let known = match self.resume.upload_id.clone() {
            Some(id) => Some(id),
            None => self.adopt().await?,
        };
        if let Some(id) = known {
            match self.connection.store.list_parts(&self.transfer.key, &id).await {
                Ok(parts) => {
                    let fits = |part: &Part| fits(part, part_size, self.size());
                    let parts: Vec<Part> = parts.into_iter().filter(fits).collect();
                    let known = self.as_changes(&parts);
                    self.save(|_, resume| resume.upload_id = Some(id.clone()), known).await?;
                    return Ok((id, parts));
                }
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => return Err(failure),
            }
        }
        let id = self.connection.store.begin_upload(&self.transfer.key, &self.options()).await?;
        let forget = vec![Change::ForgetParts(self.id())];
        let begun = |transfer: &mut Transfer, resume: &mut Resume| {
            transfer.acknowledged = 0;
            resume.upload_id = Some(id.clone());
        };
        self.save(begun, forget).await?;
        Ok((id, Vec::new()))
    }

    /// What the bucket says it has, for the journal.
    fn as_changes(&self, parts: &[Part]) -> Vec<Change> {
        let acknowledged = parts.iter().map(|part| part.size).sum();
        parts.iter().map(|part| Change::Part { id: self.id(), part: part.clone(), acknowledged }).collect()
    }

    /// An upload that was begun, but whose id was lost between bucket and journal, is found by its exact key. Without
    /// "beginning" in the journal it would be somebody else's.
    async fn adopt(&self) -> Result<Option<UploadId>> {
        if !self.begun_before {
            return Ok(None);
        }
        Ok(nameless(self.connection, &self.transfer).await?.pop())
    }

    async fn send_missing(&self, upload: &UploadId, part_size: u64, known: Vec<Part>) -> Result<Vec<Part>> {
        let size = self.size();
        let acknowledged = std::sync::atomic::AtomicU64::new(known.iter().map(|part| part.size).sum());
        let missing =
            (1..=plan::part_count(part_size, size)).filter(|number| known.iter().all(|part| part.number != *number));
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
        acknowledged: &std::sync::atomic::AtomicU64,
    ) -> Result<Part> {
        let range = plan::part_range(number, part_size, self.size());
        let (offset, length) =
            range.ok_or_else(|| Failure::new(FailureKind::Internal, "a part beyond the file's end"))?;
        let _slot = self.slot(length).await?;
        let bytes = self.source.read(offset, length).await?;
        let _turn = self.core.lanes.lane(&self.transfer.profile).request(Weight::Large).await;
        let part = self.connection.store.upload_part(&self.transfer.key, upload, number, bytes, &self.sent).await?;
        let total = acknowledged.fetch_add(length, std::sync::atomic::Ordering::Relaxed) + length;
        let change = Change::Part { id: self.id(), part: part.clone(), acknowledged: total };
        self.core.journal.commit(vec![change]).await?;
        self.core.acknowledged(self.id(), total);
        Ok(part)
    }

    /// The bucket has it: verified where its answer did not prove it, then due for its record.
    async fn stored(&mut self, stored: Stored) -> Result<()> {
        if !stored.proven {
            self.save(|transfer, _| enter(transfer, TransferState::Verifying), Vec::new()).await?;
            self.verify(&stored).await?;
        }
        let size = self.size();
        let url = self.connection.store.file_url(&self.transfer.key);
        let stored = |transfer: &mut Transfer, resume: &mut Resume| {
            enter(transfer, TransferState::Recording);
            transfer.attempts = 0;
            transfer.acknowledged = size;
            transfer.etag = stored.etag;
            transfer.checksum = stored.checksum;
            transfer.url = url;
            transfer.stored_at = Some(now());
            *resume = Resume::default();
        };
        let forget = vec![Change::ForgetParts(self.id())];
        self.save(stored, forget).await
    }

    async fn verify(&self, stored: &Stored) -> Result<()> {
        let (info, checksum) = self.connection.store.head(&self.transfer.key).await?;
        let key = display(&self.transfer.key);
        let differs = |what: String| {
            Err(Failure::new(FailureKind::Integrity, format!("{key} in the bucket is not what was sent: {what}"))
                .hint("no record was written; look at the object, then retry"))
        };
        if info.size != self.size() {
            return differs(format!("it has {} bytes, {} were sent", info.size, self.size()));
        }
        match (&stored.checksum, &checksum) {
            (Some(sent), Some(there)) if sent.algorithm == there.algorithm && sent != there => {
                differs(format!("its checksum is {there}, {sent} was sent"))
            }
            _ => Ok(()),
        }
    }
}

fn fits(part: &Part, part_size: u64, size: u64) -> bool {
    plan::part_range(part.number, part_size, size).is_some_and(|(_, length)| length == part.size)
}

fn exists(key: &str) -> Failure {
    Failure::new(FailureKind::Exists, format!("{} exists in the bucket", display(key)))
        .hint("choose to overwrite, skip or keep both (--on-conflict)")
}
