//! Object to local file: into `NAME.windlass-part` beside the target, checked, flushed, and only then given its name. An
//! interrupted download goes on where it stopped, as long as the object is still the same one.

mod check;
mod left;
mod ranges;
mod receive;
mod sink;
mod small;

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::part_file::{self, PartFile};
use super::placing::{exists, is_since, place, placed_already};
use super::space::Promise;
use super::{enter, finish};
use crate::domain::display::{display, display_path};
use crate::domain::transfer::OnConflict;
use crate::domain::{Checksum, Failure, FailureKind, ObjectInfo, Result, Transfer, TransferState};
use crate::storage::{Part, Sent};
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::desk::{Desk, PATIENCE};
use crate::transfer::job::{Change, Resume};
use crate::transfer::lanes::{Lane, Weight};
use crate::transfer::model::Work;
use crate::transfer::recorded;
use crate::transfer::source::SourceFacts;
use check::Expected;
pub use left::{clean_up, remove_unnamed};
use ranges::{Ranges, SEVERAL_FROM, each_of};
use receive::{Coming, Landing, Receiving, changed, is_same};
use small::SMALL;

/// Takes a download from wherever it stands to `done`.
pub async fn run(core: &Core, connection: &Connection, work: Work) -> Result<()> {
    let mut download = Download::of(core, connection, work)?;
    if let Some(placed) = download.placed_before().await? {
        return download.done(placed, |_| ()).await;
    }
    if !download.may_begin().await? {
        return Ok(());
    }
    loop {
        match download.receive().await {
            Err(failure) if failure.kind == FailureKind::Changed && download.note.is_none() => download.start_over(),
            Err(failure) if failure.kind == FailureKind::Changed => return Err(changed(download.key())),
            result => return result,
        }
    }
}

/// One download under way.
struct Download<'a> {
    core: &'a Core,
    connection: &'a Connection,
    lane: Arc<Lane>,
    transfer: Arc<Transfer>,
    resume: Resume,
    sent: Sent,
    target: PathBuf,
    /// Where the unfinished file lies.
    part: PathBuf,
    /// That the object was replaced once, and the download started over.
    note: Option<Failure>,
    /// Cancelled when it is to stop.
    stop: CancellationToken,
}

/// What an earlier run left to go on with.
struct Known {
    file: SourceFacts,
    each: u64,
}

/// What the first answer told: about the object, and the checksum that the bucket keeps of it.
type Told = (ObjectInfo, Option<Checksum>);

impl<'a> Download<'a> {
    fn of(core: &'a Core, connection: &'a Connection, work: Work) -> Result<Self> {
        let without = || Failure::new(FailureKind::Internal, "a download without a file");
        let target = work.transfer.path.as_deref().ok_or_else(without)?.to_path_buf();
        let lane = core.lanes.lane(&work.transfer.profile);
        let note = work.transfer.error.as_deref().filter(|failure| failure.kind == FailureKind::Changed).cloned();
        let part = part_file::path_of(&target);
        let Work { transfer, resume, stop, sent } = work;
        Ok(Self { core, connection, lane, transfer, resume, sent, target, part, note, stop })
    }

    fn key(&self) -> &str {
        &self.transfer.key
    }

    async fn save(&mut self, edit: impl FnOnce(&mut Transfer, &mut Resume), others: Vec<Change>) -> Result<()> {
        let (resume, note) = (&mut self.resume, self.note.clone());
        let edited = |transfer: &mut Transfer, saved: &mut Resume| {
            edit(transfer, saved);
            transfer.error = note.map(Box::new);
            resume.clone_from(saved);
        };
        self.transfer = self.core.save_with(self.transfer.id, edited, others).await?;
        Ok(())
    }

