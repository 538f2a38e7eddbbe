//! The kinds of terminal that pictures are taken in: what the program finds in its environment, and what colours its
//! numbers stand for.

/// A kind of terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// All colours on a dark background.
    Dark,
    /// All colours on a light background.
    Light,
    /// Sixteen colours.
    Sixteen,
    /// `NO_COLOR`.
    Plain,
}

/// The sixteen colours, as many terminals have them.
const SIXTEEN: [u32; 16] = [
    0x00_0000, 0xcd_3131, 0x0d_bc79, 0xe5_e510, 0x24_72c8, 0xbc_3fbc, 0x11_a8cd, 0xe5_e5e5, 0x66_6666, 0xf1_4c4c,
    0x23_d18b, 0xf5_f543, 0x3b_8eea, 0xd6_70d6, 0x29_b8db, 0xff_ffff,
];

impl Look {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::Sixteen, Self::Plain];

    /// Its part of a picture's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Sixteen => "16",
            Self::Plain => "plain",
        }
    }

    /// What such a terminal says of itself.
    pub fn variables(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Dark => vec![("COLORTERM", "truecolor"), ("COLORFGBG", "15;0")],
            Self::Light => vec![("COLORTERM", "truecolor"), ("COLORFGBG", "0;15")],
            Self::Sixteen => vec![("TERM", "xterm"), ("COLORFGBG", "15;0")],
            Self::Plain => vec![("NO_COLOR", "1"), ("COLORFGBG", "15;0")],
        }
    }

    /// Its ordinary text and its background.
    pub const fn ground(self) -> (u32, u32) {
        match self {
            Self::Light => (0x20_2428, 0xfb_fbfb),
            _ => (0xd4_d7dd, 0x16_181d),
        }
    }
}

/// The colour of a number from 0 to 255.
pub fn indexed(number: u8) -> u32 {
    match number {
        0..=15 => SIXTEEN[usize::from(number)],
        16..=231 => {
            let part = |of: u8| [0, 95, 135, 175, 215, 255][usize::from(of % 6)];
            let cube = number - 16;
            rgb(part(cube / 36), part(cube / 6), part(cube))
        }
        232..=255 => {
            let grey = 8 + 10 * (number - 232);
            rgb(grey, grey, grey)
        }
    }
}

/// A colour as one number.
pub fn rgb(red: u8, green: u8, blue: u8) -> u32 {
    u32::from_be_bytes([0, red, green, blue])
}
