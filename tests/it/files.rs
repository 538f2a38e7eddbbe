//! Local folders as they really are: links to everything and nothing, names that are no text, and entries that cannot be
//! read. Permissions do not bind root, so a thread that gave root's rights up lists what may not be read.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use windlass::domain::FailureKind;
use windlass::domain::file::{FileEntry, FileKind, LinkTarget};
use windlass::files::list;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn listed(folder: &Path) -> Vec<FileEntry> {
    list(folder).unwrap()
}

fn named(entries: &[FileEntry], name: &str) -> FileEntry {
    entries.iter().find(|entry| entry.name == name).unwrap_or_else(|| panic!("{name} is missing")).clone()
}

#[test]
fn entries_have_their_facts_and_folders_come_first() {
    let place = folder();
    std::fs::write(place.path().join("b.txt"), "12345").unwrap();
    std::fs::write(place.path().join(".hidden"), "").unwrap();
    std::fs::create_dir(place.path().join("z")).unwrap();
    let entries = listed(place.path());
    let names: Vec<_> = entries.iter().map(|entry| entry.name.to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["z", ".hidden", "b.txt"]);
    let file = named(&entries, "b.txt");
    assert_eq!((file.kind, file.size, file.problem.clone()), (FileKind::File, Some(5), None));
    let age = chrono::Utc::now() - file.modified.unwrap();
    assert!(age.num_seconds().abs() < 60, "{age}");
    assert_eq!((entries[0].kind, entries[0].size), (FileKind::Folder, None));
    assert!(named(&entries, ".hidden").is_hidden());
}

#[test]
fn links_tell_where_they_lead() {
    let place = folder();
    let at = |name: &str| place.path().join(name);
    std::fs::write(at("file"), "123").unwrap();
    std::fs::create_dir(at("folder")).unwrap();
    symlink("file", at("to-file")).unwrap();
    symlink("folder", at("to-folder")).unwrap();
    symlink("nowhere", at("to-nothing")).unwrap();
    symlink("to-itself", at("to-itself")).unwrap();
    symlink("/dev/null", at("to-device")).unwrap();
    let entries = listed(place.path());
    let facts = |name: &str| (named(&entries, name).kind, named(&entries, name).size);
    assert_eq!(facts("to-file"), (FileKind::Symlink(LinkTarget::File), Some(3)));
    assert_eq!(facts("to-folder"), (FileKind::Symlink(LinkTarget::Folder), None));
    assert_eq!(facts("to-device").0, FileKind::Symlink(LinkTarget::Other));
    assert_eq!(facts("to-nothing").0, FileKind::Symlink(LinkTarget::Missing));
    assert_eq!(named(&entries, "to-nothing").problem.as_deref(), Some("it leads to nothing"));
    assert!(named(&entries, "to-itself").problem.is_some());
}

/// Runs with the rights of a user who owns nothing; root's rights would open everything.
fn without_rights<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::spawn(|| {
        if rustix::process::geteuid().is_root() {
            let nobody = rustix::process::Uid::from_raw(65_534);
            // Linux changes the rights of the calling thread alone, and this one ends with the work.
            rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
        }
        work()
    });
    thread.join().unwrap()
}

#[test]
fn what_may_not_be_read_says_so_and_the_rest_is_listed() {
    let place = folder();
    let at = |name: &str| place.path().join(name);
    std::fs::write(at("open"), "").unwrap();
    std::fs::write(at("secret"), "123").unwrap();
    std::fs::create_dir(at("closed")).unwrap();
    for (path, mode) in [(place.path().to_owned(), 0o755), (at("secret"), 0o000), (at("closed"), 0o000)] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }
    let path = place.path().to_owned();
    let (entries, failure) = without_rights(move || (listed(&path), list(&path.join("closed")).unwrap_err()));
    assert_eq!(named(&entries, "open").problem, None);
    assert_eq!(named(&entries, "secret").problem.as_deref(), Some("permission denied"));
    assert_eq!(named(&entries, "secret").size, Some(3));
    assert_eq!(named(&entries, "closed").problem.as_deref(), Some("permission denied"));
    assert_eq!(failure.sentence(), format!("cannot list {}: permission denied", at("closed").display()));
}

#[test]
fn sockets_and_names_that_are_no_text_are_listed() {
    let place = folder();
    let _socket = UnixListener::bind(place.path().join("socket")).unwrap();
    std::fs::write(place.path().join(OsStr::from_bytes(b"a\xff\x1b[31m\nb")), "").unwrap();
    let entries = listed(place.path());
    assert_eq!(named(&entries, "socket").kind, FileKind::Other);
    assert!(entries.iter().any(|entry| entry.name.as_bytes() == b"a\xff\x1b[31m\nb"));
}

#[test]
fn what_is_no_folder_is_named_with_the_reason() {
    let place = folder();
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let failure = list(&file).unwrap_err();
    assert_eq!(failure.sentence(), format!("cannot list {}: not a directory", file.display()));
    let failure = list(&place.path().join("gone")).unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.sentence().ends_with("/gone: no such file or directory"), "{failure}");
    let failure = list(&place.path().join("x".repeat(300))).unwrap_err();
    assert!(failure.sentence().ends_with("file name too long"), "{failure}");
}

#[test]
fn many_entries_are_all_there_and_in_order() {
    let place = folder();
    for number in 0..5_000 {
        std::fs::write(place.path().join(format!("file-{number:05}")), "").unwrap();
    }
    let entries = listed(place.path());
    assert_eq!(entries.len(), 5_000);
    assert!(entries.is_sorted_by(|one, other| one.by_name(other).is_lt()));
}
