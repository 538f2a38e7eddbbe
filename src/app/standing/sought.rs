//! Whether what somebody typed to go to is there: known once a page of its prefix has come.

use super::Standing;

/// What is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Sought {
    /// Nothing was typed.
    #[default]
    Nothing,
    /// This key or prefix; nothing of its level is read yet.
    Awaiting(String),
    /// It is there, or may be further down than what was read.
    Found,
    /// It is not.
    Missing(String),
}

/// What was read of a level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Whether there is anything in it.
    pub any: bool,
    /// Whether that is all there is.
    pub all: bool,
}

impl Sought {
    /// The level has answered.
    pub(super) fn answered(&mut self, found: bool) {
        if let Self::Awaiting(key) = self {
            *self = if found { Self::Found } else { Self::Missing(std::mem::take(key)) };
        }
    }
}

impl Standing {
    /// Remembers that somebody has typed where it stands now, to tell whether that is there.
    pub(crate) fn seek(&mut self, key: &str) {
        self.sought = if key.is_empty() { Sought::Nothing } else { Sought::Awaiting(key.to_owned()) };
    }

    /// The level cannot be read, and says itself why nothing is known of it.
    pub(crate) fn give_up_seeking(&mut self) {
        self.sought.answered(true);
    }

    /// What is known of it; an answer is told once.
    pub(crate) fn seen(&mut self) -> Sought {
        match &self.sought {
            Sought::Awaiting(_) => Sought::Nothing,
            _ => std::mem::take(&mut self.sought),
        }
    }
}
