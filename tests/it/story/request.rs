//! Somebody else uploads what a person asked for on the screen, with the line that the screen has copied; and an object
//! that another program has put up gets its record.

use std::process::Command;

use super::queue::home;
use crate::support::program::{Ended, Home};
use crate::support::pty::Person;

fn shell(home: &Home, line: &str) -> Ended {
    Ended::of(Command::new("sh").args(["-c", line]).current_dir(home.here()).output().unwrap())
}

/// Asks for an upload of that name; answers the line that was copied.
fn ask(person: &mut Person, name: &str, seconds: &str) -> String {
    person.press("2yP").sees("Have somebody upload").press(name).sees("image/png");
    person.press(&format!("<Tab><Tab><Tab>{seconds}<Enter>")).sees("The upload request").sees("sent to your terminal");
    let line = person.waits_for_copy();
    person.press("<Esc>").no_longer_sees("The upload request");
    line
}

#[test]
fn what_was_asked_for_is_uploaded_by_the_copied_line_and_recorded() {
    for (width, height) in [(120, 36), (80, 24)] {
        let home = Home::new();
        home.file("photo.png", "a photo");
        let mut person = home.screen(width, height);
        person.sees("photo.png");
        let line = ask(&mut person, "photo.png", "5m");
        assert!(line.starts_with("curl -g --fail-with-body --path-as-is -T 'photo.png' -H 'content-type: image/png'"));
        person.press("3").sees("1 waiting").sees("left").sees("p pause");
        person.press("p").sees("good until").sees("p go on").press("p").sees("left").sees("p pause");
        person.press("<Enter>").sees("URL ends").press("y").sees("The upload request").press("<Esc>");
        shell(&home, &line).with(0);
        person.sees("recorded, 7 B");
        person.press("2").sees("1 file").press("q");
        assert_eq!(person.ended().exit_code(), 0);
        let record = &home.run(["ls", "--json"]).with(0).json()[0];
        assert!(record["key"].as_str().unwrap().ends_with("-photo.png"), "{record}");
        assert_eq!((&record["size"], &record["state"]), (&7.into(), &"ok".into()));
    }
}

#[test]
fn a_url_that_nobody_used_is_told_when_it_has_ended() {
    let home = Home::new();
    home.file("photo.png", "a photo");
    let mut person = home.screen(120, 36);
    person.sees("photo.png");
    let line = ask(&mut person, "photo.png", "1s");
    person.press("3").sees("expired, nobody uploaded");
    shell(&home, &line).with(22);
    person.press("<Enter>").sees("windlass record").press("<Esc>").no_longer_sees("windlass record").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn an_object_that_another_program_put_up_gets_its_record() {
    let (home, far) = home();
    let other = Home::new();
    other.configure(&far.profile(&[]));
    other.file("theirs.txt", "theirs");
    other.run(["upload", "theirs.txt", "--key", "theirs.txt"]).with(0);
    let mut person = home.screen(120, 36);
    person.sees("no files yet").press("2v").sees("Bucket").cursor_is_on("theirs.txt");
    person.press("w").sees("recorded theirs.txt").press("v").sees("1 file").cursor_is_on("theirs.txt").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert_eq!(home.run(["ls", "--json"]).with(0).json()[0]["key"], "theirs.txt");
}

#[test]
fn a_folder_that_another_program_put_up_gets_the_records_that_it_lacks() {
    for (width, height) in [(120, 36), (80, 24)] {
        let (home, far) = home();
        let other = Home::new();
        other.configure(&far.profile(&[]));
        for key in ["docs/a.txt", "docs/deep/b.txt", "docs/c.txt", "top.txt"] {
            other.file("theirs.txt", key);
            other.run(["upload", "theirs.txt", "--key", key]).with(0);
        }
        home.run(["record", "docs/a.txt"]).with(0);
        let mut person = home.screen(width, height);
        person.sees("1 file").press("2v").sees("Bucket").cursor_is_on("docs/").press("w");
        person
            .sees("Write the records of everything beneath docs/?")
            .sees("3 objects, 35 B, 1 of them recorded already");
        person.press("<Enter>").sees("recorded 2 of 2").press("v").sees("3 files").press("q");
        assert_eq!(person.ended().exit_code(), 0);
        let rows = home.run(["ls", "--json"]).with(0).json();
        let mut keys: Vec<_> = rows.iter().map(|row| row["key"].as_str().unwrap()).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["docs/a.txt", "docs/c.txt", "docs/deep/b.txt"]);
    }
}
