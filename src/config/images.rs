//! How pictures are shown: what `images` may say, and what comes of it in a terminal of which only the environment is known.

use crate::domain::picture::{MOST_SENT, MOST_SHOWN, Protocol};

/// `images`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Images {
    /// As the terminal can, by what its environment says.
    #[default]
    Auto,
    /// In this language, whatever the environment says.
    In(Protocol),
    /// As half blocks.
    Blocks,
    /// Not at all.
    None,
}

/// The way in which pictures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// As half blocks, two pixels a cell.
    #[default]
    Blocks,
    /// By the terminal itself.
    Pixels(Protocol, Where),
    /// Not at all, and why where nobody asked for that.
    Not(Option<&'static str>),
}

/// Where pictures are given to the terminal itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// Wherever one is whole in sight.
    Anywhere,
    /// Where the preview is alone, for which a key is pressed: over SSH each takes the line for a while.
    Zoomed,
}

impl Where {
    /// Bytes that a picture may take there.
    pub const fn most(self) -> usize {
        match self {
            Self::Anywhere => MOST_SHOWN,
            Self::Zoomed => MOST_SENT,
        }
    }
}

impl Images {
    /// The way in a terminal of that environment: blocks are no plain characters, and pictures are nothing but colour. tmux
    /// and screen let no pixels through, or lose count of them.
    pub fn way(self, ascii: bool, variable: impl Fn(&str) -> Option<String>) -> Way {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        match self {
            Self::None => Way::Not(None),
            _ if variable("NO_COLOR").is_some() => {
                Way::Not(Some("it is not drawn without colours, and NO_COLOR is set"))
            }
            _ if ascii => Way::Not(Some("it is not drawn with plain characters (ascii = true)")),
            Self::Blocks => Way::Blocks,
            _ if is_within_another(&variable) => Way::Blocks,
            Self::In(protocol) => Way::Pixels(protocol, reach(&variable)),
            Self::Auto => spoken(&variable).map_or(Way::Blocks, |protocol| Way::Pixels(protocol, reach(&variable))),
        }
    }
}

fn reach(variable: &impl Fn(&str) -> Option<String>) -> Where {
    let is_far = variable("SSH_TTY").or_else(|| variable("SSH_CONNECTION")).is_some();
    if is_far { Where::Zoomed } else { Where::Anywhere }
}

fn is_within_another(variable: &impl Fn(&str) -> Option<String>) -> bool {
    let term = variable("TERM").unwrap_or_default();
    variable("TMUX").is_some() || variable("STY").is_some() || term.starts_with("tmux") || term.starts_with("screen")
}

/// What the terminal of that environment is known to speak. iTerm2 says who it is over SSH too (`LC_TERMINAL`).
fn spoken(variable: &impl Fn(&str) -> Option<String>) -> Option<Protocol> {
    let is = |name: &str, value: &str| variable(name).is_some_and(|found| found.eq_ignore_ascii_case(value));
    let term = variable("TERM").unwrap_or_default();
    if term.contains("kitty") || term.contains("ghostty") || is("TERM_PROGRAM", "ghostty") {
        return Some(Protocol::Kitty);
    }
    let like_iterm2 = is("TERM_PROGRAM", "iTerm.app") || is("TERM_PROGRAM", "WezTerm") || is("LC_TERMINAL", "iTerm2");
    if like_iterm2 || term.contains("wezterm") || variable("KONSOLE_VERSION").is_some() {
        return Some(Protocol::Iterm2);
    }
    ["foot", "mlterm", "contour"].iter().any(|known| term.starts_with(known)).then_some(Protocol::Sixel)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(images: Images, ascii: bool, environment: &[(&str, &str)]) -> Way {
        images.way(ascii, |name| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn without_colours_or_with_plain_characters_there_are_no_pictures_and_it_is_said() {
        assert_eq!(way(Images::Auto, false, &[("NO_COLOR", "")]), Way::Blocks);
        assert!(matches!(way(Images::Auto, false, &[("NO_COLOR", "1")]), Way::Not(Some(_))));
        assert!(matches!(way(Images::Blocks, true, &[]), Way::Not(Some(_))));
        assert_eq!(way(Images::None, true, &[("NO_COLOR", "1")]), Way::Not(None));
    }

    #[test]
    fn terminals_that_are_known_by_their_environment_get_pixels_and_others_blocks() {
        for (name, value, expected) in [
            ("TERM", "xterm-kitty", Way::Pixels(Protocol::Kitty, Where::Anywhere)),
            ("TERM", "xterm-ghostty", Way::Pixels(Protocol::Kitty, Where::Anywhere)),
            ("TERM_PROGRAM", "iTerm.app", Way::Pixels(Protocol::Iterm2, Where::Anywhere)),
            ("TERM_PROGRAM", "WezTerm", Way::Pixels(Protocol::Iterm2, Where::Anywhere)),
            ("LC_TERMINAL", "iTerm2", Way::Pixels(Protocol::Iterm2, Where::Anywhere)),
            ("KONSOLE_VERSION", "230804", Way::Pixels(Protocol::Iterm2, Where::Anywhere)),
            ("TERM", "foot", Way::Pixels(Protocol::Sixel, Where::Anywhere)),
            ("TERM", "mlterm-256color", Way::Pixels(Protocol::Sixel, Where::Anywhere)),
            ("TERM", "xterm-256color", Way::Blocks),
            ("TERM_PROGRAM", "Apple_Terminal", Way::Blocks),
        ] {
            assert_eq!(way(Images::Auto, false, &[(name, value)]), expected, "{value}");
        }
    }

    #[test]
    fn over_ssh_they_get_pixels_only_where_the_preview_is_alone() {
        for far in ["SSH_TTY", "SSH_CONNECTION"] {
            let term = ("TERM", "xterm-kitty");
            assert_eq!(
                way(Images::Auto, false, &[term, (far, "10.0.0.1 22")]),
                Way::Pixels(Protocol::Kitty, Where::Zoomed)
            );
            assert_eq!(way(Images::Auto, false, &[term, (far, "")]), Way::Pixels(Protocol::Kitty, Where::Anywhere));
        }
    }

    #[test]
    fn within_tmux_and_screen_there_are_blocks_whatever_is_asked_for() {
        for inner in
            [("TMUX", "/tmp/tmux-0/default,1,0"), ("STY", "1.pts-0"), ("TERM", "tmux-256color"), ("TERM", "screen")]
        {
            for images in [Images::Auto, Images::In(Protocol::Kitty)] {
                assert_eq!(way(images, false, &[inner, ("LC_TERMINAL", "iTerm2")]), Way::Blocks, "{inner:?}");
            }
        }
        assert_eq!(
            way(Images::In(Protocol::Sixel), false, &[("TERM", "xterm")]),
            Way::Pixels(Protocol::Sixel, Where::Anywhere)
        );
    }
}
