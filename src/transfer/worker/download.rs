//! Object to local file: into `NAME.windlass-part` beside the target, checked, flushed, and only then given its name. An
//! interrupted download goes on where it stopped, as long as the object is still the same one.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
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
use crate::transfer::model::Work;
use crate::transfer::source::blocking;

/// What the unfinished file is called: the target's name and this.
const PART_SUFFIX: &str = ".windlass-part";

/// Most names tried by "keep both".
const MOST_NUMBERS: u32 = 1000;

/// Bytes gathered before they are written in one go.
const WRITE: usize = 1 << 20;

/// Takes a download from wherever it stands to `done`.
pub async fn run(core: &Core, connection: &Connection, work: Work) -> Result<()> {
    let transfer = work.transfer;
    let target =
        transfer.path.clone().ok_or_else(|| Failure::new(FailureKind::Internal, "a download without a file"))?;
    if !may_begin(core, &transfer, &target).await? {
        return Ok(());
    }
    let part = part_file(&target);
    let received = receive(core, connection, &transfer, &part, &work.sent).await?;
    core.save(transfer.id, |transfer, _| enter(transfer, TransferState::Verifying)).await?;
    let modified = received.info.modified;
    check(&transfer, &received, &part)?;
    core.save(transfer.id, |transfer, _| enter(transfer, TransferState::Placing)).await?;
    let placed = place(part, target, transfer.on_conflict, modified).await?;
    let acknowledged = received.info.size;
    core.save(transfer.id, |transfer, _| {
        enter(transfer, TransferState::Done);
        finish(transfer, TransferState::Done);
        transfer.path = Some(placed);
        transfer.acknowledged = acknowledged;
        transfer.checksum = received.expected;
    })
    .await
    .map(drop)
}

/// Removes the unfinished file of a cancelled download.
///
/// # Errors
/// `Local` where it cannot be removed.
pub async fn clean_up(transfer: &Transfer) -> Result<()> {
    let Some(target) = &transfer.path else { return Ok(()) };
    if transfer.state.is_final()
        || transfer.state == TransferState::Queued && transfer.acknowledged == 0 && transfer.etag.is_none()
    {
        return Ok(());
    }
    let part = part_file(target);
    blocking(move || match std::fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::io("remove", &part, &error)),
        _ => Ok(()),
    })
    .await
}

fn part_file(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(PART_SUFFIX);
    PathBuf::from(name)
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
}

async fn receive(
    core: &Core,
    connection: &Connection,
    transfer: &Arc<Transfer>,
    part: &Path,
    sent: &Sent,
) -> Result<Received> {
    let mut file = PartFile::open(part, transfer.etag.is_some()).await?;
    if transfer.etag.is_some() && transfer.size == Some(file.bytes) {
        if let Some(received) = whole_already(connection, transfer, &file).await? {
            return Ok(received);
        }
        file = PartFile::open(part, false).await?;
    }
    let download = match connection.store.get(&transfer.key, file.bytes, None, transfer.etag.as_deref()).await {
        Err(failure) if file.bytes > 0 && restarts(&failure) => {
            tracing::info!(transfer = %transfer.id, "the object has changed since the download began: it starts over");
            file = PartFile::open(part, false).await?;
            connection.store.get(&transfer.key, 0, None, None).await?
        }
        result => result?,
    };
    let begun = file.bytes;
    sent.set(begun);
    core.save(transfer.id, |transfer, _| {
        enter(transfer, TransferState::Receiving);
        transfer.size = Some(download.info.size);
        transfer.acknowledged = begun;
        transfer.etag.clone_from(&download.info.etag);
    })
    .await?;
    let mut body = download.body;
    while let Some(bytes) = body.next().await {
        let bytes = bytes?;
        sent.add(bytes.len() as u64);
        file = file.take(bytes).await?;
    }
    let (bytes, computed) = file.flush().await?;
    Ok(Received { info: download.info, computed, expected: download.checksum, bytes })
}

/// The last run ended after the last byte: nothing has to be sent again, as long as the object is still that one.
async fn whole_already(connection: &Connection, transfer: &Transfer, file: &PartFile) -> Result<Option<Received>> {
    let (info, expected) = connection.store.head(&transfer.key).await?;
    let same = info.etag == transfer.etag && info.size == file.bytes;
    Ok(same.then(|| Received { info, computed: file.digest.checksum(), expected, bytes: file.bytes }))
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

/// The unfinished file, and the checksum of what is in it.
struct PartFile {
    file: File,
    path: PathBuf,
    bytes: u64,
    waiting: Vec<u8>,
    digest: proof::Crc,
}

impl PartFile {
    /// Opens it; to go on, what is there already is read once for the checksum.
    async fn open(path: &Path, go_on: bool) -> Result<Self> {
        let path = path.to_path_buf();
        blocking(move || {
            let failure = |error| Failure::io("write", &path, &error);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, &error))?;
            }
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(!go_on).open(&path).map_err(failure)?;
            let mut part =
                Self { file, path: path.clone(), bytes: 0, waiting: Vec::new(), digest: proof::Crc::default() };
            part.read_what_is_there().map_err(failure)?;
            Ok(part)
        })
        .await
    }

    fn read_what_is_there(&mut self) -> std::io::Result<()> {
        let mut buffer = vec![0; WRITE];
        loop {
            let count = self.file.read(&mut buffer)?;
            let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else { break };
            self.digest.update(read);
            self.bytes += count as u64;
        }
        self.file.seek(SeekFrom::Start(self.bytes)).map(drop)
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

    /// Everything on disk; answers how many bytes, and their checksum.
    async fn flush(mut self) -> Result<(u64, Checksum)> {
        blocking(move || {
            self.write()?;
            self.file.sync_all().map_err(|error| Failure::io("write", &self.path, &error))?;
            Ok((self.bytes, self.digest.checksum()))
        })
        .await
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
                let candidate = if number == 1 { target.to_path_buf() } else { numbered(target, number) };
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

fn numbered(target: &Path, number: u32) -> PathBuf {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    target.with_file_name(key::numbered(&name, number))
}

fn exists(target: &Path) -> Failure {
    Failure::new(FailureKind::Exists, format!("{} exists", display_path(target)))
        .hint("choose to overwrite, skip or keep both (--on-conflict)")
}
