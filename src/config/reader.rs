//! Typed access to one table of the configuration: fills in variables, understands sizes and spans, and says what is
//! wrong in a sentence with file, line and key. It never repeats a secret's value.

use std::path::{Path, PathBuf};

use super::document::{self, Section, Value, Written};
use super::profile::ProfileSource;
use super::variables::{self, Trouble};
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result, format};

/// How the environment is asked.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// One table and what is needed to understand it.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The file, for messages and for paths that start beside it.
    pub file: &'a Path,
    /// The table.
    pub section: &'a Section,
    /// The environment.
    pub env: Env<'a>,
}

impl Reader<'_> {
    /// Whether the key is written at all.
    pub fn has(&self, key: &str) -> bool {
        self.section.entries.contains_key(key)
    }

    /// A text with its variables filled in.
    ///
    /// # Errors
    /// `Usage` for an unset variable or an empty value: an empty one is far more often a slip than a wish, and an empty
    /// `user_id` would show everybody's records.
    pub fn text(&self, key: &str) -> Result<Option<String>> {
        match self.value(key) {
            Some(Value::Text(text)) => self.filled(key, text).map(Some),
            _ => Ok(None),
        }
    }

    /// A text that has neither blanks nor control characters: a name or an id.
    ///
    /// # Errors
    /// Like [`Self::text`], and `Usage` for a blank in it; the value is not repeated.
    pub fn word(&self, key: &str) -> Result<Option<String>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        if text.chars().any(|character| character.is_whitespace() || character.is_control()) {
            return Err(self.fault(key, "has a blank or a line break in it").hint("write it without"));
        }
        Ok(Some(text))
    }

    /// A list of texts.
    ///
    /// # Errors
    /// Like [`Self::text`], for each.
    pub fn texts(&self, key: &str) -> Result<Option<Vec<String>>> {
        match self.value(key) {
            Some(Value::Texts(texts)) => {
                texts.iter().map(|text| self.filled(key, text)).collect::<Result<_>>().map(Some)
            }
            _ => Ok(None),
        }
    }

    /// `true` or `false`.
    pub fn switch(&self, key: &str) -> Option<bool> {
        match self.value(key) {
            Some(Value::Switch(switch)) => Some(*switch),
            _ => None,
        }
    }

    /// A whole number.
    pub fn count(&self, key: &str) -> Option<u64> {
        match self.value(key) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// Bytes.
    ///
    /// # Errors
    /// `Usage` for what is no size.
    pub fn size(&self, key: &str) -> Result<Option<u64>> {
        if let Some(bytes) = self.count(key) {
            return Ok(Some(bytes));
        }
        self.measured(key, format::parse_size, "is no size: write it like \"512K\", \"10M\" or \"1G\"")
    }

    /// Seconds.
    ///
    /// # Errors
    /// `Usage` for what is no length of time, and for a number without a unit.
    pub fn span(&self, key: &str) -> Result<Option<u64>> {
        if let Some(number) = self.count(key) {
            let spans = format!("write \"{number}s\", \"{number}m\" or \"{number}h\"");
            let no_unit = || self.fault(key, &format!("is {number}, which has no unit")).hint(spans);
            return if number == 0 { Ok(Some(0)) } else { Err(no_unit()) };
        }
        self.measured(key, format::parse_span, "is no length of time: write it like \"5m\", \"1h\" or \"7d\"")
    }

    fn measured(&self, key: &str, parse: fn(&str) -> Option<u64>, why: &str) -> Result<Option<u64>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        parse(&text).map(Some).ok_or_else(|| self.fault(key, &format!("is \"{}\", which {why}", display(&text))))
    }

    /// One of several words.
    ///
    /// # Errors
    /// `Usage` for any other, with those that there are.
    pub fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<Option<T>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
            return Ok(Some(*value));
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let hint = match super::keys::nearest(&text, names.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"? It can be {}", names.join(", ")),
            None => format!("it can be {}", names.join(", ")),
        };
        Err(self.fault(key, &format!("cannot be \"{}\"", display(&text))).hint(hint))
    }

    /// A path; `~/` is the home folder, a relative one starts beside the configuration file.
    ///
    /// # Errors
    /// Like [`Self::text`].
    pub fn path(&self, key: &str) -> Result<Option<PathBuf>> {
        Ok(self.text(key)?.map(|text| self.beside(&text)))
    }

    /// A path as it was written, made absolute by the same rule.
    pub fn beside(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), (self.env)("HOME")) {
            (Some(rest), Some(home)) => Path::new(&home).join(rest),
            _ => self.file.parent().unwrap_or(Path::new("")).join(text),
        }
    }

    /// A failure about a key, with file, line and profile.
    pub fn fault(&self, key: &str, why: &str) -> Failure {
        let line = match self.section.entries.get(key).map(|entry| entry.written) {
            Some(Written::As(name)) => return self.of_variable(name, self.section.origin.as_ref(), why),
            Some(Written::Exported(name)) => {
                return self.of_variable(name, Some(&ProfileSource::Environment), why);
            }
            Some(Written::Typed) => return Failure::new(FailureKind::Usage, format!("`{key}` {why}")),
            Some(Written::Line(line)) => line,
            None => self.section.line.unwrap_or(1),
        };
        let whose = match &self.section.profile {
            Some(profile) => format!("`{key}` of profile \"{profile}\" {why}"),
            None => format!("`{key}` {why}"),
        };
        document::fault(self.file, line, &whose)
    }

    /// A failure about the whole table, with file and line where it stands in one.
    pub fn fault_of_all(&self, what: String) -> Failure {
        match self.section.line {
            Some(line) => document::fault(self.file, line, &what),
            None => Failure::new(FailureKind::Usage, what),
        }
    }

    /// A failure about a variable of the environment or of a `.env`.
    fn of_variable(&self, name: &str, place: Option<&ProfileSource>, why: &str) -> Failure {
        let place = place.map(ProfileSource::label).unwrap_or_default();
        Failure::new(FailureKind::Usage, format!("{name} of {place} {why}"))
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.section.entries.get(key).map(|entry| &entry.value)
    }

    fn filled(&self, key: &str, text: &str) -> Result<String> {
        let filled = variables::expand(text, self.env).map_err(|trouble| self.variable(key, &trouble))?;
        if filled.is_empty() {
            let failure = if text.is_empty() {
                self.fault(key, "is empty").hint("write a value, or leave the line out")
            } else {
                self.fault(key, &format!("is empty, because {} is", display(text))).hint("give the variable a value")
            };
            return Err(failure);
        }
        Ok(filled)
    }

    fn variable(&self, key: &str, trouble: &Trouble) -> Failure {
        match trouble {
            Trouble::Unset(name) => self
                .fault(key, &format!("uses ${{{name}}}, and that variable is not set"))
                .hint(format!("export {name}, or write the value itself")),
            Trouble::Unclosed => self.fault(key, "has a ${ without its }").hint("a literal ${ is written $${"),
            Trouble::NoName => {
                self.fault(key, "has a ${…} with no variable's name in it").hint("a literal ${ is written $${")
            }
        }
    }
}
