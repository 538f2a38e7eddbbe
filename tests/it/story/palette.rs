//! The command palette and the help in a real terminal, by keys alone: what is typed is found, completed and run, and what
//! cannot be done says why.

use crate::support::program::Home;
use crate::support::pty::Person;

fn at_home() -> (Home, Person) {
    let home = Home::new();
    home.file("hero.png", "pixels");
    home.file("sub/deep/inner.txt", "text");
    home.configure("[profiles.backup]\nprovider = \"local\"\n");
    let mut person = home.screen(80, 24);
    person.sees("hero.png");
    (home, person)
}

#[test]
fn a_command_is_found_by_its_letters_and_run() {
    let (_home, mut person) = at_home();
    person.press(":").sees("Command").press("msgs").sees("everything said so far").press("<Enter>").sees("Messages");
    person.press("<Esc>").no_longer_sees("Messages");
    person.press(":").sees("Command").press("delete").sees("not now: works in Remote").press("<Enter>");
    person.sees("delete: works in Remote").press("<Esc>").no_longer_sees("Command").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn folders_and_profiles_are_completed_and_lines_come_again() {
    let (_home, mut person) = at_home();
    person.press(":").sees("Command").press("cd s").sees("sub/").press("<Tab>").sees("sub/deep/");
    person.press("<Tab><Enter>").sees("inner.txt");
    person.press(":").sees("Command").press("profile b").sees("backup").press("<Tab>").sees("profile backup");
    person.press("<Enter>").sees(" windlass   backup ");
    person.press(":").sees("again").sees("profile backup").press("<Down><Enter>").no_longer_sees("Command");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_link_with_a_length_of_time_is_one_line() {
    let (home, mut person) = at_home();
    home.run(["upload", "hero.png"]).with(0);
    // What another Windlass has done is known once its row says so; before that the end asks.
    person.press("2R").sees("1 file").sees("uploaded, 6 B");
    person.press(":").sees("Command").press("link 2h<Enter>").sees("good for 2 h");
    assert!(person.waits_for_copy().contains("X-Amz-Expires=7200"));
    person.press("<Esc>").no_longer_sees("good for").press("yL").sees("3  24 h").press("3").sees("good for 24 h");
    person
        .press("<Esc>")
        .no_longer_sees("good for")
        .press(":")
        .sees("Command")
        .press("link 24")
        .sees("24 h")
        .press("<Esc>");
    person.no_longer_sees("Command").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn the_help_tells_why_is_searched_and_runs_what_it_shows() {
    for (width, height) in [(120, 36), (80, 24), (40, 10)] {
        let home = Home::new();
        home.file(".secret", "x");
        let mut person = home.screen(width, height);
        person.sees("Local").press("?").sees("Help").cursor_is_on("j");
        person.press("G").cursor_is_on("^z").press("g").cursor_is_on("j").press("/hidden").cursor_is_on("hidden-files");
        person.press("<Enter>").sees(".secret");
        person.press("2?").sees("Help").press("/yk").sees("copy-key").sees("not now: no file is under the cursor");
        person.press("<Esc>").no_longer_sees("copy-key").press("<Esc>").no_longer_sees("Help").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn what_is_looked_for_by_another_word_or_typed_in_another_pane_is_found() {
    let (home, mut person) = at_home();
    person.press("?").sees("Help").press("/share").sees("copy-link").sees("works in Remote");
    person
        .press("<C-u>theme")
        .sees("theme = \"dark\" or \"light\" at the top keeps the choice")
        .sees("Enter opens")
        .press("<Esc>");
    person.no_longer_sees("theme.toml").press("<Esc>").no_longer_sees("Help");
    person
        .press(":")
        .sees("Command")
        .press("limits 2 10M<Enter>")
        .sees("2 large transfers at once, 10.0 MiB/s at most");
    person.press(":").sees("Command").press("link 24h<Enter>").sees("works in Remote").press("1ju");
    person.sees("still open").press("<Esc>").no_longer_sees("Command");
    person.press("P").sees("open it next time").press("k").cursor_is_on("backup").press("d").sees("opens next time");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let mut person = home.screen(120, 36);
    person.sees(" windlass   backup ").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
