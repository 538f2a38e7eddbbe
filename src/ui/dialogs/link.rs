//! Links, whole: over the full width and without borders beside them, so that a mouse selects the link and nothing else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Drawn;
use crate::app::dialog::{Copies, LinkDialog, LinkRow};
use crate::domain::format;
use crate::ui::Look;
use crate::ui::columns::{Side, put};
use crate::ui::pane::clear;

/// Draws the rows from `dialog.offset` on, as far as there is room.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &LinkDialog) -> Drawn {
    let rows = dialog.rows(screen.width);
    let foot = dialog.foot(screen.width);
    let shown = rows.len().min(dialog.page(screen.as_size()));
    let height = u16::try_from(shown + foot.len() + 2).unwrap_or(u16::MAX).min(screen.height);
    let area = Rect { y: screen.y + (screen.height - height) / 2, height, ..screen };
    clear(buffer, area, &look.theme);
    rule(buffer, area, area.y, look, &title(dialog));
    for (y, row) in (area.y + 1..area.bottom()).zip(rows.iter().skip(dialog.offset).take(shown)) {
        let (text, style) = match row {
            LinkRow::Key(key) => (key.as_str(), look.theme.quiet),
            LinkRow::Piece(piece) => (piece.expose(), look.theme.text),
            LinkRow::Note(note) => (note.as_str(), look.theme.warning),
        };
        put(buffer, area.x, y, area.width, Side::Left, text, style);
    }
    let from = area.bottom().saturating_sub(u16::try_from(foot.len() + 1).unwrap_or(u16::MAX)).max(area.y);
    for (y, row) in (from..area.bottom()).zip(&foot) {
        put(buffer, area.x, y, area.width, Side::Left, row, look.theme.good);
    }
    let below = if dialog.offset + shown < rows.len() { "more: j" } else { "" };
    rule(buffer, area, area.bottom().saturating_sub(1), look, below);
    Drawn { area, ..Drawn::default() }
}

fn title(dialog: &LinkDialog) -> String {
    match (dialog.links.len(), dialog.copies) {
        (1, _) | (_, Copies::One(_)) => format!("The {}", dialog.noun),
        (several, Copies::All) => format!("{} {}s", format::count(several as u64), dialog.noun),
    }
}

fn rule(buffer: &mut Buffer, area: Rect, y: u16, look: &Look, title: &str) {
    let line = "─".repeat(usize::from(area.width));
    put(buffer, area.x, y, area.width, Side::Left, &line, look.theme.border_focus);
    if !title.is_empty() {
        put(buffer, area.x + 2, y, area.width.saturating_sub(4), Side::Left, &format!(" {title} "), look.theme.accent);
    }
}
