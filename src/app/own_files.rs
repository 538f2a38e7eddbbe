//! The user's own files in the user's editor, opened from the palette: settings, keys and colours. One that is not there yet
//! is begun with everything in it commented out.

use super::App;
use super::editing::{Editing, named};
use super::effect::{EditEnd, EditStep, Effect, OwnNews};
use super::notices::Level;
use super::requests::Purpose;
use super::reread::Reread;
use crate::action::{Keymap, OwnFile};
use crate::domain::display::display;
use crate::domain::{Failure, Result};

/// How an editor has left a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// It says something else, as far as is known.
    Saved,
    /// It says what it said before; that may be news since another program wrote it.
    AsItWas,
}

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
                self.lend(Editing::Own(file), path);
            }
            Ok(_) => self.out.say(Level::Note, "the file came while something else was asked: choose it again"),
            Err(failure) => self.out.fail(&failure),
        }
    }

    /// The editor has ended.
    pub(super) fn own_edited(&mut self, file: OwnFile, end: Result<EditEnd>) {
        match end {
            Ok(EditEnd::Unchanged) => self.out.say(Level::Info, format!("{} is as it was", self.own_name(file))),
            Ok(EditEnd::Rewritten) => self.own_left(file, Left::AsItWas),
            Ok(_) => self.own_left(file, Left::Saved),
            Err(failure) => self.out.fail(&failure),
        }
    }

    fn own_left(&mut self, file: OwnFile, left: Left) {
        match file {
            // Read once: what they say of colours comes with the profiles.
            OwnFile::Settings => self.read_profiles(Reread::Settings(left)),
            OwnFile::Keys | OwnFile::Colours => self.read_own(file, left),
        }
    }

    /// Has the file read, of which the answer is [`App::own_read`]'s.
    pub(super) fn read_own(&mut self, file: OwnFile, left: Left) {
        let reading = Purpose::Edit(Editing::Reading(file, left));
        self.out.ask(reading, |request| Effect::Edit { request, step: EditStep::ReadOwn(file) });
    }

    /// Keys and colours hold at once, as far as they are right.
    pub(super) fn own_read(&mut self, file: OwnFile, left: Left, end: Result<EditEnd>) {
        let mistakes = match end {
            Ok(EditEnd::Read(OwnNews::Keys(keys), mistakes)) => {
                (self.keymap, self.pending) = (*keys, Vec::new());
                mistakes
            }
            Ok(EditEnd::Read(OwnNews::Colours(colours), mistakes)) => {
                self.out.push(Effect::Wear(colours));
                mistakes
            }
            Err(failure) => vec![failure],
            Ok(_) => return,
        };
        let name = self.own_name(file);
        let done = match left {
            Left::Saved => format!("saved {name}"),
            Left::AsItWas => format!("{name} is as it was"),
        };
        let said = if mistakes.is_empty() { format!("{done}: {}", self.holds(file)) } else { done };
        self.out.say(Level::Info, said);
        self.fail_with(mistakes);
    }

    /// Has a theme read that was typed, of which the answer is [`App::theme_read`]'s.
    pub(super) fn try_theme(&mut self, theme: String) {
        let purpose = Purpose::Edit(Editing::Wearing(theme.clone()));
        self.out.ask(purpose, |request| Effect::Edit { request, step: EditStep::ReadTheme(theme) });
    }

    /// It holds until the end, as far as it is right; nothing is written.
    pub(super) fn theme_read(&mut self, theme: &str, end: Result<EditEnd>) {
        let mistakes = match end {
            Ok(EditEnd::Read(OwnNews::Colours(colours), mistakes)) => {
                self.out.push(Effect::Wear(colours));
                let (theme, settings) = (display(theme), self.own_name(OwnFile::Settings));
                let said = format!("theme {theme} until you quit; theme = \"{theme}\" in {settings} keeps it");
                self.out.say(Level::Info, said);
                mistakes
            }
            Err(failure) => vec![failure],
            Ok(_) => return,
        };
        self.fail_with(mistakes);
    }

    /// Tells of several mistakes at once.
    fn fail_with(&mut self, mistakes: Vec<Failure>) {
        let mut mistakes = mistakes.into_iter();
        if let Some(first) = mistakes.next() {
            self.out.fail(&first.beside(mistakes));
        }
    }

    fn own_name(&self, file: OwnFile) -> String {
        named(self.own_files.path(file))
    }

    fn holds(&self, file: OwnFile) -> &'static str {
        let some_are_broken = || self.profiles.iter().any(|slot| slot.profile.is_err());
        match file {
            OwnFile::Keys if self.keymap == Keymap::default() => "every key is as it comes; a line holds without its #",
            OwnFile::Keys => "its keys hold now",
            OwnFile::Colours => "its colours hold now",
            OwnFile::Settings if some_are_broken() => "the profiles without a mistake and the theme hold now",
            OwnFile::Settings => "profiles and theme hold now, other settings from the next start on",
        }
    }
}
