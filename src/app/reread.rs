//! The profiles, read again from the configuration file: when the one in force is chosen once more, and before anything is
//! tried again that its profile had stopped. What was mended there holds from then on.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::App;
use super::again::Try;
use super::effect::Effect;
use super::notices::Level;
use super::own_files::Left;
use super::requests::Purpose;
use crate::action::OwnFile;
use crate::config::ProfileSlot;
use crate::domain::{Result, TransferId};

/// What the profiles are read again for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reread {
    /// This one was chosen, which is in force already or cannot be used as it stood.
    Chosen(String),
    /// The pane Remote is read again, which could not be read.
    Refreshed,
    /// These are to be tried again.
    Retried(Vec<Try>),
    /// What is in the way of these is to be looked at, for the question about it.
    Met {
        /// Which.
        transfers: HashSet<TransferId>,
        /// When it was asked, UTC.
        since: DateTime<Utc>,
    },
    /// Somebody had the file in an editor.
    Edited,
    /// The settings were in the editor, which did this to them: their colours are put on next.
    Settings(Left),
    /// They are listed, as they are now.
    Listed,
}

/// What has become of the profile in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing describes it any more.
    Gone,
    /// It is another one, or cannot be used any more.
    Another,
    /// Nothing has.
    AsItWas,
}

impl App {
    /// Puts a profile in force. One that is so already, or cannot be used, is read again: it may have been mended.
    pub(super) fn choose_profile(&mut self, name: &str) {
        let chosen = self.profiles.iter().find(|slot| slot.name == name);
        match chosen {
            Some(slot) if slot.profile.is_ok() && slot != self.remote.slot() => self.switch(name),
            _ => self.read_profiles_of(vec![name.to_owned()], Reread::Chosen(name.to_owned())),
        }
    }

    /// Has the profiles read again, the one in force opened anew.
    pub(super) fn read_profiles(&mut self, why: Reread) {
        self.read_profiles_of(vec![self.remote.slot().name.clone()], why);
    }

    /// The same with others opened anew.
    pub(super) fn read_profiles_of(&mut self, profiles: Vec<String>, why: Reread) {
        self.out.ask(Purpose::ReadProfiles(why), |request| Effect::ReadProfiles { request, profiles });
    }

    /// The file was read, or is wrong as it stands; then everything stays as it was.
    pub(super) fn profiles_read(&mut self, why: Reread, slots: Result<Vec<ProfileSlot>>) {
        let before = match slots {
            Ok(slots) => std::mem::replace(&mut self.profiles, slots),
            Err(failure) => return self.out.fail(&failure),
        };
        self.list_profiles_anew();
        let standing = self.take_over_in_force(&why, &before);
        if standing == Standing::Gone && !(why == Reread::Listed && self.was_gone(&before)) {
            self.say_gone();
        }
        match why {
            Reread::Chosen(chosen) => self.chosen_read(&chosen, standing, &before),
            Reread::Refreshed | Reread::Listed => {}
            Reread::Retried(tries) => self.retried(&tries),
            Reread::Met { transfers, .. } => self.look_at_those(&transfers),
            Reread::Edited => self.tell_edited(&before),
            Reread::Settings(left) => {
                self.tell_edited(&before);
                self.read_own(OwnFile::Settings, left);
            }
        }
    }

    /// Opens the profile in force anew where it is another one now.
    fn take_over_in_force(&mut self, why: &Reread, before: &[ProfileSlot]) -> Standing {
        let name = self.remote.slot().name.clone();
        let Some(slot) = self.profiles.iter().find(|slot| slot.name == name) else { return Standing::Gone };
        // Whoever only looks at the list once more has heard what is wrong with it.
        let is_known = *why == Reread::Listed && slot.profile.is_err() && before.contains(slot);
        if slot == self.remote.slot() || is_known {
            return Standing::AsItWas;
        }
        self.close_questions();
        self.switch(&name);
        Standing::Another
    }

    fn was_gone(&self, before: &[ProfileSlot]) -> bool {
        !before.iter().any(|slot| slot.name == self.remote.slot().name)
    }

    fn say_gone(&mut self) {
        let text = match self.remote.profile() {
            Some(_) => "profile {this} is not configured any more: {profiles} chooses another",
            None => "there is no profile {this}: {profiles} chooses one",
        };
        let text = self.with_names(text);
        self.out.say(Level::Warning, text);
    }

    /// Of one that still cannot be used it says why.
    fn chosen_read(&mut self, chosen: &str, standing: Standing, before: &[ProfileSlot]) {
        let in_force = self.remote.slot().name.clone();
        if chosen != in_force && !self.profiles.iter().any(|slot| slot.name == chosen) {
            let old = before.iter().find(|slot| slot.name == chosen);
            let source = old.map_or_else(|| "the configuration".into(), |slot| slot.source.label());
            let text = format!("profile {chosen} is not in {source} any more: {in_force} stays in force");
            self.out.say(Level::Warning, text);
        } else if chosen != in_force || self.remote.profile().is_none() {
            self.switch(chosen);
        } else if standing == Standing::AsItWas {
            self.out.say(Level::Info, format!("{in_force} is read again and is as it was"));
            self.remote.read(&mut self.out);
        }
    }

    fn retried(&mut self, tries: &[Try]) {
        self.try_now(tries);
        if self.remote.has_failed() {
            self.remote.read(&mut self.out);
        }
    }
}
