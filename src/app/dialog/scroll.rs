//! Text that is longer than its dialog: help, and everything said so far.

use ratatui::layout::Size;

use super::{Step, closes, motion};
use crate::action::Key;
use crate::app::layout::scroll_page;

/// The first row shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scroll {
    /// Counted from 0; never beyond what leaves the last page full.
    pub offset: usize,
}

impl Scroll {
    pub(crate) fn key(&mut self, key: Key, rows: usize, size: Size) -> Step {
        let page = scroll_page(size);
        if let Some(steps) = motion(key, page) {
            self.offset = self.offset.saturating_add_signed(steps).min(rows.saturating_sub(page));
            return Step::Stay;
        }
        let toggles = matches!(key.code, crossterm::event::KeyCode::Char('?' | '!'));
        if closes(key) || toggles { Step::Close } else { Step::Stay }
    }
}
