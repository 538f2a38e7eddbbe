//! What is longer than its dialog: everything said so far, everything about a transfer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Drawn, framed};
use crate::app::MessageRow;
use crate::app::layout::{WIDEST_SCROLL, scroll_page};
use crate::app::transfers::details::{DetailRow, NAMES};
use crate::ui::columns::{Side, put};
use crate::ui::{Look, notices, pane};

/// The dialog's inside: as high as its rows, as far as the screen goes.
pub fn open(buffer: &mut Buffer, screen: Rect, look: &Look, title: &str, rows: usize) -> Rect {
    let rows = u16::try_from(rows.clamp(1, scroll_page(screen.as_size()).max(1))).unwrap_or(u16::MAX);
    let height = rows.saturating_add(2).min(screen.height);
    let width = screen.width.min(WIDEST_SCROLL);
    let area =
        Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 2, width, height };
    framed(buffer, area, look, title, look.theme.border_focus)
}

/// Says on the dialog's border that there is more, and where what is in sight stands in it.
pub fn thumb(buffer: &mut Buffer, list: Rect, look: &Look, offset: usize, rows: usize) {
    let Some(around) = around(list).filter(|around| buffer.area.intersection(*around) == *around) else { return };
    pane::thumb(buffer, around, look.theme.border_focus, offset, rows as u64);
}

/// A dialog's rows, with its borders beside them.
fn around(list: Rect) -> Option<Rect> {
    let (x, y) = (list.x.checked_sub(2)?, list.y.checked_sub(1)?);
    Some(Rect { x, y, width: list.width.checked_add(4)?, height: list.height.checked_add(2)? })
}

/// Draws everything said so far, the latest first.
pub fn messages(buffer: &mut Buffer, screen: Rect, look: &Look, rows: &[MessageRow<'_>], offset: usize) -> Drawn {
    let inner = open(buffer, screen, look, "Messages", rows.len());
    let theme = &look.theme;
    for (y, row) in (inner.y..inner.bottom()).zip(rows.iter().skip(offset)) {
        if let Some(notice) = row.begins {
            let (symbol, style) = notices::level_look(theme, notice.level);
            let time = notice.at.with_timezone(&chrono::Local).format("%H:%M:%S").to_string();
            put(buffer, inner.x, y, 8.min(inner.width), Side::Left, &time, theme.quiet);
            put(buffer, inner.x + 9, y, inner.width.saturating_sub(9).min(1), Side::Left, symbol, style);
        }
        put(buffer, inner.x + 11, y, inner.width.saturating_sub(11), Side::Left, &row.text, theme.text);
    }
    thumb(buffer, inner, look, offset, rows.len());
    Drawn::around(inner)
}

/// Draws everything about a transfer.
pub fn details(buffer: &mut Buffer, screen: Rect, look: &Look, rows: &[DetailRow], offset: usize) -> Drawn {
    let inner = open(buffer, screen, look, "Transfer", rows.len());
    let theme = &look.theme;
    for (y, row) in (inner.y..inner.bottom()).zip(rows.iter().skip(offset)) {
        let names = if row.apart { NAMES.min(inner.width) } else { 0 };
        let style = if row.bad { theme.bad } else { theme.text };
        put(buffer, inner.x, y, names, Side::Left, row.name, theme.quiet);
        put(buffer, inner.x + names, y, inner.width - names, Side::Left, &row.text, style);
    }
    thumb(buffer, inner, look, offset, rows.len());
    Drawn::around(inner)
}
