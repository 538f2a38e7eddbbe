//! The facts by which an upload's source is known again after a restart, and reading pieces of it. A file whose facts
//! have changed is another file, whatever its name.

use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use md5::{Digest, Md5};

use super::buffers::Room;
use super::desk::Desk;
use crate::domain::{Checksum, Failure, FailureKind, Result};
use crate::storage::Payload;
use crate::storage::proof::{self, Crc};

/// Bytes read at once: what stays near the processor until they have been summed.
const WINDOW: usize = 256 * 1024;

/// Size, time and inode of a file; of an unfinished download only what never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFacts {
    /// Bytes.
    pub size: u64,
    /// Modification time to the microsecond, UTC.
    pub modified: Option<DateTime<Utc>>,
    /// Inode number.
    pub inode: u64,
    /// Device number.
    pub device: u64,
}

impl SourceFacts {
    fn of(metadata: &std::fs::Metadata) -> Self {
        if metadata.is_dir() {
            // The source of a marker has no bytes, whatever is put into the folder meanwhile.
            return Self { size: 0, modified: None, inode: metadata.ino(), device: metadata.dev() };
        }
        let modified = DateTime::from_timestamp(metadata.mtime(), u32::try_from(metadata.mtime_nsec()).unwrap_or(0));
        Self {
            size: metadata.size(),
            // The journal keeps microseconds.
            modified: modified.and_then(|time| DateTime::from_timestamp_micros(time.timestamp_micros())),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }

    /// What tells a file apart from every other whatever is written to it: its inode and, because inodes are used again,
    /// when it was made.
    pub fn identity_of(metadata: &std::fs::Metadata) -> Self {
        let made = metadata.created().ok().map(DateTime::<Utc>::from);
        let made = made.and_then(|time| DateTime::from_timestamp_micros(time.timestamp_micros()));
        Self { size: 0, modified: made, ..Self::of(metadata) }
    }
}

/// An open source file.
#[derive(Debug, Clone)]
pub struct Source {
    file: Arc<File>,
    path: Arc<Path>,
    desk: Desk,
    /// As it was when it was opened.
    pub facts: SourceFacts,
    /// All of it, where it was read as it was opened.
    whole: Option<Payload>,
}

impl Source {
    /// Opens a regular file; a folder where the key ends in `/`, whose marker has no bytes. What fits into `room` is read
    /// at once: waking a thread costs more than reading a small file.
    ///
    /// # Errors
    /// `NotFound` or `Local`, naming the file; `Usage` for what is not a regular file; as for [`read`](Self::read).
    pub async fn open(desk: &Desk, path: &Path, key: &str, room: Option<Room>) -> Result<Self> {
        let may_be_folder = key.ends_with('/');
        let (path, its_desk): (Arc<Path>, Desk) = (path.into(), desk.clone());
        let open = move || {
            let mut source = Self::opened(path, its_desk, may_be_folder)?;
            if let Some(room) = room.filter(|room| room.holds(source.facts.size)) {
                source.whole = Some(source.read_now(0, source.facts.size, room)?);
            }
            Ok(source)
        };
        desk.run(open).await
    }

    fn opened(path: Arc<Path>, desk: Desk, may_be_folder: bool) -> Result<Self> {
        let failure = |error| unread(&path, &error);
        let metadata = std::fs::metadata(&path).map_err(failure)?;
        let may_be_sent = metadata.is_file() || (may_be_folder && metadata.is_dir());
        if !may_be_sent {
            let what = format!("{} is not a regular file", crate::domain::display::display_path(&path));
            return Err(Failure::new(FailureKind::Usage, what).hint("choose a file"));
        }
        let file = File::open(&path).map_err(failure)?;
        let facts = SourceFacts::of(&file.metadata().map_err(failure)?);
        Ok(Self { file: Arc::new(file), path, desk, facts, whole: None })
    }

