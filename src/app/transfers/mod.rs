//! The pane Transfers: the queue's last snapshot, what is done to it, and what its changes are worth saying.

mod causes;
mod clearing;
mod commands;
mod counts;
pub mod details;
mod holds;
pub mod words;
mod work;

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::effect::QueueCommand;
use super::list::List;
use super::remote::BucketTrouble;
use super::rows::{Rows, Sort, SortBy};
use crate::action::Keymap;
use crate::domain::transfer::{Hold, Lane, OnConflict, ProfileIdentity, QueueView, TransferView, Versions};
use crate::domain::{Failure, FailureKind, TransferId, TransferKind, TransferState};
pub use counts::Counts;
use holds::{HoldNews, Holds};
pub(crate) use work::Summary;
use work::Work;

/// The pane's state.
#[derive(Debug)]
pub struct Transfers {
    queue: Queue,
    list: List,
    work: Work,
    counts: Counts,
    holds: Holds,
    /// When the URLs of held requests end, the earliest first: their rows say then that they have.
    ends: Vec<DateTime<Utc>>,
    /// Those known to have ended, and when: one that is tried again may end again before the next snapshot. `None` before
    /// the first snapshot, in which nothing is news.
    known: Option<HashMap<TransferId, Option<DateTime<Utc>>>>,
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

impl Queue {
    /// Whether another snapshot has the same transfers in the same order, whatever has become of them. What is shared
    /// with it is not even looked at.
    fn has_order_of(&self, other: &QueueView) -> bool {
        let same = |(one, other): (&TransferView, &TransferView)| {
            Arc::ptr_eq(&one.transfer, &other.transfer) || one.transfer.id == other.transfer.id
        };
        self.count() == other.transfers.len() && self.0.transfers.iter().zip(&other.transfers).all(same)
    }
}

/// How far ahead in the last snapshot an unchanged transfer is looked for.
const NEAR: usize = 64;

/// What a snapshot changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// Transfers that ended now, and whether they are done.
    pub(crate) ended: Vec<Ended>,
    /// What to say about profiles that stand still, or go on.
    pub(crate) holds: Vec<HoldNews>,
    /// What to say now that the queue is at rest.
    pub(crate) summary: Option<Summary>,
}

/// A transfer that ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Which it was.
    pub(crate) id: TransferId,
    /// Under which profile it was queued.
    pub(crate) profile: String,
    /// What it was.
    pub(crate) kind: TransferKind,
    /// Which versions a delete took.
    pub(crate) versions: Versions,
    /// How it ended.
    pub(crate) state: TransferState,
    /// The object.
    pub(crate) key: Arc<str>,
    /// The local file.
    pub(crate) path: Option<Arc<Path>>,
    /// It was to save a text that was edited.
    pub(crate) edit: bool,
    /// What was there was left as it is, and nothing moved.
    pub(crate) skipped: bool,
    /// Why it failed.
    pub(crate) error: Option<Box<Failure>>,
    /// How much it moved.
    pub(crate) bytes: u64,
    /// How long somebody's upload was waited for, which is no work but long all the same.
    pub(crate) waited: Option<TimeDelta>,
}

