//! What every operation works on: the index, the blob files and this session. Bytes go in through [`Store::receive`],
//! which hashes them as they pass, and out through [`Store::read`].

use std::fs::File;
use std::io::{self, Write};

use bytes::Bytes;
use futures::StreamExt;
use md5::{Digest, Md5};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3Result, s3_error};
use tokio::task::{JoinHandle, spawn_blocking};

use super::blobs::{Blobs, Reading, Slice};
use super::checksums::{Algorithm, Computed, Computing};
use super::fault;
use super::index::Index;
use super::index::objects::{Content, ObjectRow};
use super::remover::Remover;
use super::session::Session;

/// Bytes gathered before they are hashed and written together, off the threads that talk to the network.
const GATHER: usize = 512 * 1024;

/// Index, files and session.
#[derive(Debug, Clone)]
pub struct Store {
    /// The index.
    pub index: Index,
    /// The blob files.
    pub blobs: Blobs,
    /// This opening of the bucket.
    pub session: Session,
    remover: Remover,
}

/// A blob file that no index row refers to yet. Dropped, it is removed.
#[derive(Debug)]
pub struct NewBlob {
    id: i64,
    store: Option<Store>,
}

impl NewBlob {
    /// Its number.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The index is about to refer to it. Should the commit fail, the number is still among the loose ones.
    pub fn keep(mut self) {
        self.store = None;
    }
}

impl Drop for NewBlob {
    fn drop(&mut self) {
        if let Some(store) = self.store.take() {
            store.release(vec![self.id]);
        }
    }
}

/// Bytes that have arrived and are durable.
#[derive(Debug)]
pub struct Received {
    /// Their file.
    pub blob: NewBlob,
    /// How many.
    pub size: u64,
    /// Their MD5.
    pub md5: [u8; 16],
    /// The checksums asked for.
    pub checksums: Computed,
}

impl Received {
    /// The entity tag of an object or part that came in one piece.
    pub fn etag(&self) -> String {
        hex(&self.md5)
    }
}

impl Store {
    /// Over an index and files, for a session.
    pub fn new(index: Index, blobs: Blobs, session: Session) -> Self {
        let remover = Remover::start(index.clone(), blobs.clone());
        Self { index, blobs, session, remover }
    }

    /// Writes a body to a new blob file, durably, and computes its MD5 and checksums.
    pub async fn receive(
        &self,
        mut body: StreamingBlob,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> S3Result<Received> {
        let id = self.session.blob(&self.index).await?;
        let blob = NewBlob { id, store: Some(self.clone()) };
        let mut sink = Sinking::Idle(Box::new(Sink::new(self.blobs.clone(), blob, algorithms)));
        let (mut gathered, mut bytes) = (Vec::new(), 0);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| of_body(&*error))?;
            bytes += chunk.len();
            gathered.push(chunk);
            if bytes >= GATHER {
                sink = sink.write(std::mem::take(&mut gathered)).await?;
                bytes = 0;
            }
        }
        sink.finish(gathered).await
    }

    /// The bytes of an object from `from` to before `to`.
    ///
    /// # Errors
    /// `NotFound` where the object was replaced a moment ago: look it up again.
    pub async fn read(&self, object: &ObjectRow, from: u64, to: u64) -> S3Result<io::Result<(Bytes, Reading)>> {
        let slices = match object.content {
            Content::Blob(blob) => vec![Slice { blob, offset: from, length: to - from }],
            Content::Parts { upload, .. } => self.slices(upload, from, to).await?,
        };
        let slices: Vec<_> = slices.into_iter().filter(|slice| slice.length > 0).collect();
        if slices.iter().map(|slice| slice.length).sum::<u64>() != to - from {
            return Ok(Err(io::ErrorKind::NotFound.into()));
        }
        Ok(self.blobs.read(slices).await)
    }

    async fn slices(&self, upload: i64, from: u64, to: u64) -> S3Result<Vec<Slice>> {
        let pieces = self.index.pieces(upload, from, to).await?;
        Ok(pieces
            .into_iter()
            .map(|piece| {
                let start = u64::try_from(piece.start).unwrap_or(0);
                let end = start + u64::try_from(piece.size).unwrap_or(0);
                let (first, last) = (from.max(start), to.min(end));
                Slice { blob: piece.blob, offset: first - start, length: last.saturating_sub(first) }
            })
            .collect())
    }

    /// Removes files that nothing refers to any more, without anybody waiting for it.
    pub fn release(&self, blobs: Vec<i64>) {
        self.remover.remove(blobs);
    }
}

/// A body's trouble, as S3 names it. The library's stream errors are private to it; their texts are not.
fn of_body(error: &(dyn std::error::Error + 'static)) -> S3Error {
    let text = error.to_string();
    if text.contains("Sha256Mismatch") {
        let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
        fault::named("XAmzContentSHA256Mismatch", hyper::StatusCode::BAD_REQUEST, message)
    } else if text.contains("SignatureMismatch") {
        s3_error!(SignatureDoesNotMatch, "The signature of a chunk does not match.")
    } else {
        s3_error!(IncompleteBody, "The request body ended early or is malformed.")
    }
}

/// The file that a body goes to, with all that is computed of it. It owns the blob, so that a client that goes away while
/// another thread writes leaves no file: the blob is dropped when that thread is done.
struct Sink {
    blobs: Blobs,
    blob: NewBlob,
    file: Option<File>,
    size: u64,
    md5: Md5,
    checksums: Computing,
}

impl Sink {
    fn new(blobs: Blobs, blob: NewBlob, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        Self { blobs, blob, file: None, size: 0, md5: Md5::new(), checksums: Computing::new(algorithms) }
    }

    fn write(&mut self, chunks: &[Bytes]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.blobs.create(self.blob.id)?),
        };
        for chunk in chunks {
            self.md5.update(chunk);
            self.checksums.update(chunk);
            file.write_all(chunk)?;
            self.size += chunk.len() as u64;
        }
        Ok(())
    }

    fn finish(mut self, rest: &[Bytes]) -> io::Result<Received> {
        self.write(rest)?;
        if let Some(file) = &self.file {
            self.blobs.sync(self.blob.id, file)?;
        }
        let (md5, checksums) = (self.md5.finalize().into(), self.checksums.finish());
        Ok(Received { blob: self.blob, size: self.size, md5, checksums })
    }
}

/// A sink, at rest or at work on another thread while the next bytes are gathered.
enum Sinking {
    Idle(Box<Sink>),
    Busy(JoinHandle<io::Result<Box<Sink>>>),
}

impl Sinking {
    async fn rest(self) -> S3Result<Box<Sink>> {
        match self {
            Self::Idle(sink) => Ok(sink),
            Self::Busy(work) => work.await.map_err(|_stopped| fault::stopping())?.map_err(fault::of_file),
        }
    }

    async fn write(self, chunks: Vec<Bytes>) -> S3Result<Self> {
        let mut sink = self.rest().await?;
        Ok(Self::Busy(spawn_blocking(move || sink.write(&chunks).map(|()| sink))))
    }

    async fn finish(self, rest: Vec<Bytes>) -> S3Result<Received> {
        let sink = self.rest().await?;
        let end = spawn_blocking(move || sink.finish(&rest)).await;
        end.map_err(|_stopped| fault::stopping())?.map_err(fault::of_file)
    }
}

/// Hexadecimal, as entity tags are written.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A body that is known to be empty.
pub fn empty_body() -> StreamingBlob {
    StreamingBlob::from(s3s::Body::empty())
}
