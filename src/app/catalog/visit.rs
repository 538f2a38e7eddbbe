//! A look at a hit in its folder while folders are off: what was found stands aside meanwhile, and the way back leads to it.

use std::collections::HashSet;

use super::{Before, Catalog, MOST, Query, Records, forget};
use crate::app::catalog::After;
use crate::app::pages::Pages;
use crate::app::rows::Sort;

/// What was found, and the list from before it.
#[derive(Debug)]
pub(super) struct Visit {
    pages: Pages<Records, After>,
    of: Query,
    query: Query,
    before: Option<Box<Before>>,
    outdated: bool,
    all_users: bool,
    estimate: Option<u64>,
    /// Where somebody stood when folders were on.
    prefix: String,
    /// How many places were left before.
    left: usize,
}

impl Visit {
    /// Takes rows out that are gone.
    pub(super) fn remove(&mut self, deleted: &HashSet<&str>) {
        self.estimate = self.estimate.map(|rows| rows.saturating_sub(deleted.len() as u64));
        forget(&mut self.pages, deleted);
        if let Some(before) = &mut self.before {
            before.remove(deleted);
        }
    }
}

impl Catalog {
    /// Whether a folder is shown for the sake of a hit alone.
    pub(crate) fn is_visiting(&self) -> bool {
        self.visit.is_some()
    }

    /// Puts what was found aside, and stands where a hit lies; the caller turns to that folder.
    pub(super) fn begin_visit(&mut self, key: &str) {
        let page = self.pages.list.page();
        self.pages.wait_no_more();
        let pages = std::mem::replace(&mut self.pages, Pages::new(Records::default(), Sort::NAME, MOST));
        self.pages.list.set_page(page);
        self.visit = Some(Box::new(Visit {
            pages,
            of: self.of.clone(),
            query: self.query.clone(),
            before: self.before.take(),
            outdated: std::mem::take(&mut self.outdated),
            all_users: self.all_users,
            estimate: self.estimate,
            prefix: self.standing.prefix().to_owned(),
            left: self.standing.history().left(),
        }));
        self.standing.visit(key);
    }

    /// Whether the way back leads to what was found.
    pub(super) fn ends_visit(&self) -> bool {
        let history = self.standing.history();
        self.visit.as_ref().is_some_and(|visit| history.left() <= visit.left || !history.can_go_back())
    }

    /// What was found is shown again, to be read anew where it was narrowed otherwise or to another user meanwhile.
    pub(crate) fn end_visit(&mut self) {
        let Some(visit) = self.visit.take() else { return };
        let same = visit.query.narrow == self.query.narrow && visit.all_users == self.all_users;
        let (page, narrow) = (self.pages.list.page(), std::mem::take(&mut self.query.narrow));
        self.flight.forget();
        self.standing.stand(visit.prefix);
        self.query = Query { narrow, ..visit.query };
        if same {
            (self.pages, self.of) = (visit.pages, visit.of);
            (self.before, self.outdated) = (visit.before, visit.outdated);
            self.estimate = visit.estimate;
            self.pages.list.set_page(page);
        } else {
            self.empty();
        }
    }
}
