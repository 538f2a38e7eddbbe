//! How old a list is: when it was read, and whether something has changed it since. A changed list is read again by
//! itself, but not more often than once a second, however many transfers end. One whose reading failed, or was stopped, is
//! as old as it was.

use chrono::{DateTime, TimeDelta, Utc};

/// The least time between two readings that nobody asked for.
const BETWEEN: TimeDelta = TimeDelta::seconds(1);

/// When a list was asked for last, and read last, and whether it has changed since it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Freshness {
    asked_at: Option<DateTime<Utc>>,
    /// When the reading began that is not over yet.
    began: Option<DateTime<Utc>>,
    read_at: Option<DateTime<Utc>>,
    stale: bool,
}

impl Freshness {
    /// Never read.
    pub(crate) const NEVER: Self = Self { asked_at: None, began: None, read_at: None, stale: false };

    /// It is being read from now on.
    pub(crate) fn asked(&mut self, now: DateTime<Utc>) {
        (self.asked_at, self.stale) = (Some(now), false);
        self.begin(now);
    }

    /// All of it is being read from now on for another order, or with fewer rows.
    pub(crate) fn begin(&mut self, now: DateTime<Utc>) {
        self.began = Some(now);
    }

    /// What was asked for is there: it is as old as the question.
    pub(crate) fn arrived(&mut self) {
        self.read_at = self.began.take().or(self.read_at);
    }

    /// Nothing comes of the reading: it failed, or nobody waits for it.
    pub(crate) fn given_up(&mut self) {
        self.began = None;
    }

    /// Something has changed it; a list that was never asked for is not old.
    pub(crate) fn spoil(&mut self) {
        self.stale = self.asked_at.is_some();
    }

    /// What has changed it so far is no reason any more to read it again.
    pub(crate) fn let_be(&mut self) {
        self.stale = false;
    }

    /// When it may be read again, where it should be, UTC.
    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        self.asked_at.filter(|_| self.stale).map(|asked_at| asked_at + BETWEEN)
    }

    /// When it was asked for last, UTC.
    pub(crate) fn asked_at(&self) -> Option<DateTime<Utc>> {
        self.asked_at
    }

    /// Since when what is there is known to be so, UTC.
    pub(crate) fn read_at(&self) -> Option<DateTime<Utc>> {
        self.read_at
    }
}
