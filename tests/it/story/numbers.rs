//! What questions say in numbers before anything happens: how many files and bytes, to where, what would be overwritten, and
//! what stays hidden.

use crate::support::front::{Front, Right};
use crate::support::program::Home;

/// A home whose uploads keep their names, with a folder of two files and one file beside it.
fn home() -> Home {
    let home = Home::new();
    home.configure("[profiles.local]\nprovider = \"local\"\nkey_template = \"{prefix}{name}\"\n");
    home.file("docs/one.txt", vec![b'1'; 1024]);
    home.file("docs/deep/two.txt", vec![b'2'; 1024]);
    home.file("hero.png", vec![b'3'; 1024]);
    home
}

#[test]
fn a_folders_files_and_bytes_are_counted_before_it_goes_up_and_before_it_comes_down() {
    let home = home();
    let mut person = home.screen(120, 36);
    person.sees("hero.png").press("<C-a>u").sees("Upload docs/ and 1 file").sees("3 files, 3.0 KiB");
    person.sees("already there: nothing");
    person.sees("to windlass (profile local)").press("<Enter>").sees("uploaded 3 of 3").press("2v").sees("Bucket ▾");
    person
        .sees("1 file, 1 folder as of")
        .cursor_is_on("docs/")
        .press("s")
        .sees("Download docs/")
        .sees("docs/: 2 files, 2.0 KiB");
    person.sees("already there: 2 files, 2.0 KiB; you are asked afterwards");
    person.sees("from windlass (profile local)").press("<Esc>").no_longer_sees("Download docs/").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_folder_that_is_there_in_part_says_how_much_would_be_overwritten() {
    for (width, height) in [(120, 36), (80, 24)] {
        let home = home();
        home.run(["upload", "docs/one.txt", "--key", "docs/one.txt"]).with(0);
        home.run(["upload", "docs/one.txt", "--key", "docs/other.txt"]).with(0);
        home.run(["upload", "hero.png", "--key", "hero.png"]).with(0);
        let mut person = home.screen(width, height);
        person.sees("hero.png").press("<C-a>u").sees("docs/ and 1 file: 3 files, 3.0 KiB");
        person.sees("already there: 2 files, 2.0 KiB; you are asked").press("<Tab><Left>").sees("they are overwritten");
        person.press("<Enter>").sees("uploaded 3 of 3").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn a_conflict_says_how_many_are_there_and_how_many_bytes_would_be_overwritten() {
    let home = home();
    for name in ["aa.bin", "bb.bin"] {
        home.file(name, vec![b'4'; 2048]);
        home.run(["upload", name]).with(0);
    }
    for (width, height) in [(120, 36), (80, 24)] {
        let mut person = home.screen(width, height);
        person.sees("hero.png").press("j").cursor_is_on("aa.bin").press("VG").sees("3 marked");
        person.press("u").sees("3 files, 5.0 KiB").press("<Enter>");
        person
            .sees("2 of 3 are there: 4.0 KiB would be overwritten")
            .press("<Esc>")
            .sees("nothing was queued")
            .press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_says_how_many_older_versions_stay() {
    let (home, front) = (Home::new(), Front::b2(Right::ReadWrite).await);
    front.rogue.configure(&home, "b2", "sqlite:catalog.sqlite");
    let docs = [("docs/a", "older"), ("docs/a", "newer"), ("docs/b", "alone")];
    for (name, bytes) in docs.into_iter().chain([("one", "older"), ("one", "newer"), ("one.txt", "alike")]) {
        home.file("source.txt", bytes);
        home.run(["upload", "source.txt", "--key", name, "--on-conflict", "overwrite"]).with(0);
    }
    let mut person = home.screen(80, 24);
    person.sees("4 files").press("2j").cursor_is_on("one").press("D").sees("Delete 1 object?").sees("5 B");
    person.sees("older versions: 1 stays hidden, 5 B").press("<Esc>").no_longer_sees("Delete 1").press("gg");
    person.cursor_is_on("one.txt").press("D").sees("older versions: none is kept").press("y").sees("deleted 1 of 1");
    person
        .press("2v")
        .sees("docs/")
        .press("gg")
        .cursor_is_on("docs/")
        .press("D")
        .sees("beneath docs/: 2 objects, 10 B");
    person.sees("older versions: 1 stays hidden, 5 B").press("<Esc>").no_longer_sees("Delete everything").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
