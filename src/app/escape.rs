//! What Esc does: it closes, clears, goes back, in that order, one thing at a time. Whoever only meant to clear something is
//! told that they stand elsewhere now, and how to return.

use super::notices::Level;
use super::requests::Purpose;
use super::standing::Route;
use super::{App, Pane};
use crate::action::Action;
use crate::domain::{FileEntry, Result};

/// What a notice is about that says where somebody was led: it is no step of its own for the next Esc.
pub(super) const LED: &str = "led";

impl App {
    /// Clears the nearest thing: a range, the filter, what the list is narrowed to, the marks, a reading, a search, notices,
    /// the zoom; then goes back. A notice that nothing was done takes no press of its own: it goes with the next step.
    pub(super) fn escape(&mut self) {
        self.ahead = None;
        let filtered = !self.needle().is_empty();
        let list = self.list_mut();
        if list.drop_range() || self.leave_inspector() {
            return;
        }
        if filtered {
            self.note_filter();
            return self.set_filter("");
        }
        if self.widen() {
            return;
        }
        self.note_marks();
        if self.list_mut().clear_marks() || self.stop_walks() || self.stop_reading() || self.leave_below() {
            return;
        }
        if self.out.notices.are_a_step(LED) {
            return self.out.notices.dismiss();
        }
        self.out.notices.dismiss_notes();
        if self.zoomed {
            self.zoomed = false;
        } else if self.disabled(Action::Back).is_none() {
            self.go_back();
        } else {
            self.out.notices.dismiss();
        }
    }

    fn go_back(&mut self) {
        match self.focus {
            // It is said once the folder has been read.
            Pane::Local => self.browser.escape_back(&mut self.out),
            Pane::Remote => {
                let visited = self.remote.catalog().is_visiting();
                if self.remote.go(Route::Back, &mut self.out) {
                    if visited && !self.remote.catalog().is_visiting() {
                        return self.out.say_about(LED, Level::Info, "Esc went back to what was found");
                    }
                    let place = match self.remote.prefix() {
                        "" => format!("the top of {}", self.where_jumps_lead()),
                        prefix => prefix.to_owned(),
                    };
                    self.say_back(&place);
                }
            }
            Pane::Transfers => {}
        }
    }

    /// Local has an answer; whoever comes to another folder by Esc is told which it is.
    pub(super) fn folder_arrived(&mut self, entries: Result<Vec<FileEntry>>) {
        if self.browser.arrived(entries, &mut self.out) {
            let place = self.home.show(self.browser.folder());
            self.say_back(&place);
        }
    }

    fn say_back(&mut self, place: &str) {
        let forward = self.with_keys("{forward} goes forward again");
        self.out.say_about(LED, Level::Info, format!("Esc went back to {place}; {forward}"));
    }

    fn stop_reading(&mut self) -> bool {
        let stopped = match self.focus {
            Pane::Remote if self.out.give_up(&Purpose::OPEN_EDIT) => true,
            Pane::Local => self.browser.stop(&mut self.out),
            Pane::Remote => self.remote.stop(&mut self.out),
            Pane::Transfers => false,
        };
        if stopped {
            self.say_with_keys("stopped reading; {refresh} begins again");
        }
        stopped
    }
}
