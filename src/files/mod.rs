//! Local folders as the Local pane shows them. Everything here blocks: call it on a thread that may.

use std::fs::{self, DirEntry, FileType, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;

use chrono::{DateTime, Utc};
use rustix::fs::Access;

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
    let failure = |error: io::Error| Failure::io("list", folder, &error);
    let found: Vec<DirEntry> = fs::read_dir(folder).map_err(failure)?.collect::<io::Result<_>>().map_err(failure)?;
    let mut entries = if found.len() < WORTH_THREADS { entries(&found) } else { entries_by_threads(&found) };
    entries.sort_unstable_by(FileEntry::by_name);
    Ok(entries)
}

fn entries(found: &[DirEntry]) -> Vec<FileEntry> {
    found.iter().filter_map(entry).collect()
}

fn entries_by_threads(found: &[DirEntry]) -> Vec<FileEntry> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let mut all = Vec::with_capacity(found.len());
    thread::scope(|scope| {
        let chunks = found.chunks(found.len().div_ceil(threads));
        let running: Vec<_> = chunks.map(|chunk| (chunk, scope.spawn(move || entries(chunk)))).collect();
        for (chunk, thread) in running {
            // A thread that died leaves its share to this one.
            all.append(&mut thread.join().unwrap_or_else(|_panic| entries(chunk)));
        }
    });
    all
}

/// `None` where it has vanished.
fn entry(found: &DirEntry) -> Option<FileEntry> {
    let (kind, facts) = match facts(found) {
        Ok(known) => known,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return Some(without_facts(found, &error)),
    };
    let is_folder = matches!(kind, FileKind::Folder | FileKind::Symlink(LinkTarget::Folder));
    Some(FileEntry {
        name: found.file_name(),
        kind,
        size: (!is_folder).then(|| facts.len()),
        modified: modified(&facts),
        problem: problem(found, kind, &facts),
    })
}

/// What it is and the facts to show: a link's are its target's, unless there is none.
fn facts(found: &DirEntry) -> io::Result<(FileKind, Metadata)> {
    let own = found.metadata()?;
    if !own.is_symlink() {
        return Ok((kind(own.file_type()), own));
    }
    Ok(match fs::metadata(found.path()) {
        Ok(target) => (FileKind::Symlink(link_target(target.file_type())), target),
        Err(_broken) => (FileKind::Symlink(LinkTarget::Missing), own),
    })
}

fn kind(of: FileType) -> FileKind {
    match of {
        of if of.is_dir() => FileKind::Folder,
        of if of.is_file() => FileKind::File,
        _ => FileKind::Other,
    }
}

fn link_target(of: FileType) -> LinkTarget {
    match of {
        of if of.is_dir() => LinkTarget::Folder,
        of if of.is_file() => LinkTarget::File,
        _ => LinkTarget::Other,
    }
}

fn without_facts(found: &DirEntry, error: &io::Error) -> FileEntry {
    let kind = found.file_type().map_or(FileKind::Other, kind);
    FileEntry { name: found.file_name(), kind, size: None, modified: None, problem: Some(reason(error)) }
}

fn modified(facts: &Metadata) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(facts.mtime(), u32::try_from(facts.mtime_nsec()).unwrap_or(0))
}

/// Why it cannot be opened. The operating system is only asked where its mode leaves a doubt: asking costs as much as
/// the facts themselves.
fn problem(found: &DirEntry, kind: FileKind, facts: &Metadata) -> Option<Box<str>> {
    let (enough, wanted) = match kind {
        FileKind::Folder | FileKind::Symlink(LinkTarget::Folder) => (ALL_ENTER, Access::READ_OK | Access::EXEC_OK),
        FileKind::File | FileKind::Symlink(LinkTarget::File) => (ALL_READ, Access::READ_OK),
        FileKind::Symlink(LinkTarget::Missing) => return fs::metadata(found.path()).err().map(|error| reason(&error)),
        FileKind::Other | FileKind::Symlink(LinkTarget::Other) => return None,
    };
    if facts.mode() & enough == enough {
        return None;
    }
    rustix::fs::access(found.path(), wanted).err().map(|error| reason(&error.into()))
}

fn reason(error: &io::Error) -> Box<str> {
    match error.kind() {
        io::ErrorKind::NotFound => "it leads to nothing".into(),
        kind => kind.to_string().into_boxed_str(),
    }
}
