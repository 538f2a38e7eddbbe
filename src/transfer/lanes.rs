//! How much of a profile goes on at once: requests that are under way, and bytes a second. Parts of large files and whole
//! small ones share the same slots: a free one goes to the file that has the fewest, so that neither starves the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

pub use super::shares::Weight;
use super::shares::{Bounds, Held, Shares};
use crate::domain::transfer::{self as domain, Limits, ProfileIdentity};
use crate::domain::{Failure, FailureKind, Result};
use crate::storage::pace::{Pace, Rate};

/// Slots a job: what a large request takes; a small one takes one.
const SLOTS_A_JOB: u64 = 4;

/// The right to a request under way.
pub type Permit = Held;

/// The limits of a lane.
#[derive(Debug, Clone, Copy)]
struct InForce {
    limits: Limits,
    /// Somebody has said so while the program runs: what is configured waits until its next start.
    by_hand: bool,
}

/// One profile's lane.
#[derive(Debug)]
pub struct Lane {
    limits: Mutex<InForce>,
    slots: Arc<Shares>,
    /// Why requests are turned away for now.
    shut: watch::Sender<Option<Failure>>,
    rate: Arc<Rate>,
    pace: Pace,
}

impl Lane {
    fn new(limits: Limits, total: &Arc<Rate>) -> Self {
        let rate = Rate::new(limits.rate);
        let pace = Pace::of([rate.clone(), total.clone()]);
        Self {
            limits: Mutex::new(InForce { limits, by_hand: false }),
            slots: Shares::new(slots(limits)),
            shut: watch::Sender::new(None),
            rate,
            pace,
        }
    }

    /// What holds now.
    pub fn limits(&self) -> Limits {
        lock(&self.limits).limits
    }

    /// Changes what holds. Requests under way end as they were begun.
    pub fn set(&self, limits: Limits) {
        self.put(&mut lock(&self.limits), InForce { limits, by_hand: true });
    }

    /// The profile says this by now.
    fn follow(&self, limits: Limits) {
        let mut now = lock(&self.limits);
        if !now.by_hand && now.limits != limits {
            self.put(&mut now, InForce { limits, by_hand: false });
        }
    }

    fn put(&self, now: &mut InForce, next: InForce) {
        *now = next;
        self.rate.set(next.limits.rate);
        self.slots.set(slots(next.limits));
    }

    /// How fast bytes may go.
    pub fn pace(&self) -> Pace {
        self.pace.clone()
    }

    /// Waits for the right to make a request; it ends with the permit.
    ///
    /// # Errors
    /// Why the profile is on hold, without for how long: the transfer hands this on, and waits with all others.
    pub async fn request(&self, weight: Weight) -> Result<Permit> {
        let slots = match weight {
            Weight::Small => 1,
            Weight::Large(_) => SLOTS_A_JOB,
        };
        tokio::select! {
            biased;
            failure = self.turned_away() => Err(failure),
            turn = self.slots.take(None, weight, slots) => turn.ok_or_else(gone),
        }
    }

    /// Waits until the lane is shut.
    async fn turned_away(&self) -> Failure {
        let mut shut = self.shut.subscribe();
        let failure = shut.wait_for(Option::is_some).await.ok().and_then(|failure| failure.clone());
        match failure {
            // How long is the hold's to say, and no longer what it was when the lane was shut.
            Some(failure) => failure.retry_after(None),
            None => std::future::pending().await,
        }
    }

    /// Turns away whoever asks for a request, and whoever waits for one, with this failure; `None` lets them through
    /// again. Requests under way end by themselves.
    pub fn shut(&self, why: Option<&Failure>) {
        self.shut.send_if_modified(|shut| {
            let changes = shut.as_ref() != why;
            if changes {
                *shut = why.cloned();
            }
            changes
        });
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All of them; half as many again, in whole jobs, for files that begin while others have all of them, and one for every
/// two jobs, and one at least, that small ones have in any case.
fn slots(limits: Limits) -> Bounds {
    let jobs = limits.jobs.clamp(1, 1024) as u64;
    Bounds { most: jobs * SLOTS_A_JOB, least: 0, beyond: jobs / 2 * SLOTS_A_JOB, few: (jobs / 2).max(1) }
}

/// Nobody takes slots away.
fn gone() -> Failure {
    Failure::new(FailureKind::Internal, "the turn of a request is gone")
}

/// What a profile's limits are as it is configured.
type Configured = Box<dyn Fn(&ProfileIdentity) -> Limits + Send + Sync>;

/// The lanes of all profiles.
pub struct Lanes {
    configured: Configured,
    total: Arc<Rate>,
    lanes: Mutex<HashMap<Arc<ProfileIdentity>, Arc<Lane>>>,
}

impl std::fmt::Debug for Lanes {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Lanes").field("lanes", &self.lanes).finish_non_exhaustive()
    }
}

impl Default for Lanes {
    fn default() -> Self {
        Self::new(0, Box::new(|_| Limits { jobs: 8, rate: 0 }))
    }
}

impl Lanes {
    /// Lanes with the limits that their profiles are configured with, and so many bytes a second all together.
    pub fn new(total: u64, configured: Configured) -> Self {
        Self { configured, total: Rate::new(total), lanes: Mutex::default() }
    }

