//! Rows of a list: a bar at the cursor, a tick at what is marked, the name and its columns. Only rows in sight are asked
//! for, so that a list of a hundred thousand costs what a screenful costs.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::columns::{Column, Side, places, put};
use super::hits;
use super::theme::{Theme, over};
use crate::domain::display::wrap;

/// Columns before the name: the cursor's bar and the tick.
const GUTTER: u16 = 2;

/// Columns behind the last one, so that nothing touches the border.
const MARGIN: u16 = 1;

/// What one row shows; every text is fit for display.
pub struct Row<'a> {
    /// The name.
    pub name: Cow<'a, str>,
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
    /// Draws the rows in sight.
    pub fn draw<'r>(&self, buffer: &mut Buffer, theme: &Theme, row: impl Fn(usize) -> Row<'r>) {
        let last = self.count.min(self.offset.saturating_add(usize::from(self.area.height)));
        for (y, index) in (self.area.y..self.area.bottom()).zip(self.offset..last) {
            self.draw_row(buffer, theme, y, index, &row(index));
        }
    }

    fn draw_row(&self, buffer: &mut Buffer, theme: &Theme, y: u16, index: usize, row: &Row<'_>) {
        let Rect { x, width, .. } = self.area;
        let under = match (self.cursor == Some(index), self.focused) {
            (true, true) => theme.cursor,
            (true, false) => theme.cursor_elsewhere,
            (false, _) => Style::new(),
        };
        buffer.set_style(Rect { x, y, width, height: 1 }, under);
        if self.cursor == Some(index) {
            let (bar, style) = if self.focused { ("▎", theme.accent) } else { ("▏", theme.quiet) };
            put(buffer, x, y, 1.min(width), Side::Left, bar, style.patch(under));
        }
        if row.marked {
            put(buffer, x + 1, y, width.saturating_sub(1).min(1), Side::Left, "✓", theme.marked.patch(under));
        }
        let found = places(self.columns, width.saturating_sub(GUTTER + MARGIN));
        let name = if row.marked { theme.marked } else { row.style };
        let cut = (self.cut)(&row.name, usize::from(found.name));
        put(buffer, x + GUTTER, y, found.name, Side::Left, &cut, over(name, under));
        let drawn = Rect { x: x + GUTTER, y, width: found.name, height: 1 };
        hits::mark(buffer, drawn, &cut, self.needle, theme.hit);
        for ((column, start), text) in self.columns.iter().zip(&found.starts).zip(&row.cells) {
            if let Some(start) = start {
                let style = theme.quiet.patch(under);
                put(buffer, x + GUTTER + start, y, column.width, column.side, text, style);
            }
        }
    }
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
