//! The lines of all profiles. They are few, and asked for many times a transfer: comparing a profile with itself costs
//! nothing, hashing its texts each time would.

use std::sync::Arc;

use super::line::Line;
use crate::domain::transfer::ProfileIdentity;

/// A line a profile, in the order in which they were first needed.
#[derive(Debug, Default)]
pub struct Lines(Vec<(Arc<ProfileIdentity>, Line)>);

impl Lines {
    /// The line of a profile.
    pub fn get(&self, profile: &Arc<ProfileIdentity>) -> Option<&Line> {
        self.0.iter().find(|(known, _)| known == profile).map(|(_, line)| line)
    }

    /// The line of a profile.
    pub fn get_mut(&mut self, profile: &Arc<ProfileIdentity>) -> Option<&mut Line> {
        self.0.iter_mut().find(|(known, _)| known == profile).map(|(_, line)| line)
    }

    /// Sees to it that a profile has a line.
    pub fn need(&mut self, profile: &Arc<ProfileIdentity>, new: impl FnOnce() -> Line) {
        if self.get(profile).is_none() {
            self.0.push((profile.clone(), new()));
        }
    }

    /// All of them.
    pub fn values(&self) -> impl Iterator<Item = &Line> {
        self.0.iter().map(|(_, line)| line)
    }

    /// All of them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.0.iter_mut().map(|(_, line)| line)
    }

    /// All of them, and whose they are.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Arc<ProfileIdentity>, &mut Line)> {
        self.0.iter_mut().map(|(profile, line)| (&*profile, line))
    }
}