    /// A profile's lane, made when it is first asked for.
    pub fn lane(&self, profile: &Arc<ProfileIdentity>) -> Arc<Lane> {
        let mut lanes = lock(&self.lanes);
        let fresh = || Arc::new(Lane::new((self.configured)(profile), &self.total));
        lanes.entry(profile.clone()).or_insert_with(fresh).clone()
    }

    /// The profile was opened: it may say something else by now, or have been broken when its lane was made.
    pub fn opened(&self, profile: &Arc<ProfileIdentity>) {
        self.lane(profile).follow((self.configured)(profile));
    }
}

impl Lanes {
    /// The lanes as they are shown.
    pub fn view(&self) -> Vec<domain::Lane> {
        let lanes = lock(&self.lanes);
        let shown = lanes.iter().map(|(profile, lane)| {
            let (profile, limits) = (profile.clone(), lane.limits());
            domain::Lane { profile, limits, hold: None, records: None }
        });
        let mut shown: Vec<domain::Lane> = shown.collect();
        shown.sort_by(|one, other| one.profile.name.cmp(&other.profile.name));
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TransferId;
    use futures::FutureExt;

    fn lane(jobs: usize) -> Lane {
        Lane::new(Limits { jobs, rate: 0 }, &Rate::new(0))
    }

    fn large() -> Weight {
        Weight::Large(TransferId::fresh())
    }

    #[tokio::test]
    async fn a_small_request_counts_a_quarter() {
        let lane = lane(1);
        let mut held = Vec::new();
        for _ in 0..SLOTS_A_JOB {
            held.push(lane.request(Weight::Small).await.unwrap());
        }
        assert!(lane.request(Weight::Small).now_or_never().is_none());
        held.clear();
        let _part = lane.request(large()).await.unwrap();
        let _beside = lane.request(Weight::Small).now_or_never().unwrap().unwrap();
        assert!(lane.request(Weight::Small).now_or_never().is_none(), "one goes beside it");
    }

    #[tokio::test]
    async fn a_second_file_and_a_small_one_begin_while_one_file_has_all_slots() {
        let (lane, huge) = (lane(4), large());
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(lane.request(huge).await.unwrap());
        }
        assert!(lane.request(huge).now_or_never().is_none(), "all slots are its own");
        held.push(lane.request(large()).now_or_never().unwrap().unwrap());
        held.push(lane.request(Weight::Small).now_or_never().unwrap().unwrap());
        assert!(lane.request(large()).now_or_never().is_none(), "there is an end to it");
    }

    #[tokio::test]
    async fn who_waits_feels_a_new_limit() {
        let lane = Arc::new(lane(1));
        let _held = lane.request(large()).await.unwrap();
        let waiting = tokio::spawn({
            let lane = lane.clone();
            async move { lane.request(large()).await }
        });
        tokio::task::yield_now().await;
        lane.set(Limits { jobs: 2, rate: 5 });
        let _turn = waiting.await.unwrap().unwrap();
        assert_eq!(lane.limits(), Limits { jobs: 2, rate: 5 });
    }

    #[test]
    fn a_profile_that_is_mended_has_its_own_limits_unless_somebody_has_set_others() {
        let said = Arc::new(Mutex::new(Limits { jobs: 8, rate: 0 }));
        let configured = said.clone();
        let lanes = Lanes::new(0, Box::new(move |_| *lock(&configured)));
        let [left, set] = ["left", "set"].map(crate::transfer::tests::profile);
        lanes.lane(&left);
        lanes.lane(&set).set(Limits { jobs: 3, rate: 7 });
        *lock(&said) = Limits { jobs: 1, rate: 5 };
        [&left, &set].into_iter().for_each(|profile| lanes.opened(profile));
        assert_eq!(lanes.lane(&left).limits(), Limits { jobs: 1, rate: 5 });
        assert_eq!(lanes.lane(&set).limits(), Limits { jobs: 3, rate: 7 });
    }

    #[tokio::test]
    async fn a_shut_lane_turns_away_who_asks_and_who_waits() {
        let lane = lane(1);
        let held = [lane.request(large()).await.unwrap(), lane.request(Weight::Small).await.unwrap()];
        let mut waiting = Box::pin(lane.request(Weight::Small));
        assert!(futures::poll!(&mut waiting).is_pending());
        let failure = Failure::new(FailureKind::Offline, "no route");
        lane.shut(Some(&failure));
        assert_eq!(waiting.await.unwrap_err(), failure);
        assert_eq!(lane.request(Weight::Small).await.unwrap_err(), failure);
        lane.shut(None);
        drop(held);
        assert!(lane.request(Weight::Small).await.is_ok());
    }
}
