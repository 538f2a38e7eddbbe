//! Room on disk for downloads, looked for before the first byte: what is free, less what other downloads of this process
//! still have to write. Where the file system gives a file its room at once, a promise is soon over.

mod ledger;

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ledger::{Answer, Ledger, Writing};

use super::part_file::PartFile;
use crate::domain::display::display_path;
use crate::domain::{Failure, FailureKind, Result, format};

/// Bytes that downloads leave free on the journal's disk: without them nothing could be committed, and nothing would end.
const RESERVE: u64 = 64 << 20;

/// Bytes of room taken from the disk at once: more would keep those waiting that write meanwhile.
pub const STEP: u64 = 32 << 20;

/// Takes the disk's room for a file that is more than one step, while its bytes arrive. True once all of it is taken, and
/// nothing more need be promised. Blocks.
///
/// # Errors
/// `DiskFull`, `Local`.
pub fn take_all_room(file: &PartFile, room: &Promise, stop: impl Fn() -> bool) -> Result<bool> {
    let mut offset = 0;
    while offset < room.size {
        if stop() || !room.take(file, offset, STEP.min(room.size - offset))? {
            return Ok(false);
        }
        offset += STEP;
    }
    room.is_over();
    Ok(true)
}

/// What downloads under way have been promised of each device.
#[derive(Debug, Clone, Default)]
pub struct Space {
    ledger: Arc<Ledger>,
    /// The device that the journal is on.
    journal: Option<u64>,
}

/// Room that is promised to one download until it is dropped.
#[derive(Debug)]
pub struct Promise {
    space: Space,
    device: u64,
    /// The whole file's, in bytes.
    size: u64,
    left: Mutex<Left>,
    /// The disk gives room only as it is written to.
    comes_by_writing: AtomicBool,
}

/// What is left of a promise, in bytes.
#[derive(Debug)]
struct Left {
    promised: u64,
    /// Being taken from the disk right now, which counts it by itself: promised as well it would count twice.
    taking: u64,
}

/// Room that is being taken from the disk; promised again where that fails.
#[derive(Debug)]
pub struct Taking<'a> {
    room: &'a Promise,
    bytes: u64,
}

impl Space {
    /// Where the journal lies in that folder.
    pub fn beside(journal: &Path) -> Self {
        let device = std::fs::metadata(journal).ok().map(|facts| facts.dev());
        Self { journal: device, ..Self::default() }
    }

    /// Room for so many more bytes of a file. Blocks.
    ///
    /// # Errors
    /// `DiskFull`, saying what is free and what is needed.
    fn promise(&self, file: &PartFile, bytes: u64) -> Result<Promise> {
        let (device, free) = (file.facts().device, free(file)?);
        let taken = self.take(device, bytes, free.saturating_sub(self.reserve(device)));
        taken.map_err(|promised| self.no_room(file, bytes, free, promised))
    }

    /// Room for so many bytes that are written in the same breath, until the answer is dropped. They are not promised: what
    /// is on the disk already would count twice, and files that fit would be refused. Where this one fits only if the disk
    /// counts others that are being written once, it waits for them. Blocks.
    ///
    /// # Errors
    /// `DiskFull`, saying what is free and what is needed.
    pub fn for_writing(&self, file: &PartFile, bytes: u64) -> Result<Writing<'_>> {
        let device = file.facts().device;
        loop {
            let written = self.ledger.written(device);
            let free = free(file)?;
            match self.ledger.write(device, bytes, free.saturating_sub(self.reserve(device)), written) {
                Answer::Room(writing) => return Ok(writing),
                Answer::LookAgain => {}
                Answer::Full { promised } => return Err(self.no_room(file, bytes, free, promised)),
            }
        }
    }

    fn no_room(&self, file: &PartFile, bytes: u64, free: u64, promised: u64) -> Failure {
        let reserve = self.reserve(file.facts().device);
        no_room(file, bytes, free, &[(promised, "other downloads"), (reserve, "the queue")])
    }

    /// The disk's room for what is missing of a file of `size` bytes, promised, or taken at once where it is one step. Blocks.
    ///
    /// # Errors
    /// `DiskFull`, `Local`.
    pub fn make(&self, file: &PartFile, size: u64, missing: u64) -> Result<Promise> {
        let mut room = self.promise(file, missing)?;
        room.size = size;
        if size <= STEP && room.take(file, 0, size)? {
            room.is_over();
        }
        Ok(room)
    }

    /// Promises bytes of those that are free; else what is promised to others already.
    fn take(&self, device: u64, bytes: u64, free: u64) -> Result<Promise, u64> {
        self.ledger.promise(device, bytes, free)?;
        let left = Mutex::new(Left { promised: bytes, taking: 0 });
        Ok(Promise { space: self.clone(), device, size: bytes, left, comes_by_writing: AtomicBool::new(false) })
    }

    fn reserve(&self, device: u64) -> u64 {
        if self.journal == Some(device) { RESERVE } else { 0 }
    }
}

