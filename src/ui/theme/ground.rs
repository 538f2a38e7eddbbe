//! The ground of a theme that was chosen by name: its own where the terminal's is another, so that it is read anywhere.

use ratatui::style::{Color, Style};

use super::{DARK, LIGHT, Theme};
use crate::config::theme::{Background, PARTS};
use crate::ui::depth::Depth;

impl Theme {
    /// Whoever names a theme gets it whole: on ground of its own where the terminal's is another, or is not known.
    pub(super) fn on_ground(
        self,
        base: &str,
        background: Option<Background>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let wanted = match base {
            "light" => Background::Light,
            "dark" => Background::Dark,
            _ => return self,
        };
        if background == Some(wanted) {
            return self;
        }
        match (Depth::of(variable), wanted) {
            (Depth::None, _) => self,
            (Depth::Sixteen, Background::Light) => Self::sixteen_on_white().painted(Color::Black, Color::White),
            (Depth::Sixteen, Background::Dark) => self.painted(Color::Gray, Color::Black),
            (_, Background::Light) => self.painted(Color::Indexed(LIGHT.text), Color::Indexed(LIGHT.ground)),
            (_, Background::Dark) => self.painted(Color::Indexed(DARK.text), Color::Indexed(DARK.ground)),
        }
    }

    /// On that ground, with nothing left in the terminal's own colours.
    fn painted(mut self, text: Color, ground: Color) -> Self {
        for (part, _) in PARTS {
            let style = self.part(part);
            if style.fg == Some(Color::Reset) {
                *style = style.fg(text);
            }
        }
        Self { ground: Style::new().fg(text).bg(ground), ..self }
    }

    /// Without what is pale on white.
    fn sixteen_on_white() -> Self {
        let dark = |style: Style| match style.fg {
            Some(Color::Cyan) => style.fg(Color::Blue),
            Some(Color::Yellow) => style.fg(Color::Magenta),
            _ => style,
        };
        let mut theme = Self::sixteen();
        for (part, _) in PARTS {
            let style = theme.part(part);
            *style = dark(*style);
        }
        theme
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::theme::ThemeFile;
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
}
