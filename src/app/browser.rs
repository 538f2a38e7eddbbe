//! The pane Local: one folder of this machine. It stays where it is until the next folder has been read, so that a folder
//! that cannot be read leaves everything as it was.

mod chosen;
mod entries;
mod watching;

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::effect::Effect;
use super::fresh::Freshness;
use super::history::{History, Spot};
use super::list::List;
use super::outbox::Outbox;
use super::requests::Purpose;
use super::rows::{Rows, Sort, SortBy};
use crate::domain::display::display_path;
use crate::domain::{Failure, FileEntry, Narrow, Result};
pub(crate) use chosen::ChosenFiles;
use entries::Entries;
pub(crate) use entries::extension;

/// What is known of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderState {
    /// It is being read for the first time.
    Loading,
    /// Its entries are there.
    Ready,
    /// It could not be read; `R` tries again.
    Failed(Failure),
}

/// A row of the pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalRow<'a> {
    /// The row `..`.
    Parent,
    /// An entry of the folder.
    Entry(&'a FileEntry),
}

/// The pane's state.
#[derive(Debug)]
pub struct Browser {
    folder: PathBuf,
    state: FolderState,
    entries: Entries,
    list: List,
    going: Option<Going>,
    history: History<PathBuf>,
    fresh: Freshness,
    /// How long the folder is left alone before it is looked at.
    rest: Duration,
}

/// A folder that is being read.
#[derive(Debug)]
struct Going {
    to: PathBuf,
    /// The name to put the cursor on.
    cursor: Option<Vec<u8>>,
    /// The place to remember once it is left.
    from: Option<Spot<PathBuf>>,
    /// It was Esc that led there.
    escaped: bool,
    /// Nobody asked for it: the folder has changed.
    by_itself: bool,
    began: DateTime<Utc>,
}

impl Going {
    fn to(to: PathBuf, cursor: Option<Vec<u8>>, began: DateTime<Utc>) -> Self {
        Self { to, cursor, from: None, escaped: false, by_itself: false, began }
    }
}

