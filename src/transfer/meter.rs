//! How fast bytes move: a rate over the last seconds rather than since the start, because that is what tells how long
//! the rest will take.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How far back a rate looks.
const WINDOW: Duration = Duration::from_secs(4);

/// Samples of a growing count of bytes.
#[derive(Debug, Default)]
pub struct Meter {
    samples: VecDeque<(Instant, u64)>,
}

impl Meter {
    /// Takes a sample and answers the rate in bytes a second. A count that fell (a retry) begins anew.
    pub fn sample(&mut self, now: Instant, bytes: u64) -> f64 {
        if self.samples.back().is_some_and(|(_, last)| bytes < *last) {
            self.samples.clear();
        }
        self.samples.push_back((now, bytes));
        // What is far back tells nothing, also where nobody looked meanwhile.
        while self.samples.front().is_some_and(|(then, _)| now - *then > WINDOW) {
            self.samples.pop_front();
        }
        match self.samples.front() {
            Some((then, first)) if now > *then => (bytes - first) as f64 / (now - *then).as_secs_f64(),
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let start = Instant::now();
        let mut meter = Meter::default();
        for second in 0..20 {
            meter.sample(start + Duration::from_secs(second), second * 100);
        }
        let rate = meter.sample(start + Duration::from_secs(20), 1900 + 1000);
        assert!((270.0..=330.0).contains(&rate), "{rate}");
    }

    #[test]
    fn time_in_which_nobody_looked_does_not_count() {
        let start = Instant::now();
        let mut meter = Meter::default();
        meter.sample(start, 0);
        meter.sample(start + Duration::from_secs(60), 1000);
        let rate = meter.sample(start + Duration::from_secs(61), 1500);
        assert!((499.0..=501.0).contains(&rate), "{rate}");
    }

    #[test]
    fn a_retry_begins_anew() {
        let start = Instant::now();
        let mut meter = Meter::default();
        meter.sample(start, 0);
        meter.sample(start + Duration::from_secs(1), 1000);
        assert_eq!(meter.sample(start + Duration::from_secs(2), 0), 0.0);
    }
}
