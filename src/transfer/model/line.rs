//! One profile's part of the queue: what waits for its turn, in queue order, and how much of it goes on at once. Large
//! and small transfers have turns of their own, so that neither holds up the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::transfer::{self as domain, Hold};
use crate::domain::{Transfer, TransferId, TransferKind, TransferState};
use crate::transfer::holds::{Gate, Pass};
use crate::transfer::lanes::Lane;

/// From so many bytes on a transfer is a large one.
const LARGE: u64 = 1 << 20;

/// Small transfers that are admitted for each large one: only so many at once let the journal's commits and the
/// catalog's statements gather into batches. How many requests are under way is the lane's to say.
const SMALL_A_JOB: usize = 16;

/// Most small transfers admitted at once.
const MOST_SMALL: usize = 256;

/// A place in the queue.
pub type Place = (i64, TransferId);

/// Who takes turns with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Deletes, looks for what others upload, and files that wait more than they send.
    Small,
    /// All others.
    Large,
}

/// A worker's right to be at a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// One of the turns of its class.
    Has(Class),
    /// The same, but its disk keeps it waiting, and another transfer has begun in its place.
    Lent(Class),
}

/// Turns of one class.
#[derive(Debug, Default)]
struct Turns {
    taken: usize,
    lent: usize,
}

/// Where a transfer waits for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Small ones.
    Small,
    /// Deletes that have to find their record first: they need the catalog too.
    Lookups,
    /// Large ones.
    Large,
    /// Records to be written.
    Recording,
    /// Records to be removed.
    Forgetting,
}

impl Row {
    /// Where a transfer belongs.
    pub fn of(transfer: &Transfer) -> Self {
        match (transfer.state, transfer.kind) {
            (TransferState::Recording, _) => Self::Recording,
            (TransferState::Forgetting, _) => Self::Forgetting,
            (TransferState::Queued, TransferKind::Delete) if !transfer.without_record => Self::Lookups,
            (_, TransferKind::Delete | TransferKind::Request) => Self::Small,
            _ if transfer.size.is_some_and(|size| size < LARGE) => Self::Small,
            _ => Self::Large,
        }
    }

    /// Whose turn it takes.
    pub const fn class(self) -> Class {
        match self {
            Self::Large => Class::Large,
            _ => Class::Small,
        }
    }
}

/// One profile's part of the queue.
#[derive(Debug)]
pub struct Line {
    /// Its limits, and the slots of requests under way.
    pub lane: Arc<Lane>,
    /// The way to its bucket.
    pub bucket: Gate,
    /// The way to its catalog.
    pub catalog: Gate,
    /// How often the bucket has answered.
    pub passes: u64,
    /// Its records are being written right now.
    pub in_batch: bool,
    /// Whom to try next, where somebody said so.
    pub wanted: Option<TransferId>,
    /// Who could not reach the bucket when it was last tried.
    pub tried_last: Option<TransferId>,
    small: BTreeSet<Place>,
    lookups: BTreeSet<Place>,
    large: BTreeSet<Place>,
    recording: BTreeSet<Place>,
    forgetting: BTreeSet<Place>,
    small_turns: Turns,
    large_turns: Turns,
}

impl Line {
    /// An empty one.
    pub fn new(lane: Arc<Lane>) -> Self {
        Self {
            lane,
            bucket: Gate::default(),
            catalog: Gate::default(),
            passes: 0,
            in_batch: false,
            wanted: None,
            tried_last: None,
            small: BTreeSet::new(),
            lookups: BTreeSet::new(),
            large: BTreeSet::new(),
            recording: BTreeSet::new(),
            forgetting: BTreeSet::new(),
            small_turns: Turns::default(),
            large_turns: Turns::default(),
        }
    }

    fn row(&mut self, row: Row) -> &mut BTreeSet<Place> {
        match row {
            Row::Small => &mut self.small,
            Row::Lookups => &mut self.lookups,
            Row::Large => &mut self.large,
            Row::Recording => &mut self.recording,
            Row::Forgetting => &mut self.forgetting,
        }
    }

    /// Nobody waits.
    pub fn clear(&mut self) {
        for row in [Row::Small, Row::Lookups, Row::Large, Row::Recording, Row::Forgetting] {
            self.row(row).clear();
        }
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        let rows = [&self.small, &self.lookups, &self.large, &self.recording, &self.forgetting];
        rows.into_iter().all(BTreeSet::is_empty)
    }