    async fn on_disk<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.core.on_disk(self.transfer.id, work).await
    }

    /// A run that was killed or held between "placing" and "done" had everything checked and on disk: the file has its
    /// name, or only needs it.
    async fn placed_before(&self) -> Result<Option<PathBuf>> {
        let Some(facts) = self.resume.source.clone() else { return Ok(None) };
        // One that was held is no longer "placing", but nothing else gives the file its name.
        let placed = placed_already(&self.core.desk, &self.target, facts.clone());
        if let Some(placed) = self.on_disk(placed).await? {
            return Ok(Some(placed));
        }
        if self.transfer.state != TransferState::Placing {
            return Ok(None);
        }
        let part = self.part.clone();
        match self.on_disk(self.core.desk.run(move || PartFile::known(&part, &facts))).await? {
            Some(file) => self.place(file).await.map(Some),
            None => Ok(None),
        }
    }

    /// Looks at the target before the first byte; false where there is nothing to do.
    async fn may_begin(&mut self) -> Result<bool> {
        if left::is_unfinished(&self.target) {
            return Err(left::not_for_whole_files(&self.target));
        }
        let (target, part) = (self.target.clone(), self.part.clone());
        let since = self.resume.source.is_none().then_some(self.transfer.queued_at);
        let look = move || {
            let unnamed = since.and_then(|since| PartFile::made_since(&part, since));
            Ok((std::fs::symlink_metadata(&target).ok(), unnamed))
        };
        let (there, unnamed) = self.on_disk(self.core.desk.run(look)).await?;
        left::discard_unnamed(self.core, unnamed.into_iter().collect()).await?;
        let Some(there) = there else { return Ok(true) };
        match self.transfer.on_conflict {
            OnConflict::Refuse | OnConflict::Skip | OnConflict::OverwriteIf if self.may_be_placed(&there) => Ok(true),
            OnConflict::Refuse | OnConflict::OverwriteIf => Err(exists(&self.target, Some(&there))),
            OnConflict::Skip => self.skipped().await.map(|()| false),
            OnConflict::Overwrite if there.is_dir() => Err(super::placing::is_a_folder(&self.target)),
            OnConflict::Overwrite | OnConflict::KeepBoth => Ok(true),
        }
    }

    /// Whether an earlier run that was killed may have given a small file its name: the bytes will tell.
    fn may_be_placed(&self, there: &Metadata) -> bool {
        let (size, ours) = (there.len(), self.transfer.size.unwrap_or(there.len()));
        there.is_file() && size == ours && size < SMALL && is_since(there, self.transfer.queued_at)
    }

    async fn skipped(&mut self) -> Result<()> {
        let what = format!("skipped: {} exists", display_path(&self.target));
        self.note = Some(Failure::new(FailureKind::Exists, what));
        clean_up(self.core, &self.transfer, &self.resume).await?;
        let rows = self.resume.part_size.map(|_| Change::ForgetParts(self.transfer.id));
        let skipped = |transfer: &mut Transfer, resume: &mut Resume| {
            finish(transfer, TransferState::Done);
            *resume = Resume::default();
        };
        self.save(skipped, rows.into_iter().collect()).await
    }

    fn start_over(&mut self) {
        let key = display(self.key());
        tracing::info!(transfer = %self.transfer.id, "the object was replaced: its download starts over");
        let what = format!("{key} was replaced in the bucket while it was downloaded: it started over");
        self.note = Some(Failure::new(FailureKind::Changed, what));
        self.resume = Resume::default();
        self.sent.set(0);
    }

    /// What the last run left, if the object has an entity tag by which it is known again.
    fn known(&self) -> Option<Known> {
        self.transfer.etag.as_ref()?;
        Some(Known { file: self.resume.source.clone()?, each: self.resume.part_size? })
    }

    async fn receive(&mut self) -> Result<()> {
        let known = self.known();
        if known.is_none() && self.transfer.size.is_some_and(|size| size < SEVERAL_FROM) {
            return self.receive_at_once(None).await;
        }
        let told = {
            let _turn = self.lane.request(Weight::Small).await?;
            self.connection.store.head(self.key()).await?
        };
        match known {
            Some(known) => {
                self.is_the_one_begun(&told.0)?;
                self.go_on(known, told).await
            }
            None if told.0.size < SMALL => self.receive_at_once(told.0.etag.as_deref()).await,
            None => self.begin(told, None).await,
        }
    }

    /// Asks for all of it in one request, which for what is not large is the cheapest way to know it.
    async fn receive_at_once(&mut self, tag: Option<&str>) -> Result<()> {
        let is_small = self.transfer.size.is_none_or(|size| size < SMALL);
        let turn = self.lane.request(if is_small { Weight::Small } else { Weight::Large(self.transfer.id) }).await?;
        let download = self.connection.store.get(self.key(), 0, None, tag).await?;
        let told = (download.info, download.checksum);
        let coming = Coming { body: download.body, turn };
        match told.0.size {
            size if size < SMALL => self.receive_small(told, coming).await,
            size if size < SEVERAL_FROM => self.begin(told, Some(coming)).await,
            _ => {
                drop(coming);
                self.begin(told, None).await
            }
        }
    }

    fn is_the_one_begun(&self, info: &ObjectInfo) -> Result<()> {
        let begun = ObjectInfo {
            name: None,
            size: self.transfer.size.unwrap_or(info.size),
            etag: self.transfer.etag.as_deref().map(str::to_owned),
            ..info.clone()
        };
        if is_same(&begun, info) { Ok(()) } else { Err(changed(self.key())) }
    }

    /// A new file, and nothing in it.
    async fn begin(&mut self, told: Told, coming: Option<Coming>) -> Result<()> {
        let (size, part, space) = (told.0.size, self.part.clone(), self.core.space.clone());
        let make = move || {
            let file = PartFile::make(&part)?;
            match space.make(&file, size, size) {
                Ok(room) => Ok((file, room)),
                // Nothing of it has arrived: nothing of it stays.
                Err(failure) => file.discard().and(Err(failure)),
            }
        };
        let mut making = self.core.large_desk.run(make);
        let (made, coming) = match timeout(PATIENCE, &mut making).await {
            Ok(made) => (made, coming),
            Err(_late) => {
                // Neither a request nor a turn waits for the disk.
                drop(coming);
                self.core.lend_turn(self.transfer.id);
                (making.await, None)
            }
        };
        let (file, room) = made?;
        // Without an entity tag nothing binds one range to the next: then there is only one.
        let each = if told.0.etag.is_some() { each_of(size) } else { size };
        self.take(told, file, room, Ranges::new(size, each), coming).await
    }

    /// The file of an earlier run, and what is really in it.
    async fn go_on(&mut self, known: Known, told: Told) -> Result<()> {
        let (part, Known { file: facts, each }) = (self.part.clone(), known);
        let known = self.core.desk.run(move || PartFile::known(&part, &facts));
        let Some(file) = self.on_disk(known).await? else {
            return self.begin(told, None).await;
        };
        let rows = self.core.journal.parts(self.transfer.id).await?;
        let ranges = Ranges::new(told.0.size, each);
        let ranges = self.on_disk(still_there(&self.core.large_desk, &file, rows, ranges)).await?;
        let (size, file, space) = (told.0.size, file, self.core.space.clone());
        let make = move || {
            let missing = size.saturating_sub(file.on_disk()?);
            space.make(&file, size, missing).map(|room| (file, room))
        };
        let (file, room) = self.on_disk(self.core.large_desk.run(make)).await?;
        self.take(told, file, room, ranges, None).await
    }

    async fn take(
        &mut self,
        told: Told,
        file: PartFile,
        room: Promise,
        ranges: Ranges,
        coming: Option<Coming>,
    ) -> Result<()> {
        let (info, kept) = told;
        self.begun(&info, &file, &ranges).await?;
        file.keep();
        let kept = kept.map(Expected::Kept).filter(|kept| kept.is_cheap(&ranges));
        let landing = Landing { id: self.transfer.id, object: &info, file: file.clone(), room, ranges };
        let receiving = Receiving::new(self.core, self.connection, self.lane.clone(), &self.sent, landing);
        let (ranges, expected) = tokio::try_join!(receiving.all(coming), self.expected(&info, kept))?;
        self.save(|transfer, _| enter(transfer, TransferState::Verifying), Vec::new()).await?;
        let (key, whole, modified) = (self.key().to_owned(), file.clone(), info.modified);
        let check = move || {
            match check::file(&key, &whole, info.size, &ranges, expected) {
                // What does not verify must not be gone on with.
                Err(failure) if failure.kind == FailureKind::Integrity => whole.discard().and(Err(failure)),
                Err(failure) => Err(failure),
                Ok(checksum) => whole.seal(modified).map(|()| checksum),
            }
        };
        let checksum = self.on_disk(self.core.large_desk.run(check)).await?;
        self.finish(file, info.size, checksum).await
    }

    /// What the bytes are to be held against: where the bucket keeps nothing, the record that was written when they went
    /// up. Never fails.
    async fn expected(&self, info: &ObjectInfo, kept: Option<Expected>) -> Result<Option<Expected>> {
        match kept {
            Some(kept) => Ok(Some(kept)),
            None => Ok(recorded::checksum(self.connection, info).await.map(Expected::Recorded)),
        }
    }

    async fn begun(&mut self, info: &ObjectInfo, file: &PartFile, ranges: &Ranges) -> Result<()> {
        let (facts, total, each) = (file.facts().clone(), ranges.total(), ranges.each());
        self.sent.set(total);
        let begun = |transfer: &mut Transfer, resume: &mut Resume| {
            enter(transfer, TransferState::Receiving);
            resume.source = Some(facts);
            resume.part_size = Some(each);
            transfer.size = Some(info.size);
            transfer.acknowledged = total;
            transfer.etag = info.etag.as_deref().map(Into::into);
        };
        // Rows of what did not prove to be there go; the others are written again as they stand.
        let id = self.transfer.id;
        let rows = ranges.arrived().map(|part| Change::Part { id, part: part.clone(), acknowledged: total });
        let changes = std::iter::once(Change::ForgetParts(id)).chain(rows).collect();
        self.save(begun, changes).await
    }

    /// Everything is checked and on disk: from here on nothing is asked of the bucket again.
    async fn finish(&mut self, file: PartFile, size: u64, checksum: Option<Checksum>) -> Result<()> {
        let facts = file.facts().clone();
        let placing = |transfer: &mut Transfer, resume: &mut Resume| {
            enter(transfer, TransferState::Placing);
            resume.source = Some(facts);
            transfer.size = Some(size);
            transfer.acknowledged = size;
            transfer.checksum = checksum.map(Into::into);
        };
        self.save(placing, Vec::new()).await?;
        file.keep();
        let placed = self.place(file).await?;
        self.done(placed, |_| ()).await
    }

    async fn place(&self, file: PartFile) -> Result<PathBuf> {
        let (target, on_conflict) = (self.target.clone(), self.transfer.on_conflict);
        // The lock goes with the file, once it has its name: until then nobody else may take its place.
        self.on_disk(self.core.desk.run(move || place(&file, &target, on_conflict))).await
    }

    async fn done(&mut self, placed: PathBuf, edit: impl FnOnce(&mut Transfer)) -> Result<()> {
        let folder = placed.parent().unwrap_or_else(|| Path::new("/"));
        self.on_disk(self.core.folders.sync(&self.core.large_desk, folder)).await?;
        let rows = self.resume.part_size.map(|_| Change::ForgetParts(self.transfer.id));
        let done = |transfer: &mut Transfer, resume: &mut Resume| {
            enter(transfer, TransferState::Done);
            finish(transfer, TransferState::Done);
            edit(transfer);
            transfer.path = Some(placed.into());
            *resume = Resume::default();
        };
        self.save(done, rows.into_iter().collect()).await
    }
}

/// What the journal says has arrived and the file really holds: after a failure of power they may differ.
async fn still_there(desk: &Desk, file: &PartFile, rows: Vec<Part>, mut ranges: Ranges) -> Result<Ranges> {
    for row in rows {
        let span = ranges.span(row.number).filter(|(_, length)| row.size <= *length);
        let Some((offset, _)) = span else { continue };
        let file = file.clone();
        let found = desk.run(move || file.checksum(offset, row.size)).await?;
        if let Some(found) = found.filter(|found| row.checksum.as_ref() == Some(found)) {
            ranges.add(row.number, row.size, found);
        }
    }
    Ok(ranges)
}
