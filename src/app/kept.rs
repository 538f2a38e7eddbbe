//! Edited texts that were not saved and stay in their files: named under the profile whose object they were made from, and
//! opened again or discarded from here.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::App;
use super::dialog::{Command, Confirm, Dialog};
use super::editing::Editing;
use super::effect::Effect;
use super::notices::Level;
use crate::domain::display::{display, display_path};

/// A text that an earlier run has left, with somebody's work in it or beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptText {
    /// The text's file, or what is there in its stead.
    pub path: PathBuf,
    /// The profile and the key of what it was made from, where that is known.
    pub of: Option<(String, String)>,
    /// Where the work is.
    pub work: KeptWork,
}

/// Where somebody's work on a text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptWork {
    /// In the text itself, which can be edited on and saved.
    Text,
    /// In this file of the editor's own.
    Beside(PathBuf),
    /// In what is there, while the text or its note is not.
    Remains,
}

/// The texts that are known to be kept.
#[derive(Debug, Default)]
pub(super) struct KeptTexts(Vec<Known>);

#[derive(Debug)]
struct Known {
    kept: KeptText,
    /// It was said.
    named: bool,
}

impl KeptText {
    fn key(&self) -> String {
        self.of.as_ref().map_or_else(String::new, |(_, key)| format!(" of {}", display(key)))
    }

    /// What is said of it; `{edit-kept}` and `{discard-kept}` stand for those actions' keys.
    fn sentence(&self) -> String {
        let (key, path) = (self.key(), display_path(&self.path));
        let discards = "{discard-kept} discards it";
        match &self.work {
            KeptWork::Text => {
                format!("an edited text{key} was not saved: {{edit-kept}} opens it again, {discards}; it is {path}")
            }
            KeptWork::Beside(file) => format!(
                "an editor was ended before it saved the text{key}: look into {}, then {discards}",
                display_path(file)
            ),
            KeptWork::Remains => {
                format!("an edited text{key} was not saved: look at what is there of it, {path}, then {discards}")
            }
        }
    }
}

impl App {
    /// An earlier run has left a text.
    pub(super) fn text_found(&mut self, kept: KeptText) {
        if self.kept.0.iter().all(|known| known.kept.path != kept.path) {
            self.kept.0.push(Known { kept, named: false });
        }
        self.name_kept();
    }

    /// Names those of the profile in force that were not named yet.
    pub(super) fn name_kept(&mut self) {
        let mut texts = std::mem::take(&mut self.kept.0);
        for known in texts.iter_mut().filter(|known| !known.named) {
            if self.belongs_here(&known.kept) {
                known.named = true;
                let text = self.with_keys(&known.kept.sentence());
                self.out.say(Level::Warning, text);
            }
        }
        self.kept.0 = texts;
    }

    /// What belongs to no profile that there is would else be named nowhere.
    fn belongs_here(&self, kept: &KeptText) -> bool {
        let Some((profile, _)) = &kept.of else { return true };
        *profile == self.remote.slot().name || !self.profiles.iter().any(|slot| slot.name == *profile)
    }

    fn kept_here(&self) -> Option<&KeptText> {
        self.kept.0.iter().map(|known| &known.kept).find(|kept| self.belongs_here(kept))
    }

    /// Whether a text of the profile in force is kept, and whether it can be edited on.
    pub(super) fn has_kept(&self) -> (bool, bool) {
        let kept = self.kept_here();
        (kept.is_some(), kept.is_some_and(|kept| kept.work == KeptWork::Text && kept.of.is_some()))
    }

    /// Opens the first of them again; it is saved as any edit once the editor ends.
    pub(super) fn edit_kept(&mut self) {
        let Some(KeptText { path, of: Some((_, key)), .. }) = self.kept_here().cloned() else { return };
        self.lend(Editing::Text { key, path: path.clone() }, path);
    }

    /// Asks whether the first of them is to go.
    pub(super) fn ask_discard_kept(&mut self) {
        let Some(kept) = self.kept_here().cloned() else { return };
        let title = format!("Discard the edited text{}?", kept.key());
        let lines = vec![
            format!("It is {}", display_path(&kept.path)),
            "What was edited is lost, with what an editor left beside it; the object stays as it is.".into(),
        ];
        self.out.open(Dialog::Confirm(Confirm::danger(title, lines, "discard", Command::DiscardKept(kept.path))));
    }

    /// Removes it, and names the next.
    pub(super) fn discard_kept(&mut self, path: PathBuf) {
        self.forget_kept(&path);
        self.forget_tries(&path);
        self.edits.remove(&path);
        self.out.push(Effect::ForgetEdit(path));
        self.out.say(Level::Info, "discarded the edited text");
    }

    /// It is kept no longer.
    pub(super) fn forget_kept(&mut self, path: &Path) {
        self.kept.0.retain(|known| known.kept.path != path);
    }

    /// Those that are on their way once more do not wait to be saved; they do again if that fails.
    pub(super) fn forget_those_under_way(&mut self) {
        if self.kept.0.is_empty() {
            return;
        }
        let open = self.transfers.queue().transfers.iter().filter(|view| !view.transfer.state.is_final());
        let open: HashSet<&Path> = open.filter_map(|view| view.transfer.path.as_deref()).collect();
        let saves = |kept: &KeptText| kept.work == KeptWork::Text && open.contains(&*kept.path);
        let (under_way, kept) = std::mem::take(&mut self.kept.0).into_iter().partition(|known| saves(&known.kept));
        let under_way: Vec<Known> = under_way;
        self.kept.0 = kept;
        self.edits.extend(under_way.into_iter().map(|known| known.kept.path));
    }

    /// A text that was edited just now is kept, and was said to be.
    pub(super) fn keep(&mut self, profile: &str, key: &str, path: &Path) {
        if self.kept.0.iter().all(|known| known.kept.path != path) {
            let of = Some((profile.to_owned(), key.to_owned()));
            let kept = KeptText { path: path.to_path_buf(), of, work: KeptWork::Text };
            self.kept.0.push(Known { kept, named: true });
        }
    }
}
