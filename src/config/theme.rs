//! `theme.toml`, colours of the user's own: a line a style, laid over one of the built-in themes. A mistake is a warning
//! that names its line, as in `keymap.toml`; what the terminal can show of a colour is decided where it is drawn.

mod worn;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue};

use super::document::{Row, Walker, found, rows};
use super::keys::nearest;
use crate::domain::Failure;
use crate::domain::display::display;
pub use worn::worn;

/// How the file is called; it stands beside `config.toml`.
pub const NAME: &str = "theme.toml";

/// What there is instead of a file that is no TOML.
const INSTEAD: &str = "the built-in theme holds";

/// The file with every style as the dark theme has it, commented out.
pub const EXAMPLE: &str = include_str!("../../assets/theme.toml");

/// The names of the sixteen colours, in the order of their numbers.
const NAMED: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "dark-gray",
    "light-red",
    "light-green",
    "light-yellow",
    "light-blue",
    "light-magenta",
    "light-cyan",
    "white",
];

/// How bright the terminal's background is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// Dark.
    Dark,
    /// Light.
    Light,
}

impl Background {
    /// What `COLORFGBG` says: `FOREGROUND;BACKGROUND` in the 16 colours, of which 7 and 9 to 15 are light.
    pub fn of(pair: &str) -> Option<Self> {
        let number: u8 = pair.rsplit(';').next()?.parse().ok()?;
        Some(if number == 7 || number > 8 { Self::Light } else { Self::Dark })
    }
}

/// What can be given colours, by its name in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Ordinary text.
    Text,
    /// What is read second.
    Quiet,
    /// Folders and prefixes.
    Folder,
    /// Keys, the focused pane's name, the cursor's bar.
    Accent,
    /// Borders of panes without focus.
    Border,
    /// Borders of the focused pane and of dialogs.
    BorderFocus,
    /// The row under the cursor.
    Cursor,
    /// The row under the cursor in the other panes.
    CursorElsewhere,
    /// What notices stand on.
    Notice,
    /// Marked rows.
    Marked,
    /// What a search found in a name.
    Hit,
    /// It went well.
    Good,
    /// It waits or needs a look.
    Warning,
    /// It failed.
    Bad,
    /// The button that Enter presses.
    Button,
}

/// Every part with its name.
pub const PARTS: [(Part, &str); 15] = [
    (Part::Text, "text"),
    (Part::Quiet, "quiet"),
    (Part::Folder, "folder"),
    (Part::Accent, "accent"),
    (Part::Border, "border"),
    (Part::BorderFocus, "border_focus"),
    (Part::Cursor, "cursor"),
    (Part::CursorElsewhere, "cursor_elsewhere"),
    (Part::Notice, "notice"),
    (Part::Marked, "marked"),
    (Part::Hit, "hit"),
    (Part::Good, "good"),
    (Part::Warning, "warning"),
    (Part::Bad, "bad"),
    (Part::Button, "button"),
];

/// A colour as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// The terminal's own.
    Default,
    /// One of 256; the first sixteen are the terminal's, and have names.
    Indexed(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// What a line changes; what it does not say stays as the built-in theme has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ink {
    /// The text's colour.
    pub fg: Option<Colour>,
    /// The colour behind it.
    pub bg: Option<Colour>,
    /// Bold.
    pub bold: Option<bool>,
    /// Dim.
    pub dim: Option<bool>,
    /// Italic.
    pub italic: Option<bool>,
    /// Underlined.
    pub underline: Option<bool>,
    /// Text and background swapped.
    pub reversed: Option<bool>,
}

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThemeFile {
    /// The built-in theme beneath: `dark` or `light`; without one it is chosen as without a file.
    pub base: Option<String>,
    /// What is changed.
    pub styles: Vec<(Part, Ink)>,
}

/// The file of colours that belongs to the setting `theme`: the one that it names, else the one beside the configuration.
pub fn file(setting: &str, config: &Path) -> PathBuf {
    match setting {
        "auto" | "dark" | "light" => config.with_file_name(NAME),
        path => PathBuf::from(path),
    }
}

/// The theme that the setting `theme` leads to (a path, or `auto`: the file beside the configuration, where there is one), and
/// what is wrong with it.
pub fn load(setting: &str, config: &Path) -> (ThemeFile, Vec<Failure>) {
    load_or(setting, config, Some(INSTEAD))
}

/// What is wrong with that theme, told where nothing starts: then no other one holds instead.
pub fn mistakes(setting: &str, config: &Path) -> Vec<Failure> {
    load_or(setting, config, None).1
}

