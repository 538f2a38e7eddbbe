//! What the inspector asks about one file, object or record.

use std::path::PathBuf;

use crate::domain::picture::{Protocol, Room};
use crate::domain::preview::Next;

/// A question; each is asked and answered by itself, so that none waits for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// The record of a key.
    Record {
        /// Of whose catalog.
        profile: String,
        /// The key.
        key: String,
        /// Only this user's; `None` is everyone's.
        user_id: Option<String>,
    },
    /// What the bucket says about an object now: a HEAD.
    Object {
        /// Of whose bucket.
        profile: String,
        /// The key.
        key: String,
    },
    /// What the disk says about a file.
    File(PathBuf),
    /// What can be seen of its bytes.
    Preview {
        /// Of what.
        source: PreviewSource,
        /// Where to go on; `None` is the beginning.
        next: Option<Next>,
    },
    /// The picture that its bytes are.
    Picture {
        /// Whose bytes.
        source: PreviewSource,
        /// The room that it is made for.
        room: Room,
        /// In which language the terminal is to be given it besides.
        protocol: Option<Protocol>,
        /// Bytes that it may take in that.
        most: usize,
    },
}

/// Whose bytes are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreviewSource {
    /// A local file's.
    File {
        /// Absolute path.
        path: PathBuf,
        /// Bytes of the whole.
        size: u64,
    },
    /// An object's.
    Object {
        /// Of whose bucket.
        profile: String,
        /// The key.
        key: String,
        /// What the file is called, which may tell its language.
        name: String,
        /// The entity tag that it has to have, so that two versions never mix.
        etag: Option<String>,
        /// Bytes of the whole.
        size: u64,
    },
}
