//! A catalog whose table is missing or too old: the offer to prepare it, and what came of that.

use super::App;
use super::dialog::{Command, Confirm, Dialog};
use super::effect::Effect;
use super::notices::Level;
use super::requests::Purpose;
use crate::domain::{Failure, FailureKind, Result};

impl App {
    /// A table that is missing or too old: the offer to make or extend it, unless the profile is read-only.
    pub(super) fn offer_migration(&mut self, failure: Option<&Failure>) {
        let Some(failure) = failure.filter(|failure| failure.kind == FailureKind::NeedsMigration) else { return };
        let Some(profile) = self.remote.profile().filter(|profile| !profile.read_only) else { return };
        let lines = vec![
            failure.what.clone(),
            format!("profile {}, {}", profile.name, profile.catalog_identity()),
            "Nothing is removed or renamed: the table is made, or gets columns and indexes.".into(),
        ];
        let title = format!("Prepare the table {}?", profile.provider.table());
        let command = Command::Migrate(profile.name.clone());
        self.out.open(Dialog::Confirm(Confirm::unasked(title, lines, "prepare", command)));
    }

    /// Has the table prepared.
    pub(super) fn migrate(&mut self, profile: String) {
        let purpose = Purpose::Migrate { profile: profile.clone() };
        self.out.ask(purpose, |request| Effect::Migrate { request, profile });
    }

    /// It is, or could not be.
    pub(super) fn migrated(&mut self, profile: &str, steps: Result<Vec<String>>) {
        match steps {
            Ok(steps) if steps.is_empty() => self.out.say(Level::Info, "the table was ready already"),
            Ok(steps) => self.out.say(Level::Info, format!("the table is ready ({} applied)", steps.len())),
            Err(failure) => return self.out.fail(&failure),
        }
        if self.remote.slot().name == profile {
            self.remote.read(&mut self.out);
        }
    }
}
