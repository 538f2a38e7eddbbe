//! Memory for bytes on their way up: so much and no more, all transfers together, in buffers that are used again. What is
//! handed on as `Bytes` gives room and buffer back by itself when its last reader is gone.

use std::sync::{Arc, Mutex, PoisonError};

use super::plan;
use super::shares::{Bounds, Held, Shares, Weight, Whose};
use crate::domain::{Failure, FailureKind, Result};
use bytes::Bytes;

/// Room is counted in KiB, so that small files take little of it.
const KIB: u64 = 1024;

/// From this size on, in bytes, a buffer is worth keeping: fresh memory costs more than the bytes that go through it.
const WORTH_KEEPING: usize = 1 << 20;

/// The memory.
#[derive(Debug)]
pub struct Buffers {
    room: Arc<Shares>,
    shelf: Arc<Shelf>,
}

impl Default for Buffers {
    fn default() -> Self {
        Self::new(plan::PART_MEMORY)
    }
}

impl Buffers {
    /// So many bytes, in whole KiB; a quarter of it for every profile in any case, and once more for those of its
    /// transfers that begin while others have all of it; a sixteenth for its small ones.
    pub fn new(bytes: u64) -> Self {
        let most = bytes / KIB;
        let bounds = Bounds { most, least: most / 4, beyond: most / 4, few: most / 16 };
        Self { room: Shares::new(bounds), shelf: Arc::default() }
    }

    /// Waits for room for so many bytes of a profile; what is free goes to that transfer of it which has the least. What
    /// is larger than all there is goes alone.
    ///
    /// To be had before a lane's slot, never after, so that nobody waits for room that waits for his slot.
    ///
    /// # Errors
    /// `Cancelled` while the queue closes.
    pub async fn room(&self, whose: Whose, weight: Weight, bytes: u64) -> Result<Room> {
        let closing = || Failure::new(FailureKind::Cancelled, "the queue is closing");
        let held = self.room.take(whose, weight, bytes.div_ceil(KIB)).await.ok_or_else(closing)?;
        Ok(Room { _held: held, bytes, shelf: self.shelf.clone() })
    }

    /// Buffers wait to be used again as long as somebody holds this, also while none is in use for a moment: memory that
    /// is given back comes back elsewhere, and the allocator keeps both.
    pub fn keep(&self) -> Keeping {
        self.shelf.state().keepers += 1;
        Keeping { shelf: self.shelf.clone() }
    }
}

/// Somebody goes on with a large file.
#[derive(Debug)]
pub struct Keeping {
    shelf: Arc<Shelf>,
}

impl Drop for Keeping {
    fn drop(&mut self) {
        let mut state = self.shelf.state();
        state.keepers = state.keepers.saturating_sub(1);
        // A program that is idle keeps no buffers.
        if state.keepers == 0 {
            std::mem::take(&mut state.free);
        }
    }
}

/// Where buffers wait to be used again.
#[derive(Debug, Default)]
struct Shelf(Mutex<OnShelf>);

#[derive(Debug, Default)]
struct OnShelf {
    free: Vec<Vec<u8>>,
    keepers: usize,
}

impl Shelf {
    fn state(&self) -> std::sync::MutexGuard<'_, OnShelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A buffer of exactly this length. One of another length makes place, because it stands for room that is taken now.
    fn take(&self, length: usize) -> Vec<u8> {
        let mut state = self.state();
        let fits = state.free.iter().position(|buffer| buffer.len() == length);
        let buffer = fits.map(|place| state.free.swap_remove(place));
        if buffer.is_none() {
            state.free.pop();
        }
        drop(state);
        buffer.unwrap_or_else(|| vec![0; length])
    }

    fn give_back(&self, buffer: Vec<u8>) {
        let mut state = self.state();
        if state.keepers > 0 {
            state.free.push(buffer);
        }
    }
}

/// The right to hold so many bytes, not yet used.
#[derive(Debug)]
pub struct Room {
    _held: Held,
    bytes: u64,
    shelf: Arc<Shelf>,
}

