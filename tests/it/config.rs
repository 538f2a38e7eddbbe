//! The configuration as a person meets it: what a good file means, and the sentence that every mistake gets. Files are
//! real and in a folder of their own; the environment is handed in.

mod env;
mod mistakes;
mod secrets;
mod together;

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use windlass::config::{
    self, CatalogConfig, ClipboardChoice, Config, DatabaseTls, Flags, Images, Places, Profile, ProfileSource, Symlinks,
    keys,
};
use windlass::domain::{FailureKind, Provider, Result};

/// A configuration folder and what stands in the environment.
struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, &'static str)>,
}

impl Home {
    fn new(text: &str) -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap(), variables: vec![("HOME", "/home/me")] };
        std::fs::write(home.file(), text).unwrap();
        std::fs::set_permissions(home.file(), PermissionsExt::from_mode(0o600)).unwrap();
        home
    }

    fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    fn places(&self) -> Places {
        let at = |name| self.folder.path().join(name);
        Places { config: self.folder.path().into(), state: at("state"), data: at("data") }
    }

    fn load(&self, flags: &Flags) -> Result<Config> {
        let env =
            |name: &str| self.variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        config::load(flags, &env, self.places())
    }

    fn loaded(&self) -> Config {
        self.load(&Flags::default()).unwrap()
    }

    /// The sentence that stops everything, with the folder's name taken out.
    fn refusal(&self) -> String {
        let failure = self.load(&Flags::default()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Usage);
        self.readable(&failure.sentence())
    }

    fn readable(&self, sentence: &str) -> String {
        sentence.replace(&format!("{}/", self.folder.path().display()), "")
    }

    fn profile(&self, name: &str) -> Arc<Profile> {
        self.loaded().profile(name).unwrap().clone()
    }

    /// The sentence of a broken profile; the built-in one still works beside it.
    fn broken(&self, name: &str) -> String {
        let config = self.loaded();
        assert!(config.profile("local").is_ok() || name == "local");
        let failure = config.profile(name).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Usage);
        self.readable(&failure.sentence())
    }
}

/// A complete R2 profile `prod` plus lines; its own first line is line 2.
fn r2(more: &str) -> Home {
    Home::new(&format!(
        "[profiles.prod]\nprovider = \"r2\"\naccount_id = \"acc\"\naccess_key_id = \"id\"\nsecret_access_key = \"hunter2\"\n{more}"
    ))
}

fn r2_with_bucket(more: &str) -> Home {
    r2(&format!("bucket = \"b\"\n{more}"))
}

#[test]
fn without_a_file_there_is_the_local_bucket() {
    let home = Home::new("");
    std::fs::remove_file(home.file()).unwrap();
    let config = home.loaded();
    assert_eq!(config.in_force, "local");
    let local = config.profile("local").unwrap();
    assert_eq!((local.provider, &local.source, local.bucket()), (Provider::Local, &ProfileSource::BuiltIn, "windlass"));
    assert_eq!(local.catalog, CatalogConfig::Sqlite(home.places().catalog("local")));
    assert_eq!((local.key_template.as_str(), local.link_expiry, local.read_only), ("{uuid}-{name}", 3600, false));
}

#[test]
fn the_local_bucket_is_configurable_and_needs_no_provider() {
    let local =
        Home::new("[profiles.local]\nuser_id = \"me\"\ndatabase_url = \"sqlite:~/c.sqlite\"\n").profile("local");
    assert_eq!((local.provider, local.user_id.as_deref()), (Provider::Local, Some("me")));
    assert_eq!(local.catalog, CatalogConfig::Sqlite("/home/me/c.sqlite".into()));
}

