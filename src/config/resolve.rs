//! From what a `[profiles.NAME]` table says to the profile that it means: variables filled in, defaults put, and every
//! mistake named. A profile that cannot be used keeps its place in the list, with the reason.

mod buckets;
mod catalog;
mod clashes;

pub use clashes::clashes;

use std::path::Path;
use std::sync::Arc;

use super::Places;
use super::document::Section;
use super::guides::Described;
use super::keys;
use super::mistakes::Mistakes;
use super::profile::{
    CatalogConfig, DEFAULT_LINK_EXPIRY, DatabaseTls, Profile, ProfileSlot, ProfileSource, SecretCommand, SecretField,
    UploadcareConfig,
};
use super::reader::{Env, Reader};
use super::url;
use crate::domain::link::MAX_EXPIRY_SECONDS;
use crate::domain::{Failure, Provider, Result, Secret, format, key};

const PROVIDERS: &[(&str, Provider)] = &[
    ("s3", Provider::S3),
    ("r2", Provider::R2),
    ("b2", Provider::B2),
    ("uploadcare", Provider::Uploadcare),
    ("local", Provider::Local),
];

const TLS: &[(&str, DatabaseTls)] =
    &[("verify", DatabaseTls::Verify), ("insecure", DatabaseTls::Insecure), ("off", DatabaseTls::Off)];

const JURISDICTIONS: &[(&str, Option<&str>)] = &[("default", None), ("eu", Some("eu")), ("fedramp", Some("fedramp"))];

/// One way of giving what a provider needs is enough; the first is the one to name.
type Need = &'static [&'static str];

const KEY_ID: Need = &["access_key_id"];
const SECRET: Need = &["secret_access_key", "secret_access_key_command"];
const AWS_KEY_ID: Need = &["access_key_id", "aws_profile"];
const AWS_SECRET: Need = &["secret_access_key", "secret_access_key_command", "aws_profile"];
const BUCKET: Need = &["bucket", "buckets"];

const fn needs(provider: Provider) -> &'static [Need] {
    match provider {
        Provider::S3 => &[AWS_KEY_ID, AWS_SECRET, BUCKET],
        Provider::R2 => &[&["account_id", "endpoint"], KEY_ID, SECRET, BUCKET],
        Provider::B2 => &[&["endpoint"], KEY_ID, SECRET, BUCKET],
        Provider::Uploadcare => &[&["public_key"]],
        Provider::Local => &[],
    }
}

/// What a provider needs and is not there, as the first way of giving each.
pub fn missing(provider: Provider, has: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let lacking = needs(provider).iter().filter(|need| !need.iter().any(|key| has(key)));
    lacking.filter_map(|need| need.first().copied()).collect()
}

/// The other ways of giving what a needed key gives.
pub fn other_ways(provider: Provider, key: &str) -> &'static [&'static str] {
    let need = needs(provider).iter().find(|need| need.first() == Some(&key));
    need.and_then(|need| need.get(1..)).unwrap_or_default()
}

/// What profiles are resolved with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The configuration file.
    pub file: &'a Path,
    /// The environment.
    pub env: Env<'a>,
    /// Where catalogs without a `database_url` live.
    pub places: &'a Places,
    /// `--read-only`.
    pub read_only: bool,
}

/// A configured profile's slot, and what is odd about it without stopping it.
pub fn slot(section: &Section, context: Context<'_>) -> (ProfileSlot, Vec<Failure>) {
    // Relative paths start beside whatever file they stand in.
    let file = match &section.origin {
        Some(ProfileSource::EnvFile(path)) => path,
        _ => context.file,
    };
    let reader = Reader { file, section, env: context.env };
    let name = section.profile.clone().unwrap_or_default();
    let source = section.origin.clone().unwrap_or_else(|| ProfileSource::File(context.file.into()));
    let mut mistakes = Mistakes::default();
    section.wrong.iter().for_each(|wrong| mistakes.note(wrong.mistake.clone()));
    let provider = provider(&reader, &name, &mut mistakes);
    let resolver = Resolver { reader, name: &name, provider: provider.unwrap_or(ANY), source: source.clone(), context };
    if provider.is_some() {
        resolver.beside(&mut mistakes);
    }
    let profile = Arc::new(resolver.understood(&mut mistakes));
    let slot = ProfileSlot { profile: mistakes.or(profile), name, source, provider };
    (slot, provider.map(|provider| idle_keys(&reader, provider)).unwrap_or_default())
}

/// The slot of a profile that the environment describes, and what is odd about it.
pub fn described(described: Described, context: Context<'_>) -> (ProfileSlot, Vec<Failure>) {
    match described.section {
        Ok(section) => slot(&section, context),
        Err(failure) => {
            let Described { name, provider, source, .. } = described;
            (ProfileSlot { name: name.into(), source, provider: Some(provider), profile: Err(failure) }, Vec::new())
        }
    }
}

