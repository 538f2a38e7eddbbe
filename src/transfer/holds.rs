//! Why nothing of a profile is tried for now, and when one of its transfers is: one failure and one countdown for all
//! that wait, instead of one each. Pure: time comes in as a value.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::transfer::Hold;
use crate::domain::{Failure, FailureKind, TransferId, TransferKind};

/// However long the other side asks to be left alone, it is tried again after this.
pub const LONGEST_ASKED: Duration = Duration::from_secs(600);

/// Longest wait for a bucket, in seconds.
const LONGEST: u64 = 30;

/// Longest wait for a catalog, in seconds: one that sleeps is back soon.
const LONGEST_FOR_CATALOG: u64 = 8;

/// What a failure means for the transfer that met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// It waits with all others, and nothing is counted against it.
    Held,
    /// It is the transfer's own: another try of its own, or the end.
    Own,
    /// It is the transfer's own, but nobody else has got through meanwhile: it tries for as long as that is so.
    OwnLikeAll,
}

/// Whether something may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Whatever there is.
    All,
    /// One, to see whether the other side is back.
    One,
    /// Nothing.
    None,
}

/// The way to one side of a profile: its bucket, or its catalog.
#[derive(Debug, Default)]
pub enum Gate {
    /// Everything may pass.
    #[default]
    Open,
    /// Nothing does, or one at a time.
    Shut(Shut),
}

/// Why, and until when.
#[derive(Debug)]
pub struct Shut {
    failure: Failure,
    /// How often one was tried in vain.
    tries: u32,
    phase: Phase,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A moment, at which one is tried.
    Probe(DateTime<Utc>),
    /// What becomes of this one.
    Probing(TransferId),
    /// A moment, at which all go on: the other side asked to be left alone until then.
    Asked(DateTime<Utc>),
    /// Somebody who says "try again".
    User,
}

/// One is tried as soon as there is any.
const AT_ONCE: Phase = Phase::Probe(DateTime::<Utc>::MIN_UTC);

impl Gate {
    /// What may be tried now.
    pub fn pass(&self, now: DateTime<Utc>) -> Pass {
        let Self::Shut(shut) = self else { return Pass::All };
        match shut.phase {
            Phase::Probe(when) if is_due(when, now) => Pass::One,
            Phase::Asked(when) if is_due(when, now) => Pass::All,
            _ => Pass::None,
        }
    }

    /// When it has to be looked at again.
    pub fn opens_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Shut(Shut { phase: Phase::Probe(when) | Phase::Asked(when), .. }) => Some(*when),
            _ => None,
        }
    }

    /// Why requests are to be turned away; while one is tried they are not.
    pub fn turns_away(&self) -> Option<&Failure> {
        match self {
            Self::Open | Self::Shut(Shut { phase: Phase::Probing(_), .. }) => None,
            Self::Shut(shut) => Some(&shut.failure),
        }
    }

    /// Whether this is what who asks for a request is turned away with while the other side is left alone: then none
    /// was made, so the other side has not asked again, and it counts against nobody.
    pub fn is_refusal(&self, failure: &Failure) -> bool {
        let same = |said: &Failure| (said.kind, &said.what) == (failure.kind, &failure.what);
        let asked = matches!(self, Self::Shut(Shut { phase: Phase::Asked(_), failure: said, .. }) if same(said));
        // Only the lane says it without the time: that one is over from moment to moment.
        asked && failure.retry_after.is_none()
    }

    /// Whether transfers wait for it, those that are tried aside.
    pub const fn is_shut(&self) -> bool {
        matches!(self, Self::Shut(_))
    }

    /// This one is tried.
    pub fn probe(&mut self, id: TransferId) {
        if let Self::Shut(shut) = self {
            shut.phase = Phase::Probing(id);
        }
    }

    /// Whether the outcome of this one is waited for.
    pub fn is_probe(&self, id: TransferId) -> bool {
        matches!(self, Self::Shut(Shut { phase: Phase::Probing(probe), .. }) if *probe == id)
    }

    /// The other side has answered this one.
    pub fn through(&mut self, id: TransferId) {
        let proves = match self {
            Self::Open => false,
            // What was under way all along proves that a bucket can be reached, and nothing about a request to wait.
            Self::Shut(Shut { phase: Phase::Probe(_), failure, .. }) => is_away(failure),
            Self::Shut(_) => self.is_probe(id),
        };
        if proves {
            *self = Self::Open;
        }
    }

    /// What became of this one says nothing about the other side: another is tried.
    pub fn unproven(&mut self, id: TransferId) {
        if self.is_probe(id)
            && let Self::Shut(shut) = self
        {
            shut.phase = AT_ONCE;
        }
    }

    /// The user wants to see: one is tried at once.
    pub fn try_now(&mut self) {
        if let Self::Shut(shut) = self
            && !matches!(shut.phase, Phase::Probing(_))
        {
            shut.phase = AT_ONCE;
        }
    }

    /// Somebody asks for something new, and nobody else waits: what a person had to mend may have been mended.
    pub fn try_anew(&mut self) {
        if matches!(self, Self::Shut(Shut { phase: Phase::User, .. })) {
            self.try_now();
        }
    }

    /// A transfer has failed; what that means for it, and for all others.
    pub fn meet(&mut self, id: TransferId, failure: &Failure, now: DateTime<Utc>) -> Met {
        if failure.kind == FailureKind::Busy {
            self.ask(failure, now);
            return Met::Own;
        }
        let probed = self.is_probe(id);
        match self {
            Self::Open => {
                let tries = 0;
                *self = Self::Shut(Shut { failure: failure.clone(), tries, phase: phase(failure, tries, id, now) });
            }
            Self::Shut(shut) if probed || (failure.kind == FailureKind::Credentials && shut.phase != Phase::User) => {
                let tries = if probed { shut.tries.saturating_add(1) } else { 0 };
                *shut = Shut { failure: failure.clone(), tries, phase: phase(failure, tries, id, now) };
            }
            Self::Shut(_) => {}
        }
        Met::Held
    }

    /// "Leave me alone for so long" is said to the whole profile.
    fn ask(&mut self, failure: &Failure, now: DateTime<Utc>) {
        let Some(asked) = failure.retry_after else { return };
        let until = now + delta(asked.min(LONGEST_ASKED));
        match self {
            Self::Shut(Shut { phase: Phase::Asked(when), .. }) if *when >= until => {}
            Self::Open | Self::Shut(Shut { phase: Phase::Asked(_) | Phase::Probing(_), .. }) => {
                *self = Self::Shut(Shut { failure: failure.clone(), tries: 0, phase: Phase::Asked(until) });
            }
            // It was under way before the bucket went away, or the credentials were found wrong.
            Self::Shut(_) => {}
        }
    }

    /// A request to wait ends by itself.
    pub fn refresh(&mut self, now: DateTime<Utc>) {
        if matches!(self, Self::Shut(Shut { phase: Phase::Asked(when), .. }) if is_due(*when, now)) {
            *self = Self::Open;
        }
    }

    /// The hold as it is shown, with so many that wait for it besides the one that is tried; none where nobody does.
    pub fn shown(&self, waiting: usize, now: DateTime<Utc>) -> Option<Hold> {
        let Self::Shut(shut) = self else { return None };
        let waiting = waiting + usize::from(matches!(shut.phase, Phase::Probing(_)));
        let over = matches!(shut.phase, Phase::Asked(when) if is_due(when, now));
        if over || waiting == 0 {
            return None;
        }
        let next_try_in = match shut.phase {
            Phase::Probe(when) | Phase::Asked(when) => Some(seconds_until(when, now)),
            Phase::Probing(_) => Some(0),
            Phase::User => None,
        };
        Some(Hold { failure: shut.failure.clone(), next_try_in, waiting })
    }
}

