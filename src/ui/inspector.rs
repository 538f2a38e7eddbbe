//! Draws the inspector: fields with their names on the left, then what is seen of the bytes, in colours where it is text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Look;
use super::columns::{Side, put};
use super::pane::{Cut, Piece, pane, thumb};
use super::picture;
use super::theme::Theme;
use crate::app::App;
use crate::app::inspector::{InspectorRow, NAMES, Subject, Tone, text_columns};
use crate::domain::display::{display, width};
use crate::domain::preview::Ink;

/// Columns of what facts are called, or of the sizes of an archive's files, with the gap behind them.
const FACTS: u16 = 10;

/// Draws the pane.
pub fn draw(buffer: &mut Buffer, area: Rect, look: &Look, app: &App) {
    let Some(inspector) = app.inspector() else { return };
    let place = match inspector.subject() {
        Some(Subject::File(path)) => look.home.show(path),
        Some(Subject::Object { name: Some(name), .. }) => display(name).into_owned(),
        Some(Subject::Object { key, .. } | Subject::Prefix(key)) => display(key).into_owned(),
        None => String::new(),
    };
    let zoomed = inspector.is_zoomed();
    let name = if inspector.is_preview_alone() { "Preview" } else { "Inspector" };
    let style = if zoomed { look.theme.accent } else { look.theme.text };
    let piece = |text, style| Piece { text, style, cut: Cut::Beginning };
    let title = [piece(name, style), piece("", style), piece(&place, look.theme.quiet)];
    let inner = pane(buffer, area, &look.theme, zoomed, &title, "");
    let inside = Rect { x: inner.x + 1.min(inner.width), width: text_columns(inner.width), ..inner };
    let rows = app.inspector_rows(inside.width, usize::from(inside.height));
    let (offset, furthest) = app.inspector_scrolled(inside.width, usize::from(inside.height));
    let border = if zoomed { look.theme.border_focus } else { look.theme.border };
    thumb(buffer, area, border, offset, furthest as u64 + u64::from(inside.height));
    for (y, row) in (inside.y..inside.bottom()).zip(&rows) {
        draw_row(buffer, Rect { y, height: 1, ..inside }, look, row);
    }
    if let Some((above, graphics)) = app.graphics() {
        let above = u16::try_from(above).unwrap_or(u16::MAX).min(inside.height);
        picture::place(
            buffer,
            Rect { y: inside.y + above, height: inside.height - above, ..inside },
            graphics,
            look.theme.ground,
        );
    }
}

fn draw_row(buffer: &mut Buffer, area: Rect, look: &Look, row: &InspectorRow) {
    let (Rect { x, y, width: room, .. }, theme) = (area, &look.theme);
    match row {
        InspectorRow::Field { name, text, tone } => {
            let names = NAMES.min(room);
            put(buffer, x, y, names, Side::Left, name, theme.quiet);
            put(buffer, x + names, y, room - names, Side::Left, text, of_tone(theme, *tone));
        }
        InspectorRow::Heading(text, hint) => heading(buffer, area, theme, text, hint),
        InspectorRow::Text(pieces) => inked(buffer, area, theme, pieces),
        InspectorRow::Hex(from, numbers, letters) => {
            let (first, second) = (columns(from) + 2, columns(numbers) + 2);
            put(buffer, x, y, room, Side::Left, from, theme.quiet);
            put(buffer, x + first.min(room), y, room.saturating_sub(first), Side::Left, numbers, theme.text);
            let at = first.saturating_add(second);
            put(buffer, x + at.min(room), y, room.saturating_sub(at), Side::Left, letters, theme.folder);
        }
        InspectorRow::Fact(name, value) => {
            let names = FACTS.min(room);
            put(buffer, x, y, names.saturating_sub(1), Side::Left, name, theme.quiet);
            put(buffer, x + names, y, room - names, Side::Left, value, theme.text);
        }
        InspectorRow::Blocks(cells) => picture::draw(buffer, area, look.depth, cells),
        InspectorRow::Remark(text) => put(buffer, x, y, room, Side::Left, text, theme.quiet),
    }
}

/// What the bytes are, on a line that parts them from the fields, and behind it how to see the rest of these.
fn heading(buffer: &mut Buffer, area: Rect, theme: &Theme, text: &str, hint: &str) {
    let line = "─".repeat(usize::from(area.width));
    put(buffer, area.x, area.y, area.width, Side::Left, &line, theme.border);
    let shown = format!(" {} ", display(text));
    put(buffer, area.x + 1.min(area.width), area.y, area.width.saturating_sub(1), Side::Left, &shown, theme.accent);
    let (hint, used) = (format!(" {hint} "), columns(&shown) + 2);
    let room = area.width.saturating_sub(used);
    if hint.len() > 2 && columns(&hint) < room {
        let at = area.right() - columns(&hint) - 1;
        put(buffer, at, area.y, columns(&hint), Side::Left, &hint, theme.quiet);
    }
}

fn inked(buffer: &mut Buffer, area: Rect, theme: &Theme, pieces: &[(Ink, String)]) {
    let mut x = area.x;
    for (ink, text) in pieces {
        put(buffer, x, area.y, area.right().saturating_sub(x), Side::Left, text, of_ink(theme, *ink));
        x = x.saturating_add(columns(text));
    }
}

const fn of_ink(theme: &Theme, ink: Ink) -> Style {
    match ink {
        Ink::Plain => theme.text,
        Ink::Comment => theme.quiet,
        Ink::Str => theme.good,
        Ink::Number => theme.marked,
        Ink::Keyword => theme.accent,
        Ink::Key => theme.folder,
    }
}

const fn of_tone(theme: &Theme, tone: Tone) -> Style {
    match tone {
        Tone::Plain => theme.text,
        Tone::Quiet => theme.quiet,
        Tone::Good => theme.good,
        Tone::Differs => theme.warning,
        Tone::Failed => theme.bad,
    }
}

fn columns(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}
