//! Several mistakes at once: which are told together, in which order, and what they stop.

use super::*;

/// Every sentence of a failure, with the folder's name taken out.
fn each(home: &Home, failure: &windlass::domain::Failure) -> Vec<String> {
    failure.each().map(|wrong| home.readable(&wrong.sentence())).collect()
}

/// The sentences of a profile that cannot be used; another of its file works beside it.
fn of_broken(home: &Home, name: &str) -> Vec<String> {
    let config = home.loaded();
    assert!(config.profile("good").is_ok(), "{:?}", config.profiles);
    each(home, &config.profile(name).unwrap_err())
}

const GOOD: &str = "[profiles.good]\nprovider = \"local\"\n";

#[test]
fn all_mistakes_of_the_file_are_told_at_once() {
    let home = Home::new(
        "clipbord = \"auto\"\nmouse = \"yes\"\nclipboard = \"systm\"\n[transfers]\njobs = 0\nrate = \"fast\"\n\
         [profiles.a]\nbuket = \"x\"\n[profiles.b]\nbucket = 3\n[profiles.\"c d\"]\n\
         [profiles.e]\nprovider = \"s3\"\naws_profile = \"w\"\nbuket = \"x\"\nregion = \"a b\"\n",
    );
    let failure = home.load(&Flags::default()).unwrap_err();
    let told = each(&home, &failure);
    let lines: Vec<&str> =
        told.iter().filter_map(|told| told.strip_prefix("config.toml, line ")?.split(':').next()).collect();
    let expected = ["1", "2", "3", "5", "6", "7", "8", "9", "10", "11", "11", "15", "16"];
    assert_eq!(lines, expected, "in the order of the file, and nothing is missing that is merely mistyped: {told:#?}");
    assert!(told[6].contains("did you mean `bucket`?") && told[3].contains("`jobs` is 0"), "{told:#?}");
    assert!(told[5].contains("`provider` is missing") && told[12].contains("`region`"), "{told:#?}");
}

#[test]
fn what_is_no_toml_is_told_with_all_that_is_wrong_on_other_lines() {
    let home = Home::new(
        "theme = dark\nmouse = yes\nclipbord = \"auto\"\n[profiles.a]\nprovider = s3\nbuket = \"x\"\n\
         [profiles.b]\nprovider = \"s3\"\naws_profile = \"w\"\n",
    );
    let told = each(&home, &home.load(&Flags::default()).unwrap_err());
    let about: Vec<&str> = told.iter().filter_map(|told| told.strip_prefix("config.toml, line ")?.get(..20)).collect();
    let expected = [
        "1: this is no TOML: ",
        "2: this is no TOML: ",
        "3: there is no key `",
        "5: this is no TOML: ",
        "6: there is no key `",
        "7: profile \"b\": `buc",
    ];
    assert_eq!(about, expected, "{told:#?}");
}

#[test]
fn behind_what_does_not_end_nothing_is_guessed() {
    let home = Home::new("clipbord = \"a\"\n[profiles.a]\nbuckets = [\"a\"\nregon = \"x\"\n[profiles.b]\nbuket = 3\n");
    let told = each(&home, &home.load(&Flags::default()).unwrap_err());
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains("line 1: there is no key `clipbord`"), "{told:#?}");
    assert!(
        told[1].contains("line 4: this is no TOML: ")
            && told[1].ends_with("a list is written [\"a\", \"b\"] (this one begins on line 3)"),
        "{told:#?}"
    );
}

#[test]
fn beside_mistakes_of_the_file_stand_those_of_keys_and_colours() {
    let home = Home::new("clipbord = \"auto\"\n");
    let write = |name: &str, text: &str| std::fs::write(home.folder.path().join(name), text).unwrap();
    write("keymap.toml", "[local]\nuplaod = [\"x\"]\n");
    write("theme.toml", "[styles]\nacent = 4\n");
    let told = each(&home, &home.load(&Flags::default()).unwrap_err());
    let begins = ["config.toml, line 1: ", "keymap.toml, line 2: ", "theme.toml, line 2: "];
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told.iter().zip(begins).all(|(told, begin)| told.starts_with(begin)), "{told:#?}");
    write("keymap.toml", "[local]\nupload = U\n");
    write("theme.toml", "base = light\n");
    let told = each(&home, &home.load(&Flags::default()).unwrap_err());
    let ends = |told: &String| told.ends_with("; texts stand in \"quotes\"");
    assert!(told.len() == 3 && told[1..].iter().all(ends), "nothing holds where nothing starts: {told:#?}");
    std::fs::write(home.file(), "").unwrap();
    assert_eq!(home.loaded().warnings, [], "by themselves they stop nothing");
}

