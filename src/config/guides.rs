//! The variable sets of the guides: what a project's `.env` (or the environment) says about a bucket and its database, as
//! the table of a profile would say it. The one table of their names; what the values mean is decided by `resolve`.

use std::collections::BTreeMap;
use std::path::Path;

use super::document::{Entry, Section, Value, Written};
use super::env_file::EnvFile;
use super::fields::FieldNames;
use super::profile::ProfileSource;
use super::reader::Env;
use super::url;
use crate::domain::{Failure, FailureKind, Provider};

/// One guide's variables.
#[derive(Debug, PartialEq, Eq)]
pub struct VariableSet {
    /// The profile that they make, and its provider; `S3_ENDPOINT` at R2's host makes `r2`.
    provider: Provider,
    variables: &'static [Variable],
}

/// One variable.
#[derive(Debug, PartialEq, Eq)]
struct Variable {
    name: &'static str,
    /// The key of `[profiles.NAME]` that means the same.
    key: &'static str,
    need: Need,
}

/// Whether a set is complete without a variable.
#[derive(Debug, PartialEq, Eq)]
enum Need {
    /// It is not.
    Needed,
    /// It is where one of these is set.
    Unless(&'static [&'static str]),
    /// It is.
    Optional,
    /// It is, and it counts only from where that one comes from: of another's keys it would be wrong.
    With(&'static str),
}

const fn needed(name: &'static str, key: &'static str) -> Variable {
    Variable { name, key, need: Need::Needed }
}

const fn optional(name: &'static str, key: &'static str) -> Variable {
    Variable { name, key, need: Need::Optional }
}

const fn unless(name: &'static str, key: &'static str, others: &'static [&'static str]) -> Variable {
    Variable { name, key, need: Need::Unless(others) }
}

const fn with(name: &'static str, key: &'static str, other: &'static str) -> Variable {
    Variable { name, key, need: Need::With(other) }
}

const ENDPOINT: &str = "WINDLASS_ENDPOINT";

/// The catalog's connection string in every guide.
const DATABASE: &str = "DATABASE_URL";

/// The guides in `guides/`, in the order in which their profiles are listed.
const SETS: &[VariableSet] = &[
    VariableSet {
        provider: Provider::R2,
        variables: &[
            unless("R2_ACCOUNT_ID", "account_id", &[ENDPOINT]),
            needed("R2_ACCESS_KEY_ID", "access_key_id"),
            needed("R2_SECRET_ACCESS_KEY", "secret_access_key"),
            needed("R2_BUCKET_NAME", "bucket"),
            optional("R2_PUBLIC_BASE_URL", "public_base_url"),
        ],
    },
    VariableSet {
        provider: Provider::B2,
        variables: &[
            needed("B2_APPLICATION_KEY_ID", "access_key_id"),
            needed("B2_APPLICATION_KEY", "secret_access_key"),
            needed("B2_BUCKET_NAME", "bucket"),
            unless("B2_ENDPOINT_URL", "endpoint", &[ENDPOINT]),
        ],
    },
    VariableSet {
        provider: Provider::S3,
        variables: &[
            needed("AWS_ACCESS_KEY_ID", "access_key_id"),
            needed("AWS_SECRET_ACCESS_KEY", "secret_access_key"),
            with("AWS_SESSION_TOKEN", "session_token", "AWS_ACCESS_KEY_ID"),
            unless("AWS_REGION", "region", &[ENDPOINT]),
            needed("S3_BUCKET_NAME", "bucket"),
        ],
    },
    VariableSet {
        provider: Provider::S3,
        variables: &[
            needed("S3_ACCESS_KEY_ID", "access_key_id"),
            needed("S3_SECRET_ACCESS_KEY", "secret_access_key"),
            needed("S3_BUCKET", "bucket"),
            unless("S3_REGION", "region", &["S3_ENDPOINT", ENDPOINT]),
            optional("S3_ENDPOINT", "endpoint"),
        ],
    },
    VariableSet {
        provider: Provider::Uploadcare,
        variables: &[needed("UPLOADCARE_PUBLIC_KEY", "public_key"), optional("UPLOADCARE_SECRET_KEY", "secret_key")],
    },
];

