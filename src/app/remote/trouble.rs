//! What is known of the bucket from whatever was asked of it last: the header says so, whichever view is shown.

use super::Remote;
use crate::domain::{Failure, FailureKind};

/// Why the bucket in force cannot be worked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketTrouble {
    /// It refuses the profile.
    Refused,
    /// It cannot be reached.
    Away,
    /// There is none of that name.
    Missing,
}

impl BucketTrouble {
    /// What a failure says of the bucket as a whole, where it says anything.
    pub(crate) const fn of(failure: &Failure) -> Option<Self> {
        match failure.kind {
            FailureKind::Offline => Some(Self::Away),
            FailureKind::NoBucket => Some(Self::Missing),
            FailureKind::Credentials | FailureKind::Denied => Some(Self::Refused),
            _ => None,
        }
    }
}

impl Remote {
    /// Why the bucket could not be worked with when it was last asked.
    pub(crate) fn bucket_trouble(&self) -> Option<BucketTrouble> {
        self.trouble
    }

    /// The bucket was read, or could not be.
    pub(super) fn bucket_read(&mut self, failure: Option<&Failure>) {
        self.trouble = failure.and_then(BucketTrouble::of);
    }

    /// The bucket was asked about one object: a right that is missing for that says nothing of all others.
    pub(crate) fn object_asked(&mut self, failure: Option<&Failure>) {
        match failure {
            Some(failure) if failure.kind == FailureKind::Denied => {}
            failure => self.bucket_read(failure),
        }
    }

    /// Transfers of this profile have got through: the bucket is there.
    pub(crate) fn bucket_served(&mut self) {
        self.trouble = None;
    }
}
