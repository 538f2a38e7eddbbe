//! An object as a stream, in order and never more of it in memory than one read brings: for `download --to -`. A link that
//! breaks is taken up again where it stopped, as long as the object is still the same one.

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{Connection, recorded};
use crate::domain::display::display;
use crate::domain::{Checksum, Failure, FailureKind, ObjectInfo, Result, io_reason};
use crate::storage::{Sent, proof};

/// Tries in a row that bring nothing.
const MOST_TRIES: u32 = 5;

/// The longest wait before a further try, whatever the other side asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Writes an object to its end and flushes; answers what it is. The bytes are gone when the checksum is compared, so one
/// that differs can only be told.
///
/// # Errors
/// `Integrity` where the bucket or the catalog keeps a checksum and the bytes were others; `Changed` where the object was replaced
/// meanwhile; `Local` where the writer takes no more; the store's.
pub async fn to_writer(
    connection: &Connection,
    key: &str,
    writer: &mut (impl AsyncWrite + Unpin + Send),
    sent: &Sent,
) -> Result<ObjectInfo> {
    let mut streaming = Streaming { connection, key, sent, begun: None, offset: 0 };
    let mut vain = 0;
    loop {
        let before = streaming.offset;
        let failure = match streaming.go_on(writer).await {
            Ok(()) => break,
            Err(failure) => failure,
        };
        vain = if streaming.offset > before { 0 } else { vain + 1 };
        if !failure.is_transient() || vain == MOST_TRIES || !streaming.can_go_on() {
            return Err(failure);
        }
        tokio::time::sleep(wait(vain, failure.retry_after)).await;
    }
    writer.flush().await.map_err(|error| unwritten(streaming.key, &error))?;
    streaming.compared().await
}

fn wait(vain: u32, asked: Option<Duration>) -> Duration {
    asked.unwrap_or_else(|| Duration::from_millis(250 << vain.min(6))).min(LONGEST_WAIT)
}

struct Streaming<'a> {
    connection: &'a Connection,
    key: &'a str,
    sent: &'a Sent,
    begun: Option<Begun>,
    /// Bytes that the writer has taken.
    offset: u64,
}

/// What the first answer told.
struct Begun {
    info: ObjectInfo,
    expected: Option<Checksum>,
    digest: Digest,
}

/// Computed of what passes: what the bucket keeps, and what a record may say where it keeps nothing.
enum Digest {
    Crc(Box<proof::Crc>),
    Md5(proof::Md5Sum),
}

impl Digest {
    fn like(expected: Option<&Checksum>) -> Self {
        match expected.map(|expected| expected.algorithm.as_str()) {
            Some("md5") => Self::Md5(proof::Md5Sum::default()),
            _ => Self::Crc(Box::default()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(crc) => crc.update(bytes),
            Self::Md5(md5) => md5.update(bytes),
        }
    }

    fn checksum(&self) -> Checksum {
        match self {
            Self::Crc(crc) => crc.checksum(),
            Self::Md5(md5) => md5.checksum(),
        }
    }
}

impl Streaming<'_> {
    async fn go_on(&mut self, writer: &mut (impl AsyncWrite + Unpin + Send)) -> Result<()> {
        let body = self.ask().await?;
        self.copy(body, writer).await?;
        match &self.begun {
            Some(begun) if self.offset != begun.info.size => {
                let (key, size) = (display(self.key), begun.info.size);
                let what = format!("{} bytes of {key} arrived, it has {size}", self.offset);
                Err(Failure::new(FailureKind::Integrity, what).hint("read it again"))
            }
            _ => Ok(()),
        }
    }

    async fn ask(&mut self) -> Result<BoxStream<'static, Result<Bytes>>> {
        let tag = self.begun.as_ref().and_then(|begun| begun.info.etag.clone());
        let download = self.connection.store.get(self.key, self.offset, None, tag.as_deref()).await?;
        match &self.begun {
            Some(begun) if begun.info.etag != download.info.etag || begun.info.size != download.info.size => {
                let what = format!("{} was replaced in the bucket while it was read", display(self.key));
                return Err(Failure::new(FailureKind::Changed, what).hint("read it again"));
            }
            Some(_) => {}
            None => {
                let digest = Digest::like(download.checksum.as_ref());
                self.begun = Some(Begun { info: download.info, expected: download.checksum, digest });
            }
        }
        Ok(download.body)
    }

    async fn copy(
        &mut self,
        mut body: BoxStream<'static, Result<Bytes>>,
        writer: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<()> {
        while let Some(bytes) = body.next().await {
            let bytes = bytes?;
            let count = bytes.len() as u64;
            self.sent.pace().pass(count).await;
            self.sent.add(count);
            writer.write_all(&bytes).await.map_err(|error| unwritten(self.key, &error))?;
            self.offset += count;
            if let Some(begun) = &mut self.begun {
                begun.digest.update(&bytes);
            }
        }
        Ok(())
    }

    /// Without an entity tag nobody knows whether the rest would be of the same object.
    fn can_go_on(&self) -> bool {
        self.offset == 0 || self.begun.as_ref().is_some_and(|begun| begun.info.etag.is_some())
    }

    async fn compared(self) -> Result<ObjectInfo> {
        let gone = || Failure::new(FailureKind::Internal, "nothing was read");
        let Begun { info, expected, digest } = self.begun.ok_or_else(gone)?;
        let expected = match expected {
            None => recorded::checksum(self.connection, &info).await,
            kept => kept,
        };
        let arrived = digest.checksum();
        match expected {
            Some(expected) if expected.algorithm == arrived.algorithm && expected != arrived => {
                let key = display(self.key);
                let what =
                    format!("what was read of {key} is not the object: its checksum is {expected}, not {arrived}");
                Err(Failure::new(FailureKind::Integrity, what).hint("do not use it; read it again"))
            }
            _ => Ok(info),
        }
    }
}

/// The writer took no more.
fn unwritten(key: &str, error: &std::io::Error) -> Failure {
    let what = match error.kind() {
        std::io::ErrorKind::BrokenPipe => format!("whoever reads {} has stopped", display(key)),
        _ => format!("cannot hand on {}: {}", display(key), io_reason(error)),
    };
    Failure::new(FailureKind::Local, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(wait(0, None), Duration::from_millis(250));
        assert!(wait(3, None) > wait(2, None));
        assert_eq!(wait(0, Some(Duration::from_secs(3600))), LONGEST_WAIT);
    }

    #[test]
    fn what_the_bucket_keeps_is_computed_or_else_what_the_catalog_may_know() {
        let of = |expected: Option<Checksum>| {
            let mut digest = Digest::like(expected.as_ref());
            digest.update(b"123");
            digest.checksum()
        };
        let (crc, md5) = (proof::crc64nvme(b"123"), proof::md5_checksum_of(b"123"));
        assert_eq!([Some(crc.clone()), Some(md5.clone()), None].map(of), [crc.clone(), md5, crc]);
    }

    #[test]
    fn a_writer_that_takes_no_more_is_told_without_the_number_of_its_error() {
        let full = std::io::Error::from_raw_os_error(28);
        assert_eq!(unwritten("a.txt", &full).sentence(), "cannot hand on a.txt: no space left on device");
        let gone = std::io::ErrorKind::BrokenPipe.into();
        assert_eq!(unwritten("a.txt", &gone).sentence(), "whoever reads a.txt has stopped");
    }
}
