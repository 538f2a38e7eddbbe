//! When dialogs open that an answer brings, and from when on they listen. Nobody knows when an answer comes, so that keys
//! typed for something else must never decide about files.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use super::dialog::Dialog;
use super::effect::RequestId;
use super::notices::Level;

/// How long no key may have come before a dialog that opened by itself listens: less than it takes to see it and decide,
/// more than there is between two keys of a word.
const QUIET: TimeDelta = TimeDelta::milliseconds(500);

/// Dialogs that wait, and what is known of the person at the keys.
#[derive(Debug, Default)]
pub(super) struct Opening {
    waiting: VecDeque<Dialog>,
    last_key: Option<LastKey>,
    /// Until when the dialog that is open lets keys pass by.
    deaf_until: Option<DateTime<Utc>>,
    /// Until when it lets clicks pass by: a hand at the mouse is long on its way, and meant what was there before.
    unseen_until: Option<DateTime<Utc>>,
}

/// The last key or paste.
#[derive(Debug, Clone, Copy)]
struct LastKey {
    at: DateTime<Utc>,
    /// The newest question before it: what was asked later, it may have asked for.
    newest: RequestId,
}

impl Opening {
    /// Dialogs that wait.
    pub(super) fn waiting(&mut self) -> impl Iterator<Item = &mut Dialog> {
        self.waiting.iter_mut()
    }
}

impl App {
    /// Remembers that a key or a paste came; before it does anything.
    pub(super) fn key_came(&mut self) {
        self.opening.last_key = Some(LastKey { at: self.out.now, newest: self.out.requests.newest() });
    }

    /// Whether it is a key or a click that is being followed, and no answer or time.
    pub(super) fn is_at_the_keys(&self) -> bool {
        self.opening.last_key.is_some_and(|key| key.at == self.out.now)
    }

    /// Closes what was asked, or is about to be, under a profile that is another one now.
    pub(super) fn close_questions(&mut self) {
        self.opening.waiting.clear();
        self.out.dialogs.clear();
        let asks = |dialog: &Dialog| {
            use Dialog::{Beneath, Confirm, Conflicts, Prompt, Request, Tree};
            matches!(dialog, Confirm(_) | Beneath(_) | Tree(_) | Conflicts(_) | Prompt(_) | Request(_))
        };
        if self.dialog.as_ref().is_some_and(asks) {
            self.close_dialog();
            self.out.say(
                Level::Warning,
                "the profile has changed in its file: what was asked is closed, nothing was queued",
            );
        }
    }

    /// Whether the dialog that is open takes keys. Until it does its hints are dim and none of its buttons is chosen.
    pub fn listens(&self) -> bool {
        self.listens_at().is_none()
    }

    /// When the dialog that is open begins to listen, UTC; `None` where it does.
    pub(super) fn listens_at(&self) -> Option<DateTime<Utc>> {
        self.opening.deaf_until.filter(|until| self.dialog.is_some() && self.out.now < *until)
    }

    /// Whether the dialog does not listen yet. Every key that passes by makes it wait again.
    pub(super) fn is_deaf(&mut self) -> bool {
        let deaf = !self.listens();
        self.opening.deaf_until = deaf.then_some(self.out.now + QUIET);
        deaf
    }

    /// Whether the dialog that is open opened by itself, and so lately that a click was meant for what it covers.
    pub(super) fn is_new_to_the_mouse(&self) -> bool {
        self.dialog.is_some() && self.opening.unseen_until.is_some_and(|until| self.out.now < until)
    }

    /// From when on it is shown that a question waits for a look, UTC: one that comes at once is not announced. `None` where
    /// none does.
    pub(super) fn announces_look_at(&self) -> Option<DateTime<Utc>> {
        self.out.requests.looks_since().filter(|_| self.dialog.is_none()).map(|since| since + QUIET)
    }

    /// Whether something was pressed a moment ago.
    fn is_pressing(&self) -> bool {
        self.opening.last_key.is_some_and(|key| self.out.now < key.at + QUIET)
    }

    /// Whether nothing was pressed since the question was asked, so that its answer is what a person waits for.
    pub(super) fn is_awaited(&self, request: RequestId) -> bool {
        self.opening.last_key.is_none_or(|key| request > key.newest)
    }

    /// Opens the dialog that was just asked for; it listens at once.
    pub(super) fn open_asked(&mut self) {
        if self.dialog.is_none() && !self.is_amid_keys() {
            self.dialog = self.out.dialogs.pop_front();
            self.explains = false;
            self.opening.deaf_until = None;
            self.opening.unseen_until = (!self.is_pressing()).then_some(self.out.now + QUIET);
        }
    }

    /// Opens the next dialog that nobody asked for just now, unless something is being typed.
    pub(super) fn open_waiting(&mut self) {
        self.opening.waiting.append(&mut self.out.dialogs);
        if self.dialog.is_some() || self.is_amid_keys() {
            return;
        }
        self.dialog = self.opening.waiting.pop_front();
        self.explains = false;
        let until = self.dialog.is_some().then_some(self.out.now + QUIET);
        self.opening.unseen_until = until;
        self.opening.deaf_until = until.filter(|_| self.is_pressing());
    }

    /// Whether the next key belongs to something that was begun.
    fn is_amid_keys(&self) -> bool {
        let begun = self.typing.is_some() || self.letter.is_some() || !self.pending.is_empty();
        begun || self.out.requests.is_calling()
    }
}
