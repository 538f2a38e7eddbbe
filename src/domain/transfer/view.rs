//! The queue as screen and command line see it: each transfer with how far it is, each profile with what it waits for.

use std::sync::Arc;

use super::{ProfileIdentity, Transfer, TransferKind, TransferState};
use crate::domain::Failure;

/// A transfer and how far it is right now, as the queue hands it to screen and command line ten times a second.
#[derive(Debug, Clone, PartialEq)]
pub struct TransferView {
    /// The job; shared, so that a snapshot of 50,000 costs little.
    pub transfer: Arc<Transfer>,
    /// Bytes handed to the socket, or received; never less than what is acknowledged.
    pub sent: u64,
    /// Bytes a second over the last few seconds.
    pub rate: f64,
    /// Seconds until the next try, where it waits for one; where it waits for somebody's upload, until the URL ends.
    pub next_try_in: Option<u64>,
    /// Another Windlass on this machine runs it.
    pub elsewhere: bool,
    /// It waits for what its profile's [`Lane`] says: for `hold`, or with its bytes done for `records`. Where that says
    /// nothing, for an earlier transfer of its key that is held, or that another process cannot get on with.
    pub held: bool,
}

impl TransferView {
    /// Bytes that this program has still to move; what a delete removes is not, nor what somebody else uploads.
    pub fn bytes_left(&self) -> u64 {
        match self.transfer.kind {
            TransferKind::Delete | TransferKind::Request => 0,
            TransferKind::Upload | TransferKind::Download => self.transfer.size.unwrap_or(0).saturating_sub(self.sent),
        }
    }

    /// Seconds until the bytes are through, where a rate is known.
    pub fn seconds_left(&self) -> Option<u64> {
        seconds_left(self.bytes_left(), self.rate)
    }
}

/// Whole seconds until `left` bytes are through at so many bytes a second; `None` where nothing moves.
pub fn seconds_left(left: u64, rate: f64) -> Option<u64> {
    (rate >= 1.0).then(|| (left as f64 / rate).ceil() as u64)
}

/// How much of one profile may go on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Transfers at once. A small file, which waits more than it sends, counts a quarter.
    pub jobs: usize,
    /// Bytes a second, 0 for none.
    pub rate: u64,
}

/// Why nothing of a profile is tried for now: it cannot be reached, or its credentials are wrong. One notice for all that
/// wait behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// What stopped it.
    pub failure: Failure,
    /// Seconds until one of them is tried; `None` where only a retry goes on.
    pub next_try_in: Option<u64>,
    /// Transfers that wait for it.
    pub waiting: usize,
}

/// One profile's part of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Whose it is.
    pub profile: Arc<ProfileIdentity>,
    /// What holds for it now.
    pub limits: Limits,
    /// Why it stands still, if it does.
    pub hold: Option<Hold>,
    /// Why its records stand still, if they do: the catalog is away. Bytes go on meanwhile.
    pub records: Option<Hold>,
}

impl Lane {
    /// What a transfer of this lane waits for.
    pub fn hold_of(&self, shown: &TransferView) -> Option<&Hold> {
        self.hold_for(&shown.transfer).filter(|_| shown.held)
    }

    /// What a transfer waits for if it waits for one.
    pub fn hold_for(&self, transfer: &Transfer) -> Option<&Hold> {
        match transfer.state {
            TransferState::Recording | TransferState::Forgetting => self.records.as_ref(),
            _ => self.hold.as_ref().or(self.records.as_ref()),
        }
    }
}

/// The whole queue at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueView {
    /// What runs, then what failed, then what waits in queue order, then what is over; ended ones newest first.
    pub transfers: Vec<TransferView>,
    /// Bytes a second, all together.
    pub rate: f64,
    /// Seconds until all bytes are through, where a rate is known.
    pub seconds_left: Option<u64>,
    /// The profiles that have open transfers, or limits that were changed.
    pub lanes: Vec<Lane>,
    /// Folders that are still being walked: until they are through, every total is "at least".
    pub walks: usize,
}

impl QueueView {
    /// What a transfer waits for together with all others of its profile.
    pub fn hold_of(&self, shown: &TransferView) -> Option<&Hold> {
        let lane = self.lanes.iter().find(|lane| lane.profile == shown.transfer.profile);
        lane.and_then(|lane| lane.hold_of(shown))
    }

    /// What has not ended, each with its place in the whole.
    pub fn open(&self) -> impl Iterator<Item = (usize, &TransferView)> {
        self.transfers.iter().enumerate().filter(|(_, shown)| !shown.transfer.state.is_final())
    }

    /// What has ended, failed or not.
    pub fn ended(&self) -> impl Iterator<Item = &TransferView> {
        self.transfers.iter().filter(|shown| shown.transfer.state.is_final())
    }
}
