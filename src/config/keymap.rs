//! `keymap.toml`, the user's own keys: a section a context, a line an action. Whoever mistypes a line must still be able
//! to start and read the help, so a mistake is a warning that names its line, and everything else holds.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::document::{self, Row, Walker, found, rows};
use super::keys::nearest;
use crate::action::{Action, Context, Key, Keymap, Rebound, Region, TABLE, parse_keys};
use crate::domain::Failure;
use crate::domain::display::display;

/// How the file is called; it stands beside `config.toml`.
pub const NAME: &str = "keymap.toml";

/// What there is instead of a file that is no TOML.
const INSTEAD: &str = "the default keys hold";

/// The file that belongs to a configuration file.
pub fn beside(config: &Path) -> PathBuf {
    config.with_file_name(NAME)
}

/// The keys in force, and what is wrong with the file. Without one the default keys hold.
pub fn load(file: &Path) -> (Keymap, Vec<Failure>) {
    load_or(file, Some(INSTEAD))
}

/// What is wrong with the file, told where nothing starts: then no keys hold instead.
pub fn mistakes(file: &Path) -> Vec<Failure> {
    load_or(file, None).1
}

fn load_or(file: &Path, instead: Option<&'static str>) -> (Keymap, Vec<Failure>) {
    match super::load::read(file, false) {
        Ok(text) => read_or(file, text.as_deref().unwrap_or_default(), instead),
        Err(failure) => (Keymap::default(), vec![failure]),
    }
}

/// The keys that a file's text puts in force, and what is wrong with it: `Usage`, naming file and line.
pub fn read(file: &Path, text: &str) -> (Keymap, Vec<Failure>) {
    read_or(file, text, Some(INSTEAD))
}

fn read_or(file: &Path, text: &str, instead: Option<&'static str>) -> (Keymap, Vec<Failure>) {
    let mut reading = Reading { walker: Walker { file, text }, instead, lines: Vec::new(), warnings: Vec::new() };
    reading.whole();
    reading.lines.sort_by_key(|line| line.line);
    let (keymap, clashes) = Keymap::with(&reading.lines);
    let clash = |clash: crate::action::Clash| document::fault(file, clash.line, &clash.what).hint(clash.hint);
    reading.warnings.extend(clashes.into_iter().map(clash));
    (keymap, reading.warnings)
}

struct Reading<'a> {
    walker: Walker<'a>,
    /// What holds where the text is no TOML.
    instead: Option<&'static str>,
    lines: Vec<Rebound>,
    warnings: Vec<Failure>,
}

