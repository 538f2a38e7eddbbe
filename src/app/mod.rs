//! The application: everything the screen shows, changed by messages alone. It does no IO and knows no clock; what it
//! wants done it says in effects, so that every behaviour is tested by comparing values.
//!
//! [`App`] is a router over areas, one a file. Whoever draws it takes `&App` and finds: [`App::layout`] (the rectangles),
//! [`App::browser`], [`App::remote`], [`App::transfers`] (the panes, each with a [`List`] and a `row(position)`),
//! [`App::dialog`], [`App::notices`], [`App::hints`], [`App::typing`] (the filter being typed). Text in
//! all of them is raw: it goes through `domain::display` when it is drawn.

mod again;
mod ahead;
pub mod browser;
pub mod bucket;
mod called;
mod cancels;
pub mod catalog;
mod commands;
pub mod database;
mod deletes;
pub mod dialog;
pub mod doctor;
mod editing;
pub mod effect;
mod escape;
pub mod facts;
mod filter;
mod focused;
mod fresh;
mod guard;
mod hint_line;
pub mod hints;
mod history;
pub mod inspector;
mod kept;
mod keys;
pub mod layout;
mod limits;
mod links;
pub mod list;
mod marks;
mod meant;
pub mod memory;
pub mod message;
mod messages;
mod migrating;
mod mouse;
mod narrowing;
mod newcomer;
pub mod notices;
mod opening;
mod outbox;
mod own_files;
pub mod pages;
pub mod palette;
mod paste;
mod perform;
mod places;
mod profiles;
mod quit;
pub mod remote;
mod requesting;
mod requests;
mod reread;
mod router;
pub mod rows;
pub mod scroll_bar;
pub mod spots;
mod standing;
mod start;
mod store;
mod tally;
#[cfg(test)]
mod tests;
mod title;
pub mod transfers;
mod typing;
mod undo;
pub mod upload;
mod walks;
pub mod welcome;

use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use crossterm::event::Event;
use ratatui::layout::Size;

pub use browser::{Browser, FolderState, LocalRow};
pub use bucket::{Bucket, BucketRow, ObjectRow};
pub use catalog::{Catalog, CatalogRow, RecordRow, ShelfRow};
pub use database::Database;
pub use dialog::Dialog;
pub use effect::{Effect, RequestId};
pub use hint_line::HintLine;
pub use hints::Hint;
pub use inspector::Inspector;
pub use kept::{KeptText, KeptWork};
pub use layout::{Layout, Pane};
pub use list::List;
pub use meant::Meant;
pub use message::{Answer, BucketFacts, Counted, Found, Inspected, LinkText, Message, Plan, RequestText};
pub use messages::MessageRow;
pub use notices::{Level, Notice, Notices};
pub use pages::{Phase, Tail};
pub use palette::{ActionRow, PaletteDialog, PaletteKind, PaletteRow};
pub use remote::{BucketTrouble, Remote, View};
pub use rows::{Sort, SortBy};
pub use spots::{Hit, Spot};
pub use start::Start;
pub use tally::Weight;
pub use transfers::Transfers;
pub use typing::Typing;
pub use welcome::NoRecords;

use crate::action::{Action, Key, Keymap};
use crate::config::memory::Memory;
use crate::config::{OwnFiles, ProfileSlot, Way};
use crate::domain::transfer::Limits;
use crate::domain::{Capabilities, Failure, HomeFolder};
use again::Promise;
use ahead::Ahead;
use kept::KeptTexts;
use keys::Interrupt;
use mouse::Mouse;
use opening::Opening;
use outbox::Outbox;
use palette::Inside;
use title::Title;
use undo::Undo;
use walks::OpenWalk;