/// The profile that comes with Windlass.
pub fn built_in_local(places: &Places, read_only: bool) -> ProfileSlot {
    let name = "local";
    let profile = Profile {
        catalog: CatalogConfig::Sqlite(places.catalog(name)),
        read_only,
        read_only_now: read_only,
        ..Profile::blank(name, ProfileSource::BuiltIn, Provider::Local)
    };
    ProfileSlot {
        name: name.into(),
        source: ProfileSource::BuiltIn,
        provider: Some(Provider::Local),
        profile: Ok(Arc::new(profile)),
    }
}

/// `None` where it is not known, of which there is a mistake then. `local` needs no `provider`: everybody knows what it is.
fn provider(reader: &Reader<'_>, name: &str, mistakes: &mut Mistakes) -> Option<Provider> {
    if reader.section.means("provider") && !reader.has("provider") {
        return None;
    }
    let provider = reader.choice("provider", PROVIDERS).and_then(|provider| match provider {
        None if name == "local" => Ok(Provider::Local),
        None => Err(reader
            .fault_of_all(format!("profile \"{name}\": `provider` is missing"))
            .hint("it can be s3, r2, b2, uploadcare, local")),
        Some(provider) => Ok(provider),
    });
    mistakes.or_default(provider.map(Some))
}

/// Keys that the provider has no use for.
fn idle_keys(reader: &Reader<'_>, provider: Provider) -> Vec<Failure> {
    let idle = |key: &&keys::Key| reader.has(key.name) && !key.of.contains(&provider);
    let warning = |key: &keys::Key| {
        reader.fault(key.name, &format!("does nothing for provider {provider}")).hint("leave the line out")
    };
    keys::PROFILE.iter().filter(idle).map(warning).collect()
}

/// A provider that makes no demands on a region or a key, to look at values where nobody knows whose they are.
const ANY: Provider = Provider::B2;

struct Resolver<'a> {
    reader: Reader<'a>,
    name: &'a str,
    provider: Provider,
    source: ProfileSource,
    context: Context<'a>,
}

