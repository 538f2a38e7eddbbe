//! Light or dark by the terminal's own word, in terminals that answer at once, in pieces, or never: nobody waits for it, and
//! every key arrives.

use vt100::Color;

use crate::support::program::Home;
use crate::support::pty::Person;

/// What the row under the cursor stands on in the two themes.
const DARK: Color = Color::Idx(237);
const LIGHT: Color = Color::Idx(253);

const WHITE: &str = "\x1b]11;rgb:ffff/ffff/ffff\x07";

fn home() -> Home {
    let home = Home::new();
    for name in ["aa.png", "bb.png", "cc.png"] {
        home.file(name, "pixels");
    }
    home
}

/// Waits until the row under the cursor, which is on that name, stands on that colour.
fn stands_on(person: &mut Person, name: &str, colour: Color) {
    person.sees_that(&format!("{name} stands on {colour:?}"), |screen| {
        let rows = screen.contents();
        let row = rows.lines().position(|row| row.contains(&format!("▎{name}")) || row.contains(&format!("▎ {name}")));
        row.and_then(|row| screen.cell(u16::try_from(row).unwrap(), 4)).is_some_and(|cell| cell.bgcolor() == colour)
    });
}

fn quits(mut person: Person) {
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(person.terminal_is_as_before());
}

#[test]
fn a_light_terminal_gets_the_light_theme_and_the_next_start_begins_with_it() {
    let home = home();
    let mut person = home.screen(80, 24);
    person.sees("aa.png");
    stands_on(&mut person, "aa.png", DARK);
    assert_eq!(person.asked(), 1);
    person.types(WHITE);
    stands_on(&mut person, "aa.png", LIGHT);
    person.press("j");
    stands_on(&mut person, "bb.png", LIGHT);
    quits(person);

    let mut again = home.screen(80, 24);
    again.sees("aa.png");
    stands_on(&mut again, "aa.png", LIGHT);
    again.types("\x1b]11;rgb:2828/2c2c/3434\x1b\\");
    stands_on(&mut again, "aa.png", DARK);
    quits(again);
    let remembered = std::fs::read_to_string(home.path().join("state/windlass/screen.toml")).unwrap();
    assert!(remembered.contains("background = \"dark\""), "{remembered}");
}

#[test]
fn a_terminal_that_never_answers_keeps_nobody_waiting() {
    let home = home();
    let mut person = home.screen(80, 24);
    person.sees("aa.png").press("j").cursor_is_on("bb.png").press("/cc").sees("1 of 3").press("<Esc>");
    person.no_longer_sees("1 of 3").cursor_is_on("cc.png");
    stands_on(&mut person, "cc.png", DARK);
    quits(person);
}

#[test]
fn an_answer_late_and_in_pieces_disturbs_nothing_that_is_typed_meanwhile() {
    let home = home();
    let mut person = home.screen(80, 24);
    person.sees("aa.png").cursor_is_on("aa.png").press("?").sees("Help");
    // Its first byte alone is the key Esc, at once.
    person.types("\x1b").no_longer_sees("Help");
    person.types("]11;rgb:ff").press("j").cursor_is_on("bb.png");
    person.types("ff/ff").press("?").sees("Help").press("<Esc>").no_longer_sees("Help");
    person.types("ff/ffff\x07");
    stands_on(&mut person, "bb.png", LIGHT);
    person.press("j").cursor_is_on("cc.png");
    quits(person);
}

#[test]
fn what_only_looks_like_an_answer_is_typed() {
    let home = home();
    home.file("]11", "odd name");
    let mut person = home.screen(80, 24);
    person.sees("aa.png").press("/x").sees("0 of 4").press("<Esc>").no_longer_sees("0 of 4").press("/");
    person.types("]11").cursor_is_on("]11").sees("1 of 4");
    person.press("<Esc>").no_longer_sees("1 of 4");
    // Behind Alt and a bracket an answer could have begun.
    person.types("\x1b]1").press("?").sees("Help").press("<Esc>").no_longer_sees("Help");
    quits(person);
}

#[test]
fn a_terminal_whose_answer_decides_nothing_is_not_asked() {
    let home = home();
    for variables in [
        &[("NO_COLOR", "1")][..],
        &[("TERM", "dumb"), ("COLORTERM", "truecolor")],
        &[("TERM", "linux")],
        &[("TERM", "screen-256color")],
    ] {
        let mut person = home.screen_with(variables, 80, 24);
        person.sees("aa.png");
        assert_eq!(person.asked(), 0, "{variables:?}");
        quits(person);
    }
}

#[test]
fn whoever_stops_and_goes_on_is_asked_again() {
    let home = home();
    let mut person = home.screen(80, 24);
    person.sees("aa.png");
    stands_on(&mut person, "aa.png", DARK);
    person.signal("STOP").signal("CONT").is_asked(2).types(WHITE);
    stands_on(&mut person, "aa.png", LIGHT);
    quits(person);
}
