//! Whether what somebody typed to go to is there: known once the pages of its prefix have come that may have it.

use super::{Aim, Standing};
use crate::app::pages::Tail;

/// What is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Sought {
    /// Nothing was typed.
    #[default]
    Nothing,
    /// This key or prefix; it may still come.
    Awaiting(String),
    /// It is there.
    Found,
    /// It is not.
    Missing(String),
    /// It may come behind all that is kept at once.
    TooFar(String),
}

/// What was read of a level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    /// Whether there is anything in it.
    pub any: bool,
    /// What comes behind that.
    pub tail: &'a Tail,
    /// The name of the last row, where rows come by name.
    pub last: Option<&'a [u8]>,
}

/// What that says of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seeing {
    /// It is there.
    Found,
    /// It may come.
    Awaited,
    /// It is not there.
    Missing,
    /// It may come behind all that is kept.
    TooFar,
}

impl Seen<'_> {
    /// Of the level itself: it is there if anything is in it.
    pub(super) fn level(self) -> Seeing {
        if self.any || *self.tail != Tail::End { Seeing::Found } else { Seeing::Missing }
    }

    /// Of a row that was not among those read; a prefix stands behind the key of the same name.
    pub(super) fn row(self, prefix: &[u8]) -> Seeing {
        match self.tail {
            _ if self.last.is_some_and(|last| last > prefix) => Seeing::Missing,
            Tail::End => Seeing::Missing,
            Tail::Full => Seeing::TooFar,
            // What stopped or failed says so itself.
            Tail::More | Tail::Stopped | Tail::Failed(_) => Seeing::Awaited,
        }
    }
}

impl Sought {
    /// The level has answered.
    pub(super) fn answered(&mut self, seeing: Seeing) {
        if let Self::Awaiting(key) = self {
            let key = std::mem::take(key);
            *self = match seeing {
                Seeing::Found => Self::Found,
                Seeing::Awaited => Self::Awaiting(key),
                Seeing::Missing => Self::Missing(key),
                Seeing::TooFar => Self::TooFar(key),
            };
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
        self.sought.answered(Seeing::Found);
        if self.looks_on() {
            self.aim = Aim::Nothing;
        }
    }

    /// What was typed and may still come.
    pub(crate) fn awaited(&self) -> Option<&str> {
        if let Sought::Awaiting(key) = &self.sought { Some(key) } else { None }
    }

    /// What is known of it; an answer is told once.
    pub(crate) fn seen(&mut self) -> Sought {
        match &self.sought {
            Sought::Awaiting(_) => Sought::Nothing,
            _ => std::mem::take(&mut self.sought),
        }
    }
}
