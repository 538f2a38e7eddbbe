//! Whether what somebody typed to go to is there: known once the first page of its prefix has come.

use super::Bucket;

/// What is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Sought {
    /// Nothing was typed.
    #[default]
    Nothing,
    /// This key or prefix; the bucket has not answered yet.
    Awaiting(String),
    /// It is there, or may be further down than what was read.
    Found,
    /// It is not.
    Missing(String),
}

impl Sought {
    /// The bucket has answered.
    pub(super) fn answered(&mut self, found: bool) {
        if let Self::Awaiting(key) = self {
            *self = if found { Self::Found } else { Self::Missing(std::mem::take(key)) };
        }
    }
}

impl Bucket {
    /// Remembers that somebody has typed where it stands now, to tell whether that is there.
    pub(crate) fn seek(&mut self, key: &str) {
        self.sought = if key.is_empty() { Sought::Nothing } else { Sought::Awaiting(key.to_owned()) };
    }

    /// What is known of it; an answer is told once.
    pub(crate) fn sought(&mut self) -> Sought {
        match &self.sought {
            Sought::Awaiting(_) => Sought::Nothing,
            _ => std::mem::take(&mut self.sought),
        }
    }
}
