//! What a list needs to know about the rows it is over, and how it puts them in order.

use std::cmp::Ordering;

pub use crate::domain::{Sort, SortBy};

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
    /// Whether a row of that identity is known that is not among these, and may be marked all the same; its bytes.
    fn elsewhere(&self, _identity: &[u8]) -> Option<Option<u64>> {
        None
    }
    /// Whether the row is left out altogether.
    fn is_hidden(&self, _row: usize) -> bool {
        false
    }
    /// Whether it belongs before the others.
    fn is_folder(&self, _row: usize) -> bool {
        false
    }
    /// What a row is ordered by where that is a number: bytes, or seconds since 1970. 100,000 numbers are sorted within
    /// ten milliseconds, as many names are not.
    fn number(&self, by: SortBy, row: usize) -> Option<i64>;
    /// Which of two comes first, by name or type.
    fn compare(&self, by: SortBy, one: usize, other: usize) -> Ordering;
    /// A row's MIME type, where it is known.
    fn media_type(&self, _row: usize) -> Option<&str> {
        None
    }
    /// The order in which the rows are stored.
    fn stored(&self) -> Sort;
}

impl Sort {
    /// Puts row numbers, given as they are stored, into this order.
    pub(crate) fn arrange(self, order: &mut [u32], rows: &impl Rows) {
        let stored = rows.stored();
        if self == stored {
            return;
        }
        if self.by == stored.by {
            order.reverse();
            order.sort_by_key(|row| !rows.is_folder(*row as usize));
        } else if matches!(self.by, SortBy::Size | SortBy::Date) {
            self.arrange_by_number(order, rows);
        } else {
            order.sort_by(|one, other| self.by_name(rows, *one as usize, *other as usize));
        }
    }

    fn arrange_by_number(self, order: &mut [u32], rows: &impl Rows) {
        order.sort_by_cached_key(|row| {
            let index = *row as usize;
            let number = rows.number(self.by, index);
            // Turned round so that equal ones keep their order both ways; what is not known comes last both ways.
            let number = number.map(|number| if self.reversed { !number } else { number });
            (!rows.is_folder(index), number.is_none(), number)
        });
    }

    fn by_name(self, rows: &impl Rows, one: usize, other: usize) -> Ordering {
        let order = rows.compare(self.by, one, other);
        let order = if self.reversed { order.reverse() } else { order };
        rows.is_folder(other).cmp(&rows.is_folder(one)).then(order)
    }
}
