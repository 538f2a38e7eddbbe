//! Paths and keys that somebody typed, pasted or asked to be led to, and where they lead.

use std::path::{Component, Path, PathBuf};

use super::dialog::{Dialog, Prompt, PromptFor};
use super::effect::{Effect, FoundPath, PathKind};
use super::escape::LED;
use super::notices::Level;
use super::requests::Purpose;
use super::standing::{Route, Sought};
use super::{App, Pane, View};
use crate::domain::{Failure, FailureKind, format};

impl App {
    /// Asks for a path or a prefix to go to.
    pub(super) fn ask_jump(&mut self) {
        self.ask_jump_to("");
    }

    /// Asks the same with an answer filled in; nothing is asked of the bucket before that is said to be meant.
    pub(super) fn ask_jump_to(&mut self, text: &str) {
        let local = self.focus == Pane::Local;
        let (lines, label) = if local {
            (vec!["A folder or a file, from here, from / or from ~".to_owned()], "path")
        } else {
            let what = format!("A prefix, / at its end, or a key, whole: from the top of {}", self.where_jumps_lead());
            let here = Some(self.remote.prefix()).filter(|prefix| !prefix.is_empty());
            let here = here.map(|prefix| format!("asked in {prefix}"));
            (std::iter::once(what).chain(here).collect(), "prefix")
        };
        self.out.open(Dialog::Prompt(Prompt {
            title: "Jump".into(),
            lines,
            label,
            input: text.to_owned().into(),
            remark: None,
            purpose: PromptFor::Jump { local },
        }));
    }

    /// Goes where a typed path or prefix leads.
    pub(super) fn jump(&mut self, local: bool, text: &str) {
        if !local {
            return self.jump_to_key(text);
        }
        let paths = vec![self.absolute(text)];
        self.out.ask(Purpose::Jump, |request| Effect::LookAtPaths { request, paths });
    }

    /// Goes to a prefix, or puts the cursor on a key. Slashes that keys do not begin with, and a URI's beginning, may stand
    /// before it. Whether it is there is told once the bucket has answered.
    pub(super) fn jump_to_key(&mut self, text: &str) {
        let key = &self.key_meant(text);
        if self.remote.standing().is_none() {
            self.lead_to_bucket();
        }
        self.show_key(key);
        self.remote.seek(key);
        if key.is_empty() {
            self.close_jump();
        }
    }

    /// Shows the bucket where the catalog was shown, and says so: nobody asked for that.
    fn lead_to_bucket(&mut self) {
        if self.remote.view() == View::Catalog {
            self.focus_on(Pane::Remote);
            self.remote.show_bucket();
            let text = self.with_keys("this is the Bucket, where prefixes are; {next-view} shows the Catalog again");
            self.out.say_about(LED, Level::Info, text);
        }
    }

    fn key_meant(&self, text: &str) -> String {
        let bucket = self.remote.profile().map_or_else(String::new, |profile| format!("s3://{}/", profile.bucket()));
        let key = text.trim();
        key.strip_prefix(&bucket).unwrap_or(key).trim_start_matches('/').to_owned()
    }

    /// What is typed to go to, and whether in Local.
    pub(super) fn jump_typed(&self) -> Option<(bool, String)> {
        match &self.dialog {
            Some(Dialog::Prompt(Prompt { purpose: PromptFor::Jump { local }, input, .. })) => {
                Some((*local, input.value().to_owned()))
            }
            _ => None,
        }
    }

    fn close_jump(&mut self) {
        if self.jump_typed().is_some() {
            self.close_dialog();
        }
    }

    /// Says why a jump leads nowhere: where it is typed, so that it can be mended, else in a notice.
    fn refuse_jump(&mut self, failure: &Failure) {
        match &mut self.dialog {
            Some(Dialog::Prompt(prompt)) if matches!(prompt.purpose, PromptFor::Jump { .. }) => {
                prompt.refuse(failure);
            }
            _ => self.out.fail(failure),
        }
    }

    /// The view has a page: whether what was typed is there. Whoever goes on typing does not mean the one before.
    pub(super) fn settle_jump(&mut self, awaited: bool) {
        if self.types_another() {
            self.move_on();
        }
        match self.remote.jump_seen() {
            Sought::Nothing | Sought::Awaiting(_) => {}
            _ if !awaited && self.jump_typed().is_some() => {}
            Sought::Found => self.close_jump(),
            Sought::Missing(key) => {
                let what = format!("there is no {key} in {}", self.where_jumps_lead());
                let hint = self.what_about_missing(&key);
                self.refuse_jump(&Failure::new(FailureKind::NotFound, what).hint(hint));
            }
            Sought::TooFar(key) => {
                let rows = format::count(self.remote.list().total() as u64);
                let what = format!("{key} is not among the first {rows} of its prefix, and more are not kept");
                let hint = self.with_keys("{filter} searches for it");
                self.refuse_jump(&Failure::new(FailureKind::NotFound, what).hint(hint));
            }
        }
    }

