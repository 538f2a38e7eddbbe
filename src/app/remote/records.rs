//! The records: asked for page by page, one question at a time, and taken over as they arrive.

use std::time::Duration;

use super::{Remote, View};
use crate::app::catalog::{After, Asking, CatalogPage, LONG_PAGE, Landed, PAGE, Query};
use crate::app::effect::{Effect, RequestId, WantedRecords};
use crate::app::notices::Level;
use crate::app::outbox::Outbox;
use crate::app::pages::{Phase, Tail};
use crate::app::requests::Purpose;
use crate::app::rows::SortBy;
use crate::config::CatalogConfig;
use crate::domain::{Failure, FailureKind, Narrow, Result, RowSecurity};

impl Remote {
    /// Searches the whole table for keys that have this in them; an empty text shows the list from before again.
    pub(super) fn search(&mut self, text: &str, out: &mut Outbox) {
        let begins = !text.is_empty() && !self.catalog.query().is_search();
        if begins && self.catalog.phase() == Phase::Ready && self.ages.records.due().is_some() {
            self.catalog.outdate();
        }
        self.want(self.catalog.query().searching(text), out);
    }

    /// Has the database put the records in an order; the one in force is turned round.
    pub(super) fn sort_records(&mut self, by: SortBy, out: &mut Outbox) {
        self.want(self.catalog.query().sorted(by), out);
    }

    /// Has the database leave out what is of another type, size or age, or of which that is not known.
    pub(super) fn narrow_records(&mut self, narrow: Narrow, out: &mut Outbox) {
        self.forget_estimate(out);
        self.want(Query { narrow, ..self.catalog.query().clone() }, out);
    }

    /// Turns folders on or off; whatever is searched for or narrowed to stays so.
    pub(crate) fn toggle_folders(&mut self, out: &mut Outbox) {
        self.forget_estimate(out);
        self.want(self.catalog.turned(), out);
    }

    /// What was counted, or is being counted, is another list.
    pub(super) fn forget_estimate(&mut self, out: &mut Outbox) {
        out.give_up(&Purpose::Estimate);
        self.catalog.estimated(None);
    }

    fn want(&mut self, query: Query, out: &mut Outbox) {
        if self.catalog.is_cut_short_by(&query) {
            self.catalog.outdate();
        }
        self.ages.records.given_up();
        let is_list = !query.is_search();
        if self.catalog.want(query) {
            if is_list {
                self.ages.records.begin(out.now);
            }
            self.ask_first(out);
        }
        self.spoil_what_was_cut_short();
    }

    /// A list that is shown again is read again where something else was asked for while that was being done.
    pub(super) fn spoil_what_was_cut_short(&mut self) {
        if !self.catalog.is_behind() && self.catalog.is_outdated() {
            self.ages.records.spoil();
        }
    }

    /// Asks for the first page of what is wanted.
    pub(super) fn ask_first(&mut self, out: &mut Outbox) {
        let query = self.catalog.query().clone();
        self.ask_records(Asking { query, after: None }, out);
    }

    /// Asks for a page, or keeps it in mind until the question before it is answered.
    pub(super) fn ask_records(&mut self, asking: Asking, out: &mut Outbox) {
        let Some(profile) = self.name_or_fail(View::Catalog, out) else { return };
        if !self.catalog.flight.want(&asking) {
            return;
        }
        // How long a search takes says nothing of whether the database is awake.
        if !asking.query.is_search() || asking.after.is_none() {
            self.database.asked(out.now);
        }
        let limit = if self.catalog.looks_on() { LONG_PAGE } else { PAGE };
        let (begin, wanted) = ((asking.query.is_level(), asking.after), self.wanted(asking.query));
        out.ask(Purpose::Records, |request| load(request, profile, begin, (wanted, limit)));
    }

    fn wanted(&self, query: Query) -> WantedRecords {
        let Query { order, search, narrow, folder } = query;
        let prefix = folder.filter(|prefix| !prefix.is_empty());
        WantedRecords { user_id: self.user().map(str::to_owned), prefix, order, search, narrow }
    }

    /// Asks how many records there are, whatever is searched for.
    pub(super) fn ask_estimate(&mut self, out: &mut Outbox) {
        let Some(profile) = self.profile().map(|profile| profile.name.clone()) else { return };
        let wanted = WantedRecords { search: String::new(), ..self.wanted(self.catalog.query().clone()) };
        out.ask(Purpose::Estimate, |request| Effect::Estimate { request, profile, wanted });
    }

    /// Asks once how many records there are, after a page: what is read whole is counted, and needs no second connection.
    fn ask_estimate_once(&mut self, out: &mut Outbox) {
        if self.catalog.estimate().is_none() && !out.requests.is_open(&Purpose::Estimate) {
            self.ask_estimate(out);
        }
    }

