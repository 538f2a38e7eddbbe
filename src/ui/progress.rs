//! One transfer as one row: arrow, name, then a bar with its figures while bytes move, or the state in words; where it
//! starts over, why. Figures give way from the right as the row gets narrower; the name and the percentage stay.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::columns::{Side, put};
use super::keys::fit_key;
use super::theme::{Theme, over};
use crate::app::transfers::words::{
    Saying, Tone, columns_of_why, least_columns, moves_bytes, percent, points_at_why, tells_why, tone, words, words_in,
};
use crate::domain::display::{display, width};
use crate::domain::format;
use crate::domain::transfer::{Hold, TransferKind, TransferState, TransferView};

/// Columns of the profile's name, shown from [`PROFILE_FROM`] on.
const PROFILE: u16 = 12;
const PROFILE_FROM: u16 = 84;

/// Columns of the figures beside the bar: sent of total, rate, time left; each with its gap.
const AMOUNT: u16 = 19;
const RATE: u16 = 13;
const LEFT: u16 = 9;

/// Shortest bar worth drawing.
const BAR: u16 = 8;

/// A transfer as it is drawn.
pub struct Line<'a> {
    /// Which.
    pub view: &'a TransferView,
    /// What keeps its whole profile standing still.
    pub hold: Option<&'a Hold>,
    /// Where its name stands.
    pub named: Rect,
    /// The style beneath the row.
    pub under: Style,
}

/// Draws one transfer into one row.
pub fn draw(buffer: &mut Buffer, row: Rect, theme: &Theme, saying: Saying<'_>, line: &Line<'_>) {
    let Line { view, hold, named, under } = *line;
    let tone = tone(view, hold);
    let style = over(tone_style(theme, tone), under);
    put(buffer, row.x, row.y, 1.min(row.width), Side::Left, symbol(view, tone), style);
    put(buffer, named.x, row.y, named.width, Side::Left, &name(view, named), over(theme.text, under));
    let rest = behind(row, named.width);
    if row.width >= PROFILE_FROM {
        let name = display(&view.transfer.profile.name);
        put(buffer, rest.right() + 2, row.y, PROFILE, Side::Left, &name, theme.quiet.patch(under));
    }
    if moves_bytes(view) {
        return draw_bar(buffer, rest, theme, view, under);
    }
    let said = |room: Rect| words_in(view, hold, usize::from(room.width), saying);
    let near = if tone == Tone::Bad { behind_name(rest, named, view) } else { rest };
    let is_enough = tells_why(view, usize::from(rest.width), saying) || said(near) == said(rest);
    let room = if is_enough { rest } else { near };
    put(buffer, room.x, room.y, room.width, Side::Left, &said(room), style);
}

/// What a name of so many columns and the profile's name leave of a row.
fn behind(row: Rect, name: u16) -> Rect {
    let rest = after(row, name + 4);
    Rect { width: rest.width.saturating_sub(of_profile(row)), ..rest }
}

/// Columns of the profile's name and its gap, where it is shown.
const fn of_profile(row: Rect) -> u16 {
    if row.width >= PROFILE_FROM { PROFILE + 2 } else { 0 }
}

/// The room of the words with what the name leaves free before them: a reason that would be cut needs it more than rows need
/// to begin alike.
fn behind_name(rest: Rect, named: Rect, view: &TransferView) -> Rect {
    let taken = columns_of(&name(view, named)).min(named.width);
    let x = (named.x + taken + 2).min(rest.x);
    Rect { x, width: rest.right().saturating_sub(x), ..rest }
}

/// Where the name of what is transferred stands in its row, where those that are through have so many columns for it. What
/// failed has as many, and its words begin like theirs, if they can tell why in the room that is left, or could nowhere.
pub fn name_area(row: Rect, view: &TransferView, through: u16, saying: Saying<'_>) -> Rect {
    let named = |columns| Rect { x: row.x + 2, width: columns, ..row };
    let usual = named(usual(row));
    let near = behind_name(behind(row, usual.width), usual, view);
    let tells = tells_why(view, usize::from(behind(row, through).width), saying);
    let is_wide = is_through(view) || tells || points_at_why(view, usize::from(near.width), saying);
    if is_wide { named(through) } else { usual }
}

/// How many columns the names of those have that are through: they need no bar, and what their words leave is the names'.
/// It is one number for all that are shown, so that their words begin alike, and those of what failed, if it can be said why
/// in half of the row or little more.
pub fn name_columns<'a>(row: Rect, shown: impl Iterator<Item = &'a TransferView> + Clone, saying: Saying<'_>) -> u16 {
    let failed = shown.clone().filter_map(|view| u16::try_from(least_columns(view, saying)?).ok());
    let pointing = u16::try_from(columns_of_why(saying)).unwrap_or(u16::MAX);
    let failed = failed.map(|columns| if columns <= row.width / 5 * 3 { columns } else { pointing });
    let through = shown.filter(|view| is_through(view));
    let words = through.clone().map(|view| columns_of(&words(view, None, saying)));
    let longest = words.chain(failed).max().unwrap_or(u16::MAX);
    let room = row.width.saturating_sub(longest.saturating_add(4 + of_profile(row)));
    let names = through.map(|view| columns_of(&display(&view.transfer.key))).filter(|name| *name <= room);
    names.max().unwrap_or(0).max(usual(row))
}