impl Transfers {
    /// Nothing known yet.
    pub(crate) fn new() -> Self {
        Self {
            queue: Queue::default(),
            list: List::new(Sort::NAME, false),
            work: Work::default(),
            counts: Counts::default(),
            holds: Holds::default(),
            ends: Vec::new(),
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
        self.counts.open()
    }

    /// How much of all that is open is through, with what was done since the queue was last at rest: 0 to 100, `None` at
    /// rest.
    pub fn percent(&self) -> Option<u64> {
        self.work.percent(&self.counts)
    }

    /// Bytes of all that is open, with what was done since the queue was last at rest.
    pub fn bytes(&self) -> u64 {
        self.work.bytes() + self.counts.bytes
    }

    /// The profiles that stand still, or whose records do, and why.
    pub fn held(&self) -> impl Iterator<Item = (&Lane, &Hold)> {
        holds::of(&self.queue.0.lanes).map(|(lane, _, hold)| (lane, hold))
    }

    /// When a row says something else though nothing of its transfer has changed, UTC.
    pub(crate) fn next_moment(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.ends.iter().find(|end| **end > now).copied()
    }

    /// Why the bucket takes no transfers of this profile.
    pub(crate) fn bucket_trouble(&self, profile: &ProfileIdentity) -> Option<BucketTrouble> {
        let mut lanes = self.queue.0.lanes.iter().filter(|lane| lane.profile.matches(profile));
        lanes.find_map(|lane| BucketTrouble::of(&lane.hold.as_ref()?.failure))
    }

    /// Why the catalog takes no records of this profile's transfers.
    pub(crate) fn catalog_trouble(&self, profile: &ProfileIdentity) -> Option<&Failure> {
        let is_its =
            |failure: &&Failure| matches!(failure.kind, FailureKind::CatalogAway | FailureKind::CatalogRefused);
        let ours = self.held().filter(|(lane, _)| lane.profile.matches(profile));
        ours.map(|(_, hold)| &hold.failure).find(is_its)
    }

    /// What keeps this transfer standing still together with all of its profile.
    pub fn hold_of(&self, view: &TransferView) -> Option<&Hold> {
        self.queue.0.hold_of(view)
    }

    /// Works on the list, with its rows.
    pub(crate) fn on_list<T>(&mut self, work: impl FnOnce(&mut List, &dyn Rows) -> T) -> T {
        work(&mut self.list, &self.queue)
    }

    pub(crate) fn list_mut(&mut self) -> &mut List {
        &mut self.list
    }

    pub(crate) fn filter(&mut self, text: &str) {
        self.list.set_filter(&self.queue, text);
    }

    /// Takes over a snapshot; `focused` is whether the keys go here.
    pub(crate) fn arrived(&mut self, view: Arc<QueueView>, now: DateTime<Utc>, focused: bool, keys: &Keymap) -> News {
        let ended = self.ended(&view);
        self.counts = Counts::of(&view);
        self.ends = if self.counts.paused > 0 { ends(&view) } else { Vec::new() };
        let holds = self.holds.stand(&view, &ended, keys);
        self.show(view, focused);
        for end in &ended {
            self.work.add(end);
        }
        News { summary: self.work.stands(&self.counts, &self.queue.0, now), ended, holds }
    }

    /// Takes over the rows. Progress alone leaves them where they are, so that the list has nothing to do.
    fn show(&mut self, view: Arc<QueueView>, focused: bool) {
        if self.queue.has_order_of(&view) {
            self.queue = Queue(view);
            return;
        }
        let kept = self.list.keep(&self.queue);
        let watches = self.list.cursor() == 0 && self.list.marked() == 0 && !self.current_is_done();
        self.queue = Queue(view);
        self.list.restore(&self.queue, &kept);
        // Whoever watches what runs goes on doing so when the first of it is done and moves away, or another one runs
        // before it; but nothing slips under a finger.
        if watches && (self.current_is_done() || !focused) {
            self.list.go(0);
        }
    }

    fn current_is_done(&self) -> bool {
        self.current().is_some_and(|view| view.transfer.state == TransferState::Done)
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
            } else if is_news(known, view) && !is_first {
                ended.push(Ended::of(view));
            }
        }
        // Those that were cleared are forgotten once they are the greater part.
        if known.len() > 2 * view.transfers.len() + 1000 {
            let there: HashSet<TransferId> = view.transfers.iter().map(|view| view.transfer.id).collect();
            known.retain(|id, _| there.contains(id));
        }
        ended
    }

    /// The transfers chosen: those marked, else the one under the cursor.
    pub(crate) fn chosen(&self) -> Vec<&TransferView> {
        self.list.chosen().into_iter().filter_map(|row| self.queue.0.transfers.get(row)).collect()
    }

    /// The transfer under the cursor.
    pub(crate) fn current(&self) -> Option<&TransferView> {
        self.list.current().and_then(|row| self.queue.0.transfers.get(row))
    }

    /// The transfer of that name, where the queue still has it.
    pub(crate) fn find(&self, id: TransferId) -> Option<&TransferView> {
        self.queue.0.transfers.iter().find(|view| view.transfer.id == id)
    }

    /// Whether its end was seen, also of one that is forgotten by now.
    pub(crate) fn has_ended(&self, id: TransferId) -> bool {
        self.known.as_ref().is_some_and(|known| known.contains_key(&id))
    }

    /// Whether a command can change anything about a transfer.
    pub(crate) fn applies(&self, command: QueueCommand, view: &TransferView) -> bool {
        let state = view.transfer.state;
        match command {
            QueueCommand::Cancel => !state.is_final() || state == TransferState::Failed,
            QueueCommand::Retry | QueueCommand::RetryAs(_) => {
                matches!(state, TransferState::Failed | TransferState::Cancelled)
                    || view.next_try_in.is_some()
                    || self.hold_of(view).is_some()
            }
            QueueCommand::Pause => state.is_open(),
            QueueCommand::PauseAgain => state == TransferState::Cancelled,
            QueueCommand::GoOn => state == TransferState::Paused,
            QueueCommand::Raise | QueueCommand::Lower => {
                matches!(state, TransferState::Queued | TransferState::Paused) || view.next_try_in.is_some()
            }
            QueueCommand::ClearDone | QueueCommand::ClearAllDone | QueueCommand::ForgetTries => state.is_final(),
        }
    }
}

