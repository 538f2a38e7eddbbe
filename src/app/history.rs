//! Where a pane has been: back, forward, and bookmarks by letter. For folders and for prefixes alike.

use std::collections::BTreeMap;

/// A place, and the name of the row where the cursor was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot<P> {
    /// The folder or prefix.
    pub(crate) place: P,
    /// The row's name.
    pub(crate) cursor: Option<Vec<u8>>,
}

/// The places behind and ahead, and those with a letter.
#[derive(Debug)]
pub(crate) struct History<P> {
    behind: Vec<Spot<P>>,
    ahead: Vec<Spot<P>>,
    /// How many that lay behind are remembered no more.
    forgotten: usize,
    bookmarks: BTreeMap<char, P>,
}

/// How many places are remembered.
const LENGTH: usize = 100;

impl<P> Default for History<P> {
    fn default() -> Self {
        Self { behind: Vec::new(), ahead: Vec::new(), forgotten: 0, bookmarks: BTreeMap::new() }
    }
}

impl<P: Clone + PartialEq> History<P> {
    /// Remembers the place that is left for a new one.
    pub(crate) fn leave(&mut self, from: Spot<P>) {
        self.ahead.clear();
        self.behind.push(from);
        if self.behind.len() > LENGTH {
            self.behind.remove(0);
            self.forgotten += 1;
        }
    }

    /// The place before, leaving this one.
    pub(crate) fn back(&mut self, from: Spot<P>) -> Option<Spot<P>> {
        let to = self.behind.pop()?;
        self.ahead.push(from);
        Some(to)
    }

    /// The place gone back from, leaving this one.
    pub(crate) fn forward(&mut self, from: Spot<P>) -> Option<Spot<P>> {
        let to = self.ahead.pop()?;
        self.behind.push(from);
        Some(to)
    }

    /// How many places were left to come here, also those that are remembered no more.
    pub(crate) fn left(&self) -> usize {
        self.forgotten + self.behind.len()
    }

    /// Whether there is a place before.
    pub(crate) fn can_go_back(&self) -> bool {
        !self.behind.is_empty()
    }

    /// Whether there is a place gone back from.
    pub(crate) fn can_go_forward(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Gives a place a letter.
    pub(crate) fn set_bookmark(&mut self, letter: char, place: P) {
        self.bookmarks.insert(letter, place);
    }

    /// The place of a letter.
    pub(crate) fn bookmark(&self, letter: char) -> Option<&P> {
        self.bookmarks.get(&letter)
    }

    /// The letters that are given, with their places.
    pub(crate) fn bookmarks(&self) -> &BTreeMap<char, P> {
        &self.bookmarks
    }
}
