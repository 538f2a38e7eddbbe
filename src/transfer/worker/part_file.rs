//! The unfinished file of a download, `NAME.windlass-part` beside its target: locked while it is written, known again by
//! its inode and birth time, and checksummed as it grows, so that it is never mixed up with another.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::domain::display::display_path;
use crate::domain::{Checksum, Failure, FailureKind, Result};
use crate::storage::proof;
use crate::transfer::source::{SourceFacts, blocking};

/// What the unfinished file is called: the target's name and this.
const PART_SUFFIX: &str = ".windlass-part";

/// `O_NOFOLLOW`: an unfinished file is never a link to somewhere else.
const NO_FOLLOW: i32 = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();

/// The longest file name, in bytes, that Linux file systems take.
const MAX_NAME_BYTES: usize = 255;

/// Bytes gathered before they are written in one go.
const WRITE: usize = 1 << 20;

/// Where a target's unfinished file lies.
pub fn path_of(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().as_encoded_bytes();
    // A name that would become too long for the file system loses its end.
    let kept = name.get(..MAX_NAME_BYTES - PART_SUFFIX.len()).unwrap_or(name);
    let mut part = std::ffi::OsString::from_vec(kept.to_vec());
    part.push(PART_SUFFIX);
    target.with_file_name(part)
}

/// The unfinished file, and the checksum of what is in it. It is locked while it is open.
pub struct PartFile {
    file: File,
    path: PathBuf,
    /// By which it is known again.
    pub facts: SourceFacts,
    /// How many are in it.
    pub bytes: u64,
    waiting: Vec<u8>,
    digest: proof::Crc,
}

impl PartFile {
    /// Opens it; the one that an earlier run has written is gone on with, and read once for the checksum. What else bears
    /// the name gives way to a new one.
    pub async fn open(path: &Path, known: Option<&SourceFacts>) -> Result<Self> {
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

    /// Removes it.
    pub async fn discard(self) -> Result<()> {
        let remove =
            move || std::fs::remove_file(&self.path).map_err(|error| Failure::io("remove", &self.path, &error));
        blocking(remove).await
    }

    /// An empty one in its place.
    pub async fn begin_anew(self) -> Result<Self> {
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
    pub async fn take(mut self, bytes: Bytes) -> Result<Self> {
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
    pub async fn flush(mut self) -> Result<Self> {
        blocking(move || {
            self.write()?;
            self.file.sync_all().map_err(|error| Failure::io("write", &self.path, &error))?;
            Ok(self)
        })
        .await
    }

    /// Of what is in it.
    pub fn checksum(&self) -> Checksum {
        self.digest.checksum()
    }

    /// The file alone, still locked.
    pub fn into_lock(self) -> File {
        self.file
    }
}
