//! The file of what the screen remembers, `screen.toml` in the state folder, for the user alone. It is read at the start and
//! written at the end; several Windlasses add to it in turn, and at every moment it is whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::config::memory::Memory;
use crate::config::places::private_folder;
use crate::domain::{Failure, FailureKind, Result};

/// What was remembered, and what is wrong with it.
pub fn recall(file: &Path) -> (Memory, Option<Failure>) {
    read(file).unwrap_or_else(|failure| (Memory::default(), Some(failure.hint("bookmarks begin anew"))))
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
    let folder = file.parent().unwrap_or(Path::new("."));
    private_folder(folder)?;
    let fails = |error: io::Error| Failure::io("write", file, &error);
    let lock = File::options().create(true).truncate(false).write(true).mode(0o600).open(file.with_extension("lock"));
    let lock = lock.map_err(fails)?;
    // Where files cannot be locked (NFS) nobody is kept out.
    let _unlocked = lock.lock().inspect_err(|error| tracing::warn!("what is remembered cannot be locked: {error}"));
    let (before, problem) = read(file)?;
    if let Some(problem) = problem {
        tracing::warn!("{problem}");
    }
    let mut after = before.clone();
    after.learn(newer);
    if after == before {
        return Ok(());
    }
    let text = toml::to_string(&after).map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?;
    replace(file, &text).map_err(fails)
}

/// What the file says. One that cannot be understood is set aside, so that nothing writes over it.
fn read(file: &Path) -> Result<(Memory, Option<Failure>)> {
    match fs::read_to_string(file) {
        Ok(text) => {
            Ok(toml::from_str(&text).map_or_else(|error| set_aside(file, error.message()), |memory| (memory, None)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Memory::default(), None)),
        Err(error) => Err(Failure::io("read", file, &error)),
    }
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

fn replace(file: &Path, text: &str) -> io::Result<()> {
    let beside = file.with_extension(format!("{}.new", std::process::id()));
    let mut new = File::options().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
    new.write_all(text.as_bytes())?;
    fs::rename(&beside, file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

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
}
