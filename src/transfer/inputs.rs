//! Inputs that can be read only once, standard input for one. What was read stays in memory until the bucket has it, so that
//! a bucket that is away for a while costs nothing; with the process it is gone.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

use super::buffers::{Buffer, Buffers};
use super::enqueue::fresh;
use super::shares::Weight;
use super::{NewTransfer, Queue, Scope};
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferId, TransferKind, TransferState};
use crate::storage::Payload;
use crate::storage::proof::Crc;

/// Where the bytes come from.
pub type Input = Box<dyn AsyncRead + Send + Unpin>;

impl Queue {
    /// Queues an upload of everything that `reader` has until it ends; `new` names no path. It is in the journal when this
    /// returns, its bytes are not: should the process die, the upload fails at the next start, and what it left in the
    /// bucket is removed.
    ///
    /// # Errors
    /// As for [`enqueue`](Self::enqueue), and `Usage` where this process runs no transfers or `new` is no upload.
    pub async fn enqueue_stream(
        &self,
        new: NewTransfer,
        reader: Box<dyn AsyncRead + Send + Unpin>,
    ) -> Result<TransferId> {
        if self.core.scope == Scope::Nothing || new.kind != TransferKind::Upload {
            let what = "an input that is read only once cannot be put off";
            return Err(Failure::new(FailureKind::Usage, what).hint("upload it now, or write it to a file first"));
        }
        let transfer = Arc::new(fresh(NewTransfer { path: None, ..new }, &mut self.core.types()));
        let id = transfer.id;
        // Before anybody can come upon the transfer.
        self.core.inputs.put(id, reader);
        match self.enqueue_these(&[transfer]).await {
            Ok(()) => Ok(id),
            Err(failure) => {
                self.core.inputs.forget(id);
                Err(failure)
            }
        }
    }
}

/// Whether nothing more comes of a transfer once the process is gone that reads its input: not all of it was stored.
pub fn needs_its_reader(transfer: &Transfer) -> bool {
    let unsent = matches!(transfer.state, TransferState::Queued | TransferState::Sending | TransferState::Paused);
    transfer.kind == TransferKind::Upload && transfer.path.is_none() && unsent
}

/// The inputs of this process's transfers.
#[derive(Default)]
pub struct Inputs(Mutex<HashMap<TransferId, Arc<Stream>>>);

impl Inputs {
    fn all(&self) -> MutexGuard<'_, HashMap<TransferId, Arc<Stream>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, id: TransferId, input: Input) {
        self.all().insert(id, Arc::new(Stream::new(input)));
    }

    /// A transfer's input, as long as it can be gone on with.
    pub fn get(&self, id: TransferId) -> Option<Arc<Stream>> {
        self.all().get(&id).cloned()
    }

    /// The transfers that have one.
    pub fn transfers(&self) -> Vec<TransferId> {
        self.all().keys().copied().collect()
    }

    /// Whether all of it may have arrived without anybody knowing.
    pub fn may_have_arrived(&self, id: TransferId) -> bool {
        self.get(id).is_some_and(|stream| stream.reading.try_lock().is_ok_and(|reading| reading.asked))
    }

    /// The request that was under way was stopped before its last byte.
    pub fn not_asked(&self, id: TransferId) {
        if let Some(stream) = self.get(id)
            && let Ok(mut reading) = stream.reading.try_lock()
        {
            reading.asked = false;
        }
    }

    /// The transfer is through, or nothing more can come of it.
    pub fn forget(&self, id: TransferId) {
        self.all().remove(&id);
    }
}

/// One input.
pub struct Stream {
    /// Whoever works on the transfer holds it.
    pub reading: tokio::sync::Mutex<Reading>,
    /// Parts that were read and that the bucket has not acknowledged, by number.
    unsent: Mutex<BTreeMap<u32, Payload>>,
}

