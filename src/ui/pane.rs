//! The frame around a pane or dialog, and the bar that says which part of a long list is in sight. Everything inside is
//! drawn by the area's own file.

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::columns::{Side, put};
use super::theme::Theme;
use crate::app::scroll_bar::ScrollBar;
use crate::domain::display::{fit_end, width};
use crate::domain::format;

/// A piece of a title.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// Fit for display.
    pub text: &'a str,
    /// How it looks.
    pub style: Style,
    /// What becomes of it where there is no room.
    pub cut: Cut,
}

/// What becomes of a piece for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It loses its beginning: a path's end tells more.
    Beginning,
    /// It is left out: half of it says nothing.
    Whole,
}

/// From so many columns on, a title says how old the list is.
const AGE_FROM: u16 = 60;

/// What stands between the parts of a remark.
pub const PARTED: &str = " · ";

/// What is cut to fewer columns than this says nothing any more.
const LEAST_CUT: usize = 6;

/// Draws rounded borders with a title on the left and a remark on the right where there is room, and answers the room
/// inside.
pub fn pane(buffer: &mut Buffer, area: Rect, theme: &Theme, focused: bool, title: &[Piece<'_>], remark: &str) -> Rect {
    let border = if focused { theme.border_focus } else { theme.border };
    frame(buffer, area, border);
    if area.height == 0 || area.width < 8 {
        return inside(area);
    }
    let mut end = area.right() - 2;
    // The place can be cut and still be read; of a remark whole parts go, the first ones first.
    let remark = if both_fit(title, remark, area) { remark } else { fitting(remark, area) };
    let needed = columns_of(remark) + 2;
    if !remark.is_empty() {
        label(buffer, end - needed, area.y, end, remark, theme.quiet);
        end -= needed;
    }
    let mut x = area.x + 2;
    for (index, piece) in title.iter().enumerate() {
        // The number and the name belong together; what follows stands apart.
        x += u16::from(index > 1 && !piece.text.is_empty());
        let room = usize::from(end.saturating_sub(x + 2));
        if width(piece.text) > room && (room < LEAST_CUT || piece.cut == Cut::Whole) {
            break;
        }
        let text = fit_end(piece.text, room);
        x = label(buffer, x, area.y, end, &text, piece.style);
    }
    inside(area)
}

/// Whether there is room for the whole of a title beside a remark.
pub fn both_fit(title: &[Piece<'_>], remark: &str, area: Rect) -> bool {
    let gap = |index: usize| usize::from(index > 1) + 1;
    let shown = title.iter().enumerate().filter(|(_, piece)| !piece.text.is_empty());
    let title: usize = shown.map(|(index, piece)| width(piece.text) + gap(index)).sum();
    title + width(remark) + 7 <= usize::from(area.width)
}

/// As much of a remark's end as there is room for, begun behind a gap.
fn fitting(remark: &str, area: Rect) -> &str {
    let gaps = [PARTED, "  "].into_iter().flat_map(|gap| remark.match_indices(gap).map(|(at, gap)| at + gap.len()));
    let ends = gaps.filter_map(|start| remark.get(start..)).chain([remark]);
    ends.filter(|end| fits(end, area)).max_by_key(|end| end.len()).unwrap_or_default()
}

fn fits(remark: &str, area: Rect) -> bool {
    has_room(remark, area.width)
}

/// Whether a pane of so many columns has room for all of a remark, whatever its title.
pub fn has_room(remark: &str, columns: u16) -> bool {
    columns_of(remark).saturating_add(2) <= columns.saturating_mul(2) / 3
}

/// A remark about a list, with the hour that the list was read at where there is room for it. A clock and no length of time:
/// it stays true without being drawn again.
pub fn aged(remark: String, area: Rect, read_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    let Some(read_at) = read_at.filter(|_| area.width >= AGE_FROM) else { return remark };
    let aged = format!("{remark} as of {}", format::date(read_at, now)).trim_start().to_owned();
    // What the list shows matters more than since when.
    if remark.is_empty() || fits(&aged, area) { aged } else { remark }
}

/// Writes ` text ` over a border; answers where it ends.
fn label(buffer: &mut Buffer, x: u16, y: u16, end: u16, text: &str, style: Style) -> u16 {
    let room = end.saturating_sub(x);
    if text.is_empty() || room < 3 {
        return x;
    }
    let wanted = (columns_of(text) + 2).min(room);
    put(buffer, x, y, 1, Side::Left, " ", style);
    put(buffer, x + 1, y, wanted - 2, Side::Left, text, style);
    put(buffer, x + wanted - 1, y, 1, Side::Left, " ", style);
    x + wanted - 1
}

/// Writes a text over the border below the inside of a pane.
pub fn foot(buffer: &mut Buffer, inside: Rect, style: Style, text: &str) {
    label(buffer, inside.x + 1, inside.bottom(), inside.right().saturating_sub(1), text, style);
}

fn columns_of(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX - 2)
}

/// The room inside borders.
pub fn inside(area: Rect) -> Rect {
    if area.width < 2 || area.height < 2 {
        return Rect { width: 0, height: 0, ..area };
    }
    Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 }
}

