//! Waiting for what others do in the folder that is shown: it is read again by itself, and cursor, marks and filter stay.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Browser, FolderState};
use crate::app::effect::Effect;
use crate::app::outbox::Outbox;
use crate::app::requests::Purpose;

/// Before each look at the folder.
pub(super) const EVERY: Duration = Duration::from_secs(2);

/// The same where reading it takes long.
const SELDOM: Duration = Duration::from_secs(60);

/// In a folder of so many entries at most each of them is looked at, too.
const EACH: usize = 2_000;

/// A folder that changes all the time is read for one part of it in so many.
const SHARE: u32 = 20;

impl Browser {
    /// The folder that is shown has been read since that moment, or could not be: it is watched from then on.
    pub(super) fn has_read(&mut self, began: DateTime<Utc>, out: &mut Outbox) {
        let took = (out.now - began).to_std().unwrap_or_default();
        self.rest = took.saturating_mul(SHARE).clamp(EVERY, SELDOM);
        self.fresh.asked(began);
        if self.state == FolderState::Ready {
            self.fresh.arrived();
        }
        self.watch(out);
    }

    /// Waits until the folder is another one than it was when it was read.
    pub(super) fn watch(&self, out: &mut Outbox) {
        let (path, every) = (self.folder.clone(), self.rest);
        let since = self.fresh.asked_at().unwrap_or(out.now);
        let each = self.entries.all.len() <= EACH;
        out.ask(Purpose::Watch, |request| Effect::WatchFolder { request, path, since, every, each });
    }
}
