//! Editing in place, by keys alone in a real terminal: what the user's editor made of an object's text is in bucket and
//! catalog, or in a file that is named, and never over what somebody else has written meanwhile.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::support::home::bytes_of;
use crate::support::program::Home;
use crate::support::pty::Person;

/// An editor that does what these lines of a shell say; `$1` is the file.
fn editor(home: &Home, lines: &str) -> String {
    let path = home.path().join("editor");
    std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A home with `a.txt`, "one", in its bucket, and the screen with the cursor on it in the Catalog.
fn opened(home: &Home, editor: &str) -> Person {
    home.run(["upload", home.file("a.txt", "one\n").to_str().unwrap(), "--key", "a.txt", "--type", "text/x-own"])
        .with(0);
    std::fs::remove_file(home.here().join("a.txt")).unwrap();
    let mut person = home.screen_with(&[("EDITOR", editor)], 120, 36);
    person.sees("1 file").press("2").cursor_is_on("a.txt");
    person
}

/// What the bucket has under a key.
async fn text(home: &Home, key: &str) -> String {
    let services = home.services();
    String::from_utf8(bytes_of(&services.connect("local").await.unwrap(), key).await).unwrap()
}

/// Bucket and catalog say the same of an object: its size, its checksum, its entity tag and its type.
async fn agree(home: &Home, key: &str) {
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let record = connection.catalog.find(key, None).await.unwrap().unwrap();
    let (object, checksum) = connection.store.head(key).await.unwrap();
    assert_eq!((record.size, record.checksum, record.etag), (Some(object.size), checksum, object.etag));
    assert_eq!(record.content_type.as_deref(), Some("text/x-own"));
    assert_eq!(object.content_type.as_deref(), Some("text/x-own"));
}

/// The files below the folder of edited texts.
fn kept(home: &Home) -> Vec<PathBuf> {
    let below = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let folders = below(home.places().edits()).filter(|path| path.is_dir());
    folders.flat_map(below).collect()
}

/// Waits until no text is kept any more: the file goes right after its transfer.
fn none_is_kept(home: &Home) {
    let give_up = Instant::now() + Duration::from_secs(30);
    while std::fs::read_dir(home.places().edits()).unwrap().count() > 0 {
        assert!(Instant::now() < give_up, "{:?} is still there", kept(home));
        std::thread::yield_now();
    }
}

/// Waits until no editor has a text any more: it ends a moment after the program that it has ended.
fn nobody_edits(home: &Home) {
    let give_up = Instant::now() + Duration::from_secs(30);
    let entries = std::fs::read_dir(home.places().edits()).unwrap().map(|entry| entry.unwrap().path());
    for note in entries.filter(|path| path.is_file()) {
        while std::fs::File::open(&note).unwrap().try_lock().is_err() {
            assert!(Instant::now() < give_up, "somebody still has {}", note.display());
            std::thread::yield_now();
        }
    }
}

fn quit(mut person: Person) {
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(person.terminal_is_as_before());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_editor_saves_is_in_bucket_and_catalog() {
    for (keys, view) in [("", "Catalog"), ("v", "Bucket")] {
        let home = Home::new();
        let mut person = opened(&home, &editor(&home, "echo two >> \"$1\""));
        person.press(keys).sees(view).cursor_is_on("a.txt").press("e").sees("uploaded 1 of 1");
        assert_eq!(text(&home, "a.txt").await, "one\ntwo\n");
        agree(&home, "a.txt").await;
        none_is_kept(&home);
        quit(person);
    }
}

/// Somebody whose object was replaced while its text was in the editor, before the question what to do, which listens.
fn replaced(home: &Home) -> Person {
    home.file("theirs.txt", "theirs\n");
    let upload = "upload theirs.txt --key a.txt --type text/x-own --on-conflict overwrite";
    let lines = format!("echo mine >> \"$1\"\n{} {upload} > /dev/null", env!("CARGO_BIN_EXE_windlass"));
    let mut person = opened(home, &editor(home, &lines));
    person
        .press("e")
        .sees("a.txt is not the one that was opened")
        .sees("Nothing was overwritten.")
        .sees("Your text is kept in")
        .sees("▸ No");
    assert_eq!(std::fs::read_to_string(&kept(home)[0]).unwrap(), "one\nmine\n");
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replaced_meanwhile_is_not_overwritten_and_the_text_finds_another_name() {
    let home = Home::new();
    let mut person = replaced(&home);
    assert_eq!(text(&home, "a.txt").await, "theirs\n");
    person.press("y").sees("a (2).txt").press("<Enter>").sees("2 files");
    assert_eq!(text(&home, "a (2).txt").await, "one\nmine\n");
    assert_eq!(text(&home, "a.txt").await, "theirs\n");
    agree(&home, "a (2).txt").await;
    none_is_kept(&home);
    quit(person);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_whose_object_was_replaced_stays_in_its_file_if_nobody_wants_another_name() {
    let home = Home::new();
    let mut person = replaced(&home);
    person.press("<Enter>").no_longer_sees("Nothing was overwritten.");
    person.press("3r").sees("Nothing was overwritten.");
    assert_eq!(text(&home, "a.txt").await, "theirs\n", "a retry does not overwrite it either");
    assert_eq!(std::fs::read_to_string(&kept(&home)[0]).unwrap(), "one\nmine\n");
    drop(person);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_whose_object_was_replaced_is_named_at_the_next_start_and_opened_and_asked_about_again() {
    let home = Home::new();
    let mut person = replaced(&home);
    person.sees("ge opens it again").press("<Esc>").no_longer_sees("Nothing was overwritten.");
    quit(person);
    let again = editor(&home, "echo three >> \"$1\"");
    let mut person = home.screen_with(&[("EDITOR", &again)], 120, 36);
    person.sees("an edited text of a.txt was not saved").sees("1 failed").press("ge");
    person
        .sees("a.txt is not the one that was opened")
        .sees("▸ No")
        .press("y")
        .sees("a (2).txt")
        .press("<Enter>")
        .sees("2 files");
    person.no_longer_sees("1 failed").press("ge").sees("no edited text of this profile waits");
    assert_eq!(text(&home, "a (2).txt").await, "one\nmine\nthree\n");
    assert_eq!(text(&home, "a.txt").await, "theirs\n");
    none_is_kept(&home);
    quit(person);
}

#[test]
fn a_text_whose_object_was_replaced_is_discarded_with_its_failed_try() {
    let home = Home::new();
    let mut person = replaced(&home);
    person.press("<Esc>").no_longer_sees("Nothing was overwritten.").sees("1 failed");
    person.press("gx").sees("Discard the edited text of a.txt?").press("y").sees("discarded the edited text");
    person.no_longer_sees("1 failed");
    none_is_kept(&home);
    quit(person);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_editor_gets_every_key_and_an_interrupt_is_its_own() {
    let home = Home::new();
    let lines = "trap '' INT\nstty -icanon -echo\nprintf 'type away'\nkeys=$(dd bs=1 count=40 2>/dev/null)\n\
                 stty icanon echo\necho \"$keys\" >> \"$1\"";
    let mut person = opened(&home, &editor(&home, lines));
    person.press("e").sees("type away");
    person.press("<C-c>");
    for _ in 0..20 {
        person.press("q").press("3");
    }
    person.sees("uploaded 1 of 1");
    assert_eq!(text(&home, "a.txt").await, format!("one\n{}\n", "q3".repeat(20)));
    quit(person);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_that_fails_saves_nothing_and_its_text_is_named_until_it_is() {
    let home = Home::new();
    let mut person = opened(&home, &editor(&home, "echo two >> \"$1\"; exit 1"));
    person.press("e").sees("ended with code 1").sees("your text is kept in");
    assert_eq!(text(&home, "a.txt").await, "one\n");
    let path = kept(&home).pop().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    quit(person);
    let again = editor(&home, "echo three >> \"$1\"");
    let mut person = home.screen_with(&[("EDITOR", &again)], 120, 36);
    person.sees("an edited text of a.txt was not saved").sees("ge opens it again");
    person.press("ge").sees("uploaded 1 of 1").press("ge").sees("no edited text of this profile waits");
    quit(person);
    assert_eq!(text(&home, "a.txt").await, "one\ntwo\nthree\n");
    none_is_kept(&home);
}

#[test]
fn a_text_as_it_was_leaves_nothing_behind() {
    let home = Home::new();
    let mut person = opened(&home, &editor(&home, ": leave it"));
    person.press("e").sees("a.txt is as it was: nothing to save");
    none_is_kept(&home);
    assert_eq!(home.run(["transfers", "--json"]).with(0).json().len(), 1, "only the first upload is there");
    quit(person);
}

#[test]
fn an_editor_that_is_not_there_is_named_with_what_to_do() {
    let home = Home::new();
    let mut person = opened(&home, "no-such-editor -x");
    person.press("e").sees("the editor \"no-such-editor\" is not installed").sees("EDITOR=nano");
    none_is_kept(&home);
    quit(person);
}

#[test]
fn a_program_that_is_killed_while_the_editor_runs_loses_nothing() {
    let home = Home::new();
    let mut person = opened(&home, &editor(&home, "echo two >> \"$1\"; kill -9 $PPID"));
    person.press("e");
    person.ended();
    nobody_edits(&home);
    let path: &Path = &kept(&home).pop().unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), "one\ntwo\n");
    let mut person = home.screen(120, 36);
    person
        .sees("an edited text of a.txt was not saved")
        .press("!")
        .sees("Messages")
        .sees(path.parent().unwrap().file_name().unwrap().to_str().unwrap());
    person.press("<Esc>").no_longer_sees("Messages");
    person.press("gx").sees("Discard the edited text of a.txt?").press("y").sees("discarded the edited text");
    quit(person);
    none_is_kept(&home);
}

/// As if every text had been opened more than a day ago.
fn a_day_later(home: &Home) {
    let long_ago = SystemTime::now() - Duration::from_secs(25 * 60 * 60);
    for entry in std::fs::read_dir(home.places().edits()).unwrap() {
        std::fs::File::open(entry.unwrap().path()).unwrap().set_modified(long_ago).unwrap();
    }
}

#[test]
fn a_text_that_nobody_changed_goes_a_day_later() {
    let home = Home::new();
    let mut person = opened(&home, &editor(&home, "kill -9 $PPID"));
    person.press("e");
    person.ended();
    nobody_edits(&home);
    a_day_later(&home);
    let mut person = home.screen(120, 36);
    person.sees("1 file");
    none_is_kept(&home);
    quit(person);
}

#[test]
fn what_an_editor_has_kept_beside_a_text_that_it_did_not_save_is_told_and_stays() {
    for (ends, said) in [("kill -9 $PPID", "an editor was ended before it saved"), ("exit 1", "your text is kept in")] {
        let home = Home::new();
        let lines = format!("echo unsaved > \"${{1%/*}}/.a.txt.swp\"; {ends}");
        let mut person = opened(&home, &editor(&home, &lines));
        person.press("e");
        if ends == "exit 1" {
            person.sees(said);
            quit(person);
        } else {
            person.ended();
            nobody_edits(&home);
        }
        let mut person = home.screen(120, 36);
        person.sees("an editor was ended before it saved the text of a.txt").press("!").sees("Messages");
        person.sees(".a.txt.swp").press("<Esc>").no_longer_sees("Messages");
        quit(person);
        assert_eq!(kept(&home).len(), 2, "the text, and what was kept of it");
    }
}

#[test]
fn what_a_window_saves_that_was_open_longer_than_its_copy_is_told_and_stays() {
    let home = Home::new();
    let mut person = opened(&home, &editor(&home, "kill -9 $PPID"));
    person.press("e");
    person.ended();
    nobody_edits(&home);
    let path = kept(&home).pop().unwrap();
    a_day_later(&home);
    let mut person = home.screen(120, 36);
    person.sees("1 file");
    none_is_kept(&home);
    quit(person);
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "two").unwrap();
    a_day_later(&home);
    let mut person = home.screen(120, 36);
    person.sees("an edited text was not saved").press("!").sees("Messages");
    person.sees(path.parent().unwrap().file_name().unwrap().to_str().unwrap());
    person.press("<Esc>").no_longer_sees("Messages");
    quit(person);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
}

/// The first time an editor that saves and ends with the program, then one that outlives it until there is a file `end`.
const OUTLIVES: &str = "cd \"${0%/*}\"\nif mkdir first 2>/dev/null; then echo two >> \"$1\"; kill -9 $PPID; exit; fi\n\
                        trap '' HUP\nexec < /dev/null > /dev/null 2>&1\nkill -9 $PPID\nuntil [ -e end ] || [ ! -e \"$1\" ]; do sleep 0.02; done";

#[test]
fn a_text_that_an_editor_still_has_open_stays_though_nobody_changed_it() {
    let home = Home::new();
    let editor = editor(&home, OUTLIVES);
    let mut person = opened(&home, &editor);
    person.press("e");
    person.ended();
    nobody_edits(&home);
    let mut person = home.screen_with(&[("EDITOR", &editor)], 120, 36);
    person.sees("was not saved").sees("1 file").press("2").cursor_is_on("a.txt").press("e");
    person.ended();
    a_day_later(&home);
    // By the time that the one is told of, all have been looked at.
    let mut person = home.screen(120, 36);
    person.sees("was not saved");
    assert_eq!(kept(&home).len(), 2, "the second is still in an editor");
    quit(person);
    std::fs::write(home.path().join("end"), "").unwrap();
    nobody_edits(&home);
    let mut person = home.screen(120, 36);
    person.sees("was not saved");
    quit(person);
    assert_eq!(std::fs::read_to_string(&kept(&home)[0]).unwrap(), "one\ntwo\n");
}

#[test]
fn what_is_no_text_is_not_opened() {
    let home = Home::new();
    home.run(["upload", home.file("b.bin", [0, 159, 146, 150]).to_str().unwrap(), "--key", "b.bin"]).with(0);
    let long = "a line that is long enough\n".repeat(50_000);
    home.run(["upload", home.file("c.txt", long).to_str().unwrap(), "--key", "c.txt"]).with(0);
    let mut person = home.screen_with(&[("EDITOR", "no-such-editor")], 120, 36);
    person.sees("2 files").press("2").cursor_is_on("c.txt").press("e").sees("c.txt cannot be edited: it has 1.3 MiB");
    person.press("j").cursor_is_on("b.bin").press("e").sees("b.bin cannot be edited: it is no text");
    quit(person);
}

#[test]
fn a_local_file_is_edited_in_place_and_the_list_says_so() {
    let home = Home::new();
    home.file("a.txt", "one\n");
    let editor = editor(&home, "printf 'two\\nthree\\n' >> \"$1\"");
    let mut person = home.screen_with(&[("EDITOR", &editor)], 120, 36);
    person.sees("4 B").cursor_is_on("a.txt").press("e").sees("14 B").sees("saved a.txt");
    assert_eq!(home.read("a.txt"), b"one\ntwo\nthree\n");
    quit(person);
}
