//! How fast it goes all together, beside how fast each goes.

use std::time::{Duration, Instant};

use super::*;
use crate::transfer::model::Work;

/// A model, and a clock that goes on by tenths of a second.
struct Watched {
    model: Model,
    clock: Instant,
}

impl Watched {
    fn new(jobs: usize, sizes: &[u64]) -> (Self, Vec<Work>) {
        let mut model = model(jobs);
        (1..).zip(sizes).for_each(|(seq, size)| model.put(sized(seq, Some(*size))));
        let mut watched = Self { model, clock: Instant::now() };
        let works = watched.take_all();
        (watched, works)
    }

    fn take_all(&mut self) -> Vec<Work> {
        let works: Vec<Work> = std::iter::from_fn(|| self.model.take_ready(Utc::now())).collect();
        works.iter().for_each(|work| self.enters(work, TransferState::Sending));
        works
    }

    fn enters(&mut self, work: &Work, state: TransferState) {
        let mut saved = self.model.get(work.transfer.id).unwrap().saved.clone();
        Arc::make_mut(&mut saved.transfer).state = state;
        self.model.put(saved);
    }

    fn lets_go(&mut self, work: &Work, state: TransferState) {
        self.enters(work, state);
        self.model.release(work.transfer.id);
    }

    /// So many tenths of a second in which each sends so many bytes each; answers the rate at their end, of all and of each.
    fn sends(&mut self, tenths: u32, works: &[&Work], bytes: u64) -> (f64, f64) {
        let mut all = 0.0;
        for _ in 0..tenths {
            self.clock += Duration::from_millis(100);
            works.iter().for_each(|work| work.sent.add(bytes));
            all = self.model.rate(self.clock);
        }
        (all, works.iter().map(|work| self.model.get(work.transfer.id).unwrap().rate()).sum())
    }
}

fn about(rate: f64, expected: f64) -> bool {
    (rate - expected).abs() <= expected * 0.05
}

#[test]
fn after_a_pause_all_together_are_as_fast_as_each() {
    let (mut watched, works) = Watched::new(2, &[HUGE, HUGE]);
    let (all, _) = watched.sends(50, &[&works[0], &works[1]], 1000);
    assert!(about(all, 20_000.0), "{all}");
    works.iter().for_each(|work| watched.lets_go(work, TransferState::Paused));
    assert_eq!(watched.sends(10, &[], 0).0, 0.0, "nothing moves");
    works.iter().for_each(|work| watched.enters(work, TransferState::Queued));
    let again = watched.take_all();
    let (all, each) = watched.sends(5, &[&again[0], &again[1]], 1000);
    assert!(about(each, 20_000.0) && about(all, each), "{all} {each}");
}

#[test]
fn at_the_end_what_is_over_does_not_count() {
    let (mut watched, works) = Watched::new(2, &[HUGE, HUGE]);
    watched.sends(50, &[&works[0], &works[1]], 1000);
    watched.lets_go(&works[0], TransferState::Done);
    let (all, each) = watched.sends(1, &[&works[1]], 1000);
    assert!(about(each, 10_000.0) && about(all, each), "{all} {each}");
    watched.enters(&works[1], TransferState::Verifying);
    assert_eq!(watched.sends(1, &[&works[1]], 0).0, 0.0, "its bytes are through");
}

#[test]
fn while_the_bucket_is_away_nothing_moves_whatever_waits() {
    let (mut watched, works) = Watched::new(1, &[HUGE, HUGE]);
    let (all, _) = watched.sends(20, &[&works[0]], 1000);
    assert!(about(all, 10_000.0), "{all}");
    let away = Failure::new(FailureKind::Offline, "no route");
    watched.model.met(works[0].transfer.id, &away, Utc::now());
    watched.lets_go(&works[0], TransferState::Queued);
    assert_eq!(watched.sends(1, &[], 0).0, 0.0, "both wait");
    let probe = watched.model.take_ready(Utc::now() + TimeDelta::seconds(60)).unwrap();
    assert_eq!(watched.sends(1, &[&probe], 0).0, 0.0, "one tries whether it is back");
}

#[test]
fn of_short_ones_that_follow_each_other_the_whole_is_told() {
    let (mut watched, mut works) = Watched::new(1, &[2_000_000; 30]);
    let mut rates = Vec::new();
    while let Some(work) = works.pop() {
        rates.push(watched.sends(1, &[&work], 2_000_000).0);
        watched.lets_go(&work, TransferState::Done);
        works.extend(watched.take_all());
    }
    let (middle, count) = (rates[15], rates.len());
    assert!(count == 30 && about(middle, 20_000_000.0), "{count} {middle}");
}
