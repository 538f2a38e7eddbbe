//! Draws a picture: by what the terminal takes for one, where it is whole; else in half blocks, of which each has the colour
//! of the upper pixel and the ground of the lower one, as near as the terminal comes.

use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::depth::Depth;
use crate::config::theme::Colour;
use crate::domain::picture::{Graphics, Rgb};

/// What each of a picture's cells takes, whatever it is sent.
const ONE: CellDiffOption = CellDiffOption::ForcedWidth(NonZeroU16::MIN);

/// Draws one row of cells, as many as there is room for.
pub fn draw(buffer: &mut Buffer, area: Rect, depth: Depth, cells: &[(Rgb, Option<Rgb>)]) {
    let colour = |[red, green, blue]: Rgb| depth.nearest(Colour::Rgb(red, green, blue)).unwrap_or(Color::Reset);
    for (x, (upper, lower)) in (area.left()..area.right()).zip(cells) {
        if let Some(cell) = buffer.cell_mut((x, area.y)) {
            let (upper, lower) = (colour(*upper), lower.map_or(cell.bg, colour));
            // Half blocks of one colour are a blank of that colour, which is less to send.
            let (symbol, style) = if upper == lower {
                (" ", Style::new().bg(lower))
            } else {
                ("\u{2580}", Style::new().fg(upper).bg(lower))
            };
            cell.set_symbol(symbol).set_style(style);
        }
    }
}

/// Hands the terminal a picture, if there is room for all of it. Its cells differ from any other's, so that they are written
/// over when it goes.
pub fn place(buffer: &mut Buffer, area: Rect, graphics: &Graphics, ground: Style) {
    if graphics.columns > area.width || graphics.rows() > usize::from(area.height) {
        return;
    }
    // Behind a picture that is narrower than its half blocks nothing of these stays.
    let rows = graphics.cells.chunks(usize::from(graphics.columns).max(1)).map(Some).chain(std::iter::repeat(None));
    for (y, row) in (area.y..area.bottom()).zip(rows) {
        let mut cells = row.into_iter().flatten();
        for x in area.left()..area.right() {
            let Some(cell) = buffer.cell_mut((x, y)) else { continue };
            cell.set_symbol(" ").set_style(Style::reset().patch(ground));
            match cells.next() {
                Some(sent) if sent.is_empty() => cell.set_diff_option(CellDiffOption::Skip),
                Some(sent) => {
                    let [red, green, blue] = graphics.colour.unwrap_or_default();
                    let colour = graphics.colour.map_or(Color::Reset, |_| Color::Rgb(red, green, blue));
                    cell.set_symbol(sent).set_fg(colour).set_diff_option(ONE)
                }
                None => cell,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graphics(cells: &[&str]) -> Graphics {
        Graphics { columns: 2, kept: "".into(), colour: None, cells: cells.iter().map(|cell| (*cell).into()).collect() }
    }

    #[test]
    fn when_a_picture_goes_every_cell_that_it_covered_is_written_again() {
        let area = Rect::new(0, 0, 4, 3);
        let (blank, mut shown) = (Buffer::empty(area), Buffer::empty(area));
        place(&mut shown, area, &graphics(&["\x1bPq\x1b\\", "", "", ""]), Style::new());
        let sent: Vec<_> = blank.diff(&shown).into_iter().map(|(x, y, _)| (x, y)).collect();
        assert_eq!(sent, [(0, 0)], "the picture is one cell's, and nothing is written over it");
        assert_eq!(shown.diff(&shown).len(), 0, "it is sent once");
        let gone: Vec<_> = shown.diff(&blank).into_iter().map(|(x, y, _)| (x, y)).collect();
        assert_eq!(gone, [(0, 0), (1, 0), (0, 1), (1, 1)]);
    }

    #[test]
    fn a_picture_that_is_larger_than_its_room_is_not_handed_over() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 3));
        let before = buffer.clone();
        place(&mut buffer, Rect::new(0, 0, 1, 3), &graphics(&["x", "", "", ""]), Style::new());
        place(&mut buffer, Rect::new(0, 0, 4, 1), &graphics(&["x", "", "", ""]), Style::new());
        assert_eq!(buffer, before);
    }
}
