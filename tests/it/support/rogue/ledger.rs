//! What went through the proxy: one entry a request, written when it is over, from which tests count.

use std::sync::Mutex;
use std::time::Instant;

use super::fault::Ask;

/// One request and what became of it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What was asked.
    pub ask: Ask,
    /// When its head had come.
    pub begun: Instant,
    /// When it was over.
    pub ended: Instant,
    /// Bytes of its body that went on to the server.
    pub up: u64,
    /// Bytes of the answer's body that went on to the client.
    pub down: u64,
    /// The server's status, where the server has answered: what it was asked is then done, whether or not the client heard.
    pub status: Option<u16>,
}

impl Entry {
    /// The server has done it and said so.
    pub fn acknowledged(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// All entries.
#[derive(Default)]
pub struct Ledger(Mutex<Vec<Entry>>);

impl Ledger {
    /// Writes one down.
    pub(super) fn enter(&self, entry: Entry) {
        self.0.lock().unwrap().push(entry);
    }

    /// Those that something holds of.
    pub fn which(&self, holds: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        self.0.lock().unwrap().iter().filter(|entry| holds(entry)).cloned().collect()
    }

    /// Bodies of objects and parts of that key which the server has acknowledged.
    pub fn stored(&self, key: &str) -> Vec<Entry> {
        self.which(|entry| entry.ask.key == key && entry.ask.carries_bytes() && entry.acknowledged())
    }
}
