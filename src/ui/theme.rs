//! Colours by what they mean: one accent, quiet borders, and every state told by a symbol or a word as well, so that the
//! screen reads the same without any colour.

mod ground;

use ratatui::style::{Color, Modifier, Style};

use super::depth::Depth;
use crate::config::theme::{Background, Ink, Part, ThemeFile};
use ground::Ground;

/// How much colour there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// 256 colours on a dark background.
    #[default]
    Dark,
    /// 256 colours on a light background.
    Light,
    /// The terminal's own 16 colours, whatever they are.
    Sixteen,
    /// No colour at all (`NO_COLOR`): bold, dim and reversed text only.
    Plain,
}

impl Palette {
    /// Chooses by the setting (`auto`, `dark`, `light`), the terminal's background as far as it is known, and the
    /// environment: `NO_COLOR` wins, then what `TERM` and `COLORTERM` say.
    pub fn choose(setting: &str, background: Option<Background>, variable: impl Fn(&str) -> Option<String>) -> Self {
        match (Depth::of(&variable), setting, background) {
            (Depth::None, ..) => Self::Plain,
            (Depth::Sixteen, ..) => Self::Sixteen,
            (_, "light", _) | (_, "auto", Some(Background::Light)) => Self::Light,
            _ => Self::Dark,
        }
    }
}

/// The styles of everything that is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// What everything stands on: nothing where that is the terminal's own.
    pub ground: Style,
    /// Ordinary text.
    pub text: Style,
    /// What is read second: dates, types, hints.
    pub quiet: Style,
    /// Folders and prefixes.
    pub folder: Style,
    /// The one accent: the focused pane, keys, the cursor's bar.
    pub accent: Style,
    /// Borders of panes without focus.
    pub border: Style,
    /// Borders of the focused pane and of dialogs.
    pub border_focus: Style,
    /// The row under the cursor in the focused pane.
    pub cursor: Style,
    /// The row under the cursor in the other panes.
    pub cursor_elsewhere: Style,
    /// What notices stand on.
    pub notice: Style,
    /// Marked rows.
    pub marked: Style,
    /// What a search found in a name.
    pub hit: Style,
    /// It went well.
    pub good: Style,
    /// It waits or needs a look.
    pub warning: Style,
    /// It failed.
    pub bad: Style,
    /// The button that Enter presses.
    pub button: Style,
}

impl Theme {
    /// The styles of a palette.
    pub fn new(palette: Palette) -> Self {
        match palette {
            Palette::Dark => Self::coloured(&DARK),
            Palette::Light => Self::coloured(&LIGHT),
            Palette::Sixteen => Self::sixteen(),
            Palette::Plain => Self::plain(),
        }
    }

    /// The built-in theme that fits the terminal, with the lines of a file laid over it.
    pub fn of(file: &ThemeFile, background: Option<Background>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let base = file.base.as_deref().unwrap_or("auto");
        let depth = Depth::of(&variable);
        let ground = Ground::of(base, background, depth);
        let mut theme = Self::new(Palette::choose(base, background, &variable));
        if ground == Some(Ground::White) {
            theme = theme.on_white();
        }
        for (part, ink) in &file.styles {
            let style = theme.part(*part);
            *style = inked(*style, ink, depth);
        }
        ground.map_or(theme, |ground| theme.painted(ground)).with_a_cursor(depth)
    }

    /// Without colours the row under the cursor and the button that Enter presses have to be told by something else.
    fn with_a_cursor(mut self, depth: Depth) -> Self {
        for style in [&mut self.cursor, &mut self.button] {
            let told = Modifier::REVERSED | Modifier::UNDERLINED;
            if depth == Depth::None && !style.add_modifier.intersects(told) {
                *style = style.add_modifier(Modifier::REVERSED);
            }
        }
        self
    }

    fn part(&mut self, part: Part) -> &mut Style {
        match part {
            Part::Text => &mut self.text,
            Part::Quiet => &mut self.quiet,
            Part::Folder => &mut self.folder,
            Part::Accent => &mut self.accent,
            Part::Border => &mut self.border,
            Part::BorderFocus => &mut self.border_focus,
            Part::Cursor => &mut self.cursor,
            Part::CursorElsewhere => &mut self.cursor_elsewhere,
            Part::Notice => &mut self.notice,
            Part::Marked => &mut self.marked,
            Part::Hit => &mut self.hit,
            Part::Good => &mut self.good,
            Part::Warning => &mut self.warning,
            Part::Bad => &mut self.bad,
            Part::Button => &mut self.button,
        }
    }

