//! A filter while it is being typed. One that was kept is offered again as a whole: the first letter takes its place, as in
//! what is chosen in a browser's field, and a key that moves in it goes on with it.

use crossterm::event::{Event, KeyCode, KeyModifiers};
use tui_input::Input;

use super::dialog::prompt::edit;
use crate::action::Key;

/// The line, and whether it is still as it was kept.
#[derive(Debug)]
pub struct Typing {
    line: Input,
    is_whole: bool,
}

impl Typing {
    /// Begins with what is in force.
    pub(super) fn of(needle: &str) -> Self {
        Self { line: needle.to_owned().into(), is_whole: !needle.is_empty() }
    }

    /// The line.
    pub fn line(&self) -> &Input {
        &self.line
    }

    /// Whether the next letter takes the place of all of it: drawn as chosen.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Lets an event edit the line.
    pub(super) fn edit(&mut self, event: &Event) {
        let whole = std::mem::take(&mut self.is_whole);
        if whole && takes_its_place(event) {
            self.line.reset();
        }
        edit(&mut self.line, event);
    }
}

/// Whether what is typed, pasted or deleted is so of the whole line.
fn takes_its_place(event: &Event) -> bool {
    let Event::Key(key) = event else { return true };
    let key = Key::of(key);
    match key.code {
        KeyCode::Char(_) => key.modifiers.is_empty() || key == DELETES,
        code => matches!(code, KeyCode::Backspace | KeyCode::Delete),
    }
}

/// What some terminals send for Backspace.
const DELETES: Key = Key { code: KeyCode::Char('h'), modifiers: KeyModifiers::CONTROL };
