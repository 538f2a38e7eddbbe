//! What an answered dialog leads to.

use std::sync::Arc;

use super::App;
use super::dialog::{Command, Dialog, Prompt, PromptFor};
use super::editing::edit_prompt;
use super::effect::{EditWish, Effect, Job, Naming, SaveTo, SourceFile, Walk, WantedObject};
use super::notices::Level;
use super::requests::Purpose;
use super::standing::Route;
use crate::action::Action;
use crate::config::memory::name_of;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{SecretUrl, TransferKind};

/// What is said of a delete that is to be taken back.
const DELETED: &str = "what was deleted does not come back; {undo} once more goes further back";

impl App {
    /// Does what a dialog's answer says.
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Enqueue { profile, jobs } => self.enqueue_chosen(profile, jobs),
            Command::PlanUpload { profile, files, naming } => self.plan_upload(profile, files, naming),
            Command::SaveAs { profile, object, path } => self.plan_download(profile, vec![object], SaveTo::File(path)),
            Command::Jump { local, text } => self.jump(local, &text),
            Command::CompleteJump => self.complete_jump(),
            Command::LeaveJump => self.perform(Action::Back),
            Command::Links { profile, keys, wanted } => self.ask_links(profile, keys, wanted),
            Command::Request { profile, wanted } => self.request(profile, wanted),
            Command::ShowRequest(id) => self.show_request(id),
            Command::Run(action) => self.run(action),
            Command::Filter(text) => self.set_filter(&text),
            Command::Narrow(narrow) => self.narrow(narrow),
            Command::GoToFolder(folder) => self.browser.go_to(folder, &mut self.out),
            Command::GoToPrefix(prefix) => {
                self.remote.go(Route::Into(prefix), &mut self.out);
            }
            Command::NameEdit { path, key } => self.out.open(Dialog::Prompt(edit_prompt(path, &key))),
            Command::SaveEdit { path, key } => self.settle_edit(path, key.clone(), EditWish::SaveAs(key)),
            Command::CopyField { name, value } => self.copy(SecretUrl::new(value), Some(name.into())),
            Command::CopyAgain => self.copy_again(),
            Command::AskExpiry { profile, keys } => self.out.open(Dialog::Prompt(expiry_prompt(profile, keys))),
            Command::Switch(name) => self.choose_profile(&name),
            Command::AskNewcomer => self.ask_newcomer(),
            Command::TryProfile(draft) => self.try_profile(draft),
            Command::StopTrying => self.stop_trying(),
            Command::SaveProfile(draft) => self.save_profile(draft),
            Command::MakeDefault(name) => self.make_default(name),
            Command::EditProfile(name) => self.edit_profile(&name),
            Command::EditOwn(file) => self.edit_own(file),
            Command::Wear(theme) => self.try_theme(theme),
            Command::Bucket { profile, wish } => self.wish_of_bucket(&profile, wish),
            Command::Migrate(profile) => self.migrate(profile),
            Command::Walk { profile, walk, on_conflict, what } => {
                self.before_walk(&profile.name, &walk);
                self.start_walk(profile, walk, on_conflict, what);
            }
            Command::LookAgain { profile, walk } => self.look_again(&profile, walk),
            Command::SetLimits { profile, limits } => self.set_limits(profile, limits),
            Command::RetryAs(decided) => self.retry_as(&decided),
            Command::Retry(id) => self.retry_this(id),
            Command::CancelTransfers(ids) => self.cancel_those(ids),
            Command::DiscardKept(path) => self.discard_kept(path),
            Command::Quit => self.out.push(Effect::Quit),
            Command::Nothing(said) => {
                let text = self.with_names(said);
                self.out.say(Level::Note, text);
            }
        }
    }

    /// Puts into the journal what somebody has seen and wants.
    fn enqueue_chosen(&mut self, profile: Arc<ProfileIdentity>, jobs: Vec<Job>) {
        if jobs.iter().any(|job| job.kind == TransferKind::Delete) {
            self.note_gone(DELETED);
        }
        self.enqueue(profile, jobs);
    }

    /// Has it looked which keys the files get, and which of them are taken.
    fn plan_upload(&mut self, profile: Arc<ProfileIdentity>, files: Vec<SourceFile>, naming: Naming) {
        if let Naming::Template { template, prefix } = &naming {
            self.remember_template(&profile.name, prefix, template);
        }
        let purpose = Purpose::Plan { profile: profile.clone() };
        self.out.ask(purpose, |request| Effect::PlanUpload { request, profile, files, naming });
    }

    /// Has it looked where the objects go, and what is there already.
    pub(super) fn plan_download(&mut self, profile: Arc<ProfileIdentity>, objects: Vec<WantedObject>, to: SaveTo) {
        let purpose = Purpose::Plan { profile: profile.clone() };
        self.out.ask(purpose, |request| Effect::PlanDownload { request, profile, objects, to });
    }

    /// Remembers what a walk is begun with, and chooses no longer what it goes through.
    fn before_walk(&mut self, profile: &str, walk: &Walk) {
        match walk {
            Walk::Upload { prefix, template, .. } => self.remember_template(profile, prefix, template),
            Walk::Delete { .. } => self.note_gone(DELETED),
            Walk::Download { .. } | Walk::Record { .. } | Walk::Purge { .. } => {}
        }
        self.clear_marks_of(match walk {
            Walk::Upload { .. } => TransferKind::Upload,
            Walk::Download { .. } => TransferKind::Download,
            Walk::Record { .. } => TransferKind::Request,
            Walk::Delete { .. } | Walk::Purge { .. } => TransferKind::Delete,
        });
    }

    /// Puts jobs into the journal; the notice comes when they are on disk.
    pub(super) fn enqueue(&mut self, profile: Arc<ProfileIdentity>, jobs: Vec<Job>) {
        let kinds = jobs.split_first().map(|(first, rest)| (first.kind, rest.iter().all(|job| job.kind == first.kind)));
        if let Some((kind, alike)) = kinds {
            let what = if alike { noun(kind) } else { "transfer" };
            self.clear_marks_of(kind);
            self.out.ask(Purpose::Enqueue { what }, |request| Effect::Enqueue { request, profile, jobs });
        }
    }

    /// What is on its way into the queue is chosen no longer. Until then the marks stay: whoever thinks again still has them.
    fn clear_marks_of(&mut self, kind: TransferKind) {
        match kind {
            TransferKind::Upload => self.browser.list_mut().clear_marks(),
            TransferKind::Download | TransferKind::Delete | TransferKind::Request => {
                self.remote.list_mut().clear_marks()
            }
        };
    }

    /// Puts another profile in force; transfers go on under the one they were queued with.
    pub(super) fn switch(&mut self, name: &str) {
        let Some(slot) = self.profiles.iter().find(|slot| slot.name == name).cloned() else { return };
        match &slot.profile {
            Err(failure) => self.out.fail(failure),
            // Of the same name may also be one that has just been written into the file.
            Ok(_) if slot == *self.remote.slot() => {}
            Ok(_) => {
                let open = self.transfers.open();
                let rest = match open {
                    0 => String::new(),
                    // What was queued under the one that had the name before does not go on.
                    _ if slot.name == self.remote.slot().name => String::new(),
                    1 => "; 1 open transfer goes on under its own profile".into(),
                    _ => format!("; {open} open transfers go on, each under its own profile"),
                };
                self.out.say(Level::Info, format!("profile {name}{rest}"));
                self.note_place();
                let place = slot.profile.as_ref().ok().and_then(|profile| self.place_in(&name_of(profile)));
                self.remote.switch(slot, place, &mut self.out);
                if let Some(failure) = self.catalog_of_transfers().cloned() {
                    self.remote.database_stops(Some(&failure));
                }
                self.describe();
                self.remember();
                self.name_kept();
            }
        }
    }
}

/// What a transfer of a kind is called.
const fn noun(kind: TransferKind) -> &'static str {
    match kind {
        TransferKind::Request => "record",
        kind => kind.name(),
    }
}

/// The question for a length of time.
fn expiry_prompt(profile: String, keys: Vec<String>) -> Prompt {
    let about = match keys.as_slice() {
        [key] => key.clone(),
        keys => format!("{} objects", keys.len()),
    };
    Prompt {
        title: "Copy a link".into(),
        lines: vec![about, "How long is it to be good? 90s, 5m, 1h, 24h; 7d at most".into()],
        label: "expires in",
        input: tui_input::Input::default(),
        remark: None,
        purpose: PromptFor::Expiry { profile, keys },
    }
}
