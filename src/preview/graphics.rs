//! A picture as the terminal itself takes it: what ratatui-image would draw of it, cell by cell, so that whoever draws it on
//! the screen needs neither the pixels nor the language. Runs where pictures are decoded.

use image::RgbImage;
use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Rect, Size};
use ratatui::style::Color;
use ratatui::widgets::Widget;
use ratatui_image::Image;
use ratatui_image::protocol::Protocol as Encoded;
use ratatui_image::protocol::iterm2::Iterm2;
use ratatui_image::protocol::kitty::Kitty;
use ratatui_image::protocol::sixel::Sixel;

use crate::domain::picture::{Graphics, KITTY_ID, MOST_SHOWN, Pixels, Protocol, Room};

/// Pixels that are sent at most: in any of the languages they are no more than what is taken from whoever decodes.
const MOST_PIXELS: u32 = 390_000;

/// Width and height in pixels that a picture has at most.
pub(super) fn most(room: Room, pixels: Pixels) -> (u32, u32) {
    let wide = u32::from(room.columns).saturating_mul(pixels.cell.0.into()).max(1);
    let high = u32::from(room.rows).saturating_mul(pixels.cell.1.into()).max(1);
    let too_many = (f64::from(wide) * f64::from(high) / f64::from(MOST_PIXELS)).sqrt().max(1.0);
    let less = |side: u32| ((f64::from(side) / too_many) as u32).max(1);
    (less(wide), less(high))
}

/// What a terminal is sent for that picture; `None` where it cannot be made or is too much.
pub(super) fn drawn(picture: &RgbImage, pixels: Pixels) -> Option<Graphics> {
    let cells = |side: u32, cell: u16| u16::try_from(side.div_ceil(cell.max(1).into())).ok();
    let size = Size::new(cells(picture.width(), pixels.cell.0)?, cells(picture.height(), pixels.cell.1)?);
    let area = Rect::from((ratatui::layout::Position::ORIGIN, size));
    let mut buffer = Buffer::empty(area);
    Image::new(&encoded(picture.clone().into(), size, pixels.protocol)?).render(area, &mut buffer);
    let colour =
        buffer.content.first().and_then(|cell| if let Color::Rgb(r, g, b) = cell.fg { Some([r, g, b]) } else { None });
    let cells: Vec<Box<str>> = buffer.content.iter().map(sent).collect();
    let is_little = cells.iter().map(|cell| cell.len()).sum::<usize>() <= MOST_SHOWN;
    is_little.then(|| Graphics { columns: size.width, colour, cells: cells.into() })
}

fn encoded(picture: image::DynamicImage, size: Size, protocol: Protocol) -> Option<Encoded> {
    match protocol {
        Protocol::Kitty => Kitty::new(picture, size, KITTY_ID, false, true).map(Encoded::Kitty).ok(),
        Protocol::Iterm2 => Iterm2::new(picture, size, false).map(Encoded::ITerm2).ok(),
        Protocol::Sixel => Sixel::new(picture, size, false).map(Encoded::Sixel).ok(),
    }
}

fn sent(cell: &Cell) -> Box<str> {
    if cell.diff_option == CellDiffOption::Skip { "".into() } else { cell.symbol().into() }
}

/// As bytes: columns, the colour, then each cell with its length before it.
pub(super) fn written(graphics: &Graphics) -> Vec<u8> {
    let mut bytes = graphics.columns.to_le_bytes().to_vec();
    bytes.push(u8::from(graphics.colour.is_some()));
    bytes.extend(graphics.colour.unwrap_or_default());
    for cell in graphics.cells.iter() {
        bytes.extend(u32::try_from(cell.len()).unwrap_or(0).to_le_bytes());
        bytes.extend(cell.as_bytes());
    }
    bytes
}

/// Reads [`written`]; `None` for anything else.
pub(super) fn read(bytes: &[u8]) -> Option<Graphics> {
    let (columns, rest) = bytes.split_first_chunk()?;
    let (&[coloured, red, green, blue], mut rest) = rest.split_first_chunk()?;
    let columns = u16::from_le_bytes(*columns);
    let mut cells: Vec<Box<str>> = Vec::new();
    while let Some((length, more)) = rest.split_first_chunk() {
        let (cell, more) = more.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        cells.push(std::str::from_utf8(cell).ok()?.into());
        rest = more;
    }
    let is_whole = columns > 0 && !cells.is_empty() && cells.len() % usize::from(columns) == 0 && rest.is_empty();
    is_whole.then(|| Graphics { columns, colour: (coloured == 1).then_some([red, green, blue]), cells: cells.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graphics(protocol: Protocol) -> Graphics {
        drawn(&RgbImage::new(95, 45), Pixels { protocol, cell: (10, 20) }).unwrap()
    }

    #[test]
    fn every_language_is_spoken_from_the_first_cell_and_takes_the_cells_of_its_pixels() {
        for (protocol, begins, holds) in [
            (Protocol::Kitty, "\x1b_G", "i=5728622"),
            (Protocol::Iterm2, "\x1b[10X", "\x1b]1337;File=inline=1"),
            (Protocol::Sixel, "\x1b[10X", "\x1bP"),
        ] {
            let graphics = graphics(protocol);
            assert_eq!((graphics.columns, graphics.rows()), (10, 3), "{protocol:?}");
            assert!(graphics.cells[0].starts_with(begins) && graphics.cells[0].contains(holds), "{protocol:?}");
            let by_placeholders = graphics.cells[1..].iter().all(|cell| cell.starts_with('\u{10EEEE}'));
            let covered = graphics.cells[1..].iter().all(|cell| cell.is_empty());
            assert_eq!((by_placeholders, covered), (protocol == Protocol::Kitty, protocol != Protocol::Kitty));
        }
    }

    #[test]
    fn what_was_written_is_read_and_what_ends_early_is_not() {
        for (_, protocol) in Protocol::ALL {
            let graphics = graphics(protocol);
            let bytes = written(&graphics);
            assert_eq!(read(&bytes), Some(graphics));
            assert!((0..6.min(bytes.len())).all(|length| read(&bytes[..length]).is_none()));
            assert_eq!(read(&bytes[..bytes.len() - 1]), None);
        }
    }

    #[test]
    fn however_large_the_screen_the_pixels_are_bounded() {
        let pixels = Pixels { protocol: Protocol::Kitty, cell: (10, 20) };
        assert_eq!(most(Room { columns: 20, rows: 10 }, pixels), (200, 200));
        let (wide, high) = most(Room { columns: 600, rows: 200 }, Pixels { cell: (40, 80), ..pixels });
        assert!(wide * high <= MOST_PIXELS && wide > 300);
        assert_eq!(most(Room { columns: 0, rows: 0 }, pixels), (1, 1));
    }
}
