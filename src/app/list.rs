//! The one list that every pane shows: cursor, what is scrolled to, marks, filter and order, over rows that the pane
//! owns. Rows are numbers here; a key costs no more than a pass over them, and moving costs nothing at all.

mod filtering;
mod keeping;
mod naming;

use std::collections::BTreeMap;

pub use filtering::LeftOut;
pub(crate) use keeping::Kept;

use super::filter::bags::Bag;
use super::marks::Marks;
use super::rows::{Rows, Sort, SortBy};
use super::tally::{Tally, Weight};
use crate::domain::Narrow;

/// A list's state.
#[derive(Debug)]
pub struct List {
    /// Every row that is not hidden and that the list is not narrowed away from, in order.
    order: Vec<u32>,
    /// Those that the filter lets through, while there is one: what has its text, then what is like it.
    found: Option<Vec<u32>>,
    /// How many of these are merely like it.
    alike: usize,
    /// The letters of every row's name, once they were asked for.
    bags: Vec<Bag>,
    lead: bool,
    cursor: usize,
    offset: usize,
    page: usize,
    marks: Marks,
    /// What is marked though no row of it is in this list, by identity, with its bytes.
    elsewhere: BTreeMap<Vec<u8>, Option<u64>>,
    tally: Tally,
    anchor: Option<usize>,
    filter: String,
    narrow: Narrow,
    left_out: LeftOut,
    /// How many rows are folders, of those not left out.
    folders: usize,
    sort: Sort,
    arrangements: u64,
}

impl List {
    /// An empty list; `lead` puts a row `..` before the others.
    pub(crate) fn new(sort: Sort, lead: bool) -> Self {
        Self {
            order: Vec::new(),
            found: None,
            alike: 0,
            bags: Vec::new(),
            lead,
            cursor: 0,
            offset: 0,
            page: 1,
            marks: Marks::default(),
            elsewhere: BTreeMap::new(),
            tally: Tally::default(),
            anchor: None,
            filter: String::new(),
            narrow: Narrow::default(),
            left_out: LeftOut::default(),
            folders: 0,
            sort,
            arrangements: 0,
        }
    }

    /// How many rows are shown, the row `..` included.
    pub fn len(&self) -> usize {
        self.rows().len() + self.lead_rows()
    }

    /// Whether no row is shown.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the first row shown is `..`; never while a filter is in force.
    pub fn has_lead(&self) -> bool {
        self.lead && self.found.is_none()
    }

    /// Where the cursor is, among the rows shown.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The first row on the screen, among the rows shown.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The row's number where one is shown at that position; `None` for `..` and beyond the end.
    pub fn row(&self, position: usize) -> Option<usize> {
        let index = position.checked_sub(self.lead_rows())?;
        self.rows().get(index).map(|row| *row as usize)
    }

    /// The row under the cursor; `None` for `..` and in an empty list.
    pub fn current(&self) -> Option<usize> {
        self.row(self.cursor)
    }

    /// Whether the row at that position is marked, or in the range that is being marked.
    pub fn is_marked(&self, position: usize) -> bool {
        self.row(position).is_some_and(|row| self.marks.has(row) || self.in_range(position))
    }

    /// How many rows are marked.
    pub fn marked(&self) -> usize {
        let range = self.range().filter(|position| self.row(*position).is_some_and(|row| !self.marks.has(row)));
        self.marks.count() + self.elsewhere.len() + range.count()
    }

    /// How many of the marked rows are not shown, because of the filter or what the list is narrowed to.
    pub fn hidden_marks(&self) -> usize {
        let shown = self.rows().iter().filter(|row| self.marks.has(**row as usize)).count();
        self.marks.count().saturating_sub(shown) + self.elsewhere.len()
    }

    /// What the marked rows weigh.
    pub fn marked_weight(&self) -> Weight {
        self.tally.weight()
    }

