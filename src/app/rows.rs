//! What a list needs to know about the rows it is over, and the orders that it can put them in.

use std::cmp::Ordering;

/// What rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// Name.
    Name,
    /// Bytes.
    Size,
    /// When last written or uploaded.
    Date,
    /// What is behind the name's last dot.
    Type,
}

/// An order. Folders and prefixes come first in every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// The other way round.
    pub reversed: bool,
}

impl Sort {
    /// By name, from A.
    pub const NAME: Self = Self { by: SortBy::Name, reversed: false };
    /// Newest first.
    pub const NEWEST: Self = Self { by: SortBy::Date, reversed: true };
}

/// What a list needs to know about the rows it is over.
pub(crate) trait Rows {
    /// How many there are.
    fn count(&self) -> usize;
    /// What the filter looks at.
    fn name(&self, row: usize) -> &[u8];
    /// What a row is known by when the rows are read again.
    fn identity(&self, row: usize) -> &[u8] {
        self.name(row)
    }
    /// Whether the row is left out altogether.
    fn is_hidden(&self, _row: usize) -> bool {
        false
    }
    /// Whether it belongs before the others.
    fn is_folder(&self, _row: usize) -> bool {
        false
    }
    /// Which of two comes first.
    fn compare(&self, by: SortBy, one: usize, other: usize) -> Ordering;
    /// The order in which the rows are stored.
    fn stored(&self) -> Sort;
}
