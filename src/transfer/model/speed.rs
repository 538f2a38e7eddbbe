//! How fast bytes move: of each transfer, and all together. The whole is what the parts are, unless some of them are over
//! sooner than a rate can be told: then those that follow them go on as they did.

use std::time::Instant;

use super::{Job, Model};
use crate::domain::TransferState;
use crate::transfer::meter::Meter;

impl Model {
    /// Bytes that workers have moved since the queue was opened.
    pub fn moved(&self) -> u64 {
        self.moved + self.at_work().map(Job::moved).sum::<u64>()
    }

    /// Measures how fast bytes go: of each transfer, and all together, which is answered in bytes a second over the last
    /// seconds.
    pub fn rate(&mut self, instant: Instant) -> f64 {
        self.measure(instant);
        let (moved, goes_on) = (self.moved(), self.somebody_begins());
        if self.running.is_empty() && !goes_on {
            self.meter = Meter::default();
        }
        let all = self.meter.sample(instant, moved);
        let now: f64 = self.at_work().filter(|job| moves_bytes(job)).map(Job::rate).sum();
        if goes_on { all } else { now }
    }

    fn measure(&mut self, instant: Instant) {
        for id in &self.running {
            if let Some(running) = self.jobs.get_mut(id).and_then(|job| job.running.as_mut()) {
                running.rate = running.meter.sample(instant, running.sent.get());
            }
        }
    }

    fn at_work(&self) -> impl Iterator<Item = &Job> {
        self.running.iter().filter_map(|id| self.get(*id))
    }

    /// Whether another one takes the place of one that is over: it waits for its turn, or has it and sends nothing yet.
    /// Where the bucket is away nobody has a turn, and whoever tries whether it is back moves nothing by that.
    fn somebody_begins(&self) -> bool {
        let has_nothing = |job: &Job| job.moved() == 0 && job.saved.transfer.size != Some(job.sent());
        let is_shut = |job: &Job| self.lines.get(&job.saved.transfer.profile).is_some_and(|line| line.bucket.is_shut());
        self.lines.values().any(|line| line.has_waiting() && !line.bucket.is_shut())
            || self.at_work().any(|job| has_nothing(job) && !is_shut(job))
    }
}

/// Whether its row shows its rate.
fn moves_bytes(job: &Job) -> bool {
    matches!(job.saved.transfer.state, TransferState::Sending | TransferState::Receiving)
}
