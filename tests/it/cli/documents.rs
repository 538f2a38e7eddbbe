//! What explains Windlass or begins its configuration: it works with a configuration that is broken, and without any.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::program::Home;

/// A home whose configuration nobody can read.
fn broken() -> Home {
    let home = Home::new();
    home.configure("this is = no TOML at all\n");
    home.run(["ls"]).with(2);
    home
}

#[test]
fn the_manual_is_printed_whatever_the_configuration_is() {
    let page = broken().run(["man"]).with(0).out;
    for section in ["NAME", "SYNOPSIS", "COMMANDS", "KEYS", "FILES", "EXIT STATUS", "EXAMPLES"] {
        let heading = [format!(".SH {section}\n"), format!(".SH \"{section}\"\n")];
        assert!(heading.iter().any(|heading| page.contains(heading.as_str())), "{section} is missing");
    }
    assert!(page.contains("windlass upload") && page.contains("[copy\\-link]"), "{page}");
}

#[test]
fn completions_are_scripts_that_their_shells_can_read() {
    let home = broken();
    for shell in ["bash", "zsh", "fish"] {
        let script = home.run(["completions", shell]).with(0).out;
        assert!(script.contains("upload") && script.contains("on-conflict"), "{shell}: {script}");
    }
    home.run(["completions", "tcsh"]).with(2);
    // Completing `windlass up` in the one shell that every machine has.
    let script = home.file("windlass.bash", home.run(["completions", "bash"]).with(0).out);
    let line = format!(
        "source {}; COMP_WORDS=(windlass up); COMP_CWORD=1; _windlass windlass up windlass; echo \"${{COMPREPLY[@]}}\"",
        script.display()
    );
    let told = Command::new("bash").args(["--norc", "-c", &line]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&told.stdout).trim(), "upload", "{told:?}");
}

#[test]
fn config_init_writes_what_is_missing_and_touches_nothing_that_is_there() {
    let home = broken();
    let told = home.run(["config", "init"]).with(0).out;
    let before = std::fs::read_to_string(home.config().join("config.toml")).unwrap();
    assert_eq!(before, "this is = no TOML at all\n");
    assert!(told.contains("config.toml is there already and stays as it is"), "{told}");
    for name in ["keymap.toml", "theme.toml"] {
        assert!(told.contains(&format!("wrote {}", home.config().join(name).display())), "{told}");
        let mode = std::fs::metadata(home.config().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    home.run(["config", "init"]).with(1);
    let rows = home.run(["config", "init", "--json"]).with(1).json();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row["written"] == false && row["path"].is_string()), "{rows:?}");
}

#[test]
fn what_config_init_writes_changes_nothing_until_somebody_does() {
    let home = Home::new();
    let before = home.run(["profiles", "--json"]).with(0).out;
    home.run(["config", "init"]).with(0);
    let after = home.run(["profiles", "--json"]).with(0);
    assert_eq!((after.out, after.err.as_str()), (before, ""));
    let told = home.run(["doctor"]).out;
    assert!(!told.contains("toml, line"), "{told}");
    let elsewhere = home.path().join("other/own.toml");
    home.run(["--config", elsewhere.to_str().unwrap(), "config", "init"]).with(0);
    assert!(elsewhere.exists() && elsewhere.with_file_name("theme.toml").exists());
}
