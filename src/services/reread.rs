//! The configuration file, read again while the program runs: a profile that was mended there is opened anew. What goes on
//! under an older connection keeps it to its end.

use std::sync::{Arc, PoisonError};

use super::{Services, torn_down};
use crate::config::{self, Config, Profile, ProfileSlot};
use crate::domain::display::display;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Failure, FailureKind, Result};
use crate::transfer::Connection;

impl Services {
    /// Reads the profiles again and forgets the connections of those that are others now, and of these by their names, whose
    /// secrets a command may tell anew; answers every profile there is now.
    ///
    /// # Errors
    /// `Usage` where the file cannot be used as it stands; then everything stays as it was.
    pub async fn read_again(&self, profiles: &[String]) -> Result<Vec<ProfileSlot>> {
        let before = self.config();
        let reading = {
            let before = before.clone();
            move || config::read_again(&before, &|name| std::env::var(name).ok())
        };
        let found = tokio::task::spawn_blocking(reading).await.map_err(|error| torn_down(&error))??;
        let others = others(&before, &found);
        let slots = found.profiles.clone();
        *self.opener.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
        let mut connections = self.connections.lock().await;
        connections
            .retain(|name, _| !others.contains(name) && (!profiles.contains(name) || is_served_here(&slots, name)));
        Ok(slots)
    }

    /// The connection of the profile that somebody was told of, to queue what they have answered; as it was `known` to them, a
    /// profile says also whose records it writes.
    ///
    /// # Errors
    /// `Changed` where under its name there is another profile by now; those of [`Services::connect`].
    pub async fn connect_told(&self, told: &ProfileIdentity, known: Option<&Profile>) -> Result<Arc<Connection>> {
        let connection = self.connect(&told.name).await?;
        let mut differences = told.differences(&connection.identity);
        differences.extend(known.and_then(|known| another_user(known, &connection.profile)));
        if differences.is_empty() {
            return Ok(connection);
        }
        let (name, differences) = (display(&told.name), differences.join(", and "));
        let what = format!("profile {name} was changed after you were asked: it has {}", display(&differences));
        Err(Failure::new(FailureKind::Changed, what)
            .hint("nothing was queued; do it once more to see what it does now"))
    }
}

/// Whose records a profile writes is no part of what it is, because queued work goes on under another user; but somebody was
/// asked as this one.
fn another_user(known: &Profile, now: &Profile) -> Option<String> {
    let told =
        || known.user_id.as_ref().map_or_else(|| "a user_id".into(), |user| format!("another user_id, not {user}"));
    (known.user_id != now.user_id).then(told)
}

/// The profiles that are no longer what they were.
fn others(before: &Config, now: &Config) -> Vec<String> {
    let changed = before.profiles.iter().filter(|slot| !now.profiles.contains(slot));
    changed.map(|slot| slot.name.clone()).collect()
}

/// Whether the profile is the local bucket's, whose keys stand in no file.
fn is_served_here(slots: &[ProfileSlot], name: &str) -> bool {
    let slot = slots.iter().find(|slot| slot.name == name);
    slot.and_then(|slot| slot.profile.as_ref().ok()).is_some_and(|profile| profile.is_served_here())
}
