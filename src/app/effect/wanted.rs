//! What sort of text is wanted that names an object: how it is asked for, and what a notice calls it.

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
