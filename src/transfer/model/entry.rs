//! A transfer as the queue in memory knows it, and what is handed out of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::keys::{About, Asked};
use super::line::{Class, Row, Turn};
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{FailureKind, Transfer, TransferId, TransferKind, TransferState};
use crate::storage::Sent;
use crate::transfer::job::{Owner, Resume, Saved};
use crate::transfer::meter::Meter;

/// Why a running transfer is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// For good.
    Cancel,
    /// Held by the user.
    Pause,
}

/// A transfer and what this process knows about it.
#[derive(Debug)]
pub struct Job {
    /// The journal's row.
    pub saved: Saved,
    /// Present while a worker is at it.
    pub running: Option<Box<Running>>,
    /// What the worker is to do once it has stopped.
    pub stop: Option<Stop>,
    /// Its record is being written or removed right now.
    pub in_batch: bool,
    /// Nobody asks for it any more, once it is over.
    pub(super) is_unwanted: bool,
    /// Where it waits, if it does.
    pub(super) spot: Option<Spot>,
    /// How often its bucket had answered anybody when the bucket could not be reached for this one.
    pub(super) struck: Option<u64>,
    /// The model's clock when this process last changed it.
    pub(super) edited: u64,
    /// The key that it is about.
    pub(super) about: About,
}

/// A worker is at it.
#[derive(Debug)]
pub struct Running {
    /// Cancelled when it is to stop.
    pub(super) token: CancellationToken,
    /// The turn that it took; `None` where it was taken to be cancelled or held.
    pub(super) turn: Option<Turn>,
    /// Bytes when it began.
    pub(super) from: u64,
    /// Bytes handed to the socket, or received.
    pub(super) sent: Sent,
    /// How fast they go.
    pub(super) meter: Meter,
    /// Bytes a second, as the meter said last.
    pub(super) rate: f64,
}

/// Where a transfer waits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spot {
    /// In its profile's line, at a rank.
    Line(Row, i64),
    /// For a moment.
    Timer(DateTime<Utc>),
}

impl Running {
    pub(super) fn new(turn: Option<Turn>, from: u64) -> Self {
        let sent = Sent::default();
        sent.set(from);
        Self { token: CancellationToken::new(), turn, from, sent, meter: Meter::default(), rate: 0.0 }
    }
}

impl Job {
    pub(super) fn new(saved: Saved) -> Self {
        let about = About::key(&saved.transfer.profile, &saved.transfer.key);
        Self {
            saved,
            running: None,
            stop: None,
            in_batch: false,
            is_unwanted: false,
            spot: None,
            struck: None,
            edited: 0,
            about,
        }
    }

    /// Its row is another one now.
    pub(super) fn update(&mut self, saved: Saved) {
        let (was, is) = (&self.saved.transfer, &saved.transfer);
        if (&was.key, &was.profile) != (&is.key, &is.profile) {
            self.about = About::key(&is.profile, &is.key);
        }
        self.saved = saved;
    }

    /// Bytes handed to the socket, or received.
    pub fn sent(&self) -> u64 {
        let acknowledged = self.saved.transfer.acknowledged;
        self.running.as_ref().map_or(acknowledged, |running| running.sent.get())
    }

    /// Bytes a second, as they were last measured.
    pub fn rate(&self) -> f64 {
        self.running.as_ref().map_or(0.0, |running| running.rate)
    }

    /// Bytes that its worker has moved.
    pub(super) fn moved(&self) -> u64 {
        self.running.as_ref().map_or(0, |running| running.sent.get().saturating_sub(running.from))
    }

    /// Its name.
    pub fn id(&self) -> TransferId {
        self.saved.transfer.id
    }

    /// When and as what it was asked for.
    pub(super) fn asked(&self) -> Asked {
        (self.saved.seq, self.saved.transfer.id)
    }

    /// Whether it is over and nobody's, as the journal's removal asks of it too: it may have been taken up again since
    /// somebody looked.
    pub fn is_removable(&self) -> bool {
        self.saved.owner == Owner::Nobody && self.is_over()
    }

    /// Whether it is over and this process is not at it any more.
    pub fn is_over(&self) -> bool {
        self.running.is_none() && !self.in_batch && self.saved.transfer.state.is_final()
    }

