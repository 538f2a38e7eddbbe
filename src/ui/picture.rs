//! Draws a picture in half blocks: a cell's upper pixel is the colour of its letter, the lower one that of its ground, each
//! as near as the terminal comes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::depth::Depth;
use crate::config::theme::Colour;
use crate::domain::picture::Rgb;

/// Draws one row of cells, as many as there is room for.
pub fn draw(buffer: &mut Buffer, area: Rect, depth: Depth, cells: &[(Rgb, Option<Rgb>)]) {
    let colour = |[red, green, blue]: Rgb| depth.nearest(Colour::Rgb(red, green, blue)).unwrap_or(Color::Reset);
    for (x, (upper, lower)) in (area.left()..area.right()).zip(cells) {
        let (upper, lower) = (colour(*upper), lower.map_or(Color::Reset, colour));
        if let Some(cell) = buffer.cell_mut((x, area.y)) {
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
