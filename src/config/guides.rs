//! The variable sets of the guides: what a project's `.env` (or the environment) says about a bucket and its database, as
//! the table of a profile would say it. The one table of their names; what the values mean is decided by `resolve`.

use std::collections::BTreeMap;
use std::path::Path;

use super::document::{Entry, Section, Value, Written};
use super::env_file::EnvFile;
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
        let more = if provider == Provider::Uploadcare { WITH_UPLOADCARE } else { WITH_BUCKETS };
        let entries: BTreeMap<_, _> = self
            .set
            .variables
            .iter()
            .chain(WITH_ALL)
            .chain(more)
            .filter_map(|variable| Some((variable.key, entry(variable.name, &self.value_of(variable)?))))
            .chain([("provider", entry("the provider", provider.name()))])
            .collect();
        Section { profile: Some(name.into()), origin: Some(source.clone()), entries }
    }
}

/// A value as a table would have it: taken as it is, nothing is filled in.
fn entry(name: &'static str, value: &str) -> Entry {
    Entry { written: Written::As(name), value: Value::Text(value.trim().replace("${", "$${")) }
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
mod tests {
    use super::*;

    fn file(text: &str) -> EnvFile {
        EnvFile::parse(Path::new("/p/.env"), text)
    }

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn text<'a>(described: &'a Described, key: &str) -> Option<&'a str> {
        match &described.section.as_ref().unwrap().entries.get(key)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    const R2: &str = "R2_ACCOUNT_ID=abc\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=s\nR2_BUCKET_NAME=b # mine\n";

    #[test]
    fn each_guides_env_makes_its_profile() {
        let b2 = "B2_APPLICATION_KEY_ID=k\nB2_APPLICATION_KEY=s\nB2_BUCKET_NAME=b\nB2_ENDPOINT_URL=https://x\n";
        let aws = "AWS_ACCESS_KEY_ID=k\nAWS_SECRET_ACCESS_KEY=s\nAWS_REGION=eu-west-1\nS3_BUCKET_NAME=b\n";
        let tutorial = "S3_ACCESS_KEY_ID=k\nS3_SECRET_ACCESS_KEY=s\nS3_BUCKET=b\nS3_REGION=auto\n";
        let r2_tutorial = format!("{tutorial}S3_ENDPOINT=https://abc.r2.cloudflarestorage.com\n");
        for (written, name) in [
            (R2, "r2"),
            (b2, "b2"),
            (aws, "s3"),
            (tutorial, "s3"),
            (&r2_tutorial, "r2"),
            ("UPLOADCARE_PUBLIC_KEY=k\n", "uploadcare"),
        ] {
            let written = file(&format!("{written}DATABASE_URL=postgres://h/d\n"));
            let found = described(Some(&written), &nothing);
            let [only] = found.as_slice() else { panic!("{name}: {found:?}") };
            assert_eq!((only.name, text(only, "database_url")), (name, Some("postgres://h/d")));
            assert_eq!(only.source, ProfileSource::EnvFile("/p/.env".into()));
        }
    }

    #[test]
    fn what_a_set_lacks_is_named() {
        let found = described(Some(&file("R2_BUCKET_NAME=b\nR2_ACCESS_KEY_ID=\nR2_SECRET_ACCESS_KEY=s")), &nothing);
        assert_eq!(
            found[0].section.as_ref().unwrap_err().sentence(),
            "profile \"r2\" of /p/.env: R2_ACCOUNT_ID, R2_ACCESS_KEY_ID are missing: add them to /p/.env, or choose another \
             profile (--profile, or P on the screen)"
        );
        assert!(described(Some(&file("AWS_REGION=x\nDATABASE_URL=y")), &nothing).is_empty(), "no set is meant");
    }

    #[test]
    fn a_projects_env_comes_before_what_is_exported_and_is_completed_by_it() {
        let exported = |name: &str| match name {
            "R2_BUCKET_NAME" => Some("other".to_owned()),
            "WINDLASS_ENDPOINT" => Some("http://127.0.0.1:1".into()),
            "DATABASE_URL" => Some("postgres://h/d".into()),
            _ => None,
        };
        let found = described(Some(&file(R2)), &exported);
        assert_eq!((text(&found[0], "bucket"), text(&found[0], "endpoint")), (Some("b"), Some("http://127.0.0.1:1")));
        assert_eq!(text(&found[0], "database_url"), Some("postgres://h/d"));
    }

    #[test]
    fn a_whole_set_comes_before_a_part_of_another_that_would_have_its_name() {
        let both = "AWS_ACCESS_KEY_ID=mail\nAWS_SECRET_ACCESS_KEY=s\nS3_ACCESS_KEY_ID=k\nS3_SECRET_ACCESS_KEY=s\n\
            S3_BUCKET=b\nS3_REGION=auto\n";
        let found = described(Some(&file(both)), &nothing);
        assert_eq!((found.len(), text(&found[0], "access_key_id")), (2, Some("k")));
    }

    #[test]
    fn an_exported_set_takes_nothing_from_an_env_of_something_else() {
        let exported = |name: &str| (name.starts_with("UPLOADCARE_PUBLIC")).then(|| "k".to_owned());
        let found = described(Some(&file("DATABASE_URL=postgres://elsewhere/d")), &exported);
        assert_eq!((found[0].source.clone(), text(&found[0], "database_url")), (ProfileSource::Environment, None));
    }

    #[test]
    fn a_session_token_goes_with_the_key_that_it_belongs_to() {
        let keys = "AWS_ACCESS_KEY_ID=k\nAWS_SECRET_ACCESS_KEY=s\n";
        let bucket = "AWS_REGION=eu-west-1\nS3_BUCKET_NAME=b\n";
        let exported = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("of the shell".to_owned()),
            "AWS_SESSION_TOKEN" => Some("of the shell's key".into()),
            _ => None,
        };
        let token = |written: String, exported: Env<'_>| {
            let found = described(Some(&file(&written)), exported);
            text(&found[0], "session_token").map(str::to_owned)
        };
        assert_eq!(token(format!("{keys}{bucket}"), &exported), None);
        assert_eq!(token(format!("{keys}AWS_SESSION_TOKEN=t\n{bucket}"), &exported).as_deref(), Some("t"));
        assert_eq!(token(bucket.into(), &exported).as_deref(), Some("of the shell's key"));
        assert_eq!(token(format!("AWS_SESSION_TOKEN=t\n{bucket}"), &exported).as_deref(), Some("of the shell's key"));
    }

    #[test]
    fn every_key_is_one_that_the_provider_knows() {
        for set in SETS {
            for variable in set.variables.iter().chain(WITH_ALL) {
                let key = super::super::keys::PROFILE.iter().find(|key| key.name == variable.key);
                assert!(key.is_some_and(|key| key.of.contains(&set.provider)), "{}", variable.name);
            }
        }
    }
}
