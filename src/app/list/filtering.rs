//! Which rows of a list are shown: those of the type, size and age that it is narrowed to, and of these what the filter
//! lets through. Rows that come later are asked alone.

use chrono::DateTime;

use super::List;
use crate::app::filter::Needle;
use crate::app::filter::bags::Bag;
use crate::app::filter::fuzzy::{Fuzzy, told};
use crate::app::rows::{Rows, SortBy};
use crate::app::tally::Tally;
use crate::domain::Narrow;

/// How many rows a list is narrowed away from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// All of them.
    pub all: u64,
    /// Those of which it is not known whether they are what is asked for.
    pub unknown: u64,
}

impl List {
    /// Puts a filter in force, or takes it away where the text is empty. The cursor stays on its row where that is
    /// still shown.
    pub(crate) fn set_filter(&mut self, rows: &impl Rows, text: &str) {
        let (row, on_parent) = (self.current(), self.is_on_parent());
        // A longer filter can only let through what the shorter one did.
        let narrower = self.found.is_some() && text.starts_with(&self.filter);
        let among = if narrower { self.take_exact() } else { self.order.clone() };
        let needle = Needle::new(text);
        self.found = (!text.is_empty())
            .then(|| among.into_iter().filter(|row| needle.is_in(rows.name(*row as usize))).collect());
        text.clone_into(&mut self.filter);
        self.anchor = None;
        let row = row.filter(|row| self.rows().contains(&number(*row)));
        self.find_alike(rows);
        self.settle(row, on_parent);
    }

    /// The rows that have the filter's text; nothing is found any more.
    fn take_exact(&mut self) -> Vec<u32> {
        let mut found = self.found.take().unwrap_or_default();
        found.truncate(found.len().saturating_sub(std::mem::take(&mut self.alike)));
        found
    }

    /// Puts what is like the filter behind what has its text, where that is less than a screenful.
    fn find_alike(&mut self, rows: &impl Rows) {
        self.alike = 0;
        if self.filter.is_empty() {
            self.bags = Vec::new();
        }
        let few = self.found.as_ref().is_some_and(|found| found.len() < self.page);
        let Some(mut fuzzy) = Fuzzy::new(&self.filter).filter(|_| few) else { return };
        let new = self.bags.len()..rows.count();
        self.bags.extend(new.map(|row| Bag::of(&told(rows.name(row)))));
        let Some(found) = &mut self.found else { return };
        // Both are in the list's order, so that what has the text is passed over in one go.
        let mut exact = found.iter().copied().peekable();
        let others = self.order.iter().copied().filter(|row| exact.next_if_eq(row).is_none());
        let with_bags = others.filter_map(|row| Some((row, *self.bags.get(row as usize)?)));
        let alike = fuzzy.best(with_bags, |row| rows.name(row as usize));
        self.alike = alike.len();
        found.extend(alike);
    }

    /// Narrows the list, or shows everything again. The cursor stays on its row where that is still shown.
    pub(crate) fn set_narrow(&mut self, rows: &impl Rows, narrow: Narrow) {
        let (row, on_parent) = (self.current(), self.is_on_parent());
        self.narrow = narrow;
        self.anchor = None;
        self.rebuild(rows);
        self.settle(row, on_parent);
    }

    /// Takes over rows that came behind those from before, the first of them `from`. The cursor stays on its row, and
    /// where that is not shown any more, at its place.
    pub(crate) fn append(&mut self, rows: &impl Rows, from: usize) {
        let (around, on_parent) = (self.around(), self.is_on_parent());
        if self.sort != rows.stored() {
            self.rebuild(rows);
            return self.settle_near(&around, on_parent);
        }
        let before = self.order.len();
        let new = self.staying(rows, from);
        self.order.extend(new);
        if self.found.is_none() {
            // Where all before were left out, there was nothing but `..` to stand on.
            return if before == 0 && from > 0 { self.go_first() } else { self.scroll() };
        }
        let needle = Needle::new(&self.filter);
        let mut found = self.take_exact();
        let new = self.order.iter().skip(before).copied();
        found.extend(new.filter(|row| needle.is_in(rows.name(*row as usize))));
        self.found = Some(found);
        self.find_alike(rows);
        self.settle_near(&around, on_parent);
    }

    pub(super) fn rebuild(&mut self, rows: &impl Rows) {
        self.tally = Tally::default();
        self.arrangements += 1;
        (self.left_out, self.folders) = (LeftOut::default(), 0);
        self.order = self.staying(rows, 0);
        self.sort.arrange(&mut self.order, rows);
        let filter = std::mem::take(&mut self.filter);
        self.found = None;
        (self.alike, self.bags) = (0, Vec::new());
        if !filter.is_empty() {
            self.set_filter(rows, &filter);
        }
    }

    /// The rows from one on that are neither hidden nor narrowed away from; these are counted.
    fn staying(&mut self, rows: &impl Rows, from: usize) -> Vec<u32> {
        let seen = (from..rows.count()).filter(|row| !rows.is_hidden(*row));
        self.folders += seen.clone().filter(|row| rows.is_folder(*row)).count();
        if self.narrow.is_none() {
            return seen.map(number).collect();
        }
        let mut left_out = self.left_out;
        let stays = |row: &usize| {
            let standing = standing(&self.narrow, rows, *row);
            left_out.all += u64::from(standing != Standing::In);
            left_out.unknown += u64::from(standing == Standing::Unknown);
            standing == Standing::In
        };
        let staying = seen.filter(stays).map(number).collect();
        self.left_out = left_out;
        staying
    }
}

/// Where a row stands that a list may be narrowed away from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    In,
    Out,
    Unknown,
}

/// Folders stay: what is looked for may be in them.
fn standing(narrow: &Narrow, rows: &impl Rows, row: usize) -> Standing {
    if rows.is_folder(row) {
        return Standing::In;
    }
    let size = rows.number(SortBy::Size, row).and_then(|size| u64::try_from(size).ok());
    let at = rows.number(SortBy::Date, row).and_then(|at| DateTime::from_timestamp(at, 0));
    let media_type = narrow.media_type.as_ref().and_then(|_| rows.media_type(row));
    if narrow.lets_through(size, at, media_type) {
        return Standing::In;
    }
    let unknown = narrow.asking_less(size.is_none(), at.is_none(), media_type.is_none());
    if unknown.lets_through(size, at, media_type) { Standing::Unknown } else { Standing::Out }
}

/// Row numbers fit 32 bits: no pane loads four thousand million rows.
fn number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}
