//! The scroll bar on a pane's right border: where its thumb stands for the rows in sight, and which rows a thumb stands for
//! that somebody drags. Drawing and dragging share it.

use std::ops::Range;

use ratatui::layout::Rect;

/// A scroll bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScrollBar {
    /// Rows in sight, as many as the bar is long.
    room: u64,
    /// Rows altogether.
    total: u64,
}

impl ScrollBar {
    /// The bar of a pane with borders, over so many rows.
    pub fn of(area: Rect, total: u64) -> Self {
        Self { room: u64::from(area.height.saturating_sub(2)), total }
    }

    /// The rows of the bar that its thumb takes, where the first row in sight is that one; `None` where all rows are in
    /// sight.
    pub fn thumb(self, offset: usize) -> Option<Range<usize>> {
        let (size, furthest) = self.size_and_furthest()?;
        let way = self.room - size;
        let top = (offset as u64).min(furthest).saturating_mul(way).div_ceil(furthest);
        Some(number(top)..number(top + size))
    }

    /// The first row in sight once the thumb begins at that row of the bar.
    pub fn offset(self, top: usize) -> usize {
        let Some((size, furthest)) = self.size_and_furthest() else { return 0 };
        let way = self.room - size;
        number(if top as u64 >= way { furthest } else { (top as u64).saturating_mul(furthest) / way })
    }

    /// How long the thumb is, and the last row that can be the first in sight.
    fn size_and_furthest(self) -> Option<(u64, u64)> {
        let furthest = self.total.checked_sub(self.room).filter(|rows| *rows > 0 && self.room > 0)?;
        let size = (self.room.saturating_mul(self.room) / self.total).clamp(1, self.room);
        Some((size, furthest))
    }
}

fn number(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(room: u16, total: u64) -> ScrollBar {
        ScrollBar::of(Rect::new(0, 0, 10, room + 2), total)
    }

    #[test]
    fn a_list_that_is_whole_in_sight_has_no_thumb() {
        assert_eq!((bar(20, 20).thumb(0), bar(0, 5).thumb(0), bar(20, 20).offset(7)), (None, None, 0));
    }

    #[test]
    fn the_thumb_stands_where_it_was_dragged_to() {
        for (room, total) in [(20, 100), (20, 1_000_000), (24, 60), (3, 1000)] {
            let bar = bar(room, total);
            let last = usize::from(room) - bar.thumb(0).unwrap().len();
            for top in 0..=last {
                assert_eq!(bar.thumb(bar.offset(top)).unwrap().start, top, "{room} of {total}");
            }
            assert_eq!((bar.offset(0), bar.offset(last)), (0, total as usize - usize::from(room)));
        }
    }

    #[test]
    fn no_number_makes_it_fail() {
        for (room, total) in [(1, 2), (20, 21), (u16::MAX - 2, u64::MAX), (1, u64::MAX)] {
            let bar = bar(room, total);
            for row in [0, 1, usize::MAX] {
                assert!(bar.thumb(row).unwrap().end <= usize::from(room));
                assert!(bar.offset(row) as u64 <= total);
            }
        }
    }
}