    /// All of it, where it was read as it was opened and nobody has taken it yet.
    pub fn take_whole(&mut self) -> Option<Payload> {
        self.whole.take()
    }

    /// Bytes from `offset` on and their checksum, in memory that `room` allows; both away from the event loop, the checksum
    /// while the bytes are still near.
    ///
    /// # Errors
    /// `Local` where it cannot be read, `Changed` where it is no longer what it was when it was opened.
    pub async fn read(&self, offset: u64, length: u64, room: Room) -> Result<Payload> {
        let source = self.clone();
        self.desk.run(move || source.read_now(offset, length, room)).await
    }

    fn read_now(&self, offset: u64, length: u64, room: Room) -> Result<Payload> {
        let mut buffer = room.buffer(usize::try_from(length).map_err(|_too_long| self.changed())?);
        let mut crc = Crc::default();
        self.pass(offset, buffer.bytes_mut(), |piece| crc.update(piece))?;
        self.look_again()?;
        Ok(Payload { bytes: buffer.freeze(), crc: crc.checksum() })
    }

    /// The whole file's CRC-64/NVME.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub async fn crc(&self) -> Result<Checksum> {
        let mut crc = Crc::default();
        let source = self.clone();
        self.desk.run(move || source.pass_all(|piece| crc.update(piece)).map(|()| crc.checksum())).await
    }

    /// The entity tag that the whole file has where that is its MD5.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub async fn md5_tag(&self) -> Result<String> {
        let mut md5 = Md5::new();
        let source = self.clone();
        let sum = move || source.pass_all(|piece| md5.update(piece)).map(|()| proof::md5_tag(md5.finalize().into()));
        self.desk.run(sum).await
    }

    /// Reads the whole file through a small window.
    fn pass_all(&self, mut seen: impl FnMut(&[u8])) -> Result<()> {
        let (mut window, mut offset) = (vec![0; WINDOW], 0);
        while offset < self.facts.size {
            let length = usize::try_from(self.facts.size - offset).map_or(WINDOW, |left| left.min(WINDOW));
            self.pass(offset, window.get_mut(..length).unwrap_or_default(), &mut seen)?;
            offset += length as u64;
        }
        Ok(())
    }

    /// Fills `bytes` a window at a time.
    fn pass(&self, offset: u64, bytes: &mut [u8], mut seen: impl FnMut(&[u8])) -> Result<()> {
        let mut offset = offset;
        for piece in bytes.chunks_mut(WINDOW) {
            self.file.read_exact_at(piece, offset).map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => self.changed(),
                _ => Failure::io("read", &self.path, &error),
            })?;
            seen(piece);
            offset += piece.len() as u64;
        }
        Ok(())
    }

    /// Whether the file under that name is still the one that was opened.
    ///
    /// # Errors
    /// `Changed` where it is not; `NotFound` where it is gone.
    pub async fn still_the_same(&self) -> Result<()> {
        let source = self.clone();
        self.desk.run(move || source.look_again()).await
    }

    fn look_again(&self) -> Result<()> {
        let now = std::fs::metadata(&self.path).map_err(|error| unread(&self.path, &error))?;
        if SourceFacts::of(&now) == self.facts { Ok(()) } else { Err(self.changed()) }
    }

    /// The failure of a file that is another one now.
    pub fn changed(&self) -> Failure {
        let what = format!("{} changed while it was sent", crate::domain::display::display_path(&self.path));
        Failure::new(FailureKind::Changed, what).hint("retry once it is complete")
    }
}

/// Why a file cannot be read; where it is gone or closed to us, what helps.
fn unread(path: &Path, error: &std::io::Error) -> Failure {
    let failure = Failure::io("read", path, error);
    match failure.kind {
        FailureKind::NotFound => failure.hint("put it back and retry, or upload it from where it is now"),
        _ if error.kind() == std::io::ErrorKind::PermissionDenied => {
            failure.hint("make it readable for you, then retry")
        }
        _ => failure,
    }
}