    /// Whether something else is typed by now than what is still looked for.
    fn types_another(&self) -> bool {
        let (typed, awaited) = (self.jump_typed(), self.remote.awaited_key());
        let (Some((local, text)), Some(key)) = (typed, awaited) else { return false };
        local || self.key_meant(&text) != key
    }

    /// What can be done where nothing is under what was typed, by the keys as they are where that is read.
    fn what_about_missing(&self, key: &str) -> String {
        if !self.remote.narrowing().is_none() {
            return self.with_keys("only some types, sizes or ages are shown, and {narrow-clear} shows all");
        }
        match (key.ends_with('/'), self.jump_typed().is_some()) {
            (true, true) => "Esc goes back; Enter stays, and your next upload makes it".into(),
            (true, false) => self.with_keys("your next upload makes it; {back} goes back"),
            (false, _) => "look at its spelling".into(),
        }
    }

    /// The catalog where it shows folders, else the bucket by its name.
    pub(super) fn where_jumps_lead(&self) -> &str {
        match self.remote.view() {
            View::Catalog if self.remote.standing().is_some() => "the catalog",
            View::Catalog | View::Bucket => self.remote.profile().map_or("", |profile| profile.bucket()),
        }
    }

    /// Goes to a prefix of the view, or puts the cursor on a key, as it is.
    fn show_key(&mut self, key: &str) {
        self.focus_on(Pane::Remote);
        self.remote.go(Route::To(key.to_owned()), &mut self.out);
    }

    /// What a jump in Local has found.
    pub(super) fn jumped(&mut self, found: Vec<FoundPath>, awaited: bool) {
        // Whoever goes on typing the path does not mean the one before.
        if !awaited {
            return if self.jump_typed().is_none() {
                self.say_too_late()
            };
        }
        for found in found {
            if found.kind != PathKind::Missing {
                self.close_jump();
            }
            self.go_to_path(&found);
        }
    }

    /// Says that an answer came when somebody had gone on: it must not take away what they see or type now.
    pub(super) fn say_too_late(&mut self) {
        self.out.say(Level::Note, "the path was found too late to go there: you had gone on");
    }

    /// Local goes to a folder, or puts the cursor on a file.
    pub(super) fn go_to_path(&mut self, found: &FoundPath) {
        match found.kind {
            PathKind::Missing => {
                let what = format!("there is no {}", found.path.display());
                self.refuse_jump(&Failure::new(FailureKind::NotFound, what).hint("look at its spelling"));
            }
            PathKind::Folder => self.browser.travel(found.path.clone(), None, &mut self.out),
            PathKind::File { .. } => self.go_to_file(&found.path),
        }
    }

    fn go_to_file(&mut self, path: &Path) {
        use std::os::unix::ffi::OsStrExt;
        let name = path.file_name().map(|name| name.as_bytes().to_vec());
        let folder = path.parent().unwrap_or(Path::new("/")).to_path_buf();
        self.browser.travel(folder, name, &mut self.out);
    }

    /// Goes to the folder of the transfer under the cursor, or to its prefix where it has no file.
    pub(super) fn go_to_transfer(&mut self) {
        let Some(view) = self.transfers.current().cloned() else { return };
        if let Some(path) = &view.transfer.path {
            self.focus_on(Pane::Local);
            return self.go_to_file(path);
        }
        let here = self.remote.profile().is_some_and(|profile| view.transfer.profile.matches(&profile.identity()));
        if here {
            self.lead_to_bucket();
            return self.show_key(&view.transfer.key);
        }
        let name = &view.transfer.profile.name;
        self.out.say(Level::Note, format!("it belongs to profile {name}; P switches to it"));
    }

    /// A path as it is meant here: `~` is the home folder, a relative one is below the folder shown, `..` leads up.
    pub(super) fn absolute(&self, text: &str) -> PathBuf {
        let text = text.trim();
        let below_home = text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let path = match (below_home, self.home.path()) {
            (Some(rest), Some(home)) => home.join(rest.trim_start_matches('/')),
            _ => self.browser.folder().join(text),
        };
        without_dots(&path)
    }
}

fn without_dots(path: &Path) -> PathBuf {
    let mut straight = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                straight.pop();
            }
            part => straight.push(part),
        }
    }
    straight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_lead_nowhere_and_up() {
        let straight = |path: &str| without_dots(Path::new(path)).display().to_string();
        assert_eq!(straight("/a/./b/../c"), "/a/c");
        assert_eq!(straight("/../../x"), "/x");
        assert_eq!(straight("/"), "/");
    }
}
