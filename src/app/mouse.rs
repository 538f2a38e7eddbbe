//! What the mouse does: a click gives the focus and chooses, a second one opens, the wheel moves, the thumb of a scroll bar
//! can be dragged, and a click on a hint presses its keys; what it means in a dialog is in `spots.rs`.

use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::notices::Level;
use super::scroll_bar::ScrollBar;
use super::{App, Effect, Pane};
use crate::action::{Action, Key};

/// How many rows one notch of the wheel is.
const NOTCH: isize = 3;

/// How soon the second click of two has to follow the first, on the same cell.
const DOUBLE: TimeDelta = TimeDelta::milliseconds(400);

/// The mouse as it was left.
#[derive(Debug)]
pub(super) struct Mouse {
    /// Whether it is ours; else the terminal selects text with it.
    on: bool,
    /// The clicks that came last.
    clicked: Option<Clicked>,
    /// The thumb that is held.
    held: Option<Held>,
}

/// What a click came down on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    Pane,
    Dialog,
}

/// Clicks that followed each other quickly on one cell.
#[derive(Debug, Clone, Copy)]
struct Clicked {
    /// What the first came down on.
    ground: Ground,
    cell: Position,
    /// The last one's time.
    at: DateTime<Utc>,
    /// It is the only one so far.
    is_alone: bool,
}

/// Which click it is of those that follow each other quickly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Click {
    First,
    Second,
    /// The third, or one behind it: no pair begins with it, because what the second has opened was not aimed at yet.
    Further,
    /// Since the first a dialog has opened or closed: it was not meant for what is there now.
    Elsewhere,
}

/// A thumb, and which of its rows the mouse took hold of.
#[derive(Debug, Clone, Copy)]
struct Held {
    pane: Pane,
    grip: usize,
}

impl Mouse {
    /// A mouse that is ours or is not.
    pub(super) fn new(on: bool) -> Self {
        Self { on, clicked: None, held: None }
    }

    /// Takes note of a click; which of two it is.
    fn clicks(&mut self, ground: Ground, cell: Position, now: DateTime<Utc>) -> Click {
        let before = self.clicked.filter(|last| last.cell == cell && now - last.at <= DOUBLE);
        let click = match before {
            None => Click::First,
            Some(last) if last.ground != ground => Click::Elsewhere,
            Some(last) if last.is_alone => Click::Second,
            Some(_) => Click::Further,
        };
        let ground = before.map_or(ground, |last| last.ground);
        self.clicked = Some(Clicked { ground, cell, at: now, is_alone: before.is_none() });
        click
    }
}

