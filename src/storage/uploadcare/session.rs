//! The links of a multipart upload's parts, which Uploadcare hands out once, when it begins. They are presigned and needed
//! again after a restart, so they are kept in private files in the state folder, never in the journal.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::config::places::private_folder;
use crate::domain::{Failure, FailureKind, Result, SecretUrl};

/// How long a file is kept that nobody has asked to forget. The links in it end after a day; that the upload was begun is
/// worth knowing for as long as its transfer may be gone on with.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// All uploads that this machine knows of.
pub struct Sessions {
    folder: PathBuf,
    known: Mutex<HashMap<String, Arc<Session>>>,
}

/// One upload's links, in the order of its parts.
#[derive(Serialize, Deserialize)]
pub struct Session {
    parts: Vec<String>,
}

impl Session {
    /// From what the answer said.
    pub fn new(parts: Vec<String>) -> Self {
        Self { parts }
    }

    /// Where part `number` (from 1) goes.
    pub fn link(&self, number: u32) -> Option<SecretUrl> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.parts.get(index).map(SecretUrl::new)
    }
}

impl Sessions {
    /// Kept in that folder, which is made when the first one is.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, known: Mutex::default() }
    }

    /// Remembers one, on disk before this returns.
    ///
    /// # Errors
    /// `Local` or `DiskFull`.
    pub async fn keep(&self, upload: &str, session: Session) -> Result<()> {
        let (folder, path) = (self.folder.clone(), self.path(upload));
        let text =
            serde_json::to_vec(&session).map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?;
        let writing = move || {
            private_folder(&folder)?;
            forget_old(&folder);
            write(&folder, &path, &text).map_err(|error| Failure::io("write", &path, &error))
        };
        tokio::task::spawn_blocking(writing).await.map_err(|error| torn_down(&error))??;
        self.known().insert(upload.to_owned(), Arc::new(session));
        Ok(())
    }

    /// One by its upload's id.
    ///
    /// # Errors
    /// `Local` where its file cannot be read.
    pub async fn find(&self, upload: &str) -> Result<Option<Arc<Session>>> {
        if let Some(session) = self.known().get(upload) {
            return Ok(Some(session.clone()));
        }
        let path = self.path(upload);
        let text = match tokio::fs::read(&path).await {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(|error| Failure::io("read", &path, &error))?,
        };
        // A file that is damaged is as good as none: the upload starts over.
        let Ok(session) = serde_json::from_slice::<Session>(&text) else { return Ok(None) };
        let session = Arc::new(session);
        self.known().insert(upload.to_owned(), session.clone());
        Ok(Some(session))
    }

    /// Forgets one; one that is gone already is fine.
    ///
    /// # Errors
    /// `Local` where its file stays.
    pub async fn forget(&self, upload: &str) -> Result<()> {
        self.known().remove(upload);
        let path = self.path(upload);
        match tokio::fs::remove_file(&path).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::io("remove", &path, &error)),
            _ => Ok(()),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Session>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An upload's id is a UUID, checked where it comes in.
    fn path(&self, upload: &str) -> PathBuf {
        self.folder.join(upload)
    }
}

/// A whole file or none, for the user alone.
fn write(folder: &Path, path: &Path, text: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    File::open(folder)?.sync_all()
}

/// What cannot be read or removed stays for the next time: it does no harm.
fn forget_old(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let now = SystemTime::now();
    for entry in entries.flatten() {
        let written = entry.metadata().and_then(|facts| facts.modified());
        let age = written.ok().and_then(|written| now.duration_since(written).ok());
        if age.is_some_and(|age| age > KEPT) {
            let _stays = std::fs::remove_file(entry.path());
        }
    }
}

fn torn_down(error: &tokio::task::JoinError) -> Failure {
    Failure::new(FailureKind::Internal, format!("writing the links of the parts was torn down: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const UPLOAD: &str = "eaccb6d4-6080-4f61-a294-12603e7bca5f";

    #[tokio::test]
    async fn links_are_found_again_by_the_next_process_and_by_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("uploadcare");
        let links = || Session::new(vec!["https://one".into(), "https://two".into()]);
        Sessions::new(below.clone()).keep(UPLOAD, links()).await.unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&below), mode(&below.join(UPLOAD))), (0o700, 0o600));

        let next = Sessions::new(below.clone());
        let found = next.find(UPLOAD).await.unwrap().unwrap();
        assert_eq!(found.link(2).unwrap().expose(), "https://two");
        assert!(found.link(0).is_none() && found.link(3).is_none());

        next.forget(UPLOAD).await.unwrap();
        next.forget(UPLOAD).await.unwrap();
        assert!(next.find(UPLOAD).await.unwrap().is_none());
        assert_eq!(below.read_dir().unwrap().count(), 0);
    }

    #[tokio::test]
    async fn what_is_damaged_or_old_is_as_good_as_gone() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("old");
        std::fs::write(&old, "{}").unwrap();
        File::options().write(true).open(&old).unwrap().set_modified(SystemTime::now() - 2 * KEPT).unwrap();
        std::fs::write(folder.path().join(UPLOAD), "{").unwrap();
        let sessions = Sessions::new(folder.path().into());
        assert!(sessions.find(UPLOAD).await.unwrap().is_none());
        sessions.keep(UPLOAD, Session::new(Vec::new())).await.unwrap();
        assert!(!old.exists());
    }
}