impl Resolver<'_> {
    /// What is wrong with which keys stand beside each other, and which do not.
    fn beside(&self, mistakes: &mut Mistakes) {
        for clash in clashes(self.provider, |key| self.reader.has(key)) {
            mistakes.note(self.reader.fault(clash.key, &clash.why()).hint(clash.hint()));
        }
        self.missing().into_iter().for_each(|missing| mistakes.note(missing));
    }

    /// Whether somebody wrote the key, or meant to.
    fn is_there(&self, key: &str) -> bool {
        self.reader.has(key) || self.reader.section.means(key)
    }

    /// The profile as far as it can be understood.
    fn understood(&self, mistakes: &mut Mistakes) -> Profile {
        let reader = &self.reader;
        let mut profile = Profile {
            names: reader.section.names.clone(),
            account_id: mistakes.or_default(self.account_id()),
            jurisdiction: self.jurisdiction(mistakes),
            access_key_id: mistakes.or_default(reader.word(self.key_id_field())).unwrap_or_default(),
            secret_access_key: self.secret(self.secret_field(), mistakes),
            session_token: self.secret("session_token", mistakes),
            aws_profile: mistakes.or_default(reader.text("aws_profile")),
            endpoint: self.web("endpoint", mistakes),
            region: mistakes.or_default(self.region()),
            path_style: reader.switch("path_style"),
            ca_file: mistakes.or_default(reader.path("ca_file")),
            public_base_url: self.web("public_base_url", mistakes),
            user_id: mistakes.or_default(reader.text("user_id")),
            key_template: mistakes.or_default(self.key_template()),
            link_expiry: mistakes.or_default(self.link_expiry()),
            read_only: self.context.read_only || reader.switch("read_only").unwrap_or(false),
            read_only_now: self.context.read_only,
            jobs: mistakes.or_default(super::load::jobs(reader)),
            rate: mistakes.or_default(reader.size("rate")).unwrap_or(0),
            commands: self.commands(mistakes),
            uploadcare: self.uploadcare(mistakes),
            ..Profile::blank(self.name, self.source.clone(), self.provider)
        };
        if let Some(catalog) = self.catalog(mistakes) {
            profile.catalog = catalog;
        }
        profile.buckets = mistakes.or_default(self.buckets(&profile));
        profile
    }

    fn jurisdiction(&self, mistakes: &mut Mistakes) -> Option<String> {
        mistakes.or_default(self.reader.choice("jurisdiction", JURISDICTIONS)).flatten().map(str::to_owned)
    }

    fn secret(&self, key: &str, mistakes: &mut Mistakes) -> Option<Secret> {
        mistakes.or_default(self.reader.word(key)).map(Secret::new)
    }

    /// What the provider needs and nothing gives, as a sentence.
    fn missing(&self) -> Option<Failure> {
        let needs = needs(self.provider);
        let missing = missing(self.provider, |key| self.is_there(key));
        let missing: Vec<String> = missing.iter().map(|key| format!("`{key}`")).collect();
        if missing.is_empty() {
            return None;
        }
        let shown =
            |need: &Need| need.iter().filter(|key| !is_second_form(key)).copied().collect::<Vec<_>>().join(" or ");
        let all: Vec<String> = needs.iter().map(shown).collect();
        let (verb, them) = if missing.len() == 1 { ("is", "it") } else { ("are", "them") };
        let what = format!(
            "profile \"{}\": {} {verb} missing (provider {} needs {})",
            self.name,
            missing.join(", "),
            self.provider,
            all.join(", ")
        );
        let hint = format!("add {them} to [profiles.{}]", self.name);
        Some(self.reader.fault_of_all(what).hint(hint))
    }

    const fn key_id_field(&self) -> &'static str {
        match self.provider {
            Provider::Uploadcare => "public_key",
            _ => "access_key_id",
        }
    }

    const fn secret_field(&self) -> &'static str {
        match self.provider {
            Provider::Uploadcare => "secret_key",
            _ => "secret_access_key",
        }
    }

    fn account_id(&self) -> Result<Option<String>> {
        let account = self.reader.word("account_id")?;
        match &account {
            Some(id) if id.contains(['/', '.', ':']) => {
                let failure = self.reader.fault("account_id", "is a URL, not an account's id");
                Err(failure.hint(match url::r2_account(id) {
                    Some(account) => format!("write only the id, {account}"),
                    None => "write only the id, which stands before .r2. in it".into(),
                }))
            }
            Some(id) if !url::is_host(id) => Err(self
                .reader
                .fault("account_id", "is no account's id")
                .hint("write it as Cloudflare shows it, without < >")),
            _ => Ok(account),
        }
    }

    /// AWS's regions all end in a number (AWS docs, "AWS Regions"); other services name theirs as they like.
    fn region(&self) -> Result<Option<String>> {
        let region = self.reader.word("region")?;
        let is_aws = self.provider == Provider::S3 && !self.is_there("endpoint");
        let fits = |name: &str| {
            let number = name.rsplit_once('-').is_some_and(|(place, number)| {
                place.contains('-') && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
            });
            url::is_host(name) && (number || !is_aws)
        };
        match &region {
            Some(name) if !fits(name) => Err(self
                .reader
                .fault("region", "is no region")
                .hint("write it as the provider shows it, like eu-central-1")),
            _ => Ok(region),
        }
    }

    fn web(&self, key: &str, mistakes: &mut Mistakes) -> Option<String> {
        let url = mistakes.or_default(self.reader.text(key))?;
        let base = url::web_base(&url).map(Some);
        mistakes.or_default(base.map_err(|(why, hint)| self.reader.fault(key, &why).hint(hint)))
    }

    fn key_template(&self) -> Result<String> {
        let Some(template) = self.reader.text("key_template")? else { return Ok(self.default_template().into()) };
        let probe =
            key::TemplateValues { prefix: "", name: "x", uuid: uuid::Uuid::nil(), now: chrono::DateTime::UNIX_EPOCH };
        key::from_template(&template, &probe).map_err(|failure| {
            let broken = self.reader.fault("key_template", &format!("is wrong: {}", failure.what));
            Failure { hint: failure.hint, ..broken }
        })?;
        Ok(template)
    }

    /// Uploadcare makes its own ids: there a key is only what the file is called.
    const fn default_template(&self) -> &'static str {
        match self.provider {
            Provider::Uploadcare => "{name}",
            _ => key::DEFAULT_TEMPLATE,
        }
    }

    fn link_expiry(&self) -> Result<u64> {
        let seconds = self.reader.span("link_expiry")?.unwrap_or(DEFAULT_LINK_EXPIRY);
        if seconds == 0 || seconds > MAX_EXPIRY_SECONDS {
            let why = format!("is {}, and a presigned link lives from 1 s to 7 d", format::span(seconds));
            return Err(self.reader.fault("link_expiry", &why).hint("write 7d or less, or use the public URL (yp)"));
        }
        Ok(seconds)
    }

    fn commands(&self, mistakes: &mut Mistakes) -> Vec<SecretCommand> {
        let tls = mistakes.or_default(self.reader.choice("database_tls", TLS));
        let fields = [
            (self.secret_field(), SecretField::SecretAccessKey),
            ("session_token", SecretField::SessionToken),
            ("secure_delivery_secret", SecretField::SecureDeliverySecret),
            ("database_url", SecretField::DatabaseUrl { tls }),
        ];
        let mut command = |(key, field)| {
            let line = mistakes.or_default(self.reader.text(&format!("{key}_command")))?;
            Some(SecretCommand { field, line: Secret::new(line) })
        };
        fields.into_iter().filter_map(&mut command).collect()
    }

    fn uploadcare(&self, mistakes: &mut Mistakes) -> Option<UploadcareConfig> {
        (self.provider == Provider::Uploadcare).then(|| UploadcareConfig {
            cdn_base: self.web("cdn_base", mistakes),
            upload_base: self.web("upload_base", mistakes),
            api_base: self.web("api_base", mistakes),
            secure_delivery_secret: self.secret("secure_delivery_secret", mistakes),
        })
    }
}

/// Other ways of giving the same thing, which the list of what is needed leaves out.
fn is_second_form(key: &str) -> bool {
    key.ends_with("_command") || matches!(key, "buckets" | "aws_profile")
}
