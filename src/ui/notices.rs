//! Draws notices: short sentences above the lower border, each with a bar in the colour and a symbol of its level; while a
//! dialog is open, the latest of them at the top of the screen, where it covers nothing of the dialog.

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Look;
use super::columns::{Side, put};
use super::pane::clear;
use super::theme::{Theme, over};
use crate::action::{Keymap, Place};
use crate::app::{Level, Notice};
use crate::domain::HomeFolder;
use crate::domain::display::{display, width, wrap};

/// Widest notice, in columns.
const WIDEST: u16 = 76;

/// Most rows of one notice; the rest is in the messages.
const HIGHEST: u16 = 3;

/// On a floor of fewer rows a notice has one of them, and two where it says why something was not done or what is wrong.
const SMALL: u16 = 10;

/// Draws them from the lower right of `floor` upwards, the newest at the bottom. On a small screen they give way: two
/// thirds of what they lie on stay in sight, and the row under the cursor where there is room above it.
pub fn draw(
    buffer: &mut Buffer,
    floor: Rect,
    look: &Look,
    keymap: &Keymap,
    shown: &[Notice],
    cursor: Option<Rect>,
    now: DateTime<Utc>,
) {
    // The first row of the border below; it stays free.
    let mut bottom = floor.bottom().saturating_sub(1);
    let mut room = room(floor, shown.last());
    for notice in shown.iter().rev() {
        let newest = bottom + 1 == floor.bottom();
        let most = if newest { HIGHEST.min(room) } else { HIGHEST };
        let rows = all_rows(notice, &look.home, keymap, floor.width, most, room);
        let height = u16::try_from(rows.len()).unwrap_or(0);
        if height == 0 || height > room || bottom < floor.y + 1 + height {
            return;
        }
        let columns = rows.iter().map(|row| width(&row.text)).max().unwrap_or(0);
        let columns =
            u16::try_from(columns).unwrap_or(floor.width).saturating_add(5).min(floor.width.saturating_sub(2));
        let x = floor.right().saturating_sub(columns + 1);
        let mut area = Rect { x, y: bottom - height, width: columns, height };
        if let Some(cursor) = cursor.filter(|cursor| area.intersects(*cursor) && cursor.y > floor.y + height) {
            area.y = cursor.y - height;
        }
        room -= height;
        bottom = area.y;
        let area = area.intersection(buffer.area);
        draw_one(buffer, area, &look.theme, notice.level, &rows);
        if notice.fades(now) {
            buffer.set_style(area, Style::new().add_modifier(Modifier::DIM));
        }
    }
}

/// One row of a notice.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    /// Whether a sentence begins here.
    begins: bool,
    text: String,
}

impl Row {
    fn of(lines: Vec<String>) -> impl Iterator<Item = Self> {
        lines.into_iter().enumerate().map(|(index, text)| Self { begins: index == 0, text })
    }
}

/// The rows of a notice: of what was found at once the first sentences for which there is room, and how many more there are.
fn all_rows(notice: &Notice, home: &HomeFolder, keymap: &Keymap, columns: u16, most: u16, room: u16) -> Vec<Row> {
    let further = notice.further.as_slice();
    let most_first = if further.is_empty() { most } else { most.min(room.saturating_sub(1)).max(1) };
    let mut rows: Vec<Row> = Row::of(lines(&first_of(notice), home, columns, most_first)).collect();
    for (index, text) in further.iter().enumerate() {
        let lines = lines(text, home, columns, HIGHEST);
        let is_last = index + 1 == further.len();
        if rows.len() + lines.len() + usize::from(!is_last) > usize::from(room) {
            let more = format!("and {} more: {{messages}} shows all", further.len() - index);
            rows.push(Row { begins: false, text: keymap.filled(Place::Local, &more) });
            break;
        }
        rows.extend(Row::of(lines));
    }
    rows
}

fn first_of(notice: &Notice) -> String {
    let again = if notice.times > 1 { format!("  ({} times)", notice.times) } else { String::new() };
    format!("{}{again}", notice.text)
}

/// How many rows all notices may take.
fn room(floor: Rect, newest: Option<&Notice>) -> u16 {
    let is_told_whole = newest.is_some_and(|notice| !matches!(notice.level, Level::Note | Level::Info));
    match floor.height < SMALL {
        true => 1 + u16::from(is_told_whole),
        false => floor.height / 3,
    }
}

/// Draws one on a single row.
pub fn line(buffer: &mut Buffer, row: Rect, look: &Look, notice: &Notice) {
    let all = 1 + notice.further.len();
    let of_all = if all > 1 { format!("1 of {all}: ") } else { String::new() };
    let text = format!("{of_all}{}", look.home.shorten(&display(&notice.text)));
    draw_one(buffer, row, &look.theme, notice.level, &[Row { begins: true, text }]);
}

