//! The configuration as a person meets it: what a good file means, and the sentence that every mistake gets. Files are
//! real and in a folder of their own; the environment is handed in.

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use windlass::config::{
    self, CatalogConfig, ClipboardChoice, Config, DatabaseTls, Flags, Places, Profile, ProfileSource, Symlinks, keys,
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
        "clipboard = \"tmux\"\nmouse = false\ntheme = \"own.toml\"\nascii = true\nenv_files = false\n\
         [transfers]\njobs = 3\nrate = 1024\nsymlinks = \"skip\"\nempty_folders = true\nnotify = \"none\"\nkeep_done = \"1d\"\n",
    )
    .loaded()
    .settings;
    assert_eq!((settings.clipboard, settings.mouse, settings.ascii), (ClipboardChoice::Tmux, false, true));
    assert!(settings.theme.ends_with("/own.toml") && !settings.env_files);
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
fn an_unknown_key_names_file_line_and_the_nearest() {
    assert_eq!(
        r2("buket = \"b\"\n").refusal(),
        "config.toml, line 6: there is no key `buket` in [profiles.prod]: did you mean `bucket`?"
    );
    assert_eq!(
        Home::new("\nclipbord = \"auto\"\n").refusal(),
        "config.toml, line 2: there is no key `clipbord` at the top level: did you mean `clipboard`?"
    );
    assert_eq!(
        Home::new("[profile.prod]\nprovider = \"s3\"\n").refusal(),
        "config.toml, line 1: there is no key `profile` at the top level: did you mean `profiles`?"
    );
    assert_eq!(
        Home::new("jobs = 3\n").refusal(),
        "config.toml, line 1: there is no key `jobs` at the top level: `jobs` belongs in [transfers]"
    );
}

#[test]
fn a_value_of_the_wrong_shape_names_what_is_expected() {
    assert_eq!(
        Home::new("mouse = \"yes\"\n").refusal(),
        "config.toml, line 1: `mouse` must be true or false, and this is text"
    );
    assert_eq!(
        Home::new("[transfers]\njobs = -1\n").refusal(),
        "config.toml, line 2: `jobs` must be a whole number, and this is a negative number"
    );
    assert_eq!(
        r2("bucket = [\"a\"]\n").refusal(),
        "config.toml, line 6: `bucket` must be text in quotes, and this is a list"
    );
    assert_eq!(
        Home::new("profiles = 3\n").refusal(),
        "config.toml, line 1: `profiles` is a table: begin it with [profiles.NAME]"
    );
    assert_eq!(
        Home::new("[profiles.\"a b\"]\n").refusal(),
        "config.toml, line 1: the profile name \"a b\" has other characters than letters, digits, - and _: rename it"
    );
}

#[test]
fn what_is_no_toml_names_the_line() {
    let sentence = Home::new("mouse = true\ntheme = dark\n").refusal();
    assert!(sentence.starts_with("config.toml, line 2: this is no TOML: "), "{sentence}");
    let sentence = Home::new("mouse = true\nmouse = false\n").refusal();
    assert!(sentence.starts_with("config.toml, line 2: this is no TOML: duplicate key"), "{sentence}");
    let home = Home::new("");
    std::fs::write(home.file(), b"mouse = true\n# \xff\n").unwrap();
    assert_eq!(home.refusal(), "config.toml, line 2: this is not UTF-8 text: save the file as UTF-8");
}

#[test]
fn settings_that_mean_nothing_name_what_there_is() {
    assert_eq!(
        Home::new("clipboard = \"systm\"\n").refusal(),
        "config.toml, line 1: `clipboard` cannot be \"systm\": did you mean \"system\"? It can be auto, terminal, system, tmux"
    );
    assert_eq!(
        Home::new("[transfers]\njobs = 0\n").refusal(),
        "config.toml, line 2: `jobs` is 0: write a number from 1 to 256"
    );
    assert_eq!(
        Home::new("[transfers]\nrate = \"fast\"\n").refusal(),
        "config.toml, line 2: `rate` is \"fast\", which is no size: write it like \"512K\", \"10M\" or \"1G\""
    );
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let flags = Flags { config: Some("/nowhere/windlass.toml".into()), ..Flags::default() };
    let failure = Home::new("").load(&flags).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Usage);
    assert_eq!(failure.sentence(), "cannot read /nowhere/windlass.toml: no such file or directory");
    let flags = Flags { config: Some("/".into()), ..Flags::default() };
    assert_eq!(Home::new("").load(&flags).unwrap_err().sentence(), "cannot read /: is a directory");
}

#[test]
fn an_unset_variable_breaks_only_the_profile_that_uses_it() {
    let home = r2("bucket = \"${R2_BUCKET_NAME}\"\n[profiles.dev]\nprovider = \"local\"\n");
    assert_eq!(
        home.broken("prod"),
        "config.toml, line 6: `bucket` of profile \"prod\" uses ${R2_BUCKET_NAME}, and that variable is not set: \
         export R2_BUCKET_NAME, or write the value itself"
    );
    assert!(home.loaded().profile("dev").is_ok());
    let slots: Vec<_> = home.loaded().profiles.into_iter().map(|slot| (slot.name, slot.provider)).collect();
    let expected = [("prod", Provider::R2), ("dev", Provider::Local), ("local", Provider::Local)];
    assert_eq!(slots, expected.map(|(name, provider)| (name.to_owned(), Some(provider))));
}

