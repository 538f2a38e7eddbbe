//! The stage that the tests play on: presses keys, answers questions, and speaks of what a person would see.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{Event, KeyEvent};
use ratatui::layout::Size;

pub(in crate::app) use super::made::transfer;
pub(super) use super::made::{able, file, folder, identity, listed, profile, record, slot, slot_of};
use crate::action::{Keymap, parse_keys};
use crate::app::{Answer, App, Effect, LocalRow, Meant, Message, Notice, RequestId, Start};
use crate::config::memory::Memory;
use crate::config::{OwnFiles, Profile, ProfileSlot, Way};
use crate::domain::transfer::{Limits, QueueView, TransferView};
use crate::domain::{
    Capabilities, FileEntry, HomeFolder, ListPage, Record, RecordCursor, RecordPage, ShelfPage, Shelved, Sort,
};

/// The application with its open questions.
pub(super) struct Stage {
    pub(super) app: App,
    /// What the last update asked for.
    pub(super) effects: Vec<Effect>,
    now: DateTime<Utc>,
    /// The moment asked for last.
    wakes_at: Option<DateTime<Utc>>,
}

impl Stage {
    /// A screen of 120 by 36 that has asked its first questions.
    pub(super) fn new() -> Self {
        Self::with(vec![slot("prod"), slot("other")])
    }

    pub(super) fn with(profiles: Vec<ProfileSlot>) -> Self {
        Self::remembering(profiles, Memory::default())
    }

    /// With what was remembered.
    pub(super) fn remembering(profiles: Vec<ProfileSlot>, memory: Memory) -> Self {
        Self::started(profiles, Meant::Known, memory)
    }

    /// With what was remembered; where it is not known which of its profiles is meant, it has to ask.
    pub(super) fn started(profiles: Vec<ProfileSlot>, meant: Meant, memory: Memory) -> Self {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (size, limits) = (Size { width: 120, height: 36 }, Limits { jobs: 8, rate: 0 });
        let (folder, keymap) = (PathBuf::from("/home/me"), Keymap::default());
        let (in_force, home, mouse, images) = ("prod".into(), HomeFolder::new(Some("/home/me")), true, Way::Blocks);
        let files = OwnFiles::of("/home/me/.config/windlass/config.toml".as_ref(), "auto");
        let start =
            Start { profiles, in_force, meant, folder, size, now, limits, keymap, mouse, home, memory, images, files };
        let mut app = App::new(start);
        let effects = app.start();
        app.was_drawn(app.hint_line().spots());
        Self { app, effects, now, wakes_at: None }
    }

    /// A screen whose panes are full: local `sub/`, `a.txt`, `b.png`, `.hidden`; three records.
    pub(super) fn full() -> Self {
        Self::full_under(profile("prod"))
    }

    /// The same under this profile.
    pub(super) fn full_under(profile: Profile) -> Self {
        let mut stage = Self::with(vec![slot_of(profile), slot("other")]);
        stage.answer_folder(vec![folder("sub"), file(".hidden", 1), file("a.txt", 10), file("b.png", 2048)]);
        stage.answer_records(&["new.png", "mid.txt", "old.pdf"], false);
        stage
    }

    /// The same with a store that has said what it can do.
    pub(super) fn described(store: Capabilities) -> Self {
        let mut stage = Self::new();
        let (request, effects) = (stage.asked("Describe"), stage.effects.clone());
        stage.answer(request, Answer::Described(Ok(store)));
        stage.keep_open(effects);
        stage.answer_folder(vec![file("a.txt", 10)]);
        stage.answer_records(&["new.png", "mid.txt", "old.pdf"], false);
        stage
    }

    /// The same, standing in the view Bucket, which has answered with these keys.
    pub(super) fn in_bucket(keys: &[&str]) -> Self {
        let mut stage = Self::full();
        stage.press("2 v");
        stage.answer_objects(keys, None);
        stage
    }

    /// Sends it and shows the hint line of what has become of it.
    pub(super) fn send(&mut self, message: Message) -> &mut Self {
        self.unseen(message);
        self.app.was_drawn(self.app.hint_line().spots());
        self
    }

    /// Sends it, and another comes before the next frame.
    pub(super) fn unseen(&mut self, message: Message) -> &mut Self {
        self.effects = self.app.update(message);
        let moment = |effect: &Effect| if let Effect::WakeAt(moment) = effect { Some(*moment) } else { None };
        self.wakes_at = self.effects.iter().find_map(moment).or(self.wakes_at);
        self
    }

