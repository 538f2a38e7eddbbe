//! Getting around, by keys in a real terminal: jumps, letters and places that are still there at the next start, the folder
//! of a transfer, pastes, and what can be taken back.

use crate::support::program::Home;

/// A home with a few files, of which two are in the bucket under a prefix.
fn home() -> Home {
    let home = Home::new();
    for name in ["docs/one.txt", "docs/two words.txt", "hero.png"] {
        home.file(name, name);
    }
    for name in ["one", "two"] {
        home.run(["upload", "hero.png", "--key", &format!("holiday/{name}.png")]).with(0);
    }
    home
}

#[test]
fn places_and_letters_are_still_there_at_the_next_start() {
    let home = home();
    let mut person = home.screen(120, 36);
    person.sees("hero.png").press("gp").sees("Jump").press("docs/one.txt<Enter>").cursor_is_on("one.txt");
    person.press("mx").sees("'x comes back here").press("2v").sees("holiday/").press("gp").sees("Jump");
    person.press("holiday/two.png<Enter>").cursor_is_on("two.png").press("mh").sees("'h comes back here").press("q");
    assert_eq!(person.ended().exit_code(), 0);

    let mut person = home.screen(120, 36);
    person.sees("hero.png").sees("Bucket ▾").sees("one.png").sees("as of").press("'x").sees("two words.txt");
    person.press("2h").cursor_is_on("holiday/").press("'h").sees("one.png").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn what_is_remembered_and_damaged_is_set_aside_and_said() {
    let home = home();
    let file = home.places().screen();
    std::fs::write(&file, "not toml").unwrap();
    let mut person = home.screen(120, 36);
    person.sees("hero.png").sees("cannot be understood").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(file.with_extension("toml.damaged").exists());
}

#[test]
fn what_others_put_into_the_folder_is_shown_and_cursor_and_marks_stay() {
    let home = home();
    let mut person = home.screen(120, 36);
    person.sees("hero.png").press("G").cursor_is_on("hero.png").press("<Space>").sees("1 marked");
    home.file("a new one.txt", "made by somebody else");
    person.sees("a new one.txt").cursor_is_on("hero.png").sees("1 marked");
    std::fs::remove_file(home.here().join("a new one.txt")).unwrap();
    person.no_longer_sees("a new one.txt").cursor_is_on("hero.png").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_transfer_leads_to_its_folder() {
    let home = home();
    let mut person = home.screen(120, 36);
    person.sees("hero.png").sees("uploaded, 8 B").cursor_is_on("docs").press("l").sees("one.txt").press("3");
    person.sees("details").press("gf").cursor_is_on("hero.png").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_pasted_path_leads_there_and_several_are_offered_for_upload() {
    let home = home();
    let docs = home.here().join("docs");
    let mut person = home.screen(120, 36);
    person.sees("hero.png").paste(&format!("{}\n", docs.join("two words.txt").display()));
    person.cursor_is_on("two words.txt");
    person.paste(&format!("'{0}/two words.txt' {0}/one.txt", docs.display())).sees("Upload 2 files").press("<Enter>");
    person.sees("uploaded 2 of 2").paste("these are\nno paths").sees("no path of this machine").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn what_was_cleared_is_taken_back() {
    let home = home();
    let mut person = home.screen(120, 36);
    person.sees("hero.png").press("<C-a>").sees("2 marked").press("<Esc>").no_longer_sees("marked").press("U");
    person.sees("2 marked").press("/hero<Enter>").no_longer_sees("docs").press("<Esc>").sees("docs").press("U");
    person.no_longer_sees("docs").sees("1 of 2").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn what_is_not_there_is_said_where_it_was_typed_and_tab_completes() {
    let home = home();
    let mut person = home.screen(120, 36);
    person.sees("hero.png").press("gp").sees("Jump").press("nowhere<Enter>").sees("there is no ");
    person.press("<C-u>do<Tab>").sees("docs/").no_longer_sees("there is no ").press("<Enter>").sees("one.txt");
    person.press("2gp").sees("from the top of").press("holiday/three.png<Enter>").sees("this is the Bucket");
    person.sees("there is no holiday/three.png").press("<C-u>new/<Enter>").sees("there is no new/");
    person.sees("Enter stays").press("<C-u>/holiday/two.png<Enter>").cursor_is_on("two.png");
    person.press("gp").sees("asked in holiday/").press("<Esc>").no_longer_sees("Jump").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn marks_typed_behind_open_are_for_the_folder_that_opens_and_esc_says_where_it_went_back_to() {
    let home = home();
    let mut person = home.screen(120, 36);
    person.sees("hero.png").press("lVj").cursor_is_on("two words.txt").sees("2 marked").press("V<Esc>");
    person.no_longer_sees("2 marked").press("<Esc>").sees("Esc went back to ").sees("L goes forward again");
    person.cursor_is_on("docs").press("L").sees("one.txt").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn what_is_pasted_from_several_folders_has_no_path_of_this_machine_in_its_key() {
    let home = home();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(elsewhere.path().join("fold/deep")).unwrap();
    std::fs::write(elsewhere.path().join("fold/deep/x.txt"), "x").unwrap();
    let (docs, away) = (home.here().join("docs"), elsewhere.path().display());
    let mut person = home.screen(120, 36);
    person.sees("hero.png").paste(&format!("'{away}/fold' '{away}/gone' {}/one.txt", docs.display()));
    person.sees("Upload fold/ and 1 file").sees("not there: ").sees("gone").sees("already there: not").press("<Enter>");
    person.sees("uploaded 2 of 2").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let listed = home.run(["ls", "--bucket", "--json"]).with(0);
    let keys: Vec<String> = listed.json().iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect();
    let is_there = |begin: &str, end: &str| keys.iter().any(|key| key.starts_with(begin) && key.ends_with(end));
    assert!(is_there("fold/deep/", "-x.txt") && !keys.iter().any(|key| key.contains("docs")), "{keys:?}");
    let one = keys.iter().find(|key| key.ends_with("-one.txt")).unwrap();
    assert!(!one.contains('/'), "{keys:?}");
}
