//! What the store in force can do, in its own words: the reasons why an action is off come from there, so that the screen
//! knows no provider. Until it has answered everything is allowed, and the store itself refuses.

use super::App;
use super::effect::Effect;
use super::requests::Purpose;
use crate::domain::{Capabilities, Result};

impl App {
    /// Asks the store of the profile in force what it can do.
    pub(super) fn describe(&mut self) {
        self.store = None;
        self.out.give_up(&Purpose::Describe);
        if let Some(profile) = self.remote.profile().map(|profile| profile.name.clone()) {
            self.out.ask(Purpose::Describe, |request| Effect::Describe { request, profile });
        }
    }

    /// Takes over what it can do. Why a store could not be opened is said by whatever wants something of it.
    pub(super) fn described(&mut self, store: Result<Capabilities>) {
        self.store = store.ok();
    }
}
