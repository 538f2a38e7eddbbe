//! The limits of a profile: two lines that are typed into, one below the other.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{input, open_box, room, rows_of, write};
use crate::app::dialog::{Field, LimitsDialog};
use crate::ui::columns::{Side, put};
use crate::ui::{Cursor, Look};

/// Columns of the names before what is typed.
const NAMES: u16 = 20;

/// Draws them; answers where the cursor of what is being typed stands.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &LimitsDialog) -> Cursor {
    let theme = &look.theme;
    let problem = dialog.problem.as_ref().map_or_else(Vec::new, |problem| vec![problem.clone()]);
    let problem = rows_of(&problem, room(screen));
    let notes = ["In force at once, until Windlass ends. 512K, 10M or 1G bytes a second; 0 is no limit.".to_owned()];
    let notes = rows_of(&notes, room(screen));
    let title = format!("Limits of {}", dialog.profile.name);
    let inner = open_box(buffer, screen, look, &title, 3 + notes.len() + problem.len(), theme.border_focus);
    let row = |y: u16| Rect { y: inner.y + y, height: u16::from(y < inner.height), ..inner };
    let mut cursor = None;
    let lines = [(Field::Jobs, "transfers at once", &dialog.jobs), (Field::Rate, "bytes a second", &dialog.rate)];
    for (y, (field, name, value)) in (0..).zip(lines) {
        let row = row(y);
        let names = NAMES.min(row.width);
        let style = if field == dialog.field { theme.accent } else { theme.quiet };
        if row.height > 0 {
            put(buffer, row.x, row.y, names, Side::Left, name, style);
        }
        let typed = Rect { x: row.x + names, width: row.width - names, ..row };
        let here = input::draw(buffer, typed, theme.text, value);
        cursor = if field == dialog.field { here } else { cursor };
    }
    let below = Rect { y: inner.y + inner.height.min(2), height: inner.height.saturating_sub(2), ..inner };
    let y = write(buffer, below, &problem, theme.bad);
    let gap = u16::from(y + 1 < inner.bottom());
    let below = Rect { y: y + gap, height: inner.bottom().saturating_sub(y + gap), ..inner };
    write(buffer, below, &notes, theme.quiet);
    cursor
}
