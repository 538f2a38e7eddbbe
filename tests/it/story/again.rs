//! What failed, put right from the screen alone: files that are in the bucket already, and a profile with a wrong secret that
//! is mended in its file while the program runs.

use crate::support::far::Far;
use crate::support::program::Home;

#[test]
fn a_folder_that_meets_what_is_there_is_decided_about_once_for_all() {
    for (width, height) in [(120, 36), (80, 24)] {
        let home = Home::new();
        home.configure("[profiles.local]\nprovider = \"local\"\nkey_template = \"{prefix}{name}\"\n");
        for name in ["docs/one.txt", "docs/two.txt", "docs/.hidden"] {
            home.file(name, "as it was");
        }
        let mut person = home.screen(width, height);
        person.sees("docs").cursor_is_on("docs").press("u").sees("3 files, 27 B, 1 of them hidden");
        person.sees("a file docs/name.txt would become docs/name.txt").press("<Enter>").sees("uploaded 3 of 3");
        home.file("docs/one.txt", "as it is now");
        person
            .press("u")
            .sees("Upload docs/")
            .press("<Enter>")
            .sees("Something is there already")
            .sees("of these 3, 2 are the same, 1 differs")
            .sees("▸ skip")
            .press("<Esc>")
            .no_longer_sees("Something is there already")
            .press("3z")
            .sees("with other bytes");
        person.sees("r asks what to do").press("gg").press("r").sees("Something is there already");
        person
            .sees("and for 2 more that failed so")
            .sees("of these 3, 2 are the same, 1 differs")
            .press("O")
            .sees("uploaded 3 of 3")
            .sees("uploaded, 12 B")
            .press("q");
        assert_eq!(person.ended().exit_code(), 0);
        let sizes: Vec<_> = home.run(["ls", "--json"]).with(0).json().iter().map(|row| row["size"].clone()).collect();
        assert_eq!(sizes.iter().filter(|size| **size == 12).count(), 1, "{sizes:?}");
    }
}

#[test]
fn what_is_there_is_looked_at_again_when_it_is_asked_about() {
    let home = Home::new();
    home.configure("[profiles.local]\nprovider = \"local\"\nkey_template = \"{prefix}{name}\"\n");
    for name in ["docs/one.txt", "docs/two.txt"] {
        home.file(name, "as it was");
        home.run(["upload", name, "--key", name]).with(0);
        home.file(name, "as it is now");
    }
    let mut person = home.screen(120, 36);
    person.sees("docs").cursor_is_on("docs").press("u").sees("2 files").press("<Enter>").sees("of these 2, 2 differ");
    person.sees("▸ skip").press("<Esc>").no_longer_sees("Something is there already");
    home.run(["upload", "docs/one.txt", "--key", "docs/one.txt", "--on-conflict", "overwrite"]).with(0);
    person
        .press("3z")
        .sees("uploaded, 12 B")
        .press("gg")
        .cursor_is_on("with other bytes")
        .press("r")
        .sees("of these 2, 1 is the same, 1 differs")
        .press("<Esc>");
    person.no_longer_sees("Something is there already");
    for name in ["docs/one.txt", "docs/two.txt"] {
        home.run(["rm", name, "--yes"]).with(0);
    }
    person.sees("deleted").press("<C-a>r").no_longer_sees("asks what to do");
    let through = |screen: &vt100::Screen| screen.contents().matches("uploaded, 12 B").count() == 3;
    person.sees_that("both are up beside the one from before", through).press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let sizes: Vec<_> = home.run(["ls", "--json"]).with(0).json().iter().map(|row| row["size"].clone()).collect();
    assert_eq!(sizes, [12, 12]);
}

#[test]
fn a_secret_that_was_mended_in_the_file_holds_without_another_start() {
    let (far, home) = (Far::new(), Home::new());
    home.configure(&far.profile(&[("secret_access_key", "not-the-secret")]));
    home.file("aa.txt", "some bytes");
    let mut person = home.screen(120, 36);
    person.sees("aa.txt").cursor_is_on("aa.txt").press("u").sees("Upload aa.txt").press("<Enter>");
    person.sees("1 waiting").press("3").sees("wrong credentials; r tries again").no_longer_sees("failed");
    home.configure(&far.profile(&[]));
    person.press("r").sees("uploaded 1 of 1").press("2").sees("1 file").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_secret_that_was_mended_holds_also_for_an_older_row_that_is_decided_about() {
    let (far, home) = (Far::new(), Home::new());
    home.configure(&far.profile(&[]));
    home.file("aa.txt", "as it was");
    home.run(["upload", "aa.txt", "--key", "aa.txt"]).with(0);
    home.file("aa.txt", "as it is now");
    home.run(["upload", "aa.txt", "--key", "aa.txt"]).with(1);
    home.configure(&far.profile(&[("secret_access_key", "not-the-secret")]));
    let mut person = home.screen(120, 36);
    person.sees("aa.txt").cursor_is_on("aa.txt").press("u").sees("Upload aa.txt").press("<Enter>");
    person.press("3").sees("wrong credentials; r tries again");
    home.configure(&far.profile(&[]));
    person.press("gg").press("r").sees("Something is there already").press("b");
    person.no_longer_sees("wrong credentials").press("2").sees("3 files").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn the_profile_in_force_is_read_again_from_the_file_when_it_is_chosen_once_more() {
    let (far, home) = (Far::new(), Home::new());
    home.configure(&far.profile(&[("secret_access_key", "not-the-secret")]));
    let mut person = home.screen(80, 24);
    person.sees("Remote").press("2v").sees("secret access key does not belong").sees("then e on far");
    home.configure(&far.profile(&[]));
    person
        .press("P")
        .sees("Profiles")
        .press("<Enter>")
        .sees("profile far")
        .no_longer_sees("does not belong")
        .press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
