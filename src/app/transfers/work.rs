//! What the queue has done since it was last at rest: counted by kind for the notice at the end, in bytes for the
//! percentage, and in time to know whether the end is worth a bell.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Counts, Ended};
use crate::domain::transfer::{QueueView, TransferView};
use crate::domain::{TransferKind, TransferState, format};

/// Work of at least this length has its end told.
const LONG: TimeDelta = TimeDelta::seconds(10);

/// The work since the queue was last at rest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Work {
    /// When it began, UTC; `None` at rest.
    begun: Option<DateTime<Utc>>,
    /// Bytes of those that are done.
    bytes: u64,
    /// By the word for what was done.
    done: HashMap<&'static str, usize>,
    ended: HashMap<&'static str, usize>,
    failed: usize,
    /// Of which profiles and kinds some have ended.
    of: HashSet<(String, TransferKind)>,
    /// Requests whose URL ended without an upload: nobody failed.
    expired: usize,
    /// What was recorded last, for which somebody has waited.
    recorded: Option<Arc<str>>,
    /// Something of it was waited for so long that its end is told.
    long: bool,
}

/// What was done until the queue came to rest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// "deleted 12 of 12, uploaded 3 of 4".
    pub(crate) text: String,
    /// Something failed, or nobody uploaded what was asked for.
    pub(crate) failed: bool,
    /// It took long enough for somebody to have gone for a coffee.
    pub(crate) long: bool,
}

impl Work {
    /// Counts one that ended.
    pub(crate) fn add(&mut self, end: &Ended) {
        if end.state == TransferState::Cancelled {
            return;
        }
        self.of.insert((end.profile.clone(), end.kind));
        let is_expired = end.state == TransferState::Expired;
        if !is_expired {
            *self.ended.entry(done_word(end)).or_default() += 1;
        }
        self.long |= end.waited.is_some_and(|waited| waited >= LONG);
        match end.state {
            TransferState::Done => {
                *self.done.entry(done_word(end)).or_default() += 1;
                self.bytes += end.bytes;
                self.recorded = (end.kind == TransferKind::Request).then(|| end.key.clone()).or(self.recorded.take());
            }
            _ if is_expired => self.expired += 1,
            _ => self.failed += 1,
        }
    }

    /// Takes over how the queue stands; answers what to say where it has come to rest. While files are still being found, or
    /// some of what was begun waits for a later try, it has not.
    pub(crate) fn stands(&mut self, counts: &Counts, queue: &QueueView, now: DateTime<Utc>) -> Option<Summary> {
        if counts.running + counts.queued + queue.walks > 0 {
            self.begun.get_or_insert(now);
            return None;
        }
        if counts.waiting > counts.requests && queue.transfers.iter().any(|view| self.waits(view)) {
            return None;
        }
        let work = std::mem::take(self);
        let long = work.long || work.begun.is_some_and(|begun| now - begun >= LONG);
        work.summary(long)
    }

    /// Whether it belongs to what was begun and waits for a later try. What somebody else has to upload, or let go on, holds
    /// up nothing.
    fn waits(&self, view: &TransferView) -> bool {
        let transfer = &view.transfer;
        let is_ours =
            || self.of.iter().any(|(profile, kind)| *profile == transfer.profile.name && *kind == transfer.kind);
        !self.of.is_empty() && transfer.state.is_open() && !is_parked(transfer.state) && is_ours()
    }

    /// Bytes of those that are done.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How much of it is through, 0 to 100, with what is still open; `None` at rest and where no bytes move.
    pub(crate) fn percent(&self, counts: &Counts) -> Option<u64> {
        let all = u128::from(self.bytes) + u128::from(counts.bytes);
        let through = u128::from(self.bytes) + u128::from(counts.sent);
        self.begun.filter(|_| all > 0).map(|_| u64::try_from(through * 100 / all).unwrap_or(100))
    }

    fn summary(self, long: bool) -> Option<Summary> {
        let part = |word| {
            let counted = |count: usize| format::count(count as u64);
            let (done, ended) = (*self.done.get(word).unwrap_or(&0), *self.ended.get(word)?);
            if word == SKIPPED {
                return Some(format!("{word} {}", counted(done)));
            }
            if let (RECORDED, (1, 1), Some(key)) = (word, (done, ended), &self.recorded) {
                return Some(format!("{word} {key}"));
            }
            Some(format!("{word} {} of {}", counted(done), counted(ended)))
        };
        let expired = (self.expired > 0).then(|| format!("{} expired", format::count(self.expired as u64)));
        let parts: Vec<String> = WORDS.into_iter().filter_map(part).chain(expired).collect();
        if parts.is_empty() {
            return None;
        }
        let failed = self.failed > 0;
        let counted = format::count(self.failed as u64);
        let rest = if failed { format!("; {counted} failed, see Transfers (3)") } else { String::new() };
        let text = format!("{}{rest}", parts.join(", "));
        Some(Summary { text, failed: failed || self.expired > 0, long })
    }
}

/// Whether only a person moves it.
const fn is_parked(state: TransferState) -> bool {
    matches!(state, TransferState::Paused | TransferState::Waiting)
}

/// What transfers do, in the order in which it is said.
const WORDS: [&str; 6] = ["uploaded", "downloaded", SKIPPED, "deleted", "purged", RECORDED];

/// What becomes of an upload or a download that leaves what is there.
const SKIPPED: &str = "skipped";

/// What a request for somebody's upload comes to.
const RECORDED: &str = "recorded";

/// What a transfer did.
fn done_word(end: &Ended) -> &'static str {
    match end.kind {
        TransferKind::Upload | TransferKind::Download if end.skipped => SKIPPED,
        TransferKind::Upload => "uploaded",
        TransferKind::Download => "downloaded",
        TransferKind::Delete if end.takes_the_object() => "deleted",
        TransferKind::Delete => "purged",
        TransferKind::Request => RECORDED,
    }
}
