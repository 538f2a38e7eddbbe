//! How one transfer of the queue stands for a command that waits for it, and what is said about those that it no longer
//! waits for.

use std::collections::HashMap;

use super::rows::Job;
use super::standard_input::is_lost_with_us;
use crate::domain::display::display;
use crate::domain::transfer::{Hold, ProfileIdentity, TransferView};
use crate::domain::{Failure, FailureKind, TransferId, TransferKind, TransferState, format};

/// It waits for its turn, as most of a long queue do.
pub fn is_untouched(shown: &TransferView) -> bool {
    let transfer = &shown.transfer;
    transfer.state == TransferState::Queued
        && transfer.error.is_none()
        && shown.next_try_in.is_none()
        && !shown.held
        && shown.sent == 0
}

/// It waits for something that is not this program's to give.
pub fn is_parked(shown: &TransferView) -> bool {
    let transfer = &shown.transfer;
    let waits = matches!(transfer.state, TransferState::Recording | TransferState::Forgetting | TransferState::Paused);
    let queued_in_vain = transfer.state == TransferState::Queued && transfer.error.is_some();
    waits || queued_in_vain || shown.next_try_in.is_some() || shown.held
}

/// The earliest paused transfer of each key: what is behind one waits for somebody to let it go on.
#[derive(Debug, Default)]
pub struct Paused<'a>(HashMap<(&'a ProfileIdentity, &'a str), TransferId>);

impl<'a> Paused<'a> {
    /// Those of a queue.
    pub fn among(queue: impl Iterator<Item = &'a TransferView>) -> Self {
        let mut first = HashMap::new();
        for transfer in queue.map(|shown| &shown.transfer).filter(|one| one.state == TransferState::Paused) {
            let earliest: &mut TransferId = first.entry((&*transfer.profile, &*transfer.key)).or_insert(transfer.id);
            *earliest = (*earliest).min(transfer.id);
        }
        Self(first)
    }

    /// Whether this one waits for one of them. Names are in the order in which transfers were queued.
    pub fn hold(&self, shown: &TransferView) -> bool {
        let transfer = &shown.transfer;
        let first = || self.0.get(&(&*transfer.profile, &*transfer.key));
        shown.held && transfer.state == TransferState::Queued && first().is_some_and(|first| *first < transfer.id)
    }
}

/// What to say about one that is behind a paused one.
pub fn left_behind_paused(shown: &TransferView) -> String {
    let subject = Job::from(shown).subject();
    if is_lost_with_us(&shown.transfer) {
        return format!(
            "{subject}: not stored, and what was read is not kept: an earlier transfer of the same key is paused"
        );
    }
    format!("{subject}: waits for an earlier transfer of the same key, which is paused; go on with that on the screen")
}

/// How far along its life a state is.
pub const fn rank(state: TransferState) -> u8 {
    match state {
        TransferState::Queued | TransferState::Paused => 0,
        TransferState::Sending | TransferState::Receiving | TransferState::Deleting | TransferState::Waiting => 1,
        TransferState::Verifying | TransferState::Arrived => 2,
        TransferState::Recording | TransferState::Placing | TransferState::Forgetting => 3,
        TransferState::Done | TransferState::Expired | TransferState::Failed | TransferState::Cancelled => 4,
    }
}

/// What stops a whole profile, in a word or two.
pub fn word(hold: &Hold) -> String {
    match hold.failure.kind {
        FailureKind::Offline => "offline".into(),
        FailureKind::Busy => "slowed down".into(),
        FailureKind::CatalogAway => "waiting for the catalog".into(),
        FailureKind::Credentials => "wrong credentials".into(),
        FailureKind::ProfileBroken => "mistake in profile".into(),
        _ => hold.failure.what.clone(),
    }
}

/// What helps those that a command no longer waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// `windlass resume`.
    Resume,
    /// That was it: something has to change before it is of use again.
    Change,
}

