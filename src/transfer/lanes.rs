//! How much of a profile goes on at once: requests that are under way, and bytes a second. Parts of large files and whole
//! small ones take turns at the same slots, first come, first served, so that neither starves the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::transfer::{self as domain, Limits, ProfileIdentity};
use crate::storage::pace::{Pace, Rate};

/// Slots a job: what a large request takes; a small one takes one.
const SLOTS_A_JOB: u32 = 4;

/// What a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It waits more than it sends: a small file, a lookup.
    Small,
    /// A part, or a file of some size.
    Large,
}

/// One profile's lane.
#[derive(Debug)]
pub struct Lane {
    limits: Mutex<Limits>,
    slots: Mutex<Arc<Semaphore>>,
    rate: Arc<Rate>,
    pace: Pace,
}

impl Lane {
    fn new(limits: Limits, total: &Arc<Rate>) -> Self {
        let rate = Rate::new(limits.rate);
        let pace = Pace::of([rate.clone(), total.clone()]);
        Self { limits: Mutex::new(limits), slots: Mutex::new(slots(limits)), rate, pace }
    }

    /// What holds now.
    pub fn limits(&self) -> Limits {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what holds. Requests under way end as they were begun.
    pub fn set(&self, limits: Limits) {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner) = limits;
        self.rate.set(limits.rate);
        let mut current = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits at the old ones is turned away and asks again.
        std::mem::replace(&mut *current, slots(limits)).close();
    }

    /// How fast bytes may go.
    pub fn pace(&self) -> Pace {
        self.pace.clone()
    }

    /// Waits for the right to make a request; it ends with the permit.
    pub async fn request(&self, weight: Weight) -> OwnedSemaphorePermit {
        let slots = match weight {
            Weight::Small => 1,
            Weight::Large => SLOTS_A_JOB,
        };
        loop {
            let current = self.slots.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Ok(permit) = current.acquire_many_owned(slots).await {
                return permit;
            }
        }
    }
}

fn slots(limits: Limits) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(limits.jobs.clamp(1, 1024) * SLOTS_A_JOB as usize))
}

/// The lanes of all profiles.
#[derive(Debug)]
pub struct Lanes {
    default: Limits,
    total: Arc<Rate>,
    lanes: Mutex<HashMap<Arc<ProfileIdentity>, Arc<Lane>>>,
}

impl Lanes {
    /// Lanes with so many jobs each; the rate holds for all of them together.
    pub fn new(default: Limits) -> Self {
        Self { default, total: Rate::new(default.rate), lanes: Mutex::default() }
    }

    /// A profile's lane, made when it is first asked for.
    pub fn lane(&self, profile: &Arc<ProfileIdentity>) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(Lane::new(Limits { rate: 0, ..self.default }, &self.total));
        lanes.entry(profile.clone()).or_insert_with(fresh).clone()
    }
}

impl Lanes {
    /// The lanes as they are shown.
    pub fn view(&self) -> Vec<domain::Lane> {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = lanes.iter().map(|(profile, lane)| {
            let (profile, limits) = (profile.clone(), lane.limits());
            domain::Lane { profile, limits, hold: None, records: None }
        });
        shown.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn lane(jobs: usize) -> Lane {
        Lane::new(Limits { jobs, rate: 0 }, &Rate::new(0))
    }

    #[tokio::test]
    async fn a_small_request_counts_a_quarter() {
        let lane = lane(1);
        let mut held = Vec::new();
        for _ in 0..SLOTS_A_JOB {
            held.push(lane.request(Weight::Small).await);
        }
        assert!(lane.request(Weight::Small).now_or_never().is_none());
        held.clear();
        let _part = lane.request(Weight::Large).await;
        assert!(lane.request(Weight::Small).now_or_never().is_none());
    }

    #[tokio::test]
    async fn who_waits_feels_a_new_limit() {
        let lane = Arc::new(lane(1));
        let _held = lane.request(Weight::Large).await;
        let waiting = tokio::spawn({
            let lane = lane.clone();
            async move { lane.request(Weight::Large).await }
        });
        tokio::task::yield_now().await;
        lane.set(Limits { jobs: 2, rate: 5 });
        let _turn = waiting.await.unwrap();
        assert_eq!(lane.limits(), Limits { jobs: 2, rate: 5 });
    }
}
