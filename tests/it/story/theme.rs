//! Colours of a person's own, in real terminals of many colours, sixteen and none.

use vt100::Color;

use crate::support::program::Home;
use crate::support::pty::Person;

/// A home with that `theme.toml`, and one file.
fn with_theme(theme: &str) -> Home {
    let home = Home::new();
    std::fs::create_dir_all(home.config()).unwrap();
    std::fs::write(home.config().join("theme.toml"), theme).unwrap();
    home.file("hero.png", "pixels");
    home
}

/// The colours of the cell with the name under the cursor, and whether it is shown reversed.
fn under_the_cursor(home: &Home, variables: &[(&str, &str)]) -> (Color, Color, bool) {
    let mut person = home.screen_with(variables, 80, 24);
    person.sees("hero.png").cursor_is_on("hero.png");
    let found = person.look(|screen| {
        let cell = screen.cell(3, 4).unwrap();
        assert_eq!(cell.contents(), "e", "{}", screen.contents());
        (cell.fgcolor(), cell.bgcolor(), cell.inverse())
    });
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    found
}

const BLUE: &str = "[styles]\ntext = \"#c0c0c0\"\ncursor = { bg = \"#0000ee\" }\n";

#[test]
fn a_theme_is_shown_in_as_many_colours_as_the_terminal_has() {
    let home = with_theme(BLUE);
    let (many, few) = ([("COLORTERM", "truecolor")], [("TERM", "xterm")]);
    assert_eq!(under_the_cursor(&home, &many), (Color::Rgb(192, 192, 192), Color::Rgb(0, 0, 0xee), false));
    assert_eq!(under_the_cursor(&home, &[]), (Color::Idx(250), Color::Idx(21), false));
    assert_eq!(under_the_cursor(&home, &few), (Color::Default, Color::Idx(12), false));
}

#[test]
fn without_colours_the_selection_is_still_seen() {
    let home = with_theme("[styles]\ncursor = { bg = 4, reversed = false }\n");
    assert_eq!(under_the_cursor(&home, &[("NO_COLOR", "1")]), (Color::Default, Color::Default, true));
}

#[test]
fn a_theme_is_named_by_the_configuration_and_its_mistakes_are_told() {
    let home = with_theme(BLUE);
    std::fs::write(home.config().join("mine.toml"), "[styles]\ncursro = 3\ncursor = { bg = 22 }\n").unwrap();
    home.configure("theme = \"mine.toml\"\n");
    let mut person = home.screen(120, 36);
    person
        .sees("hero.png")
        .press("!")
        .sees("Messages")
        .sees("mine.toml, line 2")
        .sees("`cursro`")
        .press("<Esc>")
        .no_longer_sees("Messages");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert_eq!(under_the_cursor(&home, &[]).1, Color::Idx(22));
    assert!(home.run(["doctor"]).out.contains("line 2: there is no style `cursro`"));
}

/// Waits until an empty cell of the header stands on that colour.
fn stands_on(person: &mut Person, ground: Color) {
    person.sees_that(&format!("everything stands on {ground:?}"), |screen| {
        let (rows, columns) = screen.size();
        (0..rows.get()).all(|row| screen.cell(row, columns.get() - 1).is_some_and(|cell| cell.bgcolor() == ground))
    });
}

const WHITE_TERMINAL: &str = "\x1b]11;rgb:ffff/ffff/ffff\x07";
const BLACK_TERMINAL: &str = "\x1b]11;rgb:0000/0000/0000\x07";

#[test]
fn a_theme_that_is_typed_is_worn_until_the_end_and_one_that_is_none_is_told() {
    let home = with_theme("");
    std::fs::write(home.config().join("mine.toml"), "base = \"dark\"\n[styles]\ncursor = { bg = 22 }\n").unwrap();
    let mut person = home.screen(120, 36);
    person.sees("hero.png").types(BLACK_TERMINAL);
    stands_on(&mut person, Color::Default);
    person.press(":").sees("Command").press("theme light<Enter>").no_longer_sees("Command");
    person.sees("theme = \"light\" in config.toml keeps it");
    stands_on(&mut person, Color::Idx(231));
    person.press(":").sees("Command").press("theme ligth<Enter>").sees("there is no theme \"ligth\"").press("<Esc>");
    person.no_longer_sees("Command").press(":").sees("Command").press("theme a<Tab>").sees("theme auto");
    person.press("<Enter>").no_longer_sees("Command");
    stands_on(&mut person, Color::Default);
    person.press(":").sees("Command").press("theme ./mine.toml<Enter>").no_longer_sees("Command");
    person.sees_that("its cursor has its own colour", |screen| screen.cell(3, 4).unwrap().bgcolor() == Color::Idx(22));
    person.press(":").sees("Command").press("theme ./none.toml<Enter>").sees("none.toml").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(!home.config().join("config.toml").exists(), "nothing was written");
}

#[test]
fn a_theme_chosen_by_name_brings_its_ground_where_the_terminals_is_another() {
    let home = with_theme("");
    for (theme, ground, fits, differs) in [
        ("light", Color::Idx(231), WHITE_TERMINAL, BLACK_TERMINAL),
        ("dark", Color::Idx(233), BLACK_TERMINAL, WHITE_TERMINAL),
    ] {
        home.configure(&format!("theme = \"{theme}\"\n"));
        let mut person = home.screen(120, 36);
        person.sees("hero.png");
        person.types(differs);
        stands_on(&mut person, ground);
        person.press("?").sees("Help");
        stands_on(&mut person, ground);
        let bare = person.look(|screen| {
            let cells = (0..36).flat_map(|row| (0..120).map(move |column| (row, column)));
            let of = |(row, column)| screen.cell(row, column).unwrap();
            cells
                .filter(|at| {
                    matches!((of(*at).fgcolor(), of(*at).bgcolor()), (Color::Default, _) | (_, Color::Default))
                })
                .count()
        });
        assert_eq!(bare, 0, "nothing is left to the terminal's colours");
        person.press("<Esc>").no_longer_sees("Help").press("q");
        assert_eq!(person.ended().exit_code(), 0);

        let mut person = home.screen(120, 36);
        person.sees("hero.png").types(fits);
        stands_on(&mut person, Color::Default);
        person.press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn few_colours_have_names_and_no_colour_paints_nothing() {
    let home = with_theme("");
    home.configure("theme = \"light\"\n");
    for (variables, ground) in [([("TERM", "xterm")], Color::Idx(15)), ([("NO_COLOR", "1")], Color::Default)] {
        let mut person = home.screen_with(&variables, 80, 24);
        person.sees("hero.png");
        stands_on(&mut person, ground);
        person.press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn poor_fonts_get_plain_characters() {
    let home = with_theme("");
    home.configure("ascii = true\n");
    let mut person = home.screen(80, 24);
    person.sees("hero.png").press("?").sees("Help");
    let odd: Vec<char> = person.text().chars().filter(|letter| !letter.is_ascii()).collect();
    assert!(odd.is_empty(), "{odd:?} in\n{}", person.text());
}
