//! A profile that is still being written, in the screen's form or by `windlass profiles add`: what was said for each key,
//! what is asked for and in which order, and the profile that it would be. It means what the same words mean in the file.

mod refusal;

use std::ops::Range;
use std::path::Path;

use super::Places;
use super::document::{self, Entry, Section, Value, Written};
use super::keys::{self, Key, Shape};
use super::profile::ProfileSlot;
use super::reader::Env;
use super::resolve::{self, Context};
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Provider, Result, Secret};

/// The providers in the order in which they are offered.
pub const PROVIDERS: [Provider; 5] = [Provider::R2, Provider::B2, Provider::S3, Provider::Uploadcare, Provider::Local];

/// A key that a new profile is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// As `config.toml` has it.
    pub key: &'static str,
    /// What it is, and where it is found.
    pub note: &'static str,
}

impl Asked {
    /// What stands on its line while nothing is typed and nothing is needed.
    pub fn without(&self) -> &'static str {
        match self.key {
            "endpoint" => "optional: AWS without one",
            "database_url" => "optional: SQLite without one",
            "user_id" => "optional: everyone's without one",
            _ => "optional",
        }
    }

    /// Where a sentence names it, in letters from its beginning.
    pub fn named_in(&self, said: &str) -> Option<usize> {
        let said = said.to_lowercase();
        let words = self.key.replace('_', " ");
        let short = if self.key == "database_url" { "database" } else { words.as_str() };
        [self.key, &words, short].into_iter().filter_map(|name| said.find(name)).min()
    }
}

/// What a provider is called where one is chosen.
pub fn offered(provider: Provider) -> &'static str {
    match provider {
        Provider::S3 => "AWS S3 or compatible (MinIO, …)",
        other => other.title(),
    }
}

const fn asked(key: &'static str, note: &'static str) -> Asked {
    Asked { key, note }
}

const KEY_ID: Asked = asked("access_key_id", "the key's id; it is no secret");
const SECRET: Asked = asked("secret_access_key", "shown once, when the key is made; or ${VARIABLE}");
const PUBLIC_BASE: Asked = asked("public_base_url", "where the bucket is read without a signature, if it is");
const DATABASE: Asked =
    asked("database_url", "postgres://…, as Neon's console copies it; empty: SQLite on this machine");
const USER: Asked =
    asked("user_id", "whose records to show and write; empty: everyone's are shown, and your login name is written");

const OF_R2: &[Asked] = &[
    asked("account_id", "Cloudflare dashboard, R2, Account details"),
    KEY_ID,
    SECRET,
    asked("bucket", "its name; several: a, b, the first is the one in use"),
    PUBLIC_BASE,
    asked("jurisdiction", "eu or fedramp, where the bucket was made in one; else empty"),
    DATABASE,
    USER,
];

const OF_B2: &[Asked] = &[
    asked("access_key_id", "keyID of an application key, not of the master key"),
    asked("secret_access_key", "applicationKey, shown once, when the key is made; or ${VARIABLE}"),
    asked("bucket", "its name; several: a, b, the first is the one in use"),
    asked("endpoint", "https:// and the bucket's Endpoint, as in s3.us-west-004.backblazeb2.com"),
    DATABASE,
    USER,
];

const OF_S3: &[Asked] = &[
    asked("aws_profile", "a profile of ~/.aws that gives the keys; empty: the two below"),
    KEY_ID,
    SECRET,
    asked("bucket", "its name; several: a, b, the first is the one in use"),
    asked("endpoint", "of MinIO or any service but AWS, as in https://s3.example.org; AWS: empty"),
    asked("region", "as in eu-central-1; empty where the endpoint tells it"),
    PUBLIC_BASE,
    DATABASE,
    USER,
];

const OF_UPLOADCARE: &[Asked] = &[
    asked("public_key", "the project's API keys, Public key"),
    asked("secret_key", "the project's API keys, Secret key; or ${VARIABLE}"),
    asked("cdn_base", "the project's own CDN host, if it has one"),
    DATABASE,
    USER,
];

const OF_LOCAL: &[Asked] = &[DATABASE, USER];

/// What is asked for a provider, in the order of its guide.
pub const fn asked_for(provider: Provider) -> &'static [Asked] {
    match provider {
        Provider::R2 => OF_R2,
        Provider::B2 => OF_B2,
        Provider::S3 => OF_S3,
        Provider::Uploadcare => OF_UPLOADCARE,
        Provider::Local => OF_LOCAL,
    }
}

/// Whether a key's value is not to be seen while it is typed.
pub fn is_secret(key: &str) -> bool {
    keys::SECRETS.contains(&key)
}

