//! The sentence that every mistake in a configuration gets.

use super::*;

#[test]
fn an_unknown_key_names_file_line_and_the_nearest() {
    assert_eq!(
        r2("buket = \"b\"\n").broken("prod"),
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
        Home::new("theme = \"ligth\"\n").refusal(),
        "config.toml, line 1: `theme` cannot be \"ligth\": did you mean \"light\"? It can be auto, dark, light, or the path of \
         a file like \"./mine.toml\""
    );
    assert_eq!(
        Home::new("[transfers]\njobs = -1\n").refusal(),
        "config.toml, line 2: `jobs` must be a whole number, and this is a negative number"
    );
    assert_eq!(
        r2("bucket = [\"a\"]\n").broken("prod"),
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
        "config.toml, line 1: profile \"prod\": `bucket` is missing (provider r2 needs account_id or endpoint, access_key_id, \
         secret_access_key, bucket); add it to [profiles.prod]"
    );
    assert_eq!(
        Home::new("mouse = true\n[profiles.b]\nprovider = \"b2\"\nbucket = \"x\"\n").broken("b"),
        "config.toml, line 2: profile \"b\": `endpoint`, `access_key_id`, `secret_access_key` are missing (provider b2 needs endpoint, \
         access_key_id, secret_access_key, bucket); add them to [profiles.b]"
    );
    assert_eq!(
        Home::new("[profiles.x]\nbucket = \"x\"\n").broken("x"),
        "config.toml, line 1: profile \"x\": `provider` is missing; it can be s3, r2, b2, uploadcare, local"
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
            "`key_template` of profile \"prod\" is wrong: key template \"{nam}\": no place is called {nam}; the places are {prefix} {uuid} {name} {date} {millis}",
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
    assert_eq!(
        Home::new("[profiles.p]\nprovider = \"local\"\nbucket = \"other\"\n").broken("p"),
        "config.toml, line 3: `bucket` of profile \"p\" names a bucket that this machine does not have; leave it out: \
         local profiles share the one bucket \"windlass\""
    );
    assert!(r2("buckets = []").broken("prod").contains("is an empty list"));
    let account = "[profiles.p]\nprovider = \"r2\"\naccess_key_id = \"i\"\nsecret_access_key = \"s\"\nbucket = \"b\"\naccount_id = \"https://x\"\n";
    assert!(Home::new(account).broken("p").contains("`account_id` of profile \"p\" is a URL, not an account's id"));
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
fn a_number_without_a_unit_is_no_length_of_time() {
    assert_eq!(
        Home::new("[transfers]\nkeep_done = 24\n").refusal(),
        "config.toml, line 2: `keep_done` is 24, which has no unit: write \"24s\", \"24m\" or \"24h\""
    );
    assert_eq!(Home::new("[transfers]\nkeep_done = 0\n").loaded().settings.transfers.keep_done, 0);
    assert!(r2_with_bucket("link_expiry = \"24\"\n").broken("prod").contains("is no length of time: write it like"));
}

#[test]
fn a_default_profile_that_cannot_be_made_out_stops_only_what_needs_it() {
    let home = Home::new("default_profile = \"${UNSET}\"\n[profiles.dev]\nprovider = \"local\"\n");
    let config = home.loaded();
    assert_eq!(config.in_force, "${UNSET}");
    let why = home.readable(&config.profile(&config.in_force).unwrap_err().sentence());
    assert_eq!(
        why,
        "config.toml, line 1: `default_profile` uses ${UNSET}, and that variable is not set: export UNSET, or write the \
         value itself, or choose one of dev, local with --profile"
    );
    let dev = home.load(&Flags { profile: Some("dev".into()), ..Flags::default() }).unwrap();
    assert_eq!((dev.in_force.as_str(), dev.absent), ("dev", None));
    config::read_again(&config, &|_| None).unwrap();
}

#[test]
fn an_aws_profile_beside_keys_of_its_own_is_refused_as_in_the_form() {
    let text = "[profiles.p]\nprovider = \"s3\"\naws_profile = \"work\"\naccess_key_id = \"i\"\nbucket = \"b\"\n";
    assert_eq!(
        Home::new(text).broken("p"),
        "config.toml, line 3: `aws_profile` of profile \"p\" stands beside `access_key_id`, and only one of the two can be: \
         leave one of them out, because an AWS profile gives keys of its own"
    );
}
