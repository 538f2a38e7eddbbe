//! The ground of a theme that was chosen by name: its own where the terminal's is another, so that it is read anywhere.

use ratatui::style::{Color, Style};

use super::{DARK, LIGHT, Theme};
use crate::config::theme::{Background, PARTS};
use crate::ui::depth::Depth;

/// What a theme brings to stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// The light theme's own.
    Light,
    /// The dark theme's own.
    Dark,
    /// White of sixteen colours.
    White,
    /// Black of sixteen colours.
    Black,
}

impl Ground {
    /// Whoever names a theme gets it whole: on ground of its own where the terminal's is another, or is not known.
    pub(super) fn of(base: &str, background: Option<Background>, depth: Depth) -> Option<Self> {
        let wanted = match base {
            "light" => Background::Light,
            "dark" => Background::Dark,
            _ => return None,
        };
        match (depth, wanted) {
            _ if background == Some(wanted) => None,
            (Depth::None, _) => None,
            (Depth::Sixteen, Background::Light) => Some(Self::White),
            (Depth::Sixteen, Background::Dark) => Some(Self::Black),
            (_, Background::Light) => Some(Self::Light),
            (_, Background::Dark) => Some(Self::Dark),
        }
    }

    /// Text, and what it stands on.
    fn colours(self) -> (Color, Color) {
        match self {
            Self::Light => (Color::Indexed(LIGHT.text), Color::Indexed(LIGHT.ground)),
            Self::Dark => (Color::Indexed(DARK.text), Color::Indexed(DARK.ground)),
            Self::White => (Color::Black, Color::White),
            Self::Black => (Color::Gray, Color::Black),
        }
    }
}

impl Theme {
    /// On that ground, with nothing left in the terminal's own colours, whoever wanted it so.
    pub(super) fn painted(mut self, ground: Ground) -> Self {
        let (text, ground) = ground.colours();
        for (part, _) in PARTS {
            let style = self.part(part);
            style.fg = style.fg.map(|colour| if colour == Color::Reset { text } else { colour });
            style.bg = style.bg.map(|colour| if colour == Color::Reset { ground } else { colour });
        }
        Self { ground: Style::new().fg(text).bg(ground), ..self }
    }

    /// Without what is pale on white.
    pub(super) fn on_white(mut self) -> Self {
        for (part, _) in PARTS {
            let style = self.part(part);
            style.fg = match style.fg {
                Some(Color::Cyan) => Some(Color::Blue),
                Some(Color::Yellow) => Some(Color::Magenta),
                other => other,
            };
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::theme::{Colour, Ink, Part, ThemeFile};
    use crate::ui::theme::over;

    #[test]
    fn a_named_theme_has_its_own_ground_unless_the_terminals_fits() {
        let of = |base: &str, background, term: &str| {
            let file = ThemeFile { base: Some(base.to_owned()), ..ThemeFile::default() };
            Theme::of(&file, background, |name| (name == "TERM").then(|| term.to_owned()))
        };
        let (dark, light) = (Some(Background::Dark), Some(Background::Light));
        let many = "xterm-256color";
        for (base, background, ground) in [
            ("light", dark, Some(Color::Indexed(231))),
            ("light", None, Some(Color::Indexed(231))),
            ("light", light, None),
            ("dark", light, Some(Color::Indexed(233))),
            ("dark", dark, None),
            ("auto", None, None),
        ] {
            assert_eq!(of(base, background, many).ground.bg, ground, "{base} on {background:?}");
        }
        let painted = of("light", dark, many);
        for (part, name) in PARTS {
            let mut theme = painted;
            assert_ne!(theme.part(part).fg, Some(Color::Reset), "{name}");
        }
        assert_eq!(over(painted.folder, painted.cursor).fg, painted.folder.fg);
        let few = of("light", dark, "xterm");
        assert_eq!((few.ground.bg, few.folder.fg), (Some(Color::White), Some(Color::Blue)));
    }

    #[test]
    fn the_terminals_own_colours_are_those_of_the_ground_where_there_is_one() {
        let default = Some(Colour::Default);
        let ink = |fg, bg| Ink { fg, bg, ..Ink::default() };
        let styles = vec![(Part::Text, ink(default, None)), (Part::Notice, ink(None, default))];
        let file = ThemeFile { base: Some("light".to_owned()), styles };
        let of =
            |background| Theme::of(&file, Some(background), |name| (name == "TERM").then(|| "xterm-256color".into()));
        let (painted, own) = (of(Background::Dark), of(Background::Light));
        assert_eq!((painted.text.fg, painted.notice.bg), (painted.ground.fg, painted.ground.bg));
        assert_eq!((own.text.fg, own.notice.bg), (Some(Color::Reset), Some(Color::Reset)));
    }
}
