//! Draws the line at the bottom: the filter being typed, keys that wait for more, and what can be pressed now, of which the
//! last, where help is found or the way out, is always there. What is said while a dialog is open stands there for its time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::columns::{Side, put};
use super::dialogs::input;
use super::{Cursor, Look, notices};
use crate::app::App;
use crate::app::hints::Hint;
use crate::domain::display::{display, width};

/// Blank columns between two hints.
const GAP: u16 = 2;

/// Columns of the filter being typed.
const FILTER: u16 = 28;

/// Draws the line; answers where the cursor of what is being typed stands.
pub fn draw(buffer: &mut Buffer, area: Rect, look: &Look, app: &App) -> Cursor {
    if let Some(notice) = app.notices().meanwhile() {
        notices::line(buffer, area, &look.theme, notice);
        return None;
    }
    let mut x = area.x + 1;
    let mut cursor = None;
    if let Some(typed) = app.typing() {
        put(buffer, x, area.y, 1, Side::Left, "/", look.theme.accent);
        let field = Rect { x: x + 1, width: FILTER.min(area.width.saturating_sub(3)), ..area };
        cursor = input::draw(buffer, field, look.theme.text, typed);
        x = field.right() + GAP;
    }
    let pending = app.pending();
    if !pending.is_empty() {
        x = word(buffer, x, area, &pending, look.theme.button) + GAP;
    }
    let hints = app.hints();
    let Some((last, others)) = hints.split_last() else { return cursor };
    for hint in others {
        if x + needed(hint) + GAP + needed(last) > area.right() {
            break;
        }
        x = draw_hint(buffer, x, area, look, hint);
    }
    if x + needed(last) <= area.right() {
        draw_hint(buffer, x, area, look, last);
    }
    cursor
}

/// Draws one; answers where the next may stand.
fn draw_hint(buffer: &mut Buffer, x: u16, area: Rect, look: &Look, hint: &Hint) -> u16 {
    let (keys, text) = match hint.disabled {
        true => (look.theme.border, look.theme.border.add_modifier(Modifier::DIM)),
        false => (look.theme.accent, look.theme.quiet),
    };
    let x = word(buffer, x, area, &hint.keys, keys) + 1;
    word(buffer, x, area, &hint.text, text) + GAP
}

fn needed(hint: &Hint) -> u16 {
    columns(&hint.keys) + 1 + columns(&hint.text)
}

fn word(buffer: &mut Buffer, x: u16, area: Rect, text: &str, style: ratatui::style::Style) -> u16 {
    let shown = display(text);
    let room = area.right().saturating_sub(x);
    put(buffer, x, area.y, room, Side::Left, &shown, style);
    x.saturating_add(columns(&shown))
}

fn columns(text: &str) -> u16 {
    u16::try_from(width(&display(text))).unwrap_or(u16::MAX / 4)
}
