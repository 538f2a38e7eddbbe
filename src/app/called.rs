//! Keys for a question that was called and is on its way: they are its own, so that none of them is a command of the list
//! that still has the focus. They wait for it, in order, and go where it does not come. Where it is still being found out what
//! the question is about, they go at once: nobody can have meant an answer to it.

use crossterm::event::{Event, KeyCode};

use super::App;

impl App {
    /// Keeps a key or a paste for the question that is on its way; whether there is one.
    pub(super) fn keep_for_called(&mut self, event: &Event) -> bool {
        if !self.out.requests.is_calling() || self.dialog.is_some() {
            return false;
        }
        let is_escape = matches!(event, Event::Key(key) if key.code == KeyCode::Esc);
        let is_looked_for = self.out.requests.looks_since().is_some();
        if is_escape && (is_looked_for || self.called.is_empty()) {
            self.out.give_up_called();
        } else if is_looked_for {
            self.key_came();
        } else {
            self.called.push(event.clone());
        }
        true
    }

    /// Gives what was kept to the question, once nobody waits for one any more.
    pub(super) fn hand_to_called(&mut self) {
        if self.out.requests.is_calling() {
            return;
        }
        let kept = std::mem::take(&mut self.called);
        if self.dialog.is_none() {
            return;
        }
        for event in kept {
            self.input(&event);
            self.open_asked();
        }
    }
}