#[test]
fn a_whole_profile_is_understood() {
    let home = r2(r#"
bucket = "${BUCKET}-files"
jurisdiction = "eu"
endpoint = "https://acc.eu.r2.cloudflarestorage.com/"
region = "auto"
path_style = true
ca_file = "own.pem"
public_base_url = "https://pub.r2.dev/"
session_token = "token"
database_url = "postgresql://me:pw@ep-x.neon.tech/db?sslmode=require"
schema = "files"
rls_setting = "app.user_id"
user_id = "user_123"
key_template = "{date}/{name}"
link_expiry = "24h"
read_only = true
rate = "10M"
"#)
    .with("BUCKET", "app");
    let profile = home.profile("prod");
    assert_eq!(profile.buckets, ["app-files"]);
    assert_eq!(profile.endpoint.as_deref(), Some("https://acc.eu.r2.cloudflarestorage.com"));
    assert_eq!((profile.jurisdiction.as_deref(), profile.region.as_deref()), (Some("eu"), Some("auto")));
    assert_eq!((profile.path_style, &profile.ca_file), (Some(true), &Some(home.folder.path().join("own.pem"))));
    assert_eq!(profile.public_base_url.as_deref(), Some("https://pub.r2.dev"));
    assert_eq!(profile.secret_access_key.as_ref().map(|secret| secret.expose().to_owned()).as_deref(), Some("hunter2"));
    assert_eq!((profile.key_template.as_str(), profile.link_expiry, profile.rate), ("{date}/{name}", 86_400, 10 << 20));
    assert!(profile.read_only && profile.commands.is_empty());
    let CatalogConfig::Postgres { tls, schema, rls_setting, .. } = &profile.catalog else { panic!() };
    assert_eq!((*tls, schema.as_str(), rls_setting.as_deref()), (DatabaseTls::Verify, "files", Some("app.user_id")));
    assert!(!format!("{profile:?}").contains("hunter2"));
}

#[test]
fn settings_are_understood() {
    let settings = Home::new(
        "clipboard = \"tmux\"\nmouse = false\ntheme = \"own.toml\"\nascii = true\nimages = \"none\"\nenv_files = false\n\
         [transfers]\njobs = 3\nrate = 1024\nsymlinks = \"skip\"\nempty_folders = true\nnotify = \"none\"\nkeep_done = \"1d\"\n",
    )
    .loaded()
    .settings;
    assert_eq!((settings.clipboard, settings.mouse, settings.ascii), (ClipboardChoice::Tmux, false, true));
    assert!(settings.theme.ends_with("/own.toml") && !settings.env_files && settings.images == Images::None);
    let transfers = settings.transfers;
    assert_eq!((transfers.jobs, transfers.rate, transfers.symlinks), (3, 1024, Symlinks::Skip));
    assert_eq!((transfers.empty_folders, transfers.keep_done), (true, 86_400));
}

#[test]
fn uploadcare_profiles_are_understood() {
    let text = "[profiles.media]\nprovider = \"uploadcare\"\npublic_key = \"pub\"\nsecret_key = \"sec\"\ncdn_base = \"https://cdn.example.org/\"\n";
    let media = Home::new(text).profile("media");
    assert_eq!((media.access_key_id.as_str(), media.bucket()), ("pub", "pub"));
    assert_eq!(media.uploadcare.as_ref().and_then(|own| own.cdn_base.as_deref()), Some("https://cdn.example.org"));
}

#[test]
fn the_profile_in_force_is_the_flags_then_the_environments_then_the_files() {
    let text = "default_profile = \"a\"\n[profiles.a]\nprovider = \"local\"\n[profiles.b]\nprovider = \"local\"\n[profiles.c]\nprovider = \"local\"\n";
    let flag = Flags { profile: Some("c".into()), ..Flags::default() };
    assert_eq!(Home::new(text).loaded().in_force, "a");
    assert_eq!(Home::new(text).with("WINDLASS_PROFILE", "").loaded().in_force, "a");
    assert_eq!(Home::new(text).with("WINDLASS_PROFILE", "b").loaded().in_force, "b");
    assert_eq!(Home::new(text).with("WINDLASS_PROFILE", "b").load(&flag).unwrap().in_force, "c");
}

#[test]
fn a_profile_in_force_that_does_not_exist_names_those_that_do() {
    let flags = Flags { profile: Some("prd".into()), ..Flags::default() };
    assert_eq!(
        r2_with_bucket("").load(&flags).unwrap_err().sentence(),
        "there is no profile \"prd\", which --profile asks for; did you mean \"prod\"? the profiles are: prod, local"
    );
    assert_eq!(
        Home::new("").with("WINDLASS_PROFILE", "x\u{1b}y").refusal(),
        "there is no profile \"x␛y\", which WINDLASS_PROFILE asks for; the profiles are: local"
    );
    assert_eq!(
        Home::new("").with("WINDLASS_PROFILE", "prod").refusal(),
        "there is no profile \"prod\", which WINDLASS_PROFILE asks for; the profiles are: local"
    );
}

#[test]
fn a_default_that_names_no_profile_stops_what_needs_one_and_puts_no_other_in_its_place() {
    let home = Home::new("mouse = true\ndefault_profile = \"prdo\"\n[profiles.prod]\nprovider = \"local\"\n");
    let config = home.loaded();
    assert_eq!((config.in_force.as_str(), config.profiles.len()), ("prdo", 2));
    let why = "config.toml, line 2: `default_profile` names \"prdo\", and there is no profile of that name: did you mean \
               \"prod\"? write one of prod, local there, or choose with --profile";
    assert_eq!(home.readable(&config.profile("prdo").unwrap_err().sentence()), why);
    assert_eq!(config.absent.map(|failure| home.readable(&failure.sentence())).as_deref(), Some(why));
    let flag = Flags { profile: Some("prod".into()), ..Flags::default() };
    let chosen = home.load(&flag).unwrap();
    assert_eq!((chosen.in_force.as_str(), chosen.absent), ("prod", None));
}

#[test]
fn a_broken_profile_in_force_is_named_when_it_is_opened() {
    let config = Home::new("default_profile = \"p\"\n[profiles.p]\nprovider = \"s3\"\n").loaded();
    assert_eq!(config.in_force, "p");
    assert!(config.profile("p").unwrap_err().sentence().contains("are missing"));
}

#[test]
fn read_only_reaches_every_profile() {
    let flags = Flags { read_only: true, ..Flags::default() };
    let config = r2_with_bucket("read_only = false\n").load(&flags).unwrap();
    assert!(config.read_only && ["prod", "local"].iter().all(|name| config.profile(name).unwrap().read_only));
}

#[test]
fn the_example_shows_every_key_and_no_other() {
    let example = include_str!("../../config.example.toml");
    let mut home = Home::new(example);
    for name in [
        "R2_ACCOUNT_ID",
        "R2_ACCESS_KEY_ID",
        "R2_SECRET_ACCESS_KEY",
        "ARCHIVE_KEY_ID",
        "B2_APPLICATION_KEY_ID",
        "B2_APPLICATION_KEY",
        "UPLOADCARE_PUBLIC_KEY",
        "UPLOADCARE_SECRET_KEY",
    ] {
        home = home.with(name, "x");
    }
    let config = home.with("DATABASE_URL", "postgres://db.example.org/app").loaded();
    assert_eq!(config.in_force, "prod");
    assert_eq!(config.warnings, []);
    // The same variables make profiles of their own, which lack their bucket's name.
    let written = config.profiles.iter().filter(|slot| matches!(slot.source, ProfileSource::File(_)));
    let broken: Vec<_> = written.filter_map(|slot| slot.profile.as_ref().err()).collect();
    assert!(broken.is_empty(), "{broken:?}");
    let shown: HashSet<&str> = example.lines().filter_map(shown_key).collect();
    let known: HashSet<&str> =
        [keys::TOP, keys::TRANSFERS, keys::PROFILE].into_iter().flatten().map(|key| key.name).collect();
    assert_eq!(shown, known);
}

/// The key of a line such as `key = value`, also of one that is commented out.
fn shown_key(line: &str) -> Option<&str> {
    let (key, _) = line.trim_start_matches("# ").split_once(" = ")?;
    key.chars().all(|character| character.is_ascii_lowercase() || character == '_').then_some(key)
}
