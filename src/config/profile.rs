//! A profile as everything else uses it: resolved, with its secrets at hand and a name for where it came from.

mod identity;

use std::path::PathBuf;
use std::sync::Arc;

use super::fields::{FieldNames, Table};
use crate::domain::display::display;
use crate::domain::{Provider, Result, Secret};

/// A profile's place in the list: usable, or the reason why not.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileSlot {
    /// Its name.
    pub name: String,
    /// Where it came from.
    pub source: ProfileSource,
    /// `provider`, where even a broken profile tells it.
    pub provider: Option<Provider>,
    /// The resolved profile, or what is wrong with it (an unset variable, a missing field).
    pub profile: Result<Arc<Profile>>,
}

impl ProfileSlot {
    /// Whether its credentials stand in the file that it came from, as far as is known.
    pub fn has_credentials_in_a_file(&self) -> bool {
        let is_a_file = matches!(self.source, ProfileSource::File(_) | ProfileSource::EnvFile(_));
        is_a_file && self.profile.as_ref().ok().is_none_or(|profile| profile.aws_profile.is_none())
    }

    /// The slot itself, and one for each other bucket of the profile, called `NAME/BUCKET`.
    pub fn of_each_bucket(self) -> Vec<Self> {
        let others = self.profile.as_ref().map(|profile| profile.of_other_buckets()).unwrap_or_default();
        let (source, provider) = (self.source.clone(), self.provider);
        let slot = |profile: Profile| Self {
            name: profile.name.clone(),
            source: source.clone(),
            provider,
            profile: Ok(Arc::new(profile)),
        };
        let others: Vec<Self> = others.into_iter().map(slot).collect();
        [vec![self], others].concat()
    }
}

/// What a list of profiles calls a slot's bucket: the one that comes with Windlass is shared by all profiles that have it.
/// `None` for a profile that cannot be used.
pub fn bucket_in_list(slot: &ProfileSlot, among: &[ProfileSlot]) -> Option<String> {
    let profile = slot.profile.as_ref().ok()?;
    let is_here = |slot: &ProfileSlot| slot.profile.as_ref().is_ok_and(|profile| profile.is_served_here());
    let is_shared = is_here(slot) && among.iter().any(|other| other.name != slot.name && is_here(other));
    Some(format!("{}{}", profile.bucket(), if is_shared { SHARED } else { "" }))
}

/// What stands behind the name of a bucket that several profiles have.
const SHARED: &str = ", shared";

/// What is to be known before there is another profile of the bucket that comes with Windlass.
pub const ONE_LOCAL_BUCKET: &str = "local profiles share the one bucket of this machine; each has records of its own";

/// The slot that a name or a `NAME/BUCKET` means; a profile that is broken is meant by any bucket of it.
pub fn find<'a>(slots: &'a [ProfileSlot], name: &str) -> Option<&'a ProfileSlot> {
    let exact = slots.iter().find(|slot| slot.name == name);
    exact.or_else(|| {
        let (name, bucket) = name.split_once('/')?;
        let is_of = |profile: &Arc<Profile>| profile.bucket() == bucket;
        slots.iter().find(|slot| slot.name == name && slot.profile.as_ref().map_or(true, is_of))
    })
}

/// Where a profile came from; dialogs that write or delete name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileSource {
    /// The configuration file.
    File(PathBuf),
    /// A `.env` file, by its canonical path.
    EnvFile(PathBuf),
    /// Exported variables.
    Environment,
    /// Comes with Windlass.
    BuiltIn,
}

impl ProfileSource {
    /// Whether it stands in the configuration file, where each name is one profile's.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// What becomes of a profile from here once the file has one of that name.
    pub fn gives_way(&self, name: &str) -> String {
        let source = self.label();
        format!(
            "{name} of {source} gives way to it: what is queued under that one waits until the new one has another name"
        )
    }

    /// As dialogs and `profiles` show it.
    pub fn label(&self) -> String {
        match self {
            Self::File(path) | Self::EnvFile(path) => crate::domain::display::display_path(path),
            Self::Environment => "the environment".into(),
            Self::BuiltIn => "built in".into(),
        }
    }
}

