//! How old a list is: when it was read, and whether something has changed it since. A changed list is read again by
//! itself, but not more often than once a second, however many transfers end.

use chrono::{DateTime, TimeDelta, Utc};

/// The least time between two readings that nobody asked for.
const BETWEEN: TimeDelta = TimeDelta::seconds(1);

/// When a list was asked for last, and whether it has changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Freshness {
    read_at: Option<DateTime<Utc>>,
    stale: bool,
}

impl Freshness {
    /// Never read.
    pub(crate) const NEVER: Self = Self { read_at: None, stale: false };

    /// It is being read now.
    pub(crate) fn read(&mut self, now: DateTime<Utc>) {
        *self = Self { read_at: Some(now), stale: false };
    }

    /// Something has changed it; a list that was never read is not old.
    pub(crate) fn spoil(&mut self) {
        self.stale = self.read_at.is_some();
    }

    /// What has changed it so far is no reason any more to read it again.
    pub(crate) fn let_be(&mut self) {
        self.stale = false;
    }

    /// When it may be read again, where it should be, UTC.
    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        self.read_at.filter(|_| self.stale).map(|read_at| read_at + BETWEEN)
    }

    /// When it was asked for last, UTC.
    pub(crate) fn read_at(&self) -> Option<DateTime<Utc>> {
        self.read_at
    }
}
