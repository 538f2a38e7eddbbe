//! Where the pane Remote stands: what of it is remembered, and how somebody is led to another place.

use super::{Remote, View};
use crate::app::list::List;
use crate::app::memory::letters;
use crate::app::outbox::Outbox;
use crate::app::rows::Rows;
use crate::config::memory::Place;
use crate::domain::Narrow;

impl Remote {
    /// The place in this bucket, to be remembered.
    pub(crate) fn place(&self) -> Place {
        let letters = self.bucket.history().bookmarks().iter();
        Place {
            listing: self.view == View::Bucket,
            prefix: self.bucket.prefix().to_owned(),
            prefixes: letters.map(|(letter, prefix)| (letter.to_string(), prefix.clone())).collect(),
        }
    }

    /// Stands where somebody stood before; nothing is asked yet. `view`: what was shown then is shown again.
    pub(crate) fn stand_again(&mut self, place: Place, view: bool) {
        for (letter, prefix) in letters(&place.prefixes) {
            self.bucket.set_bookmark(letter, prefix.clone());
        }
        if view && place.listing {
            self.view = View::Bucket;
        }
        self.bucket.stand(place.prefix, None);
    }

    /// Shows the bucket itself; the caller asks for its first page.
    pub(crate) fn show_bucket(&mut self) {
        self.view = View::Bucket;
    }

    /// Works on the list that is shown, with its rows.
    pub(crate) fn on_list<T>(&mut self, work: impl FnOnce(&mut List, &dyn Rows) -> T) -> T {
        match self.view {
            View::Catalog => work(&mut self.catalog.pages.list, &self.catalog.pages.rows),
            View::Bucket => work(&mut self.bucket.pages.list, &self.bucket.pages.rows),
        }
    }

    /// What the list that is shown is narrowed to.
    pub(crate) fn narrowing(&self) -> &Narrow {
        match self.view {
            View::Catalog => &self.catalog.query().narrow,
            View::Bucket => self.bucket.list().narrow(),
        }
    }

    /// Narrows the list that is shown; the records in the database.
    pub(crate) fn narrow(&mut self, narrow: Narrow, out: &mut Outbox) {
        match self.view {
            View::Catalog => self.narrow_records(narrow, out),
            View::Bucket => self.bucket.pages.list.set_narrow(&self.bucket.pages.rows, narrow),
        }
    }

    /// Narrows nothing any more: another profile is in force.
    pub(super) fn widen(&mut self) {
        self.bucket.pages.list.set_narrow(&self.bucket.pages.rows, Narrow::default());
    }
}
