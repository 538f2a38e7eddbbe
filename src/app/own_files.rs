//! The user's own files in the user's editor, opened from the palette: settings, keys and colours. One that is not there yet
//! is begun with everything in it commented out.

use std::path::PathBuf;

use super::App;
use super::editing::{Editing, named};
use super::effect::{EditEnd, EditStep, Effect};
use super::notices::Level;
use super::requests::Purpose;
use super::reread::Reread;
use crate::action::OwnFile;
use crate::domain::Result;

impl App {
    /// Has a file begun where it is not there, to open it then.
    pub(super) fn edit_own(&mut self, file: OwnFile) {
        let path = self.own_files.path(file).to_path_buf();
        let purpose = Purpose::Edit(Editing::Beginning(file));
        self.out.ask(purpose, |request| Effect::Edit { request, step: EditStep::Begin { file, path } });
    }

    /// It is there. Whoever is typing something else meanwhile keeps the keyboard.
    pub(super) fn own_begun(&mut self, file: OwnFile, end: Result<EditEnd>) {
        match end {
            Ok(EditEnd::Opened(path)) if self.dialog.is_none() && self.typing.is_none() => {
                self.lend(Editing::Own { file, path: path.clone() }, path);
            }
            Ok(_) => self.out.say(Level::Note, "the file came while something else was asked: choose it again"),
            Err(failure) => self.out.fail(&failure),
        }
    }

    /// The editor has ended. The screen goes on with what it began with, but for the profiles.
    pub(super) fn own_edited(&mut self, file: OwnFile, path: PathBuf, end: Result<EditEnd>) {
        let name = named(&path);
        match end {
            Ok(EditEnd::Unchanged) => return self.out.say(Level::Info, format!("{name} is as it was")),
            Ok(_) if file == OwnFile::Settings => {
                self.out.say(Level::Info, format!("saved {name}: settings hold from the next start on"));
            }
            Ok(_) => self.out.say(Level::Info, format!("saved {name}: it holds from the next start on")),
            Err(failure) => self.out.fail(&failure),
        }
        if file == OwnFile::Settings {
            return self.read_profiles(Reread::Edited);
        }
        let step = EditStep::Check { file, path };
        self.out.ask(Purpose::Edit(Editing::Checking), |request| Effect::Edit { request, step });
    }

    /// What is wrong with it is said now, as at the next start.
    pub(super) fn own_checked(&mut self, end: Result<EditEnd>) {
        match end {
            Ok(EditEnd::Checked(mistakes)) => mistakes.iter().for_each(|mistake| self.out.fail(mistake)),
            Ok(_) => {}
            Err(failure) => self.out.fail(&failure),
        }
    }
}