    /// Whether this process knows more of it than what the journal said at a time of the model's clock.
    pub(super) fn is_ahead(&self, as_of: u64) -> bool {
        self.running.is_some() || self.in_batch || self.edited > as_of
    }

    /// Whether it stands among those of its key, of which only one may be worked on: not once it is over, and not while
    /// it merely watches for what somebody else uploads.
    pub(super) fn takes_part(transfer: &Transfer) -> bool {
        match transfer.kind {
            TransferKind::Request => {
                matches!(transfer.state, TransferState::Arrived | TransferState::Verifying | TransferState::Recording)
            }
            _ => !transfer.state.is_final(),
        }
    }

    /// Whether others of its key have to wait for it, even earlier ones that come back.
    pub(super) fn has_begun(&self) -> bool {
        let waits = matches!(self.saved.transfer.state, TransferState::Queued | TransferState::Paused);
        self.running.is_some() || self.in_batch || !waits
    }

    /// Whether those behind it wait for more than its turn: somebody has to let it go on, or the process that runs it says
    /// why it does not get on.
    pub fn stands(&self) -> bool {
        let transfer = &self.saved.transfer;
        // A note ("sent again from the beginning") is no trouble.
        let waits = transfer.error.as_ref().is_some_and(|error| error.leaves_open());
        transfer.state == TransferState::Paused || self.saved.owner == Owner::Other && waits
    }

    /// Whether another process has it and waits for somebody to mend the credentials of its profile.
    pub fn is_stopped_elsewhere(&self) -> bool {
        let transfer = &self.saved.transfer;
        let refused = transfer.error.as_ref().is_some_and(|error| error.kind == FailureKind::Credentials);
        self.saved.owner == Owner::Other && transfer.state.is_open() && refused
    }

    /// Whether it stands among those of the same key as it will with this row, or among none with either.
    pub(super) fn keeps_key(&self, row: &Saved) -> bool {
        let (was, is) = (&self.saved, row);
        let same =
            was.seq == is.seq && was.transfer.key == is.transfer.key && was.transfer.profile == is.transfer.profile;
        same && Self::takes_part(&was.transfer) == Self::takes_part(&is.transfer)
    }

    /// Whether a worker is at it, here or, as far as can be seen, in another process. What is looked at from time to time
    /// for somebody's upload merely waits.
    pub fn runs(&self) -> bool {
        let state = self.saved.transfer.state;
        if state == TransferState::Waiting {
            return false;
        }
        let waits = matches!(state, TransferState::Queued | TransferState::Paused);
        self.running.is_some() || self.saved.owner == Owner::Other && !waits && !self.stands()
    }

    /// Whether it is a large one.
    pub fn is_large(&self) -> bool {
        Row::of(&self.saved.transfer).class() == Class::Large
    }

    /// Whether nobody is at it, here or, as far as can be seen, in another process.
    pub(super) fn is_idle(&self) -> bool {
        let elsewhere = self.saved.owner == Owner::Other && self.saved.transfer.state != TransferState::Queued;
        self.running.is_none() && !self.in_batch && !elsewhere
    }
}

/// What a worker is given.
#[derive(Debug, Clone)]
pub struct Work {
    /// The job.
    pub transfer: Arc<Transfer>,
    /// What a restart needs.
    pub resume: Resume,
    /// Cancelled when it is to stop.
    pub stop: CancellationToken,
    /// Where it counts bytes.
    pub sent: Sent,
}

/// Transfers of one profile whose objects are done and whose records are due.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Whose they are.
    pub profile: Arc<ProfileIdentity>,
    /// `Recording` or `Forgetting`.
    pub state: TransferState,
    /// In queue order.
    pub transfers: Vec<Arc<Transfer>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::transfer::TransferView;

    #[test]
    fn fifty_thousand_of_these_fit_into_twenty_mebibytes() {
        // Views are there twice: the one that is shown and the one that is made meanwhile.
        let each = size_of::<Transfer>() + size_of::<Job>() + 2 * size_of::<TransferView>();
        assert!(each * 50_000 <= 20 << 20, "{each} bytes each");
    }
}