impl App {
    /// Takes an event of the mouse.
    pub(super) fn mouse(&mut self, mouse: MouseEvent) {
        if !matches!(mouse.kind, MouseEventKind::Moved | MouseEventKind::Up(_)) {
            self.key_came();
        }
        if self.mouse.held.is_none() && self.dialog.is_none() && self.wheel_over_inspector(&mouse) {
            return;
        }
        let cell = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => self.pressed(cell),
            MouseEventKind::Drag(MouseButton::Left) => self.dragged(cell),
            MouseEventKind::Up(MouseButton::Left) => self.mouse.held = None,
            MouseEventKind::ScrollDown => self.wheel(cell, NOTCH),
            MouseEventKind::ScrollUp => self.wheel(cell, -NOTCH),
            _ => {}
        }
    }

    /// Gives the mouse to the terminal, for its own selection, or takes it back.
    pub(super) fn switch_mouse(&mut self) {
        self.mouse = Mouse::new(!self.mouse.on);
        self.out.push(Effect::Mouse(self.mouse.on));
        let keys = self.keymap.short_label(self.place(), Action::Mouse).unwrap_or_default();
        self.out.say(
            Level::Info,
            match self.mouse.on {
                true => "the mouse works here again".to_owned(),
                false => format!("the mouse is the terminal's now, to select text; {keys} takes it back"),
            },
        );
    }

    /// The row of the screen that the cursor stands on.
    pub fn cursor_row(&self) -> Option<Rect> {
        let layout = self.layout();
        let area = layout.pane(self.focus)?;
        let row = self.list().cursor().checked_sub(self.list().offset())?;
        let here = |y: &u16| layout.hit(area.x + 1, *y) == Some((self.focus, Some(row)));
        let y = (area.y..area.bottom()).find(here)?;
        Some(Rect { y, height: 1, ..area })
    }

    fn pressed(&mut self, cell: Position) {
        self.mouse.held = None;
        if self.is_new_to_the_mouse() {
            return;
        }
        let ground = if self.dialog.is_some() { Ground::Dialog } else { Ground::Pane };
        let click = self.mouse.clicks(ground, cell, self.out.now);
        if click == Click::Elsewhere {
            return;
        }
        match self.hint_hit(cell) {
            // What it would answer nobody has seen yet.
            Some(_) if click != Click::First && ground == Ground::Dialog => {}
            Some(keys) => self.press_all(&keys),
            None if ground == Ground::Dialog => self.dialog_clicked(cell, click),
            None => self.pane_clicked(cell, click),
        }
    }

    fn pane_clicked(&mut self, cell: Position, click: Click) {
        if let Some((pane, row)) = self.layout().scroll_bar_at(cell) {
            return self.take_hold(pane, row);
        }
        let Some((pane, row)) = self.layout().hit(cell.x, cell.y) else { return };
        self.move_on();
        self.focus_on(pane);
        let position = row.map(|row| self.list().offset() + row).filter(|position| *position < self.list().len());
        if let Some(position) = position {
            self.list_mut().go(position);
            if click == Click::Second {
                self.double_clicked(pane);
            }
        }
    }

    /// What a click on a hint stands for.
    pub(super) fn press_all(&mut self, keys: &[Key]) {
        for key in keys {
            let event = Event::Key(KeyEvent::new(key.code, key.modifiers));
            if !self.keep_for_called(&event) {
                self.key_came();
                self.typed(&event);
            }
        }
    }

    /// Opens what can be opened.
    fn double_clicked(&mut self, pane: Pane) {
        let action = if pane == Pane::Transfers { Action::TransferDetails } else { Action::Open };
        if action.entry().context.holds(self.place()) {
            self.run(action);
        }
    }

    /// Takes hold of a thumb; where there is none, it comes to the mouse.
    fn take_hold(&mut self, pane: Pane, row: usize) {
        self.focus_on(pane);
        let thumb = self.scroll_bar(pane).and_then(|bar| bar.thumb(self.list().offset()));
        let Some(thumb) = thumb else { return };
        let grip = if thumb.contains(&row) { row - thumb.start } else { thumb.len() / 2 };
        self.mouse.held = Some(Held { pane, grip });
        self.drag_to(row);
    }

    fn dragged(&mut self, cell: Position) {
        let Some(area) = self.mouse.held.and_then(|held| self.layout().pane(held.pane)) else { return };
        self.drag_to(usize::from(cell.y.saturating_sub(area.y + 1)));
    }

    fn drag_to(&mut self, row: usize) {
        let Some(Held { pane, grip }) = self.mouse.held else { return };
        let Some(bar) = self.scroll_bar(pane) else { return };
        self.move_on();
        self.list_of(pane).scroll_to(bar.offset(row.saturating_sub(grip)));
    }

    /// The scroll bar of a pane that is shown.
    fn scroll_bar(&self, pane: Pane) -> Option<ScrollBar> {
        let area = self.layout().pane(pane)?;
        let total = match pane {
            Pane::Local => self.browser.list().len() as u64,
            Pane::Remote => self.remote.scrolls_over(),
            Pane::Transfers => self.transfers.list().len() as u64,
        };
        Some(ScrollBar::of(area, total))
    }

    fn wheel(&mut self, cell: Position, rows: isize) {
        if self.explained_dialog().is_some() {
            return;
        }
        if let Some(dialog) = &self.dialog {
            let code = if rows > 0 { KeyCode::Down } else { KeyCode::Up };
            for _ in 0..dialog.rows_a_notch() {
                self.press_all(&[Key { code, modifiers: KeyModifiers::NONE }]);
            }
        } else if let Some((pane, _)) = self.layout().hit(cell.x, cell.y) {
            self.move_on();
            self.list_of(pane).step(rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clicks_on_one_cell_are_double_and_those_behind_them_begin_no_other_pair() {
        let mut mouse = Mouse::new(true);
        let at = |milliseconds| DateTime::from_timestamp_millis(milliseconds).unwrap();
        let (here, there) = (Position::new(3, 4), Position::new(3, 5));
        assert_eq!(mouse.clicks(Ground::Pane, here, at(0)), Click::First);
        assert_eq!(mouse.clicks(Ground::Pane, here, at(400)), Click::Second);
        assert_eq!(mouse.clicks(Ground::Pane, here, at(500)), Click::Further);
        assert_eq!(mouse.clicks(Ground::Pane, here, at(600)), Click::Further);
        assert_eq!(mouse.clicks(Ground::Pane, here, at(1001)), Click::First);
        assert_eq!(mouse.clicks(Ground::Pane, here, at(1100)), Click::Second);
        assert_eq!(mouse.clicks(Ground::Pane, there, at(1200)), Click::First);
        assert_eq!(mouse.clicks(Ground::Pane, there, at(1601)), Click::First);
    }

    #[test]
    fn no_click_of_several_quick_ones_is_for_a_dialog_that_came_or_went_between_them() {
        let mut mouse = Mouse::new(true);
        let at = |milliseconds| DateTime::from_timestamp_millis(milliseconds).unwrap();
        let here = Position::new(3, 4);
        assert_eq!(mouse.clicks(Ground::Pane, here, at(0)), Click::First);
        assert_eq!(mouse.clicks(Ground::Dialog, here, at(100)), Click::Elsewhere);
        assert_eq!(mouse.clicks(Ground::Dialog, here, at(200)), Click::Elsewhere);
        assert_eq!(mouse.clicks(Ground::Pane, here, at(300)), Click::Further);
        assert_eq!(mouse.clicks(Ground::Dialog, here, at(800)), Click::First);
    }
}
