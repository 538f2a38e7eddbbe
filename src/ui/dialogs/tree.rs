//! A whole folder or prefix: the template of its names where there is one, and what is done where something is there.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{input, open_box, room, rows_of, write};
use crate::app::dialog::TreeDialog;
use crate::ui::columns::{Side, put};
use crate::ui::{Cursor, Look};

/// Columns of the names before what is typed and chosen.
const NAMES: u16 = 17;

/// Draws the question; answers where the cursor of what is being typed stands.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &TreeDialog) -> Cursor {
    let theme = &look.theme;
    let lines = rows_of(&dialog.lines, room(screen));
    let problem: Vec<String> = dialog.problem.iter().cloned().collect();
    let problem = rows_of(&problem, room(screen));
    let fields = 1 + u16::from(dialog.template.is_some());
    let rows = lines.len() + 1 + usize::from(fields) + problem.len();
    let inner = open_box(buffer, screen, look, &dialog.title, rows, theme.border_focus);
    // What is typed and chosen matters most where there is no room for everything.
    let spare = inner.height.saturating_sub(fields);
    let above = Rect { height: spare, ..inner };
    let y = write(buffer, above, &lines, theme.text);
    let mut y = if y + fields < inner.bottom() { y + 1 } else { y };
    let mut cursor = None;
    if let Some(template) = &dialog.template {
        let field = named(buffer, inner, y, look, "template");
        cursor = input::draw(buffer, field, theme.text, template);
        y += 1;
    }
    let field = named(buffer, inner, y, look, "if it is there");
    let chosen = format!("‹ {} ›", dialog.chosen());
    put(buffer, field.x, field.y, field.width, Side::Left, &chosen, theme.accent);
    let below = Rect { y: y + 1, height: inner.bottom().saturating_sub(y + 1), ..inner };
    write(buffer, below, &problem, theme.bad);
    cursor
}

/// Writes a name at the left of a row; answers the room behind it.
fn named(buffer: &mut Buffer, inner: Rect, y: u16, look: &Look, name: &str) -> Rect {
    let names = NAMES.min(inner.width);
    if y < inner.bottom() {
        put(buffer, inner.x, y, names, Side::Left, name, look.theme.quiet);
    }
    Rect { x: inner.x + names, y, width: inner.width - names, height: u16::from(y < inner.bottom()) }
}
