//! What is asked of the table, and the one question that is on its way: another waits for its answer, because a query that
//! is given up costs its connection.

use crate::app::rows::{Sort, SortBy};
use crate::domain::capability::Reason;
use crate::domain::{Narrow, RecordCursor, RecordPage, ShelfPage, Shelved};

/// What is shown of the table, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// The order; folders are by name whatever it says.
    pub order: Sort,
    /// Only keys that have this in them; empty is nothing asked.
    pub search: String,
    /// Only records of this type, size and age.
    pub narrow: Narrow,
    /// Where folders are on, the prefix of the one that is shown; a search then is for what is below it.
    pub folder: Option<String>,
}

impl Query {
    /// The same in another order; the one in force is turned round.
    pub(crate) fn sorted(&self, by: SortBy) -> Self {
        let reversed = self.order.by == by && !self.order.reversed;
        Self { order: Sort { by, reversed }, ..self.clone() }
    }

    /// The same with another search.
    pub(crate) fn searching(&self, text: &str) -> Self {
        Self { search: text.to_owned(), ..self.clone() }
    }

    /// Whether anything is searched for.
    pub fn is_search(&self) -> bool {
        !self.search.is_empty()
    }

    /// Whether one level is shown: folders, and the records that are in none of them.
    pub fn is_level(&self) -> bool {
        self.folder.is_some() && !self.is_search()
    }

    /// The order that the rows come in.
    pub(crate) fn comes_in(&self) -> Sort {
        if self.is_level() { Sort::NAME } else { self.order }
    }

    /// Whether there is a level above the one that is shown.
    pub(crate) fn has_parent(&self) -> bool {
        self.is_level() && self.folder.as_ref().is_some_and(|prefix| !prefix.is_empty())
    }
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum After {
    /// Behind a record.
    Record(RecordCursor),
    /// In a folder, at a key.
    Key(String),
}

impl After {
    /// The record.
    pub(crate) fn record(self) -> Option<RecordCursor> {
        if let Self::Record(cursor) = self { Some(cursor) } else { None }
    }

    /// The key.
    pub(crate) fn key(self) -> Option<String> {
        if let Self::Key(key) = self { Some(key) } else { None }
    }
}

/// A page of records, or of a folder.
#[derive(Debug, Default)]
pub(crate) struct CatalogPage {
    pub(super) rows: Vec<Shelved>,
    pub(super) next: Option<After>,
    pub(super) looked_at: Option<u64>,
    pub(super) unindexed: Option<Reason>,
}

impl From<RecordPage> for CatalogPage {
    fn from(page: RecordPage) -> Self {
        let rows = page.records.into_iter().map(|record| Shelved::Record(Box::new(record))).collect();
        let next = page.next.map(After::Record);
        Self { rows, next, looked_at: page.looked_at, unindexed: page.unindexed }
    }
}

impl From<ShelfPage> for CatalogPage {
    fn from(page: ShelfPage) -> Self {
        Self { rows: page.entries, next: page.next.map(After::Key), ..Self::default() }
    }
}

/// A page that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asking {
    /// Of what.
    pub(crate) query: Query,
    /// Where it begins.
    pub(crate) after: Option<After>,
}

/// The question that is on its way.
#[derive(Debug)]
struct OnItsWay {
    asked: Asking,
    /// What is wanted once it is answered.
    then: Then,
}

#[derive(Debug)]
enum Then {
    /// Its answer.
    This,
    /// Another page.
    Another(Asking),
    /// Nothing.
    Nothing,
}

/// At most one question at a time.
#[derive(Debug, Default)]
pub(crate) struct Flight(Option<OnItsWay>);

/// What an answer is good for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Landed {
    /// It was waited for.
    Wanted(Asking),
    /// Nobody wants it any more; what is to be asked now, if anything.
    Overtaken(Option<Asking>),
}

impl Flight {
    /// Wants a page: whether it is to be asked for now.
    pub(crate) fn want(&mut self, asking: &Asking) -> bool {
        let Some(on_its_way) = &mut self.0 else {
            self.0 = Some(OnItsWay { asked: asking.clone(), then: Then::This });
            return true;
        };
        let same = on_its_way.asked == *asking;
        on_its_way.then = if same { Then::This } else { Then::Another(asking.clone()) };
        false
    }

    /// Wants nothing any more; what is on its way comes to nothing.
    pub(crate) fn forget(&mut self) {
        if let Some(on_its_way) = &mut self.0 {
            on_its_way.then = Then::Nothing;
        }
    }

    /// What is on its way was given up.
    pub(crate) fn gone(&mut self) {
        self.0 = None;
    }

    /// The answer is there.
    pub(crate) fn land(&mut self) -> Landed {
        match self.0.take() {
            Some(OnItsWay { asked, then: Then::This }) => Landed::Wanted(asked),
            Some(OnItsWay { then: Then::Another(next), .. }) => Landed::Overtaken(Some(next)),
            Some(OnItsWay { then: Then::Nothing, .. }) | None => Landed::Overtaken(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(search: &str) -> Asking {
        Asking { query: Query::default().searching(search), after: None }
    }

    #[test]
    fn one_question_is_on_its_way_and_the_newest_comes_next() {
        let mut flight = Flight::default();
        assert!(flight.want(&page("a")));
        assert!(!flight.want(&page("ab")) && !flight.want(&page("abc")));
        assert_eq!(flight.land(), Landed::Overtaken(Some(page("abc"))));
        assert!(flight.want(&page("abc")));
        assert_eq!(flight.land(), Landed::Wanted(page("abc")));
    }

    #[test]
    fn what_is_wanted_again_is_not_asked_again() {
        let mut flight = Flight::default();
        assert!(flight.want(&page("a")) && !flight.want(&page("ab")) && !flight.want(&page("a")));
        assert_eq!(flight.land(), Landed::Wanted(page("a")));
    }

    #[test]
    fn what_nobody_wants_comes_to_nothing() {
        let mut flight = Flight::default();
        assert!(flight.want(&page("a")));
        flight.forget();
        assert_eq!(flight.land(), Landed::Overtaken(None));
        assert!(flight.want(&page("b")));
        flight.gone();
        assert!(flight.want(&page("c")), "one that was given up is not waited for");
    }

    #[test]
    fn the_same_order_again_is_turned_round() {
        let by_size = Query::default().sorted(SortBy::Size);
        assert_eq!(by_size.order, Sort { by: SortBy::Size, reversed: false });
        assert_eq!(by_size.sorted(SortBy::Size).order, Sort { by: SortBy::Size, reversed: true });
    }
}
