//! Objects whose files would stand in each other's way: a bucket may hold `a` and `a/b`, or `A` and `a`, and a folder may
//! not. Found batch by batch, as a listing comes, and before the first byte is asked for.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::display::display;
use super::{Failure, FailureKind, Result};

/// What a folder is to hold so far. Names are kept as hashes of 64 bits: a million keys take 32 MiB at most.
#[derive(Debug, Default)]
pub struct Clashes {
    folds: bool,
    hasher: RandomState,
    files: HashSet<u64>,
    folders: HashSet<u64>,
}

impl Clashes {
    /// For a folder whose file system takes `A` and `a` for one name, or for two.
    pub fn new(folds: bool) -> Self {
        Self { folds, ..Self::default() }
    }

    /// Takes a batch of keys, `/` making folders, in their order; says of each whether it has a place.
    ///
    /// A key that is a file and a folder at once gives way to what lies below it, if that comes no later than in the same
    /// batch; else what lies below it does.
    pub fn admit(&mut self, keys: &[&str]) -> Vec<Result<()>> {
        // A folder below what has become a file earlier is no folder.
        let blocked: Vec<bool> = keys.iter().map(|key| self.is_below_a_file(key)).collect();
        for (key, _) in keys.iter().zip(&blocked).filter(|(_, blocked)| !**blocked) {
            let folders: Vec<u64> = folders(key).map(|folder| self.hash(folder)).collect();
            self.folders.extend(folders);
        }
        keys.iter().zip(blocked).map(|(key, blocked)| self.admit_one(key, blocked)).collect()
    }

    fn admit_one(&mut self, key: &str, blocked: bool) -> Result<()> {
        let hash = self.hash(file(key));
        if blocked || self.folders.contains(&hash) {
            return Err(both(key, blocked));
        }
        if self.files.insert(hash) { Ok(()) } else { Err(same(key, self.folds)) }
    }

    fn is_below_a_file(&self, key: &str) -> bool {
        folders(key).any(|folder| self.files.contains(&self.hash(folder)))
    }

    fn hash(&self, name: &str) -> u64 {
        if self.folds { self.hasher.hash_one(name.to_lowercase()) } else { self.hasher.hash_one(name) }
    }
}

/// The file's name: a key that ends in `/` loses that.
fn file(key: &str) -> &str {
    key.strip_suffix('/').unwrap_or(key)
}

/// The folders above a file.
fn folders(key: &str) -> impl Iterator<Item = &str> {
    let name = file(key);
    name.match_indices('/').map(|(slash, _)| &name[..slash])
}

fn both(key: &str, below: bool) -> Failure {
    let key = display(key);
    let what = match below {
        true => format!("{key} lies below another object, whose file takes the folder's place"),
        false => format!("{key} is a file, and a folder of other objects, which here cannot be both"),
    };
    Failure::new(FailureKind::Exists, what).hint("download it by itself, to another folder")
}

fn same(key: &str, folds: bool) -> Failure {
    let why = if folds { ", because this file system does not tell capital letters from small ones" } else { "" };
    let what = format!("{} would get the same file as another object{why}", display(key));
    Failure::new(FailureKind::Exists, what).hint("download it by itself, to another folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(folds: bool, batches: &[&[&str]]) -> Vec<String> {
        let mut clashes = Clashes::new(folds);
        let mut refused = Vec::new();
        for batch in batches {
            let answers = clashes.admit(batch);
            refused
                .extend(batch.iter().zip(answers).filter(|(_, answer)| answer.is_err()).map(|(key, _)| (*key).into()));
        }
        refused
    }

    #[test]
    fn a_key_that_is_file_and_folder_is_named_and_the_others_go_on() {
        assert_eq!(refused(false, &[&["a", "a/b", "a/c/d", "b"]]), ["a"]);
        assert_eq!(refused(false, &[&["a/b", "a/b/c", "a/b/c/d"]]), ["a/b", "a/b/c"]);
        assert_eq!(refused(false, &[&["x/y/z", "x"]]), ["x"]);
        assert_eq!(refused(false, &[&["a", "x"], &["a/b", "b"]]), ["a/b"], "the file is on its way already");
        assert_eq!(refused(false, &[&["a/b"], &["a", "b"]]), ["a"]);
    }

    #[test]
    fn letters_clash_by_case_only_where_the_disk_folds_it() {
        let keys: &[&str] = &["README", "Readme", "größe/x", "GRÖSSE", "GRÖẞE"];
        assert_eq!(refused(false, &[keys]), [""; 0]);
        assert_eq!(refused(true, &[keys]), ["Readme", "GRÖẞE"]);
    }

    #[test]
    fn two_keys_with_one_file_are_one_too_many() {
        assert_eq!(refused(false, &[&["a", "a/"]]), ["a/"]);
        let failure = Clashes::new(true).admit(&["A", "a"]).pop().unwrap().unwrap_err();
        assert!(failure.what.contains("capital letters"), "{failure}");
    }
}
