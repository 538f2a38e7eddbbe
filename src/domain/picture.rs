//! A picture as it is shown: small already, made for a certain room on the screen by somebody else than the screen.

use std::sync::Arc;

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// Bytes that a picture has at most where it is shown.
pub const MOST_SHOWN: usize = 2 << 20;

/// Bytes that a picture has at most as a terminal at the other end of a line takes it: keys wait behind it until all of it is
/// through.
pub const MOST_SENT: usize = 256 << 10;

/// Bytes of an object that are fetched at most to show it as a picture.
pub const MOST_FETCHED: u64 = 8 << 20;

/// Bytes of a local file that are read at most to show it as a picture.
pub const MOST_READ: u64 = 64 << 20;

/// Pixels on each side that a picture has at most; their square is below [`MOST_SHOWN`].
const MOST_PIXELS: u32 = 800;

/// A language in which a terminal takes pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// kitty's, by placeholders.
    Kitty,
    /// iTerm2's.
    Iterm2,
    /// DEC's.
    Sixel,
}

impl Protocol {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Self); 3] =
        [("kitty", Self::Kitty), ("iterm2", Self::Iterm2), ("sixel", Self::Sixel)];
}

/// How a picture is given to the terminal itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pixels {
    /// In which language.
    pub protocol: Protocol,
    /// Width and height of a cell in pixels.
    pub cell: (u16, u16),
    /// Bytes that it may take.
    pub most: usize,
}

/// A picture as the terminal takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graphics {
    /// Cells from left to right.
    pub columns: u16,
    /// What a terminal that keeps pictures (kitty) is sent once, before any cell; empty for others.
    pub kept: Arc<str>,
    /// The colour of its letters, which is the picture's number where it is kept.
    pub colour: Option<Rgb>,
    /// What each cell is sent, row by row; nothing where the picture covers it without being told.
    pub cells: Arc<[Box<str>]>,
}

impl Graphics {
    /// Cells from top to bottom.
    pub fn rows(&self) -> usize {
        self.cells.len().checked_div(self.columns.into()).unwrap_or(0)
    }

    /// Bytes that the terminal is sent for it.
    pub fn bytes(&self) -> usize {
        self.kept.len() + self.cells.iter().map(|cell| cell.len()).sum::<usize>()
    }

    /// Whether the terminal keeps it, so that each cell shows its part of it whatever stands in the others.
    pub fn is_kept(&self) -> bool {
        !self.kept.is_empty()
    }

    /// The number under which the terminal keeps it.
    pub fn number(&self) -> u32 {
        let [red, green, blue] = self.colour.unwrap_or_default();
        u32::from_be_bytes([0, red, green, blue])
    }
}

/// Cells that there are for a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Room {
    /// From left to right.
    pub columns: u16,
    /// From top to bottom.
    pub rows: u16,
}

impl Room {
    /// Width and height in pixels, of which a cell has two: one above the other.
    pub fn pixels(self) -> (u32, u32) {
        let most = |pixels: u32| pixels.clamp(1, MOST_PIXELS);
        (most(self.columns.into()), most(u32::from(self.rows) * 2))
    }
}

/// A picture that fits into the room it was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    rgb: Arc<[u8]>,
    graphics: Option<Graphics>,
}

impl Picture {
    /// A picture of these pixels, row by row; `None` where they are not so many, or too many.
    pub fn new(width: u32, height: u32, rgb: &[u8]) -> Option<Self> {
        let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
        let bytes = width.checked_mul(height)?.checked_mul(3)?;
        (bytes > 0 && bytes == rgb.len() && bytes <= MOST_SHOWN).then(|| Self {
            width,
            rgb: rgb.into(),
            graphics: None,
        })
    }

    /// The same, which can also be given to the terminal itself.
    #[must_use]
    pub fn with(self, graphics: Option<Graphics>) -> Self {
        Self { graphics, ..self }
    }

    /// How it is given to the terminal itself, where it can be.
    pub fn graphics(&self) -> Option<&Graphics> {
        self.graphics.as_ref()
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        let height = self.rgb.len() / (self.width * 3);
        (u32::try_from(self.width).unwrap_or(0), u32::try_from(height).unwrap_or(0))
    }

    /// Red, green and blue of each pixel, row by row.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Rows of cells that it takes.
    pub fn rows(&self) -> usize {
        self.lines().len().div_ceil(2)
    }

    /// A row of cells: each with its upper pixel, and its lower one where the picture goes on so far.
    pub fn row(&self, row: usize) -> Vec<(Rgb, Option<Rgb>)> {
        let mut lines =
            self.lines().skip(row * 2).map(|line| line.chunks_exact(3).filter_map(|rgb| rgb.try_into().ok()));
        let (upper, mut lower) = (lines.next(), lines.next());
        upper.into_iter().flatten().map(|pixel| (pixel, lower.as_mut().and_then(Iterator::next))).collect()
    }

    fn lines(&self) -> std::slice::ChunksExact<'_, u8> {
        self.rgb.chunks_exact(self.width * 3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_of_pixels_are_a_row_of_cells_and_the_last_may_be_half() {
        let rgb: Vec<u8> = (0..18).collect();
        let picture = Picture::new(2, 3, &rgb).unwrap();
        assert_eq!((picture.size(), picture.rows()), ((2, 3), 2));
        assert_eq!(picture.row(0), [([0, 1, 2], Some([6, 7, 8])), ([3, 4, 5], Some([9, 10, 11]))]);
        assert_eq!(picture.row(1), [([12, 13, 14], None), ([15, 16, 17], None)]);
        assert_eq!(picture.row(2), []);
    }

    #[test]
    fn what_is_no_picture_makes_none() {
        assert_eq!(Picture::new(2, 3, &[0; 17]), None);
        assert_eq!(Picture::new(0, 3, &[]), None);
        assert_eq!(Picture::new(u32::MAX, u32::MAX, &[]), None);
        assert_eq!(Picture::new(1000, 1000, &vec![0; 3_000_000]), None);
    }

    #[test]
    fn the_largest_room_asks_for_no_more_than_may_be_shown() {
        let (width, height) = Room { columns: u16::MAX, rows: u16::MAX }.pixels();
        assert!(width as usize * height as usize * 3 <= MOST_SHOWN);
        assert_eq!(Room { columns: 40, rows: 10 }.pixels(), (40, 20));
        assert_eq!(Room { columns: 0, rows: 0 }.pixels(), (1, 1));
    }
}
