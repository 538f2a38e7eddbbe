//! Making new names durable: a folder is put on disk once for all files that got a name in it meanwhile, however many
//! downloads wait for that.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::domain::{Failure, Result};
use crate::transfer::desk::Desk;

/// The folders that somebody waits for.
#[derive(Debug, Default)]
pub struct Folders(Mutex<HashMap<PathBuf, Weak<Folder>>>);

#[derive(Debug, Default)]
struct Folder {
    /// How often it was asked for.
    asked: AtomicU64,
    /// How many of those are on disk; held while it is being put there.
    on_disk: tokio::sync::Mutex<u64>,
}

impl Folders {
    /// Waits until every name that the folder has now is on disk.
    ///
    /// # Errors
    /// `Local`.
    pub async fn sync(&self, desk: &Desk, folder: &Path) -> Result<()> {
        let path = folder.to_path_buf();
        self.sync_with(desk, folder, move || File::open(&path).and_then(|folder| folder.sync_all())).await
    }

    async fn sync_with(
        &self,
        desk: &Desk,
        path: &Path,
        sync: impl FnOnce() -> std::io::Result<()> + Send + 'static,
    ) -> Result<()> {
        let folder = self.folder(path);
        let mine = folder.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut on_disk = folder.on_disk.lock().await;
        if *on_disk >= mine {
            return Ok(());
        }
        let asked = folder.asked.load(Ordering::SeqCst);
        let named = path.to_path_buf();
        desk.run(move || sync().map_err(|error| Failure::io_here("write", &named, &error))).await?;
        *on_disk = asked;
        Ok(())
    }

    fn folder(&self, path: &Path) -> Arc<Folder> {
        let mut folders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = folders.get(path).and_then(Weak::upgrade) {
            return folder;
        }
        folders.retain(|_, folder| folder.strong_count() > 0);
        let folder = Arc::new(Folder::default());
        folders.insert(path.to_path_buf(), Arc::downgrade(&folder));
        folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FailureKind;
    use futures::FutureExt;
    use futures::future::join_all;

    #[tokio::test]
    async fn many_names_in_one_folder_cost_one_sync() {
        let (folders, desk, syncs) = (Folders::default(), Desk::default(), Arc::new(AtomicU64::new(0)));
        let sync = || {
            let syncs = syncs.clone();
            move || {
                syncs.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        };
        let place = Path::new("/x");
        let first = folders.folder(place);
        let held = first.on_disk.lock().await;
        let mut waiting = Box::pin(join_all((0..50).map(|_| folders.sync_with(&desk, place, sync()))));
        assert!((&mut waiting).now_or_never().is_none());
        drop(held);
        assert!(waiting.await.iter().all(Result::is_ok));
        assert_eq!(syncs.load(Ordering::SeqCst), 1);
        folders.sync_with(&desk, place, sync()).await.unwrap();
        assert_eq!(syncs.load(Ordering::SeqCst), 2, "a later name is another matter");
    }

    #[tokio::test]
    async fn who_waits_for_a_folder_that_is_gone_is_told() {
        let gone = tempfile::tempdir().unwrap().path().join("gone");
        let failure = Folders::default().sync(&Desk::default(), &gone).await.unwrap_err();
        assert!(failure.what.contains("gone"), "{failure}");
        assert_eq!(failure.kind, FailureKind::Local, "the object is there all the same");
    }
}
