//! What is done so that a text can be edited: an object is opened, the terminal is lent, and what came of it is settled.

use std::path::PathBuf;

use crate::action::{Keymap, OwnFile};
use crate::config::theme::ThemeFile;
use crate::domain::Failure;

/// One step of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditStep {
    /// Fetch an object's text into a private file: [`EditEnd::Opened`].
    Open {
        /// From whose bucket.
        profile: String,
        /// The object.
        key: String,
    },
    /// Write the beginning of a file of the user's own, where there is none yet: [`EditEnd::Opened`].
    Begin {
        /// Which.
        file: OwnFile,
        /// Where.
        path: PathBuf,
    },
    /// Lend the terminal to the user's editor, with this file: [`EditEnd::Closed`] once it has ended, [`EditEnd::Unchanged`]
    /// where it has left the file as it was, [`EditEnd::Rewritten`] where only its text is as it was.
    Lend(PathBuf),
    /// The same with a file that describes profiles, at the line of this one.
    LendProfiles {
        /// The file.
        file: PathBuf,
        /// The profile, where the file names it.
        profile: Option<String>,
    },
    /// Read a file of the user's own again: [`EditEnd::Read`].
    ReadOwn(OwnFile),
    /// Read the theme that the setting `theme` would lead to if it were this: [`EditEnd::Read`].
    ReadTheme(String),
    /// Decide about the text in a private file: [`EditEnd::Unchanged`], [`EditEnd::Queued`] or [`EditEnd::Kept`].
    Settle {
        /// The file.
        path: PathBuf,
        /// What is to become of it, if it was changed.
        wish: EditWish,
    },
}

/// What is to become of a text that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditWish {
    /// It goes back over the object that was opened, and over nothing else.
    SaveBack,
    /// It becomes another object.
    SaveAs(String),
    /// It stays where it is.
    Keep,
}

/// What the user's own files say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnNews {
    /// These keys.
    Keys(Box<Keymap>),
    /// These colours.
    Colours(Box<ThemeFile>),
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditEnd {
    /// The text is in this file.
    Opened(PathBuf),
    /// The editor has ended well.
    Closed,
    /// The editor has ended well and has written what was there already, maybe since another program wrote it.
    Rewritten,
    /// Nobody changed the text; the private file of an object's is gone.
    Unchanged,
    /// What the user's own files say now, and what is wrong with them.
    Read(OwnNews, Vec<Failure>),
    /// The text is in the queue.
    Queued,
    /// The text was changed and stays in its file.
    Kept,
}
