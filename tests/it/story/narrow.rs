//! Lists narrowed to a type, a size or an age, by keys alone in a real terminal.

use crate::support::program::Home;

/// Pictures, text, and what tells no type, here and in the bucket.
fn filled() -> Home {
    let home = Home::new();
    for (name, bytes) in [("photo.png", 30_000), ("icon.png", 10), ("notes.txt", 20_000), ("README", 5)] {
        home.file(name, vec![b'x'; bytes]);
        home.run(["upload", name, "--key", name]).with(0);
    }
    home.file("sub/deep.txt", "x");
    home
}

#[test]
fn a_type_and_a_size_are_asked_by_the_palette_and_esc_shows_all_again() {
    let home = filled();
    for (width, height) in [(120, 36), (80, 24)] {
        let mut person = home.screen(width, height);
        person
            .sees("Remote")
            .press("z")
            .no_longer_sees("Remote")
            .sees("notes.txt")
            .press(":")
            .sees("Command")
            .press("type im")
            .sees("pictures of any kind");
        person.press("<Tab><Enter>").sees("image  3 of 5").sees("image: 2 left out, 1 of them").sees("sub/");
        person.no_longer_sees("notes.txt");
        person.press(":").sees("Command").press("larger 10K<Enter>").sees("image ≥ 10.0 KiB  2 of 5");
        person.press("/icon").sees("no name here has that").press("<Esc>").sees("photo.png");
        person.press("<Esc>").sees("notes.txt").no_longer_sees("2 of 5").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn a_key_asks_for_a_size_and_an_age_of_what_the_bucket_lists() {
    for (width, height) in [(120, 36), (80, 24), (40, 10)] {
        let home = filled();
        let mut person = home.screen(width, height);
        person.sees("Local").press("2vz").no_longer_sees("1 Local").sees("README").sees("photo.png");
        person.press("Fl").sees("Only files of a size or larger").press("lots<Enter>").sees("is no size");
        person.press("<C-u>15K<Enter>").no_longer_sees("README").sees("photo.png");
        person.press("Fd").sees("Only files of an age").press("1d<Enter>").sees("photo.png");
        person.press("Fx").sees("README").press("Ft").sees("Only files of a type").press("video<Enter>");
        person.sees("nothing here is video").press("<Esc>").sees("README").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}
