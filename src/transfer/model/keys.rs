//! Which transfers that are not over are about the same key of the same profile: only the earliest may be worked on, or a
//! delete, even one that is held for now, could take what a later upload has put there. One that has begun goes on, even
//! if an earlier one comes back.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use crate::domain::TransferId;
use crate::domain::transfer::ProfileIdentity;

/// The order in which transfers were asked for; moving one in the queue does not change it.
pub type Asked = (i64, TransferId);

/// A key of a profile. It stands for itself by its hash: where two share one, the later merely waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct About(u64);

impl About {
    /// That key.
    pub fn key(profile: &ProfileIdentity, key: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        profile.hash(&mut hasher);
        key.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// Transfers that are not over, by key.
#[derive(Debug, Default)]
pub struct Keys {
    first: ByKey<Asked>,
    /// Those behind the first, in order. Nearly always none.
    others: ByKey<Vec<Asked>>,
}

type ByKey<T> = HashMap<About, T, BuildHasherDefault<AsItIs>>;

/// A hash is not hashed again.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Keys {
    /// Forgets everything; so many are to come.
    pub fn clear(&mut self, coming: usize) {
        self.others.clear();
        self.first.clear();
        self.first.reserve(coming);
    }

    /// A transfer is about this key; `begun` says of the first whether it keeps its place before one that was asked
    /// for earlier and comes back. Answers who was first until now and is not any more.
    pub fn enter(&mut self, key: About, asked: Asked, begun: impl Fn(TransferId) -> bool) -> Option<TransferId> {
        let first = match self.first.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(asked);
                return None;
            }
            Entry::Occupied(occupied) => occupied.into_mut(),
        };
        if asked == *first {
            return None;
        }
        let others = self.others.entry(key).or_default();
        if asked < *first && !begun(first.1) {
            let before = std::mem::replace(first, asked);
            others.insert(0, before);
            return Some(before.1);
        }
        if let Err(at) = others.binary_search(&asked) {
            others.insert(at, asked);
        }
        None
    }

    /// It is no longer. Answers who is first now and was not before.
    pub fn leave(&mut self, key: About, asked: Asked) -> Option<TransferId> {
        let is_first = *self.first.get(&key)? == asked;
        let Some(others) = self.others.get_mut(&key) else {
            if is_first {
                self.first.remove(&key);
            }
            return None;
        };
        let next = if is_first { Some(others.remove(0)) } else { None };
        others.retain(|other| *other != asked);
        if others.is_empty() {
            self.others.remove(&key);
        }
        self.first.extend(next.map(|next| (key, next)));
        next.map(|next| next.1)
    }

    /// The earliest transfer about a key.
    pub fn first(&self, key: About) -> Option<TransferId> {
        self.first.get(&key).map(|first| first.1)
    }

    /// The first of each key that others wait for, and those.
    pub fn blocked(&self) -> impl Iterator<Item = (TransferId, impl Iterator<Item = TransferId>)> {
        let waited_for = self.others.iter().filter_map(|(key, others)| Some((self.first(*key)?, others)));
        waited_for.map(|(first, others)| (first, others.iter().map(|(_, id)| *id)))
    }

    /// Those that may be about this key.
    pub fn all(&self, key: About) -> impl Iterator<Item = TransferId> {
        self.first.get(&key).into_iter().chain(self.others.get(&key).into_iter().flatten()).map(|(_, id)| *id)
    }
}
