//! Which of the two built-in themes is shown: by what the terminal says of its background, until then by what its
//! environment says or it said the last time. It is asked only where its answer decides something.

use crate::config::theme::{Background, ThemeFile};
use crate::ui::{Depth, Theme};

/// Chooses the theme.
#[derive(Debug)]
pub struct Themes {
    file: ThemeFile,
    /// What the environment says of the background.
    environment: Option<Background>,
    /// What a terminal answered the last time, which may have been another.
    remembered: Option<Background>,
    /// What the terminal itself has said.
    told: Option<Background>,
}

impl Themes {
    /// With what the user's file says and what the terminal answered the last time.
    pub fn new(file: ThemeFile, remembered: Option<Background>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let environment = variable("COLORFGBG").and_then(|pair| Background::of(&pair));
        Self { file, environment, remembered, told: None }
    }

    /// The theme to be shown. What was remembered says which of the two may fit, but never that a named one needs no ground.
    pub fn theme(&self, variable: impl Fn(&str) -> Option<String>) -> Theme {
        let remembered = if self.file.base.is_some() { None } else { self.remembered };
        Theme::of(&self.file, self.told.or(self.environment).or(remembered), variable)
    }

    /// Goes by another file.
    pub fn wear(&mut self, file: ThemeFile) {
        self.file = file;
    }

    /// Takes note of what the terminal has answered.
    pub fn tell(&mut self, background: Background) {
        self.told = Some(background);
    }

    /// What the terminal has answered.
    pub fn told(&self) -> Option<Background> {
        self.told
    }
}

/// Whether the terminal is to be asked for its background: where there are colours for both, or a theme is named, which brings
/// its ground where the terminal's is another. Not the system's console, which would show a question; and not GNU screen,
/// which may: there is no `TMUX` in it.
pub fn asks(file: &ThemeFile, variable: impl Fn(&str) -> Option<String>) -> bool {
    let has = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let term = variable("TERM").unwrap_or_default();
    let family =
        |name: &str| term == name || term.starts_with(&format!("{name}-")) || term.starts_with(&format!("{name}."));
    let mute = family("dumb") || family("linux") || has("STY") || (family("screen") && !has("TMUX"));
    let enough = if file.base.is_some() { Depth::Sixteen } else { Depth::Cube };
    !mute && !term.is_empty() && Depth::of(&variable) >= enough
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Palette;

    type Variables<'a> = &'a [(&'a str, &'a str)];

    fn set<'a>(environment: Variables<'a>) -> impl Fn(&str) -> Option<String> + 'a {
        |name| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn only_a_terminal_whose_answer_decides_something_is_asked() {
        let asked = |environment: Variables<'_>| asks(&ThemeFile::default(), set(environment));
        for environment in [
            &[("TERM", "xterm-256color")][..],
            &[("TERM", "xterm-kitty")],
            &[("TERM", "tmux-256color"), ("TMUX", "/tmp/tmux")],
            &[("TERM", "screen-256color"), ("TMUX", "/tmp/tmux")],
            &[("TERM", "xterm"), ("COLORTERM", "truecolor")],
        ] {
            assert!(asked(environment), "{environment:?}");
        }
        for environment in [
            &[("TERM", "dumb"), ("COLORTERM", "truecolor")][..],
            &[("TERM", "linux"), ("COLORTERM", "truecolor")],
            &[("TERM", "linux-16color")],
            &[("TERM", "screen-256color")],
            &[("TERM", "screen.xterm-256color")],
            &[("TERM", "xterm-256color"), ("STY", "1.pts-0")],
            &[("TERM", "xterm-256color"), ("NO_COLOR", "1")],
            &[("TERM", "xterm")],
            &[],
        ] {
            assert!(!asked(environment), "{environment:?}");
        }
        let fixed = ThemeFile { base: Some("dark".into()), ..ThemeFile::default() };
        for (environment, asked) in [
            (&[("TERM", "xterm-256color")][..], true),
            (&[("TERM", "xterm")], true),
            (&[("TERM", "linux")], false),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], false),
        ] {
            assert_eq!(asks(&fixed, set(environment)), asked, "{environment:?}");
        }
    }

    #[test]
    fn the_terminals_word_counts_more_than_its_environments_and_that_more_than_its_last() {
        let theme = |colorfgbg: &str, remembered, told: Option<Background>| {
            let environment = [("TERM", "xterm-256color"), ("COLORFGBG", colorfgbg)];
            let mut themes = Themes::new(ThemeFile::default(), remembered, set(&environment));
            told.into_iter().for_each(|background| themes.tell(background));
            themes.theme(set(&environment))
        };
        let [dark, light] = [Palette::Dark, Palette::Light].map(Theme::new);
        let (is_dark, is_light) = (Some(Background::Dark), Some(Background::Light));
        assert_eq!(theme("", None, None), dark);
        assert_eq!(theme("", is_light, None), light);
        assert_eq!(theme("15;0", is_light, None), dark);
        assert_eq!(theme("0;15", None, None), light);
        assert_eq!(theme("0;15", is_light, is_dark), dark);
    }

    #[test]
    fn a_named_theme_goes_without_ground_of_its_own_by_what_is_known_of_this_terminal_alone() {
        let has_ground = |colorfgbg: &str, told: Option<Background>| {
            let environment = [("TERM", "xterm-256color"), ("COLORFGBG", colorfgbg)];
            let file = ThemeFile { base: Some("light".into()), ..ThemeFile::default() };
            let mut themes = Themes::new(file, Some(Background::Light), set(&environment));
            told.into_iter().for_each(|background| themes.tell(background));
            themes.theme(set(&environment)).ground.bg.is_some()
        };
        assert!(has_ground("", None), "another terminal may have answered the last time");
        assert!(!has_ground("0;15", None));
        assert!(!has_ground("", Some(Background::Light)));
        assert!(has_ground("0;15", Some(Background::Dark)));
    }
}
