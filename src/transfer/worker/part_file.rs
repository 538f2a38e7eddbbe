//! The unfinished file of a download, `NAME.windlass-part` beside its target: locked while it is open, known again by its
//! inode and birth time, and written in place, so that ranges may arrive in any order. Everything here blocks.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, IoSlice};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use rustix::fs::FallocateFlags;
use rustix::io::Errno;

use crate::domain::display::display_path;
use crate::domain::{Checksum, Failure, FailureKind, Result, key};
use crate::storage::proof;
use crate::transfer::source::SourceFacts;

/// `O_NOFOLLOW`: an unfinished file is never a link to somewhere else.
const NO_FOLLOW: i32 = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();

/// The longest file name, in bytes, that Linux file systems take.
const MAX_NAME_BYTES: usize = 255;

/// The file system in memory (statfs(2), TMPFS_MAGIC).
const TMPFS: rustix::fs::FsWord = 0x0102_1994;

/// Readable for everybody, as far as the user's umask allows.
const MODE: u32 = 0o644;

/// Bytes read at once for a checksum.
const READ: usize = 1 << 20;

/// Where a target's unfinished file lies.
pub fn path_of(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().as_encoded_bytes();
    // A name that would become too long for the file system loses its end.
    let kept = name.get(..MAX_NAME_BYTES - key::UNFINISHED.len()).unwrap_or(name);
    let mut part = std::ffi::OsString::from_vec(kept.to_vec());
    part.push(key::UNFINISHED);
    target.with_file_name(part)
}

/// Whether a file was made just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IsNew {
    Yes,
    No,
}

/// The unfinished file, locked until the last clone goes. A new one that nobody has kept by then goes with it: the journal
/// does not know it, so nobody would ever remove it.
#[derive(Debug, Clone)]
pub struct PartFile(Arc<Open>);

#[derive(Debug)]
struct Open {
    file: File,
    path: PathBuf,
    facts: SourceFacts,
    /// It stays when the last clone goes.
    kept: AtomicBool,
}

impl Drop for Open {
    fn drop(&mut self) {
        // It is still locked: no other download's can have its name.
        if !self.kept.load(Ordering::Relaxed)
            && self.has_its_name()
            && let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!("an unfinished file stays: {error}");
        }
    }
}

impl Open {
    /// Whether what lies at its path is this very file: what takes no locks may have replaced it.
    fn has_its_name(&self) -> bool {
        std::fs::symlink_metadata(&self.path).is_ok_and(|found| SourceFacts::identity_of(&found) == self.facts)
    }
}

impl PartFile {
    /// The one that an earlier run of this transfer has written, if it is still there.
    ///
    /// # Errors
    /// `Busy` where another transfer writes it.
    pub fn known(path: &Path, facts: &SourceFacts) -> Result<Option<Self>> {
        Ok(Self::there(path)?.filter(|part| part.facts() == facts))
    }

    /// One that was made at that moment or later, and that nobody writes.
    pub fn made_since(path: &Path, moment: DateTime<Utc>) -> Option<Self> {
        Self::there(path).ok().flatten().filter(|part| part.facts().modified.is_some_and(|made| made >= moment))
    }

    /// A new, empty one, in folders that are made. What was there is let go rather than emptied: somebody may still mean
    /// it.
    ///
    /// # Errors
    /// `Busy` where another transfer writes one of that name; `Local` or `DiskFull` where it cannot be made.
    pub fn make(path: &Path) -> Result<Self> {
        match create(path) {
            Ok(file) => Self::lock(file, path, IsNew::Yes),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make_folder(path)?;
                Self::lock(create(path).map_err(|error| cannot_write(path, &error))?, path, IsNew::Yes)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::replace(path),
            Err(error) => Err(cannot_write(path, &error)),
        }
    }