impl Stream {
    fn new(input: Input) -> Self {
        let reading =
            Reading { input, buffers: Buffers::default(), filling: None, parts: 0, ended: false, asked: false };
        Self { reading: tokio::sync::Mutex::new(reading), unsent: Mutex::default() }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u32, Payload>> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first of the parts after `number` that are in memory.
    pub fn unsent_after(&self, number: u32) -> Option<(u32, Payload)> {
        let waiting = self.waiting();
        waiting.range(number.saturating_add(1)..).next().map(|(number, payload)| (*number, payload.clone()))
    }

    /// The bucket has this part.
    pub fn acknowledged(&self, number: u32) {
        self.waiting().remove(&number);
    }

    /// Reads the part after the last one that was read, `size` bytes of it or what is left; `None` at the end. Given up in
    /// the middle, it goes on where it was.
    ///
    /// # Errors
    /// The input's.
    pub async fn next(&self, reading: &mut Reading, size: u64) -> Result<Option<(u32, Payload)>> {
        let Some(payload) = reading.part(size).await? else { return Ok(None) };
        reading.parts += 1;
        self.waiting().insert(reading.parts, payload.clone());
        Ok(Some((reading.parts, payload)))
    }
}

/// How far an input has been read.
pub struct Reading {
    input: Input,
    /// Memory of its own: parts that wait for the bucket must not keep other uploads from theirs.
    buffers: Buffers,
    filling: Option<Filling>,
    /// Parts read so far.
    pub parts: u32,
    /// Nothing more comes.
    pub ended: bool,
    /// A request with all of it is under way, or was stopped in the middle, and the store cannot be asked what came of it.
    pub asked: bool,
}

struct Filling {
    buffer: Buffer,
    filled: usize,
    crc: Crc,
}

impl Reading {
    async fn part(&mut self, size: u64) -> Result<Option<Payload>> {
        if self.ended {
            return Ok(None);
        }
        let filling = match &mut self.filling {
            Some(filling) => filling,
            none => {
                let room = self.buffers.room(None, Weight::Small, size).await?;
                let buffer = room.buffer(usize::try_from(size).unwrap_or(usize::MAX));
                none.insert(Filling { buffer, filled: 0, crc: Crc::default() })
            }
        };
        while let Some(space) = filling.buffer.bytes_mut().get_mut(filling.filled..).filter(|space| !space.is_empty()) {
            let read = self.input.read(space).await.map_err(|error| unreadable(&error))?;
            if read == 0 {
                self.ended = true;
                break;
            }
            filling.crc.update(space.get(..read).unwrap_or_default());
            filling.filled += read;
        }
        Ok(self.filling.take().and_then(Filling::payload))
    }
}

impl Filling {
    fn payload(mut self) -> Option<Payload> {
        self.buffer.truncate(self.filled);
        (self.filled > 0).then(|| Payload { bytes: self.buffer.freeze(), crc: self.crc.checksum() })
    }
}

fn unreadable(error: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Local, format!("the input broke off: {error}"))
        .hint("nothing of it was stored; run what makes it again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::proof::crc64nvme;

    #[tokio::test]
    async fn an_input_is_cut_into_parts_that_stay_until_they_are_acknowledged() {
        let stream = Stream::new(Box::new(&b"123456789"[..]));
        let mut reading = stream.reading.lock().await;
        let (first, payload) = stream.next(&mut reading, 5).await.unwrap().unwrap();
        assert_eq!((first, &payload.bytes[..], reading.ended), (1, &b"12345"[..], false));
        let (second, payload) = stream.next(&mut reading, 5).await.unwrap().unwrap();
        assert_eq!((second, &payload.bytes[..], reading.ended), (2, &b"6789"[..], true));
        assert_eq!(payload.crc, crc64nvme(b"6789"));
        assert!(stream.next(&mut reading, 5).await.unwrap().is_none());
        assert_eq!(stream.unsent_after(0).map(|(number, _)| number), Some(1));
        stream.acknowledged(1);
        assert_eq!(stream.unsent_after(0).map(|(number, _)| number), Some(2));
        assert!(stream.unsent_after(2).is_none());
    }

    #[tokio::test]
    async fn reading_that_was_given_up_goes_on_where_it_was() {
        let (mut writer, reader) = tokio::io::duplex(64);
        let stream = Stream::new(Box::new(reader));
        let mut reading = stream.reading.lock().await;
        tokio::io::AsyncWriteExt::write_all(&mut writer, b"123").await.unwrap();
        {
            let next = stream.next(&mut reading, 5);
            futures::pin_mut!(next);
            assert!(futures::poll!(next).is_pending());
        }
        tokio::io::AsyncWriteExt::write_all(&mut writer, b"456").await.unwrap();
        let (_, payload) = stream.next(&mut reading, 5).await.unwrap().unwrap();
        assert_eq!((&payload.bytes[..], payload.crc.clone()), (&b"12345"[..], crc64nvme(b"12345")));
    }
}
