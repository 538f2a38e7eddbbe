//! Editing: an object's text or a local file in the user's own editor, and what becomes of the text afterwards. It goes back
//! over the object that was opened and over nothing else; until it is saved it stays in its file, which is named.

use std::path::{Path, PathBuf};

use super::dialog::{Command, Confirm, Dialog, Prompt, PromptFor};
use super::effect::{EditEnd, EditStep, EditWish, Effect, QueueCommand};
use super::notices::Level;
use super::own_files::Left;
use super::requests::Purpose;
use super::reread::Reread;
use super::transfers::Ended;
use super::{App, LocalRow, Pane};
use crate::action::OwnFile;
use crate::domain::display::display_path;
use crate::domain::{Failure, FailureKind, Result, TransferId, TransferState, key};

/// What the answer to a step of an edit is for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Editing {
    /// A local file is in the editor.
    File(PathBuf),
    /// A file of the user's own is being made, where it was not there yet.
    Beginning(OwnFile),
    /// A file of the user's own is in the editor.
    Own(OwnFile),
    /// It is read again, after this was done to it.
    Reading(OwnFile, Left),
    /// A theme is read, to be worn.
    Wearing(String),
    /// A file that describes profiles is in the editor.
    Profiles,
    /// An object's text is in the editor.
    Text {
        /// The object's key.
        key: String,
        /// The file that its text is in.
        path: PathBuf,
    },
    /// It is decided about an object's text.
    Settling {
        /// The key that it is to be saved under.
        key: String,
        /// The file that it is in.
        path: PathBuf,
        /// The editor ended well: who was told that it did not needs no more than that.
        well: bool,
    },
}

impl App {
    /// Opens what is under the cursor in the user's editor.
    pub(super) fn edit(&mut self) {
        if self.focus == Pane::Local {
            return self.edit_file();
        }
        let Some((profile, object)) = self.one_object() else {
            return self.say_with_keys("one object is edited at a time: clear the marks");
        };
        if self.remote.list().hidden_marks() > 0 {
            let marked = format!("marked, but not shown, is {}: clear the marks to edit another", object.key);
            return self.out.say(Level::Note, marked);
        }
        self.out.say(Level::Note, format!("opening {} …", object.key));
        let (profile, key) = (profile.name.clone(), object.key.clone());
        let purpose = Purpose::OpenEdit { key: object.key };
        self.out.ask(purpose, |request| Effect::Edit { request, step: EditStep::Open { profile, key } });
    }

    fn edit_file(&mut self) {
        let Some(LocalRow::Entry(entry)) = self.browser.current() else { return };
        if !entry.is_file() {
            return self.out.say(Level::Note, "only a file can be edited");
        }
        let path = self.browser.folder().join(&entry.name);
        self.lend(Editing::File(path.clone()), path);
    }

    pub(super) fn lend(&mut self, editing: Editing, path: PathBuf) {
        self.out.ask(Purpose::Edit(editing), |request| Effect::Edit { request, step: EditStep::Lend(path) });
    }

    /// The text is here. Whoever is typing something else meanwhile keeps the keyboard.
    pub(super) fn edit_opened(&mut self, key: String, end: Result<EditEnd>) {
        let path = match end {
            Ok(EditEnd::Opened(path)) => path,
            Ok(_) => return,
            Err(failure) => return self.out.fail(&failure),
        };
        if self.dialog.is_some() || self.typing.is_some() {
            self.out.push(Effect::ForgetEdit(path));
            return self.say_with_keys("the text came while something else was asked: {edit} opens it again");
        }
        self.lend(Editing::Text { key, path: path.clone() }, path);
    }

    /// Takes over what a step came to.
    pub(super) fn edited(&mut self, editing: Editing, end: Result<EditEnd>) {
        match (editing, end) {
            (Editing::File(path), end) => {
                match end {
                    Ok(EditEnd::Unchanged | EditEnd::Rewritten) => {
                        self.out.say(Level::Info, format!("{} is as it was", named(&path)));
                    }
                    Ok(_) => self.out.say(Level::Info, format!("saved {}", named(&path))),
                    Err(failure) => self.out.fail(&failure),
                }
                self.browser.refresh(&mut self.out);
                self.inspect_again();
            }
            (Editing::Beginning(file), end) => self.own_begun(file, end),
            (Editing::Own(file), end) => self.own_edited(file, end),
            (Editing::Reading(file, left), end) => self.own_read(file, left, end),
            (Editing::Wearing(theme), end) => self.theme_read(&theme, end),
            (Editing::Profiles, end) => {
                if let Err(failure) = end {
                    self.out.fail(&failure);
                }
                self.read_profiles(Reread::Edited);
            }
            (Editing::Text { key, path }, Ok(_)) => self.settle_edit(path, key, EditWish::SaveBack),
            (Editing::Text { key, path }, Err(failure)) => {
                self.out.fail(&failure);
                self.settle_edit(path, key, EditWish::Keep);
            }
            (Editing::Settling { well: false, path, .. }, Ok(EditEnd::Unchanged)) => self.forget_kept(&path),
            (Editing::Settling { key, path, .. }, end) => self.edit_settled(&key, path, end),
        }
    }

