//! The pane Remote: the profile in force, its two views, and what the last query saw of the database.

mod age;
mod chosen;
mod records;
mod searching;
mod sight;
mod standing;
mod trouble;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use self::trouble::BucketTrouble;
use super::bucket::Bucket;
use super::catalog::Catalog;
use super::database::{Database, Watch};
use super::effect::Effect;
use super::list::List;
use super::outbox::Outbox;
use super::pages::Tail;
use super::requests::Purpose;
use super::rows::SortBy;
use crate::config::memory::Place;
use crate::config::{Profile, ProfileSlot};
use crate::domain::{Failure, ListPage, Result, RowSecurity};

/// What the pane shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The records.
    Catalog,
    /// The objects.
    Bucket,
}

/// The pane's state.
#[derive(Debug)]
pub struct Remote {
    /// The profile in force, usable or not.
    slot: ProfileSlot,
    view: View,
    catalog: Catalog,
    bucket: Bucket,
    database: Watch,
    /// Why the bucket cannot be worked with.
    word: trouble::Word,
    /// How old what is shown is.
    ages: age::Ages,
}

impl Remote {
    /// A profile is in force; nothing is asked yet.
    pub(crate) fn new(slot: ProfileSlot) -> Self {
        Self {
            slot,
            view: View::Catalog,
            catalog: Catalog::new(),
            bucket: Bucket::new(),
            database: Watch::NEW,
            word: trouble::Word::default(),
            ages: age::Ages::NEW,
        }
    }

    /// The profile in force, usable or not.
    pub fn slot(&self) -> &ProfileSlot {
        &self.slot
    }

    /// The profile in force, where it is usable.
    pub fn profile(&self) -> Option<&Arc<Profile>> {
        self.slot.profile.as_ref().ok()
    }

    /// What is shown.
    pub fn view(&self) -> View {
        self.view
    }

    /// The view Catalog.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The view Bucket.
    pub fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// What the last query saw of the database.
    pub fn database(&self) -> &Database {
        self.database.state()
    }

    /// What is known of the database's row-level security; asked only where the profile counts on it.
    pub fn row_security(&self) -> Option<&RowSecurity> {
        self.database.row_security()
    }

    /// Cursor, marks, filter and order of the view that is shown.
    pub fn list(&self) -> &List {
        match self.view {
            View::Catalog => self.catalog.list(),
            View::Bucket => self.bucket.list(),
        }
    }

    /// What the view that is shown searches for, or filters by; empty without anything.
    pub fn needle(&self) -> &str {
        match self.view {
            View::Catalog => &self.catalog.query().search,
            View::Bucket => self.bucket.list().filter(),
        }
    }

    /// Adds up what the marked objects weigh.
    pub(crate) fn weigh(&mut self) {
        self.catalog.pages.list.weigh(&self.catalog.pages.rows);
        self.bucket.pages.list.weigh(&self.bucket.pages.rows);
    }

    /// The user whose records are shown; `None` is everyone's.
    pub fn user(&self) -> Option<&str> {
        if self.catalog.all_users() { None } else { self.profile()?.user_id.as_deref() }
    }

    pub(crate) fn list_mut(&mut self) -> &mut List {
        match self.view {
            View::Catalog => &mut self.catalog.pages.list,
            View::Bucket => &mut self.bucket.pages.list,
        }
    }

    pub(crate) fn set_page(&mut self, rows: usize) {
        self.catalog.pages.list.set_page(rows);
        self.bucket.pages.list.set_page(rows);
    }

    pub(crate) fn filter(&mut self, text: &str, out: &mut Outbox) {
        match self.view {
            View::Catalog => self.search(text, out),
            View::Bucket => self.bucket.pages.list.set_filter(&self.bucket.pages.rows, text),
        }
    }

    pub(crate) fn sort(&mut self, by: SortBy, out: &mut Outbox) {
        match self.view {
            View::Catalog => self.sort_records(by, out),
            View::Bucket => self.bucket.pages.list.set_sort(&self.bucket.pages.rows, by),
        }
    }

