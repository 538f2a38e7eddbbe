//! What is kept, what is named, and what goes, of texts whose editor or program has ended.

use super::*;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Instant;

fn note(key: &str) -> Note {
    let (profile, etag) = ("prod".to_owned(), "tag".to_owned());
    Note { profile, key: key.into(), etag, content_type: Some("text/plain".into()), sha256: String::new() }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_text_is_the_users_alone_and_says_whether_it_was_changed() {
    let state = tempfile::tempdir().unwrap();
    let edits = state.path().join("edits");
    let edit = open(&edits, note("docs/a.txt"), b"one\n").unwrap();
    assert_eq!(edit.path.file_name().unwrap(), "a.txt", "the name tells an editor its language");
    assert_eq!((mode(&edit.path), mode(edit.path.parent().unwrap()), mode(&edits)), (0o600, 0o700, 0o700));
    let (made_from, bytes) = read(&edit.path).unwrap();
    assert_eq!((made_from.key.as_str(), made_from.etag.as_str(), bytes), ("docs/a.txt", "tag", None));
    fs::write(&edit.path, "two\n").unwrap();
    assert_eq!(read(&edit.path).unwrap().1.as_deref(), Some(&b"two\n"[..]));
}

#[test]
fn what_a_dead_program_left_is_found_and_what_a_living_one_edits_is_let_alone() {
    let state = tempfile::tempdir().unwrap();
    let edits = state.path().join("edits");
    assert_eq!(left(&edits), [], "there is no folder at first");
    let edit = open(&edits, note("a.txt"), b"one\n").unwrap();
    fs::write(&edit.path, "two\n").unwrap();
    fs::write(edit.path.with_file_name("a.txt~"), "an editor's own").unwrap();
    assert_eq!(left(&edits), [], "it is being edited");
    let path = edit.path.clone();
    drop(edit);
    let found = left(&edits);
    assert_eq!(found.iter().map(|left| (&left.path, &left.work)).collect::<Vec<_>>(), [(&path, &Work::Saved)]);
    remove(&edits, &path).unwrap();
    assert_eq!((left(&edits), fs::read_dir(&edits).unwrap().count()), (vec![], 0));
    remove(&edits, &path).unwrap();
}

#[test]
fn what_nobody_changed_goes_a_day_later() {
    let state = tempfile::tempdir().unwrap();
    let edits = state.path().join("edits");
    let path = open(&edits, note("a.txt"), b"one\n").unwrap().path.clone();
    assert_eq!((left(&edits), path.exists()), (vec![], true), "an editor without the lock may show it yet");
    age(&note_of(folder_of(&path)));
    goes(&edits, &path);
    assert_eq!(fs::read_dir(&edits).unwrap().count(), 0);
}

#[test]
fn a_file_without_a_note_is_named_and_stays() {
    let state = tempfile::tempdir().unwrap();
    let edits = state.path().join("edits");
    let file = edits.join("0/a.txt");
    private_folder(folder_of(&file)).unwrap();
    fs::write(&file, "saved by an editor whose copy went").unwrap();
    age(folder_of(&file));
    assert_eq!(left(&edits), [Left { path: file.clone(), note: None, work: Work::Remains }]);
    assert!(file.exists());
}

#[test]
fn what_is_left_of_a_text_that_is_not_there_is_named_and_stays() {
    let state = tempfile::tempdir().unwrap();
    let edits = state.path().join("edits");
    let path = open(&edits, note("a.txt"), b"one\n").unwrap().path.clone();
    let remains = path.with_file_name("a.txt~");
    fs::rename(&path, &remains).unwrap();
    age(folder_of(&path));
    age(&note_of(folder_of(&path)));
    let mut found = Vec::new();
    let give_up = Instant::now() + Duration::from_secs(30);
    while found.is_empty() && remains.exists() && Instant::now() < give_up {
        found = left(&edits);
    }
    let named = found.iter().map(|left| (&left.path, left.note.as_ref().map(|note| note.key.as_str()), &left.work));
    assert_eq!(named.collect::<Vec<_>>(), [(&remains, Some("a.txt"), &Work::Remains)]);
    assert!(remains.exists());
}

/// Tests beside this one start programs too, which have what can be inherited until they are the other program.
fn goes(edits: &Path, path: &Path) {
    let give_up = Instant::now() + Duration::from_secs(30);
    while path.exists() {
        assert_eq!((left(edits), Instant::now() < give_up), (vec![], true));
    }
}

#[test]
fn what_an_editor_has_open_stays_though_the_program_that_began_it_is_gone() {
    let state = tempfile::tempdir().unwrap();
    let edits = state.path().join("edits");
    let edit = open(&edits, note("a.txt"), b"one\n").unwrap();
    let (lock, path) = (edit.lock().unwrap(), edit.path.clone());
    let mut editor = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    drop((edit, lock));
    assert_eq!((left(&edits), path.exists()), (vec![], true), "its editor is still open");
    age(&note_of(folder_of(&path)));
    assert_eq!((left(&edits), path.exists()), (vec![], true), "however long it is");
    drop(editor.stdin.take());
    editor.wait().unwrap();
    goes(&edits, &path);
}

#[test]
fn what_an_editor_has_kept_for_itself_is_found_and_stays() {
    let state = tempfile::tempdir().unwrap();
    let edits = state.path().join("edits");
    let path = open(&edits, note("a.txt"), b"one\n").unwrap().path.clone();
    let swap = path.with_file_name(".a.txt.swp");
    fs::write(&swap, "what nobody has saved").unwrap();
    age(path.parent().unwrap());
    age(&note_of(folder_of(&path)));
    let found = left(&edits);
    assert_eq!(found.iter().map(|left| &left.work).collect::<Vec<_>>(), [&Work::Beside(swap.clone())]);
    assert!(swap.exists() && path.exists());
}

#[test]
fn what_says_nothing_of_itself_stays_a_day() {
    let state = tempfile::tempdir().unwrap();
    let edits = state.path().join("edits");
    let folder = edits.join("0");
    private_folder(&folder).unwrap();
    assert_eq!((left(&edits), folder.exists()), (vec![], true), "somebody may be making it");
    age(&folder);
    assert_eq!((left(&edits), folder.exists()), (vec![], false));
}

fn age(path: &Path) {
    let long_ago = SystemTime::now() - UNCHANGED_STAYS - Duration::from_secs(60);
    File::open(path).unwrap().set_modified(long_ago).unwrap();
}

#[test]
fn no_key_leads_out_of_the_folder_and_nothing_outside_is_removed() {
    let state = tempfile::tempdir().unwrap();
    let edits = state.path().join("edits");
    for key in ["a/..", "/", "x\0y", &"n".repeat(300)] {
        let edit = open(&edits, note(key), b"x").unwrap();
        assert_eq!(edit.path.parent().unwrap().parent(), Some(edits.as_path()), "{key:?}");
        assert_eq!(edit.path.file_name().unwrap(), "text", "{key:?}");
    }
    let own = state.path().join("own/a.txt");
    fs::create_dir(own.parent().unwrap()).unwrap();
    fs::write(&own, "mine").unwrap();
    remove(&edits, &own).unwrap();
    assert!(own.exists());
}