    /// Presses keys as the table writes them: `j`, `g g`, `ctrl-a`.
    pub(super) fn press(&mut self, keys: &str) -> &mut Self {
        let mut effects = Vec::new();
        for key in parse_keys(keys).unwrap() {
            self.event(Event::Key(KeyEvent::new(key.code, key.modifiers)));
            effects.append(&mut self.effects);
        }
        self.effects = effects;
        self
    }

    /// Types text, a key a character.
    pub(super) fn type_text(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            let name = if letter == ' ' { "space".to_owned() } else { letter.to_string() };
            self.press(&name);
        }
        self
    }

    pub(super) fn event(&mut self, event: Event) -> &mut Self {
        let now = self.now;
        self.send(Message::Input { event, now })
    }

    pub(super) fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.event(Event::Resize(width, height))
    }

    /// Lets milliseconds pass that nothing is due in.
    pub(super) fn pause(&mut self, milliseconds: i64) -> &mut Self {
        self.now += TimeDelta::milliseconds(milliseconds);
        self
    }

    /// Lets seconds pass.
    pub(super) fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now += TimeDelta::seconds(seconds);
        let now = self.now;
        self.send(Message::Tick { now })
    }

    pub(super) fn answer(&mut self, request: RequestId, answer: Answer) -> &mut Self {
        let now = self.now;
        self.send(Message::Answer { request, answer, now })
    }

    /// The id of the question that the last update asked, of those whose `Debug` begins with that name.
    pub(super) fn asked(&self, name: &str) -> RequestId {
        self.asked_if(name).unwrap_or_else(|| panic!("{name} was not asked for: {:?}", self.effects))
    }

    pub(super) fn asked_if(&self, name: &str) -> Option<RequestId> {
        self.effects.iter().find(|effect| format!("{effect:?}").starts_with(name)).and_then(request_of)
    }

    pub(super) fn answer_folder(&mut self, entries: Vec<FileEntry>) -> &mut Self {
        let (request, effects) = (self.asked("ListFolder"), self.effects.clone());
        self.answer(request, Answer::Folder(Ok(entries)));
        self.keep_open(effects)
    }

    /// A page of records with these keys, newest first, an hour apart; `more` says whether another follows.
    pub(super) fn answer_records(&mut self, keys: &[&str], more: bool) -> &mut Self {
        let records: Vec<Record> = keys.iter().enumerate().map(|(index, key)| record(key, index)).collect();
        let next = records.last().filter(|_| more).map(|last| RecordCursor::behind(last, Sort::NEWEST));
        self.answer_page(RecordPage { records, next, ..RecordPage::default() })
    }

    pub(super) fn answer_page(&mut self, page: RecordPage) -> &mut Self {
        let (request, effects) = (self.asked("LoadRecords"), self.effects.clone());
        self.answer(request, Answer::Records { page: Ok(page), took: Duration::from_millis(12) });
        self.keep_open(effects)
    }

    /// A page of a folder of the catalog: whole keys, and prefixes with their slash.
    pub(super) fn answer_shelf(&mut self, keys: &[&str], next: Option<&str>) -> &mut Self {
        let (request, effects) = (self.asked("LoadShelf"), self.effects.clone());
        let entry = |(number, key): (usize, &&str)| match key.strip_suffix('/') {
            Some(_) => Shelved::Folder((*key).to_owned()),
            None => Shelved::Record(Box::new(record(key, number))),
        };
        let entries = keys.iter().enumerate().map(entry).collect();
        let page = Ok(ShelfPage { entries, next: next.map(str::to_owned) });
        self.answer(request, Answer::Shelf { page, took: Duration::from_millis(2) });
        self.keep_open(effects)
    }

    pub(super) fn answer_objects(&mut self, keys: &[&str], next: Option<&str>) -> &mut Self {
        let request = self.asked("ListBucket");
        let entries = keys.iter().map(|key| listed(key)).collect();
        self.answer(request, Answer::Objects(Ok(ListPage { entries, next: next.map(str::to_owned) })))
    }

    /// A page of what is below.
    pub(super) fn answer_below(&mut self, keys: &[&str], next: Option<&str>) -> &mut Self {
        let request = self.asked("ListBelow");
        let entries = keys.iter().map(|key| listed(key)).collect();
        self.answer(request, Answer::Objects(Ok(ListPage { entries, next: next.map(str::to_owned) })))
    }

    /// Questions asked before the last answer can still be answered by their names.
    fn keep_open(&mut self, mut before: Vec<Effect>) -> &mut Self {
        self.effects.append(&mut before);
        self
    }

    pub(super) fn queue(&mut self, transfers: Vec<TransferView>) -> &mut Self {
        self.snapshot(QueueView { transfers, ..QueueView::default() })
    }

    pub(super) fn snapshot(&mut self, view: QueueView) -> &mut Self {
        let (now, view) = (self.now, Arc::new(view));
        self.send(Message::Queue { view, now })
    }

    /// The names in the pane Local, `..` included.
    pub(super) fn local(&self) -> Vec<String> {
        let browser = self.app.browser();
        (0..browser.list().len()).map(|position| local_name(browser.row(position).unwrap())).collect()
    }

    /// The name under the cursor of the pane Local.
    pub(super) fn local_cursor(&self) -> String {
        self.app.browser().current().map(local_name).unwrap()
    }

    /// The keys that the pane Remote shows.
    pub(super) fn remote(&self) -> Vec<String> {
        (0..self.app.remote().list().len()).map(|position| self.remote_row(position)).collect()
    }

    /// The key under the cursor of the pane Remote.
    pub(super) fn remote_cursor(&self) -> String {
        self.remote_row(self.app.remote().list().cursor())
    }

    fn remote_row(&self, position: usize) -> String {
        use crate::app::{BucketRow, CatalogRow, View};
        let remote = self.app.remote();
        match remote.view() {
            View::Catalog => match remote.catalog().row(position).unwrap() {
                CatalogRow::Parent => "..".into(),
                CatalogRow::Entry(_, name) => name.to_owned(),
            },
            View::Bucket => match remote.bucket().row(position).unwrap() {
                BucketRow::Parent => "..".into(),
                BucketRow::Entry(_, name) => name.to_owned(),
            },
        }
    }

    /// The sentences shown.
    pub(super) fn said(&self) -> Vec<&str> {
        let shown = self.app.notices().shown().iter();
        shown
            .flat_map(|notice: &Notice| std::iter::once(&notice.text).chain(&notice.further))
            .map(String::as_str)
            .collect()
    }

    /// When the application wants to be woken next.
    pub(super) fn wakes_at(&self) -> Option<DateTime<Utc>> {
        self.wakes_at
    }

    /// The time on the stage.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

