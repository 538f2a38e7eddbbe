//! Profiles changed by their owner's editor, by keys alone in a real terminal: what is mended holds at once, and what is
//! broken is told with its line while everything goes on as it was.

use std::os::unix::fs::PermissionsExt;

use crate::support::canned::{CannedServer, answer, error};
use crate::support::far::Far;
use crate::support::program::Home;
use crate::support::pty::Person;

/// An editor of that name that does what these lines of a shell say.
fn editor(home: &Home, name: &str, lines: &str) -> String {
    let path = home.path().join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_profile_is_mended_in_the_editor_at_its_line_and_holds_at_once() {
    for (width, height) in [(120, 36), (80, 24)] {
        let (far, home) = (Far::new(), Home::new());
        let wrong = far.profile(&[("secret_access_key", "not-the-secret")]);
        home.configure(&format!("# mine\n\n{wrong}"));
        let line = 1 + std::fs::read_to_string(home.config().join("config.toml"))
            .unwrap()
            .lines()
            .position(|line| line.starts_with("[profiles.far]"))
            .unwrap();
        let told = home.path().join("told");
        let mend = format!(
            "echo \"$1\" > {}\nsed -i 's|not-the-secret|{}|' \"$2\"",
            told.display(),
            far.text("secret_access_key")
        );
        let mut person = home.screen_with(&[("EDITOR", &editor(&home, "nano", &mend))], width, height);
        person.sees("Remote").press("2v").sees("secret access key does not belong");
        person.press("P").sees("Profiles").cursor_is_on("far").sees("edit").press("e").sees("far has changed");
        person.sees("Profiles").press("<Esc>").no_longer_sees("Profiles").no_longer_sees("does not belong");
        assert_eq!(std::fs::read_to_string(&told).unwrap(), format!("+{line}\n"));
        person.press("q");
        assert_eq!(person.ended().exit_code(), 0);
        assert!(person.terminal_is_as_before());
    }
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_line_and_a_profile_can_be_removed() {
    let home = Home::new();
    home.configure("[profiles.local]\nprovider = \"local\"\n\n[profiles.old]\nprovider = \"local\"\n");
    let toggle = "if grep -q broken \"$1\"; then sed -i '/broken/d; /profiles.old/,$d' \"$1\"; else echo 'broken = =' >> \"$1\"; fi";
    let mut person = home.screen_with(&[("EDITOR", &editor(&home, "own", toggle))], 120, 36);
    person.sees("Remote").press("P").sees("Profiles").press("j").cursor_is_on("old").press("e").sees("line 6");
    person.cursor_is_on("old").press("e").sees("old is gone").cursor_is_on("local").press("<Esc>");
    person.no_longer_sees("Profiles").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_mistake_in_one_profile_is_told_where_it_is_opened_mended_there_and_keeps_nobody_out() {
    let home = Home::new();
    home.configure(
        "default_profile = \"bad\"\n[profiles.bad]\nprovider = \"local\"\nbukcet = \"windlass\"\nread_only = \"yes\"\n\
         [profiles.good]\nprovider = \"local\"\n",
    );
    let mend = editor(&home, "own", "sed -i 's/bukcet/bucket/; s/\"yes\"/true/' \"$1\"");
    let mut person = home.screen_with(&[("EDITOR", &mend)], 120, 36);
    person.sees("is no key `bukcet`").sees("`read_only` must be true or false");
    person.press("P").sees("Profiles").sees("(and 1 more)").press("j").cursor_is_on("good").press("<Enter>");
    person.sees("profile good").press("P").sees("Profiles").press("gg").cursor_is_on("bad").press("e");
    person.sees("bad has changed").no_longer_sees("(and 1 more)").cursor_is_on("bad").press("<Enter>");
    person.sees("profile bad").no_longer_sees("Profiles").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_profile_of_a_projects_env_file_is_edited_there_and_what_has_no_file_says_so() {
    let home = Home::new();
    let env = "S3_ACCESS_KEY_ID=id\nS3_SECRET_ACCESS_KEY=secret\nS3_REGION=eu-central-1\nS3_BUCKET=one\nS3_ENDPOINT=http://127.0.0.1:9\n";
    home.file(".env", env);
    let mut person = home.screen_with(&[("EDITOR", &editor(&home, "own", "sed -i s/=one/=two/ \"$1\""))], 120, 36);
    person
        .sees("Remote")
        .press("P")
        .sees("Profiles")
        .cursor_is_on("s3")
        .sees(" one ")
        .press("e")
        .sees("s3 has changed");
    person.sees(" two ").press("G").cursor_is_on("local").press("e").sees("local comes with Windlass");
    person.press("<Esc>").no_longer_sees("Profiles").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(String::from_utf8(home.read(".env")).unwrap().contains("S3_BUCKET=two"));
}

#[test]
fn colours_are_begun_and_opened_from_the_palette() {
    let home = Home::new();
    let own = editor(&home, "own", "sed -i 's/^# base = .*/base = \"light\"/' \"$1\"");
    let mut person = home.screen_with(&[("EDITOR", &own), ("COLORTERM", "truecolor"), ("COLORFGBG", "15;0")], 120, 36);
    let shown = |person: &Person| person.look(|screen| screen.cell(0, 2).map(|cell| cell.fgcolor()));
    let dark = shown(person.sees("Remote"));
    person.press(":").sees("Command").press("theme").sees("single colours").cursor_is_on("config.toml");
    person.press("<Down>").cursor_is_on("theme.toml").sees("Enter opens").press("<Enter>");
    person.sees("saved theme.toml: its colours hold now").no_longer_sees("Command");
    assert_ne!(shown(&person), dark, "it has another theme at once");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let written = std::fs::read_to_string(home.config().join("theme.toml")).unwrap();
    assert!(written.contains("\nbase = \"light\"\n") && written.contains("\n# accent = "), "{written}");
    assert!(!home.config().join("config.toml").exists());
}

#[test]
fn colours_hold_and_are_looked_at_though_the_settings_have_become_wrong() {
    let home = Home::new();
    home.configure("mouse = true\n");
    let own = editor(&home, "own", "printf 'base = \"light\"\n[styles]\nacent = 4\n' > \"$1\"");
    let mut person = home.screen_with(&[("EDITOR", &own), ("COLORTERM", "truecolor"), ("COLORFGBG", "15;0")], 120, 36);
    let shown = |person: &Person| person.look(|screen| screen.cell(0, 2).map(|cell| cell.fgcolor()));
    let dark = shown(person.sees("Remote"));
    home.configure("mouse = 1\n");
    person.press(":").sees("Command").press("theme").sees("single colours").press("<Down>").cursor_is_on("theme.toml");
    person.press("<Enter>").sees("config.toml, line 1").sees("did you mean `accent`?");
    assert_ne!(shown(&person), dark);
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn keys_hold_as_soon_as_they_are_saved_and_a_mistyped_one_is_told_with_its_line() {
    let home = Home::new();
    let own = editor(&home, "own", "printf '[local]\\nuplaod = \"U\"\\n[all]\\nquit = \"ctrl-t\"\\n' > \"$1\"");
    let mut person = home.screen_with(&[("EDITOR", &own)], 120, 36);
    person.sees("Remote").press(":").sees("Command").press("keymap<Enter>").no_longer_sees("Command");
    person
        .sees("line 2")
        .sees("did you mean `upload`?")
        .press("q?")
        .sees("Help")
        .press("<Esc>")
        .no_longer_sees("Help")
        .press("<C-t>");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_profile_in_force_that_was_removed_is_said_to_be_until_another_is_chosen() {
    for (written, asked) in [("default_profile = \"old\"", ""), ("", "old")] {
        let home = Home::new();
        home.configure(&format!("{written}\n\n[profiles.old]\nprovider = \"local\"\n"));
        let editor = editor(&home, "own", "echo > \"$1\"");
        let mut person = home.screen_with(&[("EDITOR", &editor), ("WINDLASS_PROFILE", asked)], 80, 24);
        person.sees("Remote").press("P").sees("windlass, shared").cursor_is_on("old").press("e").sees("old is gone");
        person.press("<Esc>").no_longer_sees("Profiles").sees(" old ").sees("✗ removed").no_longer_sees("✗ refused");
        person.press("2D").sees("delete: old was removed; P has others");
        person
            .press("P")
            .sees("Profiles")
            .cursor_is_on("local")
            .press("<Enter>")
            .no_longer_sees("✗ removed")
            .press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn a_theme_that_the_settings_name_is_worn_as_soon_as_they_are_saved_and_mistakes_in_them_are_all_told() {
    let home = Home::new();
    home.configure("[profiles.local]\nprovider = \"local\"\n");
    let own = editor(
        &home,
        "own",
        "if grep -q light \"$1\"; then printf 'mouse = 1\\nthem = 2\\n' > \"$1\"; else sed -i '1i theme = \"light\"' \"$1\"; fi",
    );
    let mut person = home.screen_with(&[("EDITOR", &own), ("COLORTERM", "truecolor"), ("COLORFGBG", "15;0")], 120, 36);
    let shown = |person: &Person| person.look(|screen| screen.cell(0, 2).map(|cell| cell.fgcolor()));
    let dark = shown(person.sees("Remote"));
    person.press(":").sees("Command").press("settings<Enter>").sees("saved config.toml: profiles and theme hold now");
    assert_ne!(shown(&person), dark, "it has another theme at once");
    person.press(":").sees("Command").press("settings<Enter>").sees("config.toml, line 1").sees("config.toml, line 2");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_default_that_names_no_profile_opens_the_list_and_works_under_none_until_one_is_chosen() {
    let home = Home::new();
    home.configure("default_profile = \"nope\"\n\n[profiles.work]\nprovider = \"local\"\n");
    home.file("a.txt", "a");
    let mut person = home.screen(120, 36);
    person.sees("default_profile names none of these: choose").sees("work").press("<Esc>").no_longer_sees("choose");
    person
        .sees("line 1:")
        .sees("`default_profile` names \"nope\"")
        .sees("P has those that there are")
        .press("u")
        .sees("cannot be used");
    person
        .press("P")
        .sees("Profiles")
        .press("<Enter>")
        .sees("profile work")
        .no_longer_sees("cannot be used")
        .press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_profile_with_two_sources_of_keys_is_not_saved() {
    let home = Home::new();
    let mut person = home.screen(120, 36);
    person
        .sees("Remote")
        .press("Pn")
        .sees("New profile")
        .press("<Right><Right><Tab><Tab>work<Tab>AKID<Tab><Tab>pics<Enter>");
    person
        .sees("stands beside `access_key_id`")
        .press("<C-s>")
        .sees("stands beside `access_key_id`")
        .sees("New profile");
    assert!(!home.config().join("config.toml").exists());
    person.press("<Esc>").no_longer_sees("New profile").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_sends_nobody_into_the_profile_for_this_machines_clock() {
    // It greets without its own time.
    let greeting = answer("403 Forbidden", &[], "");
    let server = CannedServer::start([greeting, error("403 Forbidden", "RequestTimeTooSkewed", &[])]).await;
    let home = Home::new();
    home.configure(&Far::new().profile(&[("endpoint", &server.url())]));
    let mut person = home.screen(120, 36);
    person.sees("Remote").press("C").sees("clock differs too much").sees("set the clock, then retry").sees("failed");
    person.no_longer_sees("looking …").no_longer_sees("opens the profile").press("<Esc>");
    person.no_longer_sees("Doctor").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
