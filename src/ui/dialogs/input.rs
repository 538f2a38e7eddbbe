//! A line that is being typed: shown so that its cursor is in sight, with the terminal's own cursor on it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use tui_input::Input;

use crate::domain::display::{display, fit_end, width};
use crate::ui::Cursor;
use crate::ui::columns::{Side, put};

/// Draws the line into one row; answers where its cursor stands.
pub fn draw(buffer: &mut Buffer, area: Rect, style: Style, input: &Input) -> Cursor {
    let room = area.width.checked_sub(1).filter(|_| area.height > 0)?;
    let value = input.value();
    let split = value.char_indices().nth(input.cursor()).map_or(value.len(), |(index, _)| index);
    let (before, after) = value.split_at(split);
    let (before, after) = (display(before), display(after));
    let shown = fit_end(&before, usize::from(room));
    let taken = u16::try_from(width(&shown)).unwrap_or(room).min(room);
    put(buffer, area.x, area.y, taken, Side::Left, &shown, style);
    put(buffer, area.x + taken, area.y, area.width - taken, Side::Left, &after, style);
    Some(Position::new(area.x + taken, area.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(input: &Input, columns: u16) -> (String, u16) {
        let area = Rect::new(0, 0, columns, 1);
        let mut buffer = Buffer::empty(area);
        let cursor = draw(&mut buffer, area, Style::new(), input).unwrap();
        let text = (0..columns).map(|x| buffer[(x, 0)].symbol().to_owned()).collect();
        (text, cursor.x)
    }

    #[test]
    fn the_cursor_stays_in_sight() {
        let input = Input::new("a/very/long/key.png".into());
        assert_eq!(drawn(&input, 10), ("…/key.png ".into(), 9));
        assert_eq!(drawn(&input.with_cursor(2), 10), ("a/very/lo…".into(), 2));
    }

    #[test]
    fn what_is_pasted_is_shown_visibly() {
        assert_eq!(drawn(&Input::new("a\x1bb".into()), 6), ("a␛b   ".into(), 3));
    }
}
