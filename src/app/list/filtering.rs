//! Which rows of a list are shown: those of the type, size and age that it is narrowed to, and of these what the filter
//! lets through. Rows that come later are asked alone.

use chrono::DateTime;

use super::List;
use crate::app::filter::Needle;
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
        let row = self.current();
        // A longer filter can only let through what the shorter one did.
        let narrower = self.found.is_some() && text.starts_with(&self.filter);
        let among = if narrower { self.found.take().unwrap_or_default() } else { self.order.clone() };
        let needle = Needle::new(text);
        self.found = (!text.is_empty())
            .then(|| among.into_iter().filter(|row| needle.is_in(rows.name(*row as usize))).collect());
        text.clone_into(&mut self.filter);
        self.anchor = None;
        self.settle(row);
    }

    /// Narrows the list, or shows everything again. The cursor stays on its row where that is still shown.
    pub(crate) fn set_narrow(&mut self, rows: &impl Rows, narrow: Narrow) {
        let row = self.current();
        self.narrow = narrow;
        self.anchor = None;
        self.rebuild(rows);
        self.settle(row);
    }

    /// Takes over rows that came behind those from before, the first of them `from`.
    pub(crate) fn append(&mut self, rows: &impl Rows, from: usize) {
        if self.sort != rows.stored() {
            let row = self.current();
            self.rebuild(rows);
            self.settle(row);
            return;
        }
        let before = self.order.len();
        let new = self.staying(rows, from);
        self.order.extend(new);
        if let Some(found) = &mut self.found {
            let needle = Needle::new(&self.filter);
            let new = self.order.iter().skip(before).copied();
            found.extend(new.filter(|row| needle.is_in(rows.name(*row as usize))));
        }
        self.scroll();
    }

    pub(super) fn rebuild(&mut self, rows: &impl Rows) {
        self.tally = Tally::default();
        self.arrangements += 1;
        self.left_out = LeftOut::default();
        self.order = self.staying(rows, 0);
        self.sort.arrange(&mut self.order, rows);
        let filter = std::mem::take(&mut self.filter);
        self.found = None;
        if !filter.is_empty() {
            self.set_filter(rows, &filter);
        }
    }

    /// The rows from one on that are neither hidden nor narrowed away from; these are counted.
    fn staying(&mut self, rows: &impl Rows, from: usize) -> Vec<u32> {
        let seen = (from..rows.count()).filter(|row| !rows.is_hidden(*row));
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
