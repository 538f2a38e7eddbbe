//! A project's `.env`: the nearest one here or in a folder above, read and never put into this process's environment, so
//! that nothing Windlass starts inherits it.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::domain::display::display_path;
use crate::domain::{Failure, FailureKind};

/// What one `.env` says.
#[derive(Debug)]
pub struct EnvFile {
    path: PathBuf,
    variables: HashMap<String, String>,
    /// What is wrong with some of its lines.
    pub warnings: Vec<Failure>,
}

/// The most that is read of one, in bytes: it is some lines of text.
const MOST: u64 = 1024 * 1024;

impl EnvFile {
    /// The nearest `.env`, in the folder or one above it; `None` where there is none.
    ///
    /// # Errors
    /// A warning: it cannot be read, belongs to somebody else (who could point us at a bucket of theirs), or is no `.env`.
    pub fn nearest(folder: &Path) -> Result<Option<Self>, Failure> {
        let found = folder.ancestors().map(|folder| folder.join(".env")).find_map(|path| {
            let facts = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
            Some((path, facts))
        });
        let Some((path, facts)) = found else { return Ok(None) };
        if !is_trusted(facts.uid()) {
            let what = format!("{} belongs to another user and is passed over", display_path(&path));
            return Err(Failure::new(FailureKind::Usage, what).hint("make a copy of your own if you trust it"));
        }
        if facts.len() > MOST {
            return Err(warning(&path, "is larger than 1 MiB"));
        }
        let bytes = std::fs::read(&path).map_err(|error| Failure::io("read", &path, &error))?;
        let text = String::from_utf8(bytes).map_err(|_| warning(&path, "is no UTF-8 text"))?;
        // What is queued under it knows it by its path, whichever links lead there.
        Ok(Some(Self::parse(&std::fs::canonicalize(&path).unwrap_or(path), &text)))
    }

    /// Reads its text; of a name that stands twice the first counts. A line that is none of a `.env` is passed over with a
    /// warning, which does not repeat it.
    pub fn parse(path: &Path, text: &str) -> Self {
        let mut file = Self { path: path.into(), variables: HashMap::new(), warnings: Vec::new() };
        // Editors of other systems begin a file with a mark that is no part of the first name.
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        let mut at = 0;
        while let Some(rest) = lines.get(at..).filter(|rest| !rest.is_empty()) {
            at += file.take(rest, at + 1);
        }
        file
    }

    /// Takes what the first of these lines says, which has that number; answers how many lines it goes over.
    fn take(&mut self, lines: &[&str], number: usize) -> usize {
        let Some((text, taken)) = statement(lines) else {
            let fault = super::document::fault(&self.path, number, "a quote begins here that does not end");
            self.warnings.push(fault.hint("put a value that has a quote in it into quotes of the other kind"));
            return 1;
        };
        match dotenvy::from_read_iter(text.as_bytes()).next() {
            Some(Ok((name, value))) => drop(self.variables.entry(name).or_insert(value)),
            // What the error repeats may be a secret: only the line's number is told.
            Some(Err(_)) => {
                let fault = super::document::fault(&self.path, number, "this is no NAME=value");
                self.warnings.push(fault.hint("put a value with blanks into \"quotes\""));
            }
            None => {}
        }
        taken
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A variable that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }
}

/// The user's own, or the administrator's.
fn is_trusted(owner: u32) -> bool {
    owner == 0 || owner == rustix::process::geteuid().as_raw()
}

/// What is open where a line begins or ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

/// One `NAME=value` and how many lines it goes over, with every `$` meant as it stands and every quote a double one: the
/// crate would fill in variables of this process, and change a password that has a `$` in it without a word. The guides' own
/// libraries fill in nothing. `None` where a quote stays open: only one that begins the value may go over several lines.
fn statement(lines: &[&str]) -> Option<(String, usize)> {
    let (mut text, mut open) = (String::new(), Quote::None);
    for (taken, line) in (1..).zip(lines) {
        let begins_the_value;
        (open, begins_the_value) = literal(line, open, &mut text);
        text.push('\n');
        match open {
            Quote::None => return Some((text, taken)),
            _ if !begins_the_value => return None,
            Quote::Single | Quote::Double => {}
        }
    }
    None
}

