//! How the transfers that a command follows stand in one view of the queue: how many of them move, and why nothing does
//! where none moves.

use crate::cli::standing::{is_parked, word};
use crate::domain::transfer::{QueueView, TransferView};
use crate::domain::{TransferState, format};

/// How the open ones stand in the last view.
#[derive(Default)]
pub struct Standing {
    /// Where in the view those are that run.
    pub running: Vec<usize>,
    /// Some are under way, or may be at any moment.
    busy: usize,
    /// Some wait for what is not this program's to give.
    parked: usize,
    /// Parked ones that no waiting helps.
    in_vain: usize,
    /// Parked ones that wait for somebody's upload.
    awaited: usize,
    /// Bytes of open ones.
    pub sent: u64,
    /// Seconds until the first that is parked is tried.
    next_try_in: Option<u64>,
}

impl Standing {
    /// Counts one; `of_paused`: it is behind one that somebody has to let go on.
    pub fn count(&mut self, index: usize, shown: &TransferView, view: &QueueView, of_paused: bool) {
        self.sent += shown.sent;
        if is_parked(shown) {
            self.parked += 1;
            let of_hold = || view.hold_of(shown).is_some_and(|hold| hold.next_try_in.is_none());
            self.awaited += usize::from(shown.transfer.state == TransferState::Waiting);
            self.in_vain += usize::from(of_paused || of_hold());
            self.next_try_in = [self.next_try_in, shown.next_try_in].into_iter().flatten().min();
        } else if shown.transfer.state != TransferState::Queued {
            self.busy += 1;
            self.running.push(index);
        }
    }

    /// Whether there are some, and all of them wait.
    pub fn is_still(&self) -> bool {
        self.busy == 0 && self.parked > 0
    }

    /// Whether all of them wait for what no waiting brings.
    pub fn waits_in_vain(&self) -> bool {
        self.is_still() && self.in_vain == self.parked
    }

    /// Why nothing moves, in a few words.
    pub fn hold(&self, view: &QueueView) -> Option<String> {
        if !self.is_still() {
            return None;
        }
        let mut holds = view.lanes.iter().filter_map(|lane| lane.hold.as_ref().or(lane.records.as_ref()));
        let (reason, next) = match holds.next() {
            Some(hold) => (word(hold), hold.next_try_in),
            None if self.awaited == self.parked => {
                let left = |seconds| format!(", {} left", format::span(seconds));
                return Some(format!("waiting for the upload{}", self.next_try_in.map_or_else(String::new, left)));
            }
            None => ("waiting".into(), self.next_try_in),
        };
        Some(next.map_or(reason.clone(), |seconds| format!("{reason}: next try in {}", format::span(seconds))))
    }
}
