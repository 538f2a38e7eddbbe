//! Which transfers that are not over are about the same key of the same profile: only the earliest may be worked on, or a
//! delete, even one that is held for now, could take what a later upload has put there. One that has begun goes on, even
//! if an earlier one comes back.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};

use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Transfer, TransferId};

/// The order in which transfers were asked for; moving one in the queue does not change it.
pub type Asked = (i64, TransferId);

/// Transfers that are not over, by key. Keys stand for themselves by their hash: where two share one, the later merely waits.
#[derive(Debug, Default)]
pub struct Keys(HashMap<u64, Queueing>);

/// Those of one key.
#[derive(Debug)]
struct Queueing {
    first: Asked,
    /// In order; nearly always empty.
    others: Vec<Asked>,
}

impl Keys {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// A transfer is about this key; `begun` says of the first whether it keeps its place before one that was asked
    /// for earlier and comes back. Answers who was first until now and is not any more.
    pub fn enter(&mut self, transfer: &Transfer, seq: i64, begun: impl Fn(TransferId) -> bool) -> Option<TransferId> {
        let asked = (seq, transfer.id);
        match self.0.entry(hash(&transfer.profile, &transfer.key)) {
            Entry::Vacant(vacant) => {
                vacant.insert(Queueing { first: asked, others: Vec::new() });
                None
            }
            Entry::Occupied(mut occupied) => occupied.get_mut().enter(asked, begun),
        }
    }

    /// It is no longer. Answers who is first now and was not before.
    pub fn leave(&mut self, transfer: &Transfer, seq: i64) -> Option<TransferId> {
        let asked = (seq, transfer.id);
        let Entry::Occupied(mut occupied) = self.0.entry(hash(&transfer.profile, &transfer.key)) else { return None };
        let queueing = occupied.get_mut();
        if queueing.first != asked {
            queueing.others.retain(|other| *other != asked);
            return None;
        }
        if queueing.others.is_empty() {
            occupied.remove();
            return None;
        }
        queueing.first = queueing.others.remove(0);
        Some(queueing.first.1)
    }

    /// The earliest transfer about the key of this one.
    pub fn first(&self, transfer: &Transfer) -> Option<TransferId> {
        self.0.get(&hash(&transfer.profile, &transfer.key)).map(|queueing| queueing.first.1)
    }

    /// The first of each key that others wait for, and those.
    pub fn blocked(&self) -> impl Iterator<Item = (TransferId, impl Iterator<Item = TransferId>)> {
        let waited_for = self.0.values().filter(|queueing| !queueing.others.is_empty());
        waited_for.map(|queueing| (queueing.first.1, queueing.others.iter().map(|(_, id)| *id)))
    }

    /// Those that may be about this key.
    pub fn all(&self, profile: &ProfileIdentity, key: &str) -> impl Iterator<Item = TransferId> {
        let queueing = self.0.get(&hash(profile, key));
        queueing
            .into_iter()
            .flat_map(|queueing| std::iter::once(&queueing.first).chain(&queueing.others))
            .map(|(_, id)| *id)
    }
}

impl Queueing {
    fn enter(&mut self, asked: Asked, begun: impl Fn(TransferId) -> bool) -> Option<TransferId> {
        if asked == self.first {
            return None;
        }
        if asked < self.first && !begun(self.first.1) {
            let before = std::mem::replace(&mut self.first, asked);
            self.others.insert(0, before);
            return Some(before.1);
        }
        if let Err(at) = self.others.binary_search(&asked) {
            self.others.insert(at, asked);
        }
        None
    }
}

fn hash(profile: &ProfileIdentity, key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    profile.hash(&mut hasher);
    key.hash(&mut hasher);
    hasher.finish()
}
