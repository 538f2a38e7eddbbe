//! Whole folders and prefixes on their way into the queue: asked about once before the first file is looked at, queued
//! while they are still being found, and stopped by Esc, with how many are queued so far.

use std::path::PathBuf;
use std::sync::Arc;

use super::App;
use super::dialog::{Dialog, TreeDialog};
use super::effect::{Countable, Effect, RequestId, SaveTo, Walk, WantedObject};
use super::message::{Counted, Found};
use super::notices::Level;
use super::requests::Purpose;
use super::upload::templates;
use crate::config::Profile;
use crate::domain::transfer::{OnConflict, ProfileIdentity};
use crate::domain::{Result, TransferId, format};

/// What is being found.
#[derive(Debug)]
pub(super) struct OpenWalk {
    request: RequestId,
    /// What it goes through: "photos/", "3 folders".
    what: String,
    found: Found,
    /// What it queues is asked about once it is through, where something was there already.
    asks: bool,
}

/// Where so many of the other refusals are told.
fn named(told: usize, all: usize) -> &'static str {
    match told {
        0 => "",
        told if told < all => ": {messages} names the first",
        _ => ": {messages} has the reasons",
    }
}

/// How many refusals are said one by one.
const SAID: usize = 2;

impl App {
    /// Asks how the chosen folders, and the files beside them, are to be uploaded.
    pub(super) fn ask_tree_upload(&mut self, profile: &Profile, prefix: &str, chosen: super::browser::ChosenFiles) {
        let what = tree_name(&chosen.folders, chosen.files.len());
        let template = self.upload_draft(profile, prefix, Vec::new()).template;
        let paths = chosen.folders.iter().map(|folder| folder.path.clone());
        let paths: Vec<PathBuf> = paths.chain(chosen.files.into_iter().map(|file| file.path)).collect();
        let request = self.count(&profile.name, Countable::Local(paths.clone()));
        let walk = Walk::Upload { paths, prefix: prefix.to_owned(), template };
        let to = if prefix.is_empty() { String::new() } else { format!(" beneath {prefix}") };
        let place = format!("to {}{to} (profile {})", profile.bucket(), profile.name);
        let lines = [Some(place), self.about_hidden_marks()].into_iter().flatten().collect();
        let title = format!("Upload {what}");
        let looking = self.count(&profile.name, Countable::Taken(walk.clone()));
        let dialog =
            TreeDialog::new(profile.identity().into(), title, lines, walk, what).naming(templates(profile, prefix));
        self.out.open(Dialog::Tree(dialog.counting(request, Counted::default(), looking)));
    }

    /// Looks what is there already under the names that the open question makes now.
    pub(super) fn look_again(&mut self, profile: &str, walk: Walk) {
        let looking = self.count(profile, Countable::Taken(walk));
        let before = match &mut self.dialog {
            Some(Dialog::Tree(dialog)) => dialog.looking.replace(looking),
            _ => Some(looking),
        };
        before.into_iter().for_each(|before| self.end(before));
    }

    /// Asks how everything beneath the chosen prefixes, and the objects beside them, is to be downloaded: what shares a
    /// folder is looked at together.
    pub(super) fn ask_tree_download(&mut self, profile: &Profile, prefixes: Vec<String>, objects: Vec<WantedObject>) {
        let base = self.remote.prefix().to_owned();
        let what = prefixes_name(&prefixes, objects.len());
        let folder = self.browser.folder().to_path_buf();
        let place =
            [format!("from {} (profile {})", profile.bucket(), profile.name), format!("to {}", folder.display())];
        let lines = place.into_iter().chain(self.about_hidden_marks()).collect();
        let request = self.count(&profile.name, Countable::Files(prefixes.clone()));
        let beside = weighed(&objects);
        let walk = Walk::Download { prefixes, objects, base, folder };
        let title = format!("Download {what}");
        let looking = self.count(&profile.name, Countable::Taken(walk.clone()));
        let dialog = TreeDialog::new(profile.identity().into(), title, lines, walk, what);
        self.out.open(Dialog::Tree(dialog.counting(request, beside, looking)));
    }

    /// Counts what a question is about while it stands.
    pub(super) fn count(&mut self, profile: &str, what: Countable) -> RequestId {
        let profile = profile.to_owned();
        self.out.ask(Purpose::Count, |request| Effect::Count { request, profile, what });
        self.out.requests.newest()
    }

    pub(super) fn start_walk(
        &mut self,
        profile: Arc<ProfileIdentity>,
        walk: Walk,
        on_conflict: OnConflict,
        what: String,
    ) {
        let asks = on_conflict == OnConflict::Refuse && matches!(walk, Walk::Upload { .. } | Walk::Download { .. });
        let purpose = Purpose::Walk { what: what.clone() };
        self.out.ask(purpose, |request| Effect::Walk { request, profile, walk, on_conflict });
        let request = self.out.requests.newest();
        self.walks.push(OpenWalk { request, what, found: Found::default(), asks });
    }

