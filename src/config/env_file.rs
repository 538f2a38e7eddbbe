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
        Ok(Some(Self::parse(&path, &text)))
    }

    /// Reads its text; of a name that stands twice the first counts. A line that is none of a `.env` is passed over with a
    /// warning, which does not repeat it.
    pub fn parse(path: &Path, text: &str) -> Self {
        let mut file = Self { path: path.into(), variables: HashMap::new(), warnings: Vec::new() };
        // Editors of other systems begin a file with a mark that is no part of the first name.
        let text = as_written(text.trim_start_matches('\u{feff}'));
        for pair in dotenvy::from_read_iter(text.as_bytes()) {
            match pair {
                Ok((name, value)) => drop(file.variables.entry(name).or_insert(value)),
                Err(error) => file.warnings.push(unreadable(path, &text, &error)),
            }
        }
        file
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

/// The text with every `$` meant as it stands: the crate would fill in variables of this process, and change a password
/// that has a `$` in it without a word. The guides' own libraries fill in nothing.
fn as_written(text: &str) -> String {
    let literal = |line: &str| match line.split_once('=') {
        Some((_, value)) if value.trim_start().starts_with('\'') => line.to_owned(),
        _ => line.replace("\\$", "$").replace('$', "\\$"),
    };
    text.lines().map(|line| literal(line) + "\n").collect()
}

fn unreadable(path: &Path, text: &str, error: &dotenvy::Error) -> Failure {
    let dotenvy::Error::LineParse(rest, _) = error else { return warning(path, "cannot be read") };
    // What the error repeats may be a secret: only the line's number is told.
    let line = text.lines().position(|line| line.contains(rest.trim_end())).map_or(1, |index| index + 1);
    super::document::fault(path, line, "this is no NAME=value").hint("put a value with blanks into \"quotes\"")
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
    fn a_line_that_is_none_is_passed_over_and_its_value_is_not_told() {
        let file = parsed("A=1\nSECRET=hunter2 and more\n");
        assert_eq!(file.get("A"), Some("1"));
        let [warning] = file.warnings.as_slice() else { panic!("{:?}", file.warnings) };
        assert!(warning.sentence().starts_with("/p/.env, line 2: ") && !warning.sentence().contains("hunter2"));
    }
}