impl Promise {
    /// Takes the disk's room for a span; false where the disk gives it only as it is written.
    fn take(&self, file: &PartFile, offset: u64, length: u64) -> Result<bool> {
        if length == 0 {
            return Ok(true);
        }
        let taking = self.taking(length);
        let taken = file.allocate(offset, length)?;
        if taken {
            taking.given(file);
        } else {
            self.comes_by_writing.store(true, Ordering::Relaxed);
        }
        Ok(taken)
    }

    /// So many bytes of a file that is given its room as it is written are about to be.
    pub fn writing(&self, bytes: u64) -> Taking<'_> {
        self.taking(if self.comes_by_writing.load(Ordering::Relaxed) { bytes } else { 0 })
    }

    /// So many bytes are about to be asked of the disk: from here on the disk knows of them by itself.
    fn taking(&self, bytes: u64) -> Taking<'_> {
        let mut taken = 0;
        self.change(|left| {
            taken = bytes.min(left.promised);
            left.promised -= taken;
            left.taking += taken;
        });
        Taking { room: self, bytes: taken }
    }

    /// The file has all of its room.
    pub fn is_over(&self) {
        self.change(|left| left.promised = 0);
    }

    fn change(&self, change: impl FnOnce(&mut Left)) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let before = left.promised;
        change(&mut left);
        self.space.ledger.change(self.device, before, left.promised);
    }
}

impl Taking<'_> {
    /// The disk has given it, and says how much the file has now: parts of it may have been written before. Blocks.
    fn given(self, file: &PartFile) {
        self.done(file, |_promised, missing| missing);
    }

    /// It is written. The disk may say only later what the file has now. Blocks.
    pub fn written(self, file: &PartFile) {
        self.done(file, u64::min);
    }

    fn done(mut self, file: &PartFile, promised: impl FnOnce(u64, u64) -> u64) {
        let (taken, size) = (std::mem::take(&mut self.bytes), self.room.size);
        let on_disk = file.on_disk();
        self.room.change(|left| {
            left.taking = left.taking.saturating_sub(taken);
            // Where the disk does not tell, it stays as it is.
            if let Ok(on_disk) = on_disk {
                let missing = size.saturating_sub(on_disk).saturating_sub(left.taking);
                left.promised = promised(left.promised, missing);
            }
        });
    }
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        let bytes = self.bytes;
        self.room.change(|left| {
            left.taking = left.taking.saturating_sub(bytes);
            left.promised += bytes;
        });
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.is_over();
    }
}

