//! Draws the command palette and the help: a line to type where one is, actions with their keys, what is found in bold, and
//! at the foot why the one under the cursor cannot be done.

use std::path::Path;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Drawn, input, scrolled};
use crate::action::Entry;
use crate::app::{ActionRow, App, Hit, PaletteDialog, PaletteKind, PaletteRow, Spot};
use crate::domain::display::{display, width};
use crate::ui::Look;
use crate::ui::ascii;
use crate::ui::columns::{Side, put};
use crate::ui::theme::over;

/// Columns of an action's name, and of the place where it works.
const NAME: u16 = 16;
const PLACE: u16 = 13;

/// From so many columns on there is room for the name and what it does.
const BOTH_FROM: u16 = 56;

/// From so many columns on nothing is cut for the place, or in the help for the name, which only `keymap.toml` needs.
const ALL_FROM: u16 = 90;

/// Below so many rows the foot gives its row to the list while it has nothing to say.
const ROOMY_FROM: u16 = 8;

/// Where the reason stands why something cannot be done: below what it is about.
const INDENT: u16 = 4;

/// Draws the dialog.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, app: &App, dialog: &PaletteDialog) -> Drawn {
    let mut rows = app.palette_rows(dialog);
    if look.ascii {
        rows.iter_mut().for_each(spell_keys);
    }
    let title = if dialog.kind == PaletteKind::Help { "Help" } else { "Command" };
    let height = if dialog.typed.is_some() { usize::from(u16::MAX) } else { rows.len() };
    let inner = scrolled::open(buffer, screen, look, title, height);
    let foot = foot_of(look, dialog, &rows).filter(|_| dialog.typed.is_some());
    let spare = u16::from(foot.is_some() || inner.height >= ROOMY_FROM);
    let (list, cursor) = match &dialog.typed {
        None => (inner, None),
        Some(typed) => {
            let sign = if dialog.kind == PaletteKind::Help { "/" } else { ":" };
            // A line that was refused is seen to be open still.
            let style = if dialog.problem.is_some() { look.theme.bad } else { look.theme.text };
            put(buffer, inner.x, inner.y, 1.min(inner.width), Side::Left, sign, look.theme.accent);
            let field =
                Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), height: 1.min(inner.height), ..inner };
            let cursor = input::draw(buffer, field, style, typed);
            (Rect { y: inner.y + 1, height: inner.height.saturating_sub(1 + spare), ..inner }, cursor)
        }
    };
    let spots = draw_rows(buffer, list, look, dialog, &rows);
    if let Some((text, style)) = foot {
        put(buffer, inner.x, inner.bottom().saturating_sub(1), inner.width, Side::Left, &display(&text), style);
    }
    Drawn { cursor, ..Drawn::around(inner) }.hits(spots)
}

/// Writes arrow keys out: as `v` and `>` they would be read as keys of their own.
fn spell_keys(row: &mut PaletteRow) {
    if let PaletteRow::Action(row) = row {
        row.keys = ascii::spelt(&row.keys);
    }
}

/// Draws the rows; answers where those are that can be chosen.
fn draw_rows(buffer: &mut Buffer, area: Rect, look: &Look, dialog: &PaletteDialog, rows: &[PaletteRow]) -> Vec<Spot> {
    let chosen = chosen(dialog, rows);
    let columns = Columns::of(rows, area, dialog.typed.is_some());
    // The window may have become smaller since the offset was set.
    let page = usize::from(area.height);
    let least = chosen.map_or(0, |(index, _)| (index + 1).saturating_sub(page));
    let first = dialog.offset.max(least);
    let mut number = rows.iter().take(first).filter(|row| row.can_be_chosen()).count();
    let mut spots = Vec::new();
    for (y, (index, row)) in (area.y..area.bottom()).zip(rows.iter().enumerate().skip(first)) {
        let place = Rect { y, height: 1, ..area };
        let under = if chosen.is_some_and(|(at, _)| at == index) { look.theme.cursor } else { Style::new() };
        buffer.set_style(place, under);
        if chosen.is_some_and(|(at, _)| at == index) {
            put(buffer, area.x, y, 1.min(area.width), Side::Left, "▎", look.theme.accent.patch(under));
        }
        draw_row(buffer, place, look, columns, row, under);
        if row.can_be_chosen() {
            spots.push(Spot { area: place, hit: Hit::Row { row: number, first } });
            number += 1;
        }
    }
    scrolled::thumb(buffer, area, look, first, rows.len());
    spots
}

/// The row under the cursor, with its place among all.
fn chosen<'a>(dialog: &PaletteDialog, rows: &'a [PaletteRow]) -> Option<(usize, &'a PaletteRow)> {
    rows.iter().enumerate().filter(|(_, row)| row.can_be_chosen()).nth(dialog.cursor)
}

