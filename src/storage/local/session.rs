//! One opening of the bucket by one process. It holds a locked file, by which others see that it lives, and the blob
//! numbers that it has reserved in the index; what a dead session has left behind is swept by the next that opens.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use s3s::S3Result;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::blobs::Blobs;
use super::fault;
use super::index::Index;
use super::private_file;
use crate::config::places::private_folder;
use crate::domain::{Failure, Result};

/// Blob numbers reserved at once, each such reservation being one write.
const RESERVED: i64 = 128;

/// The setting that counts blob numbers.
const NEXT_BLOB: &str = "next_blob";

/// A living session.
#[derive(Debug, Clone)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: String,
    /// Reserved numbers, used from the end.
    free: Mutex<Vec<i64>>,
    file: PathBuf,
    /// Locked as long as the session lives; the system unlocks it however the process ends.
    _lock: File,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Without its file a session counts as dead, which it is; a file that stays is as good, for it is not locked.
        let _stays = std::fs::remove_file(&self.file);
    }
}

impl Session {
    /// Begins a session with a locked file in `folder`.
    ///
    /// # Errors
    /// `Local` or `DiskFull`, naming the file.
    pub fn begin(folder: &Path) -> Result<Self> {
        private_folder(folder)?;
        let id = Uuid::new_v4().simple().to_string();
        let file = folder.join(&id);
        let locked =
            private_file().write(true).create_new(true).open(&file).and_then(|lock| lock.lock().map(|()| lock));
        let lock = locked.map_err(|error| Failure::io("lock", &file, &error))?;
        Ok(Self(Arc::new(Inner { id, free: Mutex::default(), file, _lock: lock })))
    }

    /// Its id, as the loose blobs name it.
    pub fn id(&self) -> String {
        self.0.id.clone()
    }

    /// A blob number that nobody else has or ever had.
    pub async fn blob(&self, index: &Index) -> S3Result<i64> {
        let mut free = self.0.free.lock().await;
        if free.is_empty() {
            *free = reserve(index, self.id()).await?;
        }
        free.pop().ok_or_else(fault::stopping)
    }
}

async fn reserve(index: &Index, session: String) -> S3Result<Vec<i64>> {
    index
        .write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                let query = "INSERT INTO settings (name, value) VALUES (?1, ?2)
                             ON CONFLICT (name) DO UPDATE SET value = value + ?2 RETURNING CAST(value AS INTEGER)";
                let query = sqlx::query_scalar(query).bind(NEXT_BLOB).bind(RESERVED.to_string());
                let end: i64 = query.fetch_one(&mut *connection).await?;
                let blobs: Vec<i64> = (end - RESERVED..end).rev().collect();
                for blob in &blobs {
                    let query = sqlx::query("INSERT INTO loose (blob, session) VALUES (?, ?)");
                    query.bind(blob).bind(&session).execute(&mut *connection).await?;
                }
                Ok(blobs)
            })
        })
        .await
}

/// Removes what sessions that are no more have left behind: half-written files, and files that nothing refers to.
pub async fn sweep(index: &Index, blobs: &Blobs, folder: &Path) -> S3Result<()> {
    let query = sqlx::query_scalar("SELECT DISTINCT session FROM loose");
    let sessions: Vec<String> = query.fetch_all(index.readers()).await.map_err(fault::of_index)?;
    for session in sessions.into_iter().filter(|session| is_dead(&folder.join(session))) {
        let query = sqlx::query_scalar("SELECT blob FROM loose WHERE session = ?").bind(&session);
        let left: Vec<i64> = query.fetch_all(index.readers()).await.map_err(fault::of_index)?;
        let remove = blobs.clone();
        let removed = tokio::task::spawn_blocking(move || remove.remove(&left)).await;
        removed.map_err(|_stopped| fault::stopping())?.map_err(fault::of_file)?;
        forget(index, session).await?;
    }
    Ok(())
}

async fn forget(index: &Index, session: String) -> S3Result<()> {
    index
        .write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                sqlx::query("DELETE FROM loose WHERE session = ?").bind(session).execute(connection).await?;
                Ok(())
            })
        })
        .await
}

/// A session is dead when its file is gone or nobody holds its lock. A dead one's file is removed.
fn is_dead(file: &Path) -> bool {
    let Ok(lock) = File::open(file) else { return true };
    match lock.try_lock() {
        Ok(()) => {
            // The file is only a sign; one that cannot be removed is still not locked.
            let _stays = std::fs::remove_file(file);
            true
        }
        Err(TryLockError::WouldBlock) => false,
        // Where locks do not work nothing is ever swept, which costs space and loses nothing.
        Err(TryLockError::Error(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    async fn files(folder: &TempDir) -> (Index, Blobs) {
        let index = Index::open(&folder.path().join("index")).await.unwrap();
        (index, Blobs::open(&folder.path().join("blobs")).unwrap())
    }

    async fn loose(index: &Index) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM loose").fetch_one(index.readers()).await.unwrap()
    }

    #[tokio::test]
    async fn a_dead_sessions_files_are_swept_and_a_living_ones_are_not() {
        let folder = TempDir::new().unwrap();
        let (index, blobs) = files(&folder).await;
        let sessions = folder.path().join("sessions");
        let (dead, living) = (Session::begin(&sessions).unwrap(), Session::begin(&sessions).unwrap());
        let (left, kept) = (dead.blob(&index).await.unwrap(), living.blob(&index).await.unwrap());
        blobs.create(left).unwrap();
        blobs.create(kept).unwrap();
        drop(dead);
        sweep(&index, &blobs, &sessions).await.unwrap();
        assert_eq!(blobs.file(left).unwrap_err().kind(), std::io::ErrorKind::NotFound);
        blobs.file(kept).unwrap();
        assert_eq!(loose(&index).await, RESERVED);
    }

    #[tokio::test]
    async fn a_blob_number_is_never_given_twice() {
        let folder = TempDir::new().unwrap();
        let (index, _blobs) = files(&folder).await;
        let session = Session::begin(&folder.path().join("sessions")).unwrap();
        let mut numbers = std::collections::BTreeSet::new();
        for _number in 0..=RESERVED {
            assert!(numbers.insert(session.blob(&index).await.unwrap()));
        }
    }
}
