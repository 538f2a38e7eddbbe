//! Remote's view Catalog: the profile's records a page at a time, in the order, and with the search, that the database is
//! asked for. What was shown before a search is kept, and is there again when it ends.

mod folders;
mod query;
mod rows;
mod visit;

use std::collections::HashSet;

pub use folders::CatalogRow;
pub use query::Query;
pub(crate) use query::{After, Asking, CatalogPage, Flight, Landed};
pub(crate) use rows::Records;
pub use rows::{RecordRow, ShelfRow};

use super::list::List;
use super::pages::{Pages, Phase, Tail};
use super::rows::{Rows, Sort};
use super::standing::Standing;
use crate::domain::Failure;
use crate::domain::capability::Reason;
use visit::Visit;

/// Rows a page.
pub(crate) const PAGE: u32 = 200;

/// Rows a page where pages are read until one row comes.
pub(crate) const LONG_PAGE: u32 = 1000;

/// The most records that are kept at once: about 10 MiB. Older ones are found by searching.
const MOST: usize = 50_000;

/// The most hits of a search that are kept at once, beside the list from before it.
const MOST_FOUND: usize = 10_000;

/// The list as it was before a search.
#[derive(Debug)]
struct Before {
    pages: Pages<Records, After>,
    of: Query,
    /// Transfers have changed the table meanwhile.
    outdated: bool,
}

impl Before {
    /// Takes rows out that are gone.
    fn remove(&mut self, deleted: &HashSet<&str>) {
        forget(&mut self.pages, deleted);
        self.outdated = true;
    }
}

/// The view's state.
#[derive(Debug)]
pub struct Catalog {
    pub(crate) pages: Pages<Records, After>,
    /// What is wanted.
    query: Query,
    /// Where somebody stands among folders, or stood when they were on, and has been.
    pub(crate) standing: Standing,
    /// What the rows that are shown were read by: another only until the first page of what is wanted is there.
    of: Query,
    before: Option<Box<Before>>,
    visit: Option<Box<Visit>>,
    /// The list that came back from before a search is older than the last change.
    outdated: bool,
    pub(crate) flight: Flight,
    /// Rows of the table that the search has looked at, where that is known.
    looked_at: u64,
    /// Why the search has no index to go by.
    unindexed: Option<Reason>,
    /// Everyone's records although the profile has a user.
    all_users: bool,
    estimate: Option<u64>,
}

impl Catalog {
    /// Nothing read yet.
    pub(crate) fn new() -> Self {
        Self {
            pages: Pages::new(Records::default(), Sort::NEWEST, MOST),
            query: Query::default(),
            standing: Standing::default(),
            of: Query::default(),
            before: None,
            visit: None,
            outdated: false,
            flight: Flight::default(),
            looked_at: 0,
            unindexed: None,
            all_users: false,
            estimate: None,
        }
    }

    /// Cursor and marks.
    pub fn list(&self) -> &List {
        &self.pages.list
    }