    fn coloured(inks: &Inks) -> Self {
        let ink = |number| Style::new().fg(Color::Indexed(number));
        let accent = ink(inks.accent);
        Self {
            ground: Style::new(),
            text: Style::new().fg(Color::Reset),
            quiet: ink(inks.quiet),
            folder: accent,
            accent: accent.add_modifier(Modifier::BOLD),
            border: ink(inks.border),
            border_focus: accent,
            cursor: Style::new().bg(Color::Indexed(inks.cursor)).add_modifier(Modifier::BOLD),
            cursor_elsewhere: Style::new().bg(Color::Indexed(inks.cursor_elsewhere)),
            notice: Style::new().bg(Color::Indexed(inks.cursor)),
            marked: ink(inks.warning),
            hit: accent.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            good: ink(inks.good),
            warning: ink(inks.warning),
            bad: ink(inks.bad),
            button: Style::new().fg(Color::Indexed(inks.button_text)).bg(Color::Indexed(inks.accent)),
        }
    }

    fn sixteen() -> Self {
        let ink = |colour| Style::new().fg(colour);
        let plain = Self::plain();
        Self {
            folder: ink(Color::Cyan),
            accent: ink(Color::Cyan).add_modifier(Modifier::BOLD),
            border_focus: ink(Color::Cyan),
            marked: ink(Color::Yellow),
            hit: ink(Color::Cyan).add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            good: ink(Color::Green),
            warning: ink(Color::Yellow),
            bad: ink(Color::Red),
            ..plain
        }
    }

    fn plain() -> Self {
        // Not "no colour" but the terminal's own, so that text on a border does not take the border's.
        let text = Style::new().fg(Color::Reset);
        let bold = text.add_modifier(Modifier::BOLD);
        let reversed = text.add_modifier(Modifier::REVERSED);
        Self {
            ground: Style::new(),
            text,
            quiet: text,
            folder: text,
            accent: bold,
            border: text,
            border_focus: bold,
            cursor: reversed,
            cursor_elsewhere: text,
            notice: text,
            marked: bold,
            hit: bold.add_modifier(Modifier::UNDERLINED),
            good: text,
            warning: bold,
            bad: bold,
            button: reversed,
        }
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::new(Palette::default())
    }
}

/// A style with what a line of the theme's file changes, as far as the terminal can show it.
fn inked(style: Style, ink: &Ink, depth: Depth) -> Style {
    let near = |colour| depth.nearest(colour);
    let switches = [
        (Modifier::BOLD, ink.bold),
        (Modifier::DIM, ink.dim),
        (Modifier::ITALIC, ink.italic),
        (Modifier::UNDERLINED, ink.underline),
        (Modifier::REVERSED, ink.reversed),
    ];
    let switched = switches.into_iter().fold(style.add_modifier, |all, (modifier, on)| match on {
        Some(true) => all | modifier,
        Some(false) => all - modifier,
        None => all,
    });
    // A background of one's own takes the place of one that is only text and background swapped.
    let swapped_by_base = ink.reversed.is_none() && ink.bg.and_then(near).is_some();
    let switched = if swapped_by_base { switched - Modifier::REVERSED } else { switched };
    Style {
        fg: ink.fg.and_then(near).or(style.fg),
        bg: ink.bg.and_then(near).or(style.bg),
        add_modifier: switched,
        ..style
    }
}

/// How text looks on a background. On a grey of the theme, text in the terminal's own colour gets one that is read there: the
/// terminal may be dark where the theme is light.
pub fn over(text: Style, under: Style) -> Style {
    let readable = match under.bg {
        Some(Color::Indexed(232..=243)) => Some(Color::Indexed(255)),
        Some(Color::Indexed(244..=255)) => Some(Color::Indexed(232)),
        _ => None,
    };
    let style = text.patch(under);
    match readable.filter(|_| matches!(style.fg, None | Some(Color::Reset))) {
        Some(colour) => style.fg(colour),
        None => style,
    }
}

/// Numbers of the 256-colour cube, which do not depend on the terminal's own sixteen.
struct Inks {
    /// Text and what it stands on, where the terminal's own do not fit.
    text: u8,
    ground: u8,
    accent: u8,
    quiet: u8,
    border: u8,
    cursor: u8,
    cursor_elsewhere: u8,
    good: u8,
    warning: u8,
    bad: u8,
    button_text: u8,
}

const DARK: Inks = Inks {
    text: 252,
    ground: 233,
    accent: 80,
    quiet: 245,
    border: 239,
    cursor: 237,
    cursor_elsewhere: 235,
    good: 114,
    warning: 221,
    bad: 210,
    button_text: 234,
};

