//! How much of a profile goes on at once, and how fast: asked for with the figures in force, and in force at once.

use std::sync::Arc;

use super::dialog::{Dialog, LimitsDialog};
use super::effect::Effect;
use super::notices::Level;
use super::requests::Purpose;
use super::{App, Pane};
use crate::domain::transfer::{Limits, ProfileIdentity};
use crate::domain::{Result, format};

impl App {
    /// Asks for the limits of the row's profile, else of the one in force.
    pub(super) fn ask_limits(&mut self) {
        let Some(profile) = self.profile_of_limits() else { return };
        let limits = self.limits_of(&profile);
        self.out.open(Dialog::Limits(LimitsDialog::new(profile, limits)));
    }

    /// The row's profile, else the one in force.
    pub(super) fn profile_of_limits(&self) -> Option<Arc<ProfileIdentity>> {
        let of_row = self.transfers.current().map(|view| view.transfer.profile.clone());
        let in_force = || self.remote.profile().map(|profile| Arc::new(profile.identity()));
        of_row.filter(|_| self.focus == Pane::Transfers).or_else(in_force)
    }

    /// Those in force of a profile.
    pub(super) fn limits_of(&self, profile: &Arc<ProfileIdentity>) -> Limits {
        let known = self.transfers.queue().lanes.iter().find(|lane| lane.profile == *profile).map(|lane| lane.limits);
        known.unwrap_or_else(|| {
            let slot = self.profiles.iter().find(|slot| slot.name == profile.name);
            let profile = slot.and_then(|slot| slot.profile.as_ref().ok());
            profile.map_or(self.limits, |profile| Limits {
                jobs: profile.jobs.unwrap_or(self.limits.jobs),
                rate: profile.rate,
            })
        })
    }

    pub(super) fn set_limits(&mut self, profile: Arc<ProfileIdentity>, limits: Limits) {
        let purpose = Purpose::Limits { profile: profile.name.clone(), limits };
        self.out.ask(purpose, |request| Effect::SetLimits { request, profile, limits });
    }

    pub(super) fn limited(&mut self, profile: &str, limits: Limits, done: Result<()>) {
        if let Err(failure) = done {
            return self.out.fail(&failure);
        }
        let rate = match limits.rate {
            0 => "as fast as it goes".to_owned(),
            rate => format!("{} at most", format::rate(rate as f64)),
        };
        let large = match limits.jobs {
            1 => "1 large transfer".to_owned(),
            jobs => format!("{jobs} large transfers"),
        };
        let text = format!("profile {profile}: {large} at once, {rate}; files below 1 MiB go beside");
        self.out.say(Level::Info, format!("{text} {}", if limits.jobs == 1 { "it" } else { "them" }));
    }
}
