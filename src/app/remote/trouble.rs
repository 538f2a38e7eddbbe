//! What is known of the bucket from whatever was asked of it last: the header says so, whichever view is shown. A hold of
//! its transfers counts until the bucket answers something else.

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

/// What was last heard of the bucket.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing yet, or nothing since its transfers were stopped.
    #[default]
    None,
    /// An answer: it is there, and takes the profile.
    Answer,
    /// Why it cannot be worked with.
    Trouble(BucketTrouble),
}

impl Word {
    /// What an answer to a question, or its failure, says of the bucket; `None` where nothing reached it.
    fn of(failure: Option<&Failure>) -> Option<Self> {
        let Some(failure) = failure else { return Some(Self::Answer) };
        let answers = matches!(
            failure.kind,
            FailureKind::NotFound | FailureKind::Exists | FailureKind::Changed | FailureKind::Busy
        );
        BucketTrouble::of(failure).map(Self::Trouble).or(answers.then_some(Self::Answer))
    }
}

impl Remote {
    /// Why the bucket cannot be worked with, its transfers being stopped for this: what was heard of it since counts more.
    pub(crate) fn bucket_trouble(&self, of_transfers: Option<BucketTrouble>) -> Option<BucketTrouble> {
        match self.word {
            Word::None => of_transfers,
            Word::Answer => None,
            Word::Trouble(trouble) => Some(of_transfers.unwrap_or(trouble)),
        }
    }

    /// The bucket was read, or could not be.
    pub(super) fn bucket_read(&mut self, failure: Option<&Failure>) {
        self.word = Word::of(failure).unwrap_or(self.word);
    }

    /// The bucket was asked about one object: a right that is missing for that says nothing of all others.
    pub(crate) fn object_asked(&mut self, failure: Option<&Failure>) {
        if failure.is_none_or(|failure| failure.kind != FailureKind::Denied) {
            self.bucket_read(failure);
        }
    }

    /// Transfers of this profile have got through: the bucket is there.
    pub(crate) fn bucket_served(&mut self) {
        if matches!(self.word, Word::Trouble(_)) {
            self.word = Word::None;
        }
    }

    /// Transfers of this profile are stopped from now on: what was heard before says nothing of that.
    pub(crate) fn bucket_stops(&mut self) {
        if self.word == Word::Answer {
            self.word = Word::None;
        }
    }
}
