//! What a local folder holds, one value an entry, as listing it tells. Kept small: a folder of 100,000 files is held
//! whole by the Local pane.

use std::cmp::Ordering;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::display::display_path;
use super::{Failure, FailureKind};

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// A symbolic link, and what it leads to.
    Symlink(LinkTarget),
    /// A device, socket or pipe.
    Other,
}

/// What a symbolic link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkTarget {
    /// A folder: the link can be entered.
    Folder,
    /// A regular file: the link can be uploaded.
    File,
    /// A device, socket or pipe.
    Other,
    /// Nothing: the link is broken.
    Missing,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Its name, as the file system has it; not always text.
    pub name: OsString,
    /// What it is.
    pub kind: FileKind,
    /// Bytes, of the target where it is a symbolic link; `None` for folders and where unknown.
    pub size: Option<u64>,
    /// When it was last written, UTC.
    pub modified: Option<DateTime<Utc>>,
    /// Why its facts could not be read.
    pub problem: Option<Box<str>>,
}

/// Everything that the disk says about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// What it is.
    pub kind: FileKind,
    /// Bytes, of the target where it is a symbolic link; `None` for folders.
    pub size: Option<u64>,
    /// When it was last written, UTC.
    pub modified: Option<DateTime<Utc>>,
    /// When it was made, UTC, where the file system keeps that.
    pub created: Option<DateTime<Utc>>,
    /// Permission bits.
    pub mode: u32,
    /// The user that it belongs to, by name where there is one.
    pub owner: String,
    /// The group that it belongs to, by name where there is one.
    pub group: String,
    /// How many names it has.
    pub names: u64,
    /// What a symbolic link says, as it says it.
    pub target: Option<PathBuf>,
}

impl FileEntry {
    /// Whether it can be entered.
    pub fn is_folder(&self) -> bool {
        matches!(self.kind, FileKind::Folder | FileKind::Symlink(LinkTarget::Folder))
    }

    /// Whether its bytes can be uploaded.
    pub fn is_file(&self) -> bool {
        matches!(self.kind, FileKind::File | FileKind::Symlink(LinkTarget::File))
    }

    /// Whether its name begins with a dot.
    pub fn is_hidden(&self) -> bool {
        self.name.as_encoded_bytes().first() == Some(&b'.')
    }

    /// The order in which a listing is handed to the screen: folders first, then by name, upper and lower case alike.
    pub fn by_name(&self, other: &Self) -> Ordering {
        let (a, b) = (self.name.as_encoded_bytes(), other.name.as_encoded_bytes());
        other.is_folder().cmp(&self.is_folder()).then_with(|| caseless(a, b))
    }
}

/// Byte order with ASCII letters folded, exact bytes deciding among what is then the same.
pub fn caseless(a: &[u8], b: &[u8]) -> Ordering {
    let lower = a.iter().map(u8::to_ascii_lowercase).cmp(b.iter().map(u8::to_ascii_lowercase));
    lower.then_with(|| a.cmp(b))
}

/// Why a file of that name cannot be sent. The bytes that are no text are shown as numbers, so that names are told apart.
pub fn not_text(path: &Path) -> Failure {
    let what = format!("the name of {} is not UTF-8, which a key has to be", display_path(path));
    Failure::new(FailureKind::Local, what).hint("rename it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: FileKind) -> FileEntry {
        FileEntry { name: name.into(), kind, size: None, modified: None, problem: None }
    }

    #[test]
    fn folders_come_first_and_case_does_not_part_names() {
        let mut entries = [
            entry("b", FileKind::File),
            entry("C", FileKind::File),
            entry("a", FileKind::File),
            entry("z", FileKind::Symlink(LinkTarget::Folder)),
        ];
        entries.sort_by(FileEntry::by_name);
        let names: Vec<_> = entries.iter().map(|entry| entry.name.to_string_lossy().into_owned()).collect();
        assert_eq!(names, ["z", "a", "b", "C"]);
    }
}
