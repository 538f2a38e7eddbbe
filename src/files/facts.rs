//! Everything that the disk says about one file, and its bytes at one place, for whoever inspects it. Blocks: call it on a
//! thread that may.

use std::fs;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use chrono::{DateTime, Utc};
use rustix::fs::OFlags;

use crate::domain::{Failure, FailureKind, FileFacts, FileKind, LinkTarget, Result};

/// What the disk says about a file. A link's size and times are its target's, where it leads to one.
///
/// # Errors
/// `NotFound` or `Local`, naming the file.
pub fn facts(path: &Path) -> Result<FileFacts> {
    let own = fs::symlink_metadata(path).map_err(|error| Failure::io("look at", path, &error))?;
    let behind = own.is_symlink().then(|| fs::metadata(path).ok());
    let kind = match &behind {
        None => kind(&own),
        Some(behind) => FileKind::Symlink(behind.as_ref().map_or(LinkTarget::Missing, target)),
    };
    let shown = behind.flatten().unwrap_or(own);
    let time = |time: io::Result<std::time::SystemTime>| time.ok().map(DateTime::<Utc>::from);
    Ok(FileFacts {
        kind,
        size: shown.is_file().then_some(shown.len()),
        modified: time(shown.modified()),
        created: time(shown.created()),
        mode: shown.mode() & 0o7777,
        owner: named("/etc/passwd", shown.uid()),
        group: named("/etc/group", shown.gid()),
        names: shown.nlink(),
        target: fs::read_link(path).ok(),
    })
}

fn kind(of: &fs::Metadata) -> FileKind {
    match of {
        of if of.is_dir() => FileKind::Folder,
        of if of.is_file() => FileKind::File,
        _ => FileKind::Other,
    }
}

fn target(of: &fs::Metadata) -> LinkTarget {
    match kind(of) {
        FileKind::Folder => LinkTarget::Folder,
        FileKind::File => LinkTarget::File,
        _ => LinkTarget::Other,
    }
}

/// The name of a number in `/etc/passwd` or `/etc/group`; the number where it has none there.
fn named(file: &str, number: u32) -> String {
    let (lines, wanted) = (fs::read_to_string(file).unwrap_or_default(), number.to_string());
    let name = lines.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(&wanted)).then(|| name.to_owned())
    });
    name.unwrap_or(wanted)
}

/// A regular file, for reading.
///
/// # Errors
/// `NotFound` or `Local`, naming the file; `Local` also where it is no regular file: a pipe would be waited for.
pub fn open(path: &Path) -> Result<fs::File> {
    let failed = |error: io::Error| Failure::io("read", path, &error);
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(failed)?;
    match file.metadata().map_err(failed)?.is_file() {
        true => Ok(file),
        false => Err(Failure::new(FailureKind::Local, "this is no regular file")),
    }
}

/// At most so many bytes of a regular file from `offset` on; fewer at its end.
///
/// # Errors
/// As [`open`]'s.
pub fn read_at(path: &Path, offset: u64, most: usize) -> Result<Vec<u8>> {
    let failed = |error: io::Error| Failure::io("read", path, &error);
    let file = open(path)?;
    let mut bytes = vec![0; most];
    let mut filled = 0;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        match file.read_at(room, offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_tells_its_target_and_its_targets_facts() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "12345").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        let told = facts(&link).unwrap();
        assert_eq!((told.kind, told.size), (FileKind::Symlink(LinkTarget::File), Some(5)));
        assert_eq!(told.target.as_deref(), Some(Path::new("file")));
        fs::remove_file(&file).unwrap();
        assert_eq!(facts(&link).unwrap().kind, FileKind::Symlink(LinkTarget::Missing));
        assert_eq!(facts(&file).unwrap_err().kind, FailureKind::NotFound);
        assert_eq!(facts(folder.path()).unwrap().size, None);
    }

    #[test]
    fn bytes_are_read_where_they_are_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "0123456789").unwrap();
        assert_eq!(read_at(&file, 8, 5).unwrap(), b"89");
        assert_eq!(read_at(&file, 20, 5).unwrap(), b"");
        assert_eq!(read_at(&file, 0, 3).unwrap(), b"012");
        assert!(read_at(folder.path(), 0, 1).is_err());
    }

    #[test]
    fn users_have_names() {
        assert_eq!(named("/etc/passwd", 0), "root");
        assert_eq!(named("/etc/passwd", 4_000_000_000), "4000000000");
    }
}