impl Advice {
    fn text(self, shown: &TransferView, failure: Option<&Failure>) -> String {
        let once = |what: &str| format!("windlass resume once {what}");
        match (self, failure.map(|failure| failure.kind)) {
            (_, Some(FailureKind::Credentials)) => once(&what_is_right(shown, failure)),
            (_, Some(FailureKind::ProfileBroken)) => {
                once(&format!("profile {} is mended", display(&shown.transfer.profile.name)))
            }
            (Self::Resume, _) => "windlass resume".into(),
            (Self::Change, Some(FailureKind::CatalogAway)) => once("the catalog answers"),
            (Self::Change, Some(FailureKind::Offline)) => once("the bucket can be reached"),
            (Self::Change, Some(FailureKind::Busy)) => once("the bucket takes requests again"),
            (Self::Change, Some(FailureKind::ProfileMissing)) => once("there is such a profile"),
            (Self::Change, Some(FailureKind::ProfileElsewhere)) => "windlass resume in the folder of its .env".into(),
            (Self::Change, Some(FailureKind::ReadOnly)) => once("the profile may write"),
            (Self::Change, _) => "windlass transfers says what it waits for".into(),
        }
    }
}

/// What somebody has to see to where the bucket takes the credentials for wrong.
fn what_is_right(shown: &TransferView, failure: Option<&Failure>) -> String {
    match failure.is_some_and(|failure| failure.by_clock) {
        true => "this machine's clock is right".into(),
        false => format!("the credentials of profile {} are right", display(&shown.transfer.profile.name)),
    }
}

/// What to say about one that this command no longer waits for.
pub fn left_behind(shown: &TransferView, hold: Option<&Hold>, advice: Advice) -> String {
    let subject = Job::from(shown).subject();
    let transfer = &shown.transfer;
    let failure = hold.map(|hold| &hold.failure).or(transfer.error.as_deref());
    let reason = failure.map(|failure| format!(" ({})", reason(failure))).unwrap_or_default();
    let next = advice.text(shown, failure);
    match (transfer.kind, transfer.state) {
        _ if shown.elsewhere && failure.is_some_and(|failure| failure.kind == FailureKind::Credentials) => {
            let right = what_is_right(shown, failure);
            format!("{subject}: waits in another windlass: press r there once {right}{reason}")
        }
        (_, TransferState::Queued) if shown.elsewhere && failure.is_none() => {
            format!("{subject}: waits in another windlass: windlass transfers says what for")
        }
        (TransferKind::Upload, TransferState::Recording) => {
            format!("{subject}: stored, not recorded yet: {next}{reason}")
        }
        (TransferKind::Request, TransferState::Waiting) => {
            format!("{subject}: not uploaded yet; once it is: windlass record {subject}{reason}")
        }
        (TransferKind::Request, TransferState::Recording) => format!("{subject}: not recorded yet: {next}{reason}"),
        _ if is_lost_with_us(transfer) => {
            format!("{subject}: not stored, and what was read is not kept: upload it again{reason}")
        }
        (_, TransferState::Queued) if failure.is_none() => {
            format!("{subject}: waits for an earlier transfer of the same key: see windlass transfers")
        }
        (_, TransferState::Paused) => format!("{subject}: paused; go on with it on the screen"),
        _ => format!("{subject}: not done yet: {next}{reason}"),
    }
}

/// The same about all that wait for one thing.
pub fn left_behind_together(hold: &Hold, behind: &[&TransferView], advice: Advice) -> String {
    let Some((first, [_, ..])) = behind.split_first() else {
        return behind.first().map(|only| left_behind(only, Some(hold), advice)).unwrap_or_default();
    };
    let next = advice.text(first, Some(&hold.failure));
    let stored = |shown: &&TransferView| {
        (shown.transfer.kind, shown.transfer.state) == (TransferKind::Upload, TransferState::Recording)
    };
    let what = if behind.iter().all(stored) { "stored, not recorded yet" } else { "not done yet" };
    format!("{} {what}: {next} ({})", format::count(behind.len() as u64), reason(&hold.failure))
}

/// Why they wait. Where only a person helps, what would is said too.
fn reason(failure: &Failure) -> String {
    match failure.kind {
        FailureKind::Credentials | FailureKind::ProfileBroken => super::advice::sentence(failure),
        _ => failure.what.clone(),
    }
}

