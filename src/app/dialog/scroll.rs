//! Text that is longer than its dialog: help, everything said so far, everything about a transfer.

use ratatui::layout::Size;

use super::{Step, closes, motion};
use crate::action::Key;
use crate::app::layout::scroll_page;
use crate::domain::transfer::{Hold, TransferView};

/// A transfer, as it was last known, and how long its profile stands still.
#[derive(Debug, Clone)]
pub struct TransferDialog {
    /// The transfer.
    pub view: TransferView,
    /// What keeps its profile standing still.
    pub hold: Option<Hold>,
    /// The first row shown.
    pub scroll: Scroll,
}

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
