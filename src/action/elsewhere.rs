//! What somebody may look for that no action does: where it is done instead. The palette and the help say so where a word
//! finds nothing else.

/// Words, parted by blanks, and what is to be known.
pub const ELSEWHERE: &[(&str, &str)] = &[
    ("theme themes colour color colours colors dark light", "colours: theme.toml; windlass config init writes one"),
    ("settings preferences options config configuration", "settings: config.toml; windlass config init writes one"),
    ("keymap rebind bind", "keys: keymap.toml; windlass config init writes one"),
    ("rename mv", "nothing is renamed in a bucket: save it, upload it under the new key"),
    ("mkdir new-folder create", "a prefix comes with its first file: upload to docs/name"),
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