    /// Another profile is in force: everything is read anew, the bucket where somebody stood in it last.
    pub(crate) fn switch(&mut self, slot: ProfileSlot, place: Option<Place>, out: &mut Outbox) {
        for purpose in [Purpose::Records, Purpose::Estimate, Purpose::Objects, Purpose::Below, Purpose::RowSecurity] {
            out.give_up(&purpose);
        }
        self.slot = slot;
        self.catalog.clear();
        self.bucket.clear();
        self.widen();
        self.stand_again(place.unwrap_or_default(), false);
        self.database = Watch::NEW;
        self.word = trouble::Word::default();
        self.ages = age::Ages::NEW;
        self.read(out);
    }

    /// Shows the next view.
    pub(crate) fn next_view(&mut self, out: &mut Outbox) {
        // A search through the bucket costs a request for every 1,000 objects: out of sight it does not go on.
        if self.is_searching() && self.is_loading() {
            self.stop(out);
        }
        self.view = match self.view {
            View::Catalog => View::Bucket,
            View::Bucket => View::Catalog,
        };
        if self.fresh().asked_at().is_none() {
            self.read(out);
        } else {
            self.tick(out);
        }
    }

    /// Shows mine or everyone's records.
    pub(crate) fn toggle_users(&mut self, out: &mut Outbox) {
        self.forget_estimate(out);
        self.catalog.toggle_users();
        self.read(out);
    }

    /// Reads what is shown from its first page on, and all that was loaded.
    pub(crate) fn read(&mut self, out: &mut Outbox) {
        self.database.begin_anew();
        if self.view == View::Catalog {
            self.give_up_records(out);
        }
        self.read_again(true, out);
    }

    fn read_again(&mut self, whole: bool, out: &mut Outbox) {
        self.is_asked(out.now);
        match self.view {
            View::Catalog => {
                self.catalog.again(whole);
                self.ask_first(out);
                if self.user().is_none() && !self.catalog.query().is_level() {
                    self.ask_estimate(out);
                }
            }
            View::Bucket => {
                if self.search_again(out) {
                    return;
                }
                self.bucket.pages.again(whole);
                self.ask_objects(None, out);
            }
        }
    }

    fn ask_objects(&mut self, token: Option<String>, out: &mut Outbox) {
        let Some(profile) = self.name_or_fail(View::Bucket, out) else { return };
        let prefix = self.bucket.prefix().to_owned();
        out.ask(Purpose::Objects, |request| Effect::ListBucket { request, profile, prefix, token });
    }

    /// The profile's name; a broken profile's failure becomes the view's.
    fn name_or_fail(&mut self, view: View, out: &mut Outbox) -> Option<String> {
        match &self.slot.profile {
            Ok(profile) => Some(profile.name.clone()),
            Err(failure) => {
                self.failed(view, failure.clone(), out);
                None
            }
        }
    }

    fn failed(&mut self, view: View, failure: Failure, out: &mut Outbox) {
        self.nothing_came(view);
        let unseen = match view {
            View::Catalog => self.catalog.failed(failure),
            View::Bucket => self.bucket.failed(failure),
        };
        if let Some(failure) = unseen {
            out.fail(&failure);
        }
    }

    /// Asks for the next page where the cursor comes near the end of what is there.
    pub(crate) fn read_on(&mut self, out: &mut Outbox) {
        match self.view {
            View::Catalog => {
                if let Some(asking) = self.catalog.next_wanted() {
                    self.ask_records(asking, out);
                }
            }
            View::Bucket => {
                if let Some(token) = self.bucket.next_wanted() {
                    self.ask_objects(token, out);
                }
            }
        }
    }

    /// The last row: reads on until it has come.
    pub(crate) fn go_last(&mut self) {
        self.list_mut().go(usize::MAX);
        match self.view {
            View::Catalog => self.catalog.pages.want_end(),
            View::Bucket => self.bucket.pages.want_end(),
        }
    }

