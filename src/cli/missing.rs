//! Commands that other tools have and Windlass has not: what to use instead, in a sentence.

use clap::error::{ContextKind, ContextValue, ErrorKind};

const RENAME: &str = "there is no command to rename or move an object: windlass download OLDKEY, windlass upload FILE \
                      --key NEWKEY, then windlass rm OLDKEY";

const COPY: &str = "there is no command to copy: windlass upload FILE puts a file into the bucket, windlass download KEY \
                    brings an object here; within the bucket use rclone or the like, then windlass record NEWKEY";

const SYNC: &str = "there is no command to sync: windlass upload DIR/ --key-template '{name}' --on-conflict skip sends what \
                    has no object of its name yet and deletes nothing; to make both sides alike use rclone or the like, \
                    then windlass record PREFIX/ -r";

const FOLDER: &str =
    "there is no command to make a folder: windlass upload FILE --to FOLDER/ makes keys that are in one";

/// The words that somebody may try, and what is said of them.
const INSTEAD: &[(&[&str], &str)] = &[
    (&["mv", "move", "rename", "ren"], RENAME),
    (&["cp", "copy"], COPY),
    (&["sync", "mirror", "rsync"], SYNC),
    (&["mkdir"], FOLDER),
    (&["put", "push", "send"], "the command is called upload: windlass upload FILE"),
    (&["get", "pull", "save"], "the command is called download: windlass download KEY"),
    (&["cat"], "windlass download KEY --to - writes an object to standard output"),
    (&["delete", "del", "remove"], "the command is called rm: windlass rm KEY"),
    (&["list", "dir"], "the command is called ls: windlass ls"),
    (&["share", "presign", "url"], "the command is called link: windlass link KEY"),
];

/// What to say instead of "unrecognized", where it was to be a command and not a part of one.
pub fn instead(error: &clap::Error) -> Option<&'static str> {
    let is_top = || error.get(ContextKind::Usage).is_some_and(|usage| usage.to_string().contains("windlass ["));
    if error.kind() != ErrorKind::InvalidSubcommand || !is_top() {
        return None;
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    INSTEAD.iter().find(|(words, _)| words.contains(&word.as_str())).map(|(_, said)| *said)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::cli::Arguments;

    fn said(words: &[&str]) -> Option<&'static str> {
        instead(&Arguments::try_parse_from(words).expect_err("refused"))
    }

    #[test]
    fn what_other_tools_have_is_answered_with_what_to_use() {
        for (word, names) in [("mv", "--key NEWKEY"), ("cp", "rclone"), ("sync", "skip"), ("rename", "rm OLDKEY")] {
            let said = said(&["windlass", word, "a", "b"]).unwrap();
            assert!(said.contains(names), "{word}: {said}");
        }
        assert_eq!(said(&["windlass", "--profile", "local", "cp", "a", "b"]), Some(COPY));
        assert_eq!(said(&["windlass", "plugin"]), None);
        assert_eq!(said(&["windlass", "profiles", "rename"]), None, "that is about profiles");
    }

    #[test]
    fn none_of_them_is_a_command() {
        let known = Arguments::command();
        let words = INSTEAD.iter().flat_map(|(words, _)| *words);
        assert_eq!(words.filter(|word| known.find_subcommand(word).is_some()).collect::<Vec<_>>(), [&""; 0]);
    }
}