    /// More was found and queued.
    pub(super) fn walking(&mut self, request: RequestId, found: Found, queued: Vec<TransferId>) {
        let mut walks = self.walks.iter().chain(&self.stopped_walks);
        if walks.any(|walk| walk.request == request && walk.asks) {
            self.promise_to_ask(request, queued);
        }
        if let Some(walk) = self.walks.iter_mut().find(|walk| walk.request == request) {
            walk.found = found;
        } else if let Some(walk) = self.stopped_walks.iter_mut().find(|walk| walk.request == request) {
            // A batch was on its way into the journal when the looking was stopped.
            let (before, what) = (std::mem::replace(&mut walk.found, found), &walk.what);
            if walk.found.queued > before.queued {
                self.out.say(Level::Info, format!("{what}: {} in the end", amount(&walk.found)));
            }
            self.keep_promises();
        }
    }

    /// Everything was found, or nothing more can be.
    pub(super) fn walked(&mut self, request: RequestId, what: &str, found: Result<Found>) {
        let before = self.walks.iter().position(|walk| walk.request == request).map(|index| self.walks.remove(index));
        match found {
            Ok(found) => self.tell_found(what, &found),
            Err(failure) => {
                let so_far = before.map_or(0, |walk| walk.found.queued);
                self.out.fail(&failure);
                self.out.say(Level::Warning, format!("{what}: only {} queued", format::count(so_far as u64)));
            }
        }
        self.keep_promises();
    }

    fn tell_found(&mut self, what: &str, found: &Found) {
        self.look_for_what_is_gone(&found.why);
        for failure in found.why.iter().take(SAID) {
            self.out.fail(failure);
        }
        let others = found.why.iter().skip(SAID);
        others.clone().for_each(|failure| self.out.record(failure));
        if found.refused > SAID {
            let (more, were) = (found.refused - SAID, if found.refused - SAID == 1 { "was" } else { "were" });
            let (more, named) = (format::count(more as u64), self.with_keys(named(others.count(), more)));
            self.out.say(Level::Error, format!("{more} more of {what} {were} refused{named}"));
        }
        self.out.say(Level::Info, format!("{what}: {}", amount(found)));
    }

    /// Whether this is still being gone through.
    pub(super) fn is_walking(&self, request: RequestId) -> bool {
        self.walks.iter().any(|walk| walk.request == request)
    }

    /// Stops looking any further; whether anything was being found. What is queued stays so.
    pub(super) fn stop_walks(&mut self) -> bool {
        let walks = std::mem::take(&mut self.walks);
        for walk in &walks {
            self.out.requests.close(walk.request);
            self.out.push(Effect::Cancel(walk.request));
            let so_far = amount(&walk.found);
            self.out
                .say(Level::Warning, format!("stopped looking through {}: {so_far} so far, and stays so", walk.what));
        }
        let any = !walks.is_empty();
        self.stopped_walks.extend(walks);
        if any {
            self.keep_promises();
        }
        any
    }

    /// What is still being found, for the question before the end.
    pub(super) fn walks_so_far(&self) -> impl Iterator<Item = String> {
        self.walks
            .iter()
            .map(|walk| format!("{} is still being looked through: {} so far.", walk.what, amount(&walk.found)))
    }

    /// Downloads what is chosen in Remote: objects as they are, prefixes with everything beneath.
    pub(super) fn save(&mut self) {
        let Some(profile) = self.remote.profile().cloned() else { return };
        let (objects, _) = self.remote.chosen_objects();
        let prefixes = self.remote.chosen_prefixes();
        if !prefixes.is_empty() {
            self.ask_tree_download(&profile, prefixes, objects);
        } else if !objects.is_empty() {
            let to = SaveTo::Folder(self.browser.folder().to_path_buf());
            self.plan_download(profile.identity().into(), objects, to);
        }
    }
}

/// How many objects these are, and how large as far as is known.
pub(super) fn weighed(objects: &[WantedObject]) -> Counted {
    let bytes = objects.iter().filter_map(|object| object.size).sum();
    Counted { objects: objects.len() as u64, bytes, hidden: 0, recorded: 0 }
}

fn amount(found: &Found) -> String {
    format!("{} queued, {}", format::count(found.queued as u64), format::size(found.bytes))
}

/// `photos/`, `3 folders and 2 files`.
fn tree_name(folders: &[super::effect::SourceFile], files: usize) -> String {
    let folders = match folders {
        [folder] => format!("{}/", folder.name),
        several => format!("{} folders", several.len()),
    };
    with_single(folders, files, "file")
}

/// `photos/`, `3 prefixes and 2 objects`.
pub(super) fn prefixes_name(prefixes: &[String], objects: usize) -> String {
    let prefixes = match prefixes {
        [] if objects == 1 => return "1 object".to_owned(),
        [] => return format!("{} objects", format::count(objects as u64)),
        [prefix] => prefix.clone(),
        several => format!("{} prefixes", several.len()),
    };
    with_single(prefixes, objects, "object")
}

/// `photos/ and 1 object`.
fn with_single(what: String, singles: usize, noun: &str) -> String {
    match singles {
        0 => what,
        1 => format!("{what} and 1 {noun}"),
        several => format!("{what} and {several} {noun}s"),
    }
}
