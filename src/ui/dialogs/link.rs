//! Links, whole: over the full width and without borders beside them, so that a mouse selects the link and nothing else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::dialog::{Copies, LinkDialog, LinkRow};
use crate::domain::display::display;
use crate::domain::format;
use crate::ui::Look;
use crate::ui::columns::{Side, put};
use crate::ui::pane::clear;

/// Draws the rows from `dialog.offset` on, as far as there is room.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &LinkDialog) {
    let rows = dialog.rows(screen.width);
    let page = LinkDialog::page(screen.as_size());
    let shown = rows.len().min(page);
    let height = u16::try_from(shown)
        .unwrap_or(u16::MAX)
        .saturating_add(3 + u16::from(dialog.note.is_some()))
        .min(screen.height);
    let area = Rect { y: screen.y + (screen.height - height) / 2, height, ..screen };
    clear(buffer, area);
    rule(buffer, area, area.y, look, &title(dialog));
    for (y, row) in (area.y + 1..area.bottom()).zip(rows.iter().skip(dialog.offset).take(shown)) {
        let (text, style) = match row {
            LinkRow::Key(key) => (key.as_str(), look.theme.quiet),
            LinkRow::Piece(piece) => (piece.expose(), look.theme.text),
        };
        put(buffer, area.x, y, area.width, Side::Left, text, style);
    }
    let foot = area.bottom().saturating_sub(2).max(area.y);
    put(buffer, area.x, foot, area.width, Side::Left, &said(dialog), look.theme.good);
    if let Some(note) = dialog.note {
        put(buffer, area.x, foot.saturating_sub(1).max(area.y), area.width, Side::Left, note, look.theme.warning);
    }
    let below = if dialog.offset + shown < rows.len() { "more: j" } else { "" };
    rule(buffer, area, area.bottom().saturating_sub(1), look, below);
}

fn title(dialog: &LinkDialog) -> String {
    match (dialog.links.len(), dialog.copies) {
        (1, _) | (_, Copies::One(_)) => format!("The {}", dialog.noun),
        (several, Copies::All) => format!("{} {}s", format::count(several as u64), dialog.noun),
    }
}

fn said(dialog: &LinkDialog) -> String {
    let parts = [dialog.said.as_deref(), dialog.good_for.as_deref()];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| display(part).into_owned()).collect();
    parts.join("; ")
}

fn rule(buffer: &mut Buffer, area: Rect, y: u16, look: &Look, title: &str) {
    let line = "─".repeat(usize::from(area.width));
    put(buffer, area.x, y, area.width, Side::Left, &line, look.theme.border_focus);
    if !title.is_empty() {
        put(buffer, area.x + 2, y, area.width.saturating_sub(4), Side::Left, &format!(" {title} "), look.theme.accent);
    }
}
