//! How far a search that no index serves looks at a time, in whichever database: a little at first, so that something is
//! there at once, then all that is left or large steps, and never longer than is worth waiting for. And how long a folder
//! is looked for in one way before it is in another.

use std::time::Duration;

use super::RecordQuery;
use crate::domain::SortBy;

/// The steps of searches, and where they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Rows that the first step looks at.
    pub first: u32,
    /// Rows that each further step looks at in a table too large to be read at once.
    pub further: u32,
    /// Tables up to so many rows are read to the end by the second step.
    pub at_once: u64,
    /// How long a server looks for one statement, whoever still waits for it.
    pub patience: Duration,
    /// How long a narrowed folder is looked for entry by entry, before all its rows are looked at.
    pub by_entry: Duration,
}

/// About ten milliseconds, a tenth of a second, and half a second where several processes or an index of keys take part.
impl Default for Pace {
    fn default() -> Self {
        Self {
            first: 10_000,
            further: 200_000,
            at_once: 3_000_000,
            patience: Duration::from_secs(20),
            by_entry: Duration::from_millis(400),
        }
    }
}

impl Pace {
    /// Rows that a page looks at, at most, of a table of so many; `None` reads to the end. By size and type there is no
    /// index, so that every step would have to look at all rows to find its first.
    pub fn step(&self, query: &RecordQuery, rows: Option<u64>) -> Option<u32> {
        let rows = rows.unwrap_or(u64::MAX);
        match (query.order.by, &query.after) {
            (SortBy::Size | SortBy::Type, _) => None,
            (_, None) => (rows > u64::from(self.first)).then_some(self.first),
            (_, Some(_)) => (rows > self.at_once).then_some(self.further),
        }
    }
}
