//! Blob files: an object's bytes, or a part's. They are named by number and never by key, so that no key can be a path; a
//! thousand share a folder. A file counts only once the index refers to it, therefore it is written under its final name
//! and needs no renaming: until then its number is among the loose ones, and whoever opens the bucket next removes it.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, Stream};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::config::places::private_folder;
use crate::domain::{Failure, Result};

/// Bytes read from a file at a time. One such buffer waits while another is sent.
const CHUNK: usize = 256 * 1024;

/// Blob numbers that share a folder, as a power of two.
const FOLDER_BITS: u32 = 10;

/// The folder of blob files.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: Arc<Path>,
}

/// A stretch of a blob file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// The blob.
    pub blob: i64,
    /// First byte in the file.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}

impl Blobs {
    /// The blob files in a folder, which is made where it is not there yet.
    ///
    /// # Errors
    /// `Local` or `DiskFull`, naming the folder.
    pub fn open(folder: &Path) -> Result<Self> {
        private_folder(folder)?;
        let above = folder.parent().unwrap_or(folder);
        sync_folder(above).map_err(|error| Failure::io("sync", above, &error))?;
        Ok(Self { folder: folder.into() })
    }

    /// Where a blob is.
    fn path(&self, blob: i64) -> PathBuf {
        self.folder.join(format!("{:x}", blob >> FOLDER_BITS)).join(format!("{blob:x}"))
    }

    /// Makes a new file for a blob; its folder is made durable where it is new.
    ///
    /// # Errors
    /// Whatever the file system says, `AlreadyExists` included.
    pub fn create(&self, blob: i64) -> io::Result<File> {
        let path = self.path(blob);
        let open = || File::options().write(true).create_new(true).mode(0o600).open(&path);
        match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                private_folder(path.parent().unwrap_or(&self.folder)).map_err(io::Error::other)?;
                sync_folder(&self.folder)?;
                open()
            }
            other => other,
        }
    }

    /// Makes a written file durable, its name included.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn sync(&self, blob: i64, file: &File) -> io::Result<()> {
        file.sync_all()?;
        self.path(blob).parent().map_or(Ok(()), sync_folder)
    }

    /// Removes files; those that are gone already are fine.
    ///
    /// # Errors
    /// Whatever the file system says about the first that it does not remove.
    pub fn remove(&self, blobs: &[i64]) -> io::Result<()> {
        for blob in blobs {
            match std::fs::remove_file(self.path(*blob)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Opens a blob.
    ///
    /// # Errors
    /// Whatever the file system says; `NotFound` where the object was replaced a moment ago.
    pub fn file(&self, blob: i64) -> io::Result<File> {
        File::open(self.path(blob))
    }

    /// The first bytes of some slices, to know that they are there, and the stream of the rest.
    ///
    /// # Errors
    /// Whatever the file system says; `NotFound` where the object was replaced a moment ago.
    pub async fn read(&self, slices: Vec<Slice>) -> io::Result<(Bytes, Reading)> {
        let mut reading = Reading { blobs: self.clone(), slices: slices.into_iter().collect(), file: None, next: None };
        let first = reading.chunk().await?.unwrap_or_default();
        reading.read_ahead();
        Ok((first, reading))
    }
}

/// A folder's entries are durable only once the folder itself is synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Slices on their way out.
pub struct Reading {
    blobs: Blobs,
    slices: std::collections::VecDeque<Slice>,
    /// The open file of the first slice.
    file: Option<(i64, Arc<File>)>,
    /// The read that goes on while the last chunk is sent.
    next: Option<JoinHandle<io::Result<Read>>>,
}

/// One read's outcome.
struct Read {
    file: (i64, Arc<File>),
    bytes: Bytes,
}

impl Reading {
    /// As a stream, after the first bytes.
    pub fn into_stream(self, first: Bytes) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static {
        stream::try_unfold((Some(first), self), |(first, mut reading)| async move {
            if let Some(first) = first {
                return Ok((!first.is_empty()).then_some((first, (None, reading))));
            }
            let chunk = reading.chunk().await?;
            reading.read_ahead();
            Ok(chunk.map(|bytes| (bytes, (None, reading))))
        })
    }

    /// Whether everything has been read.
    pub fn is_at_end(&self) -> bool {
        self.slices.is_empty() && self.next.is_none()
    }

    /// Begins the next read, where there is one.
    fn read_ahead(&mut self) {
        let Some(slice) = self.slices.front_mut() else { return };
        let length = slice.length.min(CHUNK as u64);
        let part = Slice { length, ..*slice };
        slice.offset += length;
        slice.length -= length;
        if slice.length == 0 {
            self.slices.pop_front();
        }
        let open = self.file.take().filter(|(blob, _file)| *blob == part.blob);
        let blobs = self.blobs.clone();
        self.next = Some(spawn_blocking(move || read_part(&blobs, open, part)));
    }

    async fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        if self.next.is_none() {
            self.read_ahead();
        }
        let Some(next) = self.next.take() else { return Ok(None) };
        let read = next.await.map_err(io::Error::other)??;
        self.file = Some(read.file);
        Ok(Some(read.bytes))
    }
}

fn read_part(blobs: &Blobs, open: Option<(i64, Arc<File>)>, part: Slice) -> io::Result<Read> {
    let file = match open {
        Some(file) => file,
        None => (part.blob, Arc::new(blobs.file(part.blob)?)),
    };
    let mut buffer = vec![0; usize::try_from(part.length).map_err(io::Error::other)?];
    file.1.read_exact_at(&mut buffer, part.offset)?;
    Ok(Read { file, bytes: buffer.into() })
}
