//! Object to local file: into `NAME.windlass-part` beside the target, checked, flushed, and only then given its name. An
//! interrupted download goes on where it stopped, as long as the object is still the same one.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::{enter, finish};
use crate::domain::transfer::OnConflict;
use crate::domain::{
    Checksum, Failure, FailureKind, ObjectInfo, Result, Transfer, TransferState, display::display,
    display::display_path, key,
};
use crate::storage::{Sent, proof};
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::job::Resume;
use crate::transfer::model::Work;
use crate::transfer::source::{SourceFacts, blocking};

/// What the unfinished file is called: the target's name and this.
const PART_SUFFIX: &str = ".windlass-part";

/// `O_NOFOLLOW`: an unfinished file is never a link to somewhere else.
const NO_FOLLOW: i32 = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();

/// The longest file name, in bytes, that Linux file systems take.
const MAX_NAME_BYTES: usize = 255;

/// Most names tried by "keep both".
const MOST_NUMBERS: u32 = 1000;

/// Bytes gathered before they are written in one go.
const WRITE: usize = 1 << 20;

/// Takes a download from wherever it stands to `done`.
pub async fn run(core: &Core, connection: &Connection, work: Work) -> Result<()> {
    let (transfer, resume) = (work.transfer, work.resume);
    let target =
        transfer.path.clone().ok_or_else(|| Failure::new(FailureKind::Internal, "a download without a file"))?;
    if transfer.state == TransferState::Placing
        && let Some(placed) = placed_already(&target, resume.source.as_ref()).await?
    {
        return done(core, &transfer, placed, transfer.acknowledged, None).await;
    }
    if !may_begin(core, &transfer, &target).await? {
        return Ok(());
    }
    let part = part_file(&target);
    let received = receive(core, connection, &transfer, &resume, &part, &work.sent).await?;
    core.save(transfer.id, |transfer, _| enter(transfer, TransferState::Verifying)).await?;
    let modified = received.info.modified;
    check(&transfer, &received, &part)?;
    core.save(transfer.id, |transfer, _| enter(transfer, TransferState::Placing)).await?;
    let placed = place(part, target, transfer.on_conflict, modified).await?;
    done(core, &transfer, placed, received.info.size, received.expected.clone()).await
}

async fn done(core: &Core, transfer: &Transfer, placed: PathBuf, bytes: u64, checksum: Option<Checksum>) -> Result<()> {
    core.save(transfer.id, |transfer, resume| {
        enter(transfer, TransferState::Done);
        finish(transfer, TransferState::Done);
        transfer.path = Some(placed);
        transfer.acknowledged = bytes;
        transfer.checksum = checksum;
        *resume = Resume::default();
    })
    .await
    .map(drop)
}

/// A run that was killed between giving the file its name and saying so finds it by its inode.
async fn placed_already(target: &Path, part: Option<&SourceFacts>) -> Result<Option<PathBuf>> {
    let (target, Some(part)) = (target.to_path_buf(), part.cloned()) else { return Ok(None) };
    let is_it = move |path: &Path| std::fs::metadata(path).is_ok_and(|found| SourceFacts::identity_of(&found) == part);
    blocking(move || {
        let mut names = (1..=MOST_NUMBERS).map(|number| candidate(&target, number)).take_while(|path| path.exists());
        Ok(names.find(|path| is_it(path)))
    })
    .await
}

/// Removes the unfinished file of a cancelled download.
///
/// # Errors
/// `Local` where it cannot be removed.
pub async fn clean_up(transfer: &Transfer, resume: &Resume) -> Result<()> {
    let (Some(target), Some(ours)) = (&transfer.path, resume.source.clone()) else { return Ok(()) };
    let part = part_file(target);
    blocking(move || match std::fs::metadata(&part) {
        // Only the file that this transfer has written; another one's may bear the same name.
        Ok(found) if SourceFacts::identity_of(&found) == ours => {
            std::fs::remove_file(&part).map_err(|error| Failure::io("remove", &part, &error))
        }
        _ => Ok(()),
    })
    .await
}

fn part_file(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().as_encoded_bytes();
    // A name that would become too long for the file system loses its end.
    let kept = name.get(..MAX_NAME_BYTES - PART_SUFFIX.len()).unwrap_or(name);
    let mut part = std::ffi::OsString::from_vec(kept.to_vec());
    part.push(PART_SUFFIX);
    target.with_file_name(part)
}

/// Looks at the target before the first byte; false where there is nothing to do.
async fn may_begin(core: &Core, transfer: &Transfer, target: &Path) -> Result<bool> {
    let there = tokio::fs::symlink_metadata(target).await.is_ok();
    match transfer.on_conflict {
        OnConflict::Refuse if there => Err(exists(target)),
        OnConflict::Skip if there => {
            let note = Failure::new(FailureKind::Exists, format!("skipped: {} exists", display_path(target)));
            core.save(transfer.id, |transfer, _| {
                finish(transfer, TransferState::Done);
                transfer.error = Some(note);
            })
            .await?;
            Ok(false)
        }
        _ => Ok(true),
    }
}

