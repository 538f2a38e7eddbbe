//! Marks by the names of their rows, also of rows that the list does not have now: a search hides them, or they are further
//! down.

use std::collections::HashSet;

use super::List;
use crate::app::rows::Rows;
use crate::app::tally::Tally;

impl List {
    /// What the marked rows are known by.
    pub(crate) fn marked_names(&self, rows: &dyn Rows) -> HashSet<Vec<u8>> {
        let here = self.marked_rows().map(|row| rows.identity(row).to_vec());
        here.chain(self.elsewhere.keys().cloned()).collect()
    }

    /// The marked rows, without the range that is being marked.
    pub(crate) fn marks(&self) -> impl Iterator<Item = usize> + '_ {
        self.marks.iter()
    }

    /// What is marked and not in this list, by identity.
    pub(crate) fn marked_elsewhere(&self) -> impl Iterator<Item = &[u8]> {
        self.elsewhere.keys().map(Vec::as_slice)
    }

    /// Takes the marks off what is not in this list and is gone altogether.
    pub(crate) fn forget_elsewhere(&mut self, gone: impl Fn(&[u8]) -> bool) {
        self.elsewhere.retain(|name, _| !gone(name));
        self.tally = Tally::default();
    }

    /// Marks the rows that are known by these, also those that the list does not have where they are known; how many there
    /// are, and how many of them were not marked.
    pub(crate) fn mark_names(&mut self, rows: &dyn Rows, names: &HashSet<Vec<u8>>) -> (usize, usize) {
        let before = self.marks.count() + self.elsewhere.len();
        let mut missing: HashSet<&[u8]> = names.iter().map(Vec::as_slice).collect();
        for row in (0..rows.count()).filter(|row| !rows.is_hidden(*row) && names.contains(rows.identity(*row))) {
            let name = rows.identity(row);
            missing.remove(name);
            self.elsewhere.remove(name);
            self.marks.set(row, true);
        }
        let known: Vec<_> = missing.iter().filter_map(|name| Some((name.to_vec(), rows.elsewhere(name)?))).collect();
        let found = names.len() - (missing.len() - known.len());
        self.elsewhere.extend(known);
        self.tally = Tally::default();
        (found, (self.marks.count() + self.elsewhere.len()).saturating_sub(before))
    }
}
