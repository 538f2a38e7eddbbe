//! A new profile on its way from the form into the configuration file, and into force, and the one that opens next time.

use std::path::PathBuf;

use super::App;
use super::dialog::newcomer::Stage;
use super::dialog::{Dialog, NewcomerDialog};
use super::effect::Effect;
use super::notices::Level;
use super::requests::Purpose;
use crate::config::{Draft, ProfileSlot, ProfileSource};
use crate::domain::display::display_path;
use crate::domain::{Failure, Result};

impl App {
    /// Opens the form, with what was typed into it before it was closed.
    pub(super) fn ask_newcomer(&mut self) {
        let known = self.profiles.iter().map(|slot| slot.name.clone()).collect();
        let of_file = self.profiles.iter().filter(|slot| slot.source.is_file());
        let taken = of_file.map(|slot| slot.name.clone()).collect();
        let form = match self.begun_profile.take() {
            Some(form) => form.again(known, taken),
            None => NewcomerDialog::new(known, taken),
        };
        self.out.open(Dialog::Newcomer(form));
    }

    /// The form is closed: what was typed is not lost.
    pub(super) fn keep_newcomer(&mut self, form: NewcomerDialog) {
        if form.is_typed() {
            self.begun_profile = Some(Box::new(form));
            self.say_with_keys("what you typed is kept: {profiles}, then n");
        }
    }

    pub(super) fn try_profile(&mut self, draft: Draft) {
        self.out.ask(Purpose::TryProfile, |request| Effect::TryProfile { request, draft });
    }

    /// Whoever goes on typing does not wait for an answer about what was there before.
    pub(super) fn stop_trying(&mut self) {
        self.out.give_up(&Purpose::TryProfile);
    }

    pub(super) fn save_profile(&mut self, draft: Draft) {
        let purpose = Purpose::SaveProfile { name: draft.name().to_owned() };
        self.out.ask(purpose, |request| Effect::SaveProfile { request, draft });
    }

    /// Bucket and database have answered: what works is saved, of what does not the reasons are shown.
    pub(super) fn profile_tried(&mut self, problems: &[Failure]) {
        let Some(Dialog::Newcomer(form)) = &mut self.dialog else { return };
        if let Stage::Trying(draft) = &form.stage
            && problems.is_empty()
        {
            let draft = draft.clone();
            form.stage = Stage::Saving;
            return self.save_profile(draft);
        }
        form.refused(problems);
    }

    fn close_newcomer(&mut self) {
        if matches!(self.dialog, Some(Dialog::Newcomer(_))) {
            self.dialog = None;
        }
    }

    /// The file was written, or not.
    pub(super) fn profile_saved(&mut self, name: &str, slots: Result<Vec<ProfileSlot>>) {
        match slots {
            Ok(slots) => {
                self.close_newcomer();
                let before = self.profiles.iter().find(|slot| slot.name == name).map(|slot| slot.source.clone());
                self.profiles = slots;
                let slot = self.profiles.iter().find(|slot| slot.name == name);
                let file = slot.map_or_else(String::new, |slot| slot.source.label());
                let next = self.with_keys("{profiles}, then d on it, and it opens next time");
                self.out.say(Level::Info, format!("{name} is saved in {file}; {next}"));
                self.switch(name);
                if let Some(source) = before {
                    self.out.say(Level::Warning, source.gives_way(name));
                }
            }
            Err(failure) => match &mut self.dialog {
                Some(Dialog::Newcomer(form)) => form.stage = Stage::Refused(vec![failure.sentence()]),
                _ => self.out.fail(&failure),
            },
        }
    }

    /// Has a profile open next time. One that only the environment describes is not there everywhere: a start elsewhere would
    /// fail for want of it.
    pub(super) fn make_default(&mut self, name: String) {
        let Some(slot) = self.profiles.iter().find(|slot| slot.name == name) else { return };
        match (&slot.profile, &slot.source) {
            (Err(failure), _) => {
                let failure = failure.clone();
                self.out.fail(&failure);
            }
            (Ok(_), ProfileSource::EnvFile(_) | ProfileSource::Environment) => {
                let text = format!("{name} opens wherever {} describes it: config.toml has none", slot.source.label());
                self.out.say(Level::Note, text);
            }
            (Ok(_), ProfileSource::File(_) | ProfileSource::BuiltIn) => {
                let purpose = Purpose::MakeDefault { name: name.clone() };
                self.out.ask(purpose, |request| Effect::MakeDefault { request, profile: name });
            }
        }
    }

    /// The file names it, or could not be written.
    pub(super) fn default_made(&mut self, name: &str, file: Result<PathBuf>) {
        match file {
            Ok(file) => {
                let here = self.profiles.iter().find(|slot| matches!(slot.source, ProfileSource::EnvFile(_)));
                let but = here.map_or_else(String::new, |slot| format!("; here {} decides", slot.source.label()));
                self.out.say(Level::Info, format!("{name} opens next time, says {}{but}", display_path(&file)));
            }
            Err(failure) => self.out.fail(&failure),
        }
    }
}