/// Bytes that the file's disk has free for everybody.
fn free(file: &PartFile) -> Result<u64> {
    let disk = rustix::fs::fstatvfs(file.file());
    let disk = disk.map_err(|error| Failure::io_here("look at the disk of", file.path(), &error.into()))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn no_room(file: &PartFile, bytes: u64, free: u64, kept: &[(u64, &str)]) -> Failure {
    let folder = display_path(file.path().parent().unwrap_or(file.path()));
    let name = file.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let kept = kept.iter().filter(|(bytes, _)| *bytes > 0);
    let kept: String = kept.map(|(bytes, what)| format!(", {} of them for {what}", format::size(*bytes))).collect();
    let (name, needed, free) = (crate::domain::display::display(&name), format::size(bytes), format::size(free));
    let what = format!("no room for {name} in {folder}: it needs {needed}, {free} are free{kept}");
    Failure::new(FailureKind::DiskFull, what).hint("free some space, then retry")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_promised_is_free_for_nobody_else() {
        let space = Space::default();
        let first = space.take(1, 60, 100).unwrap();
        assert_eq!(space.take(1, 50, 100).unwrap_err(), 60);
        assert!(space.take(2, 50, 100).is_ok(), "another disk");
        let half = first.taking(30);
        // 30 of the 100 are being written, and 30 still promised.
        assert_eq!(space.take(1, 41, 70).unwrap_err(), 30);
        assert!(space.take(1, 40, 70).is_ok());
        drop(half);
        assert_eq!(space.take(1, 41, 100).unwrap_err(), 60, "it failed: all is promised again");
        drop(first);
        assert!(space.take(1, 70, 70).is_ok());
    }

    #[test]
    fn the_journals_disk_keeps_a_reserve() {
        let folder = tempfile::tempdir().unwrap();
        let file = PartFile::make(&folder.path().join("f.windlass-part")).unwrap();
        let space = Space::beside(folder.path());
        let failure = space.promise(&file, 1 << 60).unwrap_err();
        assert!(failure.what.ends_with(" free, 64.0 MiB of them for the queue"), "{failure}");
        assert_eq!((space.reserve(file.facts().device), space.reserve(0)), (RESERVE, 0));
        assert!(space.promise(&file, 0).is_ok());
    }

    #[test]
    fn a_large_file_gets_its_room_in_steps_until_it_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let file = PartFile::make(&folder.path().join("f")).unwrap();
        let space = Space::default();
        let room = space.make(&file, 2 * STEP + 5, 2 * STEP + 5).unwrap();
        assert_eq!(take_all_room(&file, &room, || true), Ok(false));
        assert_eq!(file.on_disk(), Ok(0));
        if take_all_room(&file, &room, || false).unwrap() {
            assert!(file.on_disk().unwrap() >= 2 * STEP + 5);
            assert_eq!(file.file().metadata().unwrap().len(), 2 * STEP + 5);
        }
    }

    fn promised(space: &Space) -> u64 {
        space.ledger.promised()
    }

    #[test]
    fn room_that_is_taken_in_steps_is_promised_no_longer_step_by_step() {
        let folder = tempfile::tempdir().unwrap();
        let file = PartFile::make(&folder.path().join("f")).unwrap();
        let space = Space::default();
        let room = space.make(&file, 3 * STEP, 3 * STEP).unwrap();
        let seen = Mutex::new(Vec::new());
        let look = || {
            seen.lock().unwrap().push(promised(&space));
            false
        };
        if take_all_room(&file, &room, look).unwrap() {
            // The disk may give a little more than was asked for.
            let seen = seen.lock().unwrap();
            assert!(seen[0] == 3 * STEP && seen[1] <= 2 * STEP && seen[2] <= STEP, "{seen:?}");
            assert_eq!((seen.len(), promised(&space)), (3, 0));
        }
    }

    #[test]
    fn what_is_written_is_promised_no_longer_and_what_was_there_before_never_was() {
        let folder = tempfile::tempdir().unwrap();
        let file = PartFile::make(&folder.path().join("f")).unwrap();
        let (space, size) = (Space::default(), 2 * STEP);
        let bytes = bytes::Bytes::from(vec![7; 1 << 20]);
        file.write(0, std::slice::from_ref(&bytes)).unwrap();
        let before = file.on_disk().unwrap();
        let room = space.make(&file, size, size - before).unwrap();
        let writing = room.writing(1 << 20);
        file.write(1 << 20, &[bytes]).unwrap();
        writing.written(&file);
        assert!(file.on_disk().unwrap() > before);
        assert!(promised(&space) < size - before, "{} of {size}", promised(&space));
    }

    #[test]
    fn what_is_about_to_be_written_counts_once_where_the_disk_gives_room_by_writing() {
        let folder = tempfile::tempdir().unwrap();
        let file = PartFile::make(&folder.path().join("f")).unwrap();
        let (space, size, piece) = (Space::default(), 2 * STEP, 1 << 20);
        let room = space.make(&file, size, size).unwrap();
        assert_eq!(room.writing(piece).bytes, 0, "the disk gives it beforehand");
        room.comes_by_writing.store(true, Ordering::Relaxed);
        let (one, other) = (room.writing(piece), room.writing(piece));
        assert_eq!(promised(&space), size - 2 * piece);
        drop(other);
        assert_eq!(promised(&space), size - piece, "it was not written");
        // A disk that says only later what it has given: nothing is on it yet.
        one.written(&file);
        assert_eq!(promised(&space), size - piece);
    }

    #[test]
    fn a_small_file_leaves_what_is_promised_and_promises_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = PartFile::make(&folder.path().join("f.windlass-part")).unwrap();
        let space = Space::default();
        let writing = space.for_writing(&file, 1).unwrap();
        assert_eq!(promised(&space), 0);
        drop(writing);
        let _room = space.take(file.facts().device, 1 << 60, u64::MAX).unwrap();
        let failure = space.for_writing(&file, 1).unwrap_err();
        assert!(failure.what.ends_with("of them for other downloads"), "{failure}");
    }

    #[test]
    fn a_download_that_does_not_fit_is_told_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let file = PartFile::make(&folder.path().join("film.mp4.windlass-part")).unwrap();
        let failure = Space::default().promise(&file, 1 << 60).unwrap_err();
        assert_eq!(failure.kind, FailureKind::DiskFull);
        assert!(failure.what.starts_with("no room for film.mp4 in "), "{failure}");
        assert!(failure.what.contains("it needs 1024 PiB") && failure.what.ends_with("are free"), "{failure}");
    }
}
