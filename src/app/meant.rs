//! Whether the profile in force at start is the one that is meant, and what is shown where it is not.

use crate::action::{Keymap, Place};
use crate::config::{ProfileSlot, ProfileSource};
use crate::domain::{Failure, FailureKind};

/// Whether it is known which profile is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// It is.
    Known,
    /// A `.env` here describes several.
    Several,
    /// There is none of that name, for this reason. No other takes its place by itself.
    Absent(Failure),
}

impl Meant {
    /// What stands above the profiles where one has to be chosen.
    pub(super) fn asks(&self) -> Option<&'static str> {
        match self {
            Self::Known => None,
            Self::Several => Some("The .env here describes several: choose"),
            Self::Absent(_) => Some("default_profile names none of these: choose"),
        }
    }

    /// The slot of a profile that nobody configured.
    pub(super) fn missing(&self, name: &str, keymap: &Keymap) -> ProfileSlot {
        let what = match self {
            Self::Absent(failure) => failure.what.clone(),
            Self::Known | Self::Several => format!("there is no profile \"{name}\""),
        };
        let hint = "{profiles} has those that there are: Enter opens one, and d has it open next time";
        let failure = Failure::new(FailureKind::Usage, what).hint(keymap.filled(Place::Local, hint));
        ProfileSlot { name: name.to_owned(), source: ProfileSource::BuiltIn, provider: None, profile: Err(failure) }
    }
}