/// When the URLs of held requests end. Of those that wait the queue itself counts the time down.
fn ends(view: &QueueView) -> Vec<DateTime<Utc>> {
    let held = view.transfers.iter().filter(|view| view.transfer.state == TransferState::Paused);
    let mut ends: Vec<_> = held.filter_map(|view| view.transfer.url_ends()).collect();
    ends.sort_unstable();
    ends
}

/// Whether this end was not known yet; it is from here on.
fn is_news(known: &mut HashMap<TransferId, Option<DateTime<Utc>>>, view: &TransferView) -> bool {
    let at = view.transfer.finished_at;
    known.insert(view.transfer.id, at) != Some(at)
}

impl Ended {
    fn of(view: &TransferView) -> Self {
        let transfer = &view.transfer;
        let moves = matches!(transfer.kind, TransferKind::Upload | TransferKind::Download);
        Self {
            id: transfer.id,
            profile: transfer.profile.name.clone(),
            kind: transfer.kind,
            versions: transfer.versions,
            state: transfer.state,
            key: transfer.key.clone(),
            path: transfer.path.clone(),
            edit: transfer.on_conflict == OnConflict::OverwriteIf,
            skipped: transfer.state == TransferState::Done
                && transfer.error.as_ref().is_some_and(|note| note.kind == FailureKind::Exists),
            error: transfer.error.clone().filter(|_| transfer.state == TransferState::Failed),
            waited: transfer.finished_at.filter(|_| transfer.asked.is_some()).map(|end| end - transfer.queued_at),
            bytes: if moves { transfer.size.unwrap_or(view.sent) } else { 0 },
        }
    }

    /// Whether the object is gone with it.
    pub(crate) fn takes_the_object(&self) -> bool {
        self.kind == TransferKind::Delete && self.versions != Versions::Hidden
    }

    /// Whether what is below that folder is not what it was: it put a file there, or found that its own is gone.
    pub(crate) fn tells_news_of(&self, folder: &Path) -> bool {
        let inside = self.path.as_ref().is_some_and(|path| path.starts_with(folder));
        inside && (self.put_a_file() || self.lost_its_file())
    }

    fn put_a_file(&self) -> bool {
        self.kind == TransferKind::Download && self.state == TransferState::Done
    }

    fn lost_its_file(&self) -> bool {
        let is_gone = self.error.as_ref().is_some_and(|error| error.kind == FailureKind::NotFound);
        self.kind == TransferKind::Upload && is_gone
    }
}
