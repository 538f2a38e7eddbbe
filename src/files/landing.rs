//! Where objects go below a folder: never outside it, also not by a link that lies in it, and never into each other's
//! place. Everything here blocks.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::domain::clash::Clashes;
use crate::domain::display::{display, display_path};
use crate::domain::{Failure, FailureKind, Result, joined, key};

/// A folder, and what is to come into it.
#[derive(Debug)]
pub struct Landing {
    folder: PathBuf,
    clashes: Clashes,
    /// Folders that were looked at, and why nothing may come into one.
    looked_at: HashMap<PathBuf, Option<Failure>>,
}

impl Landing {
    /// In a folder, which need not be there yet.
    pub fn at(folder: &Path) -> Self {
        Self::with(folder, folds_case(folder))
    }

    /// In a folder in which nothing is written, not even for a moment: letter case is judged by a name that is there.
    pub fn foreseen(folder: &Path) -> Self {
        Self::with(folder, seems_to_fold_case(folder))
    }

    fn with(folder: &Path, folds: bool) -> Self {
        Self { folder: folder.to_path_buf(), clashes: Clashes::new(folds), looked_at: HashMap::new() }
    }

    /// The files of a batch of keys; to be asked batch by batch, as they are listed.
    pub fn paths(&mut self, keys: &[&str]) -> Vec<Result<PathBuf>> {
        let mut paths: Vec<Result<PathBuf>> = keys.iter().map(|key| self.path(key)).collect();
        let safe: Vec<usize> = (0..keys.len()).filter(|index| paths.get(*index).is_some_and(Result::is_ok)).collect();
        let admitted: Vec<&str> = safe.iter().filter_map(|index| keys.get(*index).copied()).collect();
        for (index, answer) in safe.into_iter().zip(self.clashes.admit(&admitted)) {
            if let (Err(failure), Some(path)) = (answer, paths.get_mut(index)) {
                *path = Err(failure);
            }
        }
        paths
    }

    fn path(&mut self, key: &str) -> Result<PathBuf> {
        let path = key::local_path(&self.folder, key)?;
        let above = path.ancestors().skip(1).take_while(|above| **above != *self.folder);
        let folders: Vec<PathBuf> = above.map(Path::to_path_buf).collect();
        for folder in folders.into_iter().rev() {
            let within = &self.folder;
            let looked = self.looked_at.entry(folder).or_insert_with_key(|folder| look(within, folder).err());
            if let Some(failure) = looked {
                let what = joined(&format!("{} cannot be written", display(key)), &failure.what);
                return Err(Failure { what, ..failure.clone() });
            }
        }
        Ok(path)
    }
}

/// Whether files may come into a folder below another.
fn look(within: &Path, folder: &Path) -> Result<()> {
    let found = match std::fs::symlink_metadata(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        // What lies above is no folder, which was told already.
        Err(error) => return Err(Failure::io("look at", folder, &error)),
    };
    if found.is_symlink() {
        return stays_within(within, folder);
    }
    if found.is_dir() { Ok(()) } else { Err(no_folder(folder)) }
}

fn stays_within(within: &Path, link: &Path) -> Result<()> {
    let real = |path: &Path| std::fs::canonicalize(path).map_err(|error| Failure::io("follow the link", path, &error));
    let (leads_to, within) = (real(link)?, real(within)?);
    if !leads_to.starts_with(&within) {
        let what = format!("the link {} leads outside, to {}", display_path(link), display_path(&leads_to));
        return Err(Failure::new(FailureKind::Usage, what).hint("remove the link, or download to another folder"));
    }
    if leads_to.is_dir() { Ok(()) } else { Err(no_folder(link)) }
}

fn no_folder(path: &Path) -> Failure {
    Failure::new(FailureKind::Exists, format!("{} is no folder", display_path(path)))
        .hint("move it away, or download to another folder")
}

/// Whether a folder's file system takes `A` and `a` for one name: tried with a file of a name that nobody has. Where that
/// is not possible, nothing can be downloaded either.
fn folds_case(folder: &Path) -> bool {
    let name = format!(".windlass-case-{}", Uuid::new_v4().simple());
    let probe = folder.join(&name);
    if OpenOptions::new().write(true).create_new(true).open(&probe).is_err() {
        return false;
    }
    let folds = folder.join(name.to_uppercase()).exists();
    if let Err(error) = std::fs::remove_file(&probe) {
        tracing::warn!("cannot remove {}: {error}", display_path(&probe));
    }
    folds
}

/// Whether a folder, or the nearest above it that is there, has its name with the other letter case too.
fn seems_to_fold_case(folder: &Path) -> bool {
    let identity = |path: &Path| std::fs::symlink_metadata(path).ok().map(|facts| (facts.dev(), facts.ino()));
    let there = folder.ancestors().find_map(|above| identity(above).map(|identity| (above, identity)));
    let Some((there, own)) = there else { return false };
    let Some(name) = there.file_name().and_then(|name| name.to_str()) else { return false };
    let turned = name.to_uppercase();
    let turned = if turned == name { name.to_lowercase() } else { turned };
    turned != name && identity(&there.with_file_name(turned)) == Some(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn answers(folder: &Path, keys: &[&str]) -> Vec<Result<String, String>> {
        let relative = |path: PathBuf| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        let answers = Landing::at(folder).paths(keys);
        answers.into_iter().map(|answer| answer.map(relative).map_err(|failure| failure.sentence())).collect()
    }

    #[test]
    fn nothing_leaves_the_folder_by_a_link() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let within = folder.path();
        std::fs::create_dir(within.join("real")).unwrap();
        symlink(outside.path(), within.join("out")).unwrap();
        symlink("real", within.join("in")).unwrap();
        symlink("nowhere", within.join("dangling")).unwrap();
        let found = answers(within, &["in/a", "out/a", "real/b/c", "dangling/a", "out/sub/b", "new/d"]);
        assert_eq!((&found[0], &found[2]), (&Ok("in/a".into()), &Ok("real/b/c".into())));
        assert_eq!(found[5], Ok("new/d".into()));
        let outward = found[1].as_ref().unwrap_err();
        assert!(
            outward.starts_with("out/a cannot be written: the link ") && outward.contains("leads outside"),
            "{outward}"
        );
        assert!(found[3].as_ref().unwrap_err().contains("cannot follow the link"), "{found:?}");
        assert!(found[4].as_ref().unwrap_err().contains("leads outside"), "{found:?}");
    }

    #[test]
    fn a_file_in_a_folder_s_place_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "").unwrap();
        let found = answers(folder.path(), &["a/b", "a/c/d", "c"]);
        assert!(found[0].as_ref().unwrap_err().contains("/a is no folder; move it away"), "{found:?}");
        assert!(found[1].is_err() && found[2] == Ok("c".into()), "{found:?}");
    }

    #[test]
    fn unsafe_and_clashing_keys_are_told_apart_from_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let found = answers(folder.path(), &["x", "../y", "x/z", "A", "a"]);
        let good: Vec<bool> = found.iter().map(Result::is_ok).collect();
        assert_eq!(good, [false, false, true, true, true]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays of the trial");
    }

    #[test]
    fn a_foreseen_folder_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        std::fs::File::open(folder.path()).unwrap().set_modified(long_ago).unwrap();
        let paths = Landing::foreseen(folder.path()).paths(&["a", "b/c"]);
        assert!(paths.iter().all(Result::is_ok), "{paths:?}");
        assert_eq!(std::fs::metadata(folder.path()).unwrap().modified().unwrap(), long_ago);
        assert!(!seems_to_fold_case(&folder.path().join("not/there/yet")));
    }
}
