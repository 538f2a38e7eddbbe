//! Draws the line at the bottom: the filter being typed, keys that wait for more, and what can be pressed now; what fits is
//! decided by the application, which has to know what a click hits.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::columns::{Side, put};
use super::dialogs::input;
use super::{Cursor, Look};
use crate::app::hints::Hint;
use crate::app::{App, Spot};
use crate::domain::display::{display, width};

/// Draws the line; answers where the cursor of what is being typed stands, and what a click hits.
pub fn draw(buffer: &mut Buffer, area: Rect, look: &Look, app: &App) -> (Cursor, Vec<Spot>) {
    let line = app.hint_line();
    let mut cursor = None;
    if let (Some(field), Some(typed)) = (line.filter, app.typing()) {
        put(buffer, field.x - 1, area.y, 1, Side::Left, "/", look.theme.accent);
        let style = if typed.is_whole() { look.theme.button } else { look.theme.text };
        cursor = input::draw(buffer, field, style, typed.line());
    }
    if let Some((x, pending)) = &line.pending {
        word(buffer, *x, area, pending, look.theme.button);
    }
    for (columns, hint) in &line.hints {
        draw_hint(buffer, columns.start, area, look, hint);
    }
    (cursor, line.spots())
}

fn draw_hint(buffer: &mut Buffer, x: u16, area: Rect, look: &Look, hint: &Hint) {
    let (keys, text) = match hint.disabled {
        true => (look.theme.border, look.theme.border.add_modifier(Modifier::DIM)),
        false => (look.theme.accent, look.theme.quiet),
    };
    let x = word(buffer, x, area, &hint.keys, keys) + 1;
    word(buffer, x, area, &hint.text, text);
}

/// Writes a word; answers where it ends.
fn word(buffer: &mut Buffer, x: u16, area: Rect, text: &str, style: Style) -> u16 {
    let shown = display(text);
    let room = area.right().saturating_sub(x);
    put(buffer, x, area.y, room, Side::Left, &shown, style);
    x.saturating_add(u16::try_from(width(&shown)).unwrap_or(u16::MAX / 4))
}
