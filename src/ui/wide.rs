//! Marks the second columns of wide characters in the finished frame. What is drawn is the difference to the frame before,
//! and a second column that is blank in both would stay as the wide character left it when that goes: most terminals clear
//! it, some keep half a character.

use ratatui::buffer::Buffer;

use crate::domain::display::width;

/// Makes the second column of each wide character differ from a blank. It is never written itself.
pub fn cover(buffer: &mut Buffer) {
    let columns = usize::from(buffer.area.width).max(1);
    for row in buffer.content.chunks_mut(columns) {
        for x in 1..row.len() {
            if !row[x - 1].symbol().is_ascii() && width(row[x - 1].symbol()) > 1 {
                row[x].set_symbol("");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn frame(text: &str) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_string(0, 0, text, Style::new());
        cover(&mut buffer);
        buffer
    }

    fn written(before: &str, after: &str) -> Vec<u16> {
        frame(before).diff(&frame(after)).into_iter().map(|(x, ..)| x).collect()
    }

    #[test]
    fn both_columns_of_a_wide_character_are_written_when_it_goes() {
        assert_eq!(written("a🚀b", "a  b"), [1, 2]);
        assert_eq!(written("a🚀b", "axyb"), [1, 2]);
        assert_eq!(written("a🚀b", "🚀 b"), [0, 2]);
    }

    #[test]
    fn the_second_column_of_one_that_comes_or_stays_is_not_written() {
        assert_eq!(written("a  b", "a🚀b"), [1]);
        assert_eq!(written("a🚀b", "a🚀c"), [3]);
        assert_eq!(written("a🚀b", "b日b"), [0, 1]);
    }
}