/// Whether the moment of a next try has come. One that is further away than any wait was set before the clock was set
/// back, and would never come in time.
pub fn is_due(when: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    when <= now || when - now > delta(LONGEST_ASKED * 2)
}

/// Whether a failure concerns everything of a profile, or at least of its catalog.
pub const fn concerns_all(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Busy => failure.retry_after.is_some(),
        FailureKind::Offline | FailureKind::CatalogAway | FailureKind::Credentials => true,
        _ => failure.lacks_profile(),
    }
}

/// Whether a failure of such a transfer shows that the bucket was there to answer: a file that is missing here, or in the
/// way of a download, does not.
pub const fn is_buckets_answer(kind: TransferKind, failure: &Failure) -> bool {
    let of_this_disk = match kind {
        TransferKind::Upload => matches!(failure.kind, FailureKind::NotFound | FailureKind::Changed),
        TransferKind::Download => matches!(failure.kind, FailureKind::Exists),
        TransferKind::Delete | TransferKind::Request => false,
    };
    !of_this_disk && is_answer(failure)
}

/// Whether a failure shows that the other side was there to answer.
pub const fn is_answer(failure: &Failure) -> bool {
    let of_this_side = matches!(
        failure.kind,
        FailureKind::Offline
            | FailureKind::CatalogAway
            | FailureKind::ReadOnly
            | FailureKind::Local
            | FailureKind::DiskFull
            | FailureKind::Cancelled
            | FailureKind::InDoubt
            | FailureKind::Internal
            | FailureKind::Unsupported
            | FailureKind::Usage
    );
    !of_this_side && !failure.lacks_profile()
}

const fn is_away(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Offline | FailureKind::CatalogAway)
}

fn phase(failure: &Failure, tries: u32, id: TransferId, now: DateTime<Utc>) -> Phase {
    if failure.kind == FailureKind::Credentials {
        return Phase::User;
    }
    Phase::Probe(now + wait(failure, tries, id))
}

/// Waits grow from 1 s, and differ, so that many who were turned away at once do not come back at once; the other side's
/// own wish counts for more.
fn wait(failure: &Failure, tries: u32, id: TransferId) -> TimeDelta {
    if let Some(asked) = failure.retry_after {
        return delta(asked.min(LONGEST_ASKED));
    }
    let seconds = match failure.kind {
        _ if failure.lacks_profile() => LONGEST,
        FailureKind::CatalogAway => 2_u64.saturating_pow(tries).min(LONGEST_FOR_CATALOG),
        _ => 2_u64.saturating_pow(tries).min(LONGEST),
    };
    delta(Duration::from_millis(seconds * 1000 + spread(id, seconds)))
}

/// Milliseconds on top of a wait: up to a quarter of it, by the transfer's name.
pub fn spread(id: TransferId, seconds: u64) -> u64 {
    u64::from(id.0.as_bytes()[15]) * seconds * 1000 / 1024
}

/// A length of time to add to a moment.
pub fn delta(length: Duration) -> TimeDelta {
    TimeDelta::from_std(length).unwrap_or(TimeDelta::seconds(30))
}

/// Whole seconds until then, rounded up.
pub fn seconds_until(when: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
    u64::try_from((when - now).num_milliseconds()).unwrap_or(0).div_ceil(1000)
}

#[cfg(test)]
mod tests;