impl Room {
    /// Whether it was asked for with at least so many bytes in mind.
    pub fn holds(&self, bytes: u64) -> bool {
        bytes <= self.bytes
    }

    /// Memory for `length` bytes, whatever is in it; a buffer that is kept is rounded up to whole MiB.
    pub fn buffer(self, length: usize) -> Buffer {
        let memory = match length < WORTH_KEEPING {
            true => vec![0; length],
            false => self.shelf.take(length.next_multiple_of(WORTH_KEEPING)),
        };
        Buffer { memory, length, room: Some(self) }
    }
}

/// Memory to fill.
#[derive(Debug)]
pub struct Buffer {
    memory: Vec<u8>,
    length: usize,
    room: Option<Room>,
}

impl Buffer {
    /// The bytes to fill.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.memory.get_mut(..self.length).unwrap_or_default()
    }

    /// Leaves out what lies behind `length`.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// To be read from now on.
    pub fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.memory.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let Some(room) = self.room.take() else { return };
        let memory = std::mem::take(&mut self.memory);
        // On the shelf before its room is free, or whoever gets the room would not find it.
        if memory.len() >= WORTH_KEEPING {
            room.shelf.give_back(memory);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const MIB: usize = 1 << 20;

    #[tokio::test]
    async fn a_buffer_is_used_again_when_its_last_reader_is_gone() {
        let buffers = Buffers::new(3 << 20);
        let _keeping = buffers.keep();
        let mut first = buffers.room(None, Weight::Small, 2 << 20).await.unwrap().buffer(2 * MIB);
        first.bytes_mut()[0] = 7;
        let bytes = first.freeze();
        let reader = bytes.slice(..1);
        drop(bytes);
        assert!(buffers.room(None, Weight::Small, 2 << 20).now_or_never().is_none(), "it is still read");
        assert_eq!(reader[0], 7);
        drop(reader);
        let second = buffers.room(None, Weight::Small, 2 << 20).await.unwrap().buffer(2 * MIB - 5);
        assert_eq!((second.as_ref()[0], second.as_ref().len()), (7, 2 * MIB - 5), "the same memory, not cleared");
    }

    #[tokio::test]
    async fn what_is_larger_than_all_there_is_goes_alone() {
        let buffers = Buffers::new(1 << 20);
        let small = buffers.room(None, Weight::Small, 1).await.unwrap();
        assert!(buffers.room(None, Weight::Small, 5 << 20).now_or_never().is_none());
        drop(small);
        let large = buffers.room(None, Weight::Small, 5 << 20).await.unwrap().buffer(5 * MIB);
        assert!(buffers.room(None, Weight::Small, 1).now_or_never().is_none());
        drop(large);
        assert!(buffers.room(None, Weight::Small, 1).now_or_never().is_some());
    }

    #[tokio::test]
    async fn nothing_is_kept_when_nobody_goes_on() {
        let buffers = Buffers::new(8 << 20);
        let keeping = (buffers.keep(), buffers.keep());
        drop(buffers.room(None, Weight::Small, 2 << 20).await.unwrap().buffer(2 * MIB));
        drop(keeping.0);
        assert_eq!(buffers.shelf.state().free.len(), 1, "another still goes on");
        drop(keeping.1);
        assert!(buffers.shelf.state().free.is_empty());
        drop(buffers.room(None, Weight::Small, 2 << 20).await.unwrap().buffer(2 * MIB));
        assert!(buffers.shelf.state().free.is_empty());
    }

    #[tokio::test]
    async fn buffers_of_another_length_make_place() {
        let buffers = Buffers::new(8 << 20);
        let _keeping = buffers.keep();
        drop(buffers.room(None, Weight::Small, 3 << 20).await.unwrap().buffer(3 * MIB));
        assert_eq!(buffers.shelf.state().free.len(), 1);
        let _other = buffers.room(None, Weight::Small, 2 << 20).await.unwrap().buffer(2 * MIB);
        assert_eq!(buffers.shelf.state().free.len(), 0);
    }
}
