//! How many colours the terminal shows, by what its environment says, and the nearest that it has to one that was asked
//! for. The terminal itself is not asked, since its answer would have to be waited for.

use ratatui::style::Color;

use crate::config::theme::Colour;

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Depth {
    /// None (`NO_COLOR`).
    None,
    /// The terminal's own 16.
    Sixteen,
    /// The 256 of xterm.
    Cube,
    /// Any.
    #[default]
    True,
}

impl Depth {
    /// `NO_COLOR` wins, then what `COLORTERM` and `TERM` say.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let has = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = variable("TERM").unwrap_or_default();
        let is = |known: &[&str]| known.iter().any(|part| term.contains(part));
        match has("COLORTERM").as_deref() {
            _ if has("NO_COLOR").is_some() => Self::None,
            Some("truecolor" | "24bit") => Self::True,
            _ if is(&["direct", "kitty", "alacritty", "ghostty", "wezterm", "foot"]) => Self::True,
            Some(_) => Self::Cube,
            None if is(&["256"]) => Self::Cube,
            None => Self::Sixteen,
        }
    }

    /// The nearest colour that there is; `None` where there are none.
    pub fn nearest(self, colour: Colour) -> Option<Color> {
        match (self, colour) {
            (Self::None, _) => None,
            (_, Colour::Default) => Some(Color::Reset),
            (Self::True, Colour::Rgb(r, g, b)) => Some(Color::Rgb(r, g, b)),
            (Self::Cube, Colour::Rgb(r, g, b)) => Some(Color::Indexed(closest([r, g, b], 16..=u8::MAX))),
            (Self::Sixteen, Colour::Rgb(r, g, b)) => Some(Color::Indexed(of_sixteen([r, g, b]))),
            (Self::Sixteen, Colour::Indexed(number)) if number > 15 => Some(Color::Indexed(of_sixteen(rgb_of(number)))),
            (_, Colour::Indexed(number)) => Some(Color::Indexed(number)),
        }
    }
}

/// Red, green and blue of xterm's 256 colours. The first sixteen are the terminal's own; these are what it has mostly.
fn rgb_of(number: u8) -> [u8; 3] {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |index: u8| STEPS.get(usize::from(index % 6)).copied().unwrap_or_default();
    match number {
        7 => [192; 3],
        8 => [128; 3],
        0..16 => {
            let strength = if number < 8 { 128 } else { 255 };
            [number & 1, number >> 1 & 1, number >> 2 & 1].map(|bit| bit * strength)
        }
        16..232 => [step((number - 16) / 36), step((number - 16) / 6), step(number - 16)],
        grey => [8 + (grey - 232) * 10; 3],
    }
}

/// The nearest of the terminal's own. There a pale colour is nearer to grey than to its own kind, so greys are for greys.
fn of_sixteen(wanted: [u8; 3]) -> u8 {
    let grey = |[r, g, b]: [u8; 3]| r.max(g).max(b) - r.min(g).min(b) < 32;
    closest(wanted, (0..16).filter(|number| grey(rgb_of(*number)) == grey(wanted)))
}

/// The number of these whose colour differs least.
fn closest(wanted: [u8; 3], numbers: impl IntoIterator<Item = u8>) -> u8 {
    let away = |number: &u8| -> u32 {
        let differs = |(one, other): (u8, u8)| u32::from(one.abs_diff(other)).pow(2);
        wanted.into_iter().zip(rgb_of(*number)).map(differs).sum()
    };
    numbers.into_iter().min_by_key(away).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(environment: &[(&str, &str)]) -> Depth {
        Depth::of(|name| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_tells_how_many_colours_there_are() {
        assert_eq!(depth(&[("TERM", "linux")]), Depth::Sixteen);
        assert_eq!(depth(&[("TERM", "xterm-256color")]), Depth::Cube);
        assert_eq!(depth(&[("TERM", "xterm-kitty")]), Depth::True);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(depth(&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::Cube);
    }

    #[test]
    fn a_colour_falls_to_the_nearest_there_is() {
        let teal = Colour::Rgb(0x5f, 0xd7, 0xd7);
        assert_eq!(Depth::True.nearest(teal), Some(Color::Rgb(0x5f, 0xd7, 0xd7)));
        assert_eq!(Depth::Cube.nearest(teal), Some(Color::Indexed(80)));
        assert_eq!(Depth::Sixteen.nearest(Colour::Rgb(250, 10, 10)), Some(Color::Indexed(9)));
        assert_eq!(Depth::Sixteen.nearest(Colour::Indexed(245)), Some(Color::Indexed(8)));
        assert_eq!(Depth::Sixteen.nearest(Colour::Indexed(6)), Some(Color::Indexed(6)));
        assert_eq!(Depth::Sixteen.nearest(Colour::Default), Some(Color::Reset));
        assert_eq!(Depth::None.nearest(teal), None);
    }

    #[test]
    fn every_number_of_the_cube_is_its_own_nearest() {
        for number in 16..=u8::MAX {
            let [r, g, b] = rgb_of(number);
            assert_eq!(rgb_of(closest([r, g, b], 16..=u8::MAX)), [r, g, b], "{number}");
        }
    }
}
