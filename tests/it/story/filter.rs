//! The filter in a real terminal, by keys alone: what is typed is seen in what it found, and what is merely alike stands behind.

use crate::support::program::Home;
use crate::support::pty::Person;

/// The letters that are underlined in the row that shows a name.
fn underlined(person: &Person, name: &str) -> String {
    person.look(|screen| {
        let (rows, columns) = screen.size();
        let row = (0..rows.get()).find(|row| screen.contents_between(*row, 0, *row, columns.get()).contains(name));
        let cells =
            row.into_iter().flat_map(|row| (0..columns.get()).filter_map(move |column| screen.cell(row, column)));
        cells.filter(|cell| cell.underline()).map(|cell| cell.contents().to_owned()).collect()
    })
}

#[test]
fn what_is_typed_is_seen_in_what_it_found_in_every_colour_and_without() {
    for variables in [&[][..], &[("TERM", "xterm")], &[("NO_COLOR", "1")], &[("COLORTERM", "truecolor")]] {
        let home = Home::new();
        for name in ["Hero-Picture.png", "notes.txt", "日本語hero.txt"] {
            home.file(name, "x");
        }
        let mut person = home.screen_with(variables, 80, 24);
        person.sees("notes.txt").press("/hero").no_longer_sees("notes.txt").sees("2 of 3");
        assert_eq!(underlined(&person, "-Picture.png"), "Hero", "{variables:?}");
        assert_eq!(underlined(&person, "hero.txt"), "hero", "{variables:?}");
        person.press("<C-u>hpng").sees("0 of 3 + 1 alike").cursor_is_on("Hero-Picture.png");
        assert_eq!(underlined(&person, "Hero-Picture.png"), "HPng", "{variables:?}");
        person.press("<Esc>").sees("notes.txt");
        assert_eq!(underlined(&person, "Hero-Picture.png"), "", "{variables:?}");
        person.press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn the_bucket_the_catalog_and_the_transfers_show_their_hits_too() {
    let home = Home::new();
    home.file("Hero-Picture.png", "x");
    home.run(["upload", "Hero-Picture.png", "--key", "site/Photo-Picture.png"]).with(0);
    let mut person = home.screen(120, 36);
    person
        .sees("Hero-Picture.png")
        .sees("site/Photo")
        .cursor_is_on("Hero-Picture.png")
        .press("u")
        .sees("Upload Hero-Picture.png");
    person.press("<C-u>new-picture.png<Enter>").sees("uploaded 1 of 1").press("3z").no_longer_sees("1 Local");
    person.press("/picture").sees("/picture").sees_that("the hit is underlined", |screen| {
        (0..36).any(|row| (0..60).any(|column| screen.cell(row, column).is_some_and(vt100::Cell::underline)))
    });
    assert_eq!(underlined(&person, "new-picture"), "picture");
    person.press("<Esc>").no_longer_sees("/picture").press("2").sees("2 files").press("/photo");
    person.sees("1 of 2");
    assert_eq!(underlined(&person, "site/Photo"), "Photo");
    person.press("<Esc>").no_longer_sees("/photo").press("v").sees("Bucket").cursor_is_on("new-picture");
    person.press("/pict").sees("1 of 2");
    assert_eq!(underlined(&person, "new-picture"), "pict");
    person.press("<Esc>").no_longer_sees("/pict").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_filter_that_was_kept_gives_way_to_what_is_typed() {
    for (width, height) in [(80, 24), (40, 10)] {
        let home = Home::new();
        for name in ["one.txt", "two.png"] {
            home.file(name, "x");
        }
        let mut person = home.screen(width, height);
        person.sees("one.txt").press("/png<Enter>").no_longer_sees("one.txt").sees("two.png");
        person.press("/");
        if width > 40 {
            person.sees("← → go on with it");
        }
        person.press("txt").sees("one.txt").no_longer_sees("two.png");
        person
            .press("<Enter>/<Left>")
            .press("x")
            .sees("no name here has that")
            .press("<Esc>")
            .sees("two.png")
            .press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn marks_of_the_catalog_are_collected_over_several_searches_and_go_together() {
    let home = Home::new();
    for name in ["hero.png", "notes.txt", "stays.pdf"] {
        home.file(&format!("up/{name}"), "x");
        home.run(["upload", &format!("up/{name}"), "--key", name]).with(0);
    }
    let mut person = home.screen(120, 36);
    person.sees("hero.png").press("2/png").sees("/png  1").press("<Enter><Space>").sees("1 marked, 1 B");
    person.press("/<C-u>txt").sees("/txt  1").press("<Enter>").sees("1 marked (1 hidden), 1 B").press("<Space>");
    person.sees("2 marked (1 hidden), 2 B").press("D").sees("Delete 2 objects?").sees("hero.png");
    person.sees("The search hides 1 of the 2 marked that this is about.").press("<Enter>").no_longer_sees("Delete 2");
    person.press("<Esc>").sees("stays.pdf").sees("2 marked, 2 B").press("/pdf").sees("/pdf  1").press("<Enter>D");
    person.sees("The search shows none of the 2 marked that this is about.").press("y").sees("deleted 2 of 2");
    person.press("<Esc>").sees("stays.pdf").sees("1 file").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let listed = home.run(["ls", "--json"]).with(0).json();
    let keys: Vec<_> = listed.iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["stays.pdf"]);
}
