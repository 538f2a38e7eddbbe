//! Wrong usage and wrong configuration: refused with 2, in one sentence, before anything is begun.

use crate::support::program::Home;

/// Runs arguments that must be refused, and answers the sentence.
#[track_caller]
fn refused(home: &Home, arguments: &[&str]) -> String {
    let ended = home.run(arguments).with(2);
    assert_eq!(ended.out, "", "nothing is printed for {arguments:?}");
    ended.sentence().to_owned()
}

#[test]
fn a_command_that_there_is_not_is_answered_by_what_to_use_instead() {
    let home = Home::new();
    for (word, names) in [("mv", "windlass rm OLDKEY"), ("cp", "windlass record NEWKEY"), ("sync", "rclone")] {
        let refused = home.run([word, "a", "b"]).with(2);
        assert!(refused.sentence().contains(names) && !refused.err.contains("unrecognized"), "{}", refused.err);
    }
}

#[test]
fn help_and_version_end_with_0() {
    let home = Home::new();
    let help = home.run(["--help"]).with(0);
    assert!(help.out.contains("Examples:") && help.out.contains("Exit codes:"), "{}", help.out);
    assert!(!help.out.contains('\u{1b}'), "no colours without a terminal");
    let man = home.run(["man"]).with(0).out;
    for told in [&help.out, &man] {
        assert!(
            told.contains("a write under a read\\-only profile") || told.contains("a write under a read-only profile")
        );
    }
    for command in ["ls", "upload", "download", "rm", "link", "transfers", "resume", "cancel", "profiles"] {
        assert!(help.out.contains(&format!("  {command} ")), "{command} is missing in\n{}", help.out);
        let own = home.run([command, "--help"]).with(0);
        assert!(own.out.contains(&format!("Usage: windlass {command}")), "{}", own.out);
    }
    assert_eq!(home.run(["--version"]).with(0).out, concat!("windlass ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn help_is_not_too_wide() {
    let home = Home::new();
    for command in ["", "ls", "upload", "download", "rm", "link", "transfers", "resume", "cancel", "profiles"] {
        let help = home.run([command, "--help"].iter().filter(|word| !word.is_empty())).with(0).out;
        let long: Vec<&str> = help.lines().filter(|line| line.chars().count() > 100).collect();
        assert!(long.is_empty(), "{long:?}");
    }
}

#[test]
fn unknown_words_are_refused_with_what_was_meant() {
    let home = Home::new();
    assert!(refused(&home, &["uplaod"]).contains("'upload'"));
    assert!(refused(&home, &["ls", "--jsn"]).contains("'--json'"));
    assert!(refused(&home, &["rm"]).ends_with("see windlass rm --help"));
    assert!(refused(&home, &["local", "serve", "--port", "1"]).contains("--port"));
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let home = Home::new();
    home.file("a.txt", "a");
    for arguments in [
        &["upload", "a.txt", "--key", "k", "--to", "p/"][..],
        &["upload", "a.txt", "--detach", "--wait"],
        &["upload", "a.txt", "a.txt", "--key", "k"],
        &["upload", ".", "--key", "k"],
        &["link", "k", "--public", "--expires", "1h"],
        &["ls", "--bucket", "--all-users"],
        &["upload", "a.txt", "--dry-run", "--detach"],
        &["transfers", "--abort"],
        &["download", "a", "b", "--to", "-"],
        &["download", "a/", "-r", "--to", "-"],
    ] {
        refused(&home, arguments);
    }
}

#[test]
fn values_that_mean_nothing_are_refused() {
    let home = Home::new();
    home.file("a.txt", "a");
    assert!(refused(&home, &["link", "k", "--expires", "soon"]).contains("90s, 5m, 1h, 24h or 7d"));
    let no_unit = "this number has no unit: type 24s, 24m or 24h";
    assert!(refused(&home, &["link", "k", "--expires", "24"]).contains(no_unit));
    assert!(refused(&home, &["request", "k", "--expires", "24"]).contains(no_unit));
    assert!(refused(&home, &["upload", "a.txt", "--type", "png"]).contains("image/png"));
    assert!(refused(&home, &["upload", "a.txt", "--key", ""]).contains("empty"));
    assert!(refused(&home, &["upload", "a.txt", "--key", &"k".repeat(1025)]).contains("1025 bytes"));
    refused(&home, &["upload", "a.txt", "--jobs", "0"]);
    refused(&home, &["upload", "a.txt", "--on-conflict", "ask"]);
    assert!(refused(&home, &["upload", "a.txt", "--rate", "fast"]).contains("512K, 10M or 1G"));
    assert!(refused(&home, &["download", "a.txt", "--rate=-1"]).contains("--rate"));
    refused(&home, &["ls", "--limit", "0"]);
    refused(&home, &["cancel", "seven"]);
}

#[test]
fn rm_without_a_terminal_needs_yes() {
    let sentence = refused(&Home::new(), &["rm", "a.txt"]);
    assert_eq!(sentence, "rm asks before it deletes, and there is no terminal to ask on: add --yes");
    assert_eq!(
        refused(&Home::new(), &["rm", "deep/"]),
        "rm asks before it deletes, and there is no terminal to ask on; add --yes, and -r if deep/ is a prefix: -r takes \
         everything that begins with it"
    );
    assert_eq!(refused(&Home::new(), &["rm", "deep/", "-r"]), sentence);
}

#[test]
fn json_without_a_command_is_refused() {
    assert_eq!(refused(&Home::new(), &["--json"]), "--json needs a command: windlass --help lists them");
}

#[test]
fn hostile_arguments_are_shown_visibly() {
    let home = Home::new();
    let sentence = refused(&home, &["ls", "--\u{1b}[31m\u{202e}x"]);
    assert!(!sentence.contains('\u{1b}') && !sentence.contains('\u{202e}'), "{sentence:?}");
    let sentence = refused(&home, &["--profile", "a\u{1b}[2Jb", "ls"]);
    assert!(sentence.contains("a␛[2Jb"), "{sentence:?}");
}

#[test]
fn a_wrong_configuration_names_the_line_and_the_nearest_key() {
    let home = Home::new();
    home.configure("mouse = true\n[profiles.prod]\nprovider = \"local\"\nbukket = \"b\"\n");
    let sentence = refused(&home, &["ls", "--profile", "prod"]);
    assert!(sentence.contains("config.toml, line 4"), "{sentence}");
    assert!(sentence.contains("bukket") && sentence.contains("bucket"), "{sentence}");
}

#[test]
fn an_unknown_profile_is_refused_with_the_names_there_are() {
    let home = Home::new();
    home.configure("[profiles.prod]\nprovider = \"local\"\n");
    for arguments in [["--profile", "prd", "ls"], ["ls", "--profile", "prd"]] {
        let sentence = refused(&home, &arguments);
        assert!(sentence.contains("\"prd\"") && sentence.contains("prod") && sentence.contains("local"), "{sentence}");
    }
}

#[test]
fn an_unset_variable_stops_only_the_profile_that_uses_it() {
    let home = Home::new();
    home.configure(
        "[profiles.broken]\nprovider = \"s3\"\nbucket = \"b\"\naccess_key_id = \"${NOT_SET_ANYWHERE}\"\n\
         secret_access_key = \"x\"\nregion = \"us-east-1\"\n",
    );
    let listed = home.run(["profiles", "--json"]).with(0).json();
    let broken = listed.iter().find(|line| line["name"] == "broken").unwrap();
    assert!(broken["problem"].as_str().unwrap().contains("NOT_SET_ANYWHERE"), "{broken}");
    let local = listed.iter().find(|line| line["name"] == "local").unwrap();
    assert_eq!(local["problem"], serde_json::Value::Null);
}

#[test]
fn a_configuration_file_that_is_named_must_be_there() {
    let sentence = refused(&Home::new(), &["--config", "nowhere.toml", "ls"]);
    assert!(sentence.contains("nowhere.toml"), "{sentence}");
}

#[test]
fn secrets_that_others_can_read_are_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.configure(
        "[profiles.a]\nprovider = \"s3\"\nbucket = \"b\"\naccess_key_id = \"k\"\nsecret_access_key = \"hunter2\"\n",
    );
    assert_eq!(home.run(["profiles"]).with(0).err, "");
    let file = home.config().join("config.toml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let warned = home.run(["profiles"]).with(0);
    assert!(warned.sentence().starts_with("warning: ") && warned.err.contains("chmod 600"), "{}", warned.err);
    assert!(!warned.err.contains("hunter2"));
}

#[test]
fn a_default_that_names_no_profile_is_told_where_one_is_needed_and_the_others_are_listed() {
    let home = Home::new();
    home.configure("default_profile = \"nope\"\n\n[profiles.work]\nprovider = \"local\"\n");
    let why = "config.toml, line 1: `default_profile` names \"nope\", and there is no profile of that name: write one of work, \
               local there, or choose with --profile";
    for arguments in [&["ls"][..], &["rm", "k", "--yes"], &["link", "k"]] {
        let said = refused(&home, arguments);
        assert!(said.ends_with(why), "{said}");
    }
    let listed = home.run(["profiles"]).with(0);
    assert!(listed.out.contains("work") && listed.out.contains("local") && !listed.out.contains('*'), "{listed:?}");
    assert!(listed.sentence().ends_with(why), "{}", listed.err);
    assert_eq!(home.run(["profiles", "--json"]).with(0).json().len(), 2);
    home.run(["ls", "--profile", "work"]).with(0);
}

#[test]
fn every_mistake_in_the_configuration_has_a_line_of_its_own() {
    let home = Home::new();
    home.configure("mouse = 3\nbuket = \"x\"\n");
    let ended = home.run(["ls"]).with(2);
    let lines: Vec<&str> = ended.err.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ended.err);
    assert!(
        lines.iter().all(|line| line.starts_with("windlass: ") && line.contains("config.toml, line ")),
        "{lines:?}"
    );

    home.configure("[profiles.p]\nprovider = \"s3\"\nendpoint = \"h\"\nregion = \"a b\"\n");
    let listed = home.run(["profiles"]).with(0).out;
    assert_eq!(listed.lines().filter(|line| line.starts_with("    ")).count(), 3, "{listed}");
    let rows = home.run(["profiles", "--json"]).with(0).json();
    assert!(rows[0]["problem"].as_str().is_some_and(|problem| problem.matches(", line ").count() == 3), "{rows:?}");
}

#[test]
fn mistakes_in_one_profile_stop_that_one_alone() {
    let home = Home::new();
    home.configure(
        "default_profile = \"bad\"\n[profiles.bad]\nprovider = \"s3\"\naws_profile = \"w\"\nbukcet = \"b\"\n\
         path_style = \"yes\"\n[profiles.good]\nprovider = \"local\"\n",
    );
    home.run(["ls", "--profile", "good"]).with(0);
    home.run(["transfers"]).with(0);
    for arguments in [&["ls"][..], &["ls", "--profile", "bad"], &["catalog", "status"]] {
        let said = home.run(arguments).with(2).err;
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 2, "{said}");
        assert!(lines[0].ends_with("line 5: there is no key `bukcet` in [profiles.bad]: did you mean `bucket`?"));
        assert!(lines[1].ends_with("line 6: `path_style` must be true or false, and this is text"), "{said}");
    }
    let listed = home.run(["profiles"]).with(0).out;
    assert!(listed.contains("\n* bad ") && listed.contains("\n  good "), "{listed}");
    assert_eq!(listed.lines().filter(|line| line.starts_with("    ")).count(), 2, "{listed}");
}

