//! Texts of objects while they are edited: each in a private folder of its own, beside a note of what it was made from, so
//! that a text always names its object, whatever ends the program. Blocks: call it on a thread that may.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::config::places::private_folder;
use crate::domain::{Failure, FailureKind, Result, key};

/// How long a text that nobody has changed stays: its editor may have outlived the program.
const UNCHANGED_STAYS: Duration = Duration::from_secs(24 * 60 * 60);

/// What a text was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Of whose bucket: the profile's name.
    pub profile: String,
    /// The object's key.
    pub key: String,
    /// Its entity tag.
    pub etag: String,
    /// Its MIME type, where it has one.
    pub content_type: Option<String>,
    /// The SHA-256 of its bytes, in hexadecimal digits; made by [`open`].
    #[serde(default)]
    pub sha256: String,
}

/// A text that is being edited. Others see that it is for as long as this lives.
#[derive(Debug)]
pub struct Edit {
    /// The text's file.
    pub path: PathBuf,
    /// Held by the operating system.
    _lock: File,
}

/// A text that nobody edits any more.
#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    /// The text's file.
    pub path: PathBuf,
    /// What it was made from.
    pub note: Note,
    /// Whether it is another text now.
    pub changed: bool,
}

/// Puts an object's text into a private file below `edits`, named as the object is as far as that is a file's name.
///
/// # Errors
/// `Local` or `DiskFull`, naming the file.
pub fn open(edits: &Path, note: Note, bytes: &[u8]) -> Result<Edit> {
    let folder = edits.join(Uuid::new_v4().to_string());
    private_folder(&folder)?;
    let name = key::name(&note.key);
    let path = key::local_path(&folder, name).unwrap_or_else(|_unsafe| folder.join("text"));
    write_new(&path, bytes).map_err(|error| Failure::io("write", &path, &error))?;
    let note = Note { sha256: sha256(bytes), ..note };
    let place = note_of(&folder);
    let lock = write_note(&place, &note).map_err(|error| Failure::io("write", &place, &error))?;
    Ok(Edit { path, _lock: lock })
}

/// What a text was made from, and its bytes where they are others now.
///
/// # Errors
/// `NotFound` or `Local` where text or note cannot be read.
pub fn read(path: &Path) -> Result<(Note, Option<Vec<u8>>)> {
    let note = read_note(&note_of(folder_of(path)))?;
    let bytes = fs::read(path).map_err(|error| Failure::io("read", path, &error))?;
    let changed = sha256(&bytes) != note.sha256;
    if changed {
        // Not every editor does, and what goes into the queue has to outlive a power cut as the queue does.
        File::open(path).and_then(|file| file.sync_all()).map_err(|error| Failure::io("keep", path, &error))?;
    }
    Ok((note, changed.then_some(bytes)))
}

/// Removes a text with its folder and its note, if it is below `edits`; what is gone already is fine.
///
/// # Errors
/// `Local`, naming what stays.
pub fn remove(edits: &Path, path: &Path) -> Result<()> {
    let folder = folder_of(path);
    if folder.parent() != Some(edits) {
        return Ok(());
    }
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::io("remove", folder, &error)),
        _ => Ok(()),
    };
    gone(fs::remove_dir_all(folder))?;
    gone(fs::remove_file(note_of(folder)))
}

/// The texts that no living program edits. What nobody has changed for a day goes.
pub fn left(edits: &Path) -> Vec<Left> {
    let Ok(entries) = fs::read_dir(edits) else { return Vec::new() };
    let folders = entries.filter_map(io::Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir());
    let found = folders.filter_map(|folder| {
        let left = look(&folder);
        if !left.as_ref().is_some_and(|left| left.changed) {
            discard_old(edits, &folder);
        }
        left
    });
    found.collect()
}

/// What is in one folder; `None` where somebody is at it, or where it says nothing of itself.
fn look(folder: &Path) -> Option<Left> {
    let lock = File::open(note_of(folder)).ok()?;
    lock.try_lock().ok()?;
    let path = fs::read_dir(folder).ok()?.filter_map(io::Result::ok).map(|entry| entry.path());
    let (note, name) = (read_note(&note_of(folder)).ok()?, |note: &Note| OsStr::new(key::name(&note.key)).to_owned());
    let own = name(&note);
    // Editors leave files of their own beside the text.
    let path = path.filter(|path| path.file_name().is_some_and(|name| name == own || name == "text")).max()?;
    let (note, bytes) = read(&path).ok()?;
    Some(Left { path, note, changed: bytes.is_some() })
}

fn discard_old(edits: &Path, folder: &Path) {
    let made = fs::metadata(folder).and_then(|facts| facts.modified());
    let is_old = made.is_ok_and(|made| SystemTime::now().duration_since(made).is_ok_and(|age| age > UNCHANGED_STAYS));
    let is_idle = File::open(note_of(folder)).map_or(true, |lock| lock.try_lock().is_ok());
    if is_old
        && is_idle
        && let Err(failure) = remove(edits, &folder.join("text"))
    {
        tracing::warn!("{failure}");
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// Beside the folder, where no key's name can be in its way.
fn note_of(folder: &Path) -> PathBuf {
    folder.with_extension("json")
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(file)
}

/// Gets its name only once it is locked, so that nobody can take it for a dead program's in between.
fn write_note(place: &Path, note: &Note) -> io::Result<File> {
    let making = place.with_extension("new");
    let file = write_new(&making, serde_json::to_string(note)?.as_bytes())?;
    file.lock()?;
    fs::rename(making, place)?;
    Ok(file)
}

fn read_note(place: &Path) -> Result<Note> {
    let text = fs::read_to_string(place).map_err(|error| Failure::io("read", place, &error))?;
    serde_json::from_str(&text).map_err(|error| {
        let file = crate::domain::display::display_path(place);
        Failure::new(FailureKind::Local, format!("{file} is no note of an edited text: {error}"))
    })
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

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
        assert_eq!(found.iter().map(|left| (&left.path, left.changed)).collect::<Vec<_>>(), [(&path, true)]);
        remove(&edits, &path).unwrap();
        assert_eq!((left(&edits), fs::read_dir(&edits).unwrap().count()), (vec![], 0));
        remove(&edits, &path).unwrap();
    }

    #[test]
    fn what_nobody_changed_stays_a_day_and_then_goes() {
        let state = tempfile::tempdir().unwrap();
        let edits = state.path().join("edits");
        let path = open(&edits, note("a.txt"), b"one\n").unwrap().path.clone();
        assert!(left(&edits).iter().all(|left| !left.changed) && path.exists(), "its editor may still be open");
        let long_ago = SystemTime::now() - UNCHANGED_STAYS - Duration::from_secs(60);
        File::open(path.parent().unwrap()).unwrap().set_modified(long_ago).unwrap();
        left(&edits);
        assert_eq!(fs::read_dir(&edits).unwrap().count(), 0);
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
}
