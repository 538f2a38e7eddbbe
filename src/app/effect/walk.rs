//! What takes longer than one question to find: whole folders and prefixes.

use std::path::PathBuf;

use super::WantedObject;

/// What is gone through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Walk {
    /// Local folders, and files beside them, into the bucket.
    Upload {
        /// The folders and files, absolute.
        paths: Vec<PathBuf>,
        /// What keys begin with.
        prefix: String,
        /// How names are made.
        template: String,
    },
    /// Everything beneath prefixes, and objects beside them, into a local folder.
    Download {
        /// The prefixes.
        prefixes: Vec<String>,
        /// Objects beside them, which share the folder.
        objects: Vec<WantedObject>,
        /// The prefix they are in: paths have the rest.
        base: String,
        /// The folder.
        folder: PathBuf,
    },
    /// Everything beneath prefixes, and objects beside them, out of the bucket.
    Delete {
        /// The prefixes.
        prefixes: Vec<String>,
        /// Objects beside them.
        objects: Vec<WantedObject>,
    },
    /// Everything beneath prefixes, and objects beside them, into the catalog, where no record tells of it yet.
    Record {
        /// The prefixes.
        prefixes: Vec<String>,
        /// Objects beside them.
        objects: Vec<WantedObject>,
    },
    /// What the bucket keeps and does not show, for good.
    Purge {
        /// Beneath what.
        prefix: String,
    },
}
