//! The end of a download: the finished file gets its name in one step, and nothing that has the name already is lost
//! unless that was asked for.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::domain::display::display_path;
use crate::domain::transfer::OnConflict;
use crate::domain::{Failure, FailureKind, Result, key};
use crate::transfer::source::{SourceFacts, blocking};

/// Most names tried by "keep both".
const MOST_NUMBERS: u32 = 1000;

/// Gives the finished file its name, with the object's time, and makes the name durable.
pub async fn place(
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
                let candidate = candidate(target, number);
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

/// The names that "keep both" tries, the target's own first.
fn candidate(target: &Path, number: u32) -> PathBuf {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if number == 1 { target.to_path_buf() } else { target.with_file_name(key::numbered(&name, number)) }
}

/// A run that was killed between giving the file its name and saying so finds it by its inode.
pub async fn placed_already(target: &Path, part: Option<&SourceFacts>) -> Result<Option<PathBuf>> {
    let (target, Some(part)) = (target.to_path_buf(), part.cloned()) else { return Ok(None) };
    let is_it = move |path: &Path| std::fs::metadata(path).is_ok_and(|found| SourceFacts::identity_of(&found) == part);
    blocking(move || {
        let mut names = (1..=MOST_NUMBERS).map(|number| candidate(&target, number)).take_while(|path| path.exists());
        Ok(names.find(|path| is_it(path)))
    })
    .await
}

/// Why a download stops at a name that is taken.
pub fn exists(target: &Path) -> Failure {
    Failure::new(FailureKind::Exists, format!("{} exists", display_path(target)))
        .hint("choose to overwrite, skip or keep both (--on-conflict)")
}
