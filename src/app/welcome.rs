//! What stands where the first records will be. The welcome is for whoever starts with nothing configured: what this is and
//! which keys to try; it goes with the first record for good.

use super::pages::Phase;
use super::{App, BucketTrouble, View};
use crate::action::Action;
use crate::config::ProfileSource;

/// The keys to try, and what each does.
const TRY: [(Action, &str); 3] = [
    (Action::Upload, "upload a file, in Local"),
    (Action::CopyLink, "copy a link to a file, here"),
    (Action::Help, "all keys, and why one is dim"),
];

/// What the welcome says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// What this is.
    pub about: &'static str,
    /// Keys as shown, and what they do.
    pub keys: Vec<(String, &'static str)>,
    /// How to add a profile.
    pub profile: String,
}

/// Why the catalog shows no records, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRecords {
    /// The bucket refuses the profile.
    Refused,
    /// The bucket could not be read.
    Unreachable,
    /// The profile may not write any.
    ReadOnly,
    /// None were written yet.
    NoneYet,
}

impl App {
    /// Why the catalog shows no records.
    pub fn no_records(&self) -> NoRecords {
        let profile = self.remote.profile();
        match self.bucket_trouble() {
            Some(BucketTrouble::Refused) => NoRecords::Refused,
            Some(BucketTrouble::Away | BucketTrouble::Missing) => NoRecords::Unreachable,
            None if self.remote.bucket_has_failed() => NoRecords::Unreachable,
            None if profile.is_some_and(|profile| profile.read_only) => NoRecords::ReadOnly,
            None => NoRecords::NoneYet,
        }
    }

    /// The welcome, while nothing is configured and no record has ever been there.
    pub fn welcome(&self) -> Option<Welcome> {
        let empty = self.remote.view() == View::Catalog
            && matches!(self.remote.catalog().phase(), Phase::Ready)
            && self.remote.needle().is_empty();
        (self.is_new && empty && self.has_no_profile()).then(|| Welcome {
            about: "Windlass keeps files in a bucket and lists them in a catalog. Until you add a profile of your own, \
                    both are on this machine.",
            keys: TRY.iter().map(|(action, about)| (self.keymap.word(self.place(), *action), *about)).collect(),
            profile: self.how_to_add_one(),
        })
    }

    /// Notices that there are records now.
    pub(super) fn grow_old(&mut self) {
        self.is_new = self.is_new && self.remote.catalog().list().total() == 0;
    }

    fn has_no_profile(&self) -> bool {
        self.profiles.iter().all(|slot| slot.source == ProfileSource::BuiltIn)
    }

    fn how_to_add_one(&self) -> String {
        let keys = self.keymap.word(self.place(), Action::Profiles);
        format!("{keys}, then n: add a profile for R2, B2, S3, Uploadcare or another service.")
    }
}