    /// It waits here.
    pub fn enter(&mut self, row: Row, place: Place) {
        self.row(row).insert(place);
    }

    /// It waits no longer.
    pub fn leave(&mut self, row: Row, place: Place) {
        self.row(row).remove(&place);
    }

    /// One of this class is under way.
    pub fn admit(&mut self, class: Class) {
        self.turns(class).taken += 1;
    }

    /// One that had this turn has ended.
    pub fn dismiss(&mut self, turn: Turn) {
        let counted = match turn {
            Turn::Has(class) => &mut self.turns(class).taken,
            Turn::Lent(class) => &mut self.turns(class).lent,
        };
        *counted = counted.saturating_sub(1);
    }

    /// One of this class lets another have its turn; false where as many as have turns have done so: all of them may be
    /// bound for the same disk.
    pub fn lend(&mut self, class: Class) -> bool {
        let most = self.most(class);
        let turns = self.turns(class);
        let may = turns.lent < most && turns.taken > 0;
        if may {
            turns.taken -= 1;
            turns.lent += 1;
        }
        may
    }

    fn turns(&mut self, class: Class) -> &mut Turns {
        match class {
            Class::Small => &mut self.small_turns,
            Class::Large => &mut self.large_turns,
        }
    }

    /// Turns of a class.
    fn most(&self, class: Class) -> usize {
        let jobs = self.lane.limits().jobs.max(1);
        match class {
            Class::Small => (jobs * SMALL_A_JOB).min(MOST_SMALL),
            Class::Large => jobs,
        }
    }

    /// The next transfer that a worker may take.
    pub fn next(&mut self, now: DateTime<Utc>) -> Option<TransferId> {
        self.refresh(now);
        match self.bucket.pass(now) {
            Pass::None => None,
            Pass::One => self.next_probe(now),
            Pass::All => self.next_in_turn(now),
        }
    }

    fn next_in_turn(&mut self, now: DateTime<Utc>) -> Option<TransferId> {
        if self.large_turns.taken < self.most(Class::Large)
            && let Some((_, id)) = self.large.first()
        {
            return Some(*id);
        }
        if !self.has_room() {
            return None;
        }
        match self.catalog.pass(now) {
            Pass::All => self.small.first().into_iter().chain(self.lookups.first()).min().map(|(_, id)| *id),
            // Records show whether the catalog is back, where there are any.
            Pass::One if !self.has_records() => {
                let lookup = self.lookups.first().map(|(_, id)| *id);
                lookup.into_iter().for_each(|id| self.catalog.probe(id));
                lookup.or_else(|| self.small.first().map(|(_, id)| *id))
            }
            _ => self.small.first().map(|(_, id)| *id),
        }
    }

    /// Whether another small one may be admitted.
    fn has_room(&self) -> bool {
        self.small_turns.taken < self.most(Class::Small)
    }

    fn has_records(&self) -> bool {
        !self.recording.is_empty() || !self.forgetting.is_empty()
    }

    /// Another one than the last time, so that one that never gets through does not hold up all others.
    fn next_probe(&mut self, now: DateTime<Utc>) -> Option<TransferId> {
        let with_catalog = match self.catalog.pass(now) {
            Pass::All => true,
            Pass::One => !self.has_records(),
            Pass::None => false,
        };
        let lookups = Some(&self.lookups).filter(|_| with_catalog);
        let rows = || [Some(&self.small), lookups, Some(&self.large)].into_iter().flatten();
        let in_row = |id: TransferId| rows().any(|row| row.iter().any(|(_, waiting)| *waiting == id));
        let wanted = self.wanted.take().filter(|id| in_row(*id));
        let another = || rows().filter_map(|row| row.iter().find(|(_, id)| Some(*id) != self.tried_last)).min();
        let again = || rows().filter_map(|row| row.first()).min();
        let id = wanted.or_else(|| another().or_else(again).map(|(_, id)| *id))?;
        self.tried_last = Some(id);
        self.bucket.probe(id);
        if self.lookups.iter().any(|(_, waiting)| *waiting == id) {
            // Where the catalog is away as well, this one is to show both.
            self.catalog.probe(id);
        }
        self.shut_lane();
        Some(id)
    }

