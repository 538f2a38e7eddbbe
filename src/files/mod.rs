//! Local folders: as the Local pane shows them, and walked for an upload. Listing blocks: call it on a thread that may.

pub mod edits;
pub mod facts;
pub mod landing;
pub mod walk;

use std::ffi::{OsStr, OsString};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use rustix::fs::{Access, AtFlags, Dir, FileType, Mode, OFlags, Stat, accessat, open, statat};

use crate::domain::file::{FileEntry, FileKind, LinkTarget};
use crate::domain::{Failure, Result};

/// From how many entries on several threads ask for their facts: below, starting threads costs more than it saves.
const WORTH_THREADS: usize = 2_000;

/// More threads than this only wait for each other in the kernel.
const MOST_THREADS: usize = 4;

/// Everybody may read: then nobody needs to be asked whether this user may.
const ALL_READ: u32 = 0o444;

/// Everybody may read and enter.
const ALL_ENTER: u32 = 0o555;

/// A folder's entries with their facts, sorted by [`FileEntry::by_name`], without `.` and `..`. An entry that vanishes
/// while it is looked at is left out; one that cannot be read says why.
///
/// # Errors
/// `NotFound` or `Local`, naming the folder: it is not there, is no folder, or cannot be read.
pub fn list(folder: &Path) -> Result<Vec<FileEntry>> {
    listed(folder).map_err(|error| Failure::io("list", folder, &error.into()))
}

/// How a file or folder stands: another one once a file was written, and whenever something came into a folder, went from
/// it, or got another name in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// It is not there.
    Nowhere,
    /// Its device, its inode, its bytes, and when it, or a folder's entries, changed last: seconds and nanoseconds.
    As(u64, u64, u64, i64, i64),
    /// Of all that is in a folder: the sum of what names, bytes, rights and times make, and the latest of the times.
    Each(u64, i64, i64),
}

/// Clocks of file systems tick so seldom.
const TICK: TimeDelta = TimeDelta::milliseconds(10);

impl Stands {
    /// Whether it may have changed since that moment. A disk whose clock is ahead says nothing of it.
    pub fn changed_between(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let (Self::As(.., seconds, nanoseconds) | Self::Each(_, seconds, nanoseconds)) = *self else { return false };
        let changed = u32::try_from(nanoseconds).ok().and_then(|nanos| DateTime::from_timestamp(seconds, nanos));
        changed.is_some_and(|changed| since - TICK <= changed && changed <= now)
    }
}

/// How a file or folder stands; `None` where that cannot be said. Cheap, however much is in it.
pub fn stands(path: &Path) -> Option<Stands> {
    match std::fs::metadata(path) {
        Ok(facts) => Some(Stands::As(facts.dev(), facts.ino(), facts.size(), facts.mtime(), facts.mtime_nsec())),
        Err(error) => (error.kind() == io::ErrorKind::NotFound).then_some(Stands::Nowhere),
    }
}

/// How all that is in a folder stands: other than before once a file in it was written, or who
/// may read it changed. `None` where that cannot be said. It
/// asks for the facts of each entry.
pub fn each_stands(folder: &Path) -> Option<Stands> {
    let opened = open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let (mut sum, mut latest) = (0_u64, (0, 0));
    for entry in names(opened.as_fd()).ok()? {
        // What has vanished meanwhile, or leads nowhere, cannot grow.
        let Ok(facts) = statat(&opened, &entry.name, AtFlags::empty()) else { continue };
        let written = (facts.st_mtime, i64::try_from(facts.st_mtime_nsec).unwrap_or(0));
        let mut hasher = DefaultHasher::new();
        (&entry.name, facts.st_size, facts.st_mode, written).hash(&mut hasher);
        // Folders name their entries in any order.
        sum = sum.wrapping_add(hasher.finish());
        latest = latest.max(written);
    }
    Some(Stands::Each(sum, latest.0, latest.1))
}

fn listed(folder: &Path) -> rustix::io::Result<Vec<FileEntry>> {
    let opened = open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut entries = names(opened.as_fd())?;
    look_at_all(&mut entries, opened.as_fd());
    // The shares are in order already, and a stable sort only merges what it finds in order.
    entries.sort_by(FileEntry::by_name);
    Ok(entries)
}

/// The entries by name only. Names are made here, on one thread, because memory that several threads hand out comes back
/// to none of them.
fn names(folder: BorrowedFd<'_>) -> rustix::io::Result<Vec<FileEntry>> {
    let mut entries = Vec::new();
    for found in Dir::read_from(folder)? {
        let found = found?;
        let name = found.file_name().to_bytes();
        if name != b"." && name != b".." {
            let name = OsString::from(OsStr::from_bytes(name));
            entries.push(FileEntry { name, kind: kind(found.file_type()), size: None, modified: None, problem: None });
        }
    }
    entries.shrink_to_fit();
    Ok(entries)
}

