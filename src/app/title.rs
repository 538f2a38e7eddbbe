//! The window's title: the profile in force, and while transfers run how far they are. It changes once a second at most,
//! because some terminals redraw much for it.

use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use crate::domain::display::display;
use crate::domain::format;

/// The least time between two titles.
const BETWEEN: TimeDelta = TimeDelta::seconds(1);

/// The title that is shown, and since when.
#[derive(Debug, Default)]
pub(super) struct Title {
    shown: String,
    since: Option<DateTime<Utc>>,
    /// When another one may be shown; `None` while none waits.
    due: Option<DateTime<Utc>>,
}

impl Title {
    /// Shows a title, now or once it may be.
    fn set(&mut self, text: String, now: DateTime<Utc>) {
        self.due = None;
        if text == self.shown {
            return;
        }
        match self.since.map(|since| since + BETWEEN).filter(|due| *due > now) {
            Some(due) => self.due = Some(due),
            None => (self.shown, self.since) = (text, Some(now)),
        }
    }
}

impl App {
    /// The window's title, fit for display.
    pub fn title(&self) -> &str {
        &self.title.shown
    }

    /// When the title has to be looked at again without a key being pressed, UTC.
    pub(super) fn title_due(&self) -> Option<DateTime<Utc>> {
        self.title.due
    }

    /// Takes over how far transfers are.
    pub(super) fn retitle(&mut self) {
        let left =
            self.transfers.queue().seconds_left.map_or_else(String::new, |left| format!(" {}", format::clock(left)));
        let text = match self.transfers.percent() {
            Some(percent) => format!("windlass {percent}%{left}"),
            None => format!("windlass: {}", display(&self.remote.slot().name)),
        };
        self.title.set(text, self.out.now);
    }
}