    /// The next records to be written or removed: one, where it is to show whether the catalog is back.
    pub fn next_records(&mut self, now: DateTime<Utc>, most: usize) -> Vec<TransferId> {
        self.refresh(now);
        let most = match self.catalog.pass(now) {
            _ if self.in_batch => return Vec::new(),
            Pass::None => return Vec::new(),
            Pass::One => 1,
            Pass::All => most,
        };
        let forgets = match (self.recording.first(), self.forgetting.first()) {
            (Some(record), Some(forget)) => forget < record,
            (recording, _) => recording.is_none(),
        };
        let row = if forgets { &self.forgetting } else { &self.recording };
        let ids: Vec<TransferId> = row.iter().take(most).map(|(_, id)| *id).collect();
        if let Some(first) = ids.first() {
            self.catalog.probe(*first);
            self.in_batch = true;
        }
        ids
    }

    fn refresh(&mut self, now: DateTime<Utc>) {
        self.bucket.refresh(now);
        self.catalog.refresh(now);
        self.shut_lane();
    }

    /// Requests of those under way are turned away while the bucket is on hold.
    pub fn shut_lane(&self) {
        self.lane.shut(self.bucket.turns_away());
    }

    /// When a hold has to be looked at again; `None` where nobody could be tried then.
    pub fn opens_at(&self) -> Option<DateTime<Utc>> {
        let transfers = self.bucket.opens_at().filter(|_| !self.small.is_empty() || !self.large.is_empty());
        let records = self.catalog.opens_at().filter(|_| self.has_records() && !self.in_batch);
        let lookups = self.lookups_open_at().filter(|_| !self.lookups.is_empty());
        transfers.into_iter().chain(records).chain(lookups).min()
    }

    /// Lookups wait for the bucket and for the catalog; that the latter is back is for records to show, where there are
    /// any.
    fn lookups_open_at(&self) -> Option<DateTime<Utc>> {
        match (self.bucket.is_shut(), self.catalog.is_shut()) {
            (_, true) if self.has_records() => None,
            (true, true) => Some(self.bucket.opens_at()?.max(self.catalog.opens_at()?)),
            (true, false) => self.bucket.opens_at(),
            (false, true) => self.catalog.opens_at().filter(|_| self.has_room()),
            (false, false) => None,
        }
    }

    /// Whether any waits for its turn to move bytes.
    pub fn has_waiting(&self) -> bool {
        !self.small.is_empty() || !self.large.is_empty()
    }

    fn waiting(&self) -> usize {
        self.small.len() + self.lookups.len() + self.large.len()
    }

    fn records_waiting(&self) -> usize {
        self.recording.len() + self.forgetting.len() + self.lookups.len()
    }

    /// Whether what waits in this row waits for a hold.
    pub const fn holds(&self, row: Row) -> bool {
        match row {
            Row::Small | Row::Large => self.bucket.is_shut(),
            Row::Lookups => self.bucket.is_shut() || self.catalog.is_shut(),
            Row::Recording | Row::Forgetting => self.catalog.is_shut(),
        }
    }

    /// The hold on its bucket and the one on its catalog, as they are shown.
    pub fn shown(&self, now: DateTime<Utc>) -> (Option<Hold>, Option<Hold>) {
        (self.bucket.shown(self.waiting(), now), self.catalog.shown(self.records_waiting(), now))
    }

    /// Adds the holds to the lane as it is shown.
    pub fn show(&self, lane: &mut domain::Lane, now: DateTime<Utc>) {
        (lane.hold, lane.records) = self.shown(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::transfer::Limits;
    use crate::transfer::lanes::Lanes;
    use crate::transfer::tests::profile;

    #[test]
    fn as_many_as_have_turns_may_lend_them() {
        let lane = Lanes::new(0, Box::new(|_| Limits { jobs: 2, rate: 0 })).lane(&profile("p"));
        let mut line = Line::new(lane);
        let mut lent = 0;
        for id in (0..9).map(|_| TransferId::fresh()) {
            line.enter(Row::Large, (0, id));
        }
        let begins = |line: &mut Line| {
            let id = line.next(Utc::now())?;
            line.leave(Row::Large, (0, id));
            line.admit(Class::Large);
            Some(id)
        };
        assert!(begins(&mut line).is_some() && begins(&mut line).is_some() && begins(&mut line).is_none());
        while line.lend(Class::Large) {
            lent += 1;
            assert!(begins(&mut line).is_some() && begins(&mut line).is_none());
        }
        assert_eq!(lent, 2, "they may all be bound for one disk");
        line.dismiss(Turn::Lent(Class::Large));
        assert!(begins(&mut line).is_none(), "its turn was another's already");
        line.dismiss(Turn::Has(Class::Large));
        assert!(begins(&mut line).is_some());
    }
}