/// Writes a line behind the text; answers which quote is open at its end, and whether one that is begins the value.
fn literal(line: &str, mut open: Quote, text: &mut String) -> (Quote, bool) {
    let mut begins_the_value = open != Quote::None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (open, letter) {
            (Quote::None, '#') if is_blank(text) => break,
            (Quote::None, '\'' | '"') => {
                begins_the_value = text.split_once('=').is_some_and(|(_, value)| value.trim().is_empty());
                open = if letter == '"' { Quote::Double } else { Quote::Single };
                text.push('"');
            }
            (Quote::Single, '\'') | (Quote::Double, '"') => {
                open = Quote::None;
                text.push('"');
            }
            (Quote::Single, '\\' | '"') | (_, '$') => text.extend(['\\', letter]),
            (Quote::None | Quote::Double, '\\') => text.extend(std::iter::once('\\').chain(letters.next())),
            _ => text.push(letter),
        }
    }
    (open, begins_the_value)
}

/// Whether a `#` that comes now begins a remark: at the line's beginning or behind a blank.
fn is_blank(text: &str) -> bool {
    text.chars().next_back().is_none_or(|last| last.is_whitespace() || last == '=')
}

fn warning(path: &Path, why: &str) -> Failure {
    let what = format!("{} {why}, and no profile is made from it", display_path(path));
    Failure::new(FailureKind::Usage, what).hint("mend it, or set env_files = false in config.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> EnvFile {
        EnvFile::parse(Path::new("/p/.env"), text)
    }

    #[test]
    fn values_are_taken_as_they_are_written() {
        let file = parsed(
            "\u{feff}A=pa$$HOME-word # mine\nexport B=\"x $HOME\"\nC='it $HOME'\nD=first\nD=second\nE=\n# F=1\nG=a\\$b\r\n",
        );
        let get = |name| file.get(name);
        assert_eq!((get("A"), get("B"), get("C")), (Some("pa$$HOME-word"), Some("x $HOME"), Some("it $HOME")));
        assert_eq!((get("D"), get("E"), get("F"), get("G")), (Some("first"), None, None, Some("a$b")));
        assert!(file.warnings.is_empty());
    }

    #[test]
    fn quotes_are_what_they_are_wherever_they_stand() {
        let file = parsed(
            "A=x'$y'z\nB='one $two\n#three $four\\'\nC=\"it's $5\" # no\nD='say \"hi\" \\d'\nE=\"a\\\"b\\$c\" # it's\n# it's\nF=#no\n",
        );
        let get = |name| file.get(name);
        assert_eq!((get("A"), get("B")), (Some("x$yz"), Some("one $two\n#three $four\\")));
        assert_eq!((get("C"), get("D")), (Some("it's $5"), Some("say \"hi\" \\d")));
        assert_eq!((get("E"), get("F")), (Some("a\"b$c"), None));
        assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    }

    #[test]
    fn a_quote_that_stays_open_costs_its_own_line_and_names_it() {
        let file = parsed("A=1\n# about PASS\nPASS=it's\nB='2'\nC='never closed\nD=3\n");
        assert_eq!((file.get("A"), file.get("B"), file.get("D")), (Some("1"), Some("2"), Some("3")));
        assert_eq!((file.get("PASS"), file.get("C")), (None, None));
        let said: Vec<String> = file.warnings.iter().map(Failure::sentence).collect();
        let hint = "put a value that has a quote in it into quotes of the other kind";
        let told = |line| format!("/p/.env, line {line}: a quote begins here that does not end: {hint}");
        assert_eq!(said, [told(3), told(5)]);
    }

    #[test]
    fn a_line_that_is_none_is_passed_over_and_its_value_is_not_told() {
        let file = parsed("A=1\nSECRET=hunter2 and more\n");
        assert_eq!(file.get("A"), Some("1"));
        let [warning] = file.warnings.as_slice() else { panic!("{:?}", file.warnings) };
        assert!(warning.sentence().starts_with("/p/.env, line 2: ") && !warning.sentence().contains("hunter2"));
    }
}
