//! Where the pane Remote stands: what of it is remembered, and how somebody is led to another place.

use super::{Remote, View};
use crate::app::list::List;
use crate::app::memory::letters;
use crate::app::outbox::Outbox;
use crate::app::requests::Purpose;
use crate::app::rows::Rows;
use crate::app::standing::{Route, Sought, Standing, Under};
use crate::config::memory::Place;
use crate::domain::Narrow;

impl Remote {
    /// The prefix that the view stands in; empty at the top, and where the catalog shows no folders.
    pub fn prefix(&self) -> &str {
        match self.view {
            View::Catalog => self.catalog.folder().unwrap_or_default(),
            View::Bucket => self.bucket.prefix(),
        }
    }

    /// Where somebody stands in the view; `None` where the catalog shows no folders.
    pub(crate) fn standing(&self) -> Option<&Standing> {
        match self.view {
            View::Catalog => self.catalog.folder().map(|_| &self.catalog.standing),
            View::Bucket => Some(&self.bucket.standing),
        }
    }

    fn standing_mut(&mut self) -> &mut Standing {
        match self.view {
            View::Catalog => &mut self.catalog.standing,
            View::Bucket => &mut self.bucket.standing,
        }
    }

    /// Remembers that somebody has typed where it stands now, to tell whether that is there.
    pub(crate) fn seek(&mut self, key: &str) {
        self.standing_mut().seek(key);
    }

    /// What was typed to go to and may still come.
    pub(crate) fn awaited_key(&self) -> Option<&str> {
        self.standing().and_then(Standing::awaited)
    }

    /// Whether what was typed is there; an answer is told once.
    pub(crate) fn jump_seen(&mut self) -> Sought {
        self.standing_mut().seen()
    }

    /// What is under the cursor.
    pub(crate) fn under(&self) -> Option<Under<'_>> {
        match self.view {
            View::Catalog => self.catalog.under(),
            View::Bucket => self.bucket.under(),
        }
    }

    /// Where what is under the cursor leads to.
    pub(crate) fn opens(&self) -> Option<Route> {
        let searched_for = match self.view {
            View::Catalog => self.catalog.query().is_search(),
            View::Bucket => self.bucket.below().is_some(),
        };
        self.under().and_then(|under| under.route(searched_for))
    }

    /// Goes to another level of the view and reads it; whether there is a way.
    pub(crate) fn go(&mut self, route: Route, out: &mut Outbox) -> bool {
        let moved = match self.view {
            View::Catalog => self.catalog.go(route),
            View::Bucket => self.bucket.go(route),
        };
        if moved {
            if self.view == View::Catalog {
                out.give_up(&Purpose::Estimate);
            }
            out.give_up(&Purpose::Below);
            self.database.begin_anew();
            self.read_again(true, out);
        }
        moved
    }

    /// Gives the prefix a letter, in both views: they are prefixes of the same keys.
    pub(crate) fn bookmark(&mut self, letter: char) {
        let prefix = self.prefix().to_owned();
        self.set_bookmark(letter, &prefix);
    }

    fn set_bookmark(&mut self, letter: char, prefix: &str) {
        for standing in [&mut self.bucket.standing, &mut self.catalog.standing] {
            standing.set_bookmark(letter, prefix.to_owned());
        }
    }

    /// The place in this bucket, to be remembered.
    pub(crate) fn place(&self) -> Place {
        let letters = self.bucket.standing.history().bookmarks().iter();
        Place {
            listing: self.view == View::Bucket,
            prefix: self.bucket.prefix().to_owned(),
            folder: self.catalog.folder().filter(|_| !self.catalog.is_visiting()).map(str::to_owned),
            prefixes: letters.map(|(letter, prefix)| (letter.to_string(), prefix.clone())).collect(),
        }
    }

    /// Stands where somebody stood before; nothing is asked yet. `view`: what was shown then is shown again.
    pub(crate) fn stand_again(&mut self, place: Place, view: bool) {
        for (letter, prefix) in letters(&place.prefixes) {
            self.set_bookmark(letter, prefix);
        }
        if view && place.listing {
            self.view = View::Bucket;
        }
        self.bucket.stand(place.prefix);
        if let Some(folder) = place.folder {
            self.catalog.stand(folder);
        }
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