fn load_or(setting: &str, config: &Path, instead: Option<&str>) -> (ThemeFile, Vec<Failure>) {
    if let "dark" | "light" = setting {
        return (ThemeFile { base: Some(setting.into()), ..ThemeFile::default() }, Vec::new());
    }
    let file = file(setting, config);
    match super::load::read(&file, setting != "auto") {
        Ok(text) => read_or(&file, text.as_deref().unwrap_or_default(), instead),
        Err(failure) => (ThemeFile::default(), vec![failure]),
    }
}

/// What a file's text says, and what is wrong with it: `Usage`, naming file and line.
pub fn read(file: &Path, text: &str) -> (ThemeFile, Vec<Failure>) {
    read_or(file, text, Some(INSTEAD))
}

fn read_or(file: &Path, text: &str, instead: Option<&str>) -> (ThemeFile, Vec<Failure>) {
    let mut reading = Reading { walker: Walker { file, text }, theme: ThemeFile::default(), warnings: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => rows(table.get_ref()).iter().for_each(|row| reading.top(row)),
        Err(error) => reading.warnings.push(reading.walker.syntax_or(&error, instead)),
    }
    (reading.theme, reading.warnings)
}

struct Reading<'a> {
    walker: Walker<'a>,
    theme: ThemeFile,
    warnings: Vec<Failure>,
}

impl Reading<'_> {
    fn top(&mut self, row: &Row<'_>) {
        match (row.name, row.value) {
            ("base", DeValue::String(base)) if matches!(&**base, "dark" | "light") => {
                self.theme.base = Some(base.to_string());
            }
            ("base", DeValue::String(base)) if &**base == "auto" => {}
            ("base", value) => self.warn(row, &format!("`base` is {}", shown(value)), "write auto, dark or light"),
            ("styles", DeValue::Table(styles)) => rows(styles).iter().for_each(|row| self.style(row)),
            _ if part(row.name).is_some() => {
                let what = format!("`{}` stands outside [styles]", row.name);
                self.warn(row, &what, "put it below [styles]");
            }
            _ => {
                let what = format!("there is no key `{}`", display(row.name));
                self.warn(row, &what, "the file has `base` and the section [styles]");
            }
        }
    }

    fn style(&mut self, row: &Row<'_>) {
        let Some(part) = part(row.name) else {
            let what = format!("there is no style `{}`", display(row.name));
            return self.unknown(row, &what, "the styles", PARTS.map(|(_, name)| name));
        };
        let ink = match row.value {
            DeValue::Table(table) => self.ink(table),
            value => Ink { fg: self.colour(row, value), ..Ink::default() },
        };
        self.theme.styles.push((part, ink));
    }

    fn ink(&mut self, table: &DeTable<'_>) -> Ink {
        let mut ink = Ink::default();
        for row in rows(table) {
            match row.name {
                "fg" => ink.fg = self.colour(&row, row.value),
                "bg" => ink.bg = self.colour(&row, row.value),
                "bold" => ink.bold = self.switch(&row),
                "dim" => ink.dim = self.switch(&row),
                "italic" => ink.italic = self.switch(&row),
                "underline" => ink.underline = self.switch(&row),
                "reversed" => ink.reversed = self.switch(&row),
                _ => {
                    let what = format!("a style has no `{}`", display(row.name));
                    let known = ["fg", "bg", "bold", "dim", "italic", "underline", "reversed"];
                    self.unknown(&row, &what, "it has", known);
                }
            }
        }
        ink
    }

    fn colour(&mut self, row: &Row<'_>, value: &DeValue<'_>) -> Option<Colour> {
        let colour = match value {
            DeValue::String(text) => colour(text),
            DeValue::Integer(number) => u8::from_str_radix(number.as_str(), number.radix()).ok().map(Colour::Indexed),
            _ => None,
        };
        if colour.is_none() {
            let what = format!("`{}` is {}, and that is no colour", display(row.name), shown(value));
            self.warn(row, &what, "colours are names such as \"cyan\", \"light-red\" or \"default\", numbers from 0 to 255, or \"#5fd7d7\"");
        }
        colour
    }

    fn switch(&mut self, row: &Row<'_>) -> Option<bool> {
        if let DeValue::Boolean(on) = row.value {
            return Some(*on);
        }
        self.warn(
            row,
            &format!("`{}` must be true or false, and this is {}", row.name, found(row.value)),
            "without quotes",
        );
        None
    }

    fn unknown<const N: usize>(&mut self, row: &Row<'_>, what: &str, known_are: &str, known: [&str; N]) {
        let near = nearest(row.name, known).map(|name| format!("did you mean `{name}`?"));
        self.warn(row, what, &near.unwrap_or_else(|| format!("{known_are}: {}", known.join(", "))));
    }

    fn warn(&mut self, row: &Row<'_>, what: &str, hint: &str) {
        self.warnings.push(self.walker.fault(row.at, what).hint(hint));
    }
}

