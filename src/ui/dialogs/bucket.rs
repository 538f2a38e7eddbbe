//! Draws what is known of the bucket in force: names on the left, what they tell on the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Drawn;
use super::scrolled::{open, thumb};
use crate::app::dialog::BucketDialog;
use crate::app::facts::{FactRow, NAMES, Tone};
use crate::ui::Look;
use crate::ui::columns::{Side, put};
use crate::ui::theme::Theme;

/// Draws the dialog.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &BucketDialog, rows: &[FactRow]) -> Drawn {
    let title = format!("Bucket {}", dialog.profile.bucket());
    let inner = open(buffer, screen, look, &title, rows.len());
    for (y, row) in (inner.y..inner.bottom()).zip(rows.iter().skip(dialog.scroll.offset)) {
        let names = NAMES.min(inner.width);
        put(buffer, inner.x, y, names, Side::Left, row.name, look.theme.quiet);
        let style = style(&look.theme, row.tone);
        put(buffer, inner.x + names, y, inner.width - names, Side::Left, &row.text, style);
    }
    thumb(buffer, inner, look, dialog.scroll.offset, rows.len());
    Drawn::around(inner)
}

fn style(theme: &Theme, tone: Tone) -> Style {
    match tone {
        Tone::Plain => theme.text,
        Tone::Quiet => theme.quiet,
        Tone::Note => theme.accent,
        Tone::Bad => theme.bad,
    }
}