fn draw_row(buffer: &mut Buffer, area: Rect, look: &Look, columns: Columns, row: &PaletteRow, under: Style) {
    let theme = &look.theme;
    let mut text = |from: u16, columns: u16, text: &str, style: Style| {
        let from = from.min(area.width);
        put(buffer, area.x + from, area.y, columns.min(area.width - from), Side::Left, text, over(style, under));
    };
    match row {
        PaletteRow::Heading(heading) => text(0, area.width, heading, theme.accent),
        PaletteRow::Nothing(said) => text(1, area.width, &display(said), theme.quiet),
        PaletteRow::Reason(reason) => text(INDENT, area.width, &display(reason), theme.quiet),
        PaletteRow::Before(line) => {
            text(columns.name, area.width, &display(line), theme.text);
            text(1, columns.name.saturating_sub(2), "again", theme.quiet);
        }
        PaletteRow::Value { value, about, .. } => {
            let room = if about.is_empty() { area.width } else { columns.value };
            text(1, room, &display(value), theme.text);
            text(1 + columns.value + 2, area.width, &display(about), theme.quiet);
        }
        PaletteRow::File { path, about, .. } => {
            text(1, columns.value, &display(&file_name(path)), theme.text);
            text(1 + columns.value + 2, area.width, about, theme.quiet);
        }
        PaletteRow::Action(row) => action(buffer, area, look, columns, row, under),
    }
}

/// Where the columns of actions stand, counted from the left, and how wide values and names of files are.
#[derive(Clone, Copy)]
struct Columns {
    value: u16,
    name: u16,
    about: u16,
    /// Where what it does ends, and where the place of the action begins, if it is shown.
    end: u16,
    named: bool,
}

impl Columns {
    fn of(rows: &[PaletteRow], area: Rect, typed: bool) -> Self {
        let keys = rows.iter().map(|row| match row {
            PaletteRow::Action(row) => width(&display(&row.keys)),
            _ => 0,
        });
        let keys = u16::try_from(keys.max().unwrap_or(0)).unwrap_or(u16::MAX).clamp(5, (area.width / 4).max(5));
        let name = 1 + keys + 2;
        let named = typed || area.width >= ALL_FROM;
        let about = match (named, area.width >= BOTH_FROM) {
            (true, true) => name + NAME + 2,
            (true, false) => area.width,
            (false, _) => name,
        };
        let end = if typed && area.width >= ALL_FROM { area.width.saturating_sub(PLACE + 1) } else { area.width };
        Self { value: value_columns(rows, area), name, about, end, named }
    }
}

/// As many as the longest value has of those that something is said about, and half of the width at most.
fn value_columns(rows: &[PaletteRow], area: Rect) -> u16 {
    let longest = rows.iter().map(|row| match row {
        PaletteRow::Value { value, about, .. } if !about.is_empty() => width(&display(value)),
        PaletteRow::File { path, .. } => width(&display(&file_name(path))),
        _ => 0,
    });
    u16::try_from(longest.max().unwrap_or(0)).unwrap_or(u16::MAX).min(area.width / 2)
}

fn action(buffer: &mut Buffer, area: Rect, look: &Look, columns: Columns, row: &ActionRow, under: Style) {
    let (theme, entry) = (&look.theme, row.action.entry());
    let style = if row.reason.is_some() { theme.quiet } else { theme.text };
    let place = if columns.end < area.width { place(entry) } else { "" };
    // A place that needs no room leaves it to what the action does.
    let right = area.x + if place.is_empty() { area.width } else { columns.end };
    let keys = columns.name.saturating_sub(3);
    put(buffer, area.x + 1, area.y, keys, Side::Left, &display(&row.keys), over(style, under));
    if columns.named {
        name(buffer, area, look, columns, row, over(style, under));
    }
    let about = area.x + columns.about.min(columns.end);
    put(buffer, about, area.y, (right - about).saturating_sub(1), Side::Left, entry.about, over(theme.quiet, under));
    if !place.is_empty() {
        put(buffer, right, area.y, area.width - columns.end, Side::Left, place, over(theme.quiet, under));
    }
}

/// The name, with the letters that were typed.
fn name(buffer: &mut Buffer, area: Rect, look: &Look, columns: Columns, row: &ActionRow, style: Style) {
    let name = row.action.name();
    let end = columns.about.saturating_sub(2).max(columns.name).min(area.width);
    put(buffer, area.x + columns.name, area.y, end - columns.name.min(end), Side::Left, name, style);
    for hit in row.hits.iter().filter_map(|hit| u16::try_from(*hit).ok()) {
        if columns.name + hit < end
            && let Some(cell) = buffer.cell_mut((area.x + columns.name + hit, area.y))
        {
            cell.set_style(look.theme.hit);
        }
    }
}

/// Where an action works, unless it is everywhere.
fn place(entry: &Entry) -> &'static str {
    match entry.context {
        crate::action::Context::All | crate::action::Context::Lists => "",
        context => context.title(),
    }
}

/// What is wrong with the line, else why the row under the cursor cannot be done, else what may stand behind it.
fn foot_of(look: &Look, dialog: &PaletteDialog, rows: &[PaletteRow]) -> Option<(String, Style)> {
    let theme = &look.theme;
    match (&dialog.problem, chosen(dialog, rows)) {
        (Some(problem), _) => Some((problem.clone(), theme.bad)),
        (None, Some((_, PaletteRow::Action(row)))) => {
            foot(row).map(|text| (text, if row.reason.is_some() { theme.warning } else { theme.quiet }))
        }
        (None, Some((_, PaletteRow::File { path, .. }))) => {
            let path = look.home.show(path);
            Some((format!("Enter opens {path} in your editor"), theme.quiet))
        }
        (None, Some(_)) => None,
        (None, None) if !rows.is_empty() => None,
        (None, None) => Some(("Enter runs what is typed".to_owned(), theme.quiet)),
    }
}

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()
}

fn foot(row: &ActionRow) -> Option<String> {
    let takes = || row.action.argument().map(|argument| format!("may be followed by {}", argument.shape()));
    row.reason.as_ref().map(|reason| format!("not now: {reason}")).or_else(takes)
}
