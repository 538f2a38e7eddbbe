//! What a bucket holds, as a listing or a HEAD tells it.

use chrono::{DateTime, Utc};

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// The whole key, decoded.
    pub key: String,
    /// What the file was called when it went up, where the key is not made of that.
    pub name: Option<String>,
    /// Bytes.
    pub size: u64,
    /// When it was written, UTC.
    pub modified: Option<DateTime<Utc>>,
    /// The entity tag without its quotes; only comparable for equality.
    pub etag: Option<String>,
    /// MIME type; listings never know it.
    pub content_type: Option<String>,
}

/// One row of a listing with a delimiter: a folder-like prefix or an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// Keys beyond it share this prefix, which ends in the delimiter.
    Prefix(String),
    /// An object at this level.
    Object(ObjectInfo),
}

impl Listed {
    /// The whole key or prefix.
    pub fn key(&self) -> &str {
        match self {
            Self::Prefix(prefix) => prefix,
            Self::Object(object) => &object.key,
        }
    }
}

/// One page of a listing, in the bucket's key order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// Prefixes and objects.
    pub entries: Vec<Listed>,
    /// Hand this back to get the next page; `None` at the end.
    pub next: Option<String>,
}

/// One version of an object, where the bucket keeps several; a delete marker hides those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The object's key.
    pub key: String,
    /// The version's id.
    pub id: String,
    /// Bytes; 0 for a delete marker.
    pub size: u64,
    /// When it was written, UTC.
    pub modified: Option<DateTime<Utc>>,
    /// It is what a plain read sees.
    pub is_latest: bool,
    /// It says that the object was deleted.
    pub is_marker: bool,
}

impl Version {
    /// Whether a plain read does not see it: it was replaced, or deleted, or is what says so.
    pub fn is_hidden(&self) -> bool {
        self.is_marker || !self.is_latest
    }
}

/// Which versions of an object a delete takes, where the bucket keeps several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Versions {
    /// What a plain read sees, as a delete by name does it: older ones may stay.
    #[default]
    Seen,
    /// Every one, and what hides them.
    All,
    /// Those that a plain read does not see, and what hides them: the object and its record stay.
    Hidden,
}

/// One page of versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionPage {
    /// The versions, by key, the newest of each first.
    pub versions: Vec<Version>,
    /// Where the next page goes on; `None` on the last.
    pub next: Option<String>,
}
