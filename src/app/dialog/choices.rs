//! Dialogs that offer a few entries, of which one is taken: how long a link is good, and which profile is in force.

use crossterm::event::KeyCode;

use super::{Command, Step, is_plain, motion};
use crate::action::Key;
use crate::app::effect::Wanted;
use crate::domain::format;
use crate::domain::link::OFFERED;

/// How long links are to be good.
#[derive(Debug, Clone)]
pub struct ExpiryDialog {
    /// Of whose bucket.
    pub profile: String,
    /// Of which objects.
    pub keys: Vec<String>,
    /// The entry chosen: one of [`OFFERED`], or behind them "type another".
    pub cursor: usize,
}

impl ExpiryDialog {
    /// The entries, as they are shown; links say it in the same words.
    pub fn labels() -> impl Iterator<Item = String> {
        OFFERED.iter().map(|(seconds, _)| format::span(*seconds)).chain(["another …".to_owned()])
    }

    pub(crate) fn key(&mut self, key: Key) -> Step {
        if let Some(steps) = motion(key, OFFERED.len()) {
            self.cursor = self.cursor.saturating_add_signed(steps).min(OFFERED.len());
            return Step::Stay;
        }
        match key.code {
            _ if !is_plain(key) => Step::Stay,
            KeyCode::Enter => self.take(),
            KeyCode::Char(digit @ '1'..='5') => {
                self.cursor = (digit as usize) - ('1' as usize);
                self.take()
            }
            KeyCode::Esc | KeyCode::Char('q') => Step::Close,
            _ => Step::Stay,
        }
    }

    fn take(&self) -> Step {
        let (profile, keys) = (self.profile.clone(), self.keys.clone());
        Step::Do(match OFFERED.get(self.cursor) {
            Some((seconds, _)) => Command::Links { profile, keys, wanted: Wanted::Presigned(*seconds) },
            None => Command::AskExpiry { profile, keys },
        })
    }
}

/// The profiles; [`crate::app::App::profiles`] has the rows.
#[derive(Debug, Clone)]
pub struct ProfilesDialog {
    /// The row chosen.
    pub cursor: usize,
    /// The first row shown, where that leaves the one chosen in sight.
    pub first: usize,
    /// What stands above them: why they are shown, where nobody asked.
    pub title: &'static str,
    /// The names, in order.
    pub(crate) names: Vec<String>,
}

/// The keys that the list of profiles knows.
pub(super) const PROFILES: [(&str, &str); 6] = [
    ("j k", "choose"),
    ("Enter", "switch"),
    ("e", "edit"),
    ("d", "open it next time"),
    ("n", "new profile"),
    ("Esc", "close"),
];

impl ProfilesDialog {
    /// Takes over other names; the cursor stays on the one that it is on, if that is still there.
    pub(crate) fn list(&mut self, names: Vec<String>) {
        let here = self.names.get(self.cursor).and_then(|here| names.iter().position(|name| name == here));
        self.cursor = here.unwrap_or(self.cursor).min(names.len().saturating_sub(1));
        self.names = names;
    }

    pub(crate) fn key(&mut self, key: Key) -> Step {
        if let Some(steps) = motion(key, 10) {
            self.cursor = self.cursor.saturating_add_signed(steps).min(self.names.len().saturating_sub(1));
            return Step::Stay;
        }
        match (key.code, self.names.get(self.cursor)) {
            _ if !is_plain(key) => Step::Stay,
            (KeyCode::Enter, Some(name)) => Step::Do(Command::Switch(name.clone())),
            (KeyCode::Char('d'), Some(name)) => Step::Do(Command::MakeDefault(name.clone())),
            // It stays open: what was changed is seen where it was chosen.
            (KeyCode::Char('e'), Some(name)) => Step::Also(Command::EditProfile(name.clone())),
            (KeyCode::Char('n'), _) => Step::Do(Command::AskNewcomer),
            (KeyCode::Esc | KeyCode::Char('q' | 'P'), _) => Step::Close,
            _ => Step::Stay,
        }
    }
}
