//! Draws notices: short sentences above the lower border, each with a bar in the colour and a symbol of its level; nothing
//! but the hint line has any while a dialog is open.

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Look;
use super::columns::{Side, put};
use super::pane::clear;
use super::theme::{Theme, over};
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
pub fn draw(buffer: &mut Buffer, floor: Rect, look: &Look, shown: &[Notice], cursor: Option<Rect>, now: DateTime<Utc>) {
    // The first row of the border below; it stays free.
    let mut bottom = floor.bottom().saturating_sub(1);
    let mut room = room(floor, shown.last());
    for notice in shown.iter().rev() {
        let newest = bottom + 1 == floor.bottom();
        let lines = lines(notice, &look.home, floor.width, if newest { HIGHEST.min(room) } else { HIGHEST });
        let height = u16::try_from(lines.len()).unwrap_or(0);
        if height == 0 || height > room || bottom < floor.y + 1 + height {
            return;
        }
        let columns = lines.iter().map(|line| width(line)).max().unwrap_or(0);
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
        draw_one(buffer, area, &look.theme, notice.level, &lines);
        if notice.fades(now) {
            buffer.set_style(area, Style::new().add_modifier(Modifier::DIM));
        }
    }
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
    draw_one(buffer, row, &look.theme, notice.level, &[look.home.shorten(&display(&notice.text))]);
}

fn draw_one(buffer: &mut Buffer, area: Rect, theme: &Theme, level: Level, lines: &[String]) {
    clear(buffer, area);
    let (symbol, style) = level_look(theme, level);
    buffer.set_style(area, theme.notice);
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        let mark = if y == area.y { symbol } else { "" };
        put(buffer, area.x, y, area.width.min(1), Side::Left, "▎", style.patch(theme.notice));
        put(buffer, area.x + 1, y, area.width.saturating_sub(1).min(1), Side::Left, mark, style.patch(theme.notice));
        put(buffer, area.x + 3, y, area.width.saturating_sub(4), Side::Left, line, over(theme.text, theme.notice));
    }
}

fn lines(notice: &Notice, home: &HomeFolder, room: u16, most: u16) -> Vec<String> {
    let again = if notice.times > 1 { format!("  ({} times)", notice.times) } else { String::new() };
    let text = format!("{}{again}", home.shorten(&display(&notice.text)));
    let mut lines = wrap(&text, room.min(WIDEST).saturating_sub(7));
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
        let at = DateTime::UNIX_EPOCH;
        let notice = Notice { level: Level::Info, text: text.into(), about: None, times: 1, at };
        let home = HomeFolder::new(Some("/home/me"));
        let folder = "~/.local/state/windlass/edits/0a58a1ee-5a5c-4d42-8a4e-31f4c4a5b6ff/";
        assert_eq!(lines(&notice, &home, 120, 3), ["your text is kept in", folder, "a.txt"]);
        let narrow =
            ["your text is kept in", "~/.local/state/windlass/edits/", "0a58a1ee-5a5c-4d42-8a4e-31f4c4a5b6ff/…"];
        assert_eq!(lines(&notice, &home, 45, 3), narrow);
    }

    /// The rows that one notice takes where the cursor stands on that row.
    fn rows(cursor: u16) -> Vec<u16> {
        let floor = Rect { x: 0, y: 1, width: 80, height: 12 };
        let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width: 80, height: 20 });
        let now = DateTime::UNIX_EPOCH;
        let notice = Notice { level: Level::Info, text: "saved".into(), about: None, times: 1, at: now };
        let cursor = Rect { y: cursor, height: 1, ..floor };
        draw(&mut buffer, floor, &look(), &[notice], Some(cursor), now);
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
