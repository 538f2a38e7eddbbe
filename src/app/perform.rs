//! What every action does, once it is known that it can.

use std::sync::Arc;

use super::dialog::{Dialog, ExpiryDialog, ProfilesDialog, Prompt, PromptFor, Scroll};
use super::effect::{Effect, QueueCommand, Wanted, WantedObject};
use super::escape::LED;
use super::notices::Level;
use super::palette::PaletteDialog;
use super::reread::Reread;
use super::standing::Route;
use super::{App, List, Pane, SortBy, Typing};
use crate::action::Action;
use crate::domain::format;
use crate::domain::transfer::ProfileIdentity;

/// Rows that the inspector scrolls by at once.
const SCROLLED: isize = 5;

impl App {
    /// Does what the action says.
    pub(super) fn perform(&mut self, action: Action) {
        self.move_on();
        match action {
            Action::NextPane => self.focus_on(self.focus.next(1)),
            Action::PreviousPane => self.focus_on(self.focus.next(2)),
            Action::PaneLocal => self.focus_on(Pane::Local),
            Action::PaneRemote => self.focus_on(Pane::Remote),
            Action::PaneTransfers => self.focus_on(Pane::Transfers),
            Action::Zoom => self.zoom(),
            Action::Open | Action::Up | Action::Back | Action::Forward => self.travel(action),
            Action::Bookmark | Action::GoBookmark => self.letter = Some(action),
            Action::Mark => self.mark(),
            Action::MarkRange => self.list_mut().mark_range(),
            Action::MarkAll => self.mark_all(),
            Action::Escape => self.escape(),
            Action::Filter => self.typing = Some(Typing::of(self.needle())),
            Action::SortName => self.sort(SortBy::Name),
            Action::SortSize => self.sort(SortBy::Size),
            Action::SortDate => self.sort(SortBy::Date),
            Action::SortType => self.sort(SortBy::Type),
            Action::NarrowClear => {
                self.widen();
            }
            Action::NextView => self.remote.next_view(&mut self.out),
            Action::Folders => self.remote.toggle_folders(&mut self.out),
            Action::AllUsers => self.remote.toggle_users(&mut self.out),
            Action::HiddenFiles => self.browser.toggle_hidden(),
            Action::Refresh => self.refresh(),
            Action::Upload => self.upload(),
            Action::Save => self.save(),
            Action::SaveAs => self.save_as(),
            Action::Delete => self.delete(),
            Action::CopyLink => self.link(None),
            Action::CopyCurl => self.link(Some(Wanted::Curl(self.expiry()))),
            Action::CopyPublicUrl => self.link(Some(Wanted::Public)),
            Action::CopyUri => self.link(Some(Wanted::Uri)),
            Action::CopyLinkFor => self.link_for(),
            Action::CopyKey => self.copy_keys(),
            Action::UploadRequest => self.ask_request(),
            Action::Record => self.record(),
            Action::Inspect => self.toggle_inspector(),
            Action::PreviewDown => self.scroll_inspector(SCROLLED),
            Action::PreviewUp => self.scroll_inspector(-SCROLLED),
            Action::CopyField => self.ask_field(),
            Action::Cancel => self.cancel(),
            Action::Retry => self.retry(),
            Action::Pause => self.transfers.pause(&mut self.out),
            Action::PauseAll => self.transfers.pause_all(&mut self.out),
            Action::Raise => self.transfers.command(QueueCommand::Raise, &mut self.out),
            Action::Lower => self.transfers.command(QueueCommand::Lower, &mut self.out),
            Action::TransferDetails => self.show_details(),
            Action::Limits => self.ask_limits(),
            Action::ClearDone => self.clear_done(),
            Action::Doctor => self.examine(),
            Action::AboutBucket => self.show_bucket(),
            Action::Palette => self.out.open(Dialog::Palette(PaletteDialog::commands())),
            Action::Profiles => self.look_at_profiles(),
            Action::Help => self.out.open(Dialog::Palette(PaletteDialog::help())),
            Action::Messages => self.out.open(Dialog::Messages(Scroll::default())),
            Action::Jump => self.ask_jump(),
            Action::TransferFolder => self.go_to_transfer(),
            Action::Undo => self.take_back(),
            Action::Mouse => self.switch_mouse(),
            Action::Redraw => self.out.push(Effect::Redraw),
            Action::Suspend => self.out.push(Effect::Suspend),
            Action::Quit => self.quit(),
            Action::Edit => self.edit(),
            Action::EditKept => self.edit_kept(),
            Action::DiscardKept => self.ask_discard_kept(),
            // Its key is looked at before any table; this is the palette's way.
            Action::Interrupt => self.interrupt(),
            other => match other.narrows_by() {
                Some(by) => self.ask_narrow(by),
                None => self.motion(other),
            },
        }
    }

    fn clear_done(&mut self) {
        if self.focus == Pane::Transfers {
            self.note_gone("what was cleared does not come back; {undo} once more goes further back");
        }
        self.transfers.clear_done(&mut self.out);
    }

    fn mark(&mut self) {
        if self.list().is_marked(self.list().cursor()) {
            self.note_marks();
        }
        self.list_mut().mark();
    }

    fn mark_all(&mut self) {
        self.note_marks();
        let marked = self.list_mut().mark_all();
        if let Some(said) = marked.and_then(|rows| self.about_rows_not_loaded(rows)) {
            self.out.say(Level::Warning, said);
        }
    }

