//! What was found at local paths.

use std::path::PathBuf;

/// A path that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPath {
    /// The path, absolute.
    pub path: PathBuf,
    /// What is there.
    pub kind: PathKind,
}

/// What is at a path; links are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    /// A folder.
    Folder,
    /// A file, or anything else that is no folder.
    File {
        /// Bytes.
        size: u64,
    },
    /// Nothing, or nothing that can be looked at.
    Missing,
}