/// What has arrived whole.
struct Received {
    info: ObjectInfo,
    /// Of the bytes that arrived.
    computed: Checksum,
    /// Of the object, where the store keeps one.
    expected: Option<Checksum>,
    bytes: u64,
    /// Locked until the file has its name: until then another download of that name must not take its place.
    _locked: File,
}

async fn receive(
    core: &Core,
    connection: &Connection,
    transfer: &Arc<Transfer>,
    resume: &Resume,
    part: &Path,
    sent: &Sent,
) -> Result<Received> {
    let known = resume.source.as_ref().filter(|_| transfer.etag.is_some());
    let mut file = PartFile::open(part, known).await?;
    if file.bytes > 0 && transfer.size == Some(file.bytes) {
        let (info, expected) = connection.store.head(&transfer.key).await?;
        // The last run ended after the last byte: as long as the object is still that one, nothing has to be sent again.
        if info.etag == transfer.etag && info.size == file.bytes {
            return file.received(info, expected).await;
        }
        file = file.begin_anew().await?;
    }
    let if_match = transfer.etag.as_deref().filter(|_| file.bytes > 0);
    let download = match connection.store.get(&transfer.key, file.bytes, None, if_match).await {
        Err(failure) if file.bytes > 0 && restarts(&failure) => {
            tracing::info!(transfer = %transfer.id, "the object has changed since the download began: it starts over");
            file = file.begin_anew().await?;
            connection.store.get(&transfer.key, 0, None, None).await?
        }
        result => result?,
    };
    let begun = file.bytes;
    sent.set(begun);
    let facts = file.facts.clone();
    core.save(transfer.id, |transfer, resume| {
        enter(transfer, TransferState::Receiving);
        resume.source = Some(facts);
        transfer.size = Some(download.info.size);
        transfer.acknowledged = begun;
        transfer.etag.clone_from(&download.info.etag);
    })
    .await?;
    let mut body = download.body;
    while let Some(bytes) = body.next().await {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(failure) => {
                // What has arrived counts, or a link that breaks often would never get on.
                file.flush().await?;
                return Err(failure);
            }
        };
        sent.add(bytes.len() as u64);
        file = file.take(bytes).await?;
    }
    file.received(download.info, download.checksum).await
}

/// The object is another one now, or the file on disk is longer than it.
fn restarts(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Changed | FailureKind::Usage)
}

fn check(transfer: &Transfer, received: &Received, part: &Path) -> Result<()> {
    let key = display(&transfer.key);
    let differs = |what: String| {
        // What does not verify must not be gone on with.
        let removed = std::fs::remove_file(part).map_err(|error| Failure::io("remove", part, &error));
        removed.and(Err(Failure::new(
            FailureKind::Integrity,
            format!("what arrived of {key} is not the object: {what}"),
        )
        .hint("retry; it starts over")))
    };
    if received.bytes != received.info.size {
        return differs(format!("{} bytes arrived, it has {}", received.bytes, received.info.size));
    }
    match &received.expected {
        Some(expected) if expected.algorithm == received.computed.algorithm && *expected != received.computed => {
            differs(format!("its checksum is {expected}, {} arrived", received.computed))
        }
        _ => Ok(()),
    }
}

/// The unfinished file, and the checksum of what is in it. It is locked while it is open.
struct PartFile {
    file: File,
    path: PathBuf,
    facts: SourceFacts,
    bytes: u64,
    waiting: Vec<u8>,
    digest: proof::Crc,
}

