//! The form of a new profile: one line below the other, what is to be known about the one that is typed into, and what does
//! not work yet.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{input, open_box, room, rows_of, write};
use crate::app::dialog::NewcomerDialog;
use crate::app::dialog::newcomer::{Row, Stage};
use crate::ui::columns::{Side, put};
use crate::ui::theme::Theme;
use crate::ui::{Cursor, Look};

/// Columns of the names before what is typed.
const NAMES: u16 = 20;

/// Rows of the box's border, and the blank one above the note.
const FRAME: usize = 4;

/// Draws it; answers where the cursor of what is being typed stands.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &NewcomerDialog) -> Cursor {
    let theme = &look.theme;
    let note = rows_of(&[dialog.note()], room(screen));
    let said = rows_of(&said(&dialog.stage), room(screen));
    let rows = dialog.rows();
    let below = 1 + note.len() + said.len();
    let most = usize::from(screen.height).saturating_sub(FRAME + below).max(1);
    let height = rows.len().min(most);
    let inner = open_box(buffer, screen, look, "New profile", height + below, theme.border_focus);
    // On a small screen the line that is typed into stays in sight.
    let here = rows.iter().position(|row| row.here).unwrap_or(0);
    let first = (here + 1).saturating_sub(height);
    let mut cursor = None;
    for (y, row) in (inner.y..inner.bottom()).zip(rows.iter().skip(first).take(height)) {
        cursor = line(buffer, Rect { y, height: 1, ..inner }, theme, row).or(cursor);
    }
    let taken = u16::try_from(height + 1).unwrap_or(u16::MAX).min(inner.height);
    let rest = Rect { y: inner.y + taken, height: inner.height - taken, ..inner };
    let y = write(buffer, rest, &note, theme.quiet);
    let rest = Rect { y, height: inner.bottom().saturating_sub(y), ..inner };
    let working = matches!(dialog.stage, Stage::Trying(_) | Stage::Saving);
    write(buffer, rest, &said, if working { theme.accent } else { theme.bad });
    cursor.filter(|_| !working)
}

/// One line: its name, and what was typed or chosen.
fn line(buffer: &mut Buffer, area: Rect, theme: &Theme, row: &Row) -> Cursor {
    let names = NAMES.min(area.width);
    let style = if row.here { theme.accent } else { theme.quiet };
    put(buffer, area.x, area.y, names, Side::Left, &row.label, style);
    let typed = Rect { x: area.x + names, width: area.width - names, ..area };
    if row.chosen {
        let shown = if row.here { format!("← {} →", row.value.value()) } else { row.value.value().to_owned() };
        put(buffer, typed.x, typed.y, typed.width, Side::Left, &shown, theme.text);
        return None;
    }
    if row.needed && !row.here {
        put(buffer, typed.x, typed.y, typed.width, Side::Left, "needed", theme.border);
    }
    input::draw(buffer, typed, theme.text, &row.value).filter(|_| row.here)
}

/// What stands at the foot.
fn said(stage: &Stage) -> Vec<String> {
    match stage {
        Stage::Typing => Vec::new(),
        Stage::Wrong(why) => vec![why.clone()],
        Stage::Trying(_) => vec!["asking bucket and database …".into()],
        Stage::Refused(reasons) => reasons.iter().cloned().chain(["^s saves it all the same.".into()]).collect(),
        Stage::Saving => vec!["writing the configuration file …".into()],
    }
}