/// What goes with every set; a later one of the same key wins, so that `WINDLASS_ENDPOINT` overrides the guide's.
const WITH_ALL: &[Variable] = &[optional(DATABASE, "database_url"), optional("WINDLASS_USER_ID", "user_id")];
const WITH_BUCKETS: &[Variable] = &[optional(ENDPOINT, "endpoint")];
/// The tutorial that has one set for S3 and R2 leaves public URLs out, which R2 has only beneath a base: it is the R2 guide's.
const WITH_BUCKETS_OF_R2: &[Variable] =
    &[with("R2_PUBLIC_BASE_URL", "public_base_url", "S3_BUCKET"), optional(ENDPOINT, "endpoint")];
const WITH_UPLOADCARE: &[Variable] = &[
    optional("WINDLASS_UPLOAD_BASE", "upload_base"),
    optional("WINDLASS_API_BASE", "api_base"),
    optional("WINDLASS_CDN_BASE", "cdn_base"),
];

/// The keys whose variables show that a set is meant: `AWS_REGION` alone says nothing.
const TELLING: &[&str] = &["account_id", "access_key_id", "secret_access_key", "bucket", "public_key"];

/// A profile that the environment describes.
#[derive(Debug)]
pub struct Described {
    /// Its name: the provider's.
    pub name: &'static str,
    /// Its kind.
    pub provider: Provider,
    /// The `.env`, or the environment itself.
    pub source: ProfileSource,
    /// Its table, or which variables it lacks.
    pub section: Result<Section, Failure>,
}

/// What `.env` and environment describe: what is whole, then what is not, so that a set of which only a part is there
/// (AWS keys for something else) never stands before a whole one of the same name.
pub fn described(file: Option<&EnvFile>, exported: Env<'_>) -> Vec<Described> {
    let scopes = SETS.iter().filter_map(|set| Scope::of(set, file, exported));
    let mut found: Vec<Described> = scopes.map(Scope::describe).collect();
    found.sort_by_key(|described| described.section.is_err());
    found
}

/// A warning where the exported environment makes the profile that is used and the `.env` here has a database for it: which
/// of the two was meant is not known, and records would go where nobody looks for them.
pub fn database_not_used(file: &EnvFile, profile: &str, exported: Env<'_>) -> Option<Failure> {
    file.get(DATABASE)?;
    let why = match exported(DATABASE) {
        Some(other) if file.get(DATABASE) == Some(other.as_str()) => return None,
        Some(other) if !other.trim().is_empty() => "has the exported one",
        _ => "is made by exported variables alone",
    };
    let what = format!("{DATABASE} of {} is not used: the profile \"{profile}\" {why}", path_shown(file.path()));
    Some(Failure::new(FailureKind::Usage, what).hint("put all of the profile's variables into one place"))
}

/// One set and where its values are looked for.
struct Scope<'a> {
    set: &'static VariableSet,
    /// `None`: only what is exported counts, so that an unrelated `.env` does not give it another database.
    file: Option<&'a EnvFile>,
    exported: Env<'a>,
}

impl<'a> Scope<'a> {
    /// `None` where nothing tells that the set is meant.
    fn of(set: &'static VariableSet, file: Option<&'a EnvFile>, exported: Env<'a>) -> Option<Self> {
        let tells = |lookup: &dyn Fn(&str) -> bool| {
            set.variables.iter().any(|variable| TELLING.contains(&variable.key) && lookup(variable.name))
        };
        let file = file.filter(|file| tells(&|name| file.get(name).is_some()));
        let scope = Self { set, file, exported };
        // What AWS's own tools read is exported by many who never followed a guide.
        let ours = |name: &str| !name.starts_with("AWS_") && scope.value(name).is_some();
        (file.is_some() || tells(&ours)).then_some(scope)
    }

    /// A project's own `.env` comes before what happens to be exported; an empty variable is none.
    fn value(&self, name: &str) -> Option<String> {
        self.written(name).or_else(|| self.told(name))
    }

    fn value_of(&self, variable: &Variable) -> Option<String> {
        match variable.need {
            Need::With(other) if self.written(other).is_some() => self.written(variable.name),
            Need::With(_) => self.told(variable.name),
            _ => self.value(variable.name),
        }
    }

    /// In the `.env`.
    fn written(&self, name: &str) -> Option<String> {
        self.file.and_then(|file| file.get(name)).map(str::to_owned)
    }