    fn replace(path: &Path) -> Result<Self> {
        // Whoever writes it has it locked.
        let _not_written = Self::there(path)?;
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(cannot_write(path, &error)),
            _ => Self::lock(create(path).map_err(|error| cannot_write(path, &error))?, path, IsNew::Yes),
        }
    }

    /// The file of that name, if there is one and nobody is writing it.
    fn there(path: &Path) -> Result<Option<Self>> {
        match OpenOptions::new().read(true).write(true).custom_flags(NO_FOLLOW).open(path) {
            Ok(file) => Self::lock(file, path, IsNew::No).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(cannot_write(path, &error)),
        }
    }

    fn lock(file: File, path: &Path, is_new: IsNew) -> Result<Self> {
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(written_by_another(path)),
            Err(TryLockError::Error(error)) => return Err(Failure::io_here("lock", path, &error)),
        }
        let metadata = file.metadata().map_err(|error| Failure::io_here("read", path, &error))?;
        if metadata.nlink() == 0 {
            // Another transfer let it go between the opening and the lock.
            return Err(written_by_another(path));
        }
        let facts = SourceFacts::identity_of(&metadata);
        let kept = AtomicBool::new(is_new == IsNew::No);
        Ok(Self(Arc::new(Open { file, path: path.to_path_buf(), facts, kept })))
    }

    /// The journal knows it: from here on it stays, whatever becomes of its worker.
    pub fn keep(&self) {
        self.0.kept.store(true, Ordering::Relaxed);
    }

    /// By which it is known again.
    pub fn facts(&self) -> &SourceFacts {
        &self.0.facts
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Whether another file lies where this one did.
    pub fn is_replaced(&self) -> bool {
        !self.0.has_its_name() && self.0.path.symlink_metadata().is_ok()
    }

    /// The open file.
    pub fn file(&self) -> &File {
        &self.0.file
    }

    /// Bytes that the disk has given it.
    ///
    /// # Errors
    /// `Local`.
    pub fn on_disk(&self) -> Result<u64> {
        // `st_blocks` counts 512 bytes whatever the file system's own blocks are (stat(2)).
        let blocks = self.0.file.metadata().map(|metadata| metadata.blocks());
        blocks.map(|blocks| blocks * 512).map_err(|error| Failure::io_here("read", &self.0.path, &error))
    }

    /// Gives it the disk's room for a span, which is not empty, and the length that it takes; false where the file system
    /// only finds out as it is written, or where it would fill the room with zeroes first, as the one in memory does: a
    /// tenth of all that a large download costs.
    ///
    /// # Errors
    /// `DiskFull`, `Local`.
    pub fn allocate(&self, offset: u64, length: u64) -> Result<bool> {
        if rustix::fs::fstatfs(&self.0.file).is_ok_and(|system| system.f_type == TMPFS) {
            return Ok(false);
        }
        match rustix::fs::fallocate(&self.0.file, FallocateFlags::empty(), offset, length) {
            Ok(()) => Ok(true),
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(false),
            Err(error) => Err(cannot_write(&self.0.path, &error.into())),
        }
    }

    /// Writes pieces one after another from an offset on.
    ///
    /// # Errors
    /// `DiskFull`, `Local`.
    pub fn write(&self, offset: u64, pieces: &[Bytes]) -> Result<()> {
        self.write_slices(offset, pieces).map_err(|error| cannot_write(&self.0.path, &error))
    }

    fn write_slices(&self, mut offset: u64, pieces: &[Bytes]) -> std::io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut left = &mut slices[..];
        IoSlice::advance_slices(&mut left, 0);
        while !left.is_empty() {
            match rustix::io::pwritev(&self.0.file, left, offset) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => {
                    IoSlice::advance_slices(&mut left, written);
                    offset += written as u64;
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// CRC-64/NVME of so many bytes from an offset on; `None` where the file ends before.
    ///
    /// # Errors
    /// `Local`.
    pub fn checksum(&self, offset: u64, length: u64) -> Result<Option<Checksum>> {
        let mut crc = proof::Crc::default();
        let whole = self.read(offset, length, |bytes| crc.update(bytes))?;
        Ok(whole.then(|| crc.checksum()))
    }

    /// MD5 of the first so many bytes; `None` where the file ends before.
    ///
    /// # Errors
    /// `Local`.
    pub fn md5(&self, length: u64) -> Result<Option<Checksum>> {
        let mut md5 = proof::Md5Sum::default();
        let whole = self.read(0, length, |bytes| md5.update(bytes))?;
        Ok(whole.then(|| md5.checksum()))
    }

    /// Hands on the bytes of a span; false where the file ends before.
    fn read(&self, offset: u64, length: u64, mut take: impl FnMut(&[u8])) -> Result<bool> {
        let mut buffer = vec![0; usize::try_from(length).map_or(READ, |length| length.min(READ))];
        let (mut at, end) = (offset, offset.saturating_add(length));
        while at < end {
            let wanted = usize::try_from(end - at).map_or(READ, |left| left.min(buffer.len()));
            let room = buffer.get_mut(..wanted).unwrap_or_default();
            match self.0.file.read_exact_at(room, at) {
                Ok(()) => take(room),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
                Err(error) => return Err(Failure::io_here("read", &self.0.path, &error)),
            }
            at += wanted as u64;
        }
        Ok(true)
    }

    /// Gives it the object's time, and puts everything on disk.
    ///
    /// # Errors
    /// `DiskFull`, `Local`.
    pub fn seal(&self, modified: Option<DateTime<Utc>>) -> Result<()> {
        if let Some(modified) = modified
            && let Err(error) = self.0.file.set_modified(modified.into())
        {
            tracing::warn!("cannot set a file's time: {error}");
        }
        self.0.file.sync_all().map_err(|error| cannot_write(&self.0.path, &error))
    }

    /// Removes it.
    ///
    /// # Errors
    /// `Local`.
    pub fn discard(self) -> Result<()> {
        // Once it is gone, another transfer's may have its name.
        self.keep();
        if self.is_replaced() {
            return Ok(());
        }
        match std::fs::remove_file(&self.0.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::io_here("remove", &self.0.path, &error)),
            _ => Ok(()),
        }
    }
}

fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(MODE).open(path)
}

fn make_folder(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("/"));
    let failed = |error| or_closed(Failure::io_here("make the folder", folder, &error), folder, &error);
    std::fs::create_dir_all(folder).map_err(failed)
}

fn written_by_another(path: &Path) -> Failure {
    Failure::new(FailureKind::Busy, format!("another transfer is writing {}", display_path(path)))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    or_closed(Failure::io_here("write", path, error), path, error)
}

/// With what helps where we have no right to: of a path only what is there can be opened to us.
fn or_closed(failure: Failure, path: &Path, error: &std::io::Error) -> Failure {
    let closed = path.ancestors().find(|at| at.exists()).filter(|_| error.kind() == ErrorKind::PermissionDenied);
    match closed {
        Some(closed) => failure.hint(format!("make {} writable for you, then retry", display_path(closed))),
        None => failure,
    }
}

#[cfg(test)]
mod tests;
