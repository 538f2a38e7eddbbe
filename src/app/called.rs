//! Keys for a question that was called and is on its way: they are its own, so that none of them is a command of the list
//! that still has the focus. They wait for it, in order, and go where it does not come.

use crossterm::event::{Event, KeyCode};

use super::App;

impl App {
    /// Keeps a key or a paste for the question that is on its way; whether there is one.
    pub(super) fn keep_for_called(&mut self, event: &Event) -> bool {
        if !self.out.requests.is_calling() || self.dialog.is_some() {
            return false;
        }
        let is_escape = matches!(event, Event::Key(key) if key.code == KeyCode::Esc);
        if is_escape && self.called.is_empty() {
            self.out.give_up_called();
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
