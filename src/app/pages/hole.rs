//! A hole in a list that is being read again: the pages that have come do not reach to the rows that were there. It is
//! remembered until it is closed, whatever comes between, so that nobody takes the list for whole.

use std::ops::Range;

use super::Tail;

/// The hole.
#[derive(Debug)]
pub(super) struct Hole<C> {
    /// The rows before this one are whole.
    pub(super) from: usize,
    /// The rows from this one on are; those between are from an earlier try.
    to: usize,
    /// Where the next page begins.
    pub(super) after: C,
    /// What becomes of it: more comes, or that was stopped, or failed.
    pub(super) tail: Tail,
}

/// A page that takes the place of rows.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    /// Which rows.
    pub(super) rows: Range<usize>,
    /// Where the page ends.
    pub(super) reached: usize,
    /// It is new altogether, and more comes before the rows that were there.
    pub(super) is_apart: bool,
    /// Somebody asked for it, or waits for what is behind it.
    pub(super) is_wanted: bool,
}

impl<C> Hole<C> {
    /// What is left of a hole, or is torn open, once a page is taken over behind which there is more.
    pub(super) fn behind(old: Option<Self>, page: &Taken, next: C) -> Option<Self> {
        let end = page.rows.end;
        let moved = |row: usize| row - end + page.reached;
        let here = |to, tail| Self { from: page.reached, to, after: next, tail };
        match old.filter(|hole| end <= hole.to) {
            None => page.is_apart.then(|| here(page.reached, Tail::More)),
            Some(hole) => {
                let goes_on = page.is_apart || page.is_wanted || hole.tail != Tail::Stopped;
                let (to, tail) = (moved(hole.to), if goes_on { Tail::More } else { Tail::Stopped });
                let is_behind = end < hole.from && !page.is_apart;
                Some(if is_behind { Self { from: moved(hole.from), to, tail, ..hole } } else { here(to, tail) })
            }
        }
    }

    /// Rows are gone, of which `gone` are before a row.
    pub(super) fn shrink(&mut self, gone: impl Fn(usize) -> usize) {
        (self.from, self.to) = (self.from - gone(self.from), self.to - gone(self.to));
    }
}
