//! How the application begins: what it is given, the state that comes of that, and what it asks for first.

use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use ratatui::layout::Size;

use super::kept::KeptTexts;
use super::keys::Interrupt;
use super::mouse::Mouse;
use super::opening::Opening;
use super::outbox::Outbox;
use super::title::Title;
use super::undo::Undo;
use super::{App, Browser, Effect, Meant, Pane, Remote, Transfers};
use crate::action::Keymap;
use crate::config::memory::Memory;
use crate::config::{OwnFiles, ProfileSlot, Way};
use crate::domain::HomeFolder;
use crate::domain::transfer::Limits;

/// What the application starts with.
#[derive(Debug, Clone)]
pub struct Start {
    /// Every profile there is.
    pub profiles: Vec<ProfileSlot>,
    /// The name of the one in force.
    pub in_force: String,
    /// Whether that is the one that is meant; where not, the user is asked which.
    pub meant: Meant,
    /// The local folder, absolute.
    pub folder: PathBuf,
    /// The terminal's size.
    pub size: Size,
    /// The time, UTC.
    pub now: DateTime<Utc>,
    /// How much of a profile goes on at once where nothing else was said.
    pub limits: Limits,
    /// The keys in force.
    pub keymap: Keymap,
    /// Whether the mouse is Windlass's, not the terminal's own.
    pub mouse: bool,
    /// The user's home folder.
    pub home: HomeFolder,
    /// What was remembered from last time.
    pub memory: Memory,
    /// How pictures are shown.
    pub images: Way,
    /// Where the user's own files are.
    pub files: OwnFiles,
}

impl App {
    /// The state at the start. Nothing is asked for yet: [`App::start`] does.
    pub fn new(start: Start) -> Self {
        let slot = start.profiles.iter().find(|slot| slot.name == start.in_force).cloned();
        let slot = slot.unwrap_or_else(|| start.meant.missing(&start.in_force, &start.keymap));
        let mut app = Self {
            out: Outbox::new(start.now),
            keymap: start.keymap,
            profiles: start.profiles,
            begun_profile: None,
            size: start.size,
            focus: Pane::Local,
            files: Pane::Local,
            zoomed: false,
            browser: Browser::new(start.folder),
            remote: Remote::new(slot),
            transfers: Transfers::new(),
            inspector: None,
            images: start.images,
            dialog: None,
            opening: Opening::default(),
            called: Vec::new(),
            walks: Vec::new(),
            stopped_walks: Vec::new(),
            promises: Vec::new(),
            typing: None,
            pending: Vec::new(),
            lines: VecDeque::new(),
            inside: None,
            letter: None,
            ahead: None,
            store: None,
            limits: start.limits,
            interrupt: Interrupt::default(),
            mouse: Mouse::new(start.mouse),
            spots: Vec::new(),
            explains: false,
            undo: Undo::default(),
            edits: HashSet::new(),
            kept: KeptTexts::default(),
            typed_template: None,
            home: start.home,
            own_files: start.files,
            memory: Memory::default(),
            recalled: Memory::default(),
            title: Title::default(),
            is_new: true,
            wake: None,
        };
        app.recall(start.memory);
        app.fit();
        if let Some(title) = start.meant.asks() {
            app.show_profiles(title);
        }
        app
    }

    /// What to ask for first: the folder and the first page of records. The screen is drawn before any of it answers.
    pub fn start(&mut self) -> Vec<Effect> {
        self.browser.refresh(&mut self.out);
        self.remote.read(&mut self.out);
        self.describe();
        self.finish()
    }
}
