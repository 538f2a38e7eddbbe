//! Draws the pane Transfers: a row each, what is waiting for what in the title, the speed of all on the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Look;
use super::columns::{Side, put};
use super::list::remark;
use super::pane::{Piece, pane, thumb};
use super::progress;
use crate::app::Transfers;
use crate::app::transfers::Counts;
use crate::domain::format;
use crate::domain::transfer::QueueView;

/// Columns before the row: the cursor's bar and the tick.
const GUTTER: u16 = 2;

/// Draws the pane.
pub fn draw(buffer: &mut Buffer, area: Rect, look: &Look, transfers: &Transfers, focused: bool) {
    let counts = counted(transfers.counts());
    let title = look.title("3", "Transfers", focused);
    let title = [&title[..], &[Piece { text: &counts, style: look.theme.quiet }]].concat();
    let inner = pane(buffer, area, &look.theme, focused, &title, &speed(transfers.queue()));
    let list = transfers.list();
    if list.is_empty() {
        let nothing = if list.filter().is_empty() { "nothing to do" } else { "no transfer has that; Esc shows all" };
        remark(buffer, inner, look.theme.quiet, &[nothing.into()]);
    }
    let last = list.len().min(list.offset() + usize::from(inner.height));
    for (y, position) in (inner.y..inner.bottom()).zip(list.offset()..last) {
        let Some(view) = transfers.row(position) else { continue };
        let row = Rect { y, height: 1, ..inner };
        let here = list.cursor() == position;
        let under = gutter(buffer, row, look, here && focused, list.is_marked(position));
        let rest = Rect { x: row.x + GUTTER.min(row.width), width: row.width.saturating_sub(GUTTER), ..row };
        progress::draw(buffer, rest, &look.theme, view, under);
    }
    thumb(buffer, area, look.border(focused), list.offset(), list.len() as u64);
}

fn gutter(buffer: &mut Buffer, row: Rect, look: &Look, here: bool, marked: bool) -> Style {
    let under = if here { look.theme.cursor } else { Style::new() };
    buffer.set_style(row, under);
    if here {
        put(buffer, row.x, row.y, row.width.min(1), Side::Left, "▎", look.theme.accent.patch(under));
    }
    if marked {
        put(buffer, row.x + 1, row.y, row.width.saturating_sub(1).min(1), Side::Left, "✓", look.theme.marked);
    }
    under
}

/// `2 running · 1 waiting for the catalog · 1 failed`.
fn counted(counts: &Counts) -> String {
    let parts = [
        (counts.running, "running"),
        (counts.queued, "queued"),
        (counts.waiting - counts.waiting_for_catalog.min(counts.waiting), "waiting"),
        (counts.waiting_for_catalog, "waiting for the catalog"),
        (counts.paused, "paused"),
        (counts.failed, "failed"),
    ];
    let said = parts.iter().filter(|(number, _)| *number > 0);
    let said: Vec<String> = said.map(|(number, word)| format!("{} {word}", format::count(*number as u64))).collect();
    said.join(" · ")
}

/// `48.1 MiB/s · 0:42 left`.
fn speed(queue: &QueueView) -> String {
    match (queue.rate > 0.0, queue.seconds_left) {
        (true, Some(left)) => format!("{} · {} left", format::rate(queue.rate), format::clock(left)),
        (true, None) => format::rate(queue.rate),
        (false, _) => String::new(),
    }
}
