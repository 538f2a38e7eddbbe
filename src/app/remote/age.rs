//! How old what the pane shows is: the records, the level of the bucket, and a search that stands in the level's place, each
//! for itself. A reading that fails or is stopped makes nothing younger, and nothing older.

use chrono::{DateTime, Utc};

use super::{Remote, View};
use crate::app::fresh::Freshness;

/// When each list was read.
#[derive(Debug)]
pub(super) struct Ages {
    pub(super) records: Freshness,
    pub(super) objects: Freshness,
    pub(super) below: Freshness,
}

impl Ages {
    /// Nothing was read yet.
    pub(super) const NEW: Self = Self { records: Freshness::NEVER, objects: Freshness::NEVER, below: Freshness::NEVER };
}

impl Remote {
    /// The list of the view that is shown, whatever is searched for.
    pub(super) fn fresh(&self) -> &Freshness {
        match self.view {
            View::Catalog => &self.ages.records,
            View::Bucket => &self.ages.objects,
        }
    }

    /// When what is shown was read last, UTC; `None` where nothing could be read.
    pub fn read_at(&self) -> Option<DateTime<Utc>> {
        let shown = if self.is_searching() { &self.ages.below } else { self.fresh() };
        shown.read_at().filter(|_| !self.has_failed())
    }

    /// The view that is shown is being read from now on; where it has no rows, nothing of it is known yet.
    pub(super) fn is_asked(&mut self, now: DateTime<Utc>) {
        let (age, is_empty, is_search) = match self.view {
            View::Catalog => (&mut self.ages.records, self.catalog.pages.is_empty(), self.catalog.query().is_search()),
            View::Bucket => (&mut self.ages.objects, self.bucket.pages.is_empty(), self.bucket.below().is_some()),
        };
        if is_empty && !is_search {
            *age = Freshness::NEVER;
        }
        age.asked(now);
        if is_search {
            age.given_up();
        }
    }

    /// A page has come of the records, none of a search: what was asked for is there once none of it is missing.
    pub(super) fn records_came(&mut self) {
        if !self.catalog.is_loading() && self.catalog.pages.is_whole() {
            self.ages.records.arrived();
        }
    }

    /// A page of the level has come.
    pub(super) fn objects_came(&mut self) {
        if !self.bucket.is_loading() && self.bucket.pages.is_whole() {
            self.ages.objects.arrived();
        }
    }

    /// Nothing comes any more of what was being read for a view.
    pub(super) fn nothing_came(&mut self, view: View) {
        match view {
            View::Catalog => self.ages.records.given_up(),
            View::Bucket if self.bucket.below().is_some() => self.ages.below.given_up(),
            View::Bucket => self.ages.objects.given_up(),
        }
    }
}
