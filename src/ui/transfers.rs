//! Draws the pane Transfers: a row each, what is waiting for what in the title, the speed of all on the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Look;
use super::columns::{Side, put};
use super::hits;
use super::list::{below, remark};
use super::pane::{Cut, Piece, pane, thumb};
use super::progress;
use crate::app::Transfers;
use crate::app::transfers::words::{Saying, standing};
use crate::domain::display::{display, fit, width};
use crate::domain::format;

/// Columns before the row: the cursor's bar and the tick.
const GUTTER: u16 = 2;

/// Draws the pane; `held` rows at its top say which profiles stand still.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    look: &Look,
    saying: Saying<'_>,
    transfers: &Transfers,
    held: u16,
    focused: bool,
) {
    let name = look.title("3", "Transfers", focused);
    let (counts, speed) = totals(transfers, area.width);
    let title = [&name[..], &[Piece { text: &counts, style: look.theme.quiet, cut: Cut::Beginning }]].concat();
    let inner = pane(buffer, area, &look.theme, focused, &title, &speed);
    standing_still(buffer, Rect { height: held.min(inner.height), ..inner }, look, saying, transfers);
    let rows = Rect { y: inner.y + held.min(inner.height), height: inner.height.saturating_sub(held), ..inner };
    draw_rows(buffer, rows, look, saying, transfers, focused);
    thumb(buffer, area, look.border(focused), transfers.list().offset(), transfers.list().len() as u64);
}

fn draw_rows(buffer: &mut Buffer, area: Rect, look: &Look, saying: Saying<'_>, transfers: &Transfers, focused: bool) {
    let list = transfers.list();
    if list.is_empty() {
        let nothing = if list.filter().is_empty() { "nothing to do" } else { "no transfer has that; Esc shows all" };
        remark(buffer, area, look.theme.quiet, &[nothing.into()]);
    }
    let last = list.len().min(list.offset() + usize::from(area.height));
    let shown = (list.offset()..last).filter_map(|position| transfers.row(position));
    let through = progress::name_columns(behind_gutter(area), shown, saying);
    for (y, position) in (area.y..area.bottom()).zip(list.offset()..last) {
        let Some(view) = transfers.row(position) else { continue };
        let row = Rect { y, height: 1, ..area };
        let here = list.cursor() == position;
        let under = gutter(buffer, row, look, here && focused, list.is_marked(position));
        let row = behind_gutter(row);
        let named = progress::name_area(row, view, through, saying);
        let line = progress::Line { view, hold: transfers.hold_of(view), named, under };
        progress::draw(buffer, row, &look.theme, saying, &line);
        let name = progress::name(view, named);
        hits::mark(buffer, named, &name, list.filter(), look.theme.hit);
        if here && focused {
            below(buffer, area, look.theme.quiet, &display(&view.transfer.key), &name);
        }
    }
}

/// One line for each profile that stands still, however many wait behind it.
fn standing_still(buffer: &mut Buffer, area: Rect, look: &Look, saying: Saying<'_>, transfers: &Transfers) {
    for (y, (lane, hold)) in (area.y..area.bottom()).zip(transfers.held()) {
        let row = behind_gutter(Rect { y, height: 1, ..area });
        let (symbol, style) = match hold.next_try_in {
            Some(_) => ("!", look.theme.warning),
            None => ("✗", look.theme.bad),
        };
        let name = display(&lane.profile.name);
        let name = fit(&name, usize::from(row.width / 3));
        let room = usize::from(row.width).saturating_sub(width(&name) + 4);
        let why = standing(hold, room, saying);
        let verb = if hold.waiting == 1 { "waits" } else { "wait" };
        let waiting = format!(" · {} {verb}", format::count(hold.waiting as u64));
        let waiting = if width(&why) + width(&waiting) <= room { waiting } else { String::new() };
        put(buffer, row.x, y, 1.min(row.width), Side::Left, symbol, style);
        let text = format!("{name}  {why}{waiting}");
        put(buffer, row.x + 2, y, row.width.saturating_sub(2), Side::Left, &text, style);
    }
}