fn look_at_all(entries: &mut Vec<FileEntry>, folder: BorrowedFd<'_>) {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let share = if entries.len() < WORTH_THREADS { entries.len() } else { entries.len().div_ceil(threads) };
    let vanished = thread::scope(|scope| {
        let mut shares = entries.chunks_mut(share.max(1));
        let mine = shares.next();
        let others: Vec<_> = shares.map(|share| scope.spawn(move || look_at(share, folder))).collect();
        let mine = mine.map_or(0, |share| look_at(share, folder));
        mine + others.into_iter().map(|thread| thread.join().unwrap_or(0)).sum::<usize>()
    });
    if vanished > 0 {
        entries.retain(|entry| !entry.name.is_empty());
    }
}

/// Fills in the facts and sorts; answers how many have vanished, whose names are emptied.
fn look_at(entries: &mut [FileEntry], folder: BorrowedFd<'_>) -> usize {
    let mut vanished = 0;
    for entry in entries.iter_mut() {
        match facts(&entry.name, folder) {
            Ok((kind, facts)) => fill(entry, kind, &facts, folder),
            Err(rustix::io::Errno::NOENT) => {
                entry.name.clear();
                vanished += 1;
            }
            Err(error) => entry.problem = Some(reason(error)),
        }
    }
    entries.sort_by(FileEntry::by_name);
    vanished
}

/// What it is and the facts to show: a link's are its target's, unless there is none.
fn facts(name: &OsStr, folder: BorrowedFd<'_>) -> rustix::io::Result<(FileKind, Stat)> {
    let own = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let kind = kind(FileType::from_raw_mode(own.st_mode));
    if !matches!(kind, FileKind::Symlink(_)) {
        return Ok((kind, own));
    }
    Ok(match statat(folder, name, AtFlags::empty()) {
        Ok(target) => (FileKind::Symlink(link_target(FileType::from_raw_mode(target.st_mode))), target),
        Err(_broken) => (kind, own),
    })
}

fn kind(of: FileType) -> FileKind {
    match of {
        FileType::Directory => FileKind::Folder,
        FileType::RegularFile => FileKind::File,
        FileType::Symlink => FileKind::Symlink(LinkTarget::Missing),
        _ => FileKind::Other,
    }
}

fn link_target(of: FileType) -> LinkTarget {
    match of {
        FileType::Directory => LinkTarget::Folder,
        FileType::RegularFile => LinkTarget::File,
        _ => LinkTarget::Other,
    }
}

fn fill(entry: &mut FileEntry, kind: FileKind, facts: &Stat, folder: BorrowedFd<'_>) {
    entry.kind = kind;
    entry.size = if entry.is_folder() { None } else { u64::try_from(facts.st_size).ok() };
    entry.modified = modified(facts);
    entry.problem = problem(entry, facts, folder).map(reason);
}

fn modified(facts: &Stat) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(facts.st_mtime, u32::try_from(facts.st_mtime_nsec).unwrap_or(0))
}

/// Why it cannot be opened. The operating system is only asked where its mode leaves a doubt: asking costs as much as
/// the facts themselves.
fn problem(entry: &FileEntry, facts: &Stat, folder: BorrowedFd<'_>) -> Option<rustix::io::Errno> {
    let (enough, wanted) = match entry.kind {
        FileKind::Folder | FileKind::Symlink(LinkTarget::Folder) => (ALL_ENTER, Access::READ_OK | Access::EXEC_OK),
        FileKind::File | FileKind::Symlink(LinkTarget::File) => (ALL_READ, Access::READ_OK),
        FileKind::Symlink(LinkTarget::Missing) => return statat(folder, &entry.name, AtFlags::empty()).err(),
        FileKind::Other | FileKind::Symlink(LinkTarget::Other) => return None,
    };
    if facts.st_mode & enough == enough {
        return None;
    }
    accessat(folder, &entry.name, wanted, AtFlags::empty()).err()
}

/// The operating system's words without its error number.
fn reason(error: rustix::io::Errno) -> Box<str> {
    match error {
        rustix::io::Errno::NOENT => "it leads to nothing".into(),
        rustix::io::Errno::LOOP => "it leads to itself".into(),
        error => io::Error::from(error).kind().to_string().into_boxed_str(),
    }
}