    /// What is known of the whole list.
    pub fn phase(&self) -> Phase<'_> {
        self.pages.phase()
    }

    /// What comes behind the last row.
    pub fn tail(&self) -> &Tail {
        self.pages.tail()
    }

    /// Whether a page is on its way.
    pub fn is_loading(&self) -> bool {
        self.pages.is_loading()
    }

    /// What is wanted of the table.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Whether the rows that are shown are those of an earlier query, until the first of this one are there.
    pub fn is_behind(&self) -> bool {
        self.query != self.of
    }

    /// How many rows of the table a search has looked at that still goes on; `None` where that is not known.
    pub fn looked_at(&self) -> Option<u64> {
        let goes_on = self.query.is_search() && !self.is_behind() && *self.tail() == Tail::More;
        (goes_on && self.looked_at > 0).then_some(self.looked_at)
    }

    /// Why the search that is shown has no index to go by.
    pub fn unindexed(&self) -> Option<Reason> {
        self.unindexed.filter(|_| self.query.is_search() && !self.is_behind())
    }

    /// Whether everyone's records are shown although the profile has a user.
    pub fn all_users(&self) -> bool {
        self.all_users
    }

    /// How many records there are, roughly, whatever is searched for: shown with `~`.
    pub fn estimate(&self) -> Option<u64> {
        self.estimate
    }

    /// How many records there are, where all are loaded, whatever is searched for.
    pub fn exact(&self) -> Option<u64> {
        let pages = match &self.before {
            Some(before) if before.outdated || before.of.is_level() => return None,
            Some(before) if before.of.narrow == self.query.narrow => &before.pages,
            Some(_) => return None,
            None if self.of.is_search() || self.of.is_level() => return None,
            None => &self.pages,
        };
        let all = *pages.tail() == Tail::End && pages.phase() == Phase::Ready;
        all.then_some(pages.rows.count() as u64)
    }

    /// The records and folders chosen: those marked, also where the list does not have them, else the one under the cursor.
    pub(crate) fn chosen(&self) -> Vec<&ShelfRow> {
        let Pages { rows, list, .. } = &self.pages;
        let here = list.chosen().into_iter().filter_map(|row| rows.all.get(row));
        here.chain(list.marked_elsewhere().filter_map(|key| rows.aside(key))).collect()
    }

    /// The same without what is in a folder that is chosen, too: whoever takes the folder takes that along.
    pub(crate) fn chosen_apart(&self) -> Vec<&ShelfRow> {
        let mut chosen = self.chosen();
        let folders: HashSet<&str> = chosen.iter().filter(|row| row.record().is_none()).map(|row| row.key()).collect();
        chosen.retain(|row| !row.is_within(&folders));
        chosen
    }

    /// Shows mine or everyone's.
    pub(crate) fn toggle_users(&mut self) {
        self.all_users = !self.all_users;
        self.empty();
    }

    /// Forgets everything: another profile is in force.
    pub(crate) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Forgets what was read, not what is wanted.
    fn empty(&mut self) {
        (self.before, self.outdated) = (None, false);
        self.estimate = None;
        self.pages.clear(false);
        self.pages.rows.put_aside(Vec::new());
        self.show(self.query.clone());
        self.pages.list.go(0);
    }

    /// What is read from now on is of this query.
    fn show(&mut self, query: Query) {
        self.pages.rows.order = query.comes_in();
        self.pages.list.stored_as(query.comes_in(), query.has_parent());
        self.pages.set_most(if query.is_search() { MOST_FOUND } else { MOST });
        self.of = query;
    }

    /// Wants something else of the table. Rows stay until the first of it are there; whether a page has to be asked for.
    pub(crate) fn want(&mut self, query: Query) -> bool {
        self.query = query;
        self.flight.forget();
        if self.query.folder.is_none() {
            self.visit = None;
        }
        if !self.query.is_search() {
            self.take_back();
        }
        if self.is_behind() || self.phase() == Phase::Idle || self.phase() == Phase::Loading {
            self.pages.anew();
            return true;
        }
        self.pages.wait_no_more();
        false
    }

    /// The list from before the search, with the cursor on the same record, and marked as the hits were left: what was
    /// marked among them is, what was unmarked is not.
    fn take_back(&mut self) {
        let Some(before) = self.before.take() else { return };
        self.pages.list.end_range();
        let marked = self.marked();
        let (found, page) = (std::mem::replace(&mut self.pages, before.pages), self.pages.list.page());
        (self.of, self.outdated) = (before.of, before.outdated);
        let list = &mut self.pages.list;
        list.set_page(page);
        list.clear_marks();
        if let Some(row) = found.list.current() {
            list.go_to(&self.pages.rows, found.rows.identity(row));
        }
        self.mark(marked);
    }

    /// Puts the list aside until the search ends, unless hits stand in its place already.
    fn set_aside(&mut self) {
        if self.before.is_some() || self.of.is_search() {
            return;
        }
        let found = Pages::new(Records::default(), self.query.order, MOST_FOUND);
        let page = self.pages.list.page();
        self.pages.wait_no_more();
        let pages = std::mem::replace(&mut self.pages, found);
        self.pages.list.set_page(page);
        let of = std::mem::replace(&mut self.of, self.query.clone());
        let outdated = std::mem::take(&mut self.outdated);
        self.before = Some(Box::new(Before { pages, of, outdated }));
    }

    /// What is marked, whether or not the list has it, with what is known of it.
    fn marked(&self) -> Vec<ShelfRow> {
        let Pages { rows, list, .. } = &self.pages;
        let here = list.marks().filter_map(|row| rows.all.get(row));
        here.chain(list.marked_elsewhere().filter_map(|key| rows.aside(key))).cloned().collect()
    }

    /// Marks these, also those that the list does not have: a search hides them, or they are further down.
    fn mark(&mut self, marked: Vec<ShelfRow>) {
        let names = marked.iter().map(|row| row.key().as_bytes().to_vec()).collect();
        self.pages.rows.put_aside(marked);
        self.pages.list.mark_names(&self.pages.rows, &names);
    }

    /// Marks what has come of what is marked and was not in the list.
    fn mark_what_came(&mut self) {
        let names: HashSet<Vec<u8>> = self.pages.list.marked_elsewhere().map(<[u8]>::to_vec).collect();
        if !names.is_empty() {
            self.pages.list.mark_names(&self.pages.rows, &names);
        }
    }

    /// Begins at the first page again: of what was loaded all, or the first page alone.
    pub(crate) fn again(&mut self, whole: bool) {
        if self.is_behind() { self.pages.anew() } else { self.pages.again(whole) }
    }

    /// Where the next page begins, if it should be asked for now.
    pub(crate) fn next_wanted(&mut self) -> Option<Asking> {
        if self.is_behind() {
            return None;
        }
        let after = self.pages.next_wanted(self.looks_on())?;
        Some(Asking { query: self.query.clone(), after })
    }

    /// Takes over a page; where to read on, if at once.
    pub(crate) fn arrived(&mut self, asked: &Asking, page: CatalogPage) -> Option<After> {
        if asked.after.is_none() {
            (self.looked_at, self.unindexed) = (0, page.unindexed);
        }
        self.looked_at += page.looked_at.unwrap_or(0);
        if self.pages.is_anew() {
            self.begin(page);
            self.find();
            return None;
        }
        let rows = page.rows.into_iter().map(|row| self.pages.rows.row(row)).collect();
        let on = self.pages.arrived(rows, page.next);
        self.mark_what_came();
        self.find();
        on
    }

    /// The first page of something else takes the place of all rows; the cursor stays on its record where that is there.
    fn begin(&mut self, page: CatalogPage) {
        let (kept, marked) = (self.pages.list.keep(&self.pages.rows), self.marked());
        if self.query.is_search() {
            self.set_aside();
        }
        self.outdated = false;
        self.show(self.query.clone());
        let rows = page.rows.into_iter().map(|row| self.pages.rows.row(row)).collect();
        self.pages.replace(rows, page.next, &kept.for_others());
        self.mark(marked);
    }

    /// Takes over an estimate.
    pub(crate) fn estimated(&mut self, estimate: Option<u64>) {
        self.estimate = estimate;
    }

    /// A page could not be read; the failure comes back where the list does not show it. What was wanted of a search stays,
    /// with nothing to show for it; an order that cannot be had is given up.
    pub(crate) fn failed(&mut self, failure: Failure) -> Option<Failure> {
        self.standing.give_up_seeking();
        if self.is_behind() && self.query.is_search() {
            let marked = self.marked();
            self.set_aside();
            self.pages.clear(false);
            self.show(self.query.clone());
            self.mark(marked);
        } else if self.is_behind() {
            self.query = self.of.clone();
        }
        self.pages.failed(failure)
    }

    /// Nobody waits for the page any more; whether one was on its way.
    pub(crate) fn stop(&mut self) -> bool {
        self.flight.gone();
        self.query = self.of.clone();
        self.pages.stop()
    }

    /// Transfers have changed the table: rows that are gone are taken out, without asking anybody.
    pub(crate) fn changed(&mut self, deleted: &HashSet<&str>) {
        if let Some(before) = &mut self.before {
            before.remove(deleted);
        }
        if let Some(visit) = &mut self.visit {
            visit.remove(deleted);
        }
        self.estimate = self.estimate.map(|rows| rows.saturating_sub(deleted.len() as u64));
        forget(&mut self.pages, deleted);
    }

    /// The list is about to be put aside before a change has come into it.
    pub(crate) fn outdate(&mut self) {
        self.outdated = true;
    }

    /// Whether something else is wanted while the list that is shown is read again.
    pub(crate) fn is_cut_short_by(&self, query: &Query) -> bool {
        *query != self.of && !self.of.is_search() && self.pages.is_reading_again()
    }

    /// Whether a list came back that is older than the last change; asked once.
    pub(crate) fn is_outdated(&mut self) -> bool {
        std::mem::take(&mut self.outdated)
    }
}

/// Takes rows out that are gone. Their marks do not wait for others of the same names, also where the list does not have them,
/// and do not come back.
fn forget(pages: &mut Pages<Records, After>, deleted: &HashSet<&str>) {
    pages.remove(|row| is_among(row, deleted));
    pages.rows.forget_aside(|row| is_among(row, deleted));
    pages.list.forget_elsewhere(|key| str::from_utf8(key).is_ok_and(|key| deleted.contains(key)));
}

/// Whether it is a record of one of these keys.
fn is_among(row: &ShelfRow, keys: &HashSet<&str>) -> bool {
    row.record().is_some_and(|record| keys.contains(&*record.key))
}
