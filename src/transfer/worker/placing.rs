//! The end of a download: the finished file gets its name in one step, and nothing that has the name already is lost
//! unless that was asked for. Everything here blocks, but for what says so.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::part_file::PartFile;
use crate::domain::display::display_path;
use crate::domain::transfer::OnConflict;
use crate::domain::{Failure, FailureKind, Result, format, key};
use crate::transfer::desk::{Answer, Desk};
use crate::transfer::source::SourceFacts;

/// Most names tried by "keep both".
const MOST_NUMBERS: u32 = 1000;

/// Gives the finished file its name; the folder is not on disk with it yet.
///
/// # Errors
/// `Exists` where the name is taken; `Local` where the folder has vanished or cannot be written, or where another file has
/// been put in the place of this one.
pub fn place(part: &PartFile, target: &Path, on_conflict: OnConflict) -> Result<PathBuf> {
    if part.is_replaced() {
        return Err(replaced(target));
    }
    let part = part.path();
    let failure = |error: std::io::Error| unplaced(target, &error);
    match on_conflict {
        OnConflict::Overwrite => std::fs::rename(part, target).map_err(failure).map(|()| target.to_path_buf()),
        OnConflict::Refuse | OnConflict::Skip | OnConflict::OverwriteIf => {
            match rename_to_free(part, target).map_err(failure)? {
                true => Ok(target.to_path_buf()),
                false => Err(met(target)),
            }
        }
        OnConflict::KeepBoth => {
            for number in 1..=MOST_NUMBERS {
                let candidate = candidate(target, number);
                if rename_to_free(part, &candidate).map_err(failure)? {
                    return Ok(candidate);
                }
            }
            Err(met(target))
        }
    }
}

/// What was checked is not what would get the name.
fn replaced(target: &Path) -> Failure {
    let what = format!("the unfinished file of {} was replaced while it was downloaded", display_path(target));
    Failure::new(FailureKind::Local, what).hint("retry; the download starts over")
}

fn unplaced(target: &Path, error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::IsADirectory => is_a_folder(target),
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            let folder = display_path(target.parent().unwrap_or(target));
            let what = format!("the folder {folder} vanished while {} was downloaded", name_of(target));
            Failure::new(FailureKind::Local, what).hint("retry; the folder is made again and the download starts over")
        }
        _ => Failure::io_here("write", target, error),
    }
}

fn name_of(target: &Path) -> String {
    display_path(Path::new(target.file_name().unwrap_or_default()))
}

/// Why a download cannot have the name of a folder.
pub fn is_a_folder(target: &Path) -> Failure {
    Failure::new(FailureKind::Exists, format!("{} is a folder", display_path(target)))
        .hint("move the folder away, or download to another place")
}

