//! What a killed program loses of a large download: what was on its way, and nothing that the journal had. Counted at the
//! server, run by run.

use super::batch::Batch;
use crate::support::rogue::Entry;

/// Four ranges of 8 MiB come at once, while four before them are on their way to the disk and into the journal.
const IN_FLIGHT: u64 = (4 + 4) * (8 << 20);

/// How far the large download has come.
#[derive(Default)]
pub struct Fetched {
    /// Bytes that the journal had when the last run was over.
    kept: u64,
    /// Requests until then.
    requests: usize,
    /// Bytes that were fetched more than once, all runs together.
    pub again: u64,
}

impl Fetched {
    /// Looks at what the run that is over has asked for, has got and has kept.
    pub fn after_a_run(&mut self, batch: &Batch) {
        let (key, object) = &batch.fetched[0];
        let all = batch.rogue.ledger().which(|entry| entry.ask.reads() && entry.ask.key == *key);
        let requests = &all[self.requests..];
        if requests.is_empty() {
            return;
        }
        let size = object.len() as u64;
        let asked: u64 = requests.iter().map(|entry| length(entry, size)).sum();
        assert!(
            asked <= size - self.kept,
            "{asked} bytes asked for, {} of {size} were there: {requests:#?}",
            self.kept
        );
        let kept = kept(batch, key);
        assert!(kept >= self.kept, "{kept} bytes are there, {} were", self.kept);
        let served: u64 = requests.iter().map(|entry| entry.down).sum();
        let lost = served.saturating_sub(kept - self.kept);
        assert!(lost <= IN_FLIGHT, "{lost} bytes of {served} are lost with one run: {requests:#?}");
        *self = Self { kept, requests: all.len(), again: self.again + lost };
    }
}

fn kept(batch: &Batch, key: &str) -> u64 {
    let download = batch.transfers().into_iter().find(|line| line["kind"] == "download" && line["key"] == key);
    download.unwrap()["sent"].as_u64().unwrap()
}

/// How many bytes a request asks for.
fn length(entry: &Entry, size: u64) -> u64 {
    let Some(range) = &entry.ask.range else { return size };
    let (first, last) = range.trim_start_matches("bytes=").split_once('-').unwrap();
    let last = last.parse().unwrap_or(size - 1).min(size - 1);
    last + 1 - first.parse::<u64>().unwrap()
}
