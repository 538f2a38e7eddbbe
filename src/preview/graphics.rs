//! A picture as the terminal itself takes it: what ratatui-image would draw of it, cell by cell, so that whoever draws it on
//! the screen needs neither the pixels nor the language. Runs where pictures are decoded.

use crc_fast::CrcAlgorithm;
use image::{DynamicImage, RgbImage};
use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::Color;
use ratatui::widgets::Widget;
use ratatui_image::Image;
use ratatui_image::protocol::Protocol as Encoded;
use ratatui_image::protocol::iterm2::Iterm2;
use ratatui_image::protocol::kitty::Kitty;
use ratatui_image::protocol::sixel::Sixel;

use crate::domain::picture::{Graphics, Pixels, Protocol, Room};

/// Pixels that are sent at most: in any of the languages they are no more than what is taken from whoever decodes.
const MOST_PIXELS: u32 = 390_000;

/// How often a picture is made smaller because it takes too many bytes.
const TRIES: usize = 4;

/// What is taken of the pixels that would just do: smaller pictures do not pack as well.
const NEARLY: f64 = 0.9;

/// The letter that stands for a part of a picture that kitty keeps.
const PLACEHOLDER: char = '\u{10EEEE}';

/// Width and height in pixels that a picture has at most.
pub(super) fn most(room: Room, pixels: Pixels) -> (u32, u32) {
    let wide = u32::from(room.columns).saturating_mul(pixels.cell.0.into()).max(1);
    let high = u32::from(room.rows).saturating_mul(pixels.cell.1.into()).max(1);
    let too_many = (f64::from(wide) * f64::from(high) / f64::from(MOST_PIXELS)).sqrt().max(1.0);
    let less = |side: u32| ((f64::from(side) / too_many) as u32).max(1);
    (less(wide), less(high))
}

/// What a terminal is sent for a picture of that size at most, in pixels; `None` where it cannot be made. One that takes more
/// bytes than it may is sent with fewer pixels, which the terminal makes as large as it was; a sixel picture stays smaller.
pub(super) fn fitting(picture: impl Fn((u32, u32)) -> RgbImage, most: (u32, u32), pixels: Pixels) -> Option<Graphics> {
    let whole = picture(most);
    let shown = whole.dimensions();
    let (mut sent, mut graphics) = (shown, drawn(&whole, shown, pixels)?);
    for _ in 0..TRIES {
        if graphics.bytes() <= pixels.most {
            break;
        }
        let less = NEARLY * (pixels.most as f64 / graphics.bytes() as f64).sqrt();
        let side = |side: u32| ((f64::from(side) * less) as u32).max(1);
        sent = (side(sent.0), side(sent.1));
        graphics = drawn(&picture(sent), shown, pixels)?;
    }
    (graphics.bytes() <= pixels.most).then_some(graphics)
}

/// What a terminal is sent for that picture, which is to be seen so large, in pixels.
fn drawn(picture: &RgbImage, shown: (u32, u32), pixels: Pixels) -> Option<Graphics> {
    let cells = |side: u32, cell: u16| u16::try_from(side.div_ceil(cell.max(1).into())).ok();
    let (wide, high) = if pixels.protocol == Protocol::Sixel { picture.dimensions() } else { shown };
    let size = Size::new(cells(wide, pixels.cell.0)?, cells(high, pixels.cell.1)?);
    let sent = picture.dimensions();
    let picture = picture.clone().into();
    match pixels.protocol {
        Protocol::Kitty => kept(picture, size, sent != shown),
        Protocol::Iterm2 => {
            let mut encoded = Iterm2::new(picture, size, false).ok()?;
            encoded.data = encoded.data.replacen(&in_pixels(sent), &in_pixels(shown), 1);
            Some(covering(&Encoded::ITerm2(encoded), size))
        }
        Protocol::Sixel => Some(covering(&Encoded::Sixel(Sixel::new(picture, size, false).ok()?), size)),
    }
}

/// How iTerm2 is told how large a picture is to be seen.
fn in_pixels((wide, high): (u32, u32)) -> String {
    format!("width={wide}px;height={high}px")
}

