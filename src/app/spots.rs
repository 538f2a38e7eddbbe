//! What a click on the open dialog, or on the hint line, hits. Drawing reports it with every frame, because only drawing
//! knows where texts have come to stand; a click then means what whoever clicked has seen.

use crossterm::event::{KeyCode, KeyModifiers};
use ratatui::layout::{Position, Rect};

use super::App;
use super::dialog::Dialog;
use super::hints::Hint;
use super::mouse::Click;
use crate::action::Key;

/// A place that takes clicks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Where it is.
    pub area: Rect,
    /// What a click there means.
    pub hit: Hit,
}

/// What a click means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hit {
    /// A row of those that can be chosen, and how many rows of the list are above the first one shown: a click moves
    /// nothing, so that the second of two meets the same row.
    Row {
        /// Counted from 0.
        row: usize,
        /// Counted from 0.
        first: usize,
    },
    /// A line that is filled in.
    Line(usize),
    /// What this key does.
    Press(KeyCode),
    /// A hint of the line at the bottom.
    Hint(Hint),
}

impl App {
    /// Takes note of what the frame has drawn of the dialog that is open, and of the hints.
    pub fn was_drawn(&mut self, spots: Vec<Spot>) {
        self.spots = spots;
    }

    /// What is clicked on, unless something was pressed since it was drawn.
    fn hit(&self, cell: Position) -> Option<Hit> {
        self.spots.iter().rev().find(|spot| spot.area.contains(cell)).map(|spot| spot.hit.clone())
    }

    /// The keys of the hint that was seen at a cell, while it is still offered: what its keys would do by now may be
    /// something else. None where it stands for several.
    pub(super) fn hint_hit(&self, cell: Position) -> Option<Vec<Key>> {
        let Hit::Hint(seen) = self.hit(cell)? else { return None };
        let is_offered = self.hints().iter().any(|hint| hint.means(&seen));
        Some(seen.press).filter(|keys| is_offered && !keys.is_empty())
    }

    /// Takes a click on the open dialog, or beside it, where it means nothing; the second of two on a row opens it, and on
    /// a button all behind the first are too many, unless it only turns a choice.
    pub(super) fn dialog_clicked(&mut self, cell: Position, click: Click) {
        match self.hit(cell) {
            Some(Hit::Row { row, first }) if !self.is_deaf() => {
                self.choose(row, first);
                if click == Click::Second {
                    self.press_all(&[plain(KeyCode::Enter)]);
                }
            }
            Some(Hit::Line(line)) => self.go_to_line(line),
            Some(Hit::Press(code)) if click == Click::First || turns(code) => self.press_all(&[plain(code)]),
            _ => {}
        }
    }

    /// The dialog whose keys stand over it.
    pub fn explained_dialog(&self) -> Option<&Dialog> {
        self.dialog.as_ref().filter(|_| self.explains)
    }

    fn choose(&mut self, row: usize, first: usize) {
        match &mut self.dialog {
            Some(Dialog::Palette(dialog)) => dialog.choose(row, first),
            Some(Dialog::Profiles(dialog)) => (dialog.cursor, dialog.first) = (row, first),
            Some(Dialog::Fields(dialog)) => (dialog.cursor, dialog.first) = (row, first),
            _ => {}
        }
    }

    /// By its keys, because what is left may be looked at by the form.
    fn go_to_line(&mut self, line: usize) {
        let Some(at) = self.dialog.as_ref().and_then(Dialog::line) else { return };
        let code = if line > at { KeyCode::Down } else { KeyCode::Up };
        self.press_all(&vec![plain(code); line.abs_diff(at)]);
    }
}

fn turns(code: KeyCode) -> bool {
    matches!(code, KeyCode::Left | KeyCode::Right)
}

fn plain(code: KeyCode) -> Key {
    Key { code, modifiers: KeyModifiers::NONE }
}
