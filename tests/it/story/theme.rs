//! Colours of a person's own, in real terminals of many colours, sixteen and none.

use vt100::Color;

use crate::support::program::Home;

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

#[test]
fn poor_fonts_get_plain_characters() {
    let home = with_theme("");
    home.configure("ascii = true\n");
    let mut person = home.screen(80, 24);
    person.sees("hero.png").press("?").sees("Help");
    let odd: Vec<char> = person.text().chars().filter(|letter| !letter.is_ascii()).collect();
    assert!(odd.is_empty(), "{odd:?} in\n{}", person.text());
}
