//! What keys and the mouse do to the inspector: scroll it, zoom its preview, copy a field, close it.

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use crate::action::Action;
use crate::app::dialog::{Dialog, FieldsDialog};
use crate::app::notices::Level;
use crate::app::{App, Pane};

use super::Subject;
use super::folding::Facts;

/// Rows that one notch of the wheel is.
const NOTCH: isize = 3;

impl App {
    /// What the inspector adds to the hint line.
    pub(in crate::app) fn inspector_keys(&self) -> Vec<(Action, &'static str)> {
        if self.inspector.is_none() || self.focus == Pane::Transfers {
            return Vec::new();
        }
        let zoom = if self.is_preview_zoomed() { "all again" } else { "zoom" };
        vec![
            (Action::Inspect, "close"),
            (Action::PreviewDown, "preview"),
            (Action::Zoom, zoom),
            (Action::CopyField, "copy a field"),
        ]
    }

    /// Zooms the inspector's preview where it is open, else the pane.
    pub(in crate::app) fn zoom(&mut self) {
        match &mut self.inspector {
            Some(inspector) if self.focus != Pane::Transfers => {
                inspector.zoomed = !inspector.zoomed;
                (inspector.offset, inspector.facts) = (0, Facts::AsFits);
            }
            _ => self.zoomed = !self.zoomed,
        }
    }

    /// Looks into the file under the cursor: the inspector opens, and its preview takes all the room where it was open.
    /// Whether there is a file.
    pub(in crate::app) fn look_inside(&mut self) -> bool {
        if !matches!(self.under_cursor(), Some(Subject::File(_) | Subject::Object { .. })) {
            return false;
        }
        match &self.inspector {
            None => self.toggle_inspector(),
            Some(inspector) if !inspector.zoomed => self.zoom(),
            Some(_) => {}
        }
        true
    }

    fn is_preview_zoomed(&self) -> bool {
        self.inspector.as_ref().is_some_and(|inspector| inspector.zoomed)
    }

    /// Shows the preview beside the list again; whether it was alone.
    pub(in crate::app) fn unzoom_preview(&mut self) -> bool {
        let Some(inspector) = self.inspector.as_mut().filter(|inspector| inspector.zoomed) else { return false };
        (inspector.zoomed, inspector.offset) = (false, 0);
        true
    }

    /// What Esc does to it: a zoomed preview first stands beside the list again. Whether there was anything to do.
    pub(in crate::app) fn leave_inspector(&mut self) -> bool {
        self.focus != Pane::Transfers && (self.unzoom_preview() || self.close_inspector())
    }

    /// While the preview is alone, what moves in lists moves in it.
    pub(in crate::app) fn scrolls_preview(&mut self, action: Action) -> bool {
        if !self.is_preview_zoomed() {
            return false;
        }
        let page =
            self.layout().inspector.map_or(1, |area| isize::try_from(area.height.saturating_sub(2)).unwrap_or(1));
        let steps = match action {
            Action::MoveDown | Action::NextHit => 1,
            Action::MoveUp | Action::PreviousHit => -1,
            Action::HalfPageDown => page / 2,
            Action::HalfPageUp => -(page / 2),
            Action::PageDown => page,
            Action::PageUp => -page,
            Action::First => isize::MIN,
            Action::Last => isize::MAX,
            _ => 0,
        };
        self.scroll_inspector(steps);
        true
    }

    /// The wheel scrolls the inspector where the mouse is over it; whether it is.
    pub(in crate::app) fn wheel_over_inspector(&mut self, mouse: &MouseEvent) -> bool {
        let cell = Position::new(mouse.column, mouse.row);
        let over = self.layout().inspector.is_some_and(|area| area.contains(cell));
        match mouse.kind {
            MouseEventKind::ScrollDown if over => self.scroll_inspector(NOTCH),
            MouseEventKind::ScrollUp if over => self.scroll_inspector(-NOTCH),
            _ => {}
        }
        over
    }

    /// Offers the fields that can be copied.
    pub(in crate::app) fn ask_field(&mut self) {
        let fields: Vec<_> = self.fields().into_iter().filter(|field| field.value.is_some()).collect();
        if fields.is_empty() {
            return self.out.say(Level::Note, "there is nothing to copy here");
        }
        self.out.open(Dialog::Fields(FieldsDialog { cursor: 0, first: 0, fields }));
    }
}
