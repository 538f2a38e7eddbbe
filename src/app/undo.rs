//! What can be taken back where it was done: marks that were removed, a filter that was cleared, a search that was left, and
//! uploads and downloads that were cancelled. What was deleted or overwritten cannot; the question before it says so.

use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;

use super::effect::QueueCommand;
use super::list::List;
use super::notices::Level;
use super::rows::Rows;
use super::{App, Pane};
use crate::action::Place;
use crate::domain::transfer::TransferView;
use crate::domain::{Narrow, TransferId, TransferKind, TransferState, format};

/// How many steps are kept.
const MOST: usize = 10;

/// More marks than this are not kept: their names would take more memory than a second choice is worth.
const MARKS: usize = 10_000;

/// Where a step belongs: the list, and what it showed, since another folder may have rows of the same names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spot {
    place: Place,
    profile: String,
    pub(super) folder: PathBuf,
    prefix: String,
}

/// What can be taken back.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Rows that were marked, by what they are known by.
    Marks(HashSet<Vec<u8>>),
    /// The filter.
    Filter(String),
    /// What was searched for below.
    Search(String),
    /// What the list was narrowed to.
    Narrow(Narrow),
    /// Uploads and downloads that were cancelled. Deletes are asked for anew: no key that takes something back deletes.
    Cancelled(Cancelled),
    /// Something that does not come back, in a sentence: what was done before it is not taken back in its stead.
    Gone(&'static str),
}

/// What a cancel took.
#[derive(Debug, PartialEq, Eq)]
struct Cancelled {
    /// What would have gone on.
    open: Vec<TransferId>,
    /// What was paused.
    paused: Vec<TransferId>,
}

/// The last steps, the newest at the back.
#[derive(Debug, Default)]
pub(super) struct Undo(VecDeque<(Spot, Step)>);

impl Undo {
    fn push(&mut self, spot: Spot, step: Step) {
        self.0.push_back((spot, step));
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
            self.undo.push(self.spot(), Step::Marks(marked));
        }
    }

    /// Notes the filter that is about to be cleared.
    pub(super) fn note_filter(&mut self) {
        let text = self.needle().to_owned();
        if !text.is_empty() {
            self.undo.push(self.spot(), Step::Filter(text));
        }
    }

    /// Notes the search through what is below that is about to be left.
    pub(super) fn note_search(&mut self, text: String) {
        self.undo.push(self.spot(), Step::Search(text));
    }

    /// Notes what the list is narrowed to, which is about to be cleared.
    pub(super) fn note_narrow(&mut self) {
        self.undo.push(self.spot(), Step::Narrow(self.narrowing().clone()));
    }

    /// Notes transfers that are about to be cancelled: those that would go on. What had failed before does not, so that a
    /// cancel takes nothing but its row.
    pub(super) fn note_cancelled(&mut self, transfers: &[TransferId]) {
        let moves = |kind| matches!(kind, TransferKind::Upload | TransferKind::Download);
        let of = |id: &&TransferId| self.transfers.find(**id);
        let moved = |id: &&TransferId| of(id).is_some_and(|view| moves(view.transfer.kind));
        let open = |id: &&TransferId| of(id).is_some_and(|view| !view.transfer.state.is_final());
        let moved: Vec<_> = transfers.iter().filter(moved).copied().collect();
        let paused = |id: &TransferId| of(&id).is_some_and(|view| view.transfer.state == TransferState::Paused);
        let (paused, open): (Vec<_>, Vec<_>) = moved.iter().filter(open).copied().partition(paused);
        if !(paused.is_empty() && open.is_empty()) {
            self.undo.push(self.spot(), Step::Cancelled(Cancelled { open, paused }));
        } else if !moved.is_empty() {
            self.note_gone(
                "what had failed is not brought back: {retry} tries it again; {undo} once more goes further back",
            );
        }
    }

    /// Notes that something was done here that cannot be taken back.
    pub(super) fn note_gone(&mut self, said: &'static str) {
        self.undo.push(self.spot(), Step::Gone(said));
    }

    /// What the focused pane shows.
    pub(super) fn spot(&self) -> Spot {
        let place = self.place();
        let mut spot = Spot { place, profile: String::new(), folder: PathBuf::new(), prefix: String::new() };
        match place {
            Place::Local => spot.folder = self.browser.folder().to_path_buf(),
            Place::Catalog | Place::Bucket => {
                spot.profile.clone_from(&self.remote.slot().name);
                self.remote.prefix().clone_into(&mut spot.prefix);
            }
            Place::Transfers => {}
        }
        spot
    }

    /// Takes back the newest step that belongs here; those of other places stay for when somebody is there.
    pub(super) fn take_back(&mut self) {
        let here = self.spot();
        let newest = self.undo.0.iter().rposition(|(spot, _)| *spot == here);
        match newest.and_then(|index| self.undo.0.remove(index)).map(|(_, step)| step) {
            Some(Step::Marks(names)) => self.mark_again(&names),
            Some(Step::Filter(text)) => {
                self.set_filter(&text);
                self.out.say(Level::Info, format!("filtered again: {text}"));
            }
            Some(Step::Search(text)) => {
                self.remote.search_below(&text, &mut self.out);
                self.out.say(Level::Info, format!("searched again: {text}"));
            }
            Some(Step::Narrow(narrow)) => self.narrow(narrow),
            Some(Step::Cancelled(taken)) => self.uncancel(taken),
            Some(Step::Gone(said)) => self.say_with_keys(said),
            None => self.say_with_keys(nothing_here(here.place)),
        }
    }

    /// What has failed meanwhile was not cancelled; what was paused is paused again.
    fn uncancel(&mut self, Cancelled { mut open, paused }: Cancelled) {
        let has_failed = |view: &TransferView| view.transfer.state == TransferState::Failed;
        open.retain(|id| !self.transfers.find(*id).is_some_and(has_failed));
        for (command, ids) in [(QueueCommand::PauseAgain, paused), (QueueCommand::Retry, open)] {
            if !ids.is_empty() {
                self.transfers.send(command, ids, &mut self.out);
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

/// That there is nothing, and what there might be in this place.
fn nothing_here(place: Place) -> &'static str {
    match place {
        Place::Local => "nothing to take back here: {undo} brings back marks and filters where they were cleared",
        Place::Catalog | Place::Bucket => {
            "nothing to take back here: {undo} brings back marks, filters and searches where they were cleared"
        }
        Place::Transfers => {
            "nothing to take back here: {undo} brings back cleared marks and filters, and cancelled uploads and downloads"
        }
    }
}
