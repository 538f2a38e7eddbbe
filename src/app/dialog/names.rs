//! How a question about uploads switches between names as they are made and names as they are, by one key.

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

use crate::action::Key;

/// Both, as text that the question's line may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// By the profile's template.
    made: String,
    /// As the files are called.
    kept: String,
}

impl Names {
    /// Names that are made so, or kept so.
    pub(crate) const fn new(made: String, kept: String) -> Self {
        Self { made, kept }
    }

    /// Whether this line changes no name.
    pub(crate) fn keeps(&self, line: &str) -> bool {
        line == self.kept || matches!(line, "{name}" | "{prefix}{name}")
    }

    /// What the key makes of this line; nothing where the profile's names are those of the files.
    pub(crate) fn other(&self, line: &str) -> Option<&str> {
        match (self.keeps(line), self.keeps(&self.made)) {
            (false, _) => Some(&self.kept),
            (true, false) => Some(&self.made),
            (true, true) => None,
        }
    }

    /// The key, and what it does to this line.
    pub(super) fn hint(&self, line: &str) -> Option<(&'static str, &'static str)> {
        let does = if self.keeps(line) { "by template" } else { "keep names" };
        self.other(line).map(|_| ("^n", does))
    }
}

/// Whether the key is pressed that switches.
pub(super) fn switches(event: &Event) -> bool {
    let key = Key { code: KeyCode::Char('n'), modifiers: KeyModifiers::CONTROL };
    matches!(event, Event::Key(pressed) if pressed.kind != KeyEventKind::Release && Key::of(pressed) == key)
}
