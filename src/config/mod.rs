//! What the user configured: plain values (settings, profiles) and their loading from defaults, file, environment and
//! flags. The values are free of IO so that the screen may show them; only `load`, `secrets` and `places` touch the
//! machine.

mod database;
pub mod database_url;
mod document;
pub mod draft;
pub mod edit;
mod env_file;
pub mod exposed;
mod fields;
mod force;
mod guides;
pub mod images;
pub mod keymap;
pub mod keys;
pub mod load;
pub mod memory;
mod mistakes;
pub mod own;
pub mod places;
pub mod profile;
mod read_only;
mod reader;
mod resolve;
pub mod secrets;
pub mod settings;
mod syntax;
pub mod theme;
mod url;
mod variables;

pub use database::{direct_host, is_local as is_local_url, past_the_pooler};
pub use document::line_of;
pub use draft::Draft;
pub use fields::FieldNames;
pub use images::{Images, Way, Where};
pub use load::{Flags, load, read_again};
pub use own::OwnFiles;
pub use places::Places;
pub use profile::{
    CatalogConfig, DatabaseTls, ONE_LOCAL_BUCKET, Profile, ProfileSlot, ProfileSource, SecretCommand, SecretField,
    UploadcareConfig, bucket_in_list,
};
pub use read_only::ReadOnly;
pub use settings::{ClipboardChoice, Notify, Settings, Symlinks, TransferSettings};

use std::path::PathBuf;

use crate::domain::Failure;

/// Everything that was configured, resolved as far as it can be without asking anybody.
#[derive(Debug, Clone)]
pub struct Config {
    /// What is not particular to a profile.
    pub settings: Settings,
    /// Every profile there is, in the order they are shown; broken ones keep their reason.
    pub profiles: Vec<ProfileSlot>,
    /// The profile in force at start: `--profile`, else `WINDLASS_PROFILE`, else ... (DESIGN.md section 7).
    pub in_force: String,
    /// The profiles of a `.env` here where it describes several and nothing says which: somebody has to choose.
    pub undecided: Vec<String>,
    /// Why there is no profile of the name in force, where `default_profile` names none: nothing works under another one that
    /// nobody asked for.
    pub absent: Option<Failure>,
    /// What a person should know but nothing stops for: a secrets file that others can read, a shadowed profile.
    pub warnings: Vec<Failure>,
    /// The configuration file, whether or not it is there.
    pub file: PathBuf,
    /// The project's `.env` that was read, whether or not it makes a profile.
    pub env_file: Option<PathBuf>,
    /// Where files live.
    pub places: Places,
    /// `--read-only`: every profile is.
    pub read_only: bool,
    /// What the command line said, for whoever reads the file again.
    pub flags: Flags,
}

impl Config {
    /// The profile of that name, or of that `NAME/BUCKET`.
    ///
    /// # Errors
    /// `Usage` where there is none, with the names that there are; the profile's own failure where it is broken.
    pub fn profile(&self, name: &str) -> crate::domain::Result<&std::sync::Arc<Profile>> {
        let absent = || self.absent.clone().filter(|_| name == self.in_force);
        let slot = profile::find(&self.profiles, name).ok_or_else(|| absent().unwrap_or_else(|| self.unknown(name)))?;
        slot.profile.as_ref().map_err(Clone::clone)
    }

    /// Whether the configuration file has a profile of that name, usable or not. One of the environment, or the one that comes
    /// with Windlass, gives way to it.
    pub fn has(&self, name: &str) -> bool {
        self.profiles.iter().any(|slot| slot.name == name && slot.source.is_file())
    }

    /// The same with one more profile of the file, with each of its buckets, behind the others there.
    #[must_use]
    pub fn with(&self, slot: ProfileSlot) -> Self {
        let mut config = self.clone();
        config.profiles.retain(|known| known.name != slot.name);
        let place = config.profiles.iter().rposition(|slot| slot.source.is_file()).map_or(0, |last| last + 1);
        config.profiles.splice(place..place, slot.of_each_bucket());
        config
    }

    fn unknown(&self, name: &str) -> Failure {
        let names: Vec<&str> = self.profiles.iter().map(|slot| slot.name.as_str()).collect();
        let what = format!("there is no profile \"{}\"", crate::domain::display::display(name));
        Failure::new(crate::domain::FailureKind::Usage, what).hint(format!("the profiles are: {}", names.join(", ")))
    }
}
