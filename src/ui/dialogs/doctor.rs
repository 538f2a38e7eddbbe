//! Draws what the doctor found: a symbol, the check, what was seen, and below it what to do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Drawn;
use super::scrolled::{open, thumb};
use crate::app::dialog::DoctorDialog;
use crate::app::doctor::{DoctorRow, NAMES};
use crate::domain::display::display;
use crate::domain::finding::Status;
use crate::ui::Look;
use crate::ui::columns::{Side, put};
use crate::ui::theme::Theme;

/// Draws the dialog.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &DoctorDialog, rows: &[DoctorRow]) -> Drawn {
    let title = format!("Doctor: {}, {}", display(&dialog.profile), dialog.sum());
    let inner = open(buffer, screen, look, &title, rows.len());
    let theme = &look.theme;
    for (y, row) in (inner.y..inner.bottom()).zip(rows.iter().skip(dialog.scroll.offset)) {
        if let Some(check) = row.check {
            let (symbol, style) = symbol(theme, row.status);
            put(buffer, inner.x, y, inner.width.min(1), Side::Left, symbol, style);
            let names = NAMES.saturating_sub(3).min(inner.width.saturating_sub(2));
            put(buffer, inner.x + 2.min(inner.width), y, names, Side::Left, check.name(), theme.text);
        }
        let start = NAMES.min(inner.width);
        put(buffer, inner.x + start, y, inner.width - start, Side::Left, &row.text, words(theme, row));
    }
    thumb(buffer, inner, look, dialog.scroll.offset, rows.len());
    Drawn::around(inner)
}

fn symbol(theme: &Theme, status: Option<Status>) -> (&'static str, Style) {
    match status {
        None => ("…", theme.quiet),
        Some(Status::Ok) => ("✓", theme.good),
        Some(Status::Skip) => ("–", theme.quiet),
        Some(Status::Warn) => ("!", theme.warning),
        Some(Status::Fail) => ("✗", theme.bad),
    }
}

fn words(theme: &Theme, row: &DoctorRow) -> Style {
    match row.status {
        _ if row.hint => theme.accent,
        None | Some(Status::Skip) => theme.quiet,
        Some(Status::Ok) => theme.text,
        Some(Status::Warn) => theme.warning,
        Some(Status::Fail) => theme.bad,
    }
}
