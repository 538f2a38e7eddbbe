//! A list that arrives page by page and stays in the server's order: records newest first, objects by key. Loading on and
//! reading again are the same thing: a page replaces the rows between where it begins and where it ends.

mod hole;

use std::cmp::Ordering;

use hole::{Hole, Taken};

use super::list::{Kept, List};
use super::rows::{Rows, Sort};
use crate::domain::Failure;

/// Rows behind which more may come.
pub(crate) trait PagedRows: Rows {
    /// One row.
    type Row;
    /// The rows.
    fn all(&self) -> &Vec<Self::Row>;
    /// The rows, to change them.
    fn all_mut(&mut self) -> &mut Vec<Self::Row>;
    /// The server's order of two rows.
    fn position(&self, one: &Self::Row, other: &Self::Row) -> Ordering;
}

/// What comes behind the last row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tail {
    /// More, once it is asked for.
    More,
    /// Nothing: these are all.
    End,
    /// More than this program keeps at once.
    Full,
    /// The next page could not be read; `R` tries again.
    Failed(Failure),
    /// More, but reading was stopped; `R` begins again.
    Stopped,
}

/// What is known of the whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase<'a> {
    /// Nothing was asked for yet.
    Idle,
    /// The first page is on its way.
    Loading,
    /// Rows are there, or there are none.
    Ready,
    /// The first page could not be read.
    Failed(&'a Failure),
}

/// Where the page on its way begins.
#[derive(Debug, Clone, Copy)]
struct Ask {
    /// How many rows are before it.
    from: usize,
    /// What it is read for.
    why: Why,
}

/// What a page is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// For itself.
    Page,
    /// It is read on until all the rows that were there have been read again.
    Whole,
    /// Something else is to be shown: it takes the place of all rows.
    Anew,
}

/// The list.
#[derive(Debug)]
pub(crate) struct Pages<R, C> {
    pub(crate) rows: R,
    pub(crate) list: List,
    tail: Tail,
    next: Option<C>,
    /// Between rows that were read again and those that were there.
    hole: Option<Hole<C>>,
    asked: Option<Ask>,
    failure: Option<Failure>,
    begun: bool,
    /// Reads on until the end: the last row was asked for.
    to_end: bool,
    most: usize,
}

impl<R: PagedRows, C: Clone> Pages<R, C> {
    /// Nothing asked for yet; never more than `most` rows.
    pub(crate) fn new(rows: R, sort: Sort, most: usize) -> Self {
        Self {
            rows,
            list: List::new(sort, false),
            tail: Tail::More,
            next: None,
            hole: None,
            asked: None,
            failure: None,
            begun: false,
            to_end: false,
            most,
        }
    }

