//! The facts by which an upload's source is known again after a restart, and reading pieces of it. A file whose facts
//! have changed is another file, whatever its name.

use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::domain::{Failure, FailureKind, Result};

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
    /// As it was when it was opened.
    pub facts: SourceFacts,
}

impl Source {
    /// Opens a regular file.
    ///
    /// # Errors
    /// `NotFound` or `Local`, naming the file; `Usage` for what is not a regular file.
    pub async fn open(path: &Path) -> Result<Self> {
        let path: Arc<Path> = path.into();
        blocking(move || {
            let failure = |error| Failure::io("read", &path, &error);
            let metadata = std::fs::metadata(&path).map_err(failure)?;
            if !metadata.is_file() {
                let what = format!("{} is not a regular file", crate::domain::display::display_path(&path));
                return Err(Failure::new(FailureKind::Usage, what).hint("choose a file"));
            }
            let file = File::open(&path).map_err(failure)?;
            let facts = SourceFacts::of(&file.metadata().map_err(failure)?);
            Ok(Self { file: Arc::new(file), path: path.clone(), facts })
        })
        .await
    }

    /// Bytes from `offset` on.
    ///
    /// # Errors
    /// `Local` where it cannot be read, `Changed` where it ends too early.
    pub async fn read(&self, offset: u64, length: u64) -> Result<Bytes> {
        let source = self.clone();
        blocking(move || {
            let length = usize::try_from(length).map_err(|_too_long| source.changed())?;
            let mut bytes = vec![0; length];
            match source.file.read_exact_at(&mut bytes, offset) {
                Ok(()) => Ok(Bytes::from(bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(source.changed()),
                Err(error) => Err(Failure::io("read", &source.path, &error)),
            }
        })
        .await
    }

    /// Whether the file under that name is still the one that was opened.
    ///
    /// # Errors
    /// `Changed` where it is not; `NotFound` where it is gone.
    pub async fn still_the_same(&self) -> Result<()> {
        let source = self.clone();
        blocking(move || {
            let now = std::fs::metadata(&source.path).map_err(|error| Failure::io("read", &source.path, &error))?;
            if SourceFacts::of(&now) == source.facts { Ok(()) } else { Err(source.changed()) }
        })
        .await
    }

    fn changed(&self) -> Failure {
        let what = format!("{} changed while it was sent", crate::domain::display::display_path(&self.path));
        Failure::new(FailureKind::Changed, what).hint("retry once it is complete")
    }
}

/// Runs blocking file work off the async threads.
///
/// # Errors
/// The work's own, or `Internal` where it was torn down.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Failure::new(FailureKind::Internal, format!("file work was torn down: {error}"))),
    }
}