/// A value as it may be seen: of a secret nothing, of a database's URL everything but the password. As many letters as
/// there are, so that a cursor stands where it stands in the value.
pub fn masked(key: &str, value: &str) -> String {
    let is_variable = value.starts_with("${") && value.ends_with('}');
    let hidden = match key {
        "database_url" => password(value),
        _ if is_secret(key) && !is_variable => 0..value.len(),
        _ => 0..0,
    };
    value.char_indices().map(|(at, letter)| if hidden.contains(&at) { '•' } else { letter }).collect()
}

/// Where the password stands in a URL, in bytes. Before its `@` is typed, all behind the user's `:` may be one.
fn password(url: &str) -> Range<usize> {
    let begin = url.find("://").map_or(url.len(), |at| at + 3);
    let end = url.rfind('@').filter(|at| *at >= begin).unwrap_or(url.len());
    let colon = url.get(begin..end).and_then(|user| user.find(':'));
    colon.map_or(0..0, |colon| begin + colon + 1..end)
}

/// What was said so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    name: String,
    provider: Provider,
    // Some of them are secrets, and which is nobody's business who prints a draft.
    said: Vec<(&'static Key, Secret)>,
}

impl Draft {
    /// Nothing said yet but name and provider.
    ///
    /// # Errors
    /// `Usage` for what cannot be a profile's name.
    pub fn new(name: &str, provider: Provider) -> Result<Self> {
        if !document::is_name(name) {
            let what = format!("\"{}\" is no profile's name", display(name));
            return Err(Failure::new(FailureKind::Usage, what).hint("write letters, digits, - and _"));
        }
        Ok(Self { name: name.to_owned(), provider, said: Vec::new() })
    }

    /// The profile's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its kind.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Says a key's value, as the file would have it within quotes; lists with commas. A blank value says nothing.
    ///
    /// # Errors
    /// `Usage` for a key that there is not, or that does nothing for the provider; the value is not repeated.
    pub fn say(&mut self, key: &str, value: &str) -> Result<()> {
        let value = value.trim();
        // Who types several names where one is asked for means several.
        let key = if key == "bucket" && value.contains(',') { "buckets" } else { key };
        let known = keys::PROFILE.iter().find(|known| known.name == key && key != "provider");
        let known = known.ok_or_else(|| {
            let what = format!("there is no key `{}` of a profile", display(key));
            Failure::new(FailureKind::Usage, what).hint(keys::advice(key, keys::PROFILE, false))
        })?;
        if !known.of.contains(&self.provider) {
            let what = format!("`{key}` does nothing for provider {}", self.provider);
            return Err(Failure::new(FailureKind::Usage, what).hint("leave it out"));
        }
        self.said.retain(|(said, _)| said.name != known.name);
        if !value.is_empty() {
            self.said.push((known, Secret::new(value)));
        }
        Ok(())
    }

    /// Whether something was said for a key, or for one that means the same.
    pub fn says(&self, key: &str) -> bool {
        let alike = |said: &str| match key {
            "bucket" => said == "bucket" || said == "buckets",
            "access_key_id" | "secret_access_key" if said == "aws_profile" => true,
            _ => said.strip_suffix("_command").unwrap_or(said) == key,
        };
        self.said.iter().any(|(said, _)| alike(said.name))
    }

    /// The keys that are needed and were not said, in the order in which they are asked for.
    pub fn missing(&self) -> Vec<&'static str> {
        let missing = resolve::missing(self.provider, |key| self.said.iter().any(|(said, _)| said.name == key));
        asked_for(self.provider).iter().map(|asked| asked.key).filter(|key| missing.contains(key)).collect()
    }

    /// The slot that the profile would have.
    ///
    /// # Errors
    /// `Usage` for a value of another shape than its key's; what else is wrong stands in the slot.
    pub fn slot(&self, place: &Destination<'_>) -> Result<ProfileSlot> {
        let provider = Value::Text(self.provider.name().to_owned());
        let values = self.values()?.into_iter().chain([("provider", provider)]);
        let entries = values.map(|(key, value)| (key, Entry { written: Written::Typed, value })).collect();
        let section = Section { profile: Some(self.name.clone()), entries, ..Section::default() };
        let Destination { file, env, places, read_only } = *place;
        Ok(resolve::slot(&section, Context { file, env, places, read_only }).0)
    }

    /// What the file gets, in the order in which `config.example.toml` has the keys.
    pub(super) fn values(&self) -> Result<Vec<(&'static str, Value)>> {
        let said = |key: &Key| self.said.iter().find(|(said, _)| said.name == key.name);
        let said = keys::PROFILE.iter().filter_map(said);
        said.map(|(key, value)| value_of(key, value.expose()).map(|value| (key.name, value))).collect()
    }
}

