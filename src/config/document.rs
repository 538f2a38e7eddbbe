//! `config.toml` as it was written: which keys stand where, on which line, with values of the right shape. What they mean
//! is decided later (`settings`, `resolve`), so that a mistake in one profile leaves the others usable.

mod no_toml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::exposed;
use super::fields::FieldNames;
use super::keys::{self, Key, Shape};
use super::mistakes::Mistakes;
use super::profile::ProfileSource;
use crate::domain::display::{display, display_path};
use crate::domain::{Failure, FailureKind, Result};

/// The whole file.
#[derive(Debug)]
pub struct Document {
    /// Where it was read from; messages name it, and relative paths start beside it.
    pub file: PathBuf,
    /// The keys before the first table.
    pub top: Section,
    /// `[transfers]`.
    pub transfers: Section,
    /// `[profiles.NAME]`, in the order of the file.
    pub profiles: Vec<Section>,
    /// What is no TOML, in the order of the file.
    no_toml: Vec<Failure>,
    /// The line from which on nothing is certain, because something that was begun there does not end.
    uncertain_from: Option<usize>,
}

impl Document {
    /// Everything that stops the whole file, once what it says was looked at. What is found on a line that is no TOML is no
    /// mistake of its own.
    pub fn all(&self, mut mistakes: Mistakes) -> Mistakes {
        mistakes.only_of_lines(|line| self.could_read(line));
        self.no_toml.iter().for_each(|wrong| mistakes.note(wrong.clone()));
        mistakes
    }

    /// Whether a profile was read whole, so that what it lacks is missing.
    pub fn has_whole(&self, profile: &Section) -> bool {
        let begin = profile.line.unwrap_or(0);
        let end = self.profiles.iter().filter_map(|other| other.line).filter(|line| *line > begin).min();
        let mut wrong = self.no_toml.iter().filter_map(|wrong| wrong.line);
        let is_in_it = |line: usize| line >= begin && end.is_none_or(|end| line < end);
        self.uncertain_from.is_none_or(|from| begin < from) && !wrong.any(is_in_it)
    }

    /// What is certainly wrong with how a profile is written, also where it was not read whole.
    pub fn certainly_wrong<'a>(&self, profile: &'a Section) -> impl Iterator<Item = &'a Failure> {
        let mistakes = profile.wrong.iter().map(|wrong| &wrong.mistake);
        mistakes.filter(|mistake| mistake.line.is_none_or(|line| self.could_read(line)))
    }

    fn could_read(&self, line: usize) -> bool {
        let wrong = self.no_toml.iter().any(|wrong| wrong.line == Some(line));
        !wrong && self.uncertain_from.is_none_or(|from| line < from)
    }
}

/// One table.
#[derive(Debug, Default)]
pub struct Section {
    /// The profile's name; `None` for the others.
    pub profile: Option<String>,
    /// The line of the file on which it begins, from 1.
    pub line: Option<usize>,
    /// Where it was read from, if not from the file.
    pub origin: Option<ProfileSource>,
    /// What its keys are called there.
    pub names: FieldNames,
    /// Its keys.
    pub entries: BTreeMap<&'static str, Entry>,
    /// What is wrong with how they are written. Who uses the others as if it were not there does what nobody asked for.
    pub wrong: Vec<Wrong>,
}

impl Section {
    /// Whether somebody meant to write that key, and it is told of as a mistake: it is not missing.
    pub fn means(&self, key: &str) -> bool {
        self.wrong.iter().any(|wrong| wrong.meant == Some(key))
    }
}

/// A key that there is not, or a value of a shape that its key does not allow.
#[derive(Debug)]
pub struct Wrong {
    /// What is wrong.
    pub mistake: Failure,
    /// The key that was meant, as far as that is known.
    meant: Option<&'static str>,
    /// Whether a secret stands there in so many words; they are not kept.
    pub is_secret: bool,
}

impl Wrong {
    fn new(mistake: Failure, meant: Option<&'static str>, written: &DeValue<'_>) -> Self {
        let is_secret = meant.zip(written.as_str()).is_some_and(|(key, text)| exposed::is_secret(key, text));
        Self { mistake, meant, is_secret }
    }
}

