//! The profiles, read again from the configuration file: when the one in force is chosen once more, and before anything is
//! tried again that its profile had stopped. What was mended there holds from then on.

use super::App;
use super::effect::{Effect, QueueCommand};
use super::notices::Level;
use super::requests::Purpose;
use super::transfers::send;
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
    Retried(Vec<TransferId>),
}

impl App {
    /// Puts a profile in force. One that is so already, or cannot be used, is read again: it may have been mended.
    pub(super) fn choose_profile(&mut self, name: &str) {
        let chosen = self.profiles.iter().find(|slot| slot.name == name);
        match chosen {
            Some(slot) if slot.profile.is_ok() && slot != self.remote.slot() => self.switch(name),
            _ => self.read_profiles_of(name.to_owned(), Reread::Chosen(name.to_owned())),
        }
    }

    /// Has the profiles read again, the one in force opened anew.
    pub(super) fn read_profiles(&mut self, why: Reread) {
        self.read_profiles_of(self.remote.slot().name.clone(), why);
    }

    /// The same with another one opened anew.
    pub(super) fn read_profiles_of(&mut self, profile: String, why: Reread) {
        self.out.ask(Purpose::ReadProfiles(why), |request| Effect::ReadProfiles { request, profile });
    }

    /// The file was read, or is wrong as it stands; then everything stays as it was.
    pub(super) fn profiles_read(&mut self, why: Reread, slots: Result<Vec<ProfileSlot>>) {
        match slots {
            Ok(slots) => self.profiles = slots,
            Err(failure) => return self.out.fail(&failure),
        }
        let name = self.remote.slot().name.clone();
        let in_force = self.profiles.iter().find(|slot| slot.name == name);
        let mended = in_force.is_some_and(|slot| slot != self.remote.slot());
        if in_force.is_none() {
            let text = format!("profile {name} is not configured any more: it stays in force until another is chosen");
            self.out.say(Level::Warning, text);
        }
        if mended {
            self.close_questions();
            self.switch(&name);
        }
        match why {
            // Of one that still cannot be used it says why.
            Reread::Chosen(chosen) if chosen != name || self.remote.profile().is_none() => self.switch(&chosen),
            Reread::Chosen(_) if !mended => {
                self.out.say(Level::Info, format!("{name} is read again and is as it was"));
                self.remote.read(&mut self.out);
            }
            Reread::Chosen(_) | Reread::Refreshed => {}
            Reread::Retried(transfers) => self.retried(transfers),
        }
    }

    fn retried(&mut self, transfers: Vec<TransferId>) {
        send(QueueCommand::Retry, transfers, &mut self.out);
        if self.remote.has_failed() {
            self.remote.read(&mut self.out);
        }
    }
}
