//! Why no profile that is configured is the one that a transfer was queued under, and what brings it back. A file may have to
//! be looked for, so that it may block.

use std::path::Path;

use crate::config::{Config, ProfileSource, profile};
use crate::domain::display::{display, display_path};
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Failure, FailureKind};

/// What is wrong with the profile, where it is there; else where it is, or that it is gone, and in what the one that comes
/// nearest is another one.
pub fn why(config: &Config, identity: &ProfileIdentity) -> Failure {
    if let Some(mistake) = mistake(config, identity) {
        return Failure { kind: FailureKind::ProfileBroken, ..mistake.clone() };
    }
    let elsewhere = identity.env_file.as_deref().filter(|file| is_elsewhere(config, file));
    let kind = if elsewhere.is_some() { FailureKind::ProfileElsewhere } else { FailureKind::ProfileMissing };
    let back = elsewhere.map_or_else(|| "bring that profile back".into(), |file| leading_back(config, file));
    let hint = format!("{back}, or cancel the transfer: windlass record KEY writes the record of what is up");
    Failure::new(kind, what(config, identity)).hint(hint)
}

/// What is wrong with the profile that this was queued under, where it is there by its name and source, and cannot be used as
/// it is written.
fn mistake<'a>(config: &'a Config, identity: &ProfileIdentity) -> Option<&'a Failure> {
    let slot = profile::find(&config.profiles, &identity.name)?;
    let is_it = match &slot.source {
        ProfileSource::EnvFile(file) => identity.env_file.as_ref() == Some(file),
        _ => identity.env_file.is_none(),
    };
    slot.profile.as_ref().err().filter(|_| is_it)
}

/// Whether a `.env` is there and was not read: it may make that profile as well as ever. One that nobody may look for is not
/// taken for gone.
fn is_elsewhere(config: &Config, file: &Path) -> bool {
    config.env_file.as_deref() != Some(file) && file.try_exists().unwrap_or(true)
}

/// What has it read. The one of this folder could not be, as a warning says.
fn leading_back(config: &Config, file: &Path) -> String {
    let here = config.flags.folder.as_deref().and_then(|folder| folder.canonicalize().ok());
    let folder = file.parent().unwrap_or(file);
    match config.settings.env_files {
        true if here.as_deref() == Some(folder) => format!("mend {}", display_path(file)),
        true => format!("start windlass in {}", display_path(folder)),
        false => {
            format!(
                "start windlass in {} with env_files = true in {}",
                display_path(folder),
                display_path(&config.file)
            )
        }
    }
}

fn what(config: &Config, identity: &ProfileIdentity) -> String {
    let usable = config.profiles.iter().filter_map(|slot| slot.profile.as_ref().ok());
    let near = usable.filter(|profile| profile.name == identity.name).map(|profile| profile.identity()).next();
    let (name, bucket) = (display(&identity.name), display(&identity.bucket));
    let of = identity.env_file.as_deref().map_or_else(String::new, |file| format!(" of {}", display_path(file)));
    let near = near.map_or_else(String::new, |near| {
        format!(": {name} has {}", display(&identity.differences(&near).join(", and ")))
    });
    format!("no profile is the one that this was queued under ({name}{of}, bucket {bucket}){near}")
}