const LIGHT: Inks = Inks {
    text: 235,
    ground: 231,
    accent: 30,
    quiet: 242,
    border: 250,
    cursor: 253,
    cursor_elsewhere: 255,
    good: 28,
    warning: 130,
    bad: 160,
    button_text: 255,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_under_the_cursor_is_read_whatever_the_terminals_background_is() {
        let theme = |inks| Theme::coloured(inks);
        let name = |theme: &Theme| over(theme.text, theme.cursor).fg;
        assert_eq!(name(&theme(&LIGHT)), Some(Color::Indexed(232)));
        assert_eq!(name(&theme(&DARK)), Some(Color::Indexed(255)));
        let light = theme(&LIGHT);
        assert_eq!(over(light.folder, light.cursor).fg, light.folder.fg, "what has a colour keeps it");
        assert_eq!(over(light.text, Style::new()).fg, Some(Color::Reset));
    }

    fn chosen(setting: &str, environment: &[(&str, &str)]) -> Palette {
        Palette::choose(setting, None, |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn no_color_wins_over_everything() {
        assert_eq!(chosen("dark", &[("NO_COLOR", "1"), ("TERM", "xterm-256color")]), Palette::Plain);
        assert_eq!(chosen("dark", &[("NO_COLOR", ""), ("TERM", "xterm-256color")]), Palette::Dark);
    }

    #[test]
    fn the_terminal_decides_how_many_colours() {
        assert_eq!(chosen("auto", &[("TERM", "linux")]), Palette::Sixteen);
        assert_eq!(chosen("light", &[("COLORTERM", "truecolor")]), Palette::Light);
    }

    #[test]
    fn the_background_decides_between_the_two_where_none_is_fixed_and_there_are_colours() {
        let of = |setting, term: &str| {
            Palette::choose(setting, Some(Background::Light), |name| (name == "TERM").then(|| term.to_owned()))
        };
        assert_eq!((of("auto", "xterm-256color"), of("dark", "xterm-256color")), (Palette::Light, Palette::Dark));
        assert_eq!(of("auto", "xterm"), Palette::Sixteen);
    }

    /// The theme of a file's text in a terminal of that environment.
    fn themed(text: &str, environment: &[(&str, &str)]) -> Theme {
        let (file, warnings) = crate::config::theme::read(std::path::Path::new("theme.toml"), text);
        assert_eq!(warnings, []);
        Theme::of(&file, None, |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_file_that_is_written_out_says_what_the_dark_theme_has() {
        let uncommented =
            crate::config::theme::EXAMPLE.replace("\n# base", "\nbase").lines().fold(String::new(), |text, line| {
                let setting = line.strip_prefix("# ").filter(|rest| rest.split(' ').nth(1) == Some("="));
                text + setting.unwrap_or(line) + "\n"
            });
        assert_eq!(themed(&uncommented, &[("TERM", "xterm-256color")]), Theme::new(Palette::Dark));
    }

    #[test]
    fn a_line_changes_what_it_says_and_no_more() {
        let text = "base = \"light\"\n[styles]\naccent = \"#5fd7d7\"\ncursor = { bold = false }\n";
        let light = Theme::new(Palette::Light);
        let theme = themed(text, &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]);
        let accent = Style { fg: Some(Color::Rgb(0x5f, 0xd7, 0xd7)), ..light.accent };
        let cursor = Style { add_modifier: Modifier::empty(), ..light.cursor };
        assert_eq!((theme.accent, theme.cursor, theme.quiet), (accent, cursor, light.quiet));
        assert_eq!(themed(text, &[("TERM", "xterm-256color")]).accent.fg, Some(Color::Indexed(80)));
        assert_eq!(themed(text, &[("TERM", "xterm")]).accent.fg, Some(Color::Indexed(14)));
    }

    #[test]
    fn no_color_takes_a_files_colours_and_leaves_the_selection_visible() {
        let text = "[styles]\ncursor = { fg = 1, bg = 2, reversed = false }\nbad = { fg = 1, italic = true }\n";
        let theme = themed(text, &[("TERM", "xterm-256color"), ("NO_COLOR", "1")]);
        let plain = Theme::new(Palette::Plain);
        let bad = plain.bad.add_modifier(Modifier::ITALIC);
        assert_eq!(theme, Theme { bad, ..plain });
    }

    #[test]
    fn without_colour_the_cursor_is_still_visible() {
        let theme = Theme::new(Palette::Plain);
        assert!(theme.cursor.add_modifier.contains(Modifier::REVERSED));
        for style in [theme.text, theme.quiet, theme.accent, theme.cursor, theme.bad, theme.button] {
            assert_eq!((style.fg, style.bg), (Some(Color::Reset), None));
        }
    }
}