#[test]
fn an_empty_variable_is_named_too() {
    let home = r2_with_bucket("user_id = \"${APP_USER}\"\n").with("APP_USER", "");
    assert_eq!(
        home.broken("prod"),
        "config.toml, line 7: `user_id` of profile \"prod\" is empty, because ${APP_USER} is: give the variable a value"
    );
}

#[test]
fn what_a_provider_needs_is_named() {
    assert_eq!(
        r2("").broken("prod"),
        "profile \"prod\": `bucket` is missing (provider r2 needs account_id or endpoint, access_key_id, \
         secret_access_key, bucket): add it to [profiles.prod]"
    );
    assert_eq!(
        Home::new("[profiles.b]\nprovider = \"b2\"\nbucket = \"x\"\n").broken("b"),
        "profile \"b\": `endpoint`, `access_key_id`, `secret_access_key` are missing (provider b2 needs endpoint, \
         access_key_id, secret_access_key, bucket): add them to [profiles.b]"
    );
    assert_eq!(
        Home::new("[profiles.x]\nbucket = \"x\"\n").broken("x"),
        "profile \"x\": `provider` is missing: it can be s3, r2, b2, uploadcare, local"
    );
    assert_eq!(
        Home::new("[profiles.x]\nprovider = \"r3\"\n").broken("x"),
        "config.toml, line 2: `provider` of profile \"x\" cannot be \"r3\": it can be s3, r2, b2, uploadcare, local"
    );
}

#[test]
fn mistakes_in_a_profile_are_named_with_their_line() {
    let cases = [
        ("endpoint = \"s3.example.org\"", "`endpoint` of profile \"prod\" has no scheme: write https://s3.example.org"),
        (
            "endpoint = \"https://a.orghttps://a.org\"",
            "`endpoint` of profile \"prod\" is pasted twice: write the URL once",
        ),
        (
            "endpoint = \"https://a.org/b\"",
            "`endpoint` of profile \"prod\" ends in the bucket's name, \"b\": write https://a.org",
        ),
        (
            "public_base_url = \"pub.r2.dev\"",
            "`public_base_url` of profile \"prod\" has no scheme: write https://pub.r2.dev",
        ),
        (
            "link_expiry = \"8d\"",
            "`link_expiry` of profile \"prod\" is 8 d, and a presigned link lives from 1 s to 7 d: write 7d or less, or use the public URL (yp)",
        ),
        (
            "link_expiry = \"soon\"",
            "`link_expiry` of profile \"prod\" is \"soon\", which is no length of time: write it like \"5m\", \"1h\" or \"7d\"",
        ),
        (
            "key_template = \"{nam}\"",
            "`key_template` of profile \"prod\" is wrong: key template \"{nam}\": no place is called {nam}: the places are {prefix} {uuid} {name} {date} {millis}",
        ),
        (
            "buckets = [\"c\"]",
            "`buckets` of profile \"prod\" stands beside `bucket`, and only one of the two can be: put all names into `buckets`, the first is the one in use",
        ),
        (
            "database_url = \"mysql://me:hunter2@h/d\"",
            "`database_url` of profile \"prod\" is no database URL: write postgres://USER:PASSWORD@HOST/DATABASE or sqlite:PATH",
        ),
        (
            "database_url = \"psql 'postgresql://me:hunter2@h/d'\"",
            "`database_url` of profile \"prod\" has psql or quotes around the URL: copy only what begins with postgresql://",
        ),
        (
            "database_tls = \"none\"",
            "`database_tls` of profile \"prod\" cannot be \"none\": it can be verify, insecure, off",
        ),
        (
            "rls_setting = \"user\"",
            "`rls_setting` of profile \"prod\" is no name of a custom setting: write it like \"app.user_id\", as the table's policy has it",
        ),
        ("region = \"\"", "`region` of profile \"prod\" is empty: write a value, or leave the line out"),
        ("region = \"a b\"", "`region` of profile \"prod\" has a blank or a line break in it: write it without"),
        (
            "secret_access_key_command = \"x\"",
            "`secret_access_key_command` of profile \"prod\" stands beside `secret_access_key`, and only one of the two can be: leave one of them out",
        ),
        (
            "session_token = \"${OPEN\"",
            "`session_token` of profile \"prod\" has a ${ without its }: a literal ${ is written $${",
        ),
    ];
    for (line, sentence) in cases {
        assert_eq!(r2_with_bucket(line).broken("prod"), format!("config.toml, line 7: {sentence}"), "{line}");
    }
}