    fn motion(&mut self, action: Action) {
        if self.scrolls_preview(action) {
            return;
        }
        if action == Action::Last && self.focus == Pane::Remote {
            return self.remote.go_last();
        }
        let page = isize::try_from(self.list().page()).unwrap_or(1);
        let list = self.list_mut();
        match action {
            Action::MoveDown | Action::NextHit => list.step(1),
            Action::MoveUp | Action::PreviousHit => list.step(-1),
            Action::HalfPageDown => list.step((page / 2).max(1)),
            Action::HalfPageUp => list.step(-(page / 2).max(1)),
            Action::PageDown => list.step(page),
            Action::PageUp => list.step(-page),
            Action::First => list.go(0),
            Action::Last => list.go(usize::MAX),
            _ => {}
        }
    }

    /// Gives a pane the focus.
    pub(super) fn focus_on(&mut self, pane: Pane) {
        self.focus = pane;
        self.unzoom_preview();
        // A zoomed pane would hide the inspector, which goes on asking about what is under the cursor.
        self.zoomed = self.zoomed && self.inspector.is_none();
        self.typing = None;
        self.pending.clear();
        if pane != Pane::Transfers {
            self.files = pane;
        }
    }

    /// A pane's list.
    pub(super) fn list_of(&mut self, pane: Pane) -> &mut List {
        match pane {
            Pane::Local => self.browser.list_mut(),
            Pane::Remote => self.remote.list_mut(),
            Pane::Transfers => self.transfers.list_mut(),
        }
    }

    fn travel(&mut self, action: Action) {
        let visited = self.remote.catalog().is_visiting();
        let moved = match (self.focus, action) {
            (Pane::Remote, action) => {
                let route = match action {
                    Action::Open => self.remote.opens(),
                    Action::Up => Some(Route::Up),
                    Action::Back => Some(Route::Back),
                    _ => Some(Route::Forward),
                };
                route.is_some_and(|route| self.remote.go(route, &mut self.out))
            }
            (_, Action::Open) => self.browser.open(&mut self.out),
            (_, Action::Up) => self.browser.up(&mut self.out),
            (_, Action::Back) => self.browser.back(&mut self.out),
            (_, _) => self.browser.forward(&mut self.out),
        };
        let moved = moved || (action == Action::Open && self.look_inside());
        if !moved {
            self.say_with_keys(why_not_moved(action));
        } else if self.remote.catalog().is_visiting() && !visited {
            let text = self.with_keys("its folder; Esc goes back to what was found, {folders} shows every record");
            self.out.say_about(LED, Level::Info, text);
        }
    }

    /// Says a sentence in which `{upload}` stands for that action's key.
    pub(super) fn say_with_keys(&mut self, sentence: &str) {
        let text = self.with_keys(sentence);
        self.out.say(Level::Note, text);
    }

    fn sort(&mut self, by: SortBy) {
        match self.focus {
            Pane::Local => self.browser.sort(by),
            Pane::Remote => self.remote.sort(by, &mut self.out),
            Pane::Transfers => {}
        }
    }

    fn refresh(&mut self) {
        self.inspect_again();
        match self.focus {
            Pane::Local => self.browser.refresh(&mut self.out),
            Pane::Remote => {
                if self.remote.has_failed() {
                    self.read_profiles(Reread::Refreshed);
                }
                self.remote.read(&mut self.out);
            }
            Pane::Transfers => self.out.say(Level::Note, "the queue is always up to date"),
        }
    }

    fn save_as(&mut self) {
        let Some((profile, object)) = self.one_object() else {
            return self.say_with_keys("save as works on one object: clear the marks, or use {save}");
        };
        let folder = self.browser.folder().to_path_buf();
        let name = crate::domain::key::name(&object.key).to_owned();
        let size = object.size.map_or_else(|| "unknown size".into(), format::size);
        self.out.open(Dialog::Prompt(Prompt {
            title: "Save as".into(),
            lines: vec![format!("{} ({size})", object.key), format!("below {}", folder.display())],
            label: "path",
            input: name.into(),
            remark: None,
            purpose: PromptFor::SaveAs { profile, object, folder },
        }));
    }

    /// The one object that is chosen, and whose it is.
    pub(super) fn one_object(&self) -> Option<(Arc<ProfileIdentity>, WantedObject)> {
        let profile = self.remote.profile()?.identity().into();
        let (mut objects, prefixes) = self.remote.chosen_objects();
        let object = objects.pop().filter(|_| objects.is_empty() && prefixes == 0)?;
        Some((profile, object))
    }

    fn link_for(&mut self) {
        if let Some((profile, keys)) = self.chosen_keys() {
            self.out.open(Dialog::Expiry(ExpiryDialog { profile, keys, cursor: 1 }));
        }
    }

    fn look_at_profiles(&mut self) {
        self.show_profiles("Profiles");
        self.read_profiles_of(Vec::new(), Reread::Listed);
    }

    pub(super) fn show_profiles(&mut self, title: &'static str) {
        let names: Vec<String> = self.profiles.iter().map(|slot| slot.name.clone()).collect();
        let cursor = names.iter().position(|name| *name == self.remote.slot().name).unwrap_or(0);
        self.out.open(Dialog::Profiles(ProfilesDialog { cursor, first: 0, title, names }));
    }
}

const fn why_not_moved(action: Action) -> &'static str {
    if matches!(action, Action::Open) { "there is nothing under the cursor" } else { "there is nothing above" }
}