    /// What is known of the whole.
    pub(crate) fn phase(&self) -> Phase<'_> {
        match &self.failure {
            Some(failure) => Phase::Failed(failure),
            None if self.begun => Phase::Ready,
            None if self.asked.is_some() => Phase::Loading,
            None => Phase::Idle,
        }
    }

    /// What comes behind the last row, or is missing before it.
    pub(crate) fn tail(&self) -> &Tail {
        self.hole.as_ref().map_or(&self.tail, |hole| &hole.tail)
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.count() == 0
    }

    /// Whether no row is missing before the last one.
    pub(crate) fn is_whole(&self) -> bool {
        self.hole.is_none()
    }

    /// How many rows there are behind which none is missing.
    pub(crate) fn whole(&self) -> usize {
        self.hole.as_ref().map_or(self.rows.count(), |hole| hole.from)
    }

    /// Whether what is on its way are rows that are read again though nobody asked for that.
    pub(crate) fn is_catching_up(&self) -> bool {
        self.asked.is_some_and(|ask| ask.why == Why::Page && ask.from < self.rows.count())
    }

    /// Whether rows that are shown are being read again.
    pub(crate) fn is_reading_again(&self) -> bool {
        self.begun && self.asked.is_some_and(|ask| ask.why != Why::Anew)
    }

    /// Whether a page is on its way.
    pub(crate) fn is_loading(&self) -> bool {
        self.asked.is_some()
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self, lead: bool) {
        self.rows.all_mut().clear();
        self.list.reset(&self.rows, lead);
        self.tail = Tail::More;
        self.next = None;
        self.hole = None;
        self.asked = None;
        self.failure = None;
        self.begun = false;
        self.to_end = false;
    }

    /// Begins at the first page again, keeping what is shown until it arrives. `whole` reads everything again that is
    /// loaded, else the first page alone.
    pub(crate) fn again(&mut self, whole: bool) {
        self.failure = None;
        self.asked = Some(Ask { from: 0, why: if whole { Why::Whole } else { Why::Page } });
    }

    /// Waits for the first page of something else, keeping what is shown until it arrives.
    pub(crate) fn anew(&mut self) {
        self.failure = None;
        self.to_end = false;
        self.asked = Some(Ask { from: 0, why: Why::Anew });
    }

    /// Whether the first page of something else is on its way.
    pub(crate) fn is_anew(&self) -> bool {
        self.asked.is_some_and(|ask| ask.why == Why::Anew)
    }

    /// The page on its way is not waited for; what is shown is enough.
    pub(crate) fn wait_no_more(&mut self) {
        self.asked = None;
    }

    /// Never more than so many rows.
    pub(crate) fn set_most(&mut self, most: usize) {
        self.most = most;
    }

    /// Whether the next page should be asked for now, and after what; `looks_on` wants it wherever the cursor is.
    pub(crate) fn next_wanted(&mut self, looks_on: bool) -> Option<Option<C>> {
        if let Some(hole) = &self.hole {
            let is_wanted = self.asked.is_none() && hole.tail == Tail::More;
            let (from, after) = (hole.from, is_wanted.then(|| Some(hole.after.clone())));
            self.asked = self.asked.or_else(|| after.is_some().then_some(Ask { from, why: Why::Page }));
            return after;
        }
        // What is filtered or narrowed leaves few rows, however many are read: G reads on to the end.
        let all = self.list.filter().is_empty() && self.list.narrow().is_none();
        let near = all && self.list.cursor() + self.list.page() * 2 >= self.list.len();
        if self.asked.is_some() || !self.begun || !(near || self.to_end || looks_on) || self.tail != Tail::More {
            return None;
        }
        Some(self.ask_next())
    }

    /// Asks for the next page wherever the cursor is: after what.
    pub(crate) fn ask_on(&mut self) -> Option<C> {
        if self.asked.is_some() || self.tail != Tail::More { None } else { self.ask_next() }
    }

    fn ask_next(&mut self) -> Option<C> {
        self.asked = Some(Ask { from: self.rows.count(), why: Why::Page });
        self.next.clone()
    }

    /// Wants the last row: reads on until there is no more, or until stopped.
    pub(crate) fn want_end(&mut self) {
        self.to_end = *self.tail() == Tail::More;
    }

    /// The last row is not wanted any more.
    pub(crate) fn forget_end(&mut self) {
        self.to_end = false;
    }

    /// Nobody waits for the page any more; whether one was on its way.
    pub(crate) fn stop(&mut self) -> bool {
        self.to_end = false;
        let Some(ask) = self.asked.take() else { return false };
        self.begun = true;
        match &mut self.hole {
            Some(hole) if ask.why != Why::Anew => hole.tail = Tail::Stopped,
            None if self.tail == Tail::More => self.tail = Tail::Stopped,
            _ => {}
        }
        true
    }

    /// A page could not be read. Rows that are there stay; where they only could not be read again, the failure is
    /// handed back to be said, since the list does not show it.
    pub(crate) fn failed(&mut self, failure: Failure) -> Option<Failure> {
        let ask = self.asked.take();
        let from = ask.map_or(0, |ask| ask.from);
        self.to_end = false;
        if self.rows.count() == 0 {
            self.failure = Some(failure);
        } else if from == self.rows.count() {
            self.tail = Tail::Failed(failure);
        } else {
            if let Some(hole) = self.hole.as_mut().filter(|_| ask.is_some_and(|ask| ask.why != Why::Anew)) {
                hole.tail = Tail::Failed(failure.clone());
            }
            return Some(failure);
        }
        None
    }

    /// Takes over a page: it replaces the rows between where it begins and where it ends. Answers where to read on where
    /// the whole is being read again, and where more rows are new than a page has: those that were there stand behind them.
    pub(crate) fn arrived(&mut self, page: Vec<R::Row>, next: Option<C>) -> Option<C> {
        let ask = self.asked.take()?;
        // Where nobody knew of any row, nobody can have moved.
        let are_first = self.rows.count() == 0 && self.tail != Tail::End;
        self.begun = true;
        self.failure = None;
        let (from, end) = (ask.from, self.end_of(ask, &page, next.is_none()));
        let reached = from + page.len();
        let is_apart = end == from && from < self.rows.count() && !page.is_empty() && next.is_some();
        let end = if is_apart && reached >= self.most { self.rows.count() } else { end };
        let taken = Taken { rows: from..end, reached, is_apart, is_wanted: ask.why == Why::Whole };
        let more = next.clone().filter(|_| end < self.rows.count());
        self.hole = more.and_then(|next| Hole::behind(self.hole.take(), &taken, next));
        if from == self.rows.count() && end == from {
            self.rows.all_mut().extend(page);
            self.list.append(&self.rows, from);
        } else {
            let kept = self.list.keep(&self.rows);
            self.rows.all_mut().splice(from..end, page);
            self.list.restore(&self.rows, &kept);
        }
        if are_first {
            self.list.go_first();
        }
        if reached == self.rows.count() {
            self.end_at(next);
            None
        } else if ask.why == Why::Whole || self.goes_on_at(reached) {
            self.asked = Some(Ask { from: reached, ..ask });
            next
        } else {
            None
        }
    }

    fn goes_on_at(&self, row: usize) -> bool {
        self.hole.as_ref().is_some_and(|hole| hole.from == row && hole.tail == Tail::More)
    }

    /// Takes over the first page of something else; cursor and marks stay on rows that are in it, too.
    pub(crate) fn replace(&mut self, page: Vec<R::Row>, next: Option<C>, kept: &Kept) {
        (self.asked, self.hole, self.failure, self.begun) = (None, None, None, true);
        *self.rows.all_mut() = page;
        self.list.restore(&self.rows, kept);
        self.end_at(next);
    }

    /// Which of the rows that were there the page replaces: those up to its last row, all where nothing comes behind it. A
    /// page of a search can be empty and yet not the last: then it says nothing of what is behind.
    fn end_of(&self, ask: Ask, page: &[R::Row], is_last: bool) -> usize {
        let count = self.rows.count();
        match page.last() {
            Some(last) if !is_last => {
                let behind = self.rows.all().get(ask.from..).unwrap_or_default();
                ask.from + behind.partition_point(|row| self.rows.position(row, last) != Ordering::Greater)
            }
            None if !is_last => ask.from,
            _ => count,
        }
    }

    fn end_at(&mut self, next: Option<C>) {
        self.tail = match &next {
            None => Tail::End,
            Some(_) if self.rows.count() >= self.most => Tail::Full,
            Some(_) => Tail::More,
        };
        self.next = next;
        if self.to_end {
            self.list.go(usize::MAX);
            self.to_end = self.tail == Tail::More;
        }
    }

    /// Takes rows out that are gone, without asking anybody.
    pub(crate) fn remove(&mut self, gone: impl Fn(&R::Row) -> bool) {
        if !self.rows.all().iter().any(&gone) {
            return;
        }
        let before = |row| self.rows.all().iter().take(row).filter(|row| gone(row)).count();
        if let Some(ask) = &mut self.asked {
            ask.from -= before(ask.from);
        }
        if let Some(hole) = &mut self.hole {
            hole.shrink(before);
        }
        let kept = self.list.keep(&self.rows);
        self.rows.all_mut().retain(|row| !gone(row));
        if let Some(hole) = self.hole.take_if(|hole| hole.from == self.rows.count()) {
            (self.tail, self.next) = (hole.tail, Some(hole.after));
        }
        self.list.restore(&self.rows, &kept);
    }
}