fn draw_one(buffer: &mut Buffer, area: Rect, theme: &Theme, level: Level, rows: &[Row]) {
    clear(buffer, area, theme);
    let (symbol, style) = level_look(theme, level);
    buffer.set_style(area, theme.notice);
    for (y, row) in (area.y..area.bottom()).zip(rows) {
        let mark = if row.begins { symbol } else { "" };
        put(buffer, area.x, y, area.width.min(1), Side::Left, "▎", style.patch(theme.notice));
        put(buffer, area.x + 1, y, area.width.saturating_sub(1).min(1), Side::Left, mark, style.patch(theme.notice));
        put(buffer, area.x + 3, y, area.width.saturating_sub(4), Side::Left, &row.text, over(theme.text, theme.notice));
    }
}

fn lines(text: &str, home: &HomeFolder, room: u16, most: u16) -> Vec<String> {
    let mut lines = wrap(&home.shorten(&display(text)), room.min(WIDEST).saturating_sub(7));
    if lines.len() > usize::from(most) {
        lines.truncate(usize::from(most));
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
}

/// The symbol and the colour of a level.
pub fn level_look(theme: &Theme, level: Level) -> (&'static str, Style) {
    match level {
        Level::Note => ("·", theme.quiet),
        Level::Info => ("✓", theme.good),
        Level::Refusal | Level::Warning => ("!", theme.warning),
        Level::Error => ("✗", theme.bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{Depth, Palette};

    fn look() -> Look {
        let home = HomeFolder::new(Some("/home/me"));
        Look { theme: Theme::new(Palette::Dark), ascii: false, depth: Depth::None, home }
    }

    #[test]
    fn a_path_below_home_is_short_and_breaks_between_its_parts() {
        let text =
            "your text is kept in /home/me/.local/state/windlass/edits/0a58a1ee-5a5c-4d42-8a4e-31f4c4a5b6ff/a.txt";
        let home = HomeFolder::new(Some("/home/me"));
        let folder = "~/.local/state/windlass/edits/0a58a1ee-5a5c-4d42-8a4e-31f4c4a5b6ff/";
        assert_eq!(lines(text, &home, 120, 3), ["your text is kept in", folder, "a.txt"]);
        let narrow =
            ["your text is kept in", "~/.local/state/windlass/edits/", "0a58a1ee-5a5c-4d42-8a4e-31f4c4a5b6ff/…"];
        assert_eq!(lines(text, &home, 45, 3), narrow);
    }

    #[test]
    fn of_what_was_found_at_once_the_first_stand_there_and_how_many_more_there_are() {
        let further = (2..=7).map(|line| format!("line {line} is wrong")).collect();
        let notice = Notice { further, ..Notice::new(Level::Error, "line 1 is wrong".into(), DateTime::UNIX_EPOCH) };
        let told = |room: u16| {
            let rows = all_rows(&notice, &HomeFolder::new(None), &Keymap::default(), 80, HIGHEST.min(room), room);
            rows.into_iter().map(|row| (row.begins, row.text)).collect::<Vec<_>>()
        };
        let line = |line: usize| (true, format!("line {line} is wrong"));
        let more = |more: usize| (false, format!("and {more} more: ! shows all"));
        assert_eq!(told(2), [line(1), more(6)]);
        assert_eq!(told(4), [line(1), line(2), line(3), more(4)]);
        assert_eq!(told(7), (1..=7).map(line).collect::<Vec<_>>());
    }

    /// The rows that one notice takes where the cursor stands on that row.
    fn rows(cursor: u16) -> Vec<u16> {
        let floor = Rect { x: 0, y: 1, width: 80, height: 12 };
        let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width: 80, height: 20 });
        let now = DateTime::UNIX_EPOCH;
        let notice = Notice::new(Level::Info, "saved".into(), now);
        let cursor = Rect { y: cursor, height: 1, ..floor };
        draw(&mut buffer, floor, &look(), &Keymap::default(), &[notice], Some(cursor), now);
        let drawn = |y: &u16| (0..80).any(|x| buffer.cell((x, *y)).is_some_and(|cell| cell.symbol() == "▎"));
        (0..20).filter(drawn).collect()
    }

    #[test]
    fn a_notice_stands_above_the_row_under_the_cursor_where_there_is_room() {
        assert_eq!(rows(5), [11], "at the bottom, as ever");
        assert_eq!(rows(11), [10]);
        assert_eq!(rows(1), [11]);
    }
}
