//! What is wanted of a bucket: texts that name objects, and what a notice calls them; objects, somebody else's uploads and
//! other CORS rules.

use chrono::{DateTime, Utc};

/// A text that names an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// A presigned link, good for so many seconds at most.
    Presigned(u64),
    /// The URL that needs no signature; a `NotFound` or `Unsupported` failure where there is none.
    Public,
    /// `s3://bucket/key`.
    Uri,
    /// A curl line around a presigned link, good for so many seconds at most.
    Curl(u64),
}

impl Wanted {
    /// What it is, in a word or two.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Presigned(_) => "link",
            Self::Public => "public URL",
            Self::Uri => "URI",
            Self::Curl(_) => "curl line",
        }
    }
}

/// What somebody else is to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedRequest {
    /// The file's name, from which the profile's template makes the key.
    pub name: String,
    /// The MIME type.
    pub content_type: String,
    /// Exactly so many bytes; `None` takes any.
    pub size: Option<u64>,
    /// How long the URL is to be good, in seconds.
    pub seconds: u64,
    /// Where the key begins: empty, or with `/` at its end.
    pub prefix: String,
}

/// An object to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedObject {
    /// Its key.
    pub key: String,
    /// Its path below the target folder, `/` making folders; not checked yet.
    pub name: String,
    /// Bytes, where known.
    pub size: Option<u64>,
    /// When it was uploaded, UTC, where known.
    pub modified: Option<DateTime<Utc>>,
}

/// What is done to CORS rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsChange {
    /// Pages of this origin may read and upload, as the provider's guide has it; other rules stay.
    Allow(String),
    /// All rules go.
    Clear,
}
