//! Who runs what when several Windlasses share one journal: every process holds a file locked by the operating system,
//! so that its death, however sudden, is known at once and without a heartbeat.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::config::places::private_folder;
use crate::domain::{Failure, Result};

/// This process's name and its lock, held until it ends.
#[derive(Debug)]
pub struct Runner {
    name: String,
    folder: PathBuf,
    _lock: File,
}

impl Runner {
    /// Takes a new name in the folder of locks.
    ///
    /// # Errors
    /// `Local` where the folder or the lock cannot be made.
    pub fn start(folder: &Path) -> Result<Self> {
        private_folder(folder)?;
        let name = Uuid::new_v4().to_string();
        let making = folder.join(format!("{name}.new"));
        sweep(folder);
        let made = || -> std::io::Result<File> {
            let lock = File::create(&making)?;
            lock.lock()?;
            // Renamed only once it is locked, so that nobody can take it for a dead one's in between.
            std::fs::rename(&making, lock_path(folder, &name))?;
            Ok(lock)
        };
        let lock = made().map_err(|error| Failure::io("lock", &making, &error))?;
        Ok(Self { name, folder: folder.to_path_buf(), _lock: lock })
    }

    /// The name that the journal's `owner` column holds.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether another process of that name is gone. A lock that cannot be asked about counts as alive.
    pub fn is_dead(&self, other: &str) -> bool {
        if other == self.name {
            return false;
        }
        match open(&lock_path(&self.folder, other)) {
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
            Ok(lock) => !matches!(lock.try_lock(), Err(TryLockError::WouldBlock | TryLockError::Error(_))),
        }
    }

    /// Removes the lock file of a process that was found dead.
    pub fn bury(&self, other: &str) {
        if let Err(error) = std::fs::remove_file(lock_path(&self.folder, other))
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!("cannot remove a dead process's lock: {error}");
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.bury(&self.name);
    }
}

/// Removes what dead processes have left. What cannot be looked at stays: it does no harm.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        let is_dead = open(&path).is_ok_and(|lock| lock.try_lock().is_ok());
        // One that is being made is not locked for a moment, and has another ending.
        if is_dead && path.extension().is_some_and(|ending| ending == "lock") {
            let _stays = std::fs::remove_file(&path);
        }
    }
}

/// For writing, without which NFS locks nothing exclusively (flock(2)).
fn open(path: &Path) -> std::io::Result<File> {
    File::options().read(true).write(true).open(path)
}

fn lock_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_living_process_is_alive_and_a_dead_one_dead() {
        let folder = tempfile::tempdir().unwrap();
        let me = Runner::start(folder.path()).unwrap();
        let other = Runner::start(folder.path()).unwrap();
        let name = other.name().to_owned();
        assert!(!me.is_dead(&name));
        assert!(!me.is_dead(me.name()));
        drop(other);
        assert!(me.is_dead(&name));
        assert!(me.is_dead("never-was"));
    }

    #[test]
    fn the_locks_of_the_dead_are_swept_and_those_of_the_living_stay() {
        let folder = tempfile::tempdir().unwrap();
        let living = Runner::start(folder.path()).unwrap();
        std::fs::write(lock_path(folder.path(), "killed"), "").unwrap();
        let me = Runner::start(folder.path()).unwrap();
        assert!(!lock_path(folder.path(), "killed").exists());
        assert!(!me.is_dead(living.name()));
    }

    #[test]
    fn a_lock_file_that_nobody_holds_is_a_dead_process() {
        let folder = tempfile::tempdir().unwrap();
        let me = Runner::start(folder.path()).unwrap();
        std::fs::write(lock_path(folder.path(), "killed"), "").unwrap();
        assert!(me.is_dead("killed"));
    }
}
