//! The pane Transfers: the queue's last snapshot, what is done to it, and what its changes are worth saying.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::effect::{Effect, QueueCommand};
use super::list::List;
use super::outbox::Outbox;
use super::requests::Purpose;
use super::rows::{Rows, Sort, SortBy};
use crate::domain::transfer::{QueueView, TransferView};
use crate::domain::{TransferId, TransferKind, TransferState};

/// The pane's state.
#[derive(Debug)]
pub struct Transfers {
    queue: Queue,
    list: List,
    tally: Tally,
    counts: Counts,
    /// Those known to have ended; `None` before the first snapshot, in which nothing is news.
    known: Option<HashSet<TransferId>>,
}

/// The snapshot as rows.
#[derive(Debug, Default)]
struct Queue(Arc<QueueView>);

impl Rows for Queue {
    fn count(&self) -> usize {
        self.0.transfers.len()
    }

    fn name(&self, row: usize) -> &[u8] {
        self.0.transfers.get(row).map_or(&[], |view| view.transfer.key.as_bytes())
    }

    fn identity(&self, row: usize) -> &[u8] {
        self.0.transfers.get(row).map_or(&[], |view| view.transfer.id.0.as_bytes())
    }

    fn number(&self, _by: SortBy, _row: usize) -> Option<i64> {
        None
    }

    fn compare(&self, _by: SortBy, _one: usize, _other: usize) -> Ordering {
        Ordering::Equal
    }

    fn stored(&self) -> Sort {
        Sort::NAME
    }
}

/// How far ahead in the last snapshot an unchanged transfer is looked for.
const NEAR: usize = 64;

/// How many transfers there are of each sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// A worker is at them.
    pub running: usize,
    /// They wait for their turn.
    pub queued: usize,
    /// They wait for something else: the catalog, a later try, somebody's upload.
    pub waiting: usize,
    /// Those among the waiting whose object is up or gone and whose record is not written or removed yet.
    pub waiting_for_catalog: usize,
    /// They are held.
    pub paused: usize,
    /// They were given up.
    pub failed: usize,
    /// They are at their end, failed or not.
    pub ended: usize,
}

impl Counts {
    fn of(view: &QueueView) -> Self {
        let mut counts = Self::default();
        view.transfers.iter().for_each(|view| counts.add(view));
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
            TransferState::Waiting => self.waiting += 1,
            _ if view.next_try_in.is_some() => {
                self.waiting += 1;
                let of_catalog = matches!(state, TransferState::Recording | TransferState::Forgetting);
                self.waiting_for_catalog += usize::from(of_catalog);
            }
            TransferState::Queued => self.queued += 1,
            _ => self.running += 1,
        }
    }
}

/// What ended since the queue was last at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Tally {
    done: HashMap<TransferKind, usize>,
    ended: HashMap<TransferKind, usize>,
    failed: usize,
}

/// What a snapshot changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// Transfers that ended now, and whether they are done.
    pub(crate) ended: Vec<Ended>,
    /// What to say now that the queue is at rest.
    pub(crate) summary: Option<Summary>,
}

/// A transfer that ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Under which profile it was queued.
    pub(crate) profile: String,
    /// What it was.
    pub(crate) kind: TransferKind,
    /// How it ended.
    pub(crate) state: TransferState,
    /// The object.
    pub(crate) key: String,
    /// The local file.
    pub(crate) path: Option<PathBuf>,
}

/// What was done until the queue came to rest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// "deleted 12 of 12, uploaded 3 of 4".
    pub(crate) text: String,
    /// Something failed.
    pub(crate) failed: bool,
}

impl Transfers {
    /// Nothing known yet.
    pub(crate) fn new() -> Self {
        Self {
            queue: Queue::default(),
            list: List::new(Sort::NAME, false),
            tally: Tally::default(),
            counts: Counts::default(),
            known: None,
        }
    }

    /// The queue's last snapshot.
    pub fn queue(&self) -> &Arc<QueueView> {
        &self.queue.0
    }

    /// Cursor, marks and filter.
    pub fn list(&self) -> &List {
        &self.list
    }

    /// The transfer at a position of [`Transfers::list`].
    pub fn row(&self, position: usize) -> Option<&TransferView> {
        self.list.row(position).and_then(|row| self.queue.0.transfers.get(row))
    }

    /// How many there are of each sort, counted once a snapshot.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many are not at their end and not held.
    pub fn open(&self) -> usize {
        self.counts.running + self.counts.queued + self.counts.waiting
    }

    pub(crate) fn list_mut(&mut self) -> &mut List {
        &mut self.list
    }

    pub(crate) fn filter(&mut self, text: &str) {
        self.list.set_filter(&self.queue, text);
    }

    /// Takes over a snapshot.
    pub(crate) fn arrived(&mut self, view: Arc<QueueView>) -> News {
        let ended = self.ended(&view);
        let kept = self.list.keep(&self.queue);
        self.counts = Counts::of(&view);
        self.queue = Queue(view);
        self.list.restore(&self.queue, &kept);
        for end in &ended {
            self.tally.add(end);
        }
        News { summary: self.rest(), ended }
    }

