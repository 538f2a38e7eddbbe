//! The user's own files: where each is, and its text where nobody has written it yet: every key, and every line commented
//! out, so that what a later version does by itself is not frozen.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{keymap, places, theme};
use crate::action::{OwnFile, keymap_toml};
use crate::domain::{Failure, Result};

/// Every key of the configuration.
const EXAMPLE: &str = include_str!("../../config.example.toml");

/// Where the user's own files are, whether or not they are there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnFiles {
    settings: PathBuf,
    keys: PathBuf,
    colours: PathBuf,
}

impl OwnFiles {
    /// Those that belong to a configuration file with this setting `theme`.
    pub fn of(config: &Path, theme: &str) -> Self {
        Self { settings: config.into(), keys: keymap::beside(config), colours: theme::file(theme, config) }
    }

    /// One of them.
    pub fn path(&self, file: OwnFile) -> &Path {
        match file {
            OwnFile::Settings => &self.settings,
            OwnFile::Keys => &self.keys,
            OwnFile::Colours => &self.colours,
        }
    }
}

/// What a file says where nobody has written it yet: nothing that holds.
pub fn beginning(file: OwnFile) -> String {
    match file {
        OwnFile::Settings => commented_out(EXAMPLE),
        OwnFile::Keys => commented_out(&keymap_toml()),
        OwnFile::Colours => theme::EXAMPLE.to_owned(),
    }
}

/// Every setting and section as a comment.
fn commented_out(text: &str) -> String {
    let line = |line: &str| match line.starts_with('#') || line.is_empty() {
        true => format!("{line}\n"),
        false => format!("# {line}\n"),
    };
    text.lines().map(line).collect()
}

/// Writes a file for its owner alone, with its folder; whether it was made. One that exists is not touched.
///
/// # Errors
/// `Local` or `DiskFull`, naming folder or file.
pub fn write_new(path: &Path, file: OwnFile) -> Result<bool> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        places::private_folder(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut made) => {
            made.write_all(beginning(file).as_bytes()).map_err(|error| Failure::io("write", path, &error))?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Failure::io("write", path, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_out_holds_before_its_mark_is_removed() {
        for file in [OwnFile::Settings, OwnFile::Keys] {
            let text = beginning(file);
            let table: toml::Table = text.parse().unwrap();
            assert!(table.is_empty(), "{table:?}");
            assert!(!text.contains("\n# # "), "what was a comment stays one");
        }
    }

    #[test]
    fn the_colours_are_in_the_file_that_is_set_or_beside_the_configuration() {
        let config = Path::new("/c/config.toml");
        for (theme, file) in [("auto", "/c/theme.toml"), ("light", "/c/theme.toml"), ("/t/own.toml", "/t/own.toml")] {
            assert_eq!(OwnFiles::of(config, theme).path(OwnFile::Colours), Path::new(file));
        }
    }

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/keymap.toml");
        assert!(write_new(&path, OwnFile::Keys).unwrap());
        std::fs::write(&path, "mine").unwrap();
        assert!(!write_new(&path, OwnFile::Keys).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }
}