/// One key's value.
#[derive(Debug)]
pub struct Entry {
    /// Where and as what it was written.
    pub written: Written,
    /// What it says.
    pub value: Value,
}

/// Where a key's value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// On that line of the file, from 1, under the key's own name.
    Line(usize),
    /// In the place that the table was read from, as the variable of that name.
    As(&'static str),
    /// In the environment, as the variable of that name, wherever the others stand.
    Exported(&'static str),
    /// Nowhere yet: it was typed, for a profile that is still to be saved.
    Typed,
}

/// A value of a shape that its key allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string as written, variables not filled in.
    Text(String),
    /// Strings as written.
    Texts(Vec<String>),
    /// `true` or `false`.
    Switch(bool),
    /// A number that is not negative.
    Number(u64),
}

/// Reads a file's text in which nothing is wrong but inside of profiles, whose sections tell it.
///
/// # Errors
/// `Usage`, naming file and line, once for each mistake: what is no TOML, what is no profile or has no name of one, and
/// outside of profiles an unknown key with the nearest known name and a value of another shape.
pub fn parse(file: &Path, text: &str) -> Result<Document> {
    let (document, mistakes) = read(file, text);
    document.all(mistakes).or(document)
}

/// Reads a file's text as far as it can be understood, with what is wrong outside of profiles; [`Document::all`] adds what
/// is no TOML.
pub fn read(file: &Path, text: &str) -> (Document, Mistakes) {
    let walker = Walker { file, text };
    let (table, errors) = DeTable::parse_recoverable(text);
    let (no_toml, uncertain_from) = walker.no_toml(&errors);
    let mut mistakes = Mistakes::default();
    let mut document = Document {
        file: file.into(),
        top: Section::default(),
        transfers: Section::default(),
        profiles: Vec::new(),
        no_toml,
        uncertain_from,
    };
    for row in rows(table.get_ref()) {
        match row.name {
            "profiles" => document.profiles = walker.profiles(&row, &mut mistakes),
            "transfers" => {
                let table = mistakes.or_default(walker.table(&row, "transfers").map(Some));
                document.transfers = walker.section(table, None, keys::TRANSFERS);
            }
            _ => walker.insert(&mut document.top, &row, keys::TOP),
        }
    }
    let of_all = document.top.wrong.iter().chain(&document.transfers.wrong);
    of_all.for_each(|wrong| mistakes.note(wrong.mistake.clone()));
    (document, mistakes)
}

/// Whether a profile can be called that.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || "-_".contains(character))
}

/// The line, from 1, on which a file's text begins to describe that profile, even where something in it is no TOML.
pub fn line_of(text: &str, profile: &str) -> Option<usize> {
    let (table, _) = DeTable::parse_recoverable(text);
    let profiles = rows(table.get_ref()).into_iter().find(|row| row.name == "profiles")?;
    let DeValue::Table(profiles) = profiles.value else { return None };
    let found = rows(profiles).into_iter().find(|row| row.name == profile)?;
    Some(Walker { file: Path::new(""), text }.line(found.at))
}

/// One key of a TOML table with its place in the text.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) at: usize,
    pub(super) value: &'a DeValue<'a>,
}

/// A table's keys in the order of the file: the parser hands them over sorted by name.
pub(super) fn rows<'a>(table: &'a DeTable<'a>) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = table
        .iter()
        .map(|(name, value)| Row { name: name.get_ref(), at: name.span().start, value: value.get_ref() })
        .collect();
    rows.sort_by_key(|row| row.at);
    rows
}

/// A file's text, of which messages name the line.
pub(super) struct Walker<'a> {
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
}