/// Renames unless something of that name is there, in one step; false where there is.
fn rename_to_free(part: &Path, target: &Path) -> std::io::Result<bool> {
    match renameat_with(CWD, part, CWD, target, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::EXIST) => Ok(false),
        // Some file systems cannot do it in one step.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => match std::fs::hard_link(part, target) {
            Ok(()) => std::fs::remove_file(part).map(|()| true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
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

/// A run that was killed between giving the file its name and saying so finds it by its inode. Does not block.
///
/// # Errors
/// Only where the work is torn down.
pub fn placed_already(desk: &Desk, target: &Path, part: SourceFacts) -> Answer<Option<PathBuf>> {
    let target = target.to_path_buf();
    let is_it = move |path: &Path| std::fs::metadata(path).is_ok_and(|found| SourceFacts::identity_of(&found) == part);
    let look = move || {
        let mut names = (1..=MOST_NUMBERS).map(|number| candidate(&target, number)).take_while(|path| path.exists());
        Ok(names.find(|path| is_it(path)))
    };
    desk.run(look)
}

/// Whether a file has changed since then: been made, written, or given its name.
pub fn is_since(file: &Metadata, then: DateTime<Utc>) -> bool {
    let changed = DateTime::from_timestamp(file.ctime(), u32::try_from(file.ctime_nsec()).unwrap_or(0));
    changed.is_some_and(|changed| changed >= then)
}

/// Whether a file of that name has exactly these bytes and got them since then: a small download that was killed between
/// giving it its name and saying so. If it is somebody else's after all, its bytes are the same.
pub fn holds_already(target: &Path, pieces: &[Bytes], then: DateTime<Utc>) -> bool {
    let size: usize = pieces.iter().map(Bytes::len).sum();
    let is_it = |found: Metadata| found.is_file() && found.len() == size as u64 && is_since(&found, then);
    // A link to such a file is not a file that a download has made.
    std::fs::symlink_metadata(target).is_ok_and(is_it)
        && std::fs::read(target).is_ok_and(|bytes| bytes.len() == size && is_made_of(&bytes, pieces))
}

fn is_made_of(mut bytes: &[u8], pieces: &[Bytes]) -> bool {
    pieces.iter().all(|piece| match bytes.split_at_checked(piece.len()) {
        Some((front, rest)) => {
            bytes = rest;
            front == piece
        }
        None => false,
    })
}

/// Why a download stops at a name that is taken; `there` is what has it.
pub fn exists(target: &Path, there: Option<&Metadata>) -> Failure {
    let facts = there.map_or_else(String::new, facts);
    Failure::new(FailureKind::Exists, format!("{} exists{facts}", display_path(target)))
        .hint("choose to overwrite, skip or keep both (--on-conflict)")
}

/// What has a download's name now, in the words with which it would stop there; nothing where it is free. Does not block.
///
/// # Errors
/// `Local` where it cannot be looked at.
pub fn look_again(desk: &Desk, target: &Path) -> Answer<Option<Failure>> {
    let target = target.to_path_buf();
    let look = move || match std::fs::symlink_metadata(&target) {
        Ok(there) if there.is_dir() => Ok(Some(is_a_folder(&target))),
        Ok(there) => Ok(Some(exists(&target, Some(&there)))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("look at", &target, &error)),
    };
    desk.run(look)
}

/// The same of what is there now.
fn met(target: &Path) -> Failure {
    exists(target, std::fs::symlink_metadata(target).ok().as_ref())
}

/// How large a file is, and when it was last written.
fn facts(there: &Metadata) -> String {
    let written = there.modified().ok().map(|then| format!(", written {}", format::minute(then.into())));
    let facts = format!("{}{}", format::size(there.len()), written.unwrap_or_default());
    if there.is_file() { format!(" ({facts})") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(folder: &tempfile::TempDir) -> (PartFile, PathBuf) {
        let target = folder.path().join("f");
        (PartFile::make(&super::super::part_file::path_of(&target)).unwrap(), target)
    }

    #[test]
    fn a_target_that_became_a_folder_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (part, target) = finished(&folder);
        std::fs::create_dir(&target).unwrap();
        let overwritten = place(&part, &target, OnConflict::Overwrite).unwrap_err();
        assert!(overwritten.what.ends_with("/f is a folder"), "{overwritten}");
        assert_eq!(place(&part, &target, OnConflict::Refuse).unwrap_err().kind, FailureKind::Exists);
        assert_eq!(place(&part, &target, OnConflict::KeepBoth).unwrap(), folder.path().join("f (2)"));
    }

    #[test]
    fn a_file_is_known_again_by_its_bytes_if_it_is_new_enough() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("f");
        let pieces = [Bytes::from_static(b"12"), Bytes::from_static(b"3")];
        let before = Utc::now() - chrono::TimeDelta::seconds(1);
        assert!(!holds_already(&target, &pieces, before), "there is none");
        std::fs::write(&target, b"123").unwrap();
        assert!(holds_already(&target, &pieces, before));
        assert!(!holds_already(&target, &pieces, before + chrono::TimeDelta::hours(1)), "it was there before");
        assert!(!holds_already(&target, &pieces[..1], before) && !holds_already(&target, &[], before));
        std::fs::write(&target, b"124").unwrap();
        assert!(!holds_already(&target, &pieces, before));
        let link = folder.path().join("link");
        std::fs::write(&target, b"123").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(!holds_already(&link, &pieces, before), "a link is no download");
    }

    #[test]
    fn what_was_put_in_its_place_does_not_get_its_name() {
        for on_conflict in [OnConflict::Overwrite, OnConflict::Refuse, OnConflict::KeepBoth] {
            let folder = tempfile::tempdir().unwrap();
            let (part, target) = finished(&folder);
            let other = folder.path().join("other");
            std::fs::write(&other, "wrong").unwrap();
            std::fs::rename(&other, part.path()).unwrap();
            let failure = place(&part, &target, on_conflict).unwrap_err();
            assert!(failure.what.ends_with("f was replaced while it was downloaded"), "{failure}");
            let lies = part.path().to_path_buf();
            part.discard().unwrap();
            assert!(!target.exists());
            assert_eq!(std::fs::read(lies).unwrap(), b"wrong", "it is somebody else's");
        }
    }

    #[test]
    fn a_folder_that_vanished_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (part, target) = finished(&folder);
        std::fs::remove_dir_all(folder.path()).unwrap();
        for on_conflict in [OnConflict::Overwrite, OnConflict::Refuse, OnConflict::KeepBoth] {
            let failure = place(&part, &target, on_conflict).unwrap_err();
            let sentence = failure.sentence();
            assert!(sentence.contains("vanished while f was downloaded: retry"), "{sentence}");
        }
    }
}
