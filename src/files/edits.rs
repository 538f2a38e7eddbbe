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

/// How long stays a text that nobody has changed: an editor whose window another program has, as `code --wait` and
/// `emacsclient`, shows it without its lock.
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

/// A text that is being edited. Others see that it is for as long as this lives, or whoever has its lock.
#[derive(Debug)]
pub struct Edit {
    /// The text's file.
    pub path: PathBuf,
    /// Held by the operating system.
    lock: File,
}

impl Edit {
    /// The lock once more, for programs that are started while this is there: an editor that outlives us holds it on. So
    /// does whatever that editor leaves running, and until this ends too its text is not named; nothing is lost by it.
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
    /// The text's file, or what is there in its stead.
    pub path: PathBuf,
    /// What it was made from, where that is known.
    pub note: Option<Note>,
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
    /// In what is there, while the text or its note is not.
    Remains,
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
    let note = Note { sha256: sha256(bytes), ..note };
    let place = note_of(&folder);
    // First of all, so that a file without a note is never one that is only being made.
    let lock = write_note(&place, &note).map_err(|error| Failure::io("write", &place, &error))?;
    write_new(&path, bytes).map_err(|error| Failure::io("write", &path, &error))?;
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
    other_than(path, folder_of(path))
}

fn other_than(path: &Path, folder: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder).ok()?.filter_map(io::Result::ok).map(|entry| entry.path());
    files.filter(|file| file != path).min()
}

/// The texts that no living program edits and that have somebody's work in them. Those that nobody has changed go once they
/// are a day old.
pub fn left(edits: &Path) -> Vec<Left> {
    let Ok(entries) = fs::read_dir(edits) else { return Vec::new() };
    let folders = entries.filter_map(io::Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir());
    folders.filter_map(|folder| look(&folder)).collect()
}

/// What is in one folder; `None` where somebody is at it, or where nobody's work is.
fn look(folder: &Path) -> Option<Left> {
    let _lock = idle(folder)?;
    let Some((path, note, changed)) = text_in(folder) else { return remains_in(folder) };
    let work = if changed { Some(Work::Saved) } else { beside(&path).map(Work::Beside) };
    if work.is_none() {
        discard_old(folder, Some(&path));
    }
    work.map(|work| Left { path, note: Some(note), work })
}

/// What there is without the text, or without its note: nobody knows what it was, so it is somebody's work.
fn remains_in(folder: &Path) -> Option<Left> {
    let Some(path) = other_than(folder, folder) else {
        discard_old(folder, None);
        return None;
    };
    Some(Left { path, note: read_note(&note_of(folder)).ok(), work: Work::Remains })
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

fn discard_old(folder: &Path, unchanged: Option<&Path>) {
    let opened =
        fs::metadata(note_of(folder)).or_else(|_no_note| fs::metadata(folder)).and_then(|facts| facts.modified());
    let age = opened.ok().and_then(|opened| SystemTime::now().duration_since(opened).ok());
    if age.is_some_and(|age| age > UNCHANGED_STAYS)
        && let Err(error) = discard(folder, unchanged)
    {
        tracing::warn!("{}", Failure::io("remove", folder, &error));
    }
}

/// Whatever else comes into the folder meanwhile stays.
fn discard(folder: &Path, unchanged: Option<&Path>) -> io::Result<()> {
    unchanged.map_or(Ok(()), fs::remove_file)?;
    fs::remove_dir(folder)?;
    match fs::remove_file(note_of(folder)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
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
mod tests;