impl Walker<'_> {
    fn profiles(&self, row: &Row<'_>, mistakes: &mut Mistakes) -> Vec<Section> {
        let table = mistakes.or_default(self.table(row, "profiles.NAME").map(Some));
        let rows = table.map(rows).unwrap_or_default();
        rows.iter().map(|row| self.profile(row, mistakes)).collect()
    }

    fn profile(&self, row: &Row<'_>, mistakes: &mut Mistakes) -> Section {
        if !is_name(row.name) {
            let what = format!(
                "the profile name \"{}\" has other characters than letters, digits, - and _",
                display(row.name)
            );
            mistakes.note(self.fault(row.at, &what).hint("rename it"));
        }
        let table = mistakes.or_default(self.table(row, &format!("profiles.{}", row.name)).map(Some));
        let section = self.section(table, Some(row.name.to_owned()), keys::PROFILE);
        Section { line: Some(self.line(row.at)), ..section }
    }

    fn table<'b>(&self, row: &Row<'b>, title: &str) -> Result<&'b DeTable<'b>> {
        match row.value {
            DeValue::Table(table) => Ok(table),
            _ => {
                Err(self.fault(row.at, &format!("`{}` is a table", row.name)).hint(format!("begin it with [{title}]")))
            }
        }
    }

    fn section(&self, table: Option<&DeTable<'_>>, profile: Option<String>, known: &'static [Key]) -> Section {
        let mut section = Section { profile, ..Section::default() };
        for row in table.map(rows).unwrap_or_default() {
            self.insert(&mut section, &row, known);
        }
        section
    }

    fn insert(&self, section: &mut Section, row: &Row<'_>, known: &'static [Key]) {
        let Some(key) = known.iter().find(|key| key.name == row.name) else {
            let mistake = self.unknown(section, row, known);
            return section.wrong.push(Wrong::new(mistake, keys::meant(row.name, known), row.value));
        };
        let Some(value) = value(row.value, key.shape) else {
            let what = format!("`{}` must be {}, and this is {}", key.name, key.shape.wanted(), found(row.value));
            return section.wrong.push(Wrong::new(self.fault(row.at, &what), Some(key.name), row.value));
        };
        section.entries.insert(key.name, Entry { written: Written::Line(self.line(row.at)), value });
    }

    fn unknown(&self, section: &Section, row: &Row<'_>, known: &'static [Key]) -> Failure {
        let place = match (&section.profile, std::ptr::eq(known, keys::TOP)) {
            (Some(profile), _) => format!("in [profiles.{profile}]"),
            (None, true) => "at the top level".into(),
            (None, false) => "in [transfers]".into(),
        };
        let what = format!("there is no key `{}` {place}", display(row.name));
        self.fault(row.at, &what).hint(keys::advice(row.name, known, std::ptr::eq(known, keys::TOP)))
    }

    pub(super) fn fault(&self, at: usize, what: &str) -> Failure {
        fault(self.file, self.line(at), what)
    }

    pub(super) fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }
}

/// A failure that names file and line.
pub fn fault(file: &Path, line: usize, what: &str) -> Failure {
    Failure::new(FailureKind::Usage, format!("{}, line {line}: {what}", display_path(file))).on_line(line)
}

fn value(value: &DeValue<'_>, shape: Shape) -> Option<Value> {
    match (value, shape) {
        (DeValue::String(text), Shape::Text | Shape::Size | Shape::Span) => Some(Value::Text(text.to_string())),
        (DeValue::Array(items), Shape::Texts) => {
            let texts: Option<Vec<_>> = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect();
            texts.map(Value::Texts)
        }
        (DeValue::Boolean(switch), Shape::Switch) => Some(Value::Switch(*switch)),
        (DeValue::Integer(number), Shape::Count | Shape::Size | Shape::Span) => {
            u64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::Number)
        }
        _ => None,
    }
}

/// What stands there instead, for the message; never the value, which may be a secret.
pub(super) fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(number) if number.as_str().starts_with('-') => "a negative number",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_profile_is_found_however_it_is_written_and_whatever_is_wrong_elsewhere() {
        let text =
            "mouse = true\n\n[profiles.a]\nprovider = \"local\"\n\n[profiles.\"b-c\"] # mine\nprovider = \"s3\"\n";
        assert_eq!((line_of(text, "a"), line_of(text, "b-c"), line_of(text, "d")), (Some(3), Some(6), None));
        assert_eq!(line_of("[profiles]\na.provider = \"s3\"\nb = { provider = \"s3\" }\n", "b"), Some(3));
        assert_eq!(line_of(&format!("theme = = dark\n{text}"), "b-c"), Some(7));
        assert_eq!(line_of(&format!("{text}bucket = \n"), "a"), Some(3));
        assert_eq!(line_of("", "a"), None);
    }
}