#[test]
fn all_mistakes_of_a_profile_are_told_at_once_and_each_of_them_once() {
    let home =
        r2("endpoint = \"s3.example.org\"\nregion = \"a b\"\nlink_expiry = \"${SOON}\"\ndatabase_tls = \"none\"\n");
    let told = each(&home, &home.loaded().profile("prod").unwrap_err());
    let about: Vec<&str> = told.iter().filter_map(|told| told.split('`').nth(1)).collect();
    assert_eq!(about, ["bucket", "endpoint", "region", "link_expiry", "database_tls"], "{told:#?}");
    assert!(told[1].starts_with("config.toml, line 6: ") && told[3].contains("${SOON}"), "{told:#?}");
}

#[test]
fn where_the_provider_is_missing_what_is_wrong_with_values_is_told_all_the_same() {
    let home = Home::new("[profiles.p]\nlink_expiry = 24\nendpoint = \"s3.example.org\"\n");
    let told = each(&home, &home.loaded().profile("p").unwrap_err());
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[0].contains("`provider` is missing") && told[1].contains("which has no unit"), "{told:#?}");
    assert!(told[2].contains("has no scheme"), "{told:#?}");
}

#[test]
fn mistakes_inside_one_profile_stop_only_that_one_and_are_told_together_in_the_order_of_their_lines() {
    let home = Home::new(&format!(
        "[profiles.bad]\nprovider = \"s3\"\naws_profile = \"w\"\nendpoint = \"s3.example.org\"\nbukcet = \"b\"\n\
         path_style = \"yes\"\nregion = \"a b\"\nuser_id = \"${{UNSET}}\"\n{GOOD}"
    ));
    let place = "config.toml, line";
    assert_eq!(
        of_broken(&home, "bad"),
        [
            format!("{place} 4: `endpoint` of profile \"bad\" has no scheme: write https://s3.example.org"),
            format!("{place} 5: there is no key `bukcet` in [profiles.bad]: did you mean `bucket`?"),
            format!("{place} 6: `path_style` must be true or false, and this is text"),
            format!("{place} 7: `region` of profile \"bad\" has a blank or a line break in it: write it without"),
            format!(
                "{place} 8: `user_id` of profile \"bad\" uses ${{UNSET}}, and that variable is not set: export UNSET, or write \
                 the value itself"
            ),
        ]
    );
    let slots = home.loaded().profiles;
    let bad = slots.iter().find(|slot| slot.name == "bad").unwrap();
    assert_eq!((bad.provider, slots.len()), (Some(Provider::S3), 3), "it keeps its place, and what it tells");
}

#[test]
fn a_profile_with_a_mistake_is_never_used_without_what_was_mistaken() {
    for line in ["user = \"me\"", "read-only = true", "read_only = \"yes\"", "zzz = 1", "[profiles.bad.more]"] {
        let home = Home::new(&format!("[profiles.bad]\nprovider = \"local\"\n{line}\n{GOOD}"));
        let told = of_broken(&home, "bad");
        assert!(told.len() == 1 && told[0].starts_with("config.toml, line 3: "), "{line}: {told:#?}");
    }
}

#[test]
fn a_provider_that_is_mistyped_is_neither_missing_nor_guessed() {
    for (name, line) in [("bad", "provder = \"s3\""), ("bad", "provider = 3"), ("local", "provider = true")] {
        let home = Home::new(&format!("[profiles.{name}]\nendpoint = \"h\"\n{line}\n{GOOD}"));
        let told = of_broken(&home, name);
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(told[0].contains("line 2: `endpoint`") && told[1].contains("line 3: "), "{told:#?}");
        let slots = home.loaded().profiles;
        assert!(slots.iter().any(|slot| slot.name == name && slot.provider.is_none()), "{slots:?}");
    }
}

#[test]
fn a_provider_that_is_there_is_known_also_beside_a_key_that_is_mistyped_like_it() {
    let home = Home::new(&format!(
        "[profiles.bad]\nprovider = \"s3\"\nprovder = \"x\"\naws_profile = \"w\"\naccess_key_id = \"i\"\n{GOOD}"
    ));
    let told = of_broken(&home, "bad");
    assert_eq!(told.len(), 3, "what clashes and what is missing is told, too: {told:#?}");
    assert!(told[1].contains("line 3: there is no key `provder`") && told[2].contains("line 4: "), "{told:#?}");
    let slots = home.loaded().profiles;
    assert!(slots.iter().any(|slot| slot.name == "bad" && slot.provider == Some(Provider::S3)), "{slots:?}");
}

#[test]
fn what_is_no_profile_at_all_stops_everything() {
    assert_eq!(
        Home::new(&format!("[profiles]\nbucket = \"b\"\n{GOOD}")).refusal(),
        "config.toml, line 2: `bucket` is a table: begin it with [profiles.bucket]"
    );
    let home = Home::new(&format!("[profiles.bad]\nbukcet = \"b\"\n{GOOD}[transfers]\njbs = 1\n"));
    let told = each(&home, &home.load(&Flags::default()).unwrap_err());
    assert_eq!(told.len(), 3, "what is wrong with profiles is told beside it: {told:#?}");
}
