//! The profiles in the user's editor: which file describes one, and what has changed once it was edited.

use super::App;
use super::dialog::Dialog;
use super::editing::Editing;
use super::effect::{EditStep, Effect};
use super::notices::Level;
use super::requests::Purpose;
use crate::config::{ProfileSlot, ProfileSource, profile};
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind};

impl App {
    /// Opens what describes a profile in the user's editor, at its line; where nothing does that could be edited, it says so.
    pub(super) fn edit_profile(&mut self, name: &str) {
        let Some(slot) = self.profiles.iter().find(|slot| slot.name == name) else { return };
        // Other buckets of a profile have its name before theirs.
        let own = name.split('/').next().unwrap_or(name).to_owned();
        match slot.source.clone() {
            ProfileSource::File(file) => self.lend_profiles(EditStep::LendProfiles { file, profile: Some(own) }),
            ProfileSource::EnvFile(file) => self.lend_profiles(EditStep::LendProfiles { file, profile: None }),
            ProfileSource::Environment => {
                let text =
                    format!("{name} comes from exported variables, in no file: set others and start Windlass again");
                self.out.say(Level::Note, text);
            }
            ProfileSource::BuiltIn => {
                let text = format!("{name} comes with Windlass, in no file: n makes a profile of your own");
                self.out.say(Level::Note, text);
            }
        }
    }

    /// Which keys open the file in which what is refused, or wrong, stands; `None` where it stands in no file of ours.
    pub fn where_mended(&self, profile: &str, failure: &Failure) -> Option<String> {
        let is_there = match failure.kind {
            FailureKind::Credentials => !failure.by_clock,
            kind => kind == FailureKind::ProfileBroken,
        };
        is_there.then(|| self.where_credentials_are(profile)).flatten()
    }

    /// Which keys open the file in which a profile's credentials stand; `None` where no file of ours has them.
    pub(super) fn where_credentials_are(&self, profile: &str) -> Option<String> {
        let slot = profile::find(&self.profiles, profile)?;
        let said = || self.with_keys("{profiles}, then e on {it}, opens the profile");
        slot.has_credentials_in_a_file().then(|| said().replace("{it}", &display(&slot.name)))
    }

    fn lend_profiles(&mut self, step: EditStep) {
        self.out.ask(Purpose::Edit(Editing::Profiles), |request| Effect::Edit { request, step });
    }

    /// The profiles are others now: a list of them that is open shows these, with the cursor where it was.
    pub(super) fn list_profiles_anew(&mut self) {
        let names = self.profiles.iter().map(|slot| slot.name.clone()).collect();
        if let Some(Dialog::Profiles(dialog)) = &mut self.dialog {
            dialog.list(names);
        }
    }

    /// Says what somebody has changed, and why what was changed cannot be used.
    pub(super) fn tell_edited(&mut self, before: &[ProfileSlot]) {
        let text = changes(before, &self.profiles).unwrap_or_else(|| "the profiles are as they were".into());
        let is_broken = self.profiles.iter().any(|slot| slot.profile.is_err() && !before.contains(slot));
        self.out.say(if is_broken { Level::Warning } else { Level::Info }, text);
        // Of the one in force it has been said already.
        let shown = &self.remote.slot().name;
        let broken = self.profiles.iter().filter(|slot| !before.contains(slot) && slot.name != *shown);
        let why: Vec<_> = broken.filter_map(|slot| slot.profile.as_ref().err().cloned()).collect();
        why.iter().for_each(|failure| self.out.fail(failure));
    }
}

/// Which profiles are new, gone and others than before: "backup is new, old is gone"; `None` where all are as they were.
fn changes(before: &[ProfileSlot], now: &[ProfileSlot]) -> Option<String> {
    let is_in = |slots: &[ProfileSlot], name: &str| slots.iter().any(|slot| slot.name == name);
    let told = |slot: &ProfileSlot, what: &str| match slot.profile {
        Ok(_) => format!("{} {what}", slot.name),
        Err(_) => format!("{} {what} and has a mistake", slot.name),
    };
    let fresh = now.iter().filter(|slot| !is_in(before, &slot.name)).map(|slot| told(slot, "is new"));
    let changed = now.iter().filter(|slot| is_in(before, &slot.name) && !before.contains(slot));
    let changed = changed.map(|slot| told(slot, "has changed"));
    let gone = before.iter().filter(|slot| !is_in(now, &slot.name)).map(|slot| format!("{} is gone", slot.name));
    let all: Vec<String> = fresh.chain(changed).chain(gone).collect();
    (!all.is_empty()).then(|| format!("profiles: {}", all.join(", ")))
}