    /// Adds up what the marked rows weigh, where the marks have changed.
    pub(crate) fn weigh(&mut self, rows: &impl Rows) {
        let mut tally = std::mem::take(&mut self.tally);
        let size = |row| rows.number(SortBy::Size, row).and_then(|size| u64::try_from(size).ok());
        tally.count((self.marks.changes(), self.range()), || {
            self.marked_rows().map(size).chain(self.elsewhere.values().copied()).collect()
        });
        self.tally = tally;
    }

    /// Whether a range is being marked.
    pub fn is_marking_range(&self) -> bool {
        self.anchor.is_some()
    }

    /// The filter in force; empty without one.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// How many of the rows shown, at the end, do not have the filter's text but its letters.
    pub fn alike(&self) -> usize {
        self.alike
    }

    /// The order in force.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// How often every row was gone over to put them in order: what a key or a snapshot costs, counted.
    pub fn arrangements(&self) -> u64 {
        self.arrangements
    }

    /// What the list is narrowed to besides.
    pub fn narrow(&self) -> &Narrow {
        &self.narrow
    }

    /// How many rows are left out because they are something else than what the list is narrowed to, or because that is
    /// not known of them.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// How many rows there are without the filter.
    pub fn total(&self) -> usize {
        self.order.len()
    }

    /// How many of these are folders or prefixes.
    pub fn folders(&self) -> usize {
        self.folders
    }

    /// The marked rows, or the one under the cursor where none is.
    pub(crate) fn chosen(&self) -> Vec<usize> {
        if self.marked() == 0 {
            return self.current().into_iter().collect();
        }
        self.marked_rows().collect()
    }

