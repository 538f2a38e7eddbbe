//! Columns of a list: which of them fit, where each begins, and text put into them by display width, so that rows stay
//! aligned whatever is in them.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use crate::domain::display::{fit, width};

/// Blank columns between two columns of text.
const GAP: u16 = 2;

/// Which side of its column a text keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// One column beside the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Terminal columns it takes.
    pub width: u16,
    /// Which side its text keeps to.
    pub side: Side,
    /// Columns of lower rank find room first.
    pub rank: u8,
    /// The name has to keep so many terminal columns for this one to be shown.
    pub name_at_least: u16,
}

/// Where everything of a row stands, counted from the row's left end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Terminal columns of the name.
    pub name: u16,
    /// Start of each column, `None` where it has no room.
    pub starts: Vec<Option<u16>>,
}

impl Places {
    /// Terminal columns that a name may take where these are the texts beside it: what stays blank behind it is its own.
    pub fn room(&self, texts: &[impl AsRef<str>], available: u16) -> u16 {
        let mut beside = self.starts.iter().zip(texts).filter(|(_, text)| !text.as_ref().is_empty());
        let first = beside.find_map(|(start, _)| *start);
        first.map_or(available, |start| start.saturating_sub(GAP))
    }
}

/// Finds room: columns are taken by rank as long as the name keeps what each demands, and stand in the order given.
pub fn places(columns: &[Column], available: u16) -> Places {
    let mut name = available;
    let mut shown = vec![false; columns.len()];
    let mut by_rank: Vec<(&Column, &mut bool)> = columns.iter().zip(&mut shown).collect();
    by_rank.sort_by_key(|(column, _)| column.rank);
    for (column, shown) in by_rank {
        let left = name.checked_sub(column.width + GAP);
        if let Some(left) = left.filter(|left| *left >= column.name_at_least) {
            (name, *shown) = (left, true);
        }
    }
    let mut next = name + GAP;
    let start = |(column, shown): (&Column, &bool)| {
        shown.then(|| {
            let start = next;
            next += column.width + GAP;
            start
        })
    };
    let starts = columns.iter().zip(&shown).map(start).collect();
    Places { name, starts }
}

/// Writes text that is fit for display into so many terminal columns, on the side given, cut with an ellipsis.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, columns: u16, side: Side, text: &str, style: Style) {
    let cut = fit(text, usize::from(columns));
    let blank = match side {
        Side::Left => 0,
        Side::Right => usize::from(columns).saturating_sub(width(&cut)),
    };
    let indent = u16::try_from(blank).unwrap_or(0);
    if columns > 0 && buffer.area.contains((x, y).into()) {
        buffer.set_stringn(x + indent, y, &cut, usize::from(columns - indent), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { width: 9, side: Side::Right, rank: 0, name_at_least: 16 },
        Column { width: 14, side: Side::Left, rank: 2, name_at_least: 30 },
        Column { width: 9, side: Side::Left, rank: 1, name_at_least: 16 },
    ];

    #[test]
    fn a_wide_row_has_every_column() {
        let found = places(&COLUMNS, 80);
        assert_eq!(found, Places { name: 42, starts: vec![Some(44), Some(55), Some(71)] });
    }

    #[test]
    fn a_narrow_row_drops_columns_and_keeps_the_name() {
        assert_eq!(places(&COLUMNS, 40), Places { name: 18, starts: vec![Some(20), None, Some(31)] });
        assert_eq!(places(&COLUMNS, 20), Places { name: 20, starts: vec![None, None, None] });
        assert_eq!(places(&COLUMNS, 0).name, 0);
    }

    #[test]
    fn a_name_may_take_what_stays_blank_behind_it() {
        let found = places(&COLUMNS, 80);
        let room = |texts: [&str; 3]| found.room(&texts, 80);
        assert_eq!(room(["9 B", "text/plain", "now"]), 42);
        assert_eq!((room(["", "text/plain", "now"]), room(["", "", "now"]), room(["", "", ""])), (53, 69, 80));
        assert_eq!(found.room(&[""; 0], 80), 80);
        assert_eq!(places(&COLUMNS, 40).room(&["", "is not shown", "now"], 40), 29);
    }

    #[test]
    fn wide_characters_do_not_push_the_next_column() {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 10, 1));
        put(&mut buffer, 0, 0, 6, Side::Left, "文件名字名", Style::new());
        put(&mut buffer, 7, 0, 3, Side::Right, "9", Style::new());
        assert_eq!(buffer[(9, 0)].symbol(), "9");
        assert_eq!(buffer[(4, 0)].symbol(), "…");
    }
}
