//! Rows of a list: a bar at the cursor, a tick at what is marked, the name and its columns. Only rows in sight are asked
//! for, so that a list of a hundred thousand costs what a screenful costs. A name that is cut under the cursor stands in the
//! border below, whole where there is room, else what its row leaves out.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::columns::{Column, Side, places, put};
use super::hits;
use super::pane::foot;
use super::theme::{Theme, over};
use crate::domain::display::{fit, fit_end, width, wrap};

/// Columns before the name: the cursor's bar and the tick.
const GUTTER: u16 = 2;

/// Columns of the inside that a text in the border below leaves free: a bit of border and a blank on each side.
const AROUND_FOOT: u16 = 4;

/// Columns behind the last one, so that nothing touches the border.
const MARGIN: u16 = 1;

/// Fewer columns of a name say nothing beside what is noted of it.
const LEAST_NAMED: usize = 10;

/// Fewer columns of a note say nothing.
const LEAST_NOTED: usize = 6;

/// What one row shows; every text is fit for display.
#[derive(Default)]
pub struct Row<'a> {
    /// The name.
    pub name: Cow<'a, str>,
    /// What stands right behind the name and is not cut with it.
    pub note: Cow<'a, str>,
    /// How the name looks.
    pub style: Style,
    /// Marked by the user.
    pub marked: bool,
    /// One text for each column, in their order.
    pub cells: Vec<Cow<'a, str>>,
}

/// A list in its pane.
pub struct List<'a> {
    /// The room inside the borders.
    pub area: Rect,
    /// First row in sight.
    pub offset: usize,
    /// The row under the cursor, where there is one.
    pub cursor: Option<usize>,
    /// How many rows there are.
    pub count: usize,
    /// Whether keys go here.
    pub focused: bool,
    /// Columns beside the name.
    pub columns: &'a [Column],
    /// How a name is cut where it is too long.
    pub cut: Cut,
    /// What was searched for, to be seen in the names; may be empty.
    pub needle: &'a str,
}

/// Cuts text that is fit for display to so many columns.
pub type Cut = for<'t> fn(&'t str, usize) -> Cow<'t, str>;

impl List<'_> {
    /// Draws the rows in sight, and in the border below what the one under the cursor has no room for.
    pub fn draw<'r>(&self, buffer: &mut Buffer, theme: &Theme, row: impl Fn(usize) -> Row<'r>) {
        let last = self.count.min(self.offset.saturating_add(usize::from(self.area.height)));
        for (y, index) in (self.area.y..self.area.bottom()).zip(self.offset..last) {
            let row = row(index);
            let shown = self.draw_row(buffer, theme, y, index, &row);
            if self.focused && self.cursor == Some(index) {
                let room = usize::from(self.area.width.saturating_sub(AROUND_FOOT));
                foot(buffer, self.area, theme.quiet, &unseen(&row, &shown, room));
            }
        }
    }

    /// The name as far as there is room for it, with its note, which gives way where too little of the name would stay.
    fn named(&self, row: &Row<'_>, columns: usize) -> String {
        let least = LEAST_NAMED.min(width(&row.name));
        match columns.checked_sub(width(&row.note)).filter(|left| *left >= least) {
            Some(left) => format!("{}{}", (self.cut)(&row.name, left), row.note),
            None => named_first(self.cut, row, columns),
        }
    }

    /// Draws a row; answers what of its name it shows.
    fn draw_row(&self, buffer: &mut Buffer, theme: &Theme, y: u16, index: usize, row: &Row<'_>) -> String {
        let Rect { x, width, .. } = self.area;
        let under = match (self.cursor == Some(index), self.focused) {
            (true, true) => theme.cursor,
            (true, false) => theme.cursor_elsewhere,
            (false, _) => Style::new(),
        };
        buffer.set_style(Rect { x, y, width, height: 1 }, under);
        if self.cursor == Some(index) {
            let (bar, style) = match (self.focused, under.bg) {
                (true, _) => ("▎", theme.accent),
                (false, Some(_)) => ("▏", theme.quiet),
                // Without a background it would look like a second border beside the first.
                (false, None) => ("·", theme.quiet),
            };
            put(buffer, x, y, 1.min(width), Side::Left, bar, style.patch(under));
        }
        if row.marked {
            put(buffer, x + 1, y, width.saturating_sub(1).min(1), Side::Left, "✓", theme.marked.patch(under));
        }
        let available = width.saturating_sub(GUTTER + MARGIN);
        let found = places(self.columns, available);
        let room = found.room(&row.cells, available);
        let name = if row.marked { theme.marked } else { row.style };
        let cut = self.named(row, room.into());
        put(buffer, x + GUTTER, y, room, Side::Left, &cut, over(name, under));
        let drawn = Rect { x: x + GUTTER, y, width: room, height: 1 };
        hits::mark(buffer, drawn, &cut, self.needle, theme.hit);
        for ((column, start), text) in self.columns.iter().zip(&found.starts).zip(&row.cells) {
            if let Some(start) = start {
                let style = theme.quiet.patch(under);
                put(buffer, x + GUTTER + start, y, column.width, column.side, text, style);
            }
        }
        cut
    }
}

/// What a row does not show of its name and note: both where they have room, else what is missing, the name first.
fn unseen(row: &Row<'_>, shown: &str, columns: usize) -> String {
    let (name, note) = (&*row.name, &*row.note);
    let whole = format!("{name}{note}");
    match shown.strip_prefix(name) {
        Some("") if width(&whole) > columns => fit(note.trim_start(), columns).into_owned(),
        None if width(&whole) > columns && !shown.ends_with(note) => match width(name) <= columns {
            true => fit(&whole, columns).into_owned(),
            false => left_out(name, shown, columns),
        },
        _ => left_out(&whole, shown, columns),
    }
}

