//! Texts of objects while they are edited: each in a private folder of its own, beside a note of what it was made from, so
//! that a text always names its object, whatever ends the program. Blocks: call it on a thread that may.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::config::places::private_folder;
use crate::domain::{Failure, FailureKind, Result, key};

/// How long stays what says nothing of itself: another program may be making it.
const UNKNOWN_STAYS: Duration = Duration::from_secs(24 * 60 * 60);

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

/// A text that is being edited. Others see that it is for as long as this lives, or whoever has its lock.
#[derive(Debug)]
pub struct Edit {
    /// The text's file.
    pub path: PathBuf,
    /// Held by the operating system.
    lock: File,
}

impl Edit {
    /// The lock once more, for programs that are started while this is there: an editor that outlives us holds it on.
    ///
    /// # Errors
    /// Of the operating system, where no more files may be open.
    pub fn lock(&self) -> io::Result<OwnedFd> {
        Ok(rustix::io::dup(&self.lock)?)
    }
}

/// A text that nobody edits any more, with somebody's work in it or beside it.
#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    /// The text's file.
    pub path: PathBuf,
    /// What it was made from.
    pub note: Note,
    /// Where the work is.
    pub work: Work,
}

/// Where somebody's work on a text is.
#[derive(Debug, PartialEq, Eq)]
pub enum Work {
    /// In the text itself.
    Saved,
    /// In this file of the editor's own, which was ended before it saved the text.
    Beside(PathBuf),
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
    Ok(Edit { path, lock })
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

/// A file that an editor has left beside a text, as it does when it is ended before it saved.
pub fn beside(path: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder_of(path)).ok()?.filter_map(io::Result::ok).map(|entry| entry.path());
    files.filter(|file| file != path).min()
}

/// The texts that no living program edits and that have somebody's work in them. Those that nobody has changed go.
pub fn left(edits: &Path) -> Vec<Left> {
    let Ok(entries) = fs::read_dir(edits) else { return Vec::new() };
    let folders = entries.filter_map(io::Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir());
    folders.filter_map(|folder| look(edits, &folder)).collect()
}

/// What is in one folder; `None` where somebody is at it, or where nobody's work is.
fn look(edits: &Path, folder: &Path) -> Option<Left> {
    let _lock = idle(folder)?;
    let Some((path, note, changed)) = text_in(folder) else {
        discard_old(edits, folder);
        return None;
    };
    let work = if changed { Some(Work::Saved) } else { beside(&path).map(Work::Beside) };
    if work.is_none() {
        discard(edits, &path);
    }
    work.map(|work| Left { path, note, work })
}

/// The folder's lock, or that it has none; `None` where somebody is at it.
fn idle(folder: &Path) -> Option<Option<File>> {
    match File::open(note_of(folder)) {
        Ok(lock) => lock.try_lock().is_ok().then_some(Some(lock)),
        Err(error) => (error.kind() == io::ErrorKind::NotFound).then_some(None),
    }
}

/// The text in a folder, what it was made from, and whether it is another one now.
fn text_in(folder: &Path) -> Option<(PathBuf, Note, bool)> {
    let note = read_note(&note_of(folder)).ok()?;
    let own = OsStr::new(key::name(&note.key));
    let files = fs::read_dir(folder).ok()?.filter_map(io::Result::ok).map(|entry| entry.path());
    // Editors leave files of their own beside the text.
    let path = files.filter(|path| path.file_name().is_some_and(|name| name == own || name == "text")).max()?;
    let (note, bytes) = read(&path).ok()?;
    Some((path, note, bytes.is_some()))
}

fn discard_old(edits: &Path, folder: &Path) {
    let made = fs::metadata(folder).and_then(|facts| facts.modified());
    if made.is_ok_and(|made| SystemTime::now().duration_since(made).is_ok_and(|age| age > UNKNOWN_STAYS)) {
        discard(edits, &folder.join("text"));
    }
}

fn discard(edits: &Path, path: &Path) {
    if let Err(failure) = remove(edits, path) {
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
    fn what_nobody_changed_goes_once_nobody_edits_it() {
        let state = tempfile::tempdir().unwrap();
        let edits = state.path().join("edits");
        let edit = open(&edits, note("a.txt"), b"one\n").unwrap();
        assert_eq!((left(&edits), edit.path.exists()), (vec![], true), "it is being edited");
        let path = edit.path.clone();
        drop(edit);
        goes(&edits, &path);
        assert_eq!(fs::read_dir(&edits).unwrap().count(), 0);
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

    fn age(folder: &Path) {
        let long_ago = SystemTime::now() - UNKNOWN_STAYS - Duration::from_secs(60);
        File::open(folder).unwrap().set_modified(long_ago).unwrap();
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