    /// Gives up the question that is on its way; whether there was one.
    pub(super) fn give_up_records(&mut self, out: &mut Outbox) -> bool {
        self.catalog.flight.gone();
        out.give_up(&Purpose::Records)
    }

    /// Takes over records, unless something else is wanted meanwhile: then that is asked for.
    pub(crate) fn records_arrived(&mut self, page: Result<impl Into<CatalogPage>>, took: Duration, out: &mut Outbox) {
        let landed = self.catalog.flight.land();
        let failure =
            page.as_ref().err().filter(|failure| !ran_out_of_time(failure) && !lacks_folders(&landed, failure));
        self.database.answered(failure, took, out.now);
        match landed {
            Landed::Wanted(asked) => self.take_records(&asked, page.map(Into::into), out),
            Landed::Overtaken(Some(next)) => self.ask_records(next, out),
            Landed::Overtaken(None) => {}
        }
    }

    fn take_records(&mut self, asked: &Asking, page: Result<CatalogPage>, out: &mut Outbox) {
        match page {
            Ok(page) => {
                self.ask_row_security(out);
                if let Some(after) = self.catalog.arrived(asked, page) {
                    self.ask_records(Asking { after: Some(after), ..asked.clone() }, out);
                } else if asked.after.is_none() && *self.catalog.tail() == Tail::More && !asked.query.is_level() {
                    self.ask_estimate_once(out);
                }
                if !asked.query.is_search() {
                    self.records_came();
                }
            }
            Err(failure) if asked.query.is_level() && is_lack(&failure) => self.without_folders(&failure, out),
            Err(failure) => self.records_failed(failure, out),
        }
    }

    fn records_failed(&mut self, failure: Failure, out: &mut Outbox) {
        self.nothing_came(View::Catalog);
        let unseen = if self.database.again_at().is_some() {
            self.catalog.standing.give_up_seeking();
            self.catalog.pages.failed(failure)
        } else {
            let unseen = self.catalog.failed(failure);
            self.spoil_what_was_cut_short();
            unseen
        };
        if let Some(failure) = unseen.filter(|failure| self.database.is_news() || ran_out_of_time(failure)) {
            out.fail(&failure);
        }
    }

    /// Shows every record, or what was found, where the table cannot be read by folders, and says why.
    fn without_folders(&mut self, failure: &Failure, out: &mut Outbox) {
        out.say(Level::Warning, failure.sentence());
        self.catalog.standing.give_up_seeking();
        if self.catalog.is_visiting() {
            out.give_up(&Purpose::Estimate);
            self.catalog.end_visit();
            if self.catalog.phase() == Phase::Idle || self.catalog.is_behind() {
                self.read_again(true, out);
            }
            return;
        }
        self.want(Query { folder: None, ..self.catalog.query().clone() }, out);
    }

    /// Asks once whether the database keeps users apart, where the profile means it to.
    fn ask_row_security(&mut self, out: &mut Outbox) {
        let Some(profile) = self.profile().filter(|_| self.database.row_security().is_none()) else { return };
        if matches!(profile.catalog, CatalogConfig::Postgres { rls_setting: Some(_), .. }) {
            let profile = profile.name.clone();
            out.ask(Purpose::RowSecurity, |request| Effect::RowSecurity { request, profile });
        }
    }

    /// Takes over what is known of row-level security; where it could not be had, the next page asks again.
    pub(crate) fn row_security_arrived(&mut self, seen: Result<RowSecurity>) {
        if let Ok(seen) = seen {
            self.database.secured(seen);
        }
    }

    /// Takes over an estimate; one that could not be had is simply not shown, since the records say what is wrong.
    pub(crate) fn estimate_arrived(&mut self, estimate: Result<Option<u64>>) {
        self.catalog.estimated(estimate.ok().flatten());
    }
}

/// Whether the server ended a query because it took too long: it is there, and would take as long again.
fn ran_out_of_time(failure: &Failure) -> bool {
    failure.kind == FailureKind::Busy
}

/// Whether the table has nothing to read folders by: its records are there all the same. Where it lacks more than that,
/// reading every record says so.
fn lacks_folders(landed: &Landed, failure: &Failure) -> bool {
    matches!(landed, Landed::Wanted(asked) if asked.query.is_level()) && is_lack(failure)
}

fn is_lack(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::NeedsMigration | FailureKind::Unsupported)
}

fn load(
    request: RequestId,
    profile: String,
    asking: (bool, Option<After>),
    (wanted, limit): (WantedRecords, u32),
) -> Effect {
    let (is_level, after) = asking;
    if is_level {
        let after = after.and_then(After::key);
        return Effect::LoadShelf { request, profile, wanted, after, limit };
    }
    let after = after.and_then(After::record);
    Effect::LoadRecords { request, profile, wanted, after, limit }
}