#[test]
fn the_doctor_tells_each_mistake_on_a_line_of_its_own_with_its_advice() {
    let home = Home::new();
    home.configure(
        "[profiles.bad]\nprovider = \"s3\"\naws_profile = \"w\"\nbukcet = \"b\"\npath_style = \"yes\"\nendpoint = \"h\"\n",
    );
    let told = home.run(["doctor", "--profile", "bad"]).with(1).out;
    let place = |line: usize| format!("{}, line {line}: ", home.config().join("config.toml").display());
    let expected = [
        format!("fail  configuration  {}there is no key `bukcet` in [profiles.bad]", place(4)),
        "                     -> did you mean `bucket`?".into(),
        format!("                     {}`path_style` must be true or false, and this is text", place(5)),
        format!("                     {}`endpoint` of profile \"bad\" has no scheme", place(6)),
        "                     -> write https://h".into(),
    ];
    assert_eq!(told.lines().take(5).collect::<Vec<_>>(), expected, "{told}");
    let rows = home.run(["doctor", "--profile", "bad", "--json"]).with(1).json();
    let row = rows.iter().find(|row| row["check"] == "configuration").unwrap();
    assert!(row["detail"].as_str().is_some_and(|detail| detail.matches(", line ").count() == 3), "{row}");
    assert_eq!(row["hint"], "did you mean `bucket`?; write https://h");
}