/// How the database connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseTls {
    /// TLS with the certificate and host name verified; every non-local host's default.
    Verify,
    /// TLS without verification; said in the header.
    Insecure,
    /// None; local hosts' default.
    Off,
}

/// Where a profile's records live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogConfig {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database.
    Postgres {
        /// The connection URL, password and all.
        url: Secret,
        /// TLS in force.
        tls: DatabaseTls,
        /// `schema`.
        schema: String,
        /// `rls_setting`, such as `app.user_id`.
        rls_setting: Option<String>,
    },
}

/// A secret that a command prints (`NAME_command`); it runs when the profile is opened, never at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretCommand {
    /// What the command's answer is for.
    pub field: SecretField,
    /// The shell line; hidden like a secret, because it may hold one.
    pub line: Secret,
}

/// What can come from a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretField {
    /// `secret_access_key`, or Uploadcare's `secret_key`.
    SecretAccessKey,
    /// `session_token`.
    SessionToken,
    /// Uploadcare's `secure_delivery_secret`.
    SecureDeliverySecret,
    /// `database_url`, which holds a password; a `postgres://` URL only.
    DatabaseUrl {
        /// `database_tls`, where given: its default depends on the URL's host.
        tls: Option<DatabaseTls>,
    },
}

impl SecretField {
    /// The key that would say it without a command.
    pub const fn key(self, provider: Provider) -> &'static str {
        match (self, provider) {
            (Self::SecretAccessKey, Provider::Uploadcare) => "secret_key",
            (Self::SecretAccessKey, _) => "secret_access_key",
            (Self::SessionToken, _) => "session_token",
            (Self::SecureDeliverySecret, _) => "secure_delivery_secret",
            (Self::DatabaseUrl { .. }, _) => "database_url",
        }
    }
}

/// What only an Uploadcare profile has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadcareConfig {
    /// `cdn_base`, without a slash at the end.
    pub cdn_base: Option<String>,
    /// `upload_base`, for another host than Uploadcare's own.
    pub upload_base: Option<String>,
    /// `api_base`, for another host than Uploadcare's own.
    pub api_base: Option<String>,
    /// `secure_delivery_secret`.
    pub secure_delivery_secret: Option<Secret>,
}

/// The bucket of a `local` profile that names none.
pub const LOCAL_BUCKET: &str = "windlass";

/// `link_expiry` where nothing else is said, in seconds.
pub const DEFAULT_LINK_EXPIRY: u64 = 3600;

/// A usable profile. While `commands` is not empty some secrets are still missing, and a command stands for the database in
/// the identity: [`super::secrets::reveal`] runs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Where it came from.
    pub source: ProfileSource,
    /// What its fields are called there.
    pub names: FieldNames,
    /// Its kind.
    pub provider: Provider,
    /// `account_id` (R2).
    pub account_id: Option<String>,
    /// `jurisdiction` (R2): `eu`, `fedramp`.
    pub jurisdiction: Option<String>,
    /// `access_key_id`, or Uploadcare's `public_key`; empty for `local`, which makes its own.
    pub access_key_id: String,
    /// `secret_access_key`, or Uploadcare's `secret_key`.
    pub secret_access_key: Option<Secret>,
    /// `session_token`.
    pub session_token: Option<Secret>,
    /// `aws_profile`: the profile of `~/.aws` that gives the keys instead.
    pub aws_profile: Option<String>,
    /// `bucket` or `buckets`; never empty.
    pub buckets: Vec<String>,
    /// Which of them is in use, counted from 0.
    pub in_use: usize,
    /// `endpoint`, without a slash at the end; `None` is the provider's own.
    pub endpoint: Option<String>,
    /// `region`; `None` lets the provider's quirks decide.
    pub region: Option<String>,
    /// `path_style`, where given.
    pub path_style: Option<bool>,
    /// `ca_file`.
    pub ca_file: Option<PathBuf>,
    /// `public_base_url`, without a slash at the end.
    pub public_base_url: Option<String>,
    /// The catalog.
    pub catalog: CatalogConfig,
    /// `user_id`; `None` reads everyone's and writes the login name.
    pub user_id: Option<String>,
    /// `key_template`.
    pub key_template: String,
    /// `link_expiry` in seconds.
    pub link_expiry: u64,
    /// `read_only`, or `--read-only`.
    pub read_only: bool,
    /// `--read-only` alone would make it so.
    pub read_only_now: bool,
    /// `jobs`; `None` is as many as `[transfers]` says.
    pub jobs: Option<usize>,
    /// `rate` in bytes a second, 0 for none besides that of all together.
    pub rate: u64,
    /// Secrets that commands print, still to be run; empty once revealed.
    pub commands: Vec<SecretCommand>,
    /// Uploadcare's own fields; `None` for every other provider.
    pub uploadcare: Option<UploadcareConfig>,
}

