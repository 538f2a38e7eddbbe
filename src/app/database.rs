//! What the last query saw of the database. Nobody asks it only to know: a poll would keep a sleeping one awake.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Failure, FailureKind};

/// How long a question may go unanswered before the header says that the database wakes up.
const PATIENCE: TimeDelta = TimeDelta::seconds(1);

/// The state that the header shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Database {
    /// Nothing has answered yet.
    Unknown,
    /// No answer for over a second: it may be waking up.
    Waking {
        /// Since when, UTC.
        since: DateTime<Utc>,
    },
    /// It answered.
    Ok {
        /// How long that took.
        took: Duration,
    },
    /// It cannot be reached, or says "not now".
    Away(Failure),
    /// It answered, and refused: a wrong password, a missing table.
    Refused(Failure),
}

/// The state, and since when an answer is owed.
#[derive(Debug)]
pub(crate) struct Watch {
    state: Database,
    asked_at: Option<DateTime<Utc>>,
}

impl Watch {
    /// Nothing asked yet.
    pub(crate) const NEW: Self = Self { state: Database::Unknown, asked_at: None };

    /// The state.
    pub(crate) fn state(&self) -> &Database {
        &self.state
    }

    /// A question was put.
    pub(crate) fn asked(&mut self, now: DateTime<Utc>) {
        self.asked_at = Some(now);
    }

    /// Nobody waits for the answer any more.
    pub(crate) fn given_up(&mut self) {
        self.asked_at = None;
        if matches!(self.state, Database::Waking { .. }) {
            self.state = Database::Unknown;
        }
    }

    /// It answered, or failed to.
    pub(crate) fn answered(&mut self, failure: Option<&Failure>, took: Duration) {
        self.asked_at = None;
        self.state = match failure {
            None => Database::Ok { took },
            Some(failure) => match failure.kind {
                FailureKind::CatalogAway | FailureKind::Offline | FailureKind::Busy => Database::Away(failure.clone()),
                _ => Database::Refused(failure.clone()),
            },
        };
    }

    /// When patience ends, UTC.
    pub(crate) fn next_moment(&self) -> Option<DateTime<Utc>> {
        let is_waking = matches!(self.state, Database::Waking { .. });
        self.asked_at.filter(|_| !is_waking).map(|since| since + PATIENCE)
    }

    /// Does what time has come for.
    pub(crate) fn tick(&mut self, now: DateTime<Utc>) {
        if let Some(since) = self.asked_at.filter(|_| self.next_moment().is_some_and(|moment| moment <= now)) {
            self.state = Database::Waking { since };
        }
    }
}
