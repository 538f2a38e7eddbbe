//! The screen in a real terminal: it comes up at once whatever the other side does, and it gives the terminal back as it
//! was however it ends.

use std::os::unix::fs::PermissionsExt;

use crate::support::program::{Ended, Home};
use crate::support::pty::Person;

/// A screen that has drawn its panes.
fn opened(home: &Home, width: u16, height: u16) -> Person {
    let mut person = home.screen(width, height);
    person.sees("Local");
    person
}

fn leaves_everything_as_it_was(person: &mut Person, status: u32) {
    let ended = person.ended();
    assert_eq!((ended.exit_code(), ended.signal()), (status, None), "{}", person.text());
    assert!(person.terminal_is_as_before(), "{}", person.text());
}

#[test]
fn q_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    let mut person = opened(&home, 120, 36);
    person.sees("Remote").sees("Transfers").sees("windlass");
    assert_eq!(person.title(), "windlass: local");
    assert!(person.look(|screen| screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()));
    assert!(!person.terminal_is_as_before());
    person.press("q");
    leaves_everything_as_it_was(&mut person, 0);
    assert_eq!(person.text().trim(), "");
}

#[test]
fn termination_and_a_lost_terminal_end_it_cleanly() {
    for signal in ["TERM", "HUP", "INT"] {
        let home = Home::new();
        let mut person = opened(&home, 80, 24);
        person.signal(signal);
        leaves_everything_as_it_was(&mut person, 0);
    }
}

#[test]
fn a_panic_anywhere_restores_the_terminal_and_names_the_log() {
    for place in ["loop", "task"] {
        let home = Home::new();
        let mut person = home.screen_with(&[("WINDLASS_TEST_PANIC", place)], 100, 30);
        leaves_everything_as_it_was(&mut person, 101);
        let said = person.text().replace('\n', "");
        assert!(said.contains("a defect stopped it; the details are in"), "{said}");
        assert!(said.contains("windlass.log"), "{said}");
        let log = std::fs::read_to_string(home.log()).unwrap();
        assert!(log.contains("panic in thread") && log.contains("asked for by a test"), "{log}");
        assert_eq!(home.log().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_panic_ends_a_headless_command_with_the_details_and_what_to_do() {
    let home = Home::new();
    let panics = home.command(["profiles"]).env("WINDLASS_TEST_PANIC", "command").output().unwrap();
    let ended = Ended::of(panics).with(101);
    assert!(ended.err.starts_with("windlass: a defect stopped it"), "{}", ended.err);
    assert!(ended.err.contains("windlass resume") && ended.err.contains("asked for by a test"), "{}", ended.err);
}

#[test]
fn a_panic_while_a_secret_is_typed_leaves_a_terminal_that_shows_what_is_typed() {
    let home = Home::new();
    let program = [env!("CARGO_BIN_EXE_windlass"), "profiles", "add", "new", "--provider", "b2"];
    let said = ["--set", "access_key_id=id", "--set", "bucket=b", "--set", "endpoint=https://s3.example.org"];
    let mut person = home.in_terminal(&[&program[..], &said].concat(), &[("WINDLASS_TEST_PANIC", "secret")], 100, 250);
    assert_eq!(person.ended().exit_code(), 101);
    assert!(person.text().contains("a defect stopped it"), "{}", person.text());
    assert!(person.terminal_is_as_before());
}

#[test]
fn a_new_size_is_drawn_whole() {
    let home = Home::new();
    let mut person = opened(&home, 120, 36);
    for (width, height) in [(80, 24), (40, 10), (160, 48), (10, 3), (1, 1), (120, 36)] {
        person.resize(width, height);
        if height >= 10 {
            person.sees_that("the borders reach the new edge", |screen| {
                screen.rows(width - 1, 1).any(|cell| cell == "╮") && screen.contents().contains("Local")
            });
        }
    }
    person.press("q");
    leaves_everything_as_it_was(&mut person, 0);
}

#[test]
fn it_can_be_suspended_and_comes_back() {
    let home = Home::new();
    let shell = ["bash", "--norc", "--noprofile", "-i"];
    let mut person = home.in_terminal(&shell, &[("PS1", "shell> ")], 100, 30);
    person.sees("shell>").press(&format!("{}<Enter>", env!("CARGO_BIN_EXE_windlass")));
    person.sees("Local").press("<C-z>").sees("Stopped");
    assert!(!person.look(|screen| screen.alternate_screen() || screen.hide_cursor()));
    person
        .press("fg<Enter>")
        .sees_that("the screen is back", |screen| screen.alternate_screen() && screen.contents().contains("Local"));
    person.press("q").sees_that("the shell is back", |screen| {
        !screen.alternate_screen() && screen.contents().trim_end().ends_with("shell>")
    });
    person.press("exit<Enter>").ended();
}

#[test]
fn without_colour_the_cursor_is_still_seen() {
    let home = Home::new();
    home.file("first.txt", b"1");
    home.file("second.txt", b"2");
    let mut person = home.screen_with(&[("NO_COLOR", "1")], 80, 24);
    person.sees("second.txt").sees_that("a row is reversed", |screen| {
        (0..24).any(|row| screen.cell(row, 4).is_some_and(vt100::Cell::inverse))
    });
    person.look(|screen| {
        for (row, column) in (0..24).flat_map(|row| (0..80).map(move |column| (row, column))) {
            let cell = screen.cell(row, column).unwrap();
            assert_eq!((cell.fgcolor(), cell.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
        }
    });
}

#[test]
fn without_a_terminal_it_says_so() {
    let home = Home::new();
    let ended = home.run(Vec::<&str>::new()).with(2);
    assert!(ended.sentence().contains("the screen needs a terminal"), "{}", ended.err);
    assert_eq!(ended.out, "");
}

#[test]
fn a_burst_of_keys_costs_a_few_draws() {
    let home = Home::new();
    for number in 0..300 {
        home.file(&format!("file-{number:03}"), b"");
    }
    let mut person = opened(&home, 120, 36);
    person.sees("file-000").cursor_is_on("file-000");
    let before = (person.frames(), person.bytes());
    person.press(&"j".repeat(200)).cursor_is_on("file-200");
    let (drawn, written) = (person.frames() - before.0, person.bytes() - before.1);
    assert!(drawn < 40 && written < 40_000, "200 keys drew {drawn} frames and wrote {written} bytes");
    person.press("j").frame(before.0 + drawn);
}

#[test]
fn a_filter_is_typed_or_pasted_and_esc_clears_it() {
    let home = Home::new();
    for name in ["hero.png", "logo.svg", "\u{202e}gnp.exe"] {
        home.file(name, b"");
    }
    let mut person = opened(&home, 80, 24);
    person.sees("⟨U+202E⟩gnp.exe").press("/").paste("LOGO\n").no_longer_sees("hero.png").sees("1 of 3");
    assert!(person.rows()[23].starts_with(" /LOGO"), "{}", person.text());
    person.press("<Esc>").sees("hero.png").no_longer_sees("1 of 3");
}
