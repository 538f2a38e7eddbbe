//! What somebody may look for that no action does: where it is done instead. The palette and the help say so where a word
//! finds nothing else, and open the file that decides about it.

/// A file of the user's own that decides what no action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnFile {
    /// `config.toml`: settings and profiles.
    Settings,
    /// `keymap.toml`.
    Keys,
    /// `theme.toml`, or the one that the setting `theme` names.
    Colours,
}

/// What is to be known of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// How it is done.
    Said(&'static str),
    /// In which files, and what stands there.
    Files(&'static [(OwnFile, &'static str)]),
}

use Instead::{Files, Said};

/// Words, parted by blanks, and what is to be known.
pub const ELSEWHERE: &[(&str, Instead)] = &[
    (
        "theme themes colour color colours colors dark light",
        Files(&[
            (OwnFile::Settings, "theme = \"dark\" or \"light\" at the top keeps the choice"),
            (OwnFile::Colours, "single colours, unless theme is \"dark\" or \"light\""),
        ]),
    ),
    (
        "settings preferences options config configuration",
        Files(&[(OwnFile::Settings, "settings and profiles"), (OwnFile::Keys, "keys"), (OwnFile::Colours, "colours")]),
    ),
    ("keymap rebind bind", Files(&[(OwnFile::Keys, "the keys of every action")])),
    (
        "migrate migration",
        Said("R in the Catalog offers to prepare a table that is missing or old; windlass catalog migrate does"),
    ),
    ("rename mv", Said("nothing is renamed in a bucket: save it, upload it under the new key")),
    ("mkdir new-folder create", Said("a prefix comes with its first file: upload to docs/name")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Action, TABLE};

    #[test]
    fn what_an_action_does_is_not_said_to_be_elsewhere() {
        for word in ELSEWHERE.iter().flat_map(|(words, _)| words.split(' ')) {
            assert_eq!(Action::called(word), None, "{word}");
            assert!(TABLE.iter().all(|entry| entry.also.split(' ').all(|also| also != word)), "{word}");
        }
    }
}