    /// In the exported environment.
    fn told(&self, name: &str) -> Option<String> {
        (self.exported)(name).filter(|value| !value.trim().is_empty())
    }

    fn describe(self) -> Described {
        let provider = self.provider();
        let source = match self.file {
            Some(file) => ProfileSource::EnvFile(file.path().into()),
            None => ProfileSource::Environment,
        };
        let missing: Vec<&str> =
            self.set.variables.iter().filter(|variable| self.lacks(variable)).map(|variable| variable.name).collect();
        let name = provider.name();
        let section = match missing.as_slice() {
            [] => Ok(self.section(name, provider, &source)),
            missing => Err(incomplete(name, missing, &source)),
        };
        Described { name, provider, source, section }
    }

    fn provider(&self) -> Provider {
        let endpoint = self.value("S3_ENDPOINT").filter(|_| self.has("endpoint"));
        let host = endpoint.as_deref().and_then(url::parts).map(|parts| parts.host.to_ascii_lowercase());
        match host {
            Some(host) if host.ends_with(".r2.cloudflarestorage.com") => Provider::R2,
            _ => self.set.provider,
        }
    }

    fn has(&self, key: &str) -> bool {
        self.set.variables.iter().any(|variable| variable.key == key)
    }

    fn lacks(&self, variable: &Variable) -> bool {
        let filled = |name: &&str| self.value(name).is_some();
        match variable.need {
            Need::Optional | Need::With(_) => false,
            Need::Needed => !filled(&variable.name),
            Need::Unless(others) => !filled(&variable.name) && !others.iter().any(filled),
        }
    }

    fn section(&self, name: &str, provider: Provider, source: &ProfileSource) -> Section {
        let more = match provider {
            Provider::Uploadcare => WITH_UPLOADCARE,
            Provider::R2 if !self.has("public_base_url") => WITH_BUCKETS_OF_R2,
            _ => WITH_BUCKETS,
        };
        let variables = || self.set.variables.iter().chain(WITH_ALL).chain(more);
        let entries: BTreeMap<_, _> = variables()
            .filter_map(|variable| Some((variable.key, self.entry(variable)?)))
            .chain([("provider", entry(Written::As("the provider"), provider.name()))])
            .collect();
        let names = Self::names(variables(), &entries);
        Section { profile: Some(name.into()), origin: Some(source.clone()), names, entries, ..Section::default() }
    }

    fn entry(&self, variable: &Variable) -> Option<Entry> {
        let value = self.value_of(variable)?;
        let is_elsewhere = self.file.is_some() && self.written(variable.name).is_none();
        let written = if is_elsewhere { Written::Exported(variable.name) } else { Written::As(variable.name) };
        Some(entry(written, &value))
    }

    /// What each field is called, also where it is not set.
    fn names<'v>(variables: impl Iterator<Item = &'v Variable>, entries: &BTreeMap<&'static str, Entry>) -> FieldNames {
        let endpoint = match entries.get("endpoint").map(|entry| entry.written) {
            Some(Written::As(name) | Written::Exported(name)) => Some(name),
            _ => None,
        };
        let of_guides = variables.filter(|variable| variable.name != ENDPOINT);
        FieldNames::of_variables(of_guides.map(|variable| (variable.key, variable.name)), endpoint)
    }
}

/// A value as a table would have it: taken as it is, nothing is filled in.
fn entry(written: Written, value: &str) -> Entry {
    Entry { written, value: Value::Text(value.trim().replace("${", "$${")) }
}

fn incomplete(name: &str, missing: &[&str], source: &ProfileSource) -> Failure {
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let what = format!("profile \"{name}\" of {}: {} {verb} missing", source.label(), missing.join(", "));
    let them = if missing.len() == 1 { "it" } else { "them" };
    Failure::new(FailureKind::Usage, what).hint(match source {
        ProfileSource::EnvFile(path) => {
            format!("add {them} to {}, or choose another profile (--profile, or P on the screen)", path_shown(path))
        }
        _ => format!("export {them}, or write a profile into config.toml"),
    })
}

fn path_shown(path: &Path) -> String {
    crate::domain::display::display_path(path)
}

#[cfg(test)]
mod tests;
