//! Profiles that stand still, or whose records do: said once when it begins and once when it ends, however many transfers
//! wait for it.

use std::sync::Arc;

use super::Ended;
use super::words::try_again;
use crate::action::Keymap;
use crate::app::notices::Level;
use crate::domain::transfer::{Hold, Lane, ProfileIdentity, QueueView, TransferView};
use crate::domain::{FailureKind, TransferState};

/// What of a profile stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// All of it.
    Everything,
    /// The writing of records; bytes go on.
    Records,
}

/// Everything that stands still.
pub(crate) fn of(lanes: &[Lane]) -> impl Iterator<Item = (&Lane, What, &Hold)> {
    lanes.iter().flat_map(|lane| {
        let everything = lane.hold.as_ref().map(|hold| (lane, What::Everything, hold));
        let records = lane.records.as_ref().map(|hold| (lane, What::Records, hold));
        everything.into_iter().chain(records)
    })
}

/// What to say about a profile that stands still, or goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HoldNews {
    /// What stands still or goes on: the latest about it counts.
    pub(crate) about: String,
    /// How loud.
    pub(crate) level: Level,
    /// The sentence.
    pub(crate) text: String,
}

impl HoldNews {
    fn new(profile: &ProfileIdentity, what: What, (level, text): (Level, String)) -> Self {
        Self { about: format!("{what:?} of {}", profile.name), level, text }
    }
}

/// What stood still in the last snapshot, and why.
#[derive(Debug, Default)]
pub(crate) struct Holds(Vec<(Arc<ProfileIdentity>, What, FailureKind)>);

impl Holds {
    /// Takes over how the lanes stand, with what has just ended; answers what is new.
    pub(crate) fn stand(&mut self, queue: &QueueView, ended: &[Ended], keys: &Keymap) -> Vec<HoldNews> {
        let lanes = &queue.lanes;
        let mut news = Vec::new();
        for (profile, what, _) in &self.0 {
            let stands = of(lanes).any(|(lane, still, _)| lane.profile == *profile && still == *what);
            if !stands && (*what == What::Records || goes_on(profile, queue, ended)) {
                news.push(HoldNews::new(profile, *what, (Level::Info, over(profile, *what))));
            }
        }
        for (lane, what, hold) in of(lanes) {
            let known = (lane.profile.clone(), what, hold.failure.kind);
            if !self.0.contains(&known) {
                news.push(HoldNews::new(&lane.profile, what, begun(&lane.profile.name, what, hold, keys)));
            }
        }
        self.0 = of(lanes).map(|(lane, what, hold)| (lane.profile.clone(), what, hold.failure.kind)).collect();
        news
    }
}

/// Whether work of a profile is done, now or soon. Where all that waited was cancelled, nothing goes on.
fn goes_on(profile: &ProfileIdentity, queue: &QueueView, ended: &[Ended]) -> bool {
    let open = |view: &TransferView| view.transfer.state.is_open() && *view.transfer.profile == *profile;
    let through = |end: &Ended| end.state != TransferState::Cancelled && end.profile == profile.name;
    queue.transfers.iter().any(open) || ended.iter().any(through)
}

fn over(profile: &ProfileIdentity, what: What) -> String {
    match what {
        What::Everything => format!("profile {} goes on", profile.name),
        What::Records => format!("profile {}: the catalog is back", profile.name),
    }
}

fn begun(name: &str, what: What, hold: &Hold, keys: &Keymap) -> (Level, String) {
    let retry = try_again(keys);
    // What happens next comes first: a small screen cuts the end. How soon, and for how many, is said in the pane, where it
    // counts.
    let (level, next) = match (what, hold.next_try_in) {
        _ if hold.failure.lacks_profile() => (Level::Warning, format!("profile {name} waits")),
        (What::Everything, Some(_)) => (Level::Warning, format!("profile {name} waits and goes on by itself")),
        (What::Records, Some(_)) => (Level::Warning, format!("records of profile {name} wait and go on by themselves")),
        (What::Everything, None) => (Level::Error, format!("profile {name} is stopped, {retry}")),
        (What::Records, None) => (Level::Error, format!("records of profile {name} wait, {retry}")),
    };
    (level, format!("{next}; {}", hold.failure.sentence()))
}