impl Browser {
    /// Stands in a folder that is not read yet.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            state: FolderState::Loading,
            entries: Entries::default(),
            list: List::new(Sort::NAME, false),
            going: None,
            history: History::default(),
            fresh: Freshness::NEVER,
            rest: watching::EVERY,
        }
    }

    /// The folder whose entries are shown.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is known of it.
    pub fn state(&self) -> &FolderState {
        &self.state
    }

    /// The folder that is being read now, if any: the title says so.
    pub fn going(&self) -> Option<&Path> {
        self.going.as_ref().map(|going| going.to.as_path())
    }

    /// Whether somebody waits for that.
    pub fn is_reading(&self) -> bool {
        self.going.as_ref().is_some_and(|going| !going.by_itself)
    }

    /// Cursor, marks, filter and order.
    pub fn list(&self) -> &List {
        &self.list
    }

    /// Whether hidden files are shown.
    pub fn shows_hidden(&self) -> bool {
        self.entries.show_hidden
    }

    /// Whether the folder has nothing at all, not even what is hidden.
    pub fn is_empty(&self) -> bool {
        self.entries.all.is_empty()
    }

    /// The row at a position of [`Browser::list`].
    pub fn row(&self, position: usize) -> Option<LocalRow<'_>> {
        if position == 0 && self.list.has_lead() {
            return Some(LocalRow::Parent);
        }
        self.list.row(position).and_then(|row| self.entries.all.get(row)).map(LocalRow::Entry)
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<LocalRow<'_>> {
        self.row(self.list.cursor())
    }

    /// Adds up what the marked files weigh.
    pub(crate) fn weigh(&mut self) {
        self.list.weigh(&self.entries);
    }

    /// Works on the list, with its rows.
    pub(crate) fn on_list<T>(&mut self, work: impl FnOnce(&mut List, &dyn Rows) -> T) -> T {
        work(&mut self.list, &self.entries)
    }

    /// When what is shown of the folder was read, UTC.
    pub fn read_at(&self) -> Option<DateTime<Utc>> {
        self.fresh.read_at()
    }

    /// The list, for moving and marking.
    pub(crate) fn list_mut(&mut self) -> &mut List {
        &mut self.list
    }

    /// Reads the folder again.
    pub(crate) fn refresh(&mut self, out: &mut Outbox) {
        let again = || Going::to(self.folder.clone(), None, out.now);
        let going = self.going.take().unwrap_or_else(again);
        self.go(Going { began: out.now, by_itself: false, ..going }, out);
    }

    /// Enters the folder under the cursor; whether there is one.
    pub(crate) fn open(&mut self, out: &mut Outbox) -> bool {
        match self.current() {
            Some(LocalRow::Parent) => self.up(out),
            Some(LocalRow::Entry(entry)) if entry.is_folder() => {
                let to = self.folder.join(&entry.name);
                self.travel(to, None, out);
                true
            }
            _ => false,
        }
    }

    /// Goes to the folder above, the cursor on the one that was left; whether there is one.
    pub(crate) fn up(&mut self, out: &mut Outbox) -> bool {
        // From the folder that is being gone to, so that two presses in one burst go up twice.
        let here = self.going().unwrap_or(&self.folder);
        let Some(above) = here.parent().map(Path::to_path_buf) else { return false };
        let from = here.file_name().map(|name| name.as_bytes().to_vec());
        self.travel(above, from, out);
        true
    }

    /// Goes back to the place before; whether there is one.
    pub(crate) fn back(&mut self, out: &mut Outbox) -> bool {
        let spot = self.history.back(self.spot());
        spot.map(|spot| self.go(Going::to(spot.place, spot.cursor, out.now), out)).is_some()
    }

    /// The same by Esc, if there is one.
    pub(crate) fn escape_back(&mut self, out: &mut Outbox) {
        if let Some(spot) = self.history.back(self.spot()) {
            self.go(Going { escaped: true, ..Going::to(spot.place, spot.cursor, out.now) }, out);
        }
    }

    /// Goes forward again; whether there is anything ahead.
    pub(crate) fn forward(&mut self, out: &mut Outbox) -> bool {
        let spot = self.history.forward(self.spot());
        spot.map(|spot| self.go(Going::to(spot.place, spot.cursor, out.now), out)).is_some()
    }

    /// Gives this folder a letter.
    pub(crate) fn bookmark(&mut self, letter: char) {
        self.history.set_bookmark(letter, self.folder.clone());
    }

    /// Gives a folder a letter.
    pub(crate) fn set_bookmark(&mut self, letter: char, folder: PathBuf) {
        self.history.set_bookmark(letter, folder);
    }

    /// Goes to the folder of a letter; whether it has one.
    pub(crate) fn go_bookmark(&mut self, letter: char, out: &mut Outbox) -> bool {
        let to = self.history.bookmark(letter).cloned();
        to.map(|to| self.travel(to, None, out)).is_some()
    }

    /// Goes to a folder; one that cannot be read says so and is not gone to.
    pub(crate) fn go_to(&mut self, folder: PathBuf, out: &mut Outbox) {
        self.travel(folder, None, out);
    }

    /// What was visited and what has a letter.
    pub(crate) fn history(&self) -> &History<PathBuf> {
        &self.history
    }

    fn spot(&self) -> Spot<PathBuf> {
        let cursor = self.list.current().map(|row| self.entries.name(row).to_vec());
        Spot { place: self.folder.clone(), cursor }
    }

    /// Goes to a folder, the cursor on the entry of that name.
    pub(crate) fn travel(&mut self, to: PathBuf, cursor: Option<Vec<u8>>, out: &mut Outbox) {
        let from = (to != self.folder).then(|| self.spot());
        self.go(Going { from, ..Going::to(to, cursor, out.now) }, out);
    }

    fn go(&mut self, going: Going, out: &mut Outbox) {
        out.ask(Purpose::Folder, |request| Effect::ListFolder { request, path: going.to.clone() });
        self.going = Some(going);
    }

    /// A transfer or somebody else has changed the folder: it is read again, at most once a second.
    pub(crate) fn changed(&mut self) {
        self.fresh.spoil();
    }

    /// When there is something to do without a key being pressed, UTC.
    pub(crate) fn next_moment(&self) -> Option<DateTime<Utc>> {
        self.fresh.due().filter(|_| self.going.is_none())
    }

    /// Does what time has come for.
    pub(crate) fn tick(&mut self, out: &mut Outbox) {
        if self.next_moment().is_some_and(|due| due <= out.now) {
            self.go(Going { by_itself: true, ..Going::to(self.folder.clone(), None, out.now) }, out);
        }
    }

    /// Stops reading the next folder; whether one was being read that somebody waits for.
    pub(crate) fn stop(&mut self, out: &mut Outbox) -> bool {
        if !self.is_reading() {
            return false;
        }
        out.give_up(&Purpose::Folder);
        let Some(going) = self.going.take() else { return false };
        if self.state == FolderState::Loading {
            self.state = FolderState::Ready;
            self.fresh.asked(going.began);
        }
        if going.to == self.folder {
            self.fresh.let_be();
        }
        // From when it was read: what came since is found by the next look.
        self.watch(out);
        true
    }

    /// Takes over what was read; whether Esc has led to another folder by that.
    pub(crate) fn arrived(&mut self, answer: Result<Vec<FileEntry>>, out: &mut Outbox) -> bool {
        let Some(going) = self.going.take() else { return false };
        let escaped = going.escaped && answer.is_ok();
        let began = going.began;
        let counts = answer.is_ok() || going.to == self.folder || self.state == FolderState::Loading;
        match answer {
            Ok(entries) => self.show(going, entries),
            Err(failure) if self.state == FolderState::Ready && going.to != self.folder => out.fail(&failure),
            Err(failure) => self.state = FolderState::Failed(failure),
        }
        if counts {
            self.has_read(began, out);
        }
        escaped
    }

    fn show(&mut self, going: Going, mut entries: Vec<FileEntry>) {
        if !entries.is_sorted_by(|one, other| one.by_name(other).is_le()) {
            entries.sort_by(FileEntry::by_name);
        }
        let same = going.to == self.folder && self.state == FolderState::Ready;
        let kept = same.then(|| self.list.keep(&self.entries));
        self.entries.all = entries;
        if let Some(from) = going.from {
            self.history.leave(from);
        }
        self.folder = going.to;
        self.state = FolderState::Ready;
        match kept {
            Some(kept) => self.list.restore(&self.entries, &kept),
            None => self.list.reset(&self.entries, self.folder.parent().is_some()),
        }
        if let Some(name) = going.cursor {
            self.list.go_to(&self.entries, &name);
        }
    }

    /// Shows or hides hidden files.
    pub(crate) fn toggle_hidden(&mut self) {
        let kept = self.list.keep(&self.entries);
        self.entries.show_hidden = !self.entries.show_hidden;
        self.list.restore(&self.entries, &kept);
    }

    /// Puts a filter in force.
    pub(crate) fn filter(&mut self, text: &str) {
        self.list.set_filter(&self.entries, text);
    }

    /// Narrows the list.
    pub(crate) fn narrow(&mut self, narrow: Narrow) {
        self.list.set_narrow(&self.entries, narrow);
    }

    /// Puts an order in force, or turns it round.
    pub(crate) fn sort(&mut self, by: SortBy) {
        self.list.set_sort(&self.entries, by);
    }

    /// What is said while there is no list.
    pub fn title(&self) -> String {
        display_path(self.going().unwrap_or(&self.folder))
    }
}