impl Reading<'_> {
    fn whole(&mut self) {
        match DeTable::parse(self.walker.text) {
            Ok(table) => rows(table.get_ref()).iter().for_each(|row| self.section(row)),
            Err(error) => self.warnings.push(self.walker.syntax_or(&error, self.instead)),
        }
    }

    fn section(&mut self, row: &Row<'_>) {
        match (row.value, Context::named(row.name)) {
            (DeValue::Table(table), Some(context)) => {
                rows(table).iter().for_each(|row| self.line(context, row));
            }
            (DeValue::Table(_), None) => {
                let what = format!("there is no section [{}]", display(row.name));
                let names = || Context::ALL.into_iter().map(Context::name);
                let hint = nearest(row.name, names()).map(|name| format!("did you mean [{name}]?"));
                let all = || format!("the sections are {}", names().collect::<Vec<_>>().join(", "));
                self.warn(row, &what, &hint.unwrap_or_else(all));
            }
            _ => {
                let what = format!("`{}` stands in no section", display(row.name));
                let home = Action::named(row.name).map(|action| action.entry().context.name());
                self.warn(row, &what, &format!("put it below [{}]", home.unwrap_or("all")));
            }
        }
    }

    fn line(&mut self, context: Context, row: &Row<'_>) {
        let Some(action) = Action::named(row.name) else {
            let what = format!("there is no action `{}`", display(row.name));
            let near = nearest(row.name, TABLE.iter().map(|entry| entry.name));
            let hint = near.map(|name| format!("did you mean `{name}`?"));
            return self.warn(row, &what, &hint.unwrap_or_else(|| "windlass man lists the actions".into()));
        };
        let home = action.entry().context;
        if !Region::from(context).without(home.into()).is_empty() {
            let what = format!("`{}` does not work everywhere in [{}]", row.name, context.name());
            return self.warn(row, &what, &format!("put it below [{}]", home.name()));
        }
        let keys = self.keys(row);
        self.lines.extend(keys.map(|keys| Rebound { context, action, keys, line: self.walker.line(row.at) }));
    }

    /// A line's keys; none where it says nothing that can be read, so that the default keys stay.
    fn keys(&mut self, row: &Row<'_>) -> Option<Vec<Vec<Key>>> {
        let texts: Option<Vec<&str>> = match row.value {
            DeValue::String(text) => Some(vec![text]),
            DeValue::Array(items) => items.iter().map(|item| item.get_ref().as_str()).collect(),
            _ => None,
        };
        let Some(texts) = texts else {
            let what = format!("`{}` must be a list of keys, and this is {}", row.name, found(row.value));
            self.warn(row, &what, "write it as [\"x\", \"g x\", \"ctrl-x\"]; [] is no key at all");
            return None;
        };
        let read: Vec<Option<Vec<Key>>> = texts.iter().map(|text| parse_keys(text)).collect();
        for (text, _) in texts.iter().zip(&read).filter(|(_, keys)| keys.is_none()) {
            let what = format!("\"{}\" is no key", display(text));
            self.warn(
                row,
                &what,
                "keys are written as \"x\", \"X\", \"ctrl-x\", \"alt-x\", \"space\", \"f2\", \"g x\"",
            );
        }
        let known: Vec<Vec<Key>> = read.into_iter().flatten().collect();
        (texts.is_empty() || !known.is_empty()).then_some(known)
    }

    fn warn(&mut self, row: &Row<'_>, what: &str, hint: &str) {
        self.warnings.push(self.walker.fault(row.at, what).hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Place, Resolved};

    fn said(text: &str) -> Vec<String> {
        read(Path::new("/c/keymap.toml"), text).1.iter().map(Failure::sentence).collect()
    }

    #[test]
    fn several_keys_and_sequences_are_read() {
        let text = "[local]\nupload = [\"U\", \"g u\"]\n[transfers]\ncancel = \"ctrl-x\"\n";
        let (keymap, warnings) = read(Path::new("/c/keymap.toml"), text);
        assert_eq!(warnings, []);
        assert_eq!(keymap.label(Action::Upload), "U gu");
        assert_eq!(keymap.label(Action::Cancel), "^x");
        let keys = parse_keys("u").unwrap();
        assert_eq!(keymap.resolve(Place::Local, &keys), Resolved::Nothing);
    }

    #[test]
    fn the_file_that_is_written_out_says_what_holds_anyway() {
        let (keymap, warnings) = read(Path::new("/c/keymap.toml"), &crate::action::keymap_toml());
        assert_eq!((keymap, warnings), (Keymap::default(), Vec::new()));
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_the_rest_holds() {
        let text = "\
zoom = \"x\"
[lcoal]
upload = [\"x\"]
[local]
uplaod = [\"x\"]
upload = [\"nokey\", \"U\"]
hidden-files = 3
[all]
cancel = [\"X\"]
[transfers]
cancel = [\"U\"]
pause = [\"U\"]
";
        assert_eq!(
            said(text),
            [
                "/c/keymap.toml, line 1: `zoom` stands in no section: put it below [all]",
                "/c/keymap.toml, line 2: there is no section [lcoal]: did you mean [local]?",
                "/c/keymap.toml, line 5: there is no action `uplaod`: did you mean `upload`?",
                "/c/keymap.toml, line 6: \"nokey\" is no key: keys are written as \"x\", \"X\", \"ctrl-x\", \"alt-x\", \
                 \"space\", \"f2\", \"g x\"",
                "/c/keymap.toml, line 7: `hidden-files` must be a list of keys, and this is a number: write it as \
                 [\"x\", \"g x\", \"ctrl-x\"]; [] is no key at all",
                "/c/keymap.toml, line 9: `cancel` does not work everywhere in [all]: put it below [transfers]",
                "/c/keymap.toml, line 12: U is `cancel` already, by line 11: that key is passed over; choose another one",
            ]
        );
        let (keymap, _) = read(Path::new("/c/keymap.toml"), text);
        assert_eq!(keymap.label(Action::Upload), "U");
        assert_eq!(keymap.label(Action::HiddenFiles), ".");
    }

    #[test]
    fn what_is_no_toml_leaves_the_default_keys() {
        let (keymap, warnings) = read(Path::new("/c/keymap.toml"), "[local]\nupload = [U]\n");
        assert_eq!(keymap, Keymap::default());
        let sentence = warnings[0].sentence();
        assert!(sentence.starts_with("/c/keymap.toml, line 2: this is no TOML"), "{sentence}");
        assert!(sentence.ends_with("; texts stand in \"quotes\"; the default keys hold"), "{sentence}");
        assert_eq!(warnings[0].line, Some(2));
    }
}
