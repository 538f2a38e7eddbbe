//! Where a list stands, for when its rows are read again or others come: the cursor stays on its row, and where that is gone,
//! at its place, which the rows around it tell.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::List;
use crate::app::rows::Rows;

/// How many rows on each side of the cursor are remembered.
const NEAR: usize = 500;

/// Where the cursor is that no name tells.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// On `..`, with other rows to choose from.
    Parent,
    /// At this position.
    At(usize),
    /// On the first row that is not `..`.
    First,
}

/// Where a list stood, by names, because rows that are read again have other numbers.
#[derive(Debug)]
pub(crate) struct Kept {
    around: Vec<Vec<u8>>,
    /// Where it is if none of these is there.
    place: Place,
    anchor: Option<Vec<u8>>,
    marks: HashSet<Vec<u8>>,
}

impl Kept {
    /// For rows of something else, in which neither the rows around the cursor nor their number say anything of its place.
    pub(crate) fn for_others(mut self) -> Self {
        self.around.truncate(1);
        if let Place::At(_) = self.place {
            self.place = Place::First;
        }
        self
    }
}

impl List {
    /// Where the list stands, by names.
    pub(crate) fn keep(&self, rows: &impl Rows) -> Kept {
        let name = |row: usize| rows.identity(row).to_vec();
        Kept {
            around: self.around().into_iter().map(|row| name(row as usize)).collect(),
            place: self.place(),
            anchor: self.anchor.and_then(|anchor| self.row(anchor)).map(name),
            marks: self.marks.iter().map(name).collect(),
        }
    }

    /// Takes over rows that were read again: cursor, marks, range, filter and order stay.
    pub(crate) fn restore(&mut self, rows: &impl Rows, kept: &Kept) {
        self.marks.clear();
        if !kept.marks.is_empty() {
            let is_marked = |row: &usize| !rows.is_hidden(*row) && kept.marks.contains(rows.identity(*row));
            (0..rows.count()).filter(is_marked).for_each(|row| self.marks.set(row, true));
        }
        self.rebuild(rows);
        match (self.position_near(rows, &kept.around), kept.place) {
            (Some(position), _) | (None, Place::At(position)) => self.go(position),
            (None, Place::Parent) => self.go(0),
            (None, Place::First) => self.go_first(),
        }
        self.anchor = kept.anchor.as_deref().and_then(|name| self.position_of(rows, name));
    }

    fn place(&self) -> Place {
        let on_parent = self.cursor < self.lead_rows() && !self.rows().is_empty();
        if on_parent { Place::Parent } else { Place::At(self.cursor) }
    }

    /// The rows that tell the cursor's place, as far as they are shown later: its own, those behind it, then those before
    /// it from the nearest on. None where it is on `..`.
    pub(super) fn around(&self) -> Vec<u32> {
        let Some(index) = self.cursor.checked_sub(self.lead_rows()) else { return Vec::new() };
        let Some((before, from)) = self.rows().split_at_checked(index) else { return Vec::new() };
        let near = before.iter().rev().take(NEAR);
        // The row itself is one more.
        if from.is_empty() { Vec::new() } else { from.iter().take(NEAR + 1).chain(near).copied().collect() }
    }

    /// The position of the first of these names that is shown.
    fn position_near(&self, rows: &impl Rows, names: &[Vec<u8>]) -> Option<usize> {
        let own = self.position_of(rows, names.first()?);
        let shown = self.rows().iter().map(|row| rows.identity(*row as usize));
        own.or_else(|| nearest(names.iter().map(Vec::as_slice), shown).map(|index| index + self.lead_rows()))
    }

    /// Whether somebody has put the cursor on `..`, with other rows to choose from.
    pub(super) fn is_on_parent(&self) -> bool {
        matches!(self.place(), Place::Parent)
    }

    /// Puts the cursor on the first of these rows that is shown, else on the first of all, or on `..` where it was.
    pub(super) fn settle_near(&mut self, around: &[u32], on_parent: bool) {
        let index = nearest(around.iter(), self.rows().iter());
        self.settle_at(index, on_parent);
    }

    /// Puts the cursor back on a row where it is still shown, else on the first, or on `..` where it was.
    pub(super) fn settle(&mut self, row: Option<usize>, on_parent: bool) {
        let index = row.and_then(|row| self.rows().iter().position(|shown| *shown as usize == row));
        self.settle_at(index, on_parent);
    }

    fn settle_at(&mut self, index: Option<usize>, on_parent: bool) {
        match index {
            None if on_parent => self.go(0),
            index => self.go(index.unwrap_or(0) + self.lead_rows()),
        }
    }
}

/// Where among those shown the most wanted stands: the earlier one is named, the more it is wanted.
fn nearest<T: Eq + Hash>(wanted: impl Iterator<Item = T>, shown: impl Iterator<Item = T>) -> Option<usize> {
    let ranks: HashMap<T, usize> = wanted.zip(0..).collect();
    let ranked = shown.enumerate().filter_map(|(index, row)| Some((*ranks.get(&row)?, index)));
    ranked.min().map(|(_, index)| index)
}