impl Profile {
    /// A profile with nothing but defaults; its catalog is a SQLite file without a path, to be replaced.
    pub fn blank(name: &str, source: ProfileSource, provider: Provider) -> Self {
        Self {
            name: name.into(),
            source,
            names: FieldNames::Keys,
            provider,
            account_id: None,
            jurisdiction: None,
            access_key_id: String::new(),
            secret_access_key: None,
            session_token: None,
            aws_profile: None,
            buckets: vec![LOCAL_BUCKET.into()],
            in_use: 0,
            endpoint: None,
            region: None,
            path_style: None,
            ca_file: None,
            public_base_url: None,
            catalog: CatalogConfig::Sqlite(PathBuf::new()),
            user_id: None,
            key_template: crate::domain::key::DEFAULT_TEMPLATE.into(),
            link_expiry: DEFAULT_LINK_EXPIRY,
            read_only: false,
            read_only_now: false,
            jobs: None,
            rate: 0,
            commands: Vec::new(),
            uploadcare: None,
        }
    }

    /// Whether its bucket is the one that comes with Windlass, which serves it itself.
    pub fn is_served_here(&self) -> bool {
        self.provider == Provider::Local
    }

    /// The table of the configuration file that describes it, as a sentence names it; `None` where none does.
    pub fn table(&self) -> Option<String> {
        // Other buckets of a profile have its name before theirs.
        let own = display(self.name.split('/').next().unwrap_or(&self.name));
        self.source.is_file().then(|| format!("[profiles.{own}] of {}", self.source.label()))
    }

    /// The same; where its keys are of the file and its own, sentences about its credentials name that place and what stands
    /// there. Once its commands have run nothing tells any more which those are.
    pub fn with_keys_in(self: &Arc<Self>, place: String) -> Arc<Self> {
        if !self.source.is_file() || self.aws_profile.is_some() {
            return Arc::clone(self);
        }
        let by_command = self.commands.iter().map(|command| command.field.key(self.provider)).collect();
        Arc::new(Self { names: FieldNames::KeysOf(Table { place, by_command }), ..Self::clone(self) })
    }

    /// The bucket in use.
    pub fn bucket(&self) -> &str {
        self.buckets.get(self.in_use).map_or("", String::as_str)
    }

    /// The same profile once for each bucket behind the first, with that one in use. What is said of one bucket alone,
    /// its public URL, is said of the first. The bucket that comes with Windlass is one.
    fn of_other_buckets(&self) -> Vec<Self> {
        if self.is_served_here() {
            return Vec::new();
        }
        let other = |(in_use, bucket): (usize, &String)| Self {
            name: format!("{}/{bucket}", self.name),
            in_use,
            public_base_url: None,
            ..self.clone()
        };
        self.buckets.iter().enumerate().skip(1).map(other).collect()
    }

    /// Who new records belong to.
    pub fn writer(&self, login: &str) -> String {
        self.user_id.clone().unwrap_or_else(|| login.to_owned())
    }
}

#[cfg(test)]
mod tests;