/// Whether nothing is to be said of it but how it has ended.
fn is_through(view: &TransferView) -> bool {
    !view.transfer.state.is_open() && view.transfer.state != TransferState::Failed
}

fn usual(row: Rect) -> u16 {
    (row.width / 4).clamp(8, 32).min(row.width.saturating_sub(2))
}

fn columns_of(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}

/// The name as it is drawn there.
pub fn name(view: &TransferView, area: Rect) -> String {
    fit_key(&display(&view.transfer.key), usize::from(area.width)).into_owned()
}

fn draw_bar(buffer: &mut Buffer, area: Rect, theme: &Theme, view: &TransferView, under: Style) {
    let through = percent(view);
    let label = through.map_or_else(|| "…".to_owned(), |percent| format!("{percent}%"));
    put(buffer, area.x, area.y, 4.min(area.width), Side::Right, &label, over(theme.text, under));
    let mut rest = after(area, 5);
    let note = view.transfer.note().map(|note| display(&note.what));
    let least = note.as_ref().map_or(BAR, |note| u16::try_from(width(note)).unwrap_or(u16::MAX / 2));
    for (columns, text) in figures(view) {
        if rest.width >= columns + least {
            rest.width -= columns;
            put(buffer, rest.right() + 2, area.y, columns - 2, Side::Right, &text, theme.quiet.patch(under));
        } else {
            break;
        }
    }
    match note {
        Some(note) => put(buffer, rest.x, rest.y, rest.width, Side::Left, &note, theme.warning.patch(under)),
        None => bar(buffer, rest, view, theme, under),
    }
}

/// What stands right of the bar, from the right end inwards, and how many columns each takes with its gap.
fn figures(view: &TransferView) -> [(u16, String); 3] {
    let total = view.transfer.size.map_or_else(|| "?".into(), format::size);
    let left = view.seconds_left().map_or_else(String::new, format::clock);
    let amount = amount(&format::size(view.sent), &total);
    let rate = if view.rate > 0.0 { format::rate(view.rate) } else { String::new() };
    [(LEFT, left), (RATE, rate), (AMOUNT + 2, amount)]
}

/// `1.2 / 1.9 GiB` where both have one unit, else `900 MiB / 1.9 GiB`.
fn amount(sent: &str, total: &str) -> String {
    match (sent.split_once(' '), total.split_once(' ')) {
        (Some((figure, unit)), Some((_, of))) if unit == of => format!("{figure} / {total}"),
        _ => format!("{sent} / {total}"),
    }
}

/// What the other side has acknowledged is solid, what was only sent is broken, the rest is thin: three symbols, so that
/// they are told apart without colour.
fn bar(buffer: &mut Buffer, area: Rect, view: &TransferView, theme: &Theme, under: Style) {
    let (acknowledged, sent) = (columns(view, view.transfer.acknowledged, area), columns(view, view.sent, area));
    for offset in 0..area.width {
        let (symbol, style) = match offset {
            _ if offset < acknowledged => ("━", theme.border_focus),
            _ if offset < sent => ("╍", theme.border_focus),
            _ => ("─", theme.border),
        };
        put(buffer, area.x + offset, area.y, 1, Side::Left, symbol, style.patch(under));
    }
}

/// How many columns of the bar so many bytes are.
fn columns(view: &TransferView, bytes: u64, area: Rect) -> u16 {
    let size = view.transfer.size.unwrap_or(0).max(1);
    let columns = u128::from(area.width) * u128::from(bytes.min(size)) / u128::from(size);
    u16::try_from(columns).unwrap_or(area.width)
}

fn symbol(view: &TransferView, tone: Tone) -> &'static str {
    match (tone, view.transfer.kind) {
        (Tone::Good, _) => "✓",
        (Tone::Bad, _) => "✗",
        (_, TransferKind::Upload) => "↑",
        (_, TransferKind::Download) => "↓",
        (_, TransferKind::Delete) => "×",
        (_, TransferKind::Request) => "←",
    }
}

fn tone_style(theme: &Theme, tone: Tone) -> Style {
    match tone {
        Tone::Going => theme.accent,
        Tone::Waiting => theme.warning,
        Tone::Good => theme.good,
        Tone::Bad => theme.bad,
        Tone::Still => theme.quiet,
    }
}

fn after(area: Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    Rect { x: area.x + columns, width: area.width - columns, ..area }
}