    /// Which ended since the last snapshot. What is shared with it has not changed and is not even looked at, so that
    /// fifty thousand that wait cost next to nothing ten times a second.
    fn ended(&mut self, view: &QueueView) -> Vec<Ended> {
        let old = self.queue.0.clone();
        let mut behind = 0;
        let is_first = self.known.is_none();
        let known = self.known.get_or_insert_default();
        let mut ended = Vec::new();
        for view in &view.transfers {
            let near = old.transfers.iter().skip(behind).take(NEAR);
            if let Some(steps) = near.into_iter().position(|old| Arc::ptr_eq(&old.transfer, &view.transfer)) {
                behind += steps + 1;
            } else if !view.transfer.state.is_final() {
                known.remove(&view.transfer.id);
            } else if known.insert(view.transfer.id) && !is_first {
                ended.push(Ended::of(view));
            }
        }
        // Those that were cleared are forgotten once they are the greater part.
        if known.len() > 2 * view.transfers.len() + 1000 {
            let there: HashSet<TransferId> = view.transfers.iter().map(|view| view.transfer.id).collect();
            known.retain(|id| there.contains(id));
        }
        ended
    }

    /// What to say once nothing runs any more: transfers that wait for a later try do not hold it up.
    fn rest(&mut self) -> Option<Summary> {
        if self.counts.running + self.counts.queued > 0 {
            return None;
        }
        std::mem::take(&mut self.tally).summary()
    }

    /// The transfers chosen: those marked, else the one under the cursor.
    pub(crate) fn chosen(&self) -> Vec<&TransferView> {
        self.list.chosen().into_iter().filter_map(|row| self.queue.0.transfers.get(row)).collect()
    }

    /// Sends a command about those chosen ones that it can change anything about.
    pub(crate) fn command(&mut self, command: QueueCommand, out: &mut Outbox) {
        let chosen = self.chosen();
        let transfers = chosen.iter().filter(|view| applies(command, view)).map(|view| view.transfer.id).collect();
        send(command, transfers, out);
        self.list.clear_marks();
    }
}

/// Asks the queue.
pub(crate) fn send(command: QueueCommand, transfers: Vec<TransferId>, out: &mut Outbox) {
    out.ask(Purpose::Command(command), |request| Effect::Command { request, command, transfers });
}

/// Whether a command can change anything about a transfer.
pub(crate) fn applies(command: QueueCommand, view: &TransferView) -> bool {
    let state = view.transfer.state;
    match command {
        QueueCommand::Cancel => !state.is_final() || state == TransferState::Failed,
        QueueCommand::Retry => {
            matches!(state, TransferState::Failed | TransferState::Cancelled) || view.next_try_in.is_some()
        }
        QueueCommand::Pause => !state.is_final(),
        QueueCommand::ClearDone => state.is_final(),
    }
}

impl Ended {
    fn of(view: &TransferView) -> Self {
        let transfer = &view.transfer;
        Self {
            profile: transfer.profile.name.clone(),
            kind: transfer.kind,
            state: transfer.state,
            key: transfer.key.clone(),
            path: transfer.path.clone(),
        }
    }

    /// Whether it put a file below that folder.
    pub(crate) fn is_below(&self, folder: &Path) -> bool {
        let inside = self.path.as_ref().is_some_and(|path| path.starts_with(folder));
        self.kind == TransferKind::Download && inside
    }
}

impl Tally {
    fn add(&mut self, end: &Ended) {
        if end.state == TransferState::Cancelled {
            return;
        }
        *self.ended.entry(end.kind).or_default() += 1;
        match end.state {
            TransferState::Done => *self.done.entry(end.kind).or_default() += 1,
            _ => self.failed += 1,
        }
    }

    fn summary(self) -> Option<Summary> {
        let kinds = [TransferKind::Upload, TransferKind::Download, TransferKind::Delete, TransferKind::Request];
        let parts: Vec<String> = kinds
            .into_iter()
            .filter_map(|kind| {
                let ended = self.ended.get(&kind)?;
                Some(format!("{} {} of {ended}", done_word(kind), self.done.get(&kind).unwrap_or(&0)))
            })
            .collect();
        if parts.is_empty() {
            return None;
        }
        let failed = self.failed > 0;
        let rest = if failed { format!("; {} failed, see Transfers (3)", self.failed) } else { String::new() };
        Some(Summary { text: format!("{}{rest}", parts.join(", ")), failed })
    }
}

/// What was done by a transfer of that kind.
pub(crate) const fn done_word(kind: TransferKind) -> &'static str {
    match kind {
        TransferKind::Upload => "uploaded",
        TransferKind::Download => "downloaded",
        TransferKind::Delete => "deleted",
        TransferKind::Request => "received",
    }
}