/// What was done with all that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// Nothing has ended yet.
    Nothing,
    /// This alone.
    One(TransferKind),
    /// Some this, some that.
    Several,
}

impl Did {
    /// One more has ended.
    pub fn and(self, kind: TransferKind) -> Self {
        match self {
            Self::Nothing => Self::One(kind),
            Self::One(before) if before == kind => self,
            Self::One(_) | Self::Several => Self::Several,
        }
    }

    /// The verb for it.
    pub const fn past(self) -> &'static str {
        match self {
            Self::One(TransferKind::Upload) => "uploaded",
            Self::One(TransferKind::Download) => "downloaded",
            Self::One(TransferKind::Delete) => "deleted",
            Self::One(TransferKind::Request) => "recorded",
            Self::Nothing => "done:",
            Self::Several => "done",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cli::fixtures::view;

    #[test]
    fn what_waits_for_one_thing_is_told_in_one_sentence() {
        let stored = view(TransferId::fresh(), TransferState::Recording, 10, None);
        let queued = view(TransferId::fresh(), TransferState::Queued, 0, None);
        let hold =
            Hold { failure: Failure::new(FailureKind::CatalogAway, "it sleeps"), next_try_in: Some(3), waiting: 2 };
        let told = |behind: &[&TransferView]| left_behind_together(&hold, behind, Advice::Resume);
        assert_eq!(told(&[&stored, &stored]), "2 stored, not recorded yet: windlass resume (it sleeps)");
        assert_eq!(told(&[&stored, &queued]), "2 not done yet: windlass resume (it sleeps)");
        assert_eq!(told(&[&stored]), "/f: stored, not recorded yet: windlass resume (it sleeps)");
    }

    #[test]
    fn what_resume_itself_leaves_behind_says_what_has_to_change_first() {
        let queued = view(TransferId::fresh(), TransferState::Queued, 0, None);
        let told = |kind, behind: &[&TransferView]| {
            let hold = Hold { failure: Failure::new(kind, "why"), next_try_in: None, waiting: 2 };
            left_behind_together(&hold, behind, Advice::Change)
        };
        let offline = told(FailureKind::Offline, &[&queued]);
        assert_eq!(offline, "/f: not done yet: windlass resume once the bucket can be reached (why)");
        let away = told(FailureKind::CatalogAway, &[&queued, &queued]);
        assert_eq!(away, "2 not done yet: windlass resume once the catalog answers (why)");
    }

    #[test]
    fn wrong_credentials_say_what_to_mend_before_anything_is_resumed() {
        let mut queued = view(TransferId::fresh(), TransferState::Queued, 0, None);
        let transfer = Arc::make_mut(&mut queued.transfer);
        transfer.profile = Arc::new(ProfileIdentity { name: "prod".into(), ..(*transfer.profile).clone() });
        let failure = Failure::new(FailureKind::Credentials, "the secret is wrong").hint("paste it again");
        let hold = Hold { failure, next_try_in: None, waiting: 1 };
        for advice in [Advice::Resume, Advice::Change] {
            assert_eq!(
                left_behind_together(&hold, &[&queued], advice),
                "/f: not done yet: windlass resume once the credentials of profile prod are right (the secret is wrong: \
                 paste it again)"
            );
        }
    }

    #[test]
    fn of_a_wrong_clock_nobody_is_sent_to_the_credentials() {
        let mut queued = view(TransferId::fresh(), TransferState::Queued, 0, None);
        let failure = Failure::new(FailureKind::Credentials, "the clock is an hour late").hint("set it").by_the_clock();
        let hold = Hold { failure, next_try_in: None, waiting: 1 };
        for advice in [Advice::Resume, Advice::Change] {
            assert_eq!(
                left_behind(&queued, Some(&hold), advice),
                "/f: not done yet: windlass resume once this machine's clock is right (the clock is an hour late: set it)"
            );
        }
        queued.elsewhere = true;
        assert_eq!(
            left_behind(&queued, Some(&hold), Advice::Resume),
            "/f: waits in another windlass: press r there once this machine's clock is right (the clock is an hour late: \
             set it)"
        );
    }
}
