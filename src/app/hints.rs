//! What the hint line shows: rows of the one table of actions, with their keys, and whether they are disabled.

use super::guard::reason;
use super::{App, Pane};
use crate::action::{self, Action, Key, Place, TABLE};

/// An entry of the hint line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The keys, as shown.
    pub keys: String,
    /// What they do, in one or two words.
    pub text: String,
    /// Whether it would do nothing now: drawn dim.
    pub disabled: bool,
    /// The keys that a click on it presses; none where it stands for several.
    pub(super) press: Vec<Key>,
}

impl Hint {
    /// Whether a click on either does the same, if it does anything.
    pub(super) fn means(&self, other: &Self) -> bool {
        self.text == other.text && self.press == other.press
    }
}

impl App {
    /// The hint line, most useful first; whoever draws it leaves out what there is no room for, but not the last: help, or
    /// the way out. While keys are pending it shows what may follow them, in a dialog the dialog's keys.
    pub fn hints(&self) -> Vec<Hint> {
        if let Some(dialog) = self.dialog() {
            if self.explained_dialog().is_some() {
                return vec![said("Esc", "back")];
            }
            let hints = dialog.hints().into_iter().map(|(keys, text)| match dialog.takes(keys) {
                true => Hint { disabled: !self.listens(), ..said(keys, text) },
                // It keeps its place: what is beside it must not move under a click.
                false => Hint { disabled: true, press: Vec::new(), ..said(keys, text) },
            });
            return hints.collect();
        }
        if self.announces_look_at().is_some_and(|from| from <= self.out.now) {
            return vec![said("Esc", "stop looking")];
        }
        if let Some(typing) = &self.typing {
            let keeping = match self.place() {
                Place::Bucket => vec![said("Enter", "search below"), said("Tab", "keep")],
                _ => vec![said("Enter", "keep")],
            };
            let going_on = typing.is_whole().then(|| said("← →", "go on with it"));
            return keeping.into_iter().chain(going_on).chain([said("Esc", "clear")]).collect();
        }
        if let Some(action) = self.letter {
            return self.letters(action);
        }
        if !self.pending.is_empty() {
            return self.continuations();
        }
        let now = self.snapshot();
        let hint_of = |action: Action, text: &str| {
            let keys = self.keymap.keys_in(self.place(), action).next()?;
            Some(hint(keys, text, reason(action, &now).is_some()))
        };
        let inspecting = self.inspector_keys().into_iter().filter_map(|(action, text)| hint_of(action, text));
        let here = TABLE.iter().filter(|entry| {
            entry.hinted && !(entry.action == Action::Inspect && now.inspecting) && entry.context.holds(self.place())
        });
        let here = here.filter_map(|entry| match entry.action {
            Action::Pause if now.queue.go_on => hint_of(Action::Pause, "go on"),
            action => hint_of(action, entry.short),
        });
        inspecting.chain(here).collect()
    }

    /// The keys pressed so far of a sequence that is not whole yet, as shown; empty without one.
    pub fn pending(&self) -> String {
        match self.letter {
            Some(action) => self.keymap.short_label(self.place(), action).unwrap_or_default(),
            None => action::keys_label(&self.pending),
        }
    }

    fn continuations(&self) -> Vec<Hint> {
        let now = self.snapshot();
        self.keymap
            .continuing(self.place(), &self.pending)
            .map(|binding| {
                let rest = binding.keys.get(self.pending.len()..).unwrap_or_default();
                let disabled = reason(binding.action, &now).is_some();
                hint(rest, binding.action.entry().short, disabled)
            })
            .collect()
    }

    fn letters(&self, action: Action) -> Vec<Hint> {
        let known: Vec<Hint> = if self.focus == Pane::Remote {
            let letters = self.remote.bucket().standing.history().bookmarks().iter();
            letters.map(|(letter, prefix)| place(*letter, format!("/{prefix}"))).collect()
        } else {
            let letters = self.browser.history().bookmarks().iter();
            letters.map(|(letter, path)| place(*letter, crate::domain::display::display_path(path))).collect()
        };
        if action == Action::GoBookmark && !known.is_empty() {
            return known;
        }
        vec![said("a–z", "letter"), said("Esc", "cancel")]
    }
}

fn hint(keys: &[Key], text: &str, disabled: bool) -> Hint {
    Hint { keys: action::keys_label(keys), text: text.into(), disabled, press: keys.to_vec() }
}

/// A hint in words of its own; one that names a single key can be clicked.
fn said(keys: &str, text: &str) -> Hint {
    Hint { keys: keys.into(), text: text.into(), disabled: false, press: single(keys).into_iter().collect() }
}

/// The one key that these are, as they are shown: `Enter`, `^n`.
fn single(keys: &str) -> Option<Key> {
    match keys.strip_prefix('^').filter(|letter| !letter.is_empty()) {
        Some(letter) => Key::parse(&format!("ctrl-{letter}")),
        None => Key::parse(keys),
    }
}

/// A place with a letter.
fn place(letter: char, text: String) -> Hint {
    Hint { text, ..said(&letter.to_string(), "") }
}
