//! Waiting for what others do in the folder that is shown: it is read again by itself, and cursor, marks and filter stay.

use std::time::Duration;

use super::Browser;
use crate::app::effect::Effect;
use crate::app::outbox::Outbox;
use crate::app::requests::Purpose;

/// Between two looks at the folder.
const EVERY: Duration = Duration::from_secs(2);

/// The same where reading it takes long.
const SELDOM: Duration = Duration::from_secs(60);

/// A folder that changes all the time is read for one part of it in so many.
const SHARE: u32 = 20;

impl Browser {
    /// Waits until the folder is another one than it was when it was read.
    pub(super) fn watch(&self, out: &mut Outbox) {
        let (path, now) = (self.folder.clone(), out.now);
        let since = self.read_at().unwrap_or(now);
        let took = (now - since).to_std().unwrap_or_default();
        let every = (took * SHARE).clamp(EVERY, SELDOM);
        out.ask(Purpose::Watch, |request| Effect::WatchFolder { request, path, since, every });
    }
}
