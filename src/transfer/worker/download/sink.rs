//! Where the bytes of one range go: gathered as they come from the socket, written in place beside the event loop while
//! the next ones are read, and checksummed once. None of them is copied on the way.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::timeout;

use crate::domain::{Checksum, Result};
use crate::storage::proof::Crc;
use crate::transfer::desk::{Answer, Desk, PATIENCE};
use crate::transfer::worker::part_file::PartFile;
use crate::transfer::worker::space::Promise;

/// Bytes gathered before they are written. As many again may be on their way to the disk.
const GATHER: usize = 512 << 10;

/// Bytes of one range on their way into the file.
pub struct Sink {
    desk: Desk,
    file: PartFile,
    /// What the disk has promised it.
    room: Arc<Promise>,
    /// Where the next gathered bytes go.
    offset: u64,
    gathered: Vec<Bytes>,
    waiting: usize,
    state: State,
}

/// What is in the file and not yet accounted for.
#[derive(Default)]
struct Written {
    bytes: u64,
    crc: Crc,
}

type Ended = (Box<Written>, Result<()>);

enum State {
    Idle(Box<Written>),
    Busy(Answer<Ended>),
    Ended(Result<Ended>),
}

impl Sink {
    /// Into a file from an offset on.
    pub fn new(desk: Desk, file: PartFile, room: Arc<Promise>, offset: u64) -> Self {
        Self { desk, file, room, offset, gathered: Vec::new(), waiting: 0, state: State::Idle(Box::default()) }
    }

    /// Takes bytes; they are written once enough have gathered. False where the disk is not through with those before
    /// them: whoever brings them had better come back later.
    ///
    /// # Errors
    /// As for [`flush`](Self::flush).
    pub async fn take(&mut self, bytes: Bytes) -> Result<bool> {
        self.waiting += bytes.len();
        self.gathered.push(bytes);
        if self.waiting < GATHER {
            return Ok(true);
        }
        let is_through = self.is_soon_through().await;
        if is_through {
            self.begin_write().await?;
        }
        Ok(is_through)
    }

    /// The same as [`flush`](Self::flush), unless the disk is not through with it soon: then false.
    ///
    /// # Errors
    /// As for [`flush`](Self::flush).
    pub async fn write_soon(&mut self) -> Result<bool> {
        if !self.is_soon_through().await {
            return Ok(false);
        }
        self.begin_write().await?;
        if !self.is_soon_through().await {
            return Ok(false);
        }
        let written = self.rest().await?;
        self.state = State::Idle(written);
        Ok(true)
    }

    /// Waits for a write that is under way, but not long.
    async fn is_soon_through(&mut self) -> bool {
        let State::Busy(writing) = &mut self.state else { return true };
        let Ok(ended) = timeout(PATIENCE, writing).await else { return false };
        self.state = State::Ended(ended);
        true
    }

    /// Writes what has gathered, once what was begun before is through.
    async fn begin_write(&mut self) -> Result<()> {
        let mut written = self.rest().await?;
        let (file, room, offset) = (self.file.clone(), self.room.clone(), self.offset);
        let pieces = std::mem::take(&mut self.gathered);
        let bytes = std::mem::take(&mut self.waiting) as u64;
        self.offset += bytes;
        self.state = State::Busy(self.desk.run(move || {
            let writing = room.writing(bytes);
            let result = file.write(offset, &pieces);
            if result.is_ok() {
                writing.written(&file);
                for piece in &pieces {
                    written.crc.update(piece);
                    written.bytes += piece.len() as u64;
                }
            }
            Ok((written, result))
        }));
        Ok(())
    }

    /// Waits for a write that is under way. After one that failed, what was written before it still counts.
    async fn rest(&mut self) -> Result<Box<Written>> {
        let ended = match std::mem::replace(&mut self.state, State::Idle(Box::default())) {
            State::Idle(written) => return Ok(written),
            State::Busy(writing) => writing.await,
            State::Ended(ended) => ended,
        };
        let (written, result) = ended?;
        match result {
            Ok(()) => Ok(written),
            Err(failure) => {
                self.state = State::Idle(written);
                self.gathered.clear();
                self.waiting = 0;
                Err(failure)
            }
        }
    }

    /// Writes everything.
    ///
    /// # Errors
    /// `DiskFull`, `Local`: of this or of an earlier write.
    pub async fn flush(&mut self) -> Result<()> {
        if self.waiting > 0 {
            self.begin_write().await?;
        }
        let written = self.rest().await?;
        self.state = State::Idle(written);
        Ok(())
    }

    /// How many bytes are in the file since this was last asked, and their CRC-64/NVME; to be asked once all is written.
    pub fn arrived(&mut self) -> (u64, Checksum) {
        match std::mem::replace(&mut self.state, State::Idle(Box::default())) {
            State::Idle(written) => (written.bytes, written.crc.checksum()),
            other => {
                self.state = other;
                (0, Crc::default().checksum())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::proof::crc64nvme;
    use crate::transfer::worker::space::{STEP, Space};

    #[tokio::test]
    async fn bytes_are_written_where_they_belong_and_accounted_for_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = PartFile::make(&folder.path().join("f")).unwrap();
        let room = Arc::new(Space::default().make(&file, 2 * STEP, 2 * STEP).unwrap());
        let mut sink = Sink::new(Desk::for_large(), file.clone(), room, 3);
        let bytes = Bytes::from(vec![7; GATHER / 2 + 1]);
        for _ in 0..5 {
            sink.take(bytes.clone()).await.unwrap();
        }
        sink.flush().await.unwrap();
        let all = vec![7; 5 * bytes.len()];
        assert_eq!(sink.arrived(), (all.len() as u64, crc64nvme(&all)));
        sink.take(Bytes::from_static(b"end")).await.unwrap();
        sink.flush().await.unwrap();
        assert_eq!(sink.arrived(), (3, crc64nvme(b"end")));
        assert!(sink.take(Bytes::from_static(b"more")).await.unwrap() && sink.write_soon().await.unwrap());
        assert_eq!(sink.arrived(), (4, crc64nvme(b"more")));
        let found = std::fs::read(file.path()).unwrap();
        assert_eq!(found.len(), 3 + all.len() + 7);
        assert!(found[3..].starts_with(&all) && found.ends_with(b"endmore"));
    }
}