    /// Has it decided what becomes of a text. What comes of a try may be known before it is known to be queued.
    pub(super) fn settle_edit(&mut self, path: PathBuf, key: String, wish: EditWish) {
        if wish != EditWish::Keep {
            self.forget_kept(&path);
            self.edits.insert(path.clone());
        }
        let purpose = Purpose::Edit(Editing::Settling { key, path: path.clone(), well: wish != EditWish::Keep });
        self.out.ask(purpose, |request| Effect::Edit { request, step: EditStep::Settle { path, wish } });
    }

    fn edit_settled(&mut self, key: &str, path: PathBuf, end: Result<EditEnd>) {
        match end {
            Ok(EditEnd::Unchanged) => {
                self.forget_kept(&path);
                self.out.say(Level::Info, format!("{key} is as it was: nothing to save"));
            }
            Ok(EditEnd::Queued) => {
                self.out.say(Level::Info, format!("saving {key}"));
                self.forget_tries(&path);
            }
            Ok(_) => self.say_kept(&self.remote.slot().name.clone(), key, &path),
            Err(failure) => {
                self.out.fail(&failure);
                self.say_kept(&self.remote.slot().name.clone(), key, &path);
            }
        }
    }

    fn say_kept(&mut self, profile: &str, key: &str, path: &Path) {
        self.keep(profile, key, path);
        let ways = self.with_keys("{edit-kept} opens it again, {discard-kept} discards it");
        let text = format!("{key} is not saved; your text is kept in {}: {ways}", display_path(path));
        self.out.say(Level::Warning, text);
    }

    /// What became of texts that were to be saved.
    pub(super) fn tell_edits(&mut self, ended: &[Ended]) {
        for end in ended {
            let Some(path) = end.path.as_deref().filter(|path| end.edit || self.edits.contains(*path)) else {
                continue;
            };
            let path = path.to_path_buf();
            match end.state {
                TransferState::Done => {
                    self.edits.remove(&path);
                    self.forget_kept(&path);
                    self.forget_tries(&path);
                    self.out.push(Effect::ForgetEdit(path));
                }
                TransferState::Cancelled => self.say_kept(&end.profile, &end.key, &path),
                _ => self.edit_failed(end, path),
            }
        }
    }

    /// A text that is gone, or that is tried anew, is not to be tried again as it was before.
    pub(super) fn forget_tries(&mut self, path: &Path) {
        let views = self.transfers.queue().transfers.iter().map(|view| &view.transfer);
        let over = |state| matches!(state, TransferState::Failed | TransferState::Cancelled);
        let tries = views.filter(|transfer| over(transfer.state) && transfer.path.as_deref() == Some(path));
        let tries: Vec<TransferId> = tries.map(|transfer| transfer.id).collect();
        if !tries.is_empty() {
            self.transfers.send(QueueCommand::ForgetTries, tries, &mut self.out);
        }
    }

    fn edit_failed(&mut self, end: &Ended, path: PathBuf) {
        self.edits.insert(path.clone());
        let why = end.error.as_deref();
        match why.filter(|failure| matches!(failure.kind, FailureKind::Changed | FailureKind::Exists)) {
            Some(failure) => {
                self.keep(&end.profile, &end.key, &path);
                self.ask_for_place(&end.key, path, failure);
            }
            None => self.say_kept(&end.profile, &end.key, &path),
        }
    }

    /// Asks what is to be done with an edited text that has no place any more.
    pub(super) fn ask_for_place(&mut self, key: &str, path: PathBuf, failure: &Failure) {
        let ways = self.with_keys("Until it is saved, {edit-kept} opens it again and {discard-kept} discards it");
        self.out.open(Dialog::Confirm(taken(key, path, failure, ways)));
    }
}

/// A file's name, fit for display.
pub(super) fn named(path: &Path) -> String {
    display_path(Path::new(path.file_name().unwrap_or(path.as_os_str())))
}

/// The question where an edited text has no place any more.
fn taken(key: &str, path: PathBuf, failure: &Failure, ways: String) -> Confirm {
    let title = match failure.kind {
        FailureKind::Exists => format!("{key} exists"),
        _ => format!("{key} is not the one that was opened"),
    };
    let lines = vec![
        failure.what.clone(),
        "Nothing was overwritten.".into(),
        format!("Your text is kept in {}", display_path(&path)),
        ways,
        "Upload it under another name?".into(),
    ];
    Confirm::unasked(title, lines, "upload it", Command::NameEdit { path, key: key.to_owned() })
}

/// The question for another name.
pub(super) fn edit_prompt(path: PathBuf, taken: &str) -> Prompt {
    Prompt {
        title: "Upload the edited text".into(),
        lines: vec![format!("{taken} stays as it is.")],
        label: "key",
        input: key::next_number(taken).into(),
        remark: None,
        purpose: PromptFor::EditKey { path },
    }
}