/// The name, and of its note what has room behind it, where that says anything.
fn named_first(cut: Cut, row: &Row<'_>, columns: usize) -> String {
    let left = columns.saturating_sub(width(&row.name));
    let note = if left < LEAST_NOTED.min(width(&row.note)) { "".into() } else { fit(&row.note, left) };
    format!("{}{note}", cut(&row.name, columns))
}

/// Says in the border below the rows what one of them does not show of a name.
pub fn below(buffer: &mut Buffer, rows: Rect, style: Style, whole: &str, shown: &str) {
    let room = usize::from(rows.width.saturating_sub(AROUND_FOOT));
    foot(buffer, rows, style, &left_out(whole, shown, room));
}

/// What a row does not show of a name that is cut there, in so many columns: the whole name where it has room, else the
/// middle of what is left out; nothing where nothing is.
fn left_out(whole: &str, shown: &str, columns: usize) -> String {
    if whole == shown || width(whole) <= columns {
        return if whole == shown { String::new() } else { whole.to_owned() };
    }
    let (before, behind) = shown.split_once('…').map_or(("", ""), |(before, rest)| {
        let behind = rest.rsplit_once('…').map_or(rest, |(_, behind)| behind);
        (before, behind)
    });
    let rest = whole.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind)).unwrap_or(whole);
    let mark = |side: &str| if side.is_empty() { "" } else { "…" };
    let rest = format!("{}{rest}{}", mark(before), mark(behind));
    let excess = width(&rest).saturating_sub(columns);
    fit(&fit_end(&rest, width(&rest) - excess / 2), columns).into_owned()
}

/// A sentence in the middle of an empty list.
pub fn remark(buffer: &mut Buffer, area: Rect, style: Style, lines: &[Cow<'_, str>]) {
    let wrapped: Vec<String> = lines.iter().flat_map(|line| wrap(line, area.width.saturating_sub(4))).collect();
    let height = u16::try_from(wrapped.len()).unwrap_or(u16::MAX);
    let top = area.y + area.height.saturating_sub(height) / 3;
    for (y, line) in (top..area.bottom()).zip(&wrapped) {
        put(buffer, area.x + 2, y, area.width.saturating_sub(4), Side::Left, line, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::display::fit_middle;
    use crate::ui::Palette;

    /// What is drawn of a row under the cursor in a pane of so many columns, and of the border below.
    fn drawn(row: Row<'static>, columns: u16) -> [String; 2] {
        let area = Rect::new(1, 0, columns, 1);
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns + 2, 2));
        let beside = Column { width: 5, side: Side::Right, rank: 0, name_at_least: 8 };
        let list = List {
            area,
            offset: 0,
            cursor: Some(0),
            count: 1,
            focused: true,
            columns: &[beside],
            cut: fit_middle,
            needle: "",
        };
        let row = std::cell::Cell::new(Some(row));
        list.draw(&mut buffer, &Theme::new(Palette::Plain), |_| row.take().unwrap_or_default());
        [0, 1].map(|y| (0..columns + 2).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim().to_owned())
    }

    fn row(name: &'static str, note: &'static str, size: &'static str) -> Row<'static> {
        Row { name: name.into(), note: note.into(), cells: vec![size.into()], ..Row::default() }
    }

    #[test]
    fn a_note_stays_whole_and_takes_the_room_that_is_free_beside_it() {
        assert_eq!(drawn(row("a-long-name.txt", " →", "9 B"), 24)[0], "▎ a-lon…me.txt →    9 B");
        assert_eq!(drawn(row("a-long-name.txt", "  (no)", ""), 22)[0], "▎ a-long…me.txt  (no)");
        assert_eq!(drawn(row("pipe", "  (no regular file)", ""), 26), ["▎ pipe  (no regular file)", ""]);
    }

    #[test]
    fn where_there_is_no_room_for_both_the_note_gives_way() {
        let denied = "  (permission denied)";
        assert_eq!(
            drawn(row("secret.txt", denied, "2 B"), 28),
            ["▎ secret.txt  (perm…    2 B".to_owned(), "…ission denied)".to_owned()]
        );
        assert_eq!(
            drawn(row("secret-name.txt", denied, "2 B"), 25),
            ["▎ secret-name.txt    2 B".to_owned(), "(permission denied)".to_owned()]
        );
        assert_eq!(
            drawn(row("a-secret-name.txt", denied, "2 B"), 24),
            ["▎ a-secr…ame.txt    2 B".to_owned(), "a-secret-name.txt  …".to_owned()]
        );
    }

    #[test]
    fn the_border_says_the_whole_name_or_what_the_row_leaves_out() {
        let name = "2026-11-21-a-name-that-differs-HERE-from-another-one-of-it.tar.gz";
        assert_eq!(drawn(row("short", "", "9 B"), 30)[1], "");
        assert_eq!(drawn(row("one-name-too-long-for-it.txt", "", "9 B"), 34)[1], "one-name-too-long-for-it.txt");
        let [shown, below] = drawn(row(name, "", "9 B"), 40);
        assert_eq!(
            (&*shown, &*below),
            ("▎ 2026-11-21-a-n…ne-of-it.tar.gz    9 B", "…me-that-differs-HERE-from-another-…")
        );
    }
}
