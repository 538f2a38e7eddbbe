//! What the last query saw of the database. Nobody asks it only to know: a poll would keep a sleeping one awake. One that
//! has answered and is away now is taken for asleep, unless it is certain that nobody is there, and what was asked of it is
//! asked a few times more.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Failure, FailureKind, RowSecurity};

/// How long a question may go unanswered before the header says that the database wakes up.
const PATIENCE: TimeDelta = TimeDelta::seconds(1);

/// When a question that failed because the database is away is put again by itself. The catalog has then tried for a while
/// already; after the last the user decides.
const AGAIN_AFTER: [TimeDelta; 3] = [TimeDelta::seconds(2), TimeDelta::seconds(4), TimeDelta::seconds(8)];

/// The state that the header shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Database {
    /// Nothing has answered yet.
    Unknown,
    /// No answer for over a second, or it was there and is away, and is asked again soon: it may be waking up.
    Waking {
        /// Since when, UTC.
        since: DateTime<Utc>,
    },
    /// It was there, and is away however often it was asked.
    Asleep(Failure),
    /// It took what transfers wrote; nothing was asked of it for this pane yet.
    Heard,
    /// It answered.
    Ok {
        /// How long that took.
        took: Duration,
    },
    /// It cannot be reached: it has never answered, it is certain that nobody is there, or transfers wait for it.
    Away(Failure),
    /// It answered, and refused: a wrong password, a missing table.
    Refused(Failure),
}

/// The state, and since when an answer is owed.
#[derive(Debug)]
pub(crate) struct Watch {
    state: Database,
    asked_at: Option<DateTime<Utc>>,
    /// Whether it has ever answered.
    was_there: bool,
    /// How many questions in a row failed because it is away.
    failed: usize,
    /// Whether the last failure is to be said beside the state.
    is_news: bool,
    /// When the next one is put by itself, UTC.
    again_at: Option<DateTime<Utc>>,
    /// What is known of its row-level security; `None` where it was not asked.
    row_security: Option<RowSecurity>,
}

impl Watch {
    /// Nothing asked yet.
    pub(crate) const NEW: Self = Self {
        state: Database::Unknown,
        asked_at: None,
        was_there: false,
        failed: 0,
        is_news: false,
        again_at: None,
        row_security: None,
    };

    /// The state.
    pub(crate) fn state(&self) -> &Database {
        &self.state
    }

    /// What is known of its row-level security.
    pub(crate) fn row_security(&self) -> Option<&RowSecurity> {
        self.row_security.as_ref()
    }

    /// Takes over what is known of its row-level security.
    pub(crate) fn secured(&mut self, seen: RowSecurity) {
        self.row_security = Some(seen);
    }

    /// A question was put.
    pub(crate) fn asked(&mut self, now: DateTime<Utc>) {
        self.asked_at = Some(now);
        self.again_at = None;
    }

    /// A transfer has written a record, so it is there.
    pub(crate) fn heard(&mut self) {
        if !matches!(self.state, Database::Ok { .. } | Database::Refused(_)) {
            (self.state, self.was_there) = (Database::Heard, true);
        }
    }

    /// Transfers are stopped by it from now on: what it answered before says nothing of that.
    pub(crate) fn stops(&mut self, failure: &Failure) {
        self.state = match failure.kind {
            FailureKind::CatalogAway => Database::Away(failure.clone()),
            _ => Database::Refused(failure.clone()),
        };
    }

    /// Nothing is stopped by it any more: whether it is back is known once it is heard of.
    pub(crate) fn stops_no_more(&mut self) {
        if matches!(self.state, Database::Away(_) | Database::Refused(_)) {
            self.state = Database::Unknown;
        }
    }

    /// Somebody asks for it now: it is asked as often as at first.
    pub(crate) fn begin_anew(&mut self) {
        self.failed = 0;
    }

    /// Nobody waits for the answer any more.
    pub(crate) fn given_up(&mut self) {
        (self.asked_at, self.again_at) = (None, None);
        if matches!(self.state, Database::Waking { .. }) {
            self.state = Database::Unknown;
        }
    }

    /// It answered, or failed to.
    pub(crate) fn answered(&mut self, failure: Option<&Failure>, took: Duration, now: DateTime<Utc>) {
        self.asked_at = None;
        let Some(failure) = failure else {
            (self.was_there, self.failed) = (true, 0);
            self.state = Database::Ok { took };
            return;
        };
        match failure.kind {
            FailureKind::CatalogAway | FailureKind::Offline | FailureKind::Busy => self.away(failure, now),
            _ => (self.state, self.is_news) = (Database::Refused(failure.clone()), true),
        }
    }

    fn away(&mut self, failure: &Failure, now: DateTime<Utc>) {
        self.again_at = AGAIN_AFTER.get(self.failed).map(|pause| now + *pause);
        // What may sleep is told once it stays away; that nobody is there, at once, and then no more.
        let is_told = self.failed > 0 && self.is_nobody_there();
        self.is_news = if failure.nobody_there { !is_told } else { self.again_at.is_none() };
        self.failed += 1;
        self.state = match (&self.state, self.again_at) {
            _ if !self.was_there || failure.nobody_there => Database::Away(failure.clone()),
            (_, None) => Database::Asleep(failure.clone()),
            (Database::Waking { since }, _) => Database::Waking { since: *since },
            _ => Database::Waking { since: now },
        };
    }

    /// Whether it is certain that nobody is there, who could wake up.
    fn is_nobody_there(&self) -> bool {
        matches!(&self.state, Database::Away(failure) if failure.nobody_there)
    }

    /// Whether the last failure is to be said: the state alone does not tell it, and nobody has yet.
    pub(crate) fn is_news(&self) -> bool {
        self.is_news
    }

    /// When it is asked again by itself, UTC.
    pub(crate) fn again_at(&self) -> Option<DateTime<Utc>> {
        self.again_at
    }

    /// When patience ends, UTC.
    pub(crate) fn next_moment(&self) -> Option<DateTime<Utc>> {
        let is_known = matches!(self.state, Database::Waking { .. }) || self.is_nobody_there();
        self.asked_at.filter(|_| !is_known).map(|since| since + PATIENCE)
    }

    /// Does what time has come for.
    pub(crate) fn tick(&mut self, now: DateTime<Utc>) {
        if let Some(since) = self.asked_at.filter(|_| self.next_moment().is_some_and(|moment| moment <= now)) {
            self.state = Database::Waking { since };
        }
    }
}
