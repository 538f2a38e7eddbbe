//! What every area may do besides changing its own state: ask for effects, say something, open a dialog. Handed to the
//! areas' methods, so that none of them knows the others.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::dialog::Dialog;
use super::effect::{Effect, RequestId};
use super::notices::{Level, Notice, Notices};
use super::requests::{Purpose, Requests};
use crate::domain::Failure;

/// Collects what an update leads to.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// The time of the message at hand, UTC.
    pub(crate) now: DateTime<Utc>,
    /// The open questions.
    pub(crate) requests: Requests,
    /// What was said.
    pub(crate) notices: Notices,
    /// Dialogs that this update asked for, one after the other.
    pub(crate) dialogs: VecDeque<Dialog>,
    effects: Vec<Effect>,
}

impl Outbox {
    /// Nothing asked, nothing said.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        Self {
            now,
            requests: Requests::default(),
            notices: Notices::default(),
            dialogs: VecDeque::new(),
            effects: Vec::new(),
        }
    }

    /// Asks a question: the older one of the same sort is cancelled.
    pub(crate) fn ask(&mut self, purpose: Purpose, effect: impl FnOnce(RequestId) -> Effect) {
        let (id, replaced) = self.requests.open(purpose);
        self.effects.extend(replaced.map(Effect::Cancel));
        self.effects.push(effect(id));
    }

    /// Gives up the question of that sort; whether there was one.
    pub(crate) fn give_up(&mut self, purpose: &Purpose) -> bool {
        let dropped = self.requests.drop_like(purpose);
        self.effects.extend(dropped.map(Effect::Cancel));
        dropped.is_some()
    }

    /// Gives up the dialog that was called and is not open yet.
    pub(crate) fn give_up_called(&mut self) {
        let dropped = self.requests.drop_call();
        self.effects.extend(dropped.map(Effect::Cancel));
    }

    /// Asks for an effect that nobody answers.
    pub(crate) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Says something.
    pub(crate) fn say(&mut self, level: Level, text: impl Into<String>) {
        self.notices.push(level, text.into(), self.now);
    }

    /// Says how something stands now, which overtakes what was said of it before.
    pub(crate) fn say_about(&mut self, about: impl Into<String>, level: Level, text: impl Into<String>) {
        self.notices.push_about(about.into(), level, text.into(), self.now);
    }

    /// Says what went wrong.
    pub(crate) fn fail(&mut self, failure: &Failure) {
        self.notices.push_all(Level::Error, failure.each().map(Failure::sentence), self.now);
    }

    /// Says what should be known.
    pub(crate) fn warn(&mut self, failure: &Failure) {
        self.notices.push_all(Level::Warning, failure.each().map(Failure::sentence), self.now);
    }

    /// Keeps what went wrong in the log alone, where it is one of many.
    pub(crate) fn record(&mut self, failure: &Failure) {
        let at = self.now;
        let notice = |text| Notice::new(Level::Error, text, at);
        failure.each().for_each(|wrong| self.notices.record(notice(wrong.sentence())));
    }

    /// Opens a dialog, after those that are open.
    pub(crate) fn open(&mut self, dialog: Dialog) {
        self.dialogs.push_back(dialog);
    }

    /// Takes what was asked for.
    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }
}
