//! The keys of the dialog that is open: those that the hint line shows, and with `?` or `F1` all of them.

use crossterm::event::KeyCode;

use super::form::Form;
use super::{Dialog, choices, confirm};

/// A key, and what it does.
type Known = (&'static str, &'static str);

impl Dialog {
    /// The keys that it knows and what they do, for the hint line.
    pub fn hints(&self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Confirm(_) | Self::Beneath(_) => confirm::HINTS.to_vec(),
            Self::Prompt(prompt) => prompt.hints(),
            Self::Conflicts(dialog) => dialog.hints(),
            Self::Expiry(_) => vec![("j k", "choose"), ("Enter", "copy the link"), ("Esc", "cancel")],
            Self::Link(dialog) => dialog.hints(),
            Self::Profiles(_) => choices::PROFILES.to_vec(),
            Self::Fields(_) => vec![("j k", "choose"), ("Enter", "copy"), ("Esc", "cancel")],
            Self::Tree(tree) => tree.hints(),
            Self::Newcomer(form) => form.hints(),
            Self::Limits(_) => vec![("Enter", "set"), ("Tab", "next line"), ("Esc", "cancel")],
            Self::Request(_) => vec![("Enter", "make the URL"), ("Tab", "next line"), ("Esc", "cancel")],
            Self::Transfer(dialog) => dialog.hints(),
            Self::Bucket(dialog) => dialog.hints(),
            Self::Palette(dialog) => dialog.hints(),
            Self::Messages(_) | Self::Doctor(_) => vec![("j k", "scroll"), ("Esc", "close")],
        }
    }

    /// Whether a key of its hints does something now: yes is not to be had before it is known what it does.
    pub(crate) fn takes(&self, key: &str) -> bool {
        !matches!(self, Self::Beneath(dialog) if !dialog.is_ready() && matches!(key, "y" | "Tab"))
    }

    /// All keys that it knows.
    pub fn keys(&self) -> Vec<Known> {
        let mut keys = self.hints();
        let at = keys.iter().position(|(key, _)| *key == "Esc").unwrap_or(keys.len());
        keys.splice(at..at, self.further());
        keys.push(("? F1", "show these keys"));
        keys
    }

    /// What its hints leave out.
    fn further(&self) -> Vec<Known> {
        const ENDS: [Known; 2] = [("g G", "the first, the last"), ("^d ^u", "a page on, a page back")];
        match self {
            Self::Confirm(_) | Self::Beneath(_) => vec![READ_ON, ("Enter", "what is chosen")],
            Self::Conflicts(dialog) => {
                let all = dialog.can_be_for_all().then_some(("a", "tick: for the others too"));
                all.into_iter().chain([("Tab", "choose"), ("Enter", "what is chosen")]).collect()
            }
            Self::Expiry(_) => vec![("1-5", "copy the link that has the number")],
            Self::Profiles(_) | Self::Fields(_) => {
                ENDS.into_iter().chain([("double click", "what Enter does")]).collect()
            }
            Self::Messages(_) | Self::Transfer(_) | Self::Doctor(_) | Self::Bucket(_) | Self::Link(_) => ENDS.to_vec(),
            Self::Tree(_) | Self::Newcomer(_) => vec![("↑ ↓", "the line before, the next"), ("← →", "choose")],
            Self::Limits(_) | Self::Request(_) | Self::Prompt(_) => vec![("^u", "empty the line")],
            Self::Palette(_) => Vec::new(),
        }
    }

    /// Whether a key shows its keys: `F1` not in what is a help itself, `?` also not where it is a letter of what is typed.
    pub(crate) fn is_explained_by(&self, key: KeyCode) -> bool {
        match key {
            KeyCode::F(1) => !matches!(self, Self::Palette(_)),
            KeyCode::Char('?') => self.takes_no_text(),
            _ => false,
        }
    }

    fn takes_no_text(&self) -> bool {
        let chooses = |form: &Form| form.is_choosing();
        match self {
            Self::Palette(_) | Self::Prompt(_) => false,
            Self::Tree(dialog) => chooses(&dialog.form),
            Self::Newcomer(dialog) => chooses(&dialog.form),
            Self::Limits(dialog) => chooses(&dialog.form),
            Self::Request(dialog) => chooses(&dialog.form),
            _ => true,
        }
    }
}

/// How a question is read where its box has no room for all of it.
const READ_ON: Known = ("j k", "read on, where there is more");