fn behind_gutter(row: Rect) -> Rect {
    Rect { x: row.x + GUTTER.min(row.width), width: row.width.saturating_sub(GUTTER), ..row }
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

/// A piece of the title; those of higher rank give way first.
struct Part {
    rank: u8,
    text: String,
}

/// Columns of the borders, the pane's name and the gaps around the totals.
const AROUND: usize = 22;

/// What the title says on the left and on the right, as much as there is room for.
fn totals(transfers: &Transfers, columns: u16) -> (String, String) {
    let (mut left, mut right) = (counted(transfers), moving(transfers));
    while joined(&left).1 + joined(&right).1 + AROUND > usize::from(columns) {
        let worst = left.iter().chain(&right).map(|part| part.rank).max().unwrap_or(0);
        left.retain(|part| part.rank < worst);
        right.retain(|part| part.rank < worst);
        if worst == 0 {
            break;
        }
    }
    (joined(&left).0, joined(&right).0)
}

fn joined(parts: &[Part]) -> (String, usize) {
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    let text = texts.join(" · ");
    let columns = width(&text);
    (text, columns)
}

/// `1 failed · 2 running · ≥ 1,204 queued · 1 waiting for the catalog`.
fn counted(transfers: &Transfers) -> Vec<Part> {
    let counts = transfers.counts();
    let elsewhere = counts.waiting.saturating_sub(counts.waiting_for_catalog);
    let parts = [
        (0, counts.failed, "", "failed"),
        (2, counts.running, "", "running"),
        (3, counts.queued, at_least(transfers), "queued"),
        (3, elsewhere, at_least_of_held(transfers), "waiting"),
        (3, counts.waiting_for_catalog, "", "waiting for the catalog"),
        (4, counts.paused, "", "paused"),
    ];
    let some = parts.into_iter().filter(|(_, number, _, _)| *number > 0);
    some.map(|(rank, number, about, word)| Part {
        rank,
        text: format!("{about}{} {word}", format::count(number as u64)),
    })
    .collect()
}

/// What stands before a total while folders are still being walked.
fn at_least(transfers: &Transfers) -> &'static str {
    if transfers.queue().walks > 0 { "≥ " } else { "" }
}

/// What is walked into a profile that stands still waits too.
fn at_least_of_held(transfers: &Transfers) -> &'static str {
    if transfers.held().next().is_some() { at_least(transfers) } else { "" }
}

/// `62% of 4.1 GiB · limit 50 MiB/s · 48.1 MiB/s · 0:42 left`.
fn moving(transfers: &Transfers) -> Vec<Part> {
    let (queue, about) = (transfers.queue(), at_least(transfers));
    let mut parts = Vec::new();
    if let Some(percent) = transfers.percent() {
        parts.push(Part { rank: 6, text: format!("{percent}% of {about}{}", format::size(transfers.bytes())) });
    }
    parts.extend(limits(transfers).map(|text| Part { rank: 5, text }));
    if queue.rate > 0.0 {
        parts.push(Part { rank: 1, text: format::rate(queue.rate) });
        let left = queue.seconds_left.map(|left| format!("{about}{} left", format::clock(left)));
        parts.extend(left.map(|text| Part { rank: 2, text }));
    }
    parts
}

/// `limit 10 MiB/s`; with its name where there is more than one profile.
fn limits(transfers: &Transfers) -> impl Iterator<Item = String> {
    let lanes = &transfers.queue().lanes;
    let limited = lanes.iter().filter(|lane| lane.limits.rate > 0);
    limited.map(|lane| {
        let name = if lanes.len() > 1 { format!("{} ", display(&lane.profile.name)) } else { String::new() };
        format!("{name}limit {}", format::rate(lane.limits.rate as f64))
    })
}
