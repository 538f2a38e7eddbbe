//! The file of what the screen remembers, `screen.toml` in the state folder, for the user alone. It is read at the start and
//! written at the end; several Windlasses add to it in turn, and at every moment it is whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::config::memory::Memory;
use crate::config::places::private_folder;
use crate::domain::{Failure, FailureKind, Result};

/// What was remembered, and what is wrong with it. Blocks only where something is: then another Windlass may be writing.
pub fn recall(file: &Path) -> (Memory, Option<Failure>) {
    let found = match read(file) {
        Ok(Found::Damaged(_)) => lock(file).and_then(|_lock| read_or_set_aside(file)),
        Ok(Found::Memory(memory)) => Ok((memory, None)),
        Err(failure) => Err(failure),
    };
    found.unwrap_or_else(|failure| (Memory::default(), Some(failure.hint("bookmarks begin anew"))))
}

/// The same where nobody can be told.
pub fn keep_or_log(file: &Path, newer: Memory) {
    if let Err(failure) = keep(file, newer) {
        tracing::warn!("what is to be remembered is lost: {failure}");
    }
}

/// Adds to what is remembered. Blocks: it waits for the disk, and for another Windlass that is writing.
///
/// # Errors
/// `Local` or `DiskFull` where it cannot be written; the file is then as it was.
pub fn keep(file: &Path, newer: Memory) -> Result<()> {
    if newer == Memory::default() {
        return Ok(());
    }
    private_folder(file.parent().unwrap_or(Path::new(".")))?;
    let _lock = lock(file)?;
    let (before, problem) = read_or_set_aside(file)?;
    if let Some(problem) = problem {
        tracing::warn!("{problem}");
    }
    let mut after = before.clone();
    after.learn(newer);
    if after == before {
        return Ok(());
    }
    let text = toml::to_string(&after).map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?;
    replace(file, &text).map_err(|error| Failure::io("write", file, &error))
}

/// Keeps every other Windlass out until it is dropped. Where files cannot be locked (NFS) nobody is kept out.
fn lock(file: &Path) -> Result<File> {
    let lock = File::options().create(true).truncate(false).write(true).mode(0o600).open(file.with_extension("lock"));
    let lock = lock.map_err(|error| Failure::io("write", file, &error))?;
    let _unlocked = lock.lock().inspect_err(|error| tracing::warn!("what is remembered cannot be locked: {error}"));
    Ok(lock)
}

/// What stands in the file.
enum Found {
    /// What was remembered; nothing where there is no file.
    Memory(Memory),
    /// Something else, and why.
    Damaged(String),
}

fn read(file: &Path) -> Result<Found> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Memory(Memory::default())),
        Err(error) => return Err(Failure::io("read", file, &error)),
    };
    let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(Found::Damaged("it is no text".into())) };
    Ok(toml::from_str(text).map_or_else(|error| Found::Damaged(error.message().to_owned()), Found::Memory))
}

/// What the file says. One that cannot be understood is set aside, so that nothing writes over it. Only under the lock:
/// the name may be a good file's by now, which another Windlass has just written.
fn read_or_set_aside(file: &Path) -> Result<(Memory, Option<Failure>)> {
    Ok(match read(file)? {
        Found::Memory(memory) => (memory, None),
        Found::Damaged(why) => set_aside(file, &why),
    })
}

fn set_aside(file: &Path, why: &str) -> (Memory, Option<Failure>) {
    let aside = file.with_extension("toml.damaged");
    let hint = match fs::rename(file, &aside) {
        Ok(()) => format!("it is now {}; bookmarks begin anew", aside.display()),
        Err(error) => format!("bookmarks begin anew; it cannot be set aside: {error}"),
    };
    let what = format!("{} cannot be understood: {why}", file.display());
    (Memory::default(), Some(Failure::new(FailureKind::Local, what).hint(hint)))
}

/// Puts a new file in the old one's place; where that fails nothing is left of it. It is on disk before it has the name:
/// after a power cut an empty file would look like one in which nothing is remembered.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let beside = file.with_extension(format!("{}.new", std::process::id()));
    let written = write(&beside, text).and_then(|()| fs::rename(&beside, file));
    if written.is_err()
        && let Err(error) = fs::remove_file(&beside)
    {
        tracing::warn!("{} is left behind: {error}", beside.display());
    }
    written
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    let mut new = File::options().create(true).truncate(true).write(true).mode(0o600).open(file)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    fn memory(letter: &str) -> Memory {
        Memory { folders: [(letter.to_owned(), format!("/{letter}"))].into(), ..Memory::default() }
    }

    #[test]
    fn two_windlasses_remember_together_for_the_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/screen.toml");
        assert_eq!(recall(&file), (Memory::default(), None));
        keep(&file, memory("a")).unwrap();
        keep(&file, memory("b")).unwrap();
        assert_eq!(recall(&file).0.folders.len(), 2);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn nothing_to_remember_makes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("screen.toml");
        keep(&file, Memory::default()).unwrap();
        assert!(!file.exists());
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("screen.toml");
        fs::write(&file, "folders = 3").unwrap();
        let (memory, problem) = recall(&file);
        assert_eq!(memory, Memory::default());
        assert!(problem.unwrap().sentence().contains("cannot be understood"));
        assert_eq!(fs::read_to_string(folder.path().join("screen.toml.damaged")).unwrap(), "folders = 3");
    }
    #[test]
    fn a_file_that_is_no_text_is_set_aside_and_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("screen.toml");
        fs::write(&file, b"\xff\xfe").unwrap();
        assert!(recall(&file).1.unwrap().sentence().contains("cannot be understood: it is no text"));
        assert_eq!(fs::read(folder.path().join("screen.toml.damaged")).unwrap(), b"\xff\xfe");
        fs::write(&file, b"\xff").unwrap();
        keep(&file, memory("a")).unwrap();
        assert_eq!(recall(&file), (memory("a"), None));
    }

    #[test]
    fn what_could_not_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("screen.toml");
        fs::create_dir(&file).unwrap();
        replace(&file, "text").unwrap_err();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["screen.toml"]);
    }

    /// Whether somebody waits for the lock of a file (proc(5), `/proc/locks`: the line of one that waits has an arrow).
    fn is_waited_for(lock: &File) -> bool {
        let inode = format!(":{} ", lock.metadata().unwrap().ino());
        fs::read_to_string("/proc/locks").unwrap().lines().any(|line| line.contains("->") && line.contains(&inode))
    }

    #[test]
    fn a_good_file_that_another_windlass_is_writing_is_not_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("screen.toml");
        fs::write(&file, "folders = 3").unwrap();
        let lock = lock(&file).unwrap();
        let recalled = std::thread::spawn({
            let file = file.clone();
            move || recall(&file)
        });
        while !recalled.is_finished() && !is_waited_for(&lock) {
            std::thread::yield_now();
        }
        assert!(!recalled.is_finished(), "it waits for its turn");
        replace(&file, &toml::to_string(&memory("a")).unwrap()).unwrap();
        drop(lock);
        assert_eq!(recalled.join().unwrap(), (memory("a"), None));
        assert!(!folder.path().join("screen.toml.damaged").exists());
    }
}