fn frame(buffer: &mut Buffer, area: Rect, style: Style) {
    use ratatui::widgets::{Block, BorderType, Widget};
    Block::bordered().border_type(BorderType::Rounded).border_style(style).render(area, buffer);
}

/// Empties an area for what is drawn over the rest. A wide character that its left edge cuts goes as a whole.
pub fn clear(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    use ratatui::widgets::{Clear, Widget};
    Clear.render(area, buffer);
    buffer.set_style(area, theme.ground);
    let Some(left) = area.x.checked_sub(1) else { return };
    for y in area.y..area.bottom() {
        if let Some(cell) = buffer.cell_mut((left, y)).filter(|cell| width(cell.symbol()) > 1) {
            cell.set_symbol(" ");
        }
    }
}

/// Draws a thumb on the right border of `area` where the list is longer than what is in sight.
pub fn thumb(buffer: &mut Buffer, area: Rect, style: Style, offset: usize, total: u64) {
    for row in ScrollBar::of(area, total).thumb(offset).unwrap_or_default() {
        let y = area.y + 1 + u16::try_from(row).unwrap_or(0);
        put(buffer, area.right() - 1, y, 1, Side::Left, "┃", style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_remark_without_room_the_last_parts_stay_whole() {
        let remark = "image  3 of 5 · 2 marked, 10 KiB";
        let shown = [60, 45, 38, 30, 15].map(|width| fitting(remark, Rect::new(0, 0, width, 9)));
        assert_eq!(shown, [remark, "3 of 5 · 2 marked, 10 KiB", "2 marked, 10 KiB", "2 marked, 10 KiB", ""]);
    }

    #[test]
    fn a_title_and_a_remark_fit_together_or_the_title_is_cut() {
        let piece = |text| Piece { text, style: Style::new(), cut: Cut::Beginning };
        let title = [piece("2"), piece("Remote"), piece("Bucket"), piece("a/long/prefix/")];
        let theme = Theme::new(crate::ui::theme::Palette::Plain);
        for width in 44..60 {
            let (area, mut buffer) = (Rect::new(0, 0, width, 3), Buffer::empty(Rect::new(0, 0, width, 3)));
            pane(&mut buffer, area, &theme, true, &title, "12 files");
            let row: String = (0..width).map(|x| buffer[(x, 0)].symbol()).collect();
            assert_eq!(row.contains("a/long/prefix/"), both_fit(&title, "12 files", area), "{row}");
        }
    }

    #[test]
    fn a_remark_stays_whole_where_the_title_leaves_room_for_it() {
        let remark = "/invoice  3 of 5 · 2 marked, 10 KiB";
        let theme = Theme::new(crate::ui::theme::Palette::Plain);
        let title = ["1", "Local"].map(|text| Piece { text, style: Style::new(), cut: Cut::Beginning });
        for width in 40..60 {
            let (area, mut buffer) = (Rect::new(0, 0, width, 3), Buffer::empty(Rect::new(0, 0, width, 3)));
            pane(&mut buffer, area, &theme, true, &title, remark);
            let row: String = (0..width).map(|x| buffer[(x, 0)].symbol()).collect();
            assert_eq!(row.contains("/invoice"), both_fit(&title, remark, area), "{row}");
            assert!(row.contains("Local") && row.contains("2 marked, 10 KiB"), "{row}");
        }
    }

    #[test]
    fn the_hour_goes_before_what_the_list_shows() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let aged = |remark: &str| aged(remark.into(), Rect::new(0, 0, 60, 9), Some(now), now);
        assert!(aged("44 files").starts_with("44 files as of "));
        assert_eq!(aged("10 of 44 · 10 marked, 3.0 MiB ok"), "10 of 44 · 10 marked, 3.0 MiB ok");
    }
}