/// A value as a message repeats it; nothing in this file is a secret.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", display(text)),
        DeValue::Integer(number) => number.as_str().to_owned(),
        other => found(other).to_owned(),
    }
}

fn part(name: &str) -> Option<Part> {
    PARTS.iter().find(|(_, known)| *known == name).map(|(part, _)| *part)
}

fn colour(text: &str) -> Option<Colour> {
    let name = text.to_ascii_lowercase().replace(['_', ' '], "-").replace("grey", "gray").replace("bright-", "light-");
    if name == "default" {
        return Some(Colour::Default);
    }
    if let Some(hex) = name.strip_prefix('#') {
        return rgb(hex);
    }
    NAMED.iter().zip(0..).find(|(known, _)| **known == name).map(|(_, number)| Colour::Indexed(number))
}

/// `5fd7d7` or `5dd`.
fn rgb(hex: &str) -> Option<Colour> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    match digits?.as_slice() {
        [r, g, b] => Some(Colour::Rgb(r * 17, g * 17, b * 17)),
        [r, s, g, h, b, c] => Some(Colour::Rgb(r * 16 + s, g * 16 + h, b * 16 + c)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (ThemeFile, Vec<String>) {
        let (theme, warnings) = read(Path::new("/c/theme.toml"), text);
        (theme, warnings.iter().map(Failure::sentence).collect())
    }

    fn fg(colour: Colour) -> Ink {
        Ink { fg: Some(colour), ..Ink::default() }
    }

    #[test]
    fn colours_have_names_numbers_and_hex() {
        let (theme, warnings) = parse(
            "base = \"light\"\n[styles]\naccent = \"cyan\"\nquiet = 245\nfolder = \"#5fD7d7\"\ngood = \"Bright Green\"\n\
             bad = \"#f00\"\ntext = \"default\"\ncursor = { bg = \"dark-grey\", bold = false, reversed = true }\n",
        );
        assert_eq!(warnings, [""; 0]);
        assert_eq!(theme.base.as_deref(), Some("light"));
        let cursor = Ink { bg: Some(Colour::Indexed(8)), bold: Some(false), reversed: Some(true), ..Ink::default() };
        assert_eq!(
            theme.styles,
            [
                (Part::Accent, fg(Colour::Indexed(6))),
                (Part::Quiet, fg(Colour::Indexed(245))),
                (Part::Folder, fg(Colour::Rgb(0x5f, 0xd7, 0xd7))),
                (Part::Good, fg(Colour::Indexed(10))),
                (Part::Bad, fg(Colour::Rgb(255, 0, 0))),
                (Part::Text, fg(Colour::Default)),
                (Part::Cursor, cursor),
            ]
        );
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_the_rest_holds() {
        let (theme, warnings) = parse(
            "base = \"blue\"\naccent = 3\n[styles]\nacent = 4\nbad = 300\ngood = \"#12\"\nmarked = { fg = 5, blink = true }\n\
             hit = { bold = \"yes\" }\n",
        );
        let colours =
            "colours are names such as \"cyan\", \"light-red\" or \"default\", numbers from 0 to 255, or \"#5fd7d7\"";
        assert_eq!(
            warnings,
            [
                "/c/theme.toml, line 1: `base` is \"blue\": write auto, dark or light".to_owned(),
                "/c/theme.toml, line 2: `accent` stands outside [styles]: put it below [styles]".to_owned(),
                "/c/theme.toml, line 4: there is no style `acent`: did you mean `accent`?".to_owned(),
                format!("/c/theme.toml, line 5: `bad` is 300, and that is no colour: {colours}"),
                format!("/c/theme.toml, line 6: `good` is \"#12\", and that is no colour: {colours}"),
                "/c/theme.toml, line 7: a style has no `blink`; it has: fg, bg, bold, dim, italic, underline, reversed"
                    .to_owned(),
                "/c/theme.toml, line 8: `bold` must be true or false, and this is text: without quotes".to_owned(),
            ]
        );
        assert!(theme.styles.contains(&(Part::Marked, fg(Colour::Indexed(5)))));
    }

    #[test]
    fn every_part_stands_in_the_file_that_is_written_out() {
        for (_, name) in PARTS {
            assert!(EXAMPLE.contains(&format!("\n# {name} = ")), "{name}");
        }
        assert_eq!(parse(EXAMPLE), (ThemeFile::default(), Vec::new()), "nothing in it holds before somebody wants it");
    }
}