    /// Nothing is wanted any more of what is further down, neither the last row nor one that was asked for: somebody moved
    /// on. Answers whether one was asked for.
    pub(crate) fn move_on(&mut self) -> bool {
        self.catalog.pages.forget_end();
        self.bucket.pages.forget_end();
        let (in_catalog, in_bucket) = (self.catalog.standing.look_no_further(), self.bucket.standing.look_no_further());
        in_catalog || in_bucket
    }

    /// Stops what is being read for this view; whether anything was. A list that catches up by itself goes on doing so: nobody
    /// began that, and without it the list would not be whole.
    pub(crate) fn stop(&mut self, out: &mut Outbox) -> bool {
        if self.is_catching_up() {
            return false;
        }
        self.nothing_came(self.view);
        match self.view {
            View::Catalog => {
                self.database.given_up();
                // A search that nobody waits for any more ends by itself, and its connection stays good.
                let stopped = self.catalog.is_loading() && (self.give_up_records(out) | self.catalog.stop());
                self.spoil_what_was_cut_short();
                stopped
            }
            View::Bucket => {
                out.give_up(&Purpose::Below);
                out.give_up(&Purpose::Objects) | self.bucket.pages.stop()
            }
        }
    }

    fn is_catching_up(&self) -> bool {
        match self.view {
            View::Catalog => self.catalog.pages.is_catching_up(),
            View::Bucket => self.bucket.pages.is_catching_up(),
        }
    }

    /// Whether a page of the view that is shown is on its way.
    pub fn is_loading(&self) -> bool {
        match self.view {
            View::Catalog => self.catalog.is_loading(),
            View::Bucket => self.bucket.is_loading(),
        }
    }

    /// What comes behind the last row.
    pub fn tail(&self) -> &Tail {
        match self.view {
            View::Catalog => self.catalog.tail(),
            View::Bucket => self.bucket.tail(),
        }
    }

    /// Takes over objects.
    pub(crate) fn objects_arrived(&mut self, page: Result<ListPage>, out: &mut Outbox) {
        self.bucket_read(page.as_ref().err());
        match page {
            Ok(page) => {
                if let Some(token) = self.bucket.arrived(page) {
                    self.ask_objects(Some(token), out);
                }
                self.objects_came();
            }
            Err(failure) => self.failed(View::Bucket, failure, out),
        }
    }

    /// Transfers have changed bucket and catalog: both are read again once they are shown, at most once a second.
    pub(crate) fn changed(&mut self, deleted: &HashSet<&str>) {
        self.database.heard();
        self.ages.records.spoil();
        self.ages.objects.spoil();
        self.catalog.changed(deleted);
        if !deleted.is_empty() {
            self.bucket.remove(|row| deleted.contains(&*row.key));
        }
    }

    /// Transfers of this profile are stopped by its database from now on, or by nothing of it any more.
    pub(crate) fn database_stops(&mut self, why: Option<&Failure>) {
        match why {
            Some(failure) => self.database.stops(failure),
            None => self.database.stops_no_more(),
        }
    }

    /// When there is something to do without a key being pressed, UTC.
    pub(crate) fn next_moment(&self) -> Option<DateTime<Utc>> {
        let reading = self.fresh().due().filter(|_| !self.is_loading() && !self.is_searching());
        [reading, self.again_at(), self.database.next_moment()].into_iter().flatten().min()
    }

    /// When a sleeping database is asked again, UTC; not while its records are out of sight.
    fn again_at(&self) -> Option<DateTime<Utc>> {
        self.database.again_at().filter(|_| self.view == View::Catalog && !self.is_loading())
    }

    /// Does what time has come for.
    pub(crate) fn tick(&mut self, out: &mut Outbox) {
        self.database.tick(out.now);
        if self.again_at().is_some_and(|moment| moment <= out.now) {
            self.read_again(true, out);
        }
        if !self.is_loading() && !self.is_searching() && self.fresh().due().is_some_and(|due| due <= out.now) {
            self.read_again(false, out);
        }
    }
}
