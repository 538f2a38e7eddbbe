//! How many transfers there are of each sort, and how far all of them are together: counted once a snapshot.

use crate::domain::TransferState;
use crate::domain::transfer::{QueueView, TransferKind, TransferView};

/// How many transfers there are of each sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// A worker is at them.
    pub running: usize,
    /// They wait for their turn.
    pub queued: usize,
    /// They wait for something else: the catalog, a later try, somebody's upload, a profile that stands still.
    pub waiting: usize,
    /// Those among the waiting whose object is up or gone and whose record is not written or removed yet.
    pub waiting_for_catalog: usize,
    /// Those among the waiting that wait for somebody's upload.
    pub requests: usize,
    /// They are held.
    pub paused: usize,
    /// They were given up.
    pub failed: usize,
    /// They are at their end, failed or not.
    pub ended: usize,
    /// Bytes of those that are open.
    pub bytes: u64,
    /// Bytes of those that are through.
    pub sent: u64,
}

impl Counts {
    /// Those of a snapshot.
    pub(crate) fn of(queue: &QueueView) -> Self {
        let mut counts = Self::default();
        queue.transfers.iter().for_each(|view| counts.add(view));
        counts
    }

    fn add(&mut self, view: &TransferView) {
        let state = view.transfer.state;
        match state {
            TransferState::Paused => self.paused += 1,
            state if state.is_final() => {
                self.ended += 1;
                self.failed += usize::from(state == TransferState::Failed);
            }
            TransferState::Waiting => {
                self.waiting += 1;
                self.requests += 1;
            }
            _ if view.next_try_in.is_some() || view.held => {
                self.waiting += 1;
                let of_catalog = matches!(state, TransferState::Recording | TransferState::Forgetting);
                self.waiting_for_catalog += usize::from(of_catalog);
            }
            TransferState::Queued => self.queued += 1,
            _ => self.running += 1,
        }
        if state.is_open() && moves_bytes_at_all(view.transfer.kind) {
            let size = view.transfer.size.unwrap_or(view.sent);
            self.bytes += size;
            self.sent += view.sent.min(size);
        }
    }

    /// Those that are not at their end and not held by the user.
    pub fn open(&self) -> usize {
        self.running + self.queued + self.waiting
    }
}

fn moves_bytes_at_all(kind: TransferKind) -> bool {
    matches!(kind, TransferKind::Upload | TransferKind::Download)
}