#[test]
fn names_of_buckets_and_accounts_are_no_urls() {
    assert_eq!(
        r2("bucket = \"s3://b\"").broken("prod"),
        "config.toml, line 6: `bucket` of profile \"prod\" is no bucket's name: write the name alone, without URL and prefix"
    );
    assert!(r2("buckets = []").broken("prod").contains("is an empty list"));
    let account = "[profiles.p]\nprovider = \"r2\"\naccess_key_id = \"i\"\nsecret_access_key = \"s\"\nbucket = \"b\"\naccount_id = \"https://x\"\n";
    assert!(Home::new(account).broken("p").contains("`account_id` of profile \"p\" is a URL, not an account's id"));
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
        "there is no profile \"prd\", which --profile asks for: did you mean \"prod\"? the profiles are: prod, local"
    );
    assert_eq!(
        Home::new("").with("WINDLASS_PROFILE", "x\u{1b}y").refusal(),
        "there is no profile \"x␛y\", which WINDLASS_PROFILE asks for: the profiles are: local"
    );
    assert_eq!(
        Home::new("default_profile = \"prod\"\n").refusal(),
        "there is no profile \"prod\", which `default_profile` names: the profiles are: local"
    );
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
fn secrets_that_others_can_read_are_warned_about() {
    let warnings = |home: &Home, mode: u32| {
        std::fs::set_permissions(home.file(), PermissionsExt::from_mode(mode)).unwrap();
        home.loaded().warnings.iter().map(|warning| home.readable(&warning.sentence())).collect::<Vec<_>>()
    };
    let literal = r2_with_bucket("");
    assert_eq!(warnings(&literal, 0o600), Vec::<String>::new());
    assert_eq!(
        warnings(&literal, 0o644),
        ["config.toml holds secrets and others on this machine can read it (mode 0644): chmod 600 config.toml"]
    );
    let by_variable = Home::new("[profiles.p]\nprovider = \"s3\"\nsecret_access_key = \"${S}\"\n");
    assert_eq!(warnings(&by_variable, 0o644), Vec::<String>::new());
    let password = Home::new("[profiles.local]\ndatabase_url = \"postgres://me:pw@localhost/x\"\n");
    assert_eq!(warnings(&password, 0o640).len(), 1);
    let no_password = Home::new("[profiles.local]\ndatabase_url = \"postgres://localhost/x\"\n");
    assert_eq!(warnings(&no_password, 0o644), Vec::<String>::new());
}

#[test]
fn keys_of_another_provider_are_warned_about() {
    let home = Home::new("[profiles.local]\naccount_id = \"x\"\n");
    let warnings: Vec<_> = home.loaded().warnings.iter().map(|warning| home.readable(&warning.sentence())).collect();
    assert_eq!(
        warnings,
        ["config.toml, line 2: `account_id` of profile \"local\" does nothing for provider local: leave the line out"]
    );
}

#[test]
fn commands_run_when_the_profile_is_opened_and_not_before() {
    let home = Home::new(
        "[profiles.p]\nprovider = \"s3\"\naccess_key_id = \"i\"\nbucket = \"b\"\n\
         secret_access_key_command = \"echo run >> ran; echo hunter2\"\n\
         database_url_command = \"echo postgres://me:pw@db.example.org/x\"\n"
            .replace("ran;", "${MARK};")
            .as_str(),
    );
    let mark: &'static str = home.folder.path().join("ran").display().to_string().leak();
    let home = home.with("MARK", mark);
    let profile = home.profile("p");
    assert!(!Path::new(mark).exists());
    assert_eq!((profile.commands.len(), &profile.secret_access_key), (2, &None));
    let revealed = config::secrets::reveal(&profile).unwrap();
    assert_eq!(revealed.secret_access_key.as_ref().unwrap().expose(), "hunter2");
    assert!(revealed.commands.is_empty() && Path::new(mark).exists());
    assert_eq!(revealed.catalog_identity(), "db.example.org/x#public.s3_files");
    let CatalogConfig::Postgres { tls, .. } = revealed.catalog else { panic!() };
    assert_eq!(tls, DatabaseTls::Verify);
}

#[test]
fn a_command_that_fails_names_profile_and_reason() {
    let home = Home::new(
        "[profiles.local]\ndatabase_url_command = \"echo sqlite:x\"\n[profiles.p]\nprovider = \"s3\"\naccess_key_id = \"i\"\nbucket = \"b\"\n\
         secret_access_key_command = \"echo 'no such entry' >&2; false\"\n",
    );
    let sentence = |name: &str| config::secrets::reveal(&home.profile(name)).unwrap_err().sentence();
    assert_eq!(
        sentence("p"),
        "profile \"p\": the secret key's command failed with exit code 1, saying \"no such entry\": run it once by hand"
    );
    assert_eq!(
        sentence("local"),
        "profile \"local\": `database_url_command` printed what is no database URL: it must print a postgres:// URL"
    );
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
    let broken: Vec<_> = config.profiles.iter().filter_map(|slot| slot.profile.as_ref().err()).collect();
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

#[test]
fn settings_that_do_nothing_yet_are_said() {
    let home = Home::new("theme = \"mine.toml\"\n");
    let said: Vec<String> = home.loaded().warnings.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["theme from a file does nothing in this version"]);
}
