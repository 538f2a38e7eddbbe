//! Small objects, of which there are often thousands: one request into memory, then one step on disk that checks, writes
//! and flushes, so that a file costs little more than its request.

use bytes::Bytes;
use futures::StreamExt;

use super::receive::Coming;
use super::{Download, Told, check};
use crate::domain::Result;
use crate::transfer::source::blocking;
use crate::transfer::worker::part_file::PartFile;

/// Below this size, in bytes, an object comes into memory first.
pub const SMALL: u64 = 1 << 20;

impl Download<'_> {
    /// Takes a small object to its place. An interrupted one starts over: its bytes are few.
    pub(super) async fn receive_small(&mut self, told: Told, coming: Coming) -> Result<()> {
        let (info, expected) = told;
        let pieces = self.gather(coming, info.size).await?;
        let (key, part, modified) = (self.key().to_owned(), self.part.clone(), info.modified);
        let (file, checksum) = blocking(move || {
            let checksum = check::bytes(&key, &pieces, expected)?;
            let file = PartFile::make(&part)?;
            match file.write(0, &pieces).and_then(|()| file.seal(modified)) {
                Ok(()) => Ok((file, checksum)),
                Err(failure) => file.discard().and(Err(failure)),
            }
        })
        .await?;
        self.finish(file, info.size, checksum).await
    }

    async fn gather(&self, coming: Coming, size: u64) -> Result<Vec<Bytes>> {
        let Coming { mut body, turn: _turn } = coming;
        let (mut pieces, mut arrived) = (Vec::new(), 0);
        self.sent.set(0);
        while let Some(bytes) = body.next().await {
            let bytes = bytes?;
            let count = bytes.len() as u64;
            arrived += count;
            if arrived > size {
                break;
            }
            self.sent.pace().pass(count).await;
            self.sent.add(count);
            pieces.push(bytes);
        }
        if arrived == size {
            return Ok(pieces);
        }
        Err(check::differs(self.key(), &format!("{arrived} bytes arrived, it has {size}")))
    }
}
