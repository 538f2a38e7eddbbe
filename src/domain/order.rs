//! The orders that lists can be put in, on the screen and by a catalog's database alike.

/// What rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortBy {
    /// Name; a database goes by the bytes of the whole key.
    Name,
    /// Bytes.
    Size,
    /// When last written or uploaded.
    Date,
    /// What is behind the name's last dot; of a record its MIME type.
    Type,
}

/// An order. Folders and prefixes come first in every one, and what is not known comes last both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

    /// Whether rows of one value stand by their ids from the last to the first. Rows of one type never do: they are so many
    /// that a database that finds each of them to be better than all before takes more than twice as long.
    pub fn ids_are_reversed(self) -> bool {
        self.reversed && self.by != SortBy::Type
    }
}

/// The catalog's own order.
impl Default for Sort {
    fn default() -> Self {
        Self::NEWEST
    }
}