/// Where a draft is going to be, and what its words mean there.
pub struct Destination<'a> {
    /// The configuration file.
    pub file: &'a Path,
    /// The environment.
    pub env: Env<'a>,
    /// Where files live.
    pub places: &'a Places,
    /// `--read-only`.
    pub read_only: bool,
}

fn value_of(key: &Key, text: &str) -> Result<Value> {
    let value = match key.shape {
        Shape::Text | Shape::Size | Shape::Span => Some(Value::Text(text.to_owned())),
        Shape::Texts => Some(Value::Texts(listed(text))),
        Shape::Switch => text.parse().ok().map(Value::Switch),
        Shape::Count => text.parse().ok().map(Value::Number),
    };
    value.ok_or_else(|| {
        Failure::new(FailureKind::Usage, format!("`{}` must be {}, and this is text", key.name, key.shape.wanted()))
    })
}

fn listed(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn draft(provider: Provider, said: &[(&str, &str)]) -> Draft {
        let mut draft = Draft::new("new", provider).unwrap();
        said.iter().for_each(|(key, value)| draft.say(key, value).unwrap());
        draft
    }

    fn slot(draft: &Draft) -> ProfileSlot {
        let places = Places { config: "/c".into(), state: "/s".into(), data: "/d".into() };
        let file = Path::new("/c/config.toml");
        let env = |name: &str| (name == "KEY").then(|| "filled".to_owned());
        draft.slot(&Destination { file, env: &env, places: &places, read_only: false }).unwrap()
    }

    const S3: &[(&str, &str)] = &[("access_key_id", "k"), ("secret_access_key", "${KEY}"), ("bucket", "a, b")];

    #[test]
    fn what_is_asked_for_is_what_the_provider_has_and_all_that_it_needs() {
        for provider in PROVIDERS {
            let asked: Vec<_> = asked_for(provider).iter().map(|asked| asked.key).collect();
            for key in &asked {
                let known = keys::PROFILE.iter().find(|known| known.name == *key);
                assert!(known.is_some_and(|known| known.of.contains(&provider)), "{provider} {key}");
            }
            let missing = draft(provider, &[]).missing();
            assert!(missing.iter().all(|key| asked.contains(key)), "{provider} {missing:?}");
        }
    }

    #[test]
    fn a_draft_means_what_the_file_would_mean() {
        let slot = slot(&draft(Provider::S3, S3));
        let profile = slot.profile.unwrap();
        assert_eq!((profile.secret_access_key.as_ref().unwrap().expose(), profile.buckets.len()), ("filled", 2));
        assert_eq!(slot.source, super::super::ProfileSource::File("/c/config.toml".into()));
    }

    #[test]
    fn what_is_wrong_is_said_without_a_line_that_nobody_wrote_and_without_the_secret() {
        let wrong = draft(Provider::S3, &[S3, &[("endpoint", "s3.example.org")]].concat());
        let said = slot(&wrong).profile.unwrap_err().sentence();
        assert_eq!(said, "`endpoint` has no scheme: write https://s3.example.org");
        let wrong = draft(Provider::S3, &[S3, &[("secret_access_key", "hunter 2")]].concat());
        assert!(!slot(&wrong).profile.unwrap_err().sentence().contains("hunter"));
        assert!(!format!("{wrong:?}").contains("hunter"));
    }

    #[test]
    fn unknown_and_idle_keys_are_refused_and_a_blank_value_says_nothing() {
        let mut one = draft(Provider::B2, S3);
        assert!(one.say("buket", "x").unwrap_err().sentence().contains("`bucket`"));
        assert!(one.say("account_id", "x").unwrap_err().what.contains("does nothing for provider"));
        assert!(one.say("jobs", "many").is_ok() && one.values().unwrap_err().what.contains("whole number"));
        assert_eq!(one.missing(), ["endpoint"]);
        one.say("access_key_id", "  ").unwrap();
        assert_eq!(one.missing(), ["access_key_id", "endpoint"]);
        assert!(Draft::new("a/b", Provider::S3).is_err() && Draft::new("", Provider::S3).is_err());
    }

    #[test]
    fn a_secret_is_masked_letter_by_letter() {
        assert_eq!(masked("secret_access_key", "pä1"), "•••");
        assert_eq!((masked("bucket", "pics"), masked("secret_key", "${KEY}")), ("pics".into(), "${KEY}".into()));
        for (url, seen) in [
            ("postgres://me:hunter2@h/d", "postgres://me:•••••••@h/d"),
            ("postgres://me:p@s:s/x@h:5432/d", "postgres://me:•••••••@h:5432/d"),
            ("postgres://me:hun", "postgres://me:•••"),
            ("postgres://localhost:5432", "postgres://localhost:••••"),
            ("postgres://h/d", "postgres://h/d"),
            ("sqlite:a", "sqlite:a"),
        ] {
            assert_eq!(masked("database_url", url), seen);
        }
    }
}