fn buffer(picture: &Encoded, size: Size) -> Buffer {
    let area = Rect::from((Position::ORIGIN, size));
    let mut buffer = Buffer::empty(area);
    Image::new(picture).render(area, &mut buffer);
    buffer
}

/// A picture that the first cell is sent, over all others.
fn covering(picture: &Encoded, size: Size) -> Graphics {
    let sent = |cell: &Cell| if cell.diff_option == CellDiffOption::Skip { "" } else { cell.symbol() }.into();
    let cells = buffer(picture, size).content.iter().map(sent).collect();
    Graphics { columns: size.width, kept: "".into(), colour: None, cells }
}

/// A picture that kitty keeps under a number made from its pixels, so that what is left of another never shows this one. Each
/// cell says which part of it it shows: ratatui-image says that once a row, and what stands over a row would move the rest.
fn kept(picture: DynamicImage, size: Size, scaled: bool) -> Option<Graphics> {
    let number = (crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, picture.as_bytes()) as u32 & 0x00ff_ffff).max(1);
    let kitty = |picture, size| Kitty::new(picture, size, number, false, true).map(Encoded::Kitty).ok();
    let whole = buffer(&kitty(picture, size)?, size);
    let first = whole.content.first()?;
    let (kept, _) = first.symbol().split_at_checked(first.symbol().rfind(PLACEHOLDER)?)?;
    let Color::Rgb(red, green, blue) = first.fg else { return None };
    // Without a number of cells kitty shows as many as there are pixels for.
    let cells = format!("U=1,c={},r={},", size.width, size.height);
    let kept = if scaled { kept.replacen("U=1,", &cells, 1) } else { kept.to_owned() };
    let side = Size::new(1, size.width.max(size.height));
    let marks: Vec<char> =
        buffer(&kitty(DynamicImage::new_rgb8(1, 1), side)?, side).content.iter().map_while(mark).collect();
    let cell = |y: u16, x: u16| {
        let (row, column) = (marks.get(usize::from(y))?, marks.get(usize::from(x))?);
        Some(format!("{PLACEHOLDER}{row}{column}").into())
    };
    let cells = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (y, x))).map(|(y, x)| cell(y, x));
    let cells: Option<Vec<Box<str>>> = cells.collect();
    Some(Graphics { columns: size.width, kept: kept.into(), colour: Some([red, green, blue]), cells: cells?.into() })
}

/// By which mark kitty knows the row of a first cell: it is followed by those of its column and of its picture.
fn mark(cell: &Cell) -> Option<char> {
    cell.symbol().contains(PLACEHOLDER).then(|| cell.symbol().chars().rev().nth(2))?
}