/// The whole state of the screen.
#[derive(Debug)]
pub struct App {
    out: Outbox,
    keymap: Keymap,
    profiles: Vec<ProfileSlot>,
    /// A new profile that was begun to be typed, until it is saved.
    begun_profile: Option<Box<dialog::NewcomerDialog>>,
    size: Size,
    focus: Pane,
    /// Of Local and Remote the one that had the focus last.
    files: Pane,
    zoomed: bool,
    browser: Browser,
    remote: Remote,
    transfers: Transfers,
    /// Everything about the row under the cursor, while that is wanted.
    inspector: Option<Box<Inspector>>,
    images: Way,
    dialog: Option<Dialog>,
    opening: Opening,
    /// Keys that wait for the question that they are for.
    called: Vec<Event>,
    /// Folders and prefixes that are being gone through.
    walks: Vec<OpenWalk>,
    /// Those that were stopped: what was entering the journal just then is still told.
    stopped_walks: Vec<OpenWalk>,
    /// What is to be asked about once it is through.
    promises: Vec<Promise>,
    /// The filter while it is being typed.
    typing: Option<Typing>,
    /// Keys of a sequence that is not whole yet.
    pending: Vec<Key>,
    /// Lines of the palette that were run, the latest first.
    lines: VecDeque<String>,
    /// What is in the folder that a path being typed leads into.
    inside: Option<Inside>,
    /// An action that waits for the letter of a bookmark.
    letter: Option<Action>,
    /// Marks that wait for the list that they are for.
    ahead: Option<Ahead>,
    /// What the store in force can do; `None` until it has said so.
    store: Option<Capabilities>,
    /// What holds for profiles that nobody changed.
    limits: Limits,
    interrupt: Interrupt,
    mouse: Mouse,
    /// What a click on the open dialog hits.
    spots: Vec<Spot>,
    /// The keys of the dialog that is open stand over it.
    explains: bool,
    undo: Undo,
    /// Files whose texts were edited in this run, and go once they are saved.
    edits: HashSet<PathBuf>,
    /// Edited texts that were not saved.
    kept: KeptTexts,
    /// The key template that was typed last instead of the profile's own, and whose that is.
    typed_template: Option<(String, String)>,
    home: HomeFolder,
    own_files: OwnFiles,
    /// What this run has to remember.
    memory: Memory,
    /// What was remembered when it began.
    recalled: Memory,
    title: Title,
    /// No record has been there yet.
    is_new: bool,
    /// The moment that was asked for last.
    wake: Option<DateTime<Utc>>,
}

impl App {
    /// The keys in force.
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// The pane Local.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// The pane Remote.
    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Why the bucket in force could not be read, or takes no transfers, and was not seen to do so since.
    pub fn bucket_trouble(&self) -> Option<BucketTrouble> {
        self.remote.bucket_trouble(self.bucket_of_transfers())
    }

    /// Why transfers of the profile in force are stopped, where that is the bucket.
    fn bucket_of_transfers(&self) -> Option<BucketTrouble> {
        self.transfers.bucket_trouble(&self.remote.profile()?.identity())
    }

    /// The same of its catalog.
    fn catalog_of_transfers(&self) -> Option<&Failure> {
        self.transfers.catalog_trouble(&self.remote.profile()?.identity())
    }

    /// Whether nothing describes the profile in force any more: what was read under it is still shown.
    pub fn profile_is_gone(&self) -> bool {
        let slot = self.remote.slot();
        slot.profile.is_ok() && !self.profiles.iter().any(|known| known.name == slot.name)
    }

    /// The pane Transfers.
    pub fn transfers(&self) -> &Transfers {
        &self.transfers
    }

    /// Every profile there is, in the order they are shown.
    pub fn profiles(&self) -> &[ProfileSlot] {
        &self.profiles
    }

    /// The dialog that is open.
    pub fn dialog(&self) -> Option<&Dialog> {
        self.dialog.as_ref()
    }

    /// What was said.
    pub fn notices(&self) -> &Notices {
        &self.out.notices
    }

    /// The filter while it is being typed: drawn in the title of the focused pane, with a cursor.
    pub fn typing(&self) -> Option<&Typing> {
        self.typing.as_ref()
    }

    /// The pane that has the focus.
    pub fn focus(&self) -> Pane {
        self.focus
    }

    /// The terminal's size, as last reported.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The time of the last message, UTC: ages are counted from it.
    pub fn now(&self) -> DateTime<Utc> {
        self.out.now
    }

    /// Where everything is.
    pub fn layout(&self) -> Layout {
        Layout::of(&layout::Shape {
            size: self.size,
            focus: self.focus,
            files: self.files,
            zoomed: self.zoomed,
            transfers: self.transfers.list().total(),
            held: self.transfers.held().count(),
            inspecting: self.inspecting(),
        })
    }

    /// How much room the inspector has.
    fn inspecting(&self) -> layout::Inspecting {
        match &self.inspector {
            Some(inspector) if inspector.is_zoomed() => layout::Inspecting::Alone,
            Some(_) if !self.zoomed => layout::Inspecting::Beside,
            _ => layout::Inspecting::No,
        }
    }

    /// Tells every list how many of its rows fit.
    fn fit(&mut self) {
        let layout = self.layout();
        // A pane that is not shown keeps a page that is of use once it is.
        let usual = layout.pane(self.focus).or(layout.inspector).map_or(0, |area| area.height.saturating_sub(2));
        let page = |pane| if layout.pane(pane).is_some() { layout.page(pane) } else { usual.into() };
        let (local, remote, transfers) = (page(Pane::Local), page(Pane::Remote), page(Pane::Transfers));
        self.browser.list_mut().set_page(local);
        self.remote.set_page(remote);
        self.transfers.list_mut().set_page(transfers);
    }
}
