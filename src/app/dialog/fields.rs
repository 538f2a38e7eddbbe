//! The dialog that offers the inspector's fields, of which one is copied.

use crossterm::event::KeyCode;

use super::{Command, Step, is_plain, motion};
use crate::action::Key;
use crate::app::inspector::Field;

/// The fields that can be copied.
#[derive(Debug, Clone)]
pub struct FieldsDialog {
    /// The row chosen.
    pub cursor: usize,
    /// The first row shown, where that leaves the one chosen in sight.
    pub first: usize,
    /// The fields, each with a value; never none.
    pub fields: Vec<Field>,
}

impl FieldsDialog {
    pub(crate) fn key(&mut self, key: Key) -> Step {
        if let Some(steps) = motion(key, 10) {
            self.cursor = self.cursor.saturating_add_signed(steps).min(self.fields.len().saturating_sub(1));
            return Step::Stay;
        }
        match key.code {
            _ if !is_plain(key) => Step::Stay,
            KeyCode::Enter => self.take(),
            KeyCode::Esc | KeyCode::Char('q') => Step::Close,
            _ => Step::Stay,
        }
    }

    fn take(&self) -> Step {
        let chosen = self.fields.get(self.cursor).and_then(|field| Some((field.name, field.value.clone()?)));
        chosen.map_or(Step::Close, |(name, value)| Step::Do(Command::CopyField { name, value }))
    }
}