/// As bytes: columns, the colour, then what is kept and each cell, with their lengths before them.
pub(super) fn written(graphics: &Graphics) -> Vec<u8> {
    let mut bytes = graphics.columns.to_le_bytes().to_vec();
    bytes.push(u8::from(graphics.colour.is_some()));
    bytes.extend(graphics.colour.unwrap_or_default());
    for text in std::iter::once(&*graphics.kept).chain(graphics.cells.iter().map(|cell| &**cell)) {
        bytes.extend(u32::try_from(text.len()).unwrap_or(0).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// Reads [`written`]; `None` for anything else.
pub(super) fn read(bytes: &[u8]) -> Option<Graphics> {
    let (columns, rest) = bytes.split_first_chunk()?;
    let (&[coloured, red, green, blue], rest) = rest.split_first_chunk()?;
    let columns = u16::from_le_bytes(*columns);
    let (kept, mut rest) = text(rest)?;
    let mut cells: Vec<Box<str>> = Vec::new();
    while !rest.is_empty() {
        let (cell, more) = text(rest)?;
        cells.push(cell.into());
        rest = more;
    }
    let is_whole = columns > 0 && !cells.is_empty() && cells.len().is_multiple_of(columns.into());
    let colour = (coloured == 1).then_some([red, green, blue]);
    is_whole.then(|| Graphics { columns, kept: kept.into(), colour, cells: cells.into() })
}

/// A text with its length before it, and what stands behind.
fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::picture::{MOST_SENT, MOST_SHOWN};

    fn of(protocol: Protocol) -> Pixels {
        Pixels { protocol, cell: (10, 20), most: MOST_SHOWN }
    }

    fn graphics(protocol: Protocol) -> Graphics {
        drawn(&RgbImage::new(95, 45), (95, 45), of(protocol)).unwrap()
    }

    /// A picture that nothing packs, as large as that.
    fn noise((wide, high): (u32, u32)) -> RgbImage {
        let mut state = 1_u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        RgbImage::from_fn(wide, high, |_, _| image::Rgb([byte(), byte(), byte()]))
    }

    #[test]
    fn a_picture_that_takes_too_much_is_sent_with_fewer_pixels_and_seen_as_large() {
        for (_, protocol) in Protocol::ALL {
            let whole = fitting(noise, (600, 400), of(protocol)).unwrap();
            let far = fitting(noise, (600, 400), Pixels { most: MOST_SENT, ..of(protocol) }).unwrap();
            assert!(whole.bytes() > 2 * MOST_SENT, "{protocol:?}: {}", whole.bytes());
            assert!((MOST_SENT / 2..=MOST_SENT).contains(&far.bytes()), "{protocol:?}: {}", far.bytes());
            let sizes = [&whole, &far].map(|graphics| (graphics.columns, graphics.rows()));
            assert_eq!(sizes[0] == sizes[1], protocol != Protocol::Sixel, "{protocol:?}: {sizes:?}");
        }
        let far = |protocol| fitting(noise, (600, 400), Pixels { most: MOST_SENT, ..of(protocol) }).unwrap();
        assert!(far(Protocol::Kitty).kept.contains(",a=T,U=1,c=60,r=20,f=32,"));
        assert!(far(Protocol::Iterm2).cells[0].contains(";width=600px;height=400px;"));
        assert_eq!(fitting(noise, (600, 400), Pixels { most: 10, ..of(Protocol::Sixel) }), None);
    }

    #[test]
    fn what_covers_its_cells_is_sent_by_the_first_of_them() {
        for (protocol, holds) in [(Protocol::Iterm2, "\x1b]1337;File=inline=1"), (Protocol::Sixel, "\x1bP")] {
            let graphics = graphics(protocol);
            assert_eq!((graphics.columns, graphics.rows(), graphics.is_kept()), (10, 3, false), "{protocol:?}");
            assert!(graphics.cells[0].starts_with("\x1b[10X") && graphics.cells[0].contains(holds), "{protocol:?}");
            assert!(graphics.cells[1..].iter().all(|cell| cell.is_empty()), "{protocol:?}");
        }
    }

    #[test]
    fn what_kitty_keeps_is_sent_apart_and_every_cell_says_which_part_it_shows() {
        let graphics = graphics(Protocol::Kitty);
        assert_eq!((graphics.columns, graphics.rows()), (10, 3));
        assert!(graphics.kept.starts_with("\x1b_Gq=2,") && graphics.kept.ends_with("\x1b\\"));
        assert!(graphics.kept.contains(&format!("i={},a=T,U=1,", graphics.number())), "{}", graphics.kept);
        // The first two of kitty's table: 0 and 1.
        let cell = |row: usize, column: usize| &*graphics.cells[row * 10 + column];
        assert_eq!((cell(0, 1), cell(1, 0)), ("\u{10EEEE}\u{305}\u{30D}", "\u{10EEEE}\u{30D}\u{305}"));
        let all: std::collections::HashSet<_> = graphics.cells.iter().collect();
        assert_eq!(all.len(), 30);
        let other = drawn(&RgbImage::new(94, 45), (94, 45), of(Protocol::Kitty)).unwrap();
        assert_ne!(other.number(), graphics.number(), "another picture has another number");
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
        let pixels = of(Protocol::Kitty);
        assert_eq!(most(Room { columns: 20, rows: 10 }, pixels), (200, 200));
        let (wide, high) = most(Room { columns: 600, rows: 200 }, Pixels { cell: (40, 80), ..pixels });
        assert!(wide * high <= MOST_PIXELS && wide > 300);
        assert_eq!(most(Room { columns: 0, rows: 0 }, pixels), (1, 1));
    }
}