#[test]
fn a_read_only_profile_is_named_with_the_way_out() {
    let home = Home::new();
    home.configure("[profiles.work]\nprovider = \"local\"\nread_only = true\n");
    home.file("a.txt", "a");
    for arguments in
        [&["upload", "a.txt"][..], &["rm", "k", "--bucket", "--yes"], &["record", "k"], &["cors", "clear", "--yes"]]
    {
        let said = home.run(arguments.iter().chain(&["--profile", "work"])).with(2).err;
        assert!(said.contains("profile work is read-only; set read_only = false in [profiles.work] of "), "{said}");
        let said = home.run(arguments.iter().chain(&["--read-only"])).with(2).err;
        assert!(said.contains("profile local is read-only; leave --read-only out"), "{said}");
    }
}

#[test]
fn a_default_profile_whose_variable_is_not_set_stops_only_what_needs_it() {
    let home = Home::new();
    home.configure("default_profile = \"${NOT_SET}\"\n[profiles.work]\nprovider = \"local\"\n");
    let said = refused(&home, &["ls"]);
    assert!(said.contains("`default_profile` uses ${NOT_SET}, and that variable is not set"), "{said}");
    assert!(said.ends_with("choose one of work, local with --profile"), "{said}");
    for arguments in [&["profiles"][..], &["transfers"], &["ls", "--profile", "work"]] {
        home.run(arguments).with(0);
    }
}

#[test]
fn mistakes_of_all_files_are_told_at_once() {
    let home = Home::new();
    home.configure("clipbord = \"auto\"\n[profiles.work]\nprovider = \"s3\"\n");
    std::fs::write(home.config().join("theme.toml"), "[styles\n").unwrap();
    let said = home.run(["ls"]).with(2).err;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines[0].contains("config.toml, line 1: there is no key `clipbord`"), "{said}");
    assert!(lines[1].contains("config.toml, line 2: profile \"work\":"), "{said}");
    assert!(lines[2].contains("theme.toml, line 1: ") && lines[2].ends_with("a [section] ends with ]"), "{said}");
}

#[test]
fn an_output_that_takes_nothing_more_is_told_once() {
    let home = Home::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = home.command(["profiles"]).stdout(full).output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(said, "windlass: cannot write to standard output: no space left on device\n");
}
