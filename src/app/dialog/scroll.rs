//! Text that is longer than its dialog: help, everything said so far, everything about a transfer.

use crossterm::event::KeyCode;
use ratatui::layout::Size;

use super::{Command, Step, closes, is_plain, motion};
use crate::action::Key;
use crate::app::layout::scroll_page;
use crate::app::requesting::shows_url;
use crate::domain::transfer::{Hold, TransferState, TransferView};

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

impl TransferDialog {
    pub(crate) fn key(&mut self, key: Key, rows: usize, size: Size) -> Step {
        if key.code == KeyCode::Char('y') && is_plain(key) && shows_url(&self.view) {
            return Step::Do(Command::ShowRequest(self.view.transfer.id));
        }
        if key.code == KeyCode::Char('r') && is_plain(key) && self.can_be_tried_again() {
            return Step::Do(Command::Retry(self.view.transfer.id));
        }
        self.scroll.key(key, rows, size)
    }

    fn can_be_tried_again(&self) -> bool {
        match self.view.transfer.state {
            TransferState::Failed | TransferState::Cancelled => true,
            TransferState::Waiting => false,
            state => state.is_open() && (self.hold.is_some() || self.view.next_try_in.is_some()),
        }
    }

    pub(crate) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        let url = shows_url(&self.view).then_some(("y", "show the URL again"));
        let again = self.can_be_tried_again().then_some(("r", "try again"));
        url.into_iter().chain(again).chain([("j k", "scroll"), ("Esc", "close")]).collect()
    }
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
        let toggles = key.code == KeyCode::Char('!');
        if closes(key) || toggles { Step::Close } else { Step::Stay }
    }
}