    /// The marked rows.
    pub(crate) fn marked_rows(&self) -> impl Iterator<Item = usize> + '_ {
        let range = self.range().filter_map(|position| self.row(position));
        self.marks.iter().chain(range.filter(|row| !self.marks.has(*row)))
    }

    fn lead_rows(&self) -> usize {
        usize::from(self.has_lead())
    }

    fn rows(&self) -> &[u32] {
        self.found.as_deref().unwrap_or(&self.order)
    }

    fn range(&self) -> std::ops::Range<usize> {
        match self.anchor {
            Some(anchor) => anchor.min(self.cursor)..anchor.max(self.cursor) + 1,
            None => 0..0,
        }
    }

    fn in_range(&self, position: usize) -> bool {
        self.range().contains(&position)
    }

    /// Moves the cursor by so many rows, as far as there are rows.
    pub(crate) fn step(&mut self, rows: isize) {
        self.go(self.cursor.saturating_add_signed(rows));
    }

    /// Moves the cursor to a position, as far as there are rows.
    pub(crate) fn go(&mut self, position: usize) {
        self.cursor = position.min(self.len().saturating_sub(1));
        self.scroll();
    }

    /// Moves the cursor to the first row of those that are in what is shown: `..` leads out of it.
    pub(crate) fn go_first(&mut self) {
        self.go(self.lead_rows());
    }

    /// Shows the rows from a position on, as far as there are rows; the cursor stays in sight.
    pub(crate) fn scroll_to(&mut self, position: usize) {
        self.offset = position.min(self.len().saturating_sub(self.page));
        self.go(self.cursor.clamp(self.offset, self.offset + self.page - 1));
    }

    /// Moves the cursor to the first row of that identity; whether there is one.
    pub(crate) fn go_to(&mut self, rows: &impl Rows, identity: &[u8]) -> bool {
        let found = self.position_of(rows, identity);
        if let Some(position) = found {
            self.go(position);
        }
        found.is_some()
    }

    /// Moves the cursor to where a row of that identity would stand if all stood by theirs: to the next one, else to the last.
    pub(crate) fn go_near(&mut self, rows: &impl Rows, identity: &[u8]) {
        let known = || self.rows().iter().map(|row| rows.identity(*row as usize)).enumerate();
        let next = known().filter(|(_, other)| *other > identity).min_by_key(|(_, other)| *other);
        if let Some((index, _)) = next.or_else(|| known().max_by_key(|(_, other)| *other)) {
            self.go(index + self.lead_rows());
        }
    }

    fn position_of(&self, rows: &impl Rows, identity: &[u8]) -> Option<usize> {
        let index = self.rows().iter().position(|row| rows.identity(*row as usize) == identity)?;
        Some(index + self.lead_rows())
    }

    /// How many rows fit on the screen.
    pub(crate) fn set_page(&mut self, rows: usize) {
        self.page = rows.max(1);
        self.scroll();
    }

    /// How many rows fit on the screen.
    pub fn page(&self) -> usize {
        self.page
    }

    fn scroll(&mut self) {
        let last = self.len().saturating_sub(self.page);
        self.offset = self.offset.clamp((self.cursor + 1).saturating_sub(self.page), self.cursor).min(last);
    }

    /// Marks or unmarks the row under the cursor and steps down; ends a range.
    pub(crate) fn mark(&mut self) {
        if self.anchor.is_some() {
            self.end_range();
            return;
        }
        if let Some(row) = self.current() {
            self.marks.set(row, !self.marks.has(row));
        }
        self.step(1);
    }

    /// Begins a range at the cursor, or marks what is in it.
    pub(crate) fn mark_range(&mut self) {
        if self.anchor.is_some() {
            self.end_range();
        } else if !self.is_empty() {
            self.anchor = Some(self.cursor);
        }
    }

    /// Marks what is in the range that is being marked, and ends it.
    pub(crate) fn end_range(&mut self) {
        let rows: Vec<usize> = self.range().filter_map(|position| self.row(position)).collect();
        for row in rows {
            self.marks.set(row, true);
        }
        self.anchor = None;
    }

    /// Marks every row shown, or those that have the filter's text where some have; where all are marked already, unmarks
    /// them. How many it marked, or `None` where it unmarked them.
    pub(crate) fn mark_all(&mut self) -> Option<usize> {
        self.anchor = None;
        let all = self.found.as_deref().unwrap_or(&self.order);
        let exact = all.len().saturating_sub(self.alike);
        let all = all.get(..exact).filter(|exact| !exact.is_empty()).unwrap_or(all);
        let marked = !all.iter().all(|row| self.marks.has(*row as usize));
        for row in all {
            self.marks.set(*row as usize, marked);
        }
        marked.then_some(all.len())
    }

    /// Gives up the range that is being marked; whether there was one.
    pub(crate) fn drop_range(&mut self) -> bool {
        self.anchor.take().is_some()
    }

    /// Unmarks everything; whether anything was marked.
    pub(crate) fn clear_marks(&mut self) -> bool {
        let any = self.marks.count() + self.elsewhere.len() > 0;
        self.marks.clear();
        self.elsewhere.clear();
        self.anchor = None;
        any
    }

    /// Puts an order in force; the same one again is turned round.
    pub(crate) fn set_sort(&mut self, rows: &impl Rows, by: SortBy) {
        let reversed = self.sort.by == by && !self.sort.reversed;
        self.sort = Sort { by, reversed };
        let (row, on_parent) = (self.current(), self.is_on_parent());
        self.rebuild(rows);
        self.settle(row, on_parent);
    }

    /// The rows that come are in this order as they are stored; `lead` puts a row `..` before them.
    pub(crate) fn stored_as(&mut self, sort: Sort, lead: bool) {
        (self.sort, self.lead) = (sort, lead);
    }

    /// Takes over other rows altogether: cursor on the first of them, no marks, no filter.
    pub(crate) fn reset(&mut self, rows: &impl Rows, lead: bool) {
        self.lead = lead;
        self.filter.clear();
        self.marks.clear();
        self.elsewhere.clear();
        self.anchor = None;
        self.rebuild(rows);
        self.offset = 0;
        self.go_first();
    }
}