fn local_name(row: LocalRow<'_>) -> String {
    match row {
        LocalRow::Parent => "..".into(),
        LocalRow::Entry(entry) => entry.name.to_string_lossy().into_owned(),
    }
}

/// The id that an effect carries.
pub(super) fn request_of(effect: &Effect) -> Option<RequestId> {
    match effect {
        Effect::Describe { request, .. }
        | Effect::ListFolder { request, .. }
        | Effect::WatchFolder { request, .. }
        | Effect::LoadRecords { request, .. }
        | Effect::LoadShelf { request, .. }
        | Effect::Estimate { request, .. }
        | Effect::RowSecurity { request, .. }
        | Effect::Examine { request, .. }
        | Effect::ListBucket { request, .. }
        | Effect::ListBelow { request, .. }
        | Effect::MakeKey { request, .. }
        | Effect::PlanUpload { request, .. }
        | Effect::PlanDownload { request, .. }
        | Effect::Walk { request, .. }
        | Effect::Count { request, .. }
        | Effect::Enqueue { request, .. }
        | Effect::Command { request, .. }
        | Effect::LookAtMet { request, .. }
        | Effect::SetLimits { request, .. }
        | Effect::Link { request, .. }
        | Effect::Request { request, .. }
        | Effect::ShowRequest { request, .. }
        | Effect::Copy { request, .. }
        | Effect::TryProfile { request, .. }
        | Effect::SaveProfile { request, .. }
        | Effect::MakeDefault { request, .. }
        | Effect::BucketFacts { request, .. }
        | Effect::Cors { request, .. }
        | Effect::SetCors { request, .. }
        | Effect::CountHidden { request, .. }
        | Effect::LookAtPaths { request, .. }
        | Effect::ReadProfiles { request, .. }
        | Effect::Inspect { request, .. }
        | Effect::Edit { request, .. }
        | Effect::Migrate { request, .. } => Some(*request),
        _ => None,
    }
}
