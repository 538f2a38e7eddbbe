//! What can be taken back: marks that were removed, a filter that was cleared, and transfers that were cancelled. What was
//! deleted or overwritten cannot; the question before it says so.

use std::collections::{HashSet, VecDeque};

use super::effect::QueueCommand;
use super::list::List;
use super::notices::Level;
use super::rows::Rows;
use super::{App, Pane, transfers};
use crate::action::Place;
use crate::domain::{Narrow, TransferId, format};

/// How many steps are kept.
const MOST: usize = 10;

/// More marks than this are not kept: their names would take more memory than a second choice is worth.
const MARKS: usize = 10_000;

/// One thing that can be taken back.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Rows of a place that were marked, by what they are known by.
    Marks(Place, HashSet<Vec<u8>>),
    /// The filter of a place.
    Filter(Place, String),
    /// What a place was narrowed to.
    Narrow(Place, Narrow),
    /// Transfers that were cancelled.
    Cancelled(Vec<TransferId>),
}

/// The last steps, the newest at the back.
#[derive(Debug, Default)]
pub(super) struct Undo(VecDeque<Step>);

impl Undo {
    fn push(&mut self, step: Step) {
        self.0.push_back(step);
        if self.0.len() > MOST {
            self.0.pop_front();
        }
    }
}

impl App {
    /// Notes the marks, of which some or all are about to be removed.
    pub(super) fn note_marks(&mut self) {
        if (1..=MARKS).contains(&self.list().marked()) {
            let marked = self.on_list(|list, rows| list.marked_names(rows));
            self.undo.push(Step::Marks(self.place(), marked));
        }
    }

    /// Notes the filter that is about to be cleared.
    pub(super) fn note_filter(&mut self) {
        let text = self.list().filter().to_owned();
        if !text.is_empty() {
            self.undo.push(Step::Filter(self.place(), text));
        }
    }

    /// Notes what the list is narrowed to, which is about to be cleared.
    pub(super) fn note_narrow(&mut self) {
        self.undo.push(Step::Narrow(self.place(), self.list().narrow().clone()));
    }

    /// Notes transfers that are about to be cancelled.
    pub(super) fn note_cancelled(&mut self, transfers: &[TransferId]) {
        self.undo.push(Step::Cancelled(transfers.to_vec()));
    }

    /// Takes back the newest step that belongs here; those of other places stay for when somebody is there.
    pub(super) fn take_back(&mut self) {
        let place = self.place();
        let here = |step: &Step| match step {
            Step::Marks(there, _) | Step::Filter(there, _) | Step::Narrow(there, _) => *there == place,
            Step::Cancelled(_) => true,
        };
        let newest = self.undo.0.iter().rposition(here);
        match newest.and_then(|index| self.undo.0.remove(index)) {
            Some(Step::Marks(_, names)) => self.mark_again(&names),
            Some(Step::Filter(_, text)) => self.set_filter(&text),
            Some(Step::Narrow(_, narrow)) => self.narrow(narrow),
            Some(Step::Cancelled(ids)) => transfers::send(QueueCommand::Retry, ids, &mut self.out),
            None => {
                self.out.say(Level::Info, "nothing here can be taken back: marks, filters and cancelled transfers can")
            }
        }
    }

    fn mark_again(&mut self, names: &HashSet<Vec<u8>>) {
        let (found, marked) = self.on_list(|list, rows| list.mark_names(rows, names));
        let gone = match names.len().saturating_sub(found) {
            0 => String::new(),
            gone => format!("; {} not here any more", format::count(gone as u64)),
        };
        self.out.say(Level::Info, format!("marked again: {}{gone}", format::count(marked as u64)));
    }

    /// Works on the focused pane's list, with its rows.
    fn on_list<T>(&mut self, work: impl FnOnce(&mut List, &dyn Rows) -> T) -> T {
        match self.focus {
            Pane::Local => self.browser.on_list(work),
            Pane::Remote => self.remote.on_list(work),
            Pane::Transfers => self.transfers.on_list(work),
        }
    }
}