impl PartFile {
    /// Opens it; the one that an earlier run has written is gone on with, and read once for the checksum. What else bears
    /// the name gives way to a new one.
    async fn open(path: &Path, known: Option<&SourceFacts>) -> Result<Self> {
        let (path, known) = (path.to_path_buf(), known.cloned());
        blocking(move || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, &error))?;
            }
            match Self::locked(&path)? {
                Some(part) if known.as_ref() == Some(&part.facts) => part.read_what_is_there(),
                _ => Self::fresh(&path),
            }
        })
        .await
    }

    /// The file of that name, if there is one and nobody is writing it.
    fn locked(path: &Path) -> Result<Option<Self>> {
        match OpenOptions::new().read(true).write(true).custom_flags(NO_FOLLOW).open(path) {
            Ok(file) => Self::lock(file, path).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io("write", path, &error)),
        }
    }

    fn lock(file: File, path: &Path) -> Result<Self> {
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let what = format!("another transfer is writing {}", display_path(path));
                return Err(Failure::new(FailureKind::Busy, what));
            }
            Err(TryLockError::Error(error)) => return Err(Failure::io("lock", path, &error)),
        }
        let facts = file.metadata().map(|metadata| SourceFacts::identity_of(&metadata));
        let facts = facts.map_err(|error| Failure::io("read", path, &error))?;
        let (path, waiting, digest) = (path.to_path_buf(), Vec::new(), proof::Crc::default());
        Ok(Self { file, path, facts, bytes: 0, waiting, digest })
    }

    /// A new file under that name. What was there is let go rather than emptied: somebody may still mean it.
    fn fresh(path: &Path) -> Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::io("write", path, &error)),
            _ => {
                let made = OpenOptions::new().read(true).write(true).create_new(true).open(path);
                Self::lock(made.map_err(|error| Failure::io("write", path, &error))?, path)
            }
        }
    }

    async fn begin_anew(self) -> Result<Self> {
        blocking(move || Self::fresh(&self.path)).await
    }

    fn read_what_is_there(mut self) -> Result<Self> {
        let mut buffer = vec![0; WRITE];
        loop {
            let count = self.file.read(&mut buffer).map_err(|error| Failure::io("read", &self.path, &error))?;
            let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else { return Ok(self) };
            self.digest.update(read);
            self.bytes += count as u64;
        }
    }

    /// Takes bytes; they are written once enough have gathered.
    async fn take(mut self, bytes: Bytes) -> Result<Self> {
        self.waiting.extend_from_slice(&bytes);
        if self.waiting.len() < WRITE {
            return Ok(self);
        }
        blocking(move || self.write().map(|()| self)).await
    }

    fn write(&mut self) -> Result<()> {
        self.file.write_all(&self.waiting).map_err(|error| Failure::io("write", &self.path, &error))?;
        self.digest.update(&self.waiting);
        self.bytes += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }

    /// Everything on disk.
    async fn flush(mut self) -> Result<Self> {
        blocking(move || {
            self.write()?;
            self.file.sync_all().map_err(|error| Failure::io("write", &self.path, &error))?;
            Ok(self)
        })
        .await
    }

    /// All of it has arrived.
    async fn received(self, info: ObjectInfo, expected: Option<Checksum>) -> Result<Received> {
        let whole = self.flush().await?;
        let computed = whole.digest.checksum();
        Ok(Received { info, computed, expected, bytes: whole.bytes, _locked: whole.file })
    }
}

/// Gives the finished file its name, with the object's time, and makes the name durable.
async fn place(
    part: PathBuf,
    target: PathBuf,
    on_conflict: OnConflict,
    modified: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<PathBuf> {
    blocking(move || {
        if let Some(modified) = modified
            && let Err(error) =
                File::options().write(true).open(&part).and_then(|file| file.set_modified(modified.into()))
        {
            tracing::warn!("cannot set a file's time: {error}");
        }
        let placed = rename(&part, &target, on_conflict)?;
        if let Some(folder) = placed.parent() {
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(|error| Failure::io("write", folder, &error))?;
        }
        Ok(placed)
    })
    .await
}

fn rename(part: &Path, target: &Path, on_conflict: OnConflict) -> Result<PathBuf> {
    let failure = |error: std::io::Error| Failure::io("write", target, &error);
    match on_conflict {
        OnConflict::Overwrite => std::fs::rename(part, target).map_err(failure).map(|()| target.to_path_buf()),
        OnConflict::Refuse | OnConflict::Skip => {
            if rename_to_free(part, target).map_err(failure)? {
                Ok(target.to_path_buf())
            } else {
                Err(exists(target))
            }
        }
        OnConflict::KeepBoth => {
            for number in 1..=MOST_NUMBERS {
                let candidate = candidate(target, number);
                if rename_to_free(part, &candidate).map_err(failure)? {
                    return Ok(candidate);
                }
            }
            Err(exists(target))
        }
    }
}

/// Renames unless something of that name is there, in one step; false where there is.
fn rename_to_free(part: &Path, target: &Path) -> std::io::Result<bool> {
    match renameat_with(CWD, part, CWD, target, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::EXIST) => Ok(false),
        // Some file systems cannot do it in one step.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => match std::fs::hard_link(part, target) {
            Ok(()) => std::fs::remove_file(part).map(|()| true),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        },
        Err(error) => Err(error.into()),
    }
}

/// The names that "keep both" tries, the target's own first.
fn candidate(target: &Path, number: u32) -> PathBuf {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if number == 1 { target.to_path_buf() } else { target.with_file_name(key::numbered(&name, number)) }
}

fn exists(target: &Path) -> Failure {
    Failure::new(FailureKind::Exists, format!("{} exists", display_path(target)))
        .hint("choose to overwrite, skip or keep both (--on-conflict)")
}
