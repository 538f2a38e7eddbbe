//! What somebody else is to upload: four lines that are typed into, one below the other.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{input, open_box, room, rows_of, write};
use crate::app::dialog::{RequestDialog, RequestField};
use crate::ui::columns::{Side, put};
use crate::ui::{Cursor, Look};

/// Columns of the names before what is typed.
const NAMES: u16 = 17;

/// Rows of lines that are typed into.
const LINES: u16 = RequestField::ALL.len() as u16;

/// Draws them; answers where the cursor of what is being typed stands.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &RequestDialog) -> Cursor {
    let theme = &look.theme;
    let problem = dialog.problem.as_ref().map_or_else(Vec::new, |problem| vec![problem.clone()]);
    let problem = rows_of(&problem, room(screen));
    let notes = rows_of(&notes(dialog), room(screen));
    let rows = usize::from(LINES) + 1 + notes.len() + problem.len();
    let inner = open_box(buffer, screen, look, "Have somebody upload", rows, theme.border_focus);
    let mut cursor = None;
    for (y, field) in (0..).zip(RequestField::ALL) {
        let row = Rect { y: inner.y + y, height: u16::from(y < inner.height), ..inner };
        let names = NAMES.min(row.width);
        let style = if field == dialog.field { theme.accent } else { theme.quiet };
        if row.height > 0 {
            put(buffer, row.x, row.y, names, Side::Left, field.label(), style);
        }
        let typed = Rect { x: row.x + names, width: row.width - names, ..row };
        let value = dialog.typed(field);
        let here = input::draw(buffer, typed, theme.text, value);
        if field == RequestField::Size && value.value().is_empty() && typed.height > 0 {
            put(buffer, typed.x, typed.y, typed.width, Side::Left, "any", theme.quiet);
        }
        cursor = if field == dialog.field { here } else { cursor };
    }
    let taken = LINES.min(inner.height);
    let below = Rect { y: inner.y + taken, height: inner.height - taken, ..inner };
    let y = write(buffer, below, &problem, theme.bad);
    let gap = u16::from(y + 1 < inner.bottom());
    let below = Rect { y: y + gap, height: inner.bottom().saturating_sub(y + gap), ..inner };
    write(buffer, below, &notes, theme.quiet);
    cursor
}

fn notes(dialog: &RequestDialog) -> Vec<String> {
    let place = format!("{}/{}", dialog.bucket, dialog.prefix);
    let what =
        "Whoever has the URL may upload such a file; the bucket refuses another type, and another size than one given.";
    vec![format!("to {place} (profile {})", dialog.profile), what.into()]
}
